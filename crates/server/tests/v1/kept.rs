//! What is kept in memory, however much of it fits: an answer is never one from before a change, and every reveal is
//! counted.

use serde_json::json;
use subrosa_testkit::{DEFAULT, TestServer};

/// Nothing fits; about one row in each part of the cache; everything.
const SIZES: [u64; 3] = [64, 64 * 1_024, 16 * 1_024 * 1_024];

/// More than fit in the middle one.
const SECRETS: usize = 150;

#[tokio::test]
async fn every_answer_is_the_latest_whatever_fits() {
    for size in SIZES {
        let server = TestServer::start_keeping(size).await;
        let operator = server.operator();
        let mut ids = Vec::new();
        for at in 0..SECRETS {
            ids.push(operator.keeps(&format!("K-{at}"), "first").await);
        }
        for id in &ids {
            assert_eq!(operator.reveals(id).await.expect(200)["value"], "first");
        }
        for (at, id) in ids.iter().enumerate().step_by(3) {
            operator.publishes(id, &format!("second-{at}")).await;
        }
        for id in ids.iter().skip(1).step_by(3) {
            operator.delete(&format!("{DEFAULT}/secrets/{id}")).await.expect(204);
        }
        for (at, id) in ids.iter().enumerate() {
            let read = operator.reveals(id).await;
            match at % 3 {
                0 => assert_eq!(read.expect(200)["value"], format!("second-{at}")),
                1 => assert_eq!(read.refused(404), "not-found"),
                _ => assert_eq!(read.expect(200)["value"], "first"),
            }
        }
    }
}

#[tokio::test]
async fn a_stricter_tier_holds_for_the_next_reveal_of_what_is_kept() {
    for size in SIZES {
        let server = TestServer::start_keeping(size).await;
        let operator = server.operator();
        let id = operator.keeps("K", "v").await;
        operator.reveals(&id).await.expect(200);
        let stricter = json!({ "sensitivity": "PII" });
        operator.patch(&format!("{DEFAULT}/secrets/{id}"), stricter).await.expect(200);
        for _ in 0..3 {
            operator.reveals(&id).await.expect(200);
        }
        let events = operator.events(&format!("resourceId={id}&action=secret.reveal")).await;
        let strict = events.iter().filter(|event| event["tier"] == "PII");
        assert_eq!(strict.filter(|event| event["count"] == 1).count(), 3, "one event each");
    }
}

#[tokio::test]
async fn every_standard_reveal_is_counted_whatever_fits() {
    for size in SIZES {
        let server = TestServer::start_keeping(size).await;
        let operator = server.operator();
        let mut ids = Vec::new();
        for at in 0..SECRETS {
            ids.push(operator.keeps(&format!("K-{at}"), "v").await);
        }
        for id in ids.iter().chain(&ids).chain(&ids) {
            operator.reveals(id).await.expect(200);
        }
        let events = operator.events("action=secret.reveal").await;
        let counted: u64 = events.iter().filter_map(|event| event["count"].as_u64()).sum();
        assert_eq!(counted, 3 * SECRETS as u64);
    }
}
