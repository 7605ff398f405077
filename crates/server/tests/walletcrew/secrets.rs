//! PUT and DELETE of a secret: one verb makes and replaces, and what the secret is besides its value stays.

use crate::{SECRETS, bare, faults, secret, text};
use serde_json::{Value, json};
use subrosa_testkit::{Actor, DEFAULT, TestServer, id_of};

/// The secret of this key as our own surface shows it.
async fn shown(operator: &Actor, key: &str) -> Value {
    operator.get(&format!("{DEFAULT}/secrets?key={key}")).await.expect(200)[0].clone()
}

#[tokio::test]
async fn the_first_put_makes_a_secret_and_the_next_replaces_its_value() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let made = admin.puts(&secret("DB"), json!({ "value": "one" })).await;
    let (status, headers, body) = bare(&made);
    assert_eq!((status, body.as_str()), (204, ""));
    assert!(headers.contains(&"cache-control: no-store".to_owned()), "{headers:?}");
    assert_eq!(text(&admin.get(&secret("DB")).await), r#""one""#);
    let first = shown(&operator, "DB").await;
    assert_eq!(
        (&first["disclosure"], &first["sensitivity"], &first["publishedVersion"]),
        (&json!("READABLE"), &json!("STANDARD"), &json!(1))
    );

    let replaced = admin.puts(&secret("DB"), json!({ "value": "two" })).await;
    assert_eq!(bare(&replaced), bare(&made), "replacing answers as making does");
    assert_eq!(text(&admin.get(&secret("DB")).await), r#""two""#);
    let second = shown(&operator, "DB").await;
    assert_eq!((&second["id"], &second["publishedVersion"]), (&first["id"], &json!(2)));
    let live = operator.get(&format!("{DEFAULT}/secrets/{}/publications", id_of(&first))).await;
    assert_eq!(live.expect(200).as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_equal_value_with_equal_dates_changes_nothing_at_all() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let put = async |body: Value| admin.puts(&secret("K"), body).await.expect(204);
    put(json!({ "value": "v", "expiresOn": "2027-01-01T00:00:00Z" })).await;
    let (rows, events) = (server.rows(), operator.events("").await.len());
    put(json!({ "value": "v", "expiresOn": "2027-01-01T00:00:00Z" })).await;
    put(json!({ "value": "v", "ExpiresOn": "2027-01-01T02:00:00+02:00", "notBefore": null })).await;
    assert_eq!(server.rows(), rows);
    assert_eq!(operator.events("").await.len(), events);

    let done = async |body: Value| {
        let before = operator.events("").await.len();
        put(body).await;
        let mut events = operator.events("").await;
        events.truncate(events.len() - before);
        let done = events.iter().rev().map(|event| event["action"].as_str().unwrap().to_owned());
        (
            shown(&operator, "K").await["publishedVersion"].as_u64().unwrap(),
            done.collect::<Vec<_>>(),
        )
    };
    assert_eq!(done(json!({ "value": "v" })).await, (1, vec!["secret.update".to_owned()]));
    assert_eq!(done(json!({ "value": "w" })).await, (2, vec!["secret.publish".to_owned()]));
    let both = json!({ "value": "v", "notBefore": "2025-01-01T00:00:00Z" });
    assert_eq!(
        done(both).await,
        (3, vec!["secret.update".to_owned(), "secret.publish".to_owned()])
    );
}

#[tokio::test]
async fn a_put_over_a_secret_of_another_surface_keeps_who_may_read_it_and_how_strictly() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let closed = json!({ "key": "CLOSED", "value": "a", "sensitivity": "PHI", "description": "d" });
    let closed = operator.creates(closed).await;
    admin.puts(&secret("CLOSED"), json!({ "value": "b" })).await.expect(204);
    let after = shown(&operator, "CLOSED").await;
    for same in ["id", "disclosure", "sensitivity", "description", "createdBy"] {
        assert_eq!(after[same], closed[same], "{same}");
    }
    assert_eq!(after["publishedVersion"], 2);
    assert_eq!(admin.get(&secret("CLOSED")).await.refused(403), "use-only");

    admin.puts(&secret("OPEN"), json!({ "value": "a" })).await.expect(204);
    let open = format!("{DEFAULT}/secrets/{}", id_of(&shown(&operator, "OPEN").await));
    let raised = json!({ "sensitivity": "FINANCIAL", "disclosure": "USE_ONLY" });
    operator.patch(&open, raised).await.expect(200);
    admin.puts(&secret("OPEN"), json!({ "value": "b" })).await.expect(204);
    let after = shown(&operator, "OPEN").await;
    assert_eq!(
        (&after["sensitivity"], &after["disclosure"]),
        (&json!("FINANCIAL"), &json!("USE_ONLY"))
    );
}

#[tokio::test]
async fn what_cannot_be_put_is_refused_by_pointer_and_nothing_is_made() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let rows = server.rows();
    let at = |date: &str| json!({ "value": "v", "expiresOn": date });
    let refused = [
        (json!({}), "/value"),
        (json!({ "value": null }), "/value"),
        (json!({ "value": 7 }), "/value"),
        (json!({ "value": ["v"] }), "/value"),
        (json!({ "Value": "v" }), ""),
        (json!({ "value": "v", "valueBase64": "dg==" }), ""),
        (json!({ "value": "v", "key": "K" }), ""),
        (json!(["v"]), ""),
        (at("2027-01-01"), "/expiresOn"),
        (at("2027-01-01T00:00:00"), "/expiresOn"),
        (at("tomorrow"), "/expiresOn"),
        (json!({ "value": "v", "expiresOn": 1_798_761_600_000_u64 }), "/expiresOn"),
        (json!({ "value": "v", "NOTBEFORE": "soon" }), "/notBefore"),
        (at("2026-01-01T00:00:00Z"), "/expiresOn"),
        (at("1999-01-01T00:00:00Z"), "/expiresOn"),
        (
            json!({ "value": "v", "notBefore": "2027-01-01T01:00:00+01:00",
                "expiresOn": "2027-01-01T00:00:00Z" }),
            "/expiresOn",
        ),
    ];
    for (body, pointer) in refused {
        assert_eq!(faults(&admin.puts(&secret("K"), body.clone()).await), [pointer], "{body}");
    }
    let unknown = admin.puts(&secret("K"), json!({ "value": "v", "expires": null })).await;
    let said = "has an unknown member; allowed are value, expiresOn, notBefore";
    assert_eq!(unknown.json()["errors"], json!({ "": [said] }));
    for twice in [
        r#"{"value":"v","expiresOn":null,"ExpiresOn":null}"#,
        r#"{"value":"v","expiresOn":null,"expiresOn":null}"#,
        r#"{"value":"v","EXPIRESON":"2027-01-01T00:00:00Z","expireson":null}"#,
    ] {
        let body = Some(twice.as_bytes().to_vec());
        let reply = admin.send(http::Method::PUT, &secret("K"), body).await;
        assert_eq!(faults(&reply), ["/expiresOn"], "{twice}");
    }
    let empty = admin.send(http::Method::PUT, &secret("K"), None).await;
    assert_eq!(empty.refused(400), "malformed-json");
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn a_key_that_cannot_be_is_a_fault_of_a_put_and_nobodys_to_read_or_delete() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let absent = bare(&admin.get(&secret("NONE")).await);
    let rows = server.rows();
    for odd in ["a.b", "a%40b", "a:b", "%22", &"k".repeat(128)] {
        let put = admin.puts(&secret(odd), json!({ "value": "v" })).await;
        assert_eq!(faults(&put), ["key"], "{odd}");
        assert_eq!(bare(&admin.get(&secret(odd)).await), absent, "{odd}");
        assert_eq!(bare(&admin.delete(&secret(odd)).await), absent, "{odd}");
    }
    assert_eq!(server.rows(), rows);
    let longest = "k".repeat(127);
    admin.puts(&secret(&longest), json!({ "value": "v" })).await.expect(204);
    assert_eq!(text(&admin.get(&secret(&longest)).await), r#""v""#);
    admin.puts(&secret("k%5F-9"), json!({ "value": "v" })).await.expect(204);
    assert_eq!(text(&admin.get(&secret("k_-9")).await), r#""v""#, "one key, however it is escaped");
}

#[tokio::test]
async fn keys_have_case() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    admin.puts(&secret("Key"), json!({ "value": "one" })).await.expect(204);
    assert_eq!(admin.get(&secret("KEY")).await.refused(404), "not-found");
    admin.puts(&secret("KEY"), json!({ "value": "two" })).await.expect(204);
    assert_eq!(text(&admin.get(&secret("Key")).await), r#""one""#);
}

#[tokio::test]
async fn a_value_of_64_kib_is_kept_and_one_byte_more_is_too_large() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let most = "x".repeat(65_536);
    admin.puts(&secret("K"), json!({ "value": most })).await.expect(204);
    let over = admin.puts(&secret("K"), json!({ "value": format!("{most}x") })).await;
    assert_eq!(over.refused(413), "value-too-large");
    assert_eq!(text(&admin.get(&secret("K")).await).len(), 65_538);
}

#[tokio::test]
async fn a_deleted_secret_is_gone_and_its_key_is_free() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let never = bare(&admin.delete(&secret("K")).await);
    assert_eq!(never.0, 404);
    admin.puts(&secret("K"), json!({ "value": "old" })).await.expect(204);
    let first = id_of(&shown(&operator, "K").await);

    let deleted = bare(&admin.delete(&secret("K")).await);
    assert_eq!((deleted.0, deleted.2.as_str()), (204, ""));
    assert_eq!(bare(&admin.delete(&secret("K")).await), never);
    assert_eq!(bare(&admin.get(&secret("K")).await), never);
    assert_eq!(admin.get(SECRETS).await.expect(200), json!([]));
    assert_eq!(operator.get(&format!("{DEFAULT}/secrets/{first}")).await.refused(404), "not-found");

    admin.puts(&secret("K"), json!({ "value": "new" })).await.expect(204);
    let second = shown(&operator, "K").await;
    assert_ne!(id_of(&second), first);
    assert_eq!(second["publishedVersion"], 1);
}

#[tokio::test]
async fn writers_of_one_key_at_once_all_succeed_and_the_last_one_is_read() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let mut writing = tokio::task::JoinSet::new();
    for n in 0..20 {
        let admin = admin.clone();
        writing.spawn(async move {
            admin.puts(&secret("K"), json!({ "value": n.to_string() })).await.expect(204)
        });
    }
    writing.join_all().await;
    let id = id_of(&shown(&operator, "K").await);
    let revisions = operator.get(&format!("{DEFAULT}/secrets/{id}/revisions")).await.expect(200);
    let versions: Vec<u64> =
        revisions.as_array().unwrap().iter().map(|one| one["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, (1..=20).rev().collect::<Vec<_>>());
    let last = operator.reveals(&id).await.expect(200);
    assert_eq!(admin.get(&secret("K")).await.expect(200), last["value"]);
}
