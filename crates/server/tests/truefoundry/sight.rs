//! What a list shows can be got, and what cannot be got is in no list.

use crate::{
    GROUPS, SECRETS,
    cast::{account, authorize_at, group_at, makes, member, secret_at, service, shares},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use subrosa_testkit::{Actor, TestServer, id_of};

/// The ids in a whole list, in pages of three.
async fn ids(who: &Actor, of_groups: bool) -> Option<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    loop {
        let reply = if of_groups {
            who.get(&format!("{GROUPS}?limit=3&offset={}", all.len())).await
        } else {
            let body = json!({ "limit": 3, "offset": all.len(), "withValue": true });
            who.post(SECRETS, body).await
        };
        if reply.status == 403 {
            return None;
        }
        let page = reply.expect(200);
        let data = page["data"].as_array().unwrap();
        if data.is_empty() {
            assert_eq!(page["pagination"]["total"], all.len(), "nobody else's is counted");
            return Some(all);
        }
        for one in data {
            assert!(all.insert(id_of(one)), "nothing is in a list twice");
            let at = if of_groups { group_at(&id_of(one)) } else { secret_at(&id_of(one)) };
            let got: Value = who.get(&at).await.expect(200)["data"].clone();
            assert_eq!((&got["fqn"], &got["name"]), (&one["fqn"], &one["name"]));
            assert_eq!(got.get("value"), one.get("value"), "{at}: a list shows what a look does");
        }
    }
}

#[tokio::test]
async fn for_everybody_a_list_is_exactly_what_can_be_got() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let mut groups = Vec::new();
    for (at, role) in ["none", "viewer", "editor", "admin", "none", "viewer"].iter().enumerate() {
        let secrets = [("A", "v"), ("B", "v"), ("C", "v")];
        let group = makes(&admin, &format!("group-{at}"), &secrets[..at % 4]).await;
        let mut named = vec![("user:boss@acme.dev", "admin")];
        if *role != "none" {
            named.extend([("user:ana@acme.dev", *role), ("user:operator", role)]);
        }
        shares(&admin, &id_of(&group), &named).await;
        groups.push(group);
    }
    admin.keeps("A", "v").await;
    admin.creates(json!({ "key": "B", "value": "v" })).await;
    let some = [("group-0", "viewer"), ("group-2", "editor"), ("group-5", "admin")];
    let everyone = [
        server.token("default", &["secrets:read"]).await,
        server.token("default", &["secrets:read", "secrets:reveal"]).await,
        server.token("default", &["secrets:write", "secrets:reveal"]).await,
        server.token("default", &["tenant:admin"]).await,
        server.token("default", &["tenant:admin", "secrets:read"]).await,
        service(&server, "alone", &["secrets:read", "secrets:write", "secrets:reveal"]).await,
        member(&server, &admin, "ana@acme.dev").await,
        member(&server, &admin, "boss@acme.dev").await,
        account(&server, &admin, "some", &some).await,
        account(&server, &admin, "none", &[]).await,
        server.admin("default").await,
    ];
    let all_groups = ids(&admin, true).await.unwrap();
    let all_secrets = ids(&admin, false).await.unwrap();
    assert_eq!((all_groups.len(), all_secrets.len()), (7, 9));
    let mut sizes = Vec::new();
    for (at, who) in everyone.iter().enumerate() {
        let (listed_groups, listed_secrets) = (ids(who, true).await, ids(who, false).await);
        sizes.push(listed_groups.as_ref().map(BTreeSet::len));
        let refusal = if listed_groups.is_none() { 403 } else { 404 };
        for (all, listed, place) in [
            (&all_groups, &listed_groups, group_at as fn(&str) -> String),
            (&all_secrets, &listed_secrets, secret_at),
            (&all_groups, &listed_groups, authorize_at),
        ] {
            for id in all {
                let in_list = listed.as_ref().is_some_and(|listed| listed.contains(id));
                let status = who.get(&place(id)).await.status.as_u16();
                assert_eq!(status, if in_list { 200 } else { refusal }, "{at}: {}", place(id));
            }
        }
    }
    let seen: Vec<usize> = sizes.into_iter().map(|size| size.unwrap_or(0)).collect();
    assert_eq!(seen, [5, 5, 0, 0, 7, 1, 4, 6, 3, 0, 7]);
}
