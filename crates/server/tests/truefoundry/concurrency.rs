//! Many at once: a group's secrets change together or not at all, for whoever reads them and whoever writes them.

use crate::{
    SECRETS,
    cast::{
        account, group_at, keys_of, makes, pairs, replaces, secret_id, sees, v1_at, versions_of,
    },
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use subrosa_testkit::{Actor, TestServer, id_of};

type Set = BTreeMap<String, String>;

/// A thousand secrets: half of their keys are the same in every set, and no value is.
fn set(name: &str) -> Set {
    let key =
        |n: usize| if n.is_multiple_of(2) { format!("K{n:03}") } else { format!("{name}{n:03}") };
    (0..1_000).map(|n| (key(n), format!("{name} {n}"))).collect()
}

fn pairs_of(set: &Set) -> Vec<(&str, &str)> {
    set.iter().map(|(key, value)| (&**key, &**value)).collect()
}

/// A group's secrets with their values, as one page has them.
async fn read(who: &Actor, group: &str) -> Set {
    let body = json!({ "secretGroupId": group, "withValue": true, "limit": 1_000 });
    let page = who.post(SECRETS, body).await.expect(200);
    let one = |secret: &Value| {
        let word = |name: &str| secret[name].as_str().unwrap().to_owned();
        (word("name"), word("value"))
    };
    page["data"].as_array().unwrap().iter().map(one).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_lists_a_group_that_is_being_replaced_sees_the_old_set_or_the_new_one() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let sets = [set("A"), set("B"), set("C")];
    let group = id_of(&makes(&admin, "large", &pairs_of(&sets[0])).await);
    let reader = account(&server, &admin, "reader", &[("large", "editor")]).await;
    let (sets, done) = (Arc::new(sets), Arc::new(AtomicBool::new(false)));
    let mut reading = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let (reader, group) = (reader.clone(), group.clone());
        let (sets, done) = (Arc::clone(&sets), Arc::clone(&done));
        reading.spawn(async move {
            let mut seen = [0; 3];
            loop {
                let last = done.load(Ordering::Acquire);
                let found = read(&reader, &group).await;
                let which = sets.iter().position(|set| *set == found);
                seen[which.expect("a mixture of two sets was answered")] += 1;
                let shown = reader.get(&group_at(&group)).await.expect(200)["data"].clone();
                let keys = keys_of(&shown);
                assert!(sets.iter().any(|set| set.keys().eq(keys.iter())), "a mixture of keys");
                if last {
                    return seen;
                }
            }
        });
    }
    for turn in 1..=4 {
        let next = pairs_of(&sets[turn % 3]);
        let put = replaces(&admin, &group, &next).await.expect(200);
        assert_eq!(keys_of(&put["data"]).len(), 1_000);
    }
    done.store(true, Ordering::Release);
    let seen = reading.join_all().await;
    let of = |set: usize| seen.iter().map(|seen| seen[set]).sum::<usize>();
    assert!(of(1) >= 64, "the last set is read by everybody: {seen:?}");
    assert!(of(0) + of(2) > 0, "and another one before: {seen:?}");
    assert_eq!(server.number("SELECT COUNT(*) FROM secrets"), 1_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_replacements_at_once_one_set_is_left_whole() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("KEPT", "first"), ("KEY", "first")]).await;
    let id = id_of(&group);
    let mut writing = tokio::task::JoinSet::new();
    for n in 0..24 {
        let (admin, id) = (admin.clone(), id.clone());
        writing.spawn(async move {
            let (key, value) = (format!("KEY{n}"), n.to_string());
            let set = [("KEPT", &*value), (&*key, &*value), ("SAME", "same")];
            let put = replaces(&admin, &id, &set).await.expect(200);
            let keys = keys_of(&put["data"]);
            assert_eq!(keys, ["KEPT", &key, "SAME"], "everyone is answered with their own set");
        });
    }
    writing.join_all().await;
    let left = read(&admin, &id).await;
    let n = &left["KEPT"];
    let expected = [("KEPT", &**n), (&*format!("KEY{n}"), n), ("SAME", "same")];
    assert_eq!(left, expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    let kept = secret_id(&group, "KEPT");
    let versions = versions_of(&admin, &kept).await;
    assert_eq!(versions, (1..=25).rev().collect::<Vec<u64>>(), "numbered without gaps");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_published_on_our_own_surface_meanwhile_are_all_there_and_numbered() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let group = makes(&admin, "prod", &[("K", "0"), ("L", "0")]).await;
    let (id, secret) = (id_of(&group), secret_id(&group, "K"));
    let writer = server.token("default", &["secrets:write"]).await;
    let mut writing = tokio::task::JoinSet::new();
    for n in 0..32 {
        let (writer, id, at) = (writer.clone(), id.clone(), format!("{}:publish", v1_at(&secret)));
        writing.spawn(async move {
            if n % 4 == 0 {
                let value = n.to_string();
                let set = json!({ "secrets": [{ "key": "K" }, { "key": "L", "value": value }] });
                writer.puts(&group_at(&id), set).await.expect(200);
                return None;
            }
            let published = writer.post(&at, json!({ "value": n.to_string() })).await.expect(200);
            published["version"].as_u64()
        });
    }
    let mut numbers: Vec<u64> = writing.join_all().await.into_iter().flatten().collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (2..=25).collect::<Vec<u64>>(), "all succeed, without gaps");
    assert_eq!(versions_of(&admin, &secret).await, (1..=25).rev().collect::<Vec<u64>>());
    let verified = server.operator().get("/v1/tenants/default/auditEvents:verify").await;
    assert_eq!(verified.expect(200)["intact"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_given_at_once_are_all_given() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let id = id_of(&makes(&admin, "prod", &[("K", "v")]).await);
    let mut giving = tokio::task::JoinSet::new();
    for n in 0..16 {
        let (admin, at) = (admin.clone(), crate::cast::authorize_at(&id));
        giving.spawn(async move {
            let (own, everyones) = (format!("user:u{n}@acme.dev"), "user:all@acme.dev");
            let named = crate::cast::people(&[(&own, "viewer"), (everyones, "viewer")]);
            admin.post(&at, json!({ "collaborators": named })).await.expect(200);
        });
    }
    giving.join_all().await;
    let listed = admin.get(&crate::cast::authorize_at(&id)).await.expect(200);
    assert_eq!(listed["pagination"]["total"], 18, "sixteen, the one all of them named, the maker");
    assert_eq!(server.operator().events("action=user.create").await.len(), 17);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_is_deleted_while_it_is_written_leaves_nothing_behind() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    for round in 0..8 {
        let group = makes(&admin, "prod", &[("K", "v")]).await;
        let (id, secret) = (id_of(&group), secret_id(&group, "K"));
        let mut busy = tokio::task::JoinSet::new();
        for n in 0..8 {
            let (admin, id, secret) = (admin.clone(), id.clone(), secret.clone());
            busy.spawn(async move {
                let new = json!({ "secrets": pairs(&[("K", "w"), (&format!("N{n}"), "x")]) });
                match n {
                    0 => admin.delete(&group_at(&id)).await.expect(200),
                    1..4 => admin.puts(&group_at(&id), new).await.json(),
                    4..6 => admin
                        .post(&format!("{}:publish", v1_at(&secret)), json!({ "value": "p" }))
                        .await
                        .json(),
                    _ => admin.get(&crate::cast::secret_at(&secret)).await.json(),
                }
            });
        }
        for answer in busy.join_all().await {
            let odd = answer["status"].as_u64().is_some_and(|status| status != 404);
            assert!(!odd, "round {round}: {answer}");
        }
        assert_eq!(admin.get(&group_at(&id)).await.refused(404), "not-found");
        for table in ["secrets", "revisions", "group_members"] {
            assert_eq!(server.number(&format!("SELECT COUNT(*) FROM {table}")), 0, "{table}");
        }
    }
    let again = makes(&admin, "prod", &[("K", "v")]).await;
    assert_eq!(sees(&admin, &secret_id(&again, "K")).await["value"], "v");
}
