//! PUT of a group: its whole set of secrets, in one step.

use crate::cast::{bare, group_at, keys_of, makes, replaces, secret_id, sees, v1_at, versions_of};
use serde_json::json;
use std::time::Duration;
use subrosa_testkit::{TestServer, id_of};

#[tokio::test]
async fn a_changed_value_is_a_new_version_an_equal_one_is_none_and_what_is_not_named_is_gone() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let first = [("CHANGED", "a"), ("EQUAL", "b"), ("KEPT", "c"), ("DROPPED", "d")];
    let before = makes(&admin, "prod", &first).await;
    server.clock.advance(Duration::from_secs(1));
    let body = json!({ "secrets": [
        { "key": "CHANGED", "value": "canary" }, { "key": "EQUAL", "value": "b" },
        { "key": "KEPT" }, { "key": "NEW", "value": "e" },
    ] });
    let put = admin.puts(&group_at(&id_of(&before)), body).await;
    let after = put.expect(200)["data"].clone();
    assert!(!String::from_utf8_lossy(&put.bytes).contains("canary"), "no value is answered");
    assert_eq!(keys_of(&after), ["CHANGED", "EQUAL", "KEPT", "NEW"]);
    assert_eq!(after["updatedAt"], "2026-01-01T00:00:01Z");
    for (key, value, versions) in [
        ("CHANGED", "canary", &[2, 1][..]),
        ("EQUAL", "b", &[1]),
        ("KEPT", "c", &[1]),
        ("NEW", "e", &[1]),
    ] {
        let id = secret_id(&after, key);
        assert_eq!(sees(&admin, &id).await["value"], value);
        assert_eq!(versions_of(&admin, &id).await, versions, "{key}");
        if key != "NEW" {
            assert_eq!(id, secret_id(&before, key), "{key} is the secret it was");
        }
    }
    let dropped = secret_id(&before, "DROPPED");
    assert_eq!(admin.reveals(&dropped).await.refused(404), "not-found");
    let shown = admin.get(&group_at(&id_of(&before))).await.expect(200);
    assert_eq!(shown["data"], after);
}

#[tokio::test]
async fn a_key_that_comes_back_is_another_secret() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v"), ("L", "w")]).await;
    replaces(&admin, &id_of(&group), &[("L", "w")]).await.expect(200);
    let again = replaces(&admin, &id_of(&group), &[("K", "v"), ("L", "w")]).await.expect(200);
    assert_ne!(secret_id(&again["data"], "K"), secret_id(&group, "K"));
    assert_eq!(versions_of(&admin, &secret_id(&again["data"], "K")).await, [1]);
}

#[tokio::test]
async fn a_set_that_is_as_it_was_changes_nothing_at_all() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v"), ("L", "")]).await;
    server.clock.advance(Duration::from_secs(1));
    let rows = server.rows();
    for same in [
        json!([{ "key": "K", "value": "v" }, { "key": "L", "value": "" }]),
        json!([{ "key": "L" }, { "key": "K" }]),
        json!([{ "key": "L", "value": null }, { "key": "K", "value": "v" }]),
    ] {
        let put = admin.puts(&group_at(&id_of(&group)), json!({ "secrets": same })).await;
        assert_eq!(put.expect(200)["data"], group);
    }
    assert_eq!(server.rows(), rows);
    assert_eq!(server.operator().events("action=group.replace").await.len(), 0);
}

#[tokio::test]
async fn a_set_that_cannot_be_is_refused_whole() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v"), ("L", "w")]).await;
    let rows = server.rows();
    for (odd, why) in [
        (json!([]), "empty"),
        (json!([{ "key": "K", "value": "x" }, { "key": "NEW" }]), "a new key without a value"),
        (json!([{ "key": "K", "value": "x" }, { "key": "k" }]), "a key in other letters is new"),
        (json!([{ "key": "NEW", "value": null }]), "null is no value"),
        (json!([{ "key": "K", "value": "x" }, { "key": "K", "value": "x" }]), "a key twice"),
        (json!([{ "key": "K" }, { "key": "K", "value": "x" }]), "a key twice, once kept"),
        (json!([{ "key": "K", "value": "x" }, { "key": "no key", "value": "x" }]), "no key"),
    ] {
        let put = admin.puts(&group_at(&id_of(&group)), json!({ "secrets": odd })).await;
        assert_eq!(crate::cast::faults(&put), ["/secrets"], "{why}");
    }
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn an_earlier_value_is_a_new_version_when_it_comes_back() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "one")]).await;
    for value in ["two", "one", "one", "two"] {
        replaces(&admin, &id_of(&group), &[("K", value)]).await.expect(200);
    }
    let id = secret_id(&group, "K");
    assert_eq!(versions_of(&admin, &id).await, [4, 3, 2, 1]);
    assert_eq!(sees(&admin, &id).await["value"], "two");
}

#[tokio::test]
async fn what_our_own_surface_said_of_a_secret_stays_whatever_is_put_here() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("CLOSED", "a"), ("STRICT", "b"), ("LATE", "c")]).await;
    let [closed, strict, late] = ["CLOSED", "STRICT", "LATE"].map(|key| secret_id(&group, key));
    let end = server.clock.millis() + 60_000;
    for (id, said) in [
        (&closed, json!({ "disclosure": "USE_ONLY", "description": "d" })),
        (&strict, json!({ "sensitivity": "PHI" })),
        (&late, json!({ "expiresOn": end })),
    ] {
        admin.patch(&v1_at(id), said).await.expect(200);
    }
    let new = [("CLOSED", "a2"), ("STRICT", "b2"), ("LATE", "c2")];
    replaces(&admin, &id_of(&group), &new).await.expect(200);
    let shown = admin.shows(&closed).await;
    let kept = (&shown["disclosure"], &shown["description"], &shown["publishedVersion"]);
    assert_eq!(kept, (&json!("USE_ONLY"), &json!("d"), &json!(2)));
    assert_eq!(admin.shows(&strict).await["sensitivity"], "PHI");
    assert_eq!(admin.shows(&late).await["expiresOn"], end);
    assert_eq!(admin.reveals(&closed).await.refused(403), "use-only");
    assert_eq!(sees(&admin, &closed).await.get("value"), None);
    assert_eq!(sees(&admin, &strict).await["value"], "b2");
    let strictly = server.operator().events("action=secret.publish").await;
    let tier = strictly.iter().find(|event| event["resource"]["id"] == json!(strict)).unwrap();
    assert_eq!(tier["tier"], "PHI");
}

#[tokio::test]
async fn a_refused_replacement_says_the_same_whether_the_values_were_right() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    let named = [("user:operator", "viewer"), ("user:boss@acme.dev", "admin")];
    crate::cast::shares(&admin, &id_of(&group), &named).await;
    let viewer = server.token("default", &["secrets:read", "secrets:write"]).await;
    let (right, wrong) = (
        replaces(&viewer, &id_of(&group), &[("K", "v")]).await,
        replaces(&viewer, &id_of(&group), &[("K", "x")]).await,
    );
    assert_eq!(right.refused(403), "missing-role");
    assert_eq!(bare(&right), bare(&wrong));
}
