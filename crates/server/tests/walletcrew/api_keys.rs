//! `admin/apiKeys`: made, shown, changed and deleted; what cannot be made is refused.

use crate::{KEYS, bare, faults, key, text};
use serde_json::{Value, json};
use subrosa_testkit::{DEFAULT, TestServer, shape};

#[tokio::test]
async fn a_new_key_is_shown_once_with_its_token_and_ever_after_without() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let made = admin.post(KEYS, json!({ "name": "ci.deploy-1_a" })).await;
    let shown = made.expect(201);
    assert_eq!(
        shape(&shown),
        ["enabled: boolean", "name: string", "permissions: array", "token: string"]
    );
    assert_eq!(made.headers["location"], key("ci.deploy-1_a"));
    assert_eq!(made.headers["cache-control"], "no-store");
    let definition = json!({ "name": "ci.deploy-1_a", "enabled": true, "permissions": [] });
    assert_eq!(admin.get(&key("ci.deploy-1_a")).await.expect(200), definition);
    let listed = admin.get(KEYS).await;
    assert_eq!(listed.expect(200), json!([definition]));
    let secret = &shown["token"].as_str().unwrap()[11..];
    assert!(!text(&listed).contains(secret));
    assert!(server.rows().iter().all(|row| !row.contains(&secret[9..])), "nor on disk");
}

#[tokio::test]
async fn keys_are_listed_by_name_and_tokens_of_other_kinds_are_not() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    server.operator().mints(json!({ "name": "no-api-key" })).await;
    for name in ["b", "a.1", "B", "_"] {
        let body = json!({ "name": name, "enabled": name != "b", "permissions": ["audit:read"] });
        admin.post(KEYS, body).await.expect(201);
    }
    let listed = admin.get(KEYS).await.expect(200);
    let names: Vec<&Value> = listed.as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["B", "_", "a.1", "b"]);
    assert_eq!(listed[3], json!({ "name": "b", "enabled": false, "permissions": ["audit:read"] }));
    for one in listed.as_array().unwrap() {
        let path = key(one["name"].as_str().unwrap());
        assert_eq!(&admin.get(&path).await.expect(200), one);
    }
    assert_eq!(admin.get(&key("no-api-key")).await.refused(404), "not-found");
}

#[tokio::test]
async fn permissions_are_said_in_either_spelling_and_shown_in_this_surfaces() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    for (at, (said, shown)) in [
        (json!(["Secret.Read"]), json!(["Secret.Read"])),
        (json!(["secrets:reveal", "secrets:read"]), json!(["Secret.Read"])),
        (json!(["secrets:read"]), json!(["secrets:read"])),
        (
            json!(["tenant.apiKey:write", "Secret.Write", "Secret.Write", "keys:read"]),
            json!(["Secret.Write", "tenant.apiKey:read", "tenant.apiKey:write"]),
        ),
        (json!(["audit:read", "*"]), json!(["*"])),
        (json!(["agents:execute", "Secret.Write"]), json!(["Secret.Write", "agents:execute"])),
        (json!([]), json!([])),
        (Value::Null, json!([])),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("key-{at}");
        let made = admin.post(KEYS, json!({ "name": name, "permissions": said })).await;
        assert_eq!(made.expect(201)["permissions"], shown, "{said}");
        let got = admin.get(&key(&name)).await.expect(200);
        assert_eq!(got["permissions"], shown, "{said}");
        let back = json!({ "enabled": true, "permissions": shown });
        let rows = server.rows();
        assert_eq!(admin.puts(&key(&name), back).await.expect(200), got, "read back: {said}");
        assert_eq!(server.rows(), rows, "what is as it was asked is no change");
    }
}

#[tokio::test]
async fn unknown_permissions_are_refused_and_only_what_looks_like_a_scope_is_repeated() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    admin.post(KEYS, json!({ "name": "k" })).await.expect(201);
    let rows = server.rows();
    let said = |names: Value| json!({ "name": "l", "permissions": names });
    let refused = admin.post(KEYS, said(json!(["secrets:fly", "*", "Secret.Fly", "x:y"]))).await;
    assert_eq!(refused.refused(400), "unknown-scopes");
    let errors = json!({ "/permissions": ["not in the catalogue: secrets:fly, x:y"] });
    assert_eq!(refused.json()["errors"], errors);
    let unnamed = admin.post(KEYS, said(json!(["sk_live_canary", "SECRET.READ"]))).await;
    assert_eq!(unnamed.refused(400), "unknown-scopes");
    assert!(!text_of(&unnamed.bytes).contains("canary"));
    let body = json!({ "enabled": true, "permissions": ["Secret.*"] });
    assert_eq!(admin.puts(&key("k"), body.clone()).await.refused(400), "unknown-scopes");
    assert_eq!(admin.patch(&key("k"), body).await.refused(400), "unknown-scopes");
    assert_eq!(server.rows(), rows);
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn a_name_is_one_keys_until_that_key_is_deleted() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let first = admin.post(KEYS, json!({ "name": "ci" })).await.expect(201);
    let rows = server.rows();
    let second = admin.post(KEYS, json!({ "name": "ci", "enabled": false })).await;
    assert_eq!(second.refused(409), "already-exists");
    assert_eq!(server.rows(), rows);
    admin.post(KEYS, json!({ "name": "CI" })).await.expect(201);
    let deleted = admin.delete(&key("ci")).await;
    assert_eq!((deleted.status.as_u16(), deleted.bytes.len()), (204, 0));
    let again = admin.post(KEYS, json!({ "name": "ci" })).await.expect(201);
    assert_ne!(again["token"], first["token"]);
}

#[tokio::test]
async fn a_deleted_an_absent_and_an_impossible_name_are_refused_alike() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let admin = server.admin("default").await;
    let acme = server.admin("acme").await;
    acme.post("/api/acme/admin/apiKeys", json!({ "name": "foreign" })).await.expect(201);
    admin.post(KEYS, json!({ "name": "deleted" })).await.expect(201);
    admin.delete(&key("deleted")).await.expect(204);
    let absent = bare(&admin.get(&key("absent")).await);
    assert_eq!(absent.0, 404);
    let whole = json!({ "enabled": true, "permissions": ["*"] });
    for name in ["absent", "deleted", "foreign", "im%40possible", &"n".repeat(200)] {
        for reply in [
            admin.get(&key(name)).await,
            admin.puts(&key(name), whole.clone()).await,
            admin.patch(&key(name), json!({})).await,
            admin.delete(&key(name)).await,
        ] {
            assert_eq!(bare(&reply), absent, "{name}");
        }
    }
}

#[tokio::test]
async fn bodies_that_cannot_be_are_refused_by_pointer() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    admin.post(KEYS, json!({ "name": "k" })).await.expect(201);
    let rows = server.rows();
    let new = [
        (json!({}), "/name"),
        (json!({ "name": null }), "/name"),
        (json!({ "name": "" }), "/name"),
        (json!({ "name": "a b" }), "/name"),
        (json!({ "name": "a/b" }), "/name"),
        (json!({ "name": "ä" }), "/name"),
        (json!({ "name": "n".repeat(129) }), "/name"),
        (json!({ "name": "l", "enabled": "yes" }), "/enabled"),
        (json!({ "name": "l", "permissions": "*" }), "/permissions"),
        (json!({ "name": "l", "permissions": [null] }), "/permissions/0"),
        (json!({ "name": "l", "token": "t" }), ""),
        (json!({ "Name": "l" }), ""),
    ];
    for (body, pointer) in new {
        assert_eq!(faults(&admin.post(KEYS, body.clone()).await), [pointer], "{body}");
    }
    let whole = [
        (json!({}), "/enabled"),
        (json!({ "permissions": [] }), "/enabled"),
        (json!({ "enabled": null, "permissions": [] }), "/enabled"),
        (json!({ "enabled": true }), "/permissions"),
        (json!({ "enabled": true, "permissions": null }), "/permissions"),
        (json!({ "name": "k", "enabled": true, "permissions": [] }), ""),
    ];
    for (body, pointer) in whole {
        assert_eq!(faults(&admin.puts(&key("k"), body.clone()).await), [pointer], "{body}");
    }
    assert_eq!(faults(&admin.patch(&key("k"), json!({ "name": "l" })).await), [""]);
    assert_eq!(faults(&admin.patch(&key("k"), json!({ "enabled": 0 })).await), ["/enabled"]);
    assert_eq!(server.rows(), rows);
    admin.post(KEYS, json!({ "name": "n".repeat(128) })).await.expect(201);
}

#[tokio::test]
async fn a_put_says_all_that_can_change_and_a_patch_what_is_to() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let body = json!({ "name": "k", "permissions": ["Secret.Read"] });
    admin.post(KEYS, body).await.expect(201);
    let definition = |enabled: bool, permissions: Value| -> Value {
        json!({ "name": "k", "enabled": enabled, "permissions": permissions })
    };
    let off = admin.patch(&key("k"), json!({ "enabled": false })).await.expect(200);
    assert_eq!(off, definition(false, json!(["Secret.Read"])));
    let wider = admin.patch(&key("k"), json!({ "permissions": ["Secret.Write"] })).await;
    assert_eq!(wider.expect(200), definition(false, json!(["Secret.Write"])));
    let whole = json!({ "enabled": true, "permissions": [] });
    assert_eq!(admin.puts(&key("k"), whole).await.expect(200), definition(true, json!([])));
    let rows = server.rows();
    for nothing in [json!({}), json!({ "enabled": null, "permissions": null })] {
        let same = admin.patch(&key("k"), nothing).await.expect(200);
        assert_eq!(same, definition(true, json!([])));
    }
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn nobody_gives_a_key_more_than_they_have() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let narrow = server.token("default", &["keys:write", "secrets:read"]).await;
    narrow.post(KEYS, json!({ "name": "k", "permissions": ["secrets:read"] })).await.expect(201);
    admin.post(KEYS, json!({ "name": "wide", "permissions": ["*"] })).await.expect(201);
    let rows = server.rows();
    let granted = json!(["secrets:read", "keys:write"]);
    let wide = json!({ "enabled": true, "permissions": ["Secret.Read", "Secret.Write"] });
    let asked = json!({ "name": "l", "permissions": ["Secret.Read", "Secret.Write"] });
    for refused in [
        narrow.post(KEYS, asked).await,
        narrow.puts(&key("k"), wide.clone()).await,
        narrow.patch(&key("k"), wide).await,
    ] {
        assert_eq!(refused.refused(403), "missing-scope");
        let body = refused.json();
        assert_eq!((&body["required"], &body["granted"]), (&json!("secrets:write"), &granted));
        assert_eq!(body["missing"], json!(["secrets:write", "secrets:reveal"]));
    }
    let all = narrow.post(KEYS, json!({ "name": "l", "permissions": ["*"] })).await;
    assert_eq!(all.json()["required"], "secrets:write");
    let catalogue = admin.get(&format!("{DEFAULT}/tokens/scopes")).await.expect(200);
    let scopes = catalogue["scopes"].as_array().unwrap().len();
    assert_eq!(all.json()["missing"].as_array().unwrap().len(), scopes - 2, "all but its own");
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn reading_keys_and_writing_them_are_two_permissions() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    admin.post(KEYS, json!({ "name": "k" })).await.expect(201);
    let reader = server.token("default", &["keys:read"]).await;
    let writer = server.token("default", &["keys:write"]).await;
    reader.get(KEYS).await.expect(200);
    reader.get(&key("k")).await.expect(200);
    for refused in [
        reader.post(KEYS, json!({ "name": "l" })).await,
        reader.puts(&key("k"), json!("no body")).await,
        reader.patch(&key("absent"), json!({})).await,
        reader.delete(&key("k")).await,
    ] {
        assert_eq!(refused.refused(403), "missing-scope");
        assert_eq!(refused.json()["required"], "keys:write");
    }
    for refused in [writer.get(KEYS).await, writer.get(&key("absent")).await] {
        assert_eq!(refused.json()["required"], "keys:read");
    }
    writer.patch(&key("k"), json!({ "enabled": false })).await.expect(200);
}

#[tokio::test]
async fn a_key_is_a_token_of_our_own_surface_too() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    admin.post(KEYS, json!({ "name": "k", "permissions": ["Secret.Read"] })).await.expect(201);
    let tokens = operator.get(&format!("{DEFAULT}/tokens?bucket=OWNED")).await.expect(200);
    let token = tokens.as_array().unwrap().iter().find(|one| one["name"] == "k").unwrap();
    assert_eq!((&token["type"], &token["expiresAt"]), (&json!("USER"), &Value::Null));
    assert_eq!(token["scopes"], json!(["secrets:read", "secrets:reveal"]));
    let path = format!("{DEFAULT}/tokens/{}", token["id"].as_str().unwrap());
    operator.delete(&path).await.expect(204);
    assert_eq!(admin.get(&key("k")).await.refused(404), "not-found");
    assert_eq!(text(&admin.get(KEYS).await), "[]");
}
