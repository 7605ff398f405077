//! Which configurations are refused, and that the guide's are not.

use super::{
    draft::{AUDIENCE, ISSUER, issuers},
    provider::Network,
};
use serde_json::{Value, json};
use subrosa_oidc::{ConfigFault, IssuerConfig, Issuers};

fn valid() -> Value {
    json!({"name": "corp", "tenant": "acme", "url": ISSUER, "audience": AUDIENCE})
}

fn with(member: &str, value: Value) -> Value {
    let mut config = valid();
    config[member] = value;
    config
}

fn fault(configs: &[Value]) -> ConfigFault {
    issuers(configs, &Network::new()).err().unwrap()
}

#[test]
fn a_name_is_a_short_word() {
    let long = "n".repeat(33);
    for bad in ["", "Corp", "1corp", "-corp", "corp_1", "corp\n", "côrp", &long] {
        let seen = fault(&[valid(), with("name", bad.into())]);
        assert!(matches!(seen, ConfigFault::Name { position: 2 }), "{bad:?}: {seen:?}");
    }
    let fits = "n".repeat(32);
    for good in ["c", "corp-1", &fits] {
        assert!(issuers(&[with("name", good.into())], &Network::new()).is_ok(), "{good}");
    }
}

#[test]
fn no_token_can_mean_two_issuers() {
    let mut other = with("name", "other".into());
    other["tenant"] = "two".into();
    assert!(matches!(fault(&[valid(), other.clone()]), ConfigFault::SameAudience { .. }));
    other["audience"] = json!(["x", AUDIENCE]);
    assert!(matches!(fault(&[other.clone(), valid()]), ConfigFault::SameAudience { .. }));
    other["tenant"] = "acme".into();
    assert!(matches!(fault(&[valid(), other.clone()]), ConfigFault::SameAudience { .. }));
    other["audience"] = "x".into();
    assert!(issuers(&[valid(), other.clone()], &Network::new()).is_ok());
    other["audience"] = AUDIENCE.into();
    other["url"] = "https://id.other.test".into();
    assert!(issuers(&[valid(), other.clone()], &Network::new()).is_ok());
    other["name"] = "corp".into();
    assert!(matches!(fault(&[valid(), other]), ConfigFault::SameName { .. }));
}

#[test]
fn what_cannot_be_meant_is_refused_by_its_key() {
    let rule = |rule: Value| json!([rule]);
    let bad = [
        ("url", json!("http://id.acme.test")),
        ("url", json!("https://id.acme.test?x=1")),
        ("url", json!("https://id.acme.test#x")),
        ("url", json!("https://ana@id.acme.test")),
        ("url", json!("id.acme.test")),
        ("url", json!("")),
        ("url", json!(format!("https://id.acme.test/{}", "a".repeat(493)))),
        ("audience", json!([])),
        ("audience", json!("")),
        ("audience", json!(["x", ""])),
        ("algorithms", json!([])),
        ("token_type", json!("")),
        ("required_claims", json!({"": "x"})),
        ("required_claims", json!({"/": "x"})),
        ("required_claims", json!({"/a//b": "x"})),
        ("required_claims", json!({"/a~2": "x"})),
        ("scopes", rule(json!({"claim": "team", "grant": ["admin"]}))),
        ("scopes", rule(json!({"value": "ops", "grant": ["admin"]}))),
        ("scopes", rule(json!({"claim": "/", "value": "ops", "grant": ["admin"]}))),
        ("scopes", rule(json!({"grant": []}))),
        ("scopes", rule(json!({"grant": ["secrets:*"]}))),
        ("scopes", rule(json!({"grant": ["secrets:read", "root"]}))),
        ("scopes", rule(json!({"grant": ["tenants:write"]}))),
        ("roles", rule(json!({"claim": "team", "group": "prod", "role": "admin"}))),
        ("roles", rule(json!({"group": "default", "role": "admin"}))),
        ("email_domains", json!(["ACME.dev"])),
        ("email_domains", json!(["@acme.dev"])),
        ("email_domains", json!(["dev"])),
        ("email_domains", json!(["acme.dev."])),
        ("email_domains", json!(["*.acme.dev"])),
        ("email_domains", json!([""])),
    ];
    for (member, value) in bad {
        match fault(&[with(member, value.clone())]) {
            ConfigFault::Invalid { issuer, key, .. } => {
                assert_eq!((&*issuer, key), ("corp", member), "{value}");
            }
            other => panic!("{member} {value}: {other}"),
        }
    }
}

#[test]
fn what_the_file_s_form_forbids_is_never_read() {
    let read = |config: Value| serde_json::from_value::<IssuerConfig>(config);
    assert!(read(valid()).is_ok());
    for (member, value) in [
        ("surprise", json!(1)),
        ("tenant", json!("Acme")),
        ("tenant", json!("api")),
        ("audience", json!(7)),
        ("audience", json!(["x", 7])),
        ("algorithms", json!(["none"])),
        ("algorithms", json!(["HS256"])),
        ("algorithms", json!(["RS256", "rs256"])),
        ("max_lifetime_seconds", json!(0)),
        ("max_lifetime_seconds", json!(-1)),
        ("required_claims", json!({"a": 1.5})),
        ("required_claims", json!({"a": ["x"]})),
        ("scopes", json!([{"grant": ["admin"], "surprise": 1}])),
        ("scopes", json!([{"claim": "a", "value": "b"}])),
        ("roles", json!([{"group": "Prod", "role": "admin"}])),
        ("roles", json!([{"group": "prod", "role": "owner"}])),
        ("roles", json!([{"group": "prod", "role": "Admin"}])),
    ] {
        assert!(read(with(member, value.clone())).is_err(), "{member} {value}");
    }
    for member in ["name", "tenant", "url", "audience"] {
        let mut config = valid();
        config.as_object_mut().unwrap().remove(member);
        assert!(read(config).is_err(), "{member}");
    }
}

#[test]
fn without_issuers_there_are_none() {
    assert!(Issuers::default().is_empty());
    assert!(Issuers::over_https(&[]).unwrap().is_empty());
    assert!(!issuers(&[valid()], &Network::new()).unwrap().is_empty());
}

#[test]
fn every_table_of_the_guide_is_understood() {
    #[derive(serde::Deserialize)]
    struct File {
        issuer: Vec<IssuerConfig>,
    }
    let guide = include_str!("../../../../docs/guides/sign-in-with-oidc.md");
    let tables: Vec<&str> =
        guide.split("```toml\n").skip(1).map(|rest| rest.split_once("```").unwrap().0).collect();
    assert!(tables.len() >= 3, "{}", tables.len());
    for table in tables {
        let file: File = toml::from_str(table).unwrap_or_else(|why| panic!("{why}\n{table}"));
        let network = Network::new();
        let fetch = |_: &IssuerConfig| Ok(std::sync::Arc::clone(&network) as _);
        Issuers::new(&file.issuer, fetch).unwrap_or_else(|why| panic!("{why}\n{table}"));
    }
}
