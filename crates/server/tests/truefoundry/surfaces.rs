//! One secret has one truth: written on each surface, read on the others, gone from all.

use crate::{
    SECRETS,
    cast::{
        group_at, groups_of, keys_of, makes, replaces, secret_at, secrets_of, sees, versions_of,
    },
};
use serde_json::{Value, json};
use subrosa_testkit::{Actor, DEFAULT, TestServer, id_of};

/// Every order in which three can write.
const ORDERS: [[&str; 3]; 6] = [
    ["v1", "walletcrew", "truefoundry"],
    ["v1", "truefoundry", "walletcrew"],
    ["walletcrew", "v1", "truefoundry"],
    ["walletcrew", "truefoundry", "v1"],
    ["truefoundry", "v1", "walletcrew"],
    ["truefoundry", "walletcrew", "v1"],
];

/// The id of the secret `KEY`, if there is one.
async fn id(who: &Actor) -> Option<String> {
    let found = who.get(&format!("{DEFAULT}/secrets?key=KEY")).await.expect(200);
    found.as_array().unwrap().first().map(id_of)
}

/// The id of the group `default`, which is the same whether it holds anything.
async fn default_id(who: &Actor) -> String {
    let me = who.get(&format!("{DEFAULT}/auth/health")).await.expect(200);
    me["tenantId"].as_str().unwrap().to_owned()
}

/// Writes the value on a surface, whether the secret is there or not.
async fn writes(who: &Actor, surface: &str, value: &str) {
    match (surface, id(who).await) {
        ("v1", None) => {
            who.keeps("KEY", value).await;
        }
        ("v1", Some(id)) => {
            who.publishes(&id, value).await;
        }
        ("walletcrew", _) => {
            let put = who.puts("/api/default/secrets/KEY", json!({ "value": value })).await;
            put.expect(204);
        }
        _ => {
            replaces(who, &default_id(who).await, &[("KEY", value)]).await.expect(200);
        }
    }
}

/// Reads the value on every surface in every way there is.
async fn reads(who: &Actor) -> Vec<Value> {
    let id = id(who).await.unwrap();
    let one = |body: Value| async move {
        let listed = secrets_of(who, body).await;
        assert_eq!(listed.len(), 1);
        listed[0]["value"].clone()
    };
    vec![
        who.reveals(&id).await.expect(200)["value"].clone(),
        who.reveals_all(json!([{ "key": "KEY" }])).await.expect(200)["items"][0]["value"].clone(),
        who.get("/api/default/secrets/KEY").await.expect(200),
        sees(who, &id).await["value"].clone(),
        one(json!({ "withValue": true })).await,
        one(json!({ "withValue": true, "secretFqns": ["tfy-secret://default:default:KEY"] })).await,
        one(json!({ "withValue": true, "secretGroupId": default_id(who).await })).await,
    ]
}

#[tokio::test]
async fn what_is_written_on_one_surface_is_read_on_the_others_in_every_order_of_writers() {
    for order in ORDERS {
        let server = TestServer::start().await;
        let (operator, admin) = (server.operator(), server.admin("default").await);
        let mut last = None;
        for (at, surface) in order.into_iter().enumerate() {
            let value = format!("by {surface}");
            writes(&admin, surface, &value).await;
            assert_eq!(reads(&admin).await, vec![json!(value); 7], "{order:?} after {surface}");
            let secret = id(&admin).await.unwrap();
            assert!(last.is_none_or(|last| last == secret), "it is one secret throughout");
            let numbers: Vec<u64> = (1..=at as u64 + 1).rev().collect();
            assert_eq!(versions_of(&admin, &secret).await, numbers);
            let shown = admin.shows(&secret).await;
            assert_eq!(
                (&shown["publishedVersion"], &shown["disclosure"]),
                (&json!(at + 1), &json!("READABLE"))
            );
            let listed = admin.get("/api/default/secrets").await.expect(200);
            assert_eq!(listed, json!(["KEY"]));
            let group = groups_of(&admin, "fqn=default:default").await[0].clone();
            assert_eq!(
                (keys_of(&group), id_of(&group["associatedSecrets"][0])),
                (vec!["KEY".to_owned()], secret.clone())
            );
            assert_eq!(group["id"], json!(default_id(&admin).await));
            last = Some(secret);
        }
        let events = operator.events(&format!("resourceId={}", last.unwrap())).await;
        let of = |action: &str| -> Vec<&Value> {
            let all = events.iter().rev().filter(|event| event["action"] == action);
            all.map(|event| &event["surface"]).collect()
        };
        assert_eq!(of("secret.create"), [order[0]], "{order:?}");
        assert_eq!(of("secret.publish"), order[1..], "{order:?}");
        for (surface, times) in [("v1", 2), ("walletcrew", 1), ("truefoundry", 4)] {
            let reads = events.iter().filter(|event| event["action"] == "secret.reveal");
            let counts = reads.filter(|event| event["surface"] == surface);
            let counted: u64 = counts.map(|event| event["count"].as_u64().unwrap()).sum();
            assert_eq!(counted, 3 * times, "{order:?}: each read came by {surface}");
        }
    }
}

#[tokio::test]
async fn what_is_deleted_on_one_surface_is_gone_from_all() {
    for surface in ["v1", "walletcrew", "truefoundry", "replaced"] {
        let server = TestServer::start().await;
        let admin = server.admin("default").await;
        writes(&admin, "walletcrew", "v").await;
        let secret = id(&admin).await.unwrap();
        match surface {
            "v1" => admin.delete(&format!("{DEFAULT}/secrets/{secret}")).await.expect(204),
            "walletcrew" => admin.delete("/api/default/secrets/KEY").await.expect(204),
            "truefoundry" => admin.delete(&secret_at(&secret)).await.expect(200),
            _ => replaces(&admin, &default_id(&admin).await, &[("X", "v")]).await.expect(200),
        };
        assert_eq!(id(&admin).await, None, "{surface}");
        for reply in [
            admin.reveals(&secret).await,
            admin.get("/api/default/secrets/KEY").await,
            admin.get(&secret_at(&secret)).await,
            admin.get(&format!("{}/versions", secret_at(&secret))).await,
        ] {
            assert_eq!(reply.refused(404), "not-found", "{surface}");
        }
        let body = json!({ "secretFqns": ["default:default:KEY"] });
        assert_eq!(secrets_of(&admin, body).await, Vec::<Value>::new());
        let left = if surface == "replaced" { json!(["X"]) } else { json!([]) };
        assert_eq!(admin.get("/api/default/secrets").await.expect(200), left);
        writes(&admin, "truefoundry", "new").await;
        assert_eq!(reads(&admin).await, vec![json!("new"); 7]);
        assert_ne!(id(&admin).await.unwrap(), secret, "its key is free, its id is not");
    }
}

#[tokio::test]
async fn what_one_surface_says_of_a_secret_the_others_keep_to() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let made = admin.creates(json!({ "key": "KEY", "value": "a", "sensitivity": "PHI" })).await;
    let secret = id_of(&made);
    for surface in ["walletcrew", "truefoundry"] {
        writes(&admin, surface, surface).await;
        let shown = admin.shows(&secret).await;
        let kept = (&shown["sensitivity"], &shown["disclosure"]);
        assert_eq!(kept, (&json!("PHI"), &json!("USE_ONLY")), "{surface}");
        assert_eq!(admin.get("/api/default/secrets/KEY").await.refused(403), "use-only");
        assert_eq!(sees(&admin, &secret).await.get("value"), None);
        assert_eq!(admin.reveals(&secret).await.refused(403), "use-only");
    }
    let open = json!({ "disclosure": "READABLE", "value": "b" });
    admin.patch(&format!("{DEFAULT}/secrets/{secret}"), open).await.expect(200);
    assert_eq!(reads(&admin).await, vec![json!("b"); 7]);
    let ends = json!({ "value": "c", "expiresOn": "2026-01-01T00:01:00Z" });
    admin.puts("/api/default/secrets/KEY", ends).await.expect(204);
    writes(&admin, "truefoundry", "d").await;
    assert_eq!(reads(&admin).await, vec![json!("d"); 7], "until it ends");
    server.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(admin.get("/api/default/secrets/KEY").await.refused(404), "not-found");
    assert_eq!(admin.reveals(&secret).await.refused(404), "not-found");
    assert_eq!(sees(&admin, &secret).await.get("value"), None, "it is shown, and its value not");
    assert_eq!(versions_of(&admin, &secret).await.len(), 6);
}

#[tokio::test]
async fn an_equal_value_is_a_revision_where_it_says_so_and_nowhere_else() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    for surface in ["walletcrew", "truefoundry", "walletcrew", "truefoundry"] {
        writes(&admin, surface, "v").await;
        assert_eq!(versions_of(&admin, &id(&admin).await.unwrap()).await, [1], "{surface}");
    }
    writes(&admin, "v1", "v").await;
    assert_eq!(versions_of(&admin, &id(&admin).await.unwrap()).await, [2, 1]);
}

#[tokio::test]
async fn a_rollback_on_our_own_surface_is_what_the_others_read() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "one")]).await;
    let secret = id_of(&group["associatedSecrets"][0]);
    let first = admin.shows(&secret).await["publishedRevisionId"].clone();
    replaces(&admin, &id_of(&group), &[("K", "two")]).await.expect(200);
    let back = format!("{DEFAULT}/secrets/{secret}:rollback");
    admin.post(&back, json!({ "revisionId": first })).await.expect(200);
    assert_eq!(sees(&admin, &secret).await["value"], "one");
    replaces(&admin, &id_of(&group), &[("K", "one")]).await.expect(200);
    assert_eq!(versions_of(&admin, &secret).await, [2, 1], "equal to what is live is no change");
    replaces(&admin, &id_of(&group), &[("K", "two")]).await.expect(200);
    assert_eq!(versions_of(&admin, &secret).await, [3, 2, 1]);
    let versions = admin.get(&format!("{}/versions?limit=1&offset=1", secret_at(&secret))).await;
    let versions = versions.expect(200);
    assert_eq!(
        (&versions["data"][0]["version"], &versions["pagination"]["total"]),
        (&json!(2), &json!(3))
    );
    let past = admin.get(&format!("{}/versions?offset=3", secret_at(&secret))).await.expect(200);
    assert_eq!(past["data"], json!([]), "a page past the end is empty");
    assert!(admin.get(&group_at(&id_of(&group))).await.status.is_success());
    assert_eq!(admin.post(SECRETS, json!({})).await.expect(200)["pagination"]["total"], 1);
}
