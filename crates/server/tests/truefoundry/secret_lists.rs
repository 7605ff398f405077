//! POST `secrets`, which lists: in pages, of one group, by full names, with and without values.

use crate::{
    NOBODY, SECRETS,
    cast::{account, faults, makes, name_of, pairs, secret_id, secrets_of, sees, shares},
};
use http::Method;
use serde_json::{Value, json};
use subrosa_testkit::{Actor, TestServer, id_of};

/// Reads a list as clients do: on from where the page ended, until one is empty. How many each page had as well.
async fn paged(who: &Actor, limit: usize, mut body: Value) -> (Vec<Value>, Vec<usize>) {
    let (mut all, mut pages) = (Vec::new(), Vec::new());
    loop {
        body["limit"] = json!(limit);
        body["offset"] = json!(all.len());
        let page = who.post(SECRETS, body.clone()).await.expect(200);
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= limit);
        if data.is_empty() {
            assert_eq!(page["pagination"]["total"], all.len());
            return (all, pages);
        }
        pages.push(data.len());
        all.extend(data.clone());
    }
}

#[tokio::test]
async fn secrets_are_listed_group_by_group_in_pages_until_one_is_empty() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    assert_eq!(secrets_of(&admin, json!({})).await, Vec::<Value>::new());
    let prod = makes(&admin, "prod", &[("C", "canary"), ("A", "canary"), ("B", "canary")]).await;
    let dev = makes(&admin, "dev", &[("B", "canary"), ("A", "canary")]).await;
    makes(&admin, "empty", &[]).await;
    admin.keeps("Z", "canary").await;
    let full = ["default:default:Z", "default:prod:A", "default:prod:B", "default:prod:C"];
    for limit in [1, 2, 3, 4, 6, 1_000] {
        let (all, _) = paged(&admin, limit, json!({})).await;
        let mut fqns: Vec<&str> = all.iter().map(|one| one["fqn"].as_str().unwrap()).collect();
        assert_eq!(fqns.len(), 6, "{limit} at a time");
        assert_eq!(fqns[0], "default:default:Z");
        fqns.sort_unstable();
        assert_eq!((fqns[0], &fqns[3..]), (full[0], &full[1..]));
        for secret in &all {
            assert_eq!(secret.get("value"), None);
            assert_eq!(secret["activeDeploymentsCount"], 0);
            let mut shown = sees(
                &server.token("default", &["secrets:read", "tenant:admin"]).await,
                &id_of(secret),
            )
            .await;
            shown.as_object_mut().unwrap().remove("value");
            assert_eq!(shown, *secret, "what a list shows is what there is to be shown");
        }
        let (of_one, _) = paged(&admin, limit, json!({ "secretGroupId": prod["id"] })).await;
        assert_eq!(of_one.iter().map(name_of).collect::<Vec<_>>(), ["A", "B", "C"]);
    }
    let bare = admin.send(Method::POST, SECRETS, None).await;
    assert_eq!(bare.expect(200)["pagination"], json!({ "total": 6, "offset": 0, "limit": 100 }));
    assert!(!String::from_utf8_lossy(&bare.bytes).contains("canary"));
    assert_eq!(bare.json()["data"].as_array().unwrap().len(), 6);
    assert_eq!(secret_id(&dev, "A").len(), 36);
}

#[tokio::test]
async fn secrets_are_found_by_their_full_names_with_and_without_the_scheme() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let (admin, acme) = (server.admin("default").await, server.admin("acme").await);
    makes(&admin, "prod", &[("K", "v"), ("L", "w")]).await;
    makes(&acme, "prod", &[("K", "theirs")]).await;
    let found = async |fqns: Value| -> Vec<String> {
        let body = json!({ "secretFqns": fqns, "withValue": true });
        let found = secrets_of(&admin, body).await;
        found.iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found(json!(["default:prod:K"])).await, ["v"]);
    assert_eq!(found(json!(["tfy-secret://default:prod:L", "default:prod:K"])).await, ["w", "v"]);
    let twice = json!(["default:prod:K", "tfy-secret://default:prod:K", "default:prod:K"]);
    assert_eq!(found(twice).await, ["v"], "one secret is in a list once");
    for none in [
        json!([]),
        json!(["acme:prod:K"]),
        json!(["prod:K", "K", "", "default:prod", "default:prod:K:1", "default:prod:k"]),
        json!(["default:none:K", "default:prod:NONE", "default:default:K"]),
        json!(["TFY-SECRET://default:prod:K", "tfy-secret://acme:prod:K"]),
    ] {
        assert_eq!(found(none.clone()).await, Vec::<String>::new(), "{none}");
    }
    assert_eq!(found(json!(["none", "default:prod:K", "acme:prod:K"])).await, ["v"]);
    let all = json!({ "secretFqns": null, "secretGroupId": null, "limit": null, "offset": null,
        "withValue": null, "unknown": 1 });
    assert_eq!(secrets_of(&admin, all).await.len(), 2, "null is as good as absence");
    let (pages, _) =
        paged(&admin, 1, json!({ "secretFqns": ["default:prod:K", "default:prod:L"] })).await;
    assert_eq!(pages.len(), 2);
}

#[tokio::test]
async fn names_that_the_caller_may_not_see_find_nothing() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "v")]).await;
    makes(&admin, "dev", &[("K", "w")]).await;
    let machine = account(&server, &admin, "ci", &[("dev", "viewer")]).await;
    let named = json!({ "secretFqns": ["default:prod:K", "default:dev:K", "default:prod:NONE"] });
    let found = secrets_of(&machine, named.clone()).await;
    assert_eq!((found.len(), &found[0]["fqn"]), (1, &json!("default:dev:K")));
    shares(&admin, &id_of(&group), &[("virtualaccount:ci", "viewer")]).await;
    assert_eq!(secrets_of(&machine, named).await.len(), 2, "the next request sees it");
}

#[tokio::test]
async fn lists_that_cannot_be_are_refused() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    for (body, place) in [
        (json!({ "limit": 0 }), "limit"),
        (json!({ "limit": 1_001 }), "limit"),
        (json!({ "limit": -1 }), "limit"),
        (json!({ "offset": -1 }), "offset"),
        (json!({ "offset": 4_294_967_296_u64 }), "offset"),
        (json!({ "limit": "10" }), "/limit"),
        (json!({ "limit": 1.5 }), "/limit"),
        (json!({ "withValue": "true" }), "/withValue"),
        (json!({ "secretFqns": "default:prod:K" }), "/secretFqns"),
        (json!({ "secretGroupId": 1 }), "/secretGroupId"),
    ] {
        assert_eq!(faults(&admin.post(SECRETS, body.clone()).await), [place], "{body}");
    }
    for id in [NOBODY, "x", "", "default"] {
        let refused = admin.post(SECRETS, json!({ "secretGroupId": id })).await;
        assert_eq!(refused.refused(404), "not-found", "{id:?}");
    }
    let broken = admin.send(Method::POST, SECRETS, Some(b"{".to_vec())).await;
    assert_eq!(broken.refused(400), "malformed-json");
}

#[tokio::test]
async fn a_page_with_values_ends_before_16_mib_of_them_and_the_pages_hold_all() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let value = "x".repeat(65_536);
    let keys: Vec<String> = (0..260).map(|n| format!("K{n:03}")).collect();
    let group = makes(&admin, "large", &[]).await;
    for have in (13..=260).step_by(13) {
        let (kept, new) = keys[..have].split_at(have - 13);
        let kept = kept.iter().map(|key| json!({ "key": key }));
        let new: Vec<(&str, &str)> = new.iter().map(|key| (&**key, &*value)).collect();
        let mut set: Vec<Value> = kept.collect();
        set.extend(pairs(&new).as_array().unwrap().clone());
        let at = crate::cast::group_at(&id_of(&group));
        admin.puts(&at, json!({ "secrets": set })).await.expect(200);
    }
    let of_group = json!({ "secretGroupId": group["id"] });
    let (_, pages) = paged(&admin, 1_000, of_group.clone()).await;
    assert_eq!(pages, [260], "without values there is nothing to be cut");
    let with_value = json!({ "secretGroupId": group["id"], "withValue": true });
    let (all, pages) = paged(&admin, 1_000, with_value).await;
    assert_eq!(pages, [255, 5], "256 of them are more than 16 MiB with what seals them");
    assert_eq!(all.iter().map(name_of).collect::<Vec<_>>(), keys);
    assert!(all.iter().all(|one| one["value"].as_str().unwrap() == value));
}
