//! Proof that no fault ever holds a byte of a body: canaries are put in every position of good and bad ones.

use super::{BodyFault, MAX_DEPTH, MAX_TOKENS, from_slice};
use crate::{
    problem::Problem,
    v1::{
        secrets::{CreateSecret, PatchSecret, RevealBatch},
        tenants::CreateTenant,
        tokens::GenerateToken,
    },
    walletcrew::{
        api_keys::{CreateApiKey, PatchApiKey, ReplaceApiKey},
        secrets::PutSecret,
    },
};
use proptest::prelude::*;
use subrosa_domain::RequestId;

const CANARY: &str = "cAnArY7f3a91";

fn fault<T: for<'de> serde::Deserialize<'de>>(body: &str) -> BodyFault {
    from_slice::<T>(body.as_bytes()).err().expect("a fault")
}

fn quiet(fault: &BodyFault) -> Result<(), TestCaseError> {
    let problem = Problem::of_body(fault, RequestId::from_bytes([0; 16]));
    let json = serde_json::to_string(&problem).unwrap();
    for text in [format!("{fault:?}"), fault.to_string(), json, format!("{problem:?}")] {
        prop_assert!(!text.to_lowercase().contains(&CANARY.to_lowercase()), "{text}");
        prop_assert!(!text.contains("73173"), "{text}");
    }
    Ok(())
}

/// A JSON value with a canary in every string, name and number of it.
fn leaf_or_tree() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("731731731".to_owned()),
        Just("73173.173".to_owned()),
        Just(format!("\"{CANARY}\"")),
        Just(format!("\"{CANARY}\\n\\u0041\"")),
        Just(format!("\"{CANARY}")),
        Just(CANARY.to_owned()),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let name = prop_oneof![
            Just(CANARY.to_owned()),
            Just("key".to_owned()),
            Just("value".to_owned()),
            Just("items".to_owned()),
            Just("sensitivity".to_owned()),
            Just("notBefore".to_owned()),
            Just("ExpiresOn".to_owned()),
            Just("permissions".to_owned()),
            Just("expirationDays".to_owned()),
            Just("scopes".to_owned()),
            Just("slug".to_owned()),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::vec((name, inner), 0..5).prop_map(|all| {
                let all: Vec<String> =
                    all.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", all.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_fault_of_any_request_holds_a_byte_of_the_body(body in leaf_or_tree()) {
        let bytes = body.as_bytes();
        let faults = [
            from_slice::<CreateSecret>(bytes).err(),
            from_slice::<PatchSecret>(bytes).err(),
            from_slice::<RevealBatch>(bytes).err(),
            from_slice::<GenerateToken>(bytes).err(),
            from_slice::<CreateTenant>(bytes).err(),
            from_slice::<PutSecret>(bytes).err(),
            from_slice::<CreateApiKey>(bytes).err(),
            from_slice::<ReplaceApiKey>(bytes).err(),
            from_slice::<PatchApiKey>(bytes).err(),
        ];
        for fault in faults.iter().flatten() {
            quiet(fault)?;
        }
    }
}

#[test]
fn each_fault_says_where_and_what_was_expected() {
    let create = fault::<CreateSecret>;
    let places = [
        (create("{"), ""),
        (create(&format!(r#"{{"key":"A","{CANARY}":1}}"#)), ""),
        (create(r#"{"key":"A","key":"B"}"#), "/key"),
        (create(&format!(r#"{{"{CANARY}":1,"{CANARY}":1}}"#)), ""),
        (create(&format!(r#"{{"key":["{CANARY}"]}}"#)), "/key"),
        (create(&format!(r#"{{"key":"{CANARY}/"}}"#)), "/key"),
        (create(&format!(r#"{{"key":"A","sensitivity":"{CANARY}"}}"#)), "/sensitivity"),
        (create(&format!(r#"{{"key":"A","valueBase64":"{CANARY}!"}}"#)), "/valueBase64"),
        (create(r#"{"value":"v"}"#), "/key"),
        (create(r#"{"key":"A","notBefore":1.0}"#), "/notBefore"),
        (create(r#"{"key":"A","notBefore":99999999999999999999}"#), "/notBefore"),
        (fault::<GenerateToken>(r#"{"expirationDays":3000000000}"#), "/expirationDays"),
        (fault::<GenerateToken>(r#"{"scopes":["a",7]}"#), "/scopes/1"),
        (
            fault::<RevealBatch>(&format!(r#"{{"items":[{{}},{{"id":"{CANARY}"}}]}}"#)),
            "/items/1/id",
        ),
        (fault::<RevealBatch>(r#"{"items":[[]]}"#), "/items/0"),
    ];
    for (fault, pointer) in &places {
        quiet(fault).unwrap();
        assert_eq!(fault.place().map_or(String::new(), |(at, _)| at), *pointer, "{fault:?}");
    }
    assert!(matches!(places[0].0, BodyFault::NotJson));
    assert!(matches!(places[1].0, BodyFault::Unknown { allowed: ["key", ..], .. }));
    assert!(matches!(places[2].0, BodyFault::Duplicate { .. }));
    assert!(matches!(places[3].0, BodyFault::Duplicate { .. }));
    assert!(matches!(places[6].0, BodyFault::BadEnum { allowed: ["UNSPECIFIED", ..], .. }));
    assert!(matches!(places[8].0, BodyFault::Missing { name: "key", .. }));
    assert_eq!(places[7].0.to_string(), "must be base64 in the standard alphabet, padded");
}

#[test]
fn a_body_is_one_json_value_of_utf_8_and_nothing_after_it() {
    assert_eq!(from_slice::<PatchSecret>(b"{}{}").err(), Some(BodyFault::NotJson));
    assert_eq!(from_slice::<PatchSecret>(b"").err(), Some(BodyFault::NotJson));
    assert_eq!(from_slice::<PatchSecret>(b"{\"note\":\"\xff\"}").err(), Some(BodyFault::BadUtf8));
    assert_eq!(from_slice::<PatchSecret>(br#"{"note":"\ud800"}"#).err(), Some(BodyFault::NotJson));
    assert!(from_slice::<PatchSecret>(b" {} \n").is_ok());
}

#[test]
fn depth_and_size_are_refused_one_past_the_limit() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(!matches!(fault::<PatchSecret>(&nested(MAX_DEPTH)), BodyFault::TooDeep));
    assert_eq!(fault::<PatchSecret>(&nested(MAX_DEPTH + 1)), BodyFault::TooDeep);
    assert_eq!(fault::<PatchSecret>(&nested(500_000)), BodyFault::TooDeep);
    let many = |count: usize| format!("[{}]", vec!["0"; count].join(","));
    assert!(!matches!(fault::<PatchSecret>(&many(MAX_TOKENS - 1)), BodyFault::TooManyTokens));
    assert_eq!(fault::<PatchSecret>(&many(MAX_TOKENS)), BodyFault::TooManyTokens);
}

#[test]
fn absent_and_null_are_told_apart_where_they_differ() {
    let patch: PatchSecret = from_slice(br#"{"notBefore":null,"description":null}"#).unwrap();
    assert_eq!(patch.not_before, Some(None));
    assert_eq!(patch.expires_on, None);
    assert_eq!(patch.description, None);
    let patch: PatchSecret = from_slice(br#"{"expiresOn":7}"#).unwrap();
    assert_eq!(patch.expires_on.flatten().map(|time| time.0), Some(7));
    assert_eq!(serde_json::to_string(&patch).unwrap(), r#"{"expiresOn":7}"#);
}

#[test]
fn a_duplicate_is_refused_even_inside_what_is_passed_over() {
    #[derive(serde::Deserialize, Debug)]
    struct Open {}
    let body = format!(r#"{{"extra":[{{"{CANARY}":1,"{CANARY}":2}}]}}"#);
    let fault = from_slice::<Open>(body.as_bytes()).err().unwrap();
    assert_eq!(fault, BodyFault::Duplicate { pointer: "/0".to_owned() });
    quiet(&fault).unwrap();
    assert!(from_slice::<Open>(br#"{"extra":{"a":1,"b":[2.5,"x"]}}"#).is_ok());
}

#[test]
fn a_full_batch_fits() {
    let items = vec![r#"{"id":"0190b6a0-0000-7000-8000-000000000000"}"#; 1_000].join(",");
    let batch: RevealBatch = from_slice(format!(r#"{{"items":[{items}]}}"#).as_bytes()).unwrap();
    assert_eq!(batch.items.len(), 1_000);
}
