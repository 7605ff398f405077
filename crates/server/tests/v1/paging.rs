//! Bare arrays, and the pages that `pageSize` or `pageToken` turn them into.

use serde_json::{Value, json};
use subrosa_testkit::{Actor, DEFAULT, TestServer, shape};

/// Walks a list by pages of `size`; checks each page's shape and total.
async fn walked(actor: &Actor, path: &str, size: usize, total: usize) -> Vec<Value> {
    let (mut all, mut token) = (Vec::new(), String::new());
    let joined = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = actor.get(&format!("{DEFAULT}/{path}{joined}pageSize={size}{token}")).await;
        let page = page.expect(200);
        assert_eq!(page["totalCount"], json!(total), "{path}");
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= size, "{path}");
        all.extend(items.iter().cloned());
        assert!(all.len() <= 100, "{path} never ends");
        match &page["nextPageToken"] {
            Value::Null => return all,
            next => {
                assert_eq!(items.len(), size, "{path}: only the last page is short");
                token = format!("&pageToken={}", next.as_str().unwrap());
            }
        }
    }
}

#[tokio::test]
async fn walking_any_bare_array_by_pages_gives_the_array() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K0", "v").await;
    for n in 1..7 {
        operator.keeps(&format!("K{n}"), "v").await;
        operator.publishes(&id, "v").await;
        operator.put(&format!("{DEFAULT}/secrets/{id}/grants/agent-{n}")).await.expect(200);
        operator.mints(json!({ "name": format!("token {n}") })).await;
    }
    let lists = [
        ("secrets".to_owned(), 7),
        (format!("secrets/{id}/revisions"), 7),
        (format!("secrets/{id}/publications"), 7),
        (format!("secrets/{id}/grants"), 6),
        ("tokens".to_owned(), 6),
        ("tokens?bucket=OWNED".to_owned(), 6),
    ];
    for (path, length) in lists {
        let whole = operator.get(&format!("{DEFAULT}/{path}")).await.expect(200);
        assert_eq!(whole.as_array().unwrap().len(), length, "{path}");
        for size in [1, 3, 6, 7, 8] {
            let parts = walked(&operator, &path, size, length).await;
            assert_eq!(json!(parts), whole, "{path} by {size}");
        }
    }
}

#[tokio::test]
async fn tenants_page_as_well_newest_first() {
    let server = TestServer::start().await;
    for slug in ["a", "b", "c"] {
        server.tenant(slug).await;
    }
    let operator = server.operator();
    let whole = operator.get("/v1/tenants").await.expect(200);
    let slugs: Vec<&Value> = whole.as_array().unwrap().iter().map(|one| &one["slug"]).collect();
    assert_eq!(slugs, ["c", "b", "a", "default"]);
    let first = operator.get("/v1/tenants?pageSize=3").await.expect(200);
    assert_eq!(shape(&first)[..2], ["items: array", "nextPageToken: string"]);
    let next = first["nextPageToken"].as_str().unwrap();
    let last = operator.get(&format!("/v1/tenants?pageToken={next}")).await.expect(200);
    assert_eq!(last["items"], json!([whole[3]]));
    assert_eq!(last["nextPageToken"], Value::Null);
}

#[tokio::test]
async fn newest_first_is_the_order_of_every_list_but_grants() {
    let server = TestServer::start().await;
    let operator = server.operator();
    for key in ["A", "C", "B"] {
        operator.keeps(key, "v").await;
    }
    let secrets = operator.get(&format!("{DEFAULT}/secrets")).await.expect(200);
    let keys: Vec<&Value> = secrets.as_array().unwrap().iter().map(|one| &one["key"]).collect();
    assert_eq!(keys, ["B", "C", "A"]);
    let grants = format!("{DEFAULT}/secrets/{}/grants", secrets[0]["id"].as_str().unwrap());
    for agent in ["b", "c", "a"] {
        operator.put(&format!("{grants}/{agent}")).await.expect(200);
    }
    let listed = operator.get(&grants).await.expect(200);
    let agents: Vec<&Value> =
        listed.as_array().unwrap().iter().map(|one| &one["agentId"]).collect();
    assert_eq!(agents, ["a", "b", "c"]);
}

#[tokio::test]
async fn page_parameters_that_mean_nothing_are_refused() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "v").await;
    let lists = [
        "secrets",
        &format!("secrets/{id}/grants"),
        "tokens",
        "auditEvents",
        "serviceAccounts",
        &format!("secrets/{id}/revisions"),
    ];
    for list in lists {
        for query in [
            "pageSize=0",
            "pageSize=-1",
            "pageSize=x",
            "pageSize=",
            "pageSize=99999999999",
            "pageToken=%21",
            "pageToken=AA",
            "pageSize=1&PageSize=2",
        ] {
            let refused = operator.get(&format!("{DEFAULT}/{list}?{query}")).await;
            assert_eq!(refused.refused(400), "invalid-request", "{list}?{query}");
        }
        operator.get(&format!("{DEFAULT}/{list}?pagesize=5000")).await.expect(200);
        operator.get(&format!("{DEFAULT}/{list}?PAGESIZE=1&unknown=x")).await.expect(200);
    }
}

#[tokio::test]
async fn a_page_token_of_one_tenant_shows_nothing_of_it_to_another() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let operator = server.operator();
    for n in 0..4 {
        operator.keeps(&format!("K{n}"), "v").await;
    }
    let page = operator.get(&format!("{DEFAULT}/secrets?pageSize=2")).await.expect(200);
    let token = page["nextPageToken"].as_str().unwrap();
    let acme = server.admin("acme").await;
    let other = acme.get(&format!("/v1/tenants/acme/secrets?pageToken={token}")).await.expect(200);
    assert_eq!(other["items"], json!([]));
    assert_eq!(other["totalCount"], 0);
}

#[tokio::test]
async fn deleting_what_a_page_ended_with_does_not_end_the_walk() {
    let server = TestServer::start().await;
    let operator = server.operator();
    for n in 0..4 {
        operator.keeps(&format!("K{n}"), "v").await;
    }
    let page = operator.get(&format!("{DEFAULT}/secrets?pageSize=2")).await.expect(200);
    let last = page["items"][1]["id"].as_str().unwrap();
    operator.delete(&format!("{DEFAULT}/secrets/{last}")).await.expect(204);
    let token = page["nextPageToken"].as_str().unwrap();
    let rest = operator.get(&format!("{DEFAULT}/secrets?pageToken={token}")).await.expect(200);
    let keys: Vec<&Value> =
        rest["items"].as_array().unwrap().iter().map(|one| &one["key"]).collect();
    assert_eq!(keys, ["K1", "K0"]);
    assert_eq!(rest["totalCount"], 3);
}

#[tokio::test]
async fn more_than_ten_thousand_are_not_answered_whole() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "v").await;
    let mut granting = tokio::task::JoinSet::new();
    for lane in 0..50 {
        let (operator, id) = (operator.clone(), id.clone());
        granting.spawn(async move {
            for n in 0..200 {
                let path = format!("{DEFAULT}/secrets/{id}/grants/a-{lane}-{n}");
                operator.put(&path).await.expect(200);
            }
        });
    }
    granting.join_all().await;
    let path = format!("{DEFAULT}/secrets/{id}/grants");
    assert_eq!(operator.get(&path).await.expect(200).as_array().unwrap().len(), 10_000);
    operator.put(&format!("{path}/one-more")).await.expect(200);
    assert_eq!(operator.get(&path).await.refused(400), "use-paging");
    let page = operator.get(&format!("{path}?pageSize=5000")).await.expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 1_000, "a page has its own limit");
}
