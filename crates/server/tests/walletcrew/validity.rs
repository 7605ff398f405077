//! `notBefore` and `expiresOn`: when a value is there, to the second and to the byte.

use crate::{bare, secret, text};
use serde_json::{Value, json};
use std::time::Duration;
use subrosa_testkit::{DEFAULT, TestServer, id_of};

#[tokio::test]
async fn a_value_is_there_from_the_first_moment_of_its_window_until_its_end() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let body = json!({ "value": "v", "notBefore": "2026-01-01T00:00:10Z",
        "expiresOn": "2026-01-01T01:00:20+01:00" });
    admin.puts(&secret("K"), body).await.expect(204);
    let absent = bare(&admin.get(&secret("NONE")).await);
    let mut at = Duration::ZERO;
    for (millis, there) in
        [(0, false), (9_999, false), (10_000, true), (19_999, true), (20_000, false)]
    {
        server.clock.advance(Duration::from_millis(millis) - at);
        at = Duration::from_millis(millis);
        let reply = admin.get(&secret("K")).await;
        if there {
            assert_eq!(text(&reply), r#""v""#, "{millis}");
        } else {
            assert_eq!(bare(&reply), absent, "{millis}");
        }
    }
}

#[tokio::test]
async fn expired_coming_absent_deleted_foreign_and_impossible_are_one_answer_to_the_byte() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let acme = server.admin("acme").await;
    let put = async |key: &str, body: Value| admin.puts(&secret(key), body).await.expect(204);
    put("EXPIRED", json!({ "value": "v", "expiresOn": "2026-01-01T00:00:01Z" })).await;
    put("COMING", json!({ "value": "v", "notBefore": "2026-06-01T00:00:00Z" })).await;
    put("DELETED", json!({ "value": "v" })).await;
    admin.delete(&secret("DELETED")).await.expect(204);
    acme.puts("/api/acme/secrets/FOREIGN", json!({ "value": "v" })).await.expect(204);
    let unread = json!({ "key": "UNREAD", "value": "v", "expiresOn": 1_000 });
    operator.creates(unread).await;
    server.clock.advance(Duration::from_secs(1));

    let absent = bare(&admin.get(&secret("ABSENT")).await);
    assert_eq!(absent.0, 404);
    let expected = json!({
        "type": "urn:subrosa:problem:not-found",
        "title": "Not found",
        "status": 404,
        "detail": "There is no such thing here, or it is not for this caller to see.",
        "instance": "urn:uuid:(the request)",
        "code": "not-found",
        "statusCode": 404,
        "message": "There is no such thing here, or it is not for this caller to see.",
    });
    assert_eq!(serde_json::from_str::<Value>(&absent.2).unwrap(), expected);
    for key in ["EXPIRED", "COMING", "DELETED", "FOREIGN", "UNREAD", "im.possible"] {
        assert_eq!(bare(&admin.get(&secret(key)).await), absent, "{key}");
        let text = crate::accepting(&server, &admin, key, "text/plain").await;
        assert_eq!(bare(&text), absent, "{key} as text");
    }
    let elsewhere = admin.get("/api/acme/secrets/FOREIGN").await;
    assert_eq!(bare(&elsewhere), absent, "nor by the path of the tenant that has it");
    assert_eq!(bare(&admin.get("/api/nobody/secrets/K").await), absent);
}

#[tokio::test]
async fn a_put_replaces_the_window_whole() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let window = async |body: Value| {
        admin.puts(&secret("K"), body).await.expect(204);
        let found = operator.get(&format!("{DEFAULT}/secrets?key=K")).await.expect(200);
        (found[0]["notBefore"].clone(), found[0]["expiresOn"].clone())
    };
    let (new_year, june) = (json!(1_798_761_600_000_u64), json!(1_780_272_000_000_u64));
    let both = json!({ "value": "v", "notBefore": "2026-06-01T00:00:00Z",
        "expiresOn": "2027-01-01T00:00:00Z" });
    assert_eq!(window(both.clone()).await, (june.clone(), new_year.clone()));
    let one = json!({ "value": "v", "ExpiresOn": "2027-01-01T00:00:00.000Z" });
    assert_eq!(window(one).await, (Value::Null, new_year));
    let other =
        json!({ "value": "v", "notbefore": "2026-06-01T00:00:00-00:00", "expiresOn": null });
    assert_eq!(window(other).await, (june, Value::Null));
    assert_eq!(window(json!({ "value": "v" })).await, (Value::Null, Value::Null));
    window(both).await;
    let nulls = json!({ "value": "v", "notBefore": null, "expiresOn": null });
    assert_eq!(window(nulls).await, (Value::Null, Value::Null));
}

#[tokio::test]
async fn an_expired_secret_is_revived_by_a_put_and_deleted_by_a_delete() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let short = json!({ "value": "old", "expiresOn": "2026-01-01T00:00:01Z" });
    admin.puts(&secret("K"), short.clone()).await.expect(204);
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(admin.get(&secret("K")).await.refused(404), "not-found");
    let again = admin.puts(&secret("K"), short).await;
    assert_eq!(crate::faults(&again), ["/expiresOn"], "a window that is over is no window");
    admin.puts(&secret("K"), json!({ "value": "old" })).await.expect(204);
    assert_eq!(text(&admin.get(&secret("K")).await), r#""old""#);

    let short = json!({ "value": "old", "expiresOn": "2026-01-01T00:00:02Z" });
    admin.puts(&secret("K"), short).await.expect(204);
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(admin.delete(&secret("K")).await.status, 204);
    assert_eq!(text(&admin.get(crate::SECRETS).await), "[]");
}

#[tokio::test]
async fn a_window_of_our_own_surface_holds_here() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let id = operator.keeps("K", "v").await;
    assert_eq!(text(&admin.get(&secret("K")).await), r#""v""#);
    let path = format!("{DEFAULT}/secrets/{id}");
    let over = json!({ "expiresOn": server.clock.millis() });
    assert_eq!(id_of(&operator.patch(&path, over).await.expect(200)), id);
    assert_eq!(admin.get(&secret("K")).await.refused(404), "not-found");
}
