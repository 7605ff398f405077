//! How long keys are believed, and how often their issuer is asked.

use super::{
    draft::{Draft, ISSUER, NOW, at, issuers},
    provider::{Network, configuration},
    signer::attackers,
};
use std::sync::Arc;
use subrosa_domain::Timestamp;
use subrosa_oidc::{FetchFault, Issuers, NotAccepted, Refusal};

/// What one refresh asks for: the configuration and the keys.
const A_REFRESH: usize = 2;

const UNKNOWN_KEY: Result<(), NotAccepted> = Err(NotAccepted::Refused(Refusal::Key));
const UNAVAILABLE: Result<(), NotAccepted> = Err(NotAccepted::Unavailable);

/// An issuer that turns from one key to the next.
struct Scene {
    issuers: Arc<Issuers>,
    network: Arc<Network>,
    /// Signed by the first key, and by the second, which is not published yet.
    first: Draft,
    second: Draft,
}

impl Scene {
    fn on(network: Arc<Network>) -> Self {
        let mut first = Draft::valid("ES256");
        first.claims.set("exp", NOW + 10 * 86_400);
        let mut second = Draft::valid("ES256");
        second.claims.set("exp", NOW + 10 * 86_400);
        second.signed_by(attackers("ES256"));
        second.header.set("kid", attackers("ES256").kid);
        second.keys = vec![attackers("ES256").jwk()];
        network.serve(ISSUER, &first.keys);
        let issuers = Arc::new(issuers(&[first.config.clone()], &network).unwrap());
        Self { issuers, network, first, second }
    }

    fn new() -> Self {
        Self::on(Network::new())
    }

    /// Has the issuer publish the second key instead of the first.
    fn turn(&self) {
        self.network.serve(ISSUER, &self.second.keys);
    }

    fn fail(&self) {
        self.network.fail(&configuration(ISSUER), FetchFault::Timeout);
    }

    async fn check(&self, draft: &Draft, after: i64) -> Result<(), NotAccepted> {
        self.issuers.check(&draft.token(), at(NOW + after)).await.map(drop)
    }

    async fn first(&self, after: i64) -> Result<(), NotAccepted> {
        self.check(&self.first, after).await
    }

    async fn second(&self, after: i64) -> Result<(), NotAccepted> {
        self.check(&self.second, after).await
    }

    fn refreshes(&self) -> usize {
        self.network.asked().div_ceil(A_REFRESH)
    }
}

/// Lets everything that was started behind a caller's back come to its end.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn keys_are_fetched_once_and_kept() {
    let scene = Scene::new();
    for after in 0..299 {
        assert_eq!(scene.first(after).await, Ok(()));
    }
    assert_eq!(scene.refreshes(), 1);
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_and_found_and_the_one_it_replaced_is_gone() {
    let scene = Scene::new();
    assert_eq!(scene.first(0).await, Ok(()));
    scene.turn();
    assert_eq!(scene.second(60).await, Ok(()));
    assert_eq!(scene.refreshes(), 2);
    assert_eq!(scene.first(61).await, UNKNOWN_KEY);
}

#[tokio::test]
async fn the_issuer_is_asked_once_a_minute_whatever_is_sent() {
    let scene = Scene::new();
    assert_eq!(scene.first(0).await, Ok(()));
    scene.turn();
    for after in 0..60 {
        assert_eq!(scene.second(after).await, UNKNOWN_KEY);
        assert_eq!(scene.first(after).await, Ok(()));
    }
    assert_eq!(scene.refreshes(), 1);
    assert_eq!(scene.second(60).await, Ok(()));
    for after in 60..120 {
        let mut third = Draft::valid("ES256");
        third.claims.set("exp", NOW + 300);
        third.header.set("kid", format!("made-up-{after}"));
        assert_eq!(scene.check(&third, after).await, UNKNOWN_KEY);
    }
    assert_eq!(scene.refreshes(), 2);
}

#[tokio::test]
async fn an_issuer_that_does_not_answer_is_not_asked_more_often() {
    let scene = Scene::new();
    scene.fail();
    for after in 0..60 {
        assert_eq!(scene.first(after).await, UNAVAILABLE);
    }
    assert_eq!(scene.network.asked(), 1);
    scene.network.serve(ISSUER, &scene.first.keys);
    assert_eq!(scene.first(59).await, UNAVAILABLE);
    assert_eq!(scene.first(60).await, Ok(()));
}

#[tokio::test]
async fn a_withdrawn_key_is_believed_for_five_minutes_at_most() {
    let scene = Scene::new();
    assert_eq!(scene.first(0).await, Ok(()));
    scene.turn();
    assert_eq!(scene.first(299).await, Ok(()));
    assert_eq!(scene.first(300).await, UNKNOWN_KEY);
}

#[tokio::test]
async fn keys_outlive_their_issuer_s_absence_by_a_day_and_no_longer() {
    let scene = Scene::new();
    assert_eq!(scene.first(0).await, Ok(()));
    scene.fail();
    for after in [300, 3_600, 40_000, 86_399] {
        assert_eq!(scene.first(after).await, Ok(()), "{after}");
    }
    // A key that is not there may be new: nobody knows.
    assert_eq!(scene.second(86_399).await, UNAVAILABLE);
    assert_eq!(scene.first(86_400).await, UNAVAILABLE);
    scene.network.serve(ISSUER, &scene.first.keys);
    settle().await;
    assert_eq!(scene.first(86_500).await, Ok(()));
}

#[tokio::test]
async fn many_callers_wait_for_one_answer() {
    let scene = Scene::on(Network::gated());
    let token = scene.first.token();
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let (issuers, token) = (Arc::clone(&scene.issuers), token.clone());
            tokio::spawn(async move { issuers.check(&token, at(NOW)).await.map(drop) })
        })
        .collect();
    settle().await;
    assert_eq!(scene.network.asked(), 1);
    assert!(callers.iter().all(|caller| !caller.is_finished()));
    scene.network.let_through(A_REFRESH);
    for caller in callers {
        assert_eq!(caller.await.unwrap(), Ok(()));
    }
    assert_eq!(scene.network.asked(), A_REFRESH);
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_take_the_answer_with_it() {
    let scene = Scene::on(Network::gated());
    let (issuers, token) = (Arc::clone(&scene.issuers), scene.first.token());
    let gone = tokio::spawn(async move { issuers.check(&token, at(NOW)).await.map(drop) });
    settle().await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    scene.network.let_through(A_REFRESH);
    assert_eq!(scene.first(1).await, Ok(()));
    assert_eq!(scene.refreshes(), 1);
}

#[tokio::test]
async fn who_has_a_key_does_not_wait_for_an_issuer_that_was_absent() {
    let scene = Scene::on(Network::gated());
    scene.network.let_through(A_REFRESH);
    assert_eq!(scene.first(0).await, Ok(()));
    scene.fail();
    scene.network.let_through(1);
    // The first to find the keys old asks, and is told that nobody answers; it is accepted with what is there.
    assert_eq!(scene.first(300).await, Ok(()));
    // From now on nothing comes through, and nobody is kept waiting.
    assert_eq!(scene.first(360).await, Ok(()));
    assert_eq!(scene.first(361).await, Ok(()));
    settle().await;
    assert_eq!(scene.network.asked(), A_REFRESH + 2);
}

#[tokio::test]
async fn a_clock_that_was_set_back_makes_nothing_new() {
    let scene = Scene::new();
    assert_eq!(scene.first(0).await, Ok(()));
    scene.turn();
    assert_eq!(scene.first(-9).await, Ok(()));
    // `nbf` and `iat` are in the way of a token that is used before them.
    let mut early = Draft::valid("ES256");
    for name in ["nbf", "iat"] {
        early.claims.remove(name);
    }
    assert_eq!(scene.check(&early, -301).await, UNKNOWN_KEY);
    assert_eq!(scene.refreshes(), 2);
    let epoch = scene.issuers.check(&early.token(), Timestamp::EPOCH).await;
    assert_eq!(epoch.map(drop), UNKNOWN_KEY);
    assert_eq!(scene.refreshes(), 3);
}
