//! `kill -9` at any moment, under several writers at once: whatever was acknowledged is there afterwards, nothing is
//! half there, and the log has exactly one event for each change.
//!
//! The writers keep their own books, and only what the server has answered goes in as acknowledged.

use crate::harness::{Door, Home, eventually};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

const ROUNDS: u64 = 40;
const WRITERS: u64 = 4;

/// What a writer knows of one secret.
#[derive(Default)]
struct Book {
    id: String,
    /// The newest version that was acknowledged; 0 for none.
    acknowledged: u64,
    /// What was sent as each version: the one after the newest may be there or not.
    sent: BTreeMap<u64, String>,
}

type Books = BTreeMap<String, Book>;

#[test]
fn killed_at_any_moment_it_keeps_what_it_acknowledged_and_nothing_by_half() {
    let home = Home::new();
    let mut books: Vec<Books> = (0..WRITERS).map(|_| Books::new()).collect();
    for round in 0..ROUNDS {
        let server = home.serve();
        check(&home, &books);
        let acknowledged = AtomicU64::new(0);
        thread::scope(|scope| {
            for (writer, books) in books.iter_mut().enumerate() {
                let (door, acknowledged) = (Door::Socket(home.socket()), &acknowledged);
                scope.spawn(move || write(writer, round, &door, books, acknowledged));
            }
            // From the very first moment to well into it, and not in step with the writers.
            let after = round * round / 12;
            eventually("the moment", || {
                (acknowledged.load(Ordering::Acquire) >= after).then_some(())
            });
            (0..(round * 7_919) % 40_000).for_each(|_| std::hint::spin_loop());
            server.kill();
        });
    }
    let server = home.serve();
    check(&home, &books);
    server.stop();
    let _server = home.serve();
    check(&home, &books);
}

/// Creates secrets and publishes new values of them until the server is gone.
fn write(writer: usize, round: u64, door: &Door, books: &mut Books, acknowledged: &AtomicU64) {
    for at in 0.. {
        let key = format!("W{writer}_{round}_{}", at / 5);
        let book = books.entry(key.clone()).or_default();
        let version = book.sent.len() as u64 + 1;
        let value = format!("{key} v{version} {}", "x".repeat((at as usize * 97) % 3_000));
        book.sent.insert(version, value.clone());
        match send(door, &key, &book.id, &value) {
            Ok((id, answered)) => {
                assert_eq!(answered, version, "{key}");
                book.id = id;
                book.acknowledged = version;
                acknowledged.fetch_add(1, Ordering::AcqRel);
            }
            Err(_gone) => return,
        }
    }
}

/// Creates a secret that has no id yet, or publishes. Gives its id and the version that is live by it.
fn send(door: &Door, key: &str, id: &str, value: &str) -> io::Result<(String, u64)> {
    let secrets = "/v1/tenants/default/secrets";
    if id.is_empty() {
        let body = json!({ "key": key, "value": value, "disclosure": "READABLE" });
        let answer = door.post(secrets, &body)?;
        assert_eq!(answer.status, 201, "{answer:?}");
        let secret = answer.json();
        return Ok((text(&secret["id"]), secret["publishedVersion"].as_u64().unwrap()));
    }
    let answer = door.post(&format!("{secrets}/{id}:publish"), &json!({ "value": value }))?;
    assert!(matches!(answer.status, 200 | 201), "{answer:?}");
    Ok((id.to_owned(), answer.json()["version"].as_u64().unwrap()))
}

/// Compares what the server has with what the writers know.
fn check(home: &Home, books: &[Books]) {
    let door = Door::Socket(home.socket());
    let listed = door.get("/v1/tenants/default/secrets").json();
    let listed: BTreeMap<String, &Value> =
        listed.as_array().unwrap().iter().map(|one| (text(&one["key"]), one)).collect();
    let known: BTreeMap<&String, &Book> = books.iter().flatten().collect();
    let mut changes = 0;
    for (key, book) in &known {
        let Some(secret) = listed.get(*key) else {
            assert_eq!(book.acknowledged, 0, "{key} was acknowledged and is gone");
            continue;
        };
        let version =
            secret["publishedVersion"].as_u64().expect("no secret is there without a value");
        assert!(version >= book.acknowledged, "{key}: v{} was acknowledged", book.acknowledged);
        let id = text(&secret["id"]);
        let revisions = door.get(&format!("/v1/tenants/default/secrets/{id}/revisions")).json();
        let revisions = revisions.as_array().unwrap();
        assert_eq!(revisions.len() as u64, version, "{key}: a revision without its publication");
        changes += version;
        if book.acknowledged < version || key.ends_with("_0") {
            let path = format!("/v1/tenants/default/secrets/{id}:reveal");
            let revealed = door.post(&path, &json!({})).unwrap().json();
            assert_eq!(revealed["version"].as_u64(), Some(version), "{key}");
            assert_eq!(Some(&text(&revealed["value"])), book.sent.get(&version), "{key}");
        }
    }
    assert!(listed.keys().all(|key| known.contains_key(key)), "a secret that nobody sent");
    home.subrosa(&["audit", "verify"]).done();
    let events = ["secret.create", "secret.publish"].map(|action| count(home, action));
    assert_eq!(events.iter().sum::<u64>(), changes, "one event for each change");
    assert_eq!(events[0], listed.len() as u64);
}

fn count(home: &Home, action: &str) -> u64 {
    let list = ["audit", "list", "--action", action, "--limit", "1000000", "--json"];
    home.subrosa(&list).done().json()["items"].as_array().unwrap().len() as u64
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn after_an_unclean_stop_the_log_says_that_counts_may_be_missing_and_after_a_clean_one_not() {
    let home = Home::new();
    let server = home.serve();
    home.with_value("v", &["set", "A"]).done();
    server.stop();
    let server = home.serve();
    home.with_value("v", &["set", "B"]).done();
    assert_eq!(count(&home, "audit.gap"), 0);
    server.kill();
    let server = home.serve();
    home.with_value("v", &["set", "C"]).done();
    assert_eq!(count(&home, "audit.gap"), 1);
    home.with_value("v", &["set", "D"]).done();
    assert_eq!(count(&home, "audit.gap"), 1, "it is said once");
    home.subrosa(&["audit", "verify"]).done();
    server.stop();
}
