//! What a group, its keys and its roles can be called, and bodies that are none.

use crate::{
    GROUPS, STORE,
    cast::{asks_for, authorize_at, faults, group_at, keys_of, makes, manifest, store_id},
};
use http::Method;
use serde_json::{Value, json};
use subrosa_testkit::{TestServer, id_of};

const BAD_NAMES: [&str; 16] = [
    "", "a", "ab", "1bc", "-bc", "abc-", "Abc", "aBc", "a_b", "a.b", "a b", "abc ", " abc", "a/b",
    "a:b", "päy",
];

#[tokio::test]
async fn names_of_groups_are_3_to_50_lower_case_letters_digits_and_hyphens() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let (longest, over) = ("a".repeat(50), "a".repeat(51));
    for good in ["abc", "a-1", "a--b", &longest] {
        makes(&admin, good, &[("K", "v")]).await;
    }
    let rows = server.rows();
    for bad in BAD_NAMES.into_iter().chain([&*over]) {
        assert_eq!(faults(&asks_for(&admin, bad, &[("K", "v")]).await), ["/name"], "{bad:?}");
        let put = admin.puts(GROUPS, json!({ "manifest": manifest(bad, &[]) })).await;
        assert_eq!(faults(&put), ["/manifest/name"], "{bad:?}");
        let body = json!({ "manifest": manifest(bad, &[]) });
        assert_eq!(faults(&admin.puts("/api/svc/v1/apply", body).await), ["/manifest/name"]);
    }
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn keys_are_1_to_127_letters_digits_hyphens_and_underscores_each_named_once() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let longest = "k".repeat(127);
    let first = [("a", "v"), ("A", "w"), ("-", ""), ("_", "x"), (&*longest, "y")];
    let group = makes(&admin, "abc", &first).await;
    assert_eq!(keys_of(&group).len(), 5, "in upper and lower case they are two");
    let (at, rows) = (group_at(&id_of(&group)), server.rows());
    for bad in ["", "a.b", "a b", "a/b", "a:b", "ä", "a\n", &"k".repeat(128)] {
        assert_eq!(faults(&asks_for(&admin, "new", &[(bad, "v")]).await), ["/secrets"], "{bad:?}");
        let body = json!({ "secrets": [{ "key": bad, "value": "v" }] });
        assert_eq!(faults(&admin.puts(&at, body).await), ["/secrets"], "{bad:?}");
    }
    let twice = [("K", "v"), ("L", "v"), ("K", "v")];
    assert_eq!(faults(&asks_for(&admin, "new", &twice).await), ["/secrets"]);
    assert_eq!(faults(&crate::cast::replaces(&admin, &id_of(&group), &twice).await), ["/secrets"]);
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn there_is_one_store_of_values_and_no_other_is_known() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let admin = server.admin("default").await;
    let foreign = store_id(&server.admin("acme").await).await;
    let rows = server.rows();
    for store in ["", "built-in", STORE, crate::NOBODY, &foreign] {
        let body = json!({ "name": "abc", "integrationId": store, "secrets": [] });
        assert_eq!(faults(&admin.post(GROUPS, body).await), ["/integrationId"], "{store}");
    }
    let own = store_id(&admin).await;
    for store in ["", "built-in", &own, "acme:truefoundry:subrosa:secret-store:built-in"] {
        let mut manifest = manifest("abc", &[]);
        manifest["integration_fqn"] = json!(store);
        let put = admin.puts(GROUPS, json!({ "manifest": manifest })).await;
        assert_eq!(faults(&put), ["/manifest/integration_fqn"], "{store}");
    }
    assert_eq!(server.rows(), rows);
    makes(&admin, "abc", &[]).await;
    let mut changed = manifest("abc", &[]);
    changed["integration_fqn"] = json!("default:aws:a:secret-store:b");
    let put = admin.puts(GROUPS, json!({ "manifest": changed })).await;
    assert_eq!(faults(&put), ["/manifest/integration_fqn"], "a group does not move");
}

#[tokio::test]
async fn roles_and_subjects_that_cannot_be_are_refused_wherever_they_stand() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = id_of(&makes(&admin, "abc", &[]).await);
    let rows = server.rows();
    for (subject, role) in [
        ("user:ana@acme.dev", "secret-group-owner"),
        ("user:ana@acme.dev", "admin"),
        ("user:ana@acme.dev", "Secret-Group-Admin"),
        ("user:ana@acme.dev", ""),
        ("ana@acme.dev", "secret-group-admin"),
        ("team:ops", "secret-group-admin"),
        ("role:ops", "secret-group-admin"),
        ("user:", "secret-group-admin"),
        ("user:nobody", "secret-group-admin"),
        ("user:a b@acme.dev", "secret-group-admin"),
        ("virtualaccount:nobody", "secret-group-admin"),
        ("serviceaccount:nobody", "secret-group-admin"),
        ("agent:nobody", "secret-group-admin"),
    ] {
        let one = json!([{ "subject": subject, "role_id": role }]);
        let mut manifest = manifest("abc", &[]);
        manifest["collaborators"] = one.clone();
        let manifest = json!({ "manifest": manifest });
        let roles = json!({ "collaborators": one });
        for reply in [
            admin.puts(GROUPS, manifest.clone()).await,
            admin.puts("/api/svc/v1/apply", manifest).await,
            admin.post(&authorize_at(&group), roles.clone()).await,
            admin.puts(&authorize_at(&group), roles).await,
        ] {
            assert_eq!(reply.refused(422), "unprocessable", "{subject} {role}");
            let said = String::from_utf8_lossy(&reply.bytes).into_owned();
            assert!(!said.contains("nobody") && !said.contains("ana@"), "nothing is repeated");
        }
    }
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn a_body_that_is_no_json_is_400_one_that_does_not_fit_422_and_too_much_413() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = group_at(&id_of(&makes(&admin, "abc", &[("K", "v")]).await));
    let rows = server.rows();
    for path in [GROUPS, &group] {
        let method = if path == GROUPS { Method::POST } else { Method::PUT };
        for broken in ["", "{", "{\"secrets\":[}", "nul", "{\"name\":\"abc\"} {}", "\u{feff}{}"] {
            let body = Some(broken.as_bytes().to_vec());
            let reply = admin.send(method.clone(), path, body).await;
            assert_eq!(reply.refused(400), "malformed-json", "{broken:?}");
        }
        for odd in [
            json!([]),
            json!({}),
            json!({ "secrets": null }),
            json!({ "secrets": "K" }),
            json!({ "secrets": [{ "value": "v" }] }),
            json!({ "secrets": [{ "key": null, "value": "v" }] }),
            json!({ "secrets": [{ "key": "K", "value": 1 }] }),
        ] {
            let reply = admin.send(method.clone(), path, Some(odd.to_string().into_bytes())).await;
            assert_eq!(reply.refused(422), "unprocessable", "{odd}");
            assert_eq!(reply.json()["statusCode"], 422);
        }
        let padded = json!({ "secrets": [], "padding": "p".repeat(1024 * 1024) });
        let reply = admin.send(method, path, Some(padded.to_string().into_bytes())).await;
        assert_eq!(reply.refused(413), "body-too-large");
    }
    let unvalued = json!({ "name": "new", "integrationId": store_id(&admin).await,
        "secrets": [{ "key": "K", "value": null }] });
    assert_eq!(admin.post(GROUPS, unvalued).await.refused(422), "unprocessable");
    let over = "x".repeat(65_537);
    let made = asks_for(&admin, "new", &[("K", "v"), ("L", &over)]).await;
    assert_eq!(made.refused(413), "value-too-large");
    let body = json!({ "secrets": [{ "key": "K", "value": over }] });
    assert_eq!(admin.puts(&group, body).await.refused(413), "value-too-large");
    assert_eq!(server.rows(), rows, "nothing is half done");
    makes(&admin, "new", &[("K", &"x".repeat(65_536))]).await;
}

#[tokio::test]
async fn members_nobody_knows_are_passed_over_and_null_is_as_good_as_absence() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let body = json!({ "name": "abc", "integrationId": store_id(&admin).await, "id": crate::NOBODY,
        "secrets": [{ "key": "K", "value": "v", "id": crate::NOBODY, "version": 9 }],
        "createdBy": "somebody else", "collaborators": [{ "subject": "user:eve@acme.dev" }] });
    let made = admin.post(GROUPS, body).await.expect(200)["data"].clone();
    assert_ne!(made["id"], crate::NOBODY);
    assert_eq!((&made["createdBy"], keys_of(&made).len()), (&json!("operator"), 1));
    let rows = server.rows();
    let mut manifest = manifest("abc", &[]);
    manifest["collaborators"] = Value::Null;
    manifest["ownedBy"] = json!({ "account": "a" });
    manifest["secrets"] = json!([{ "key": "K", "value": "other" }]);
    let put = json!({ "manifest": manifest, "dryRun": null, "force": null, "x": 1 });
    assert_eq!(admin.puts(GROUPS, put).await.expect(200)["data"], made, "nothing was changed");
    let kept = json!({ "secrets": [{ "key": "K", "value": null, "note": 1 }], "name": "new" });
    let put = admin.puts(&group_at(&id_of(&made)), kept).await.expect(200);
    assert_eq!(put["data"], made);
    assert_eq!(server.rows(), rows);
}
