//! When a personal access token ends: on the day that was said, at the second, and never after whoever minted it.

use crate::{
    cast::faults,
    holders::{asks_for_token, lists_everywhere, text, tokens_of},
};
use serde_json::json;
use std::time::Duration;
use subrosa_testkit::{TestServer, shape};

const DAY: u64 = 86_400;

#[tokio::test]
async fn a_token_dies_on_the_second_it_was_made_for() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    for (said, seconds) in [
        ("2026-01-10", 10 * DAY),
        ("2026-01-15T12:00:00Z", 14 * DAY + DAY / 2),
        ("2026-01-16T01:00:01+01:00", 15 * DAY + 1),
    ] {
        let past = u64::try_from(server.clock.millis()).unwrap() / 1_000 - 1_767_225_600;
        let body = json!({ "name": "short-lived", "expirationDate": said });
        let minted = asks_for_token(&admin, body).await.expect(200);
        let bearer = server.with_token(&text(&minted, "token"));
        server.clock.advance(Duration::from_secs(seconds - past - 1));
        assert_eq!(lists_everywhere(&bearer).await, [200; 3], "the second before {said} is over");
        server.clock.advance(Duration::from_secs(1));
        assert_eq!(lists_everywhere(&bearer).await, [401; 3], "{said} is over");
        let listed = &tokens_of(&admin, "").await[0];
        assert_eq!(listed["isExpired"], true);
        let id = listed["id"].as_str().unwrap();
        admin.delete(&format!("{}/{id}", crate::holders::PATS)).await.expect(200);
    }
}

#[tokio::test]
async fn a_date_counts_to_the_end_of_its_day_and_none_is_in_the_past() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let body = |date: &str| json!({ "name": "abc", "expirationDate": date });
    let rows = server.rows();
    let past = ["2025-12-31", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59.999Z", "1970-01-01"];
    let nonsense = [
        "",
        "tomorrow",
        "2026-13-01",
        "2026-02-30",
        "2026-1-1",
        "01/02/2026",
        "2026-01-02T00:00:00",
        "2026-01-02 ",
        "1767312000",
        "99999-01-01",
    ];
    for date in past.iter().chain(&nonsense) {
        let refused = asks_for_token(&admin, body(date)).await;
        assert_eq!(faults(&refused), ["/expirationDate"], "{date:?}");
    }
    assert_eq!(server.rows(), rows);
    let today = asks_for_token(&admin, body("2026-01-01")).await.expect(200);
    assert_eq!(shape(&today), ["token: string"], "today is not over");
}

#[tokio::test]
async fn whoever_ends_mints_nothing_that_lives_on() {
    let server = TestServer::start().await;
    let body = json!({ "preset": "admin", "expirationDays": 10 });
    let minted = server.operator().mints(body).await;
    let minter = server.with_token(&text(&minted, "token"));
    let rows = server.rows();
    for longer in ["2026-01-11", "2026-01-11T00:00:01Z", "2027-01-01"] {
        let asked = json!({ "name": "abc", "expirationDate": longer });
        let refused = asks_for_token(&minter, asked).await;
        assert_eq!(refused.refused(403), "beyond-minter", "{longer}");
    }
    assert_eq!(server.rows(), rows);
    for (name, body) in [
        ("unsaid", json!({ "name": "unsaid" })),
        ("just-as-long", json!({ "name": "just-as-long", "expirationDate": "2026-01-10" })),
    ] {
        asks_for_token(&minter, body).await.expect(200);
        let listed = &tokens_of(&minter, &format!("nameSearchQuery={name}")).await[0];
        assert_eq!(listed["jwts"][0]["expiry"], "2026-01-11T00:00:00Z", "the minter's own end");
    }
}
