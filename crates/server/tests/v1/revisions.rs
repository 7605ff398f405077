//! `revisions` and `publications`, `:publish` and `:rollback`.

use crate::NOBODY;
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use subrosa_testkit::{Actor, DEFAULT, TestServer, id_of, shape};

async fn rolls_back(actor: &Actor, secret: &str, revision: &Value) -> subrosa_testkit::Reply {
    let path = format!("{DEFAULT}/secrets/{secret}:rollback");
    actor.post(&path, json!({ "revisionId": revision })).await
}

async fn lists(actor: &Actor, secret: &str, what: &str) -> Vec<Value> {
    let listed = actor.get(&format!("{DEFAULT}/secrets/{secret}/{what}")).await.expect(200);
    listed.as_array().unwrap().clone()
}

#[tokio::test]
async fn publishing_makes_the_next_revision_live_and_keeps_the_others() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let body = json!({ "key": "K", "value": "one", "note": "why", "disclosure": "READABLE" });
    let id = id_of(&operator.creates(body).await);
    server.clock.advance(Duration::from_secs(1));
    operator.patch(&format!("{DEFAULT}/secrets/{id}"), json!({ "sensitivity": "PII" })).await;
    let two = operator.publishes(&id, "two").await;
    let expected = [
        "createdAt: integer",
        "createdBy: string",
        "id: string",
        "note: null",
        "secretId: string",
        "sensitivity: string",
        "version: integer",
    ];
    assert_eq!(shape(&two), expected);
    assert_eq!((&two["version"], &two["secretId"]), (&json!(2), &json!(id)));
    assert_eq!(two["createdAt"], server.clock.millis());

    let secret = operator.shows(&id).await;
    assert_eq!(secret["publishedRevisionId"], two["id"]);
    assert_eq!(
        (&secret["publishedVersion"], &secret["modifiedAt"]),
        (&json!(2), &two["createdAt"])
    );
    assert_eq!(operator.reveals(&id).await.expect(200)["value"], "two");

    let revisions = lists(&operator, &id, "revisions").await;
    assert_eq!(revisions.len(), 2);
    assert_eq!(revisions[0], two);
    assert_eq!(revisions[1]["note"], "why");
    let tiers = (&revisions[0]["sensitivity"], &revisions[1]["sensitivity"]);
    assert_eq!(tiers, (&json!("PII"), &json!("STANDARD")), "each keeps the tier it was made under");
    let one =
        operator.get(&format!("{DEFAULT}/secrets/{id}/revisions/{}", id_of(&revisions[1]))).await;
    assert_eq!(one.expect(200), revisions[1]);
}

#[tokio::test]
async fn publishing_an_equal_value_is_a_new_revision() {
    let server = TestServer::start().await;
    let id = server.operator().keeps("K", "same").await;
    let again = server.operator().publishes(&id, "same").await;
    assert_eq!(again["version"], 2);
}

#[tokio::test]
async fn rolling_back_moves_the_pointer_and_makes_no_number() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "one").await;
    let one = operator.shows(&id).await["publishedRevisionId"].clone();
    operator.publishes(&id, "two").await;
    server.clock.advance(Duration::from_secs(1));

    let live = rolls_back(&operator, &id, &one).await.expect(200);
    assert_eq!((&live["id"], &live["version"]), (&one, &json!(1)));
    let secret = operator.shows(&id).await;
    assert_eq!((&secret["publishedRevisionId"], &secret["publishedVersion"]), (&one, &json!(1)));
    assert_eq!(operator.reveals(&id).await.expect(200)["value"], "one");
    assert_eq!(lists(&operator, &id, "revisions").await.len(), 2);

    let three = operator.publishes(&id, "three").await;
    assert_eq!(three["version"], 3, "numbers go on from the highest ever given");
    let publications = lists(&operator, &id, "publications").await;
    let versions: Vec<&Value> = publications.iter().map(|one| &one["version"]).collect();
    assert_eq!(versions, [3, 1, 2, 1], "every going live is on record, newest first");
    let expected = [
        "publishedAt: integer",
        "publishedBy: string",
        "revisionId: string",
        "secretId: string",
        "version: integer",
    ];
    assert_eq!(shape(&publications[0]), expected);
    assert_eq!(publications[0]["revisionId"], three["id"]);
}

#[tokio::test]
async fn rolling_back_to_the_live_revision_changes_nothing() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "one").await;
    let secret = operator.shows(&id).await;
    server.clock.advance(Duration::from_secs(1));
    let rows = server.rows();
    let live = rolls_back(&operator, &id, &secret["publishedRevisionId"]).await.expect(200);
    assert_eq!(live["version"], 1);
    assert_eq!(server.rows(), rows);
    assert!(operator.events("action=secret.rollback").await.is_empty());
}

#[tokio::test]
async fn a_revision_of_another_secret_is_not_found_by_any_verb() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let (mine, other) = (operator.keeps("A", "a").await, operator.keeps("B", "b").await);
    let foreign = operator.shows(&other).await["publishedRevisionId"].clone();
    let rows = server.rows();
    for revision in [&foreign, &json!(NOBODY), &json!(mine)] {
        let refused = rolls_back(&operator, &mine, revision).await;
        assert_eq!(refused.refused(404), "not-found");
        let path = format!("{DEFAULT}/secrets/{mine}/revisions/{}", revision.as_str().unwrap());
        let shown = operator.get(&path).await;
        assert_eq!(shown.without_instance(), refused.without_instance());
    }
    assert_eq!(rolls_back(&operator, NOBODY, &foreign).await.refused(404), "not-found");
    assert_eq!(server.rows(), rows);
}

#[tokio::test]
async fn what_cannot_be_published_or_rolled_back_to_is_refused_by_pointer() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "v").await;
    let rows = server.rows();
    let refused = [
        ("publish", json!({}), "/value"),
        ("publish", json!({ "value": null }), "/value"),
        ("publish", json!({ "value": "a", "valueBase64": "YQ==" }), "/value"),
        ("publish", json!({ "value": 7 }), "/value"),
        ("publish", json!({ "value": "v", "note": "n".repeat(1_025) }), "/note"),
        ("publish", json!({ "value": "v", "sensitivity": "PII" }), ""),
        ("rollback", json!({}), "/revisionId"),
        ("rollback", json!({ "revisionId": "1" }), "/revisionId"),
        ("rollback", json!({ "revisionId": 1 }), "/revisionId"),
        ("rollback", json!({ "revisionId": NOBODY, "note": "n" }), ""),
    ];
    for (verb, body, pointer) in refused {
        let reply = operator.post(&format!("{DEFAULT}/secrets/{id}:{verb}"), body.clone()).await;
        assert_eq!(reply.refused(400), "invalid-request", "{verb} {body}");
        assert!(reply.json()["errors"][pointer].is_array(), "{verb} {body}: {}", reply.json());
    }
    assert_eq!(server.rows(), rows);
    let absent =
        operator.post(&format!("{DEFAULT}/secrets/{NOBODY}:publish"), json!({"value":"v"})).await;
    assert_eq!(absent.refused(404), "not-found");
}

#[tokio::test]
async fn thirty_two_publishes_at_once_all_succeed_and_are_numbered_without_gaps() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "first").await;
    let mut publishing = tokio::task::JoinSet::new();
    for n in 0..32 {
        let (operator, id) = (operator.clone(), id.clone());
        publishing.spawn(async move { operator.publishes(&id, &format!("value {n}")).await });
    }
    let published = publishing.join_all().await;
    let versions: BTreeSet<u64> =
        published.iter().map(|revision| revision["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, (2..=33).collect());
    let secret = operator.shows(&id).await;
    assert_eq!(secret["publishedVersion"], 33);
    let last = published.iter().find(|one| one["version"] == 33).unwrap();
    assert_eq!(secret["publishedRevisionId"], last["id"]);
    let events = operator.events(&format!("resourceId={id}&action=secret.publish")).await;
    assert_eq!(events.len(), 32, "one event each");
    let numbers: BTreeSet<u64> =
        events.iter().map(|event| event["revision"].as_u64().unwrap()).collect();
    assert_eq!(numbers, versions);
}
