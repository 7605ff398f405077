//! Where keys are had from, and what becomes of an issuer that does not say so properly.

use super::{
    draft::{AUDIENCE, Draft, ISSUER, NOW, at, issuers},
    provider::{Network, configuration},
};
use serde_json::{Value, json};
use subrosa_oidc::{FetchFault, NotAccepted};

/// What becomes of a valid token where the issuer at `url` has these documents, and how many are asked for.
async fn outcome(
    url: &str,
    prepare: impl Fn(&Network, &[Value]),
) -> (Result<(), NotAccepted>, usize) {
    let mut draft = Draft::valid("ES256");
    draft.claims.set("iss", url);
    draft.config["url"] = url.into();
    let network = Network::new();
    network.serve(url, &draft.keys);
    prepare(&network, &draft.keys);
    let issuers = issuers(&[draft.config.clone()], &network).unwrap();
    let seen = issuers.check(&draft.token(), at(NOW)).await;
    (seen.map(drop), network.asked())
}

#[tokio::test]
async fn keys_are_where_the_issuer_s_own_configuration_says() {
    for url in [
        ISSUER,
        "https://id.acme.test",
        "https://id.acme.test/",
        "http://127.0.0.1:4000",
        "http://localhost/x",
    ] {
        assert_eq!(outcome(url, |_, _| {}).await, (Ok(()), 2), "{url}");
    }
}

#[tokio::test]
async fn keys_may_be_at_another_host_and_behind_a_query() {
    let seen = outcome(ISSUER, |network, keys| {
        let elsewhere = "https://keys.cdn.test/v2/keys?p=policy";
        network.put(
            &configuration(ISSUER),
            json!({"issuer": ISSUER, "jwks_uri": elsewhere}).to_string(),
        );
        network.put(elsewhere, json!({"keys": keys}).to_string());
    })
    .await;
    assert_eq!(seen, (Ok(()), 2));
}

#[tokio::test]
async fn a_configuration_of_another_issuer_is_not_ours() {
    let keys_at = format!("{ISSUER}/keys");
    for other in [
        "https://id.acme.test/realms/two".to_owned(),
        format!("{ISSUER}/"),
        ISSUER.to_uppercase(),
        "https://id.acme.test".to_owned(),
        String::new(),
    ] {
        let seen = outcome(ISSUER, |network, _| {
            let document = json!({"issuer": other, "jwks_uri": keys_at}).to_string();
            network.put(&configuration(ISSUER), document);
        })
        .await;
        assert_eq!(seen, (Err(NotAccepted::Unavailable), 1), "{other}");
    }
}

#[tokio::test]
async fn keys_are_not_fetched_from_where_nobody_could_vouch_for_them() {
    for bad in [
        json!("http://id.acme.test/keys"),
        json!("http://127.0.0.1:9200/keys"),
        json!("http://localhost/keys"),
        json!("http://169.254.169.254/latest"),
        json!("file:///etc/passwd"),
        json!("/keys"),
        json!("keys"),
        json!("https://ana@id.acme.test/keys"),
        json!("https://id.acme.test/keys#x"),
        json!(""),
        json!(7),
        json!(null),
        json!(["https://id.acme.test/keys"]),
    ] {
        let seen = outcome(ISSUER, |network, keys| {
            let document = json!({"issuer": ISSUER, "jwks_uri": bad}).to_string();
            network.put(&configuration(ISSUER), document);
            if let Some(at) = bad.as_str() {
                network.put(at, json!({"keys": keys}).to_string());
            }
        })
        .await;
        assert_eq!(seen, (Err(NotAccepted::Unavailable), 1), "{bad}");
    }
}

#[tokio::test]
async fn what_is_no_configuration_leaves_the_issuer_without_keys() {
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(40), "]".repeat(40));
    let twice = format!(
        "{{\"issuer\":\"https://evil.test\",\"issuer\":\"{ISSUER}\",\"jwks_uri\":\"{ISSUER}/keys\"}}"
    );
    let nameless = format!("{{\"jwks_uri\":\"{ISSUER}/keys\"}}");
    for document in ["", "[]", "null", "<html></html>", "{}", &deep, &twice, &nameless] {
        let document = document.to_owned();
        let seen =
            outcome(ISSUER, |network, _| network.put(&configuration(ISSUER), document.clone()))
                .await;
        assert_eq!(seen, (Err(NotAccepted::Unavailable), 1), "{document:.60}");
    }
}

#[tokio::test]
async fn what_is_no_set_of_keys_leaves_the_issuer_without_keys() {
    for document in [
        "",
        "[]",
        "{}",
        "{\"keys\":{}}",
        "{\"keys\":null}",
        "{\"keys\":[],\"keys\":[]}",
        "{\"keys\":[",
    ] {
        let at = format!("{ISSUER}/keys");
        let seen = outcome(ISSUER, |network, _| network.put(&at, document)).await;
        assert_eq!(seen, (Err(NotAccepted::Unavailable), 2), "{document}");
    }
    let at = format!("{ISSUER}/keys");
    let many = |keys: &[Value], of: usize| json!({"keys": vec![keys[0].clone(); of]}).to_string();
    let over = outcome(ISSUER, |network, keys| network.put(&at, many(keys, 101))).await;
    assert_eq!(over, (Err(NotAccepted::Unavailable), 2));
}

#[tokio::test]
async fn every_fault_on_the_way_is_the_issuer_s_absence() {
    for fault in [
        FetchFault::Unreachable,
        FetchFault::Tls,
        FetchFault::Timeout,
        FetchFault::Status,
        FetchFault::TooLong,
    ] {
        for (at, asked) in [(configuration(ISSUER), 1), (format!("{ISSUER}/keys"), 2)] {
            let seen = outcome(ISSUER, |network, _| network.fail(&at, fault)).await;
            assert_eq!(seen, (Err(NotAccepted::Unavailable), asked), "{fault}");
        }
    }
}

#[tokio::test]
async fn nothing_is_fetched_for_a_token_that_is_refused_without_a_key() {
    let changes: [fn(&mut Draft); 7] = [
        |draft| draft.header.set("alg", "none"),
        |draft| draft.header.set("jku", "https://evil.example/keys"),
        |draft| draft.claims.set("iss", "https://evil.example"),
        |draft| draft.claims.set("aud", "account"),
        |draft| draft.claims.set("exp", NOW),
        |draft| draft.claims.set("sub", ""),
        |draft| draft.claims.push("cnf", "{}"),
    ];
    for change in changes {
        let mut draft = Draft::valid("ES256");
        change(&mut draft);
        let (issuers, network) = draft.issuers();
        assert!(issuers.check(&draft.token(), at(NOW)).await.is_err());
        assert_eq!(network.asked(), 0, "{} {}", draft.header.text(), AUDIENCE);
    }
}
