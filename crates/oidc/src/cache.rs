//! An issuer's keys, kept. The issuer is asked again when a token names a key that is not there or the keys have grown
//! old; never more often than the floor, never twice at once, and never by the caller itself: one that goes away
//! does not take the answer with it.

use crate::{
    address::Address,
    discovery::{self, KeysFault},
    fetch::Fetch,
    jwk::PublicKey,
    key_set::{KeySet, Wanted},
    limits::{MAX_KEY_AGE, REFRESH_AFTER, REFRESH_FLOOR},
};
use parking_lot::Mutex;
use std::{sync::Arc, time::Duration};
use subrosa_domain::Timestamp;
use tokio::sync::watch;

/// Why there is no key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NoKey {
    /// The issuer publishes none that fits.
    Unknown,
    /// What the issuer publishes is not known.
    Unavailable,
}

/// The keys of one issuer.
pub(crate) struct Keys {
    issuer: Box<str>,
    url: Address,
    configuration: Address,
    fetch: Arc<dyn Fetch>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// When the issuer was last asked.
    asked_at: Option<Timestamp>,
    /// Whether it did not answer then.
    failed: bool,
    flight: Option<Flight>,
}

struct Held {
    set: Arc<KeySet>,
    /// When they were asked for: they are at least as new.
    since: Timestamp,
}

/// A question under way. It has ended when its sender is gone.
type Flight = watch::Receiver<()>;

impl Keys {
    pub(crate) fn new(
        issuer: &str,
        url: Address,
        configuration: Address,
        fetch: Arc<dyn Fetch>,
    ) -> Arc<Self> {
        let state = Mutex::new(State::default());
        Arc::new(Self { issuer: issuer.into(), url, configuration, fetch, state })
    }

    /// The one key that fits what a token wants.
    pub(crate) async fn find(
        self: &Arc<Self>,
        wanted: Wanted<'_>,
        now: Timestamp,
    ) -> Result<Arc<PublicKey>, NoKey> {
        let (found, flight) = self.look(wanted, now);
        let Some(mut flight) = flight else { return found };
        // The only news it ever has is that its sender is gone.
        let _ = flight.changed().await;
        self.state.lock().find(wanted, now)
    }

    /// What is known now, and the question to wait for if that is not enough.
    fn look(
        self: &Arc<Self>,
        wanted: Wanted<'_>,
        now: Timestamp,
    ) -> (Result<Arc<PublicKey>, NoKey>, Option<Flight>) {
        let mut state = self.state.lock();
        let found = state.find(wanted, now);
        if found.is_ok() && state.is_fresh(now) {
            return (found, None);
        }
        let flight = state.under_way().or_else(|| self.ask(&mut state, now));
        // An issuer that did not answer last time keeps nobody waiting who can do without.
        let waits = found.is_err() || !state.failed;
        (found, flight.filter(|_| waits))
    }

    /// Asks the issuer, unless it was asked a moment ago.
    fn ask(self: &Arc<Self>, state: &mut State, now: Timestamp) -> Option<Flight> {
        if state.asked_at.is_some_and(|asked| apart(asked, now) < REFRESH_FLOOR) {
            return None;
        }
        let (landed, flight) = watch::channel(());
        state.asked_at = Some(now);
        state.flight = Some(flight.clone());
        let keys = Arc::clone(self);
        tokio::spawn(async move {
            let answer = discovery::fetch_keys(&*keys.fetch, &keys.url, &keys.configuration).await;
            keys.land(answer, now);
            drop(landed);
        });
        Some(flight)
    }

    fn land(&self, answer: Result<KeySet, KeysFault>, asked_at: Timestamp) {
        let mut state = self.state.lock();
        state.failed = answer.is_err();
        match answer {
            // The whole set is replaced: a key that is not in it any more is not believed any more.
            Ok(set) => state.held = Some(Held { set: Arc::new(set), since: asked_at }),
            Err(fault) => tracing::warn!(issuer = %self.issuer, %fault, "no keys of an issuer"),
        }
    }
}

impl State {
    fn find(&self, wanted: Wanted<'_>, now: Timestamp) -> Result<Arc<PublicKey>, NoKey> {
        let held = self.held.as_ref().filter(|held| apart(held.since, now) < MAX_KEY_AGE);
        let key = held.ok_or(NoKey::Unavailable)?.set.find(wanted);
        key.ok_or(if self.failed { NoKey::Unavailable } else { NoKey::Unknown })
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        self.held.as_ref().is_some_and(|held| apart(held.since, now) < REFRESH_AFTER)
    }

    fn under_way(&self) -> Option<Flight> {
        self.flight.clone().filter(|flight| flight.has_changed().is_ok())
    }
}

/// How far two moments are apart. A clock that was set back makes old what was new, and never new what is old.
fn apart(one: Timestamp, other: Timestamp) -> Duration {
    one.since(other).max(other.since(one))
}
