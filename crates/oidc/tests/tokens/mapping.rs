//! From claims to scopes, roles and addresses.

use super::draft::Draft;
use serde_json::{Value, json};
use subrosa_domain::{Assertion, Role, ScopeSet, scope::Preset};

async fn said(config: &[(&str, Value)], claims: &[(&str, Value)]) -> Assertion {
    let mut draft = Draft::valid("EdDSA");
    for (name, value) in config {
        draft.config[*name] = value.clone();
    }
    for (name, value) in claims {
        draft.claims.set(name, value.clone());
    }
    draft.check().await.unwrap()
}

async fn scopes(rules: Value, claims: &[(&str, Value)]) -> String {
    said(&[("scopes", rules)], claims).await.scopes.to_text()
}

#[tokio::test]
async fn a_rule_without_a_claim_holds_for_everyone_and_no_rule_gives_nothing() {
    assert_eq!(scopes(json!([]), &[]).await, "");
    assert_eq!(scopes(json!([{"grant": ["secrets:read"]}]), &[]).await, "secrets:read");
    let empty = json!([{"claim": "", "value": "", "grant": ["reader"]}]);
    assert_eq!(scopes(empty, &[]).await, "secrets:read secrets:reveal");
}

#[tokio::test]
async fn rules_that_hold_add_up_and_presets_expand_as_everywhere() {
    let rules = json!([
        {"claim": "team", "value": "ops", "grant": ["secrets:read", "audit:read"]},
        {"claim": "team", "value": "dev", "grant": ["admin"]},
        {"claim": "level", "value": "2", "grant": ["agent"]},
    ]);
    let seen = scopes(rules.clone(), &[("team", json!("ops")), ("level", json!("2"))]).await;
    assert_eq!(seen, "audit:read secrets:read secrets:use");
    let admin = said(&[("scopes", rules)], &[("team", json!("dev"))]).await.scopes;
    assert_eq!(admin, ScopeSet::all());
    assert_eq!(admin, Preset::parse("admin").unwrap().scopes());
}

#[tokio::test]
async fn a_claim_is_a_text_or_an_array_of_texts_and_is_compared_whole() {
    let rules = json!([{"claim": "groups", "value": "ops", "grant": ["secrets:read"]}]);
    for holds in [json!("ops"), json!(["ops"]), json!(["dev", "ops"]), json!([7, null, "ops"])] {
        assert_eq!(scopes(rules.clone(), &[("groups", holds)]).await, "secrets:read");
    }
    for fails in [
        json!("OPS"),
        json!("dev ops"),
        json!("ops "),
        json!("opsadmin"),
        json!(["dev ops"]),
        json!([["ops"]]),
        json!({"ops": true}),
        json!(null),
        json!(true),
        json!([]),
    ] {
        assert_eq!(scopes(rules.clone(), &[("groups", fails.clone())]).await, "", "{fails}");
    }
    assert_eq!(scopes(rules, &[]).await, "");
}

#[tokio::test]
async fn scope_is_words_separated_by_spaces() {
    for claim in ["scope", "scp"] {
        let rules = json!([{"claim": claim, "value": "vault.read", "grant": ["secrets:read"]}]);
        for holds in [json!("vault.read"), json!("openid vault.read x"), json!(["vault.read"])] {
            assert_eq!(scopes(rules.clone(), &[(claim, holds)]).await, "secrets:read");
        }
        for fails in [json!("vault.reader"), json!("vault.read,x"), json!("vault.read\tx")] {
            assert_eq!(scopes(rules.clone(), &[(claim, fails)]).await, "");
        }
    }
}

#[tokio::test]
async fn a_pointer_leads_into_claims_and_a_plain_name_never_does() {
    let claims = [
        ("realm_access", json!({"roles": ["ops"]})),
        ("https://acme.test/groups", json!("ops")),
        ("a/b", json!({"c~d": "ops"})),
    ];
    for holds in ["/realm_access/roles", "https://acme.test/groups", "/a~1b/c~0d"] {
        let rules = json!([{"claim": holds, "value": "ops", "grant": ["secrets:read"]}]);
        assert_eq!(scopes(rules, &claims).await, "secrets:read", "{holds}");
    }
    for fails in
        ["realm_access.roles", "realm_access", "/realm_access", "/realm_access/roles/0", "roles"]
    {
        let rules = json!([{"claim": fails, "value": "ops", "grant": ["secrets:read"]}]);
        assert_eq!(scopes(rules, &claims).await, "", "{fails}");
    }
}

#[tokio::test]
async fn the_highest_role_that_a_rule_gives_in_a_group_counts() {
    let rules = json!([
        {"claim": "team", "value": "ops", "group": "prod", "role": "viewer"},
        {"claim": "team", "value": "ops", "group": "prod", "role": "admin"},
        {"claim": "team", "value": "ops", "group": "prod", "role": "editor"},
        {"claim": "team", "value": "dev", "group": "staging", "role": "admin"},
        {"group": "shared/read", "role": "viewer"},
    ]);
    let said = said(&[("roles", rules)], &[("team", json!(["ops"]))]).await;
    let roles: Vec<(&str, Role)> =
        said.roles.iter().map(|(group, role)| (group.as_str(), *role)).collect();
    assert_eq!(roles, [("prod", Role::Admin), ("shared/read", Role::Viewer)]);
    assert!(said.scopes.is_empty());
}

#[tokio::test]
async fn an_address_counts_when_it_is_verified_and_of_a_domain_the_issuer_may_speak_for() {
    let address = async |domains: Value, email: Value, verified: Value| {
        let claims = [("email", email), ("email_verified", verified)];
        let said = said(&[("email_domains", domains)], &claims).await;
        said.email.map(|email| email.as_str().to_owned())
    };
    let ours = || json!(["acme.test", "acme.dev"]);
    let ana = Some("ana@acme.dev".to_owned());
    assert_eq!(address(ours(), json!("ana@acme.dev"), json!(true)).await, ana);
    assert_eq!(address(ours(), json!("Ana@ACME.dev"), json!(true)).await, ana);
    for unverified in [json!(false), json!("true"), json!(1), json!(null), json!([true])] {
        assert_eq!(address(ours(), json!("ana@acme.dev"), unverified).await, None);
    }
    assert_eq!(address(json!([]), json!("ana@acme.dev"), json!(true)).await, None);
    for foreign in [
        json!("ana@evil.test"),
        json!("ana@sub.acme.dev"),
        json!("ana@evil-acme.dev"),
        json!("ana@acme.dev.evil.test"),
        json!("ana@acme.dev@evil.test"),
        json!("ana@evil.test@acme.dev"),
        json!("\"ana@evil.test\"@acme.dev"),
        json!("ana@acme.dev "),
        json!("ana@acme.dev."),
        json!("ana@\u{430}cme.dev"),
        json!("<ana@acme.dev>"),
        json!(["ana@acme.dev"]),
        json!(null),
    ] {
        assert_eq!(address(ours(), foreign.clone(), json!(true)).await, None, "{foreign}");
    }
}

#[tokio::test]
async fn an_address_is_never_who_it_is() {
    let config = [("email_domains", json!(["acme.dev"]))];
    let claims = |email: &str| [("email", json!(email)), ("email_verified", json!(true))];
    let one = said(&config, &claims("ana@acme.dev")).await;
    let other = said(&config, &claims("bob@acme.dev")).await;
    assert_ne!(one.email, other.email);
    assert_eq!(one.identity, other.identity);
}
