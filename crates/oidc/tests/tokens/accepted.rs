//! What is accepted: every form a valid token may have, up to the last second and the last byte.

use super::{
    draft::{AUDIENCE, Draft, ISSUER, NOW, SECOND_AUDIENCE, at},
    signer::{attackers, ours},
};
use serde_json::{Value, json};
use subrosa_oidc::{NotAccepted, Refusal};

const ALL: [&str; 9] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];

async fn accepted(change: impl Fn(&mut Draft)) {
    for algorithm in ["RS256", "ES256", "EdDSA"] {
        let mut draft = Draft::valid(algorithm);
        change(&mut draft);
        let seen = draft.check().await;
        assert!(seen.is_ok(), "{algorithm}: {seen:?} {}", draft.claims.text());
    }
}

#[tokio::test]
async fn a_token_of_every_algorithm_says_who_it_is_and_until_when() {
    for algorithm in ALL {
        let said = Draft::valid(algorithm).check().await.unwrap();
        assert_eq!(said.tenant.as_str(), "acme");
        assert_eq!(&*said.issuer_name, "corp");
        assert_eq!((&*said.identity.issuer, &*said.identity.subject), (ISSUER, "user|7"));
        assert_eq!(said.expires_at, at(NOW + 300));
        assert!(said.scopes.is_empty() && said.roles.is_empty() && said.email.is_none());
    }
}

#[tokio::test]
async fn an_issuer_is_pinned_to_three_algorithms_unless_told_otherwise() {
    for algorithm in ALL {
        let mut draft = Draft::valid(algorithm);
        draft.config.as_object_mut().unwrap().remove("algorithms");
        // The others on the network are configured by the same words, and need some.
        let pinned = json!(["RS256", "ES256", "EdDSA"]);
        let mut explicit = Draft::valid(algorithm);
        explicit.config["algorithms"] = pinned;
        let (said, wanted) = (default_of(&draft).await, explicit.check().await);
        assert_eq!(said, wanted, "{algorithm}");
        assert_eq!(said.is_ok(), matches!(algorithm, "RS256" | "ES256" | "EdDSA"), "{algorithm}");
    }
}

async fn default_of(draft: &Draft) -> Result<subrosa_domain::Assertion, NotAccepted> {
    let network = super::provider::Network::new();
    network.serve(ISSUER, &draft.keys);
    let issuers = super::draft::issuers(std::slice::from_ref(&draft.config), &network).unwrap();
    issuers.check(&draft.token(), at(NOW)).await
}

#[tokio::test]
async fn the_audience_may_be_one_of_several_on_either_side() {
    accepted(|draft| draft.claims.set("aud", json!([AUDIENCE]))).await;
    accepted(|draft| draft.claims.set("aud", json!(["account", AUDIENCE, "console"]))).await;
    accepted(|draft| {
        draft.config["audience"] = json!(["https://secrets.acme.test", AUDIENCE]);
        draft.claims.set("aud", "https://secrets.acme.test");
    })
    .await;
}

#[tokio::test]
async fn the_audience_decides_between_two_tenants_of_one_issuer() {
    let mut draft = Draft::valid("ES256");
    draft.claims.set("aud", SECOND_AUDIENCE);
    let said = draft.check().await.unwrap();
    assert_eq!((said.tenant.as_str(), &*said.issuer_name), ("two", "corp-two"));
}

#[tokio::test]
async fn a_type_is_compared_as_media_types_are() {
    for typ in ["JWT", "jwt", "application/jwt", "at+jwt", "AT+JWT", "application/at+JWT"] {
        accepted(|draft| draft.header.set("typ", typ)).await;
    }
    accepted(|draft| draft.header.remove("typ")).await;
    for (wanted, given) in
        [("at+jwt", "application/AT+JWT"), ("application/at+jwt", "at+jwt"), ("JWT", "jwt")]
    {
        accepted(|draft| {
            draft.config["token_type"] = wanted.into();
            draft.header.set("typ", given);
        })
        .await;
    }
}

#[tokio::test]
async fn unknown_parameters_and_claims_are_passed_over() {
    accepted(|draft| {
        draft.header.set("x5t", "dGh1bWI");
        draft.header.set("org.example", json!({"a": [1, 2.5, null]}));
        draft.claims.set("x", json!({"sub": "inner", "exp": 1, "deep": [[[[{"a": 1}]]]]}));
        draft.claims.set("auth_time", 1.5);
    })
    .await;
}

#[tokio::test]
async fn times_hold_to_the_second_and_a_beginning_may_be_a_minute_off() {
    accepted(|draft| draft.claims.set("exp", NOW + 1)).await;
    accepted(|draft| draft.claims.set("exp", 253_402_300_799_i64)).await;
    accepted(|draft| draft.claims.set("nbf", NOW + 60)).await;
    accepted(|draft| draft.claims.set("iat", NOW + 60)).await;
    accepted(|draft| {
        draft.claims.remove("nbf");
        draft.claims.remove("iat");
    })
    .await;
    accepted(|draft| {
        draft.config["max_lifetime_seconds"] = 310.into();
    })
    .await;
}

#[tokio::test]
async fn a_token_ends_with_the_last_moment_before_its_end() {
    let draft = Draft::valid("EdDSA");
    let (issuers, _) = draft.issuers();
    let end = at(NOW + 300);
    let moment = |micros| subrosa_domain::Timestamp::from_micros(end.as_micros() + micros);
    assert!(issuers.check(&draft.token(), moment(-1)).await.is_ok());
    for after in [0, 1, 60_000_000] {
        let seen = issuers.check(&draft.token(), moment(after)).await;
        assert_eq!(seen, Err(NotAccepted::Refused(Refusal::Expired)));
    }
}

#[tokio::test]
async fn subjects_are_taken_as_they_are() {
    let long = "s".repeat(255);
    for subject in [
        "7",
        "auth0|7",
        "system:serviceaccount:ns:name",
        "repo:acme/app:environment:On Call",
        "Ana",
        &long,
    ] {
        let mut draft = Draft::valid("EdDSA");
        draft.claims.set("sub", subject);
        assert_eq!(&*draft.check().await.unwrap().identity.subject, subject);
    }
}

#[tokio::test]
async fn a_key_is_found_among_others_by_its_name_or_because_it_alone_fits() {
    let others = |draft: &mut Draft| {
        for other in ["RS256", "ES256", "ES384", "EdDSA"] {
            if other != draft.algorithm {
                draft.keys.push(ours(other).jwk());
            }
        }
        draft.keys.push(json!({"kty": "oct", "k": "c2VjcmV0", "kid": "shared"}));
        draft.keys.push(Value::Null);
    };
    accepted(others).await;
    accepted(|draft| {
        others(draft);
        draft.header.remove("kid");
    })
    .await;
    accepted(|draft| {
        // One of the same kind, for encryption: no candidate.
        let mut other = attackers(draft.algorithm).jwk();
        other["use"] = "enc".into();
        draft.keys.push(other);
        draft.header.remove("kid");
    })
    .await;
    accepted(|draft| {
        let key = draft.key().as_object_mut().unwrap();
        for member in ["use", "kid"] {
            key.remove(member);
        }
        draft.header.remove("kid");
    })
    .await;
}

#[tokio::test]
async fn a_key_may_say_what_it_is_for() {
    accepted(|draft| {
        let algorithm = draft.algorithm;
        draft.key()["alg"] = algorithm.into();
        draft.key()["key_ops"] = json!(["sign", "verify"]);
        draft.key()["x5t"] = "dGh1bWI".into();
    })
    .await;
}

#[tokio::test]
async fn required_claims_that_are_there_are_enough() {
    accepted(|draft| {
        draft.config["required_claims"] = json!({"hd": "acme.test", "mfa": true, "/org/id": 7});
        draft.claims.set("hd", "acme.test");
        draft.claims.set("mfa", true);
        draft.claims.set("org", json!({"id": 7}));
    })
    .await;
}

#[tokio::test]
async fn no_refusal_shows_a_byte_of_the_token() {
    let mut draft = Draft::valid("EdDSA");
    draft.claims.set("sub", "cAnArY7f3a91\n");
    let why = draft.check().await.unwrap_err();
    for text in [why.to_string(), format!("{why:?}")] {
        assert!(!text.contains("cAnArY"), "{text}");
    }
}
