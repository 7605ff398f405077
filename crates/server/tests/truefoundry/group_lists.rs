//! The list of groups: in pages, by name, by what is in a name or a key.

use crate::{
    GROUPS,
    cast::{account, faults, group_at, groups_of, makes, name_of, names_of, service, shares},
};
use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{Actor, TestServer, id_of};

/// Reads a list as clients do: on from where the page ended, until one is empty.
async fn paged(who: &Actor, limit: usize, query: &str) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    loop {
        let path = format!("{GROUPS}?limit={limit}&offset={}&{query}", all.len());
        let page = who.get(&path).await.expect(200);
        let pagination = &page["pagination"];
        assert_eq!(
            (&pagination["limit"], &pagination["offset"]),
            (&json!(limit), &json!(all.len()))
        );
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= limit);
        if data.is_empty() {
            assert_eq!(pagination["total"], all.len());
            return all;
        }
        all.extend(data.clone());
    }
}

#[tokio::test]
async fn a_list_is_read_in_pages_until_one_is_empty_oldest_first() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    assert_eq!(paged(&admin, 10, "").await, Vec::<Value>::new());
    let mut made = Vec::new();
    for name in ["five", "four", "three", "two", "one"] {
        server.clock.advance(Duration::from_millis(1));
        made.push(makes(&admin, name, &[("K", "canary")]).await);
    }
    for limit in [1, 2, 3, 5, 6, 1_000] {
        assert_eq!(paged(&admin, limit, "").await, made, "{limit} at a time");
    }
    let all = admin.get(GROUPS).await;
    assert_eq!(all.expect(200)["pagination"], json!({ "total": 5, "offset": 0, "limit": 100 }));
    assert!(!String::from_utf8_lossy(&all.bytes).contains("canary"));
    let past = admin.get(&format!("{GROUPS}?offset=4000000000&limit=1000")).await.expect(200);
    assert_eq!((&past["data"], &past["pagination"]["total"]), (&json!([]), &json!(5)));
    let of_some = paged(&admin, 1, "search=o").await;
    assert_eq!(of_some.iter().map(name_of).collect::<Vec<_>>(), ["four", "two", "one"]);
    for group in &made {
        let shown = admin.get(&group_at(&id_of(group))).await.expect(200);
        assert_eq!(shown["data"], *group, "what a list shows is what there is to be shown");
    }
}

#[tokio::test]
async fn pages_that_cannot_be_are_refused() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    for (query, place) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=1&limit=2", "limit"),
        ("offset=-1", "offset"),
        ("offset=4294967296", "offset"),
        ("offset=", "offset"),
        ("fqn=a&fqn=b", "fqn"),
        ("search=a&search=b", "search"),
    ] {
        let refused = admin.get(&format!("{GROUPS}?{query}")).await;
        assert_eq!(faults(&refused), [place], "{query}");
    }
}

#[tokio::test]
async fn a_group_is_found_by_its_full_name_or_its_own_and_by_no_other() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let (admin, acme) = (server.admin("default").await, server.admin("acme").await);
    makes(&admin, "prod", &[("K", "v")]).await;
    makes(&admin, "prod-eu", &[("K", "v")]).await;
    makes(&acme, "prod", &[("K", "v")]).await;
    makes(&acme, "only-theirs", &[("K", "v")]).await;
    for fqn in ["default:prod", "default%3Aprod", "prod"] {
        let found = groups_of(&admin, &format!("limit=1&offset=0&fqn={fqn}")).await;
        assert_eq!(found.len(), 1, "{fqn}");
        assert_eq!(found[0]["fqn"], "default:prod");
    }
    for fqn in [
        "acme:prod",
        "acme:only-theirs",
        "only-theirs",
        "default:none",
        "none",
        "default:prod:K",
        ":prod",
        "default:",
        "default",
        "",
        "pro",
        "PROD",
        "default:Prod",
        "default%20:prod",
        "tfy-secret://default:prod",
        "prod%00",
    ] {
        let page = admin.get(&format!("{GROUPS}?fqn={fqn}")).await.expect(200);
        let nothing = json!({ "total": 0, "offset": 0, "limit": 100 });
        assert_eq!((&page["data"], &page["pagination"]), (&json!([]), &nothing), "{fqn}");
    }
    assert_eq!(groups_of(&admin, "fqn=default:prod&offset=1").await, Vec::<Value>::new());
    assert_eq!(names_of(&admin, "fqn=default:prod&search=eu").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_search_finds_what_is_in_a_name_or_a_key_and_means_every_letter_as_it_is() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    makes(&admin, "payments-eu", &[("DB_URL", "needle"), ("API-KEY", "v")]).await;
    makes(&admin, "payments-us", &[("DBXURL", "v")]).await;
    makes(&admin, "mail", &[("SMTP_KEY", "v")]).await;
    makes(&admin, "empty", &[]).await;
    for (search, found) in [
        ("payments", &["payments-eu", "payments-us"][..]),
        ("s-e", &["payments-eu"]),
        ("-", &["payments-eu", "payments-us"]),
        ("PAYMENTS", &["payments-eu", "payments-us"]),
        ("url", &["payments-eu", "payments-us"]),
        ("DB_URL", &["payments-eu"]),
        ("b_u", &["payments-eu"]),
        ("_", &["mail", "payments-eu"]),
        ("key", &["mail", "payments-eu"]),
        ("m", &["empty", "mail", "payments-eu", "payments-us"]),
        ("", &["empty", "mail", "payments-eu", "payments-us"]),
        ("%25", &[]),
        ("%25%25", &[]),
        ("p%25s", &[]),
        ("DB%25URL", &[]),
        ("!_", &[]),
        ("%5C_", &[]),
        ("'", &[]),
        ("%00", &[]),
        ("needle", &[]),
        ("default:payments-eu", &[]),
        ("operator", &[]),
    ] {
        assert_eq!(names_of(&admin, &format!("search={search}")).await, found, "{search:?}");
    }
}

#[tokio::test]
async fn attributes_and_what_nobody_knows_of_a_query_change_nothing() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let made = makes(&admin, "prod", &[("K", "v")]).await;
    for query in [
        "attributes=id&attributes=name",
        "attributes=id%2Cname",
        "attributes=",
        "attributes=value&attributes=associatedSecrets.value",
        "withValue=true",
        "tenant=acme&x=1&x=2",
    ] {
        assert_eq!(groups_of(&admin, query).await, std::slice::from_ref(&made), "{query}");
    }
}

#[tokio::test]
async fn everybody_is_listed_what_they_have_a_role_in_and_counted_nothing_else() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let scoped = service(&server, "own", &["secrets:read"]).await;
    for (name, role) in [("alpha", Some("viewer")), ("beta", None), ("gamma", Some("admin"))] {
        let group = makes(&admin, name, &[("SEEN", "v")]).await;
        let own = role.map(|role| ("serviceaccount:own", role));
        let boss = ("user:boss@acme.dev", "admin");
        shares(&admin, &id_of(&group), &own.into_iter().chain([boss]).collect::<Vec<_>>()).await;
    }
    admin.keeps("SEEN", "in default").await;
    let machine = account(&server, &admin, "ci", &[("beta", "editor")]).await;
    for query in ["", "search=seen", "search=a", "attributes=name"] {
        assert_eq!(names_of(&admin, query).await, ["alpha", "beta", "default", "gamma"]);
        assert_eq!(names_of(&scoped, query).await, ["alpha", "default", "gamma"], "{query}");
        assert_eq!(names_of(&machine, query).await, ["beta"], "{query}: no scope, no default");
    }
    for (who, total) in [(&admin, 4), (&scoped, 3), (&machine, 1)] {
        let page = who.get(&format!("{GROUPS}?limit=1")).await.expect(200);
        assert_eq!(page["pagination"]["total"], total);
    }
    assert_eq!(names_of(&scoped, "fqn=default:beta").await, Vec::<String>::new());
    assert_eq!(names_of(&machine, "fqn=alpha").await, Vec::<String>::new());
    assert_eq!(names_of(&machine, "fqn=beta").await, ["beta"]);
    assert_eq!(names_of(&machine, "fqn=default").await, Vec::<String>::new());
    assert_eq!(names_of(&scoped, "search=beta").await, Vec::<String>::new());
}
