//! GET of a value: a JSON string, plain text, or bytes; and who is refused.

use crate::{accepting, bare, secret, text};
use serde_json::json;
use subrosa_testkit::{Reply, TestServer};

const ODD: &str = "a\"\\\n\u{0}ü\u{1f339}";

fn kind(reply: &Reply) -> &str {
    reply.headers["content-type"].to_str().unwrap()
}

#[tokio::test]
async fn a_value_is_a_json_string_unless_plain_text_is_preferred() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    admin.puts(&secret("K"), json!({ "value": ODD })).await.expect(204);
    let quoted = "\"a\\\"\\\\\\n\\u0000ü\u{1f339}\"";
    let bare_get = admin.get(&secret("K")).await;
    assert_eq!((text(&bare_get), kind(&bare_get)), (quoted, "application/json"));
    for accept in ["*/*", "application/json", "application/json, text/plain, */*", "image/png", ""]
    {
        let read = accepting(&server, &admin, "K", accept).await;
        assert_eq!((text(&read), kind(&read)), (quoted, "application/json"), "{accept}");
    }
    for accept in ["text/plain", "text/*", "text/plain, application/json;q=0.9"] {
        let read = accepting(&server, &admin, "K", accept).await;
        assert_eq!((text(&read), kind(&read)), (ODD, "text/plain; charset=utf-8"), "{accept}");
        assert_eq!(read.headers["cache-control"], "no-store");
        assert_eq!(read.headers["x-content-type-options"], "nosniff");
    }
}

#[tokio::test]
async fn an_empty_value_is_an_empty_string_and_an_empty_text() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    admin.puts(&secret("K"), json!({ "value": "" })).await.expect(204);
    assert_eq!(text(&admin.get(&secret("K")).await), r#""""#);
    assert_eq!(text(&accepting(&server, &admin, "K", "text/plain").await), "");
}

#[tokio::test]
async fn bytes_that_are_no_text_are_answered_as_they_are_whatever_was_asked() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let body = json!({ "key": "K", "valueBase64": "AP/+gA==", "disclosure": "READABLE" });
    server.operator().creates(body).await;
    for accept in ["*/*", "application/json", "text/plain", "application/octet-stream"] {
        let read = accepting(&server, &admin, "K", accept).await;
        assert_eq!((read.status.as_u16(), kind(&read)), (200, "application/octet-stream"));
        assert_eq!(read.bytes, [0, 0xff, 0xfe, 0x80], "{accept}");
    }
}

#[tokio::test]
async fn what_is_read_is_the_live_revision_whoever_made_it_so() {
    let server = TestServer::start().await;
    let (operator, admin) = (server.operator(), server.admin("default").await);
    let id = operator.keeps("K", "one").await;
    admin.puts(&secret("K"), json!({ "value": "two" })).await.expect(204);
    operator.publishes(&id, "three").await;
    assert_eq!(text(&admin.get(&secret("K")).await), r#""three""#);
    let revisions = operator.get(&format!("/v1/tenants/default/secrets/{id}/revisions")).await;
    let second = json!({ "revisionId": revisions.expect(200)[1]["id"] });
    operator.post(&format!("/v1/tenants/default/secrets/{id}:rollback"), second).await.expect(200);
    assert_eq!(text(&admin.get(&secret("K")).await), r#""two""#);
}

#[tokio::test]
async fn a_use_only_value_is_read_by_nobody() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    server.operator().creates(json!({ "key": "K", "value": "canary" })).await;
    for accept in ["*/*", "text/plain"] {
        let refused = accepting(&server, &admin, "K", accept).await;
        assert_eq!(refused.refused(403), "use-only");
        assert!(!bare(&refused).2.contains("canary"));
    }
    assert_eq!(text(&admin.get(crate::SECRETS).await), r#"["K"]"#, "its key is no secret");
}

#[tokio::test]
async fn a_head_says_what_a_get_would_and_holds_no_value() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    admin.puts(&secret("K"), json!({ "value": "canary" })).await.expect(204);
    let head = admin.send(http::Method::HEAD, &secret("K"), None).await;
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
}

#[tokio::test]
async fn each_scope_reads_or_writes_what_it_says_and_the_rest_is_refused_before_any_look_up() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    admin.puts(&secret("K"), json!({ "value": "v" })).await.expect(204);
    let lister = server.token("default", &["secrets:read"]).await;
    let reader = server.token("default", &["secrets:reveal"]).await;
    let writer = server.token("default", &["secrets:write"]).await;
    lister.get(crate::SECRETS).await.expect(200);
    reader.get(&secret("K")).await.expect(200);
    writer.puts(&secret("K"), json!({ "value": "w" })).await.expect(204);
    let rows = server.rows();
    let refused = |reply: Reply, scope: &str| {
        assert_eq!(reply.refused(403), "missing-scope");
        assert_eq!(reply.json()["required"], scope);
        bare(&reply).2
    };
    let absent = refused(lister.get(&secret("NONE")).await, "secrets:reveal");
    assert_eq!(refused(lister.get(&secret("K")).await, "secrets:reveal"), absent);
    refused(reader.get(crate::SECRETS).await, "secrets:read");
    for who in [&lister, &reader] {
        refused(who.puts(&secret("im.possible"), json!("no body")).await, "secrets:write");
        refused(who.delete(&secret("K")).await, "secrets:write");
    }
    refused(writer.get(&secret("K")).await, "secrets:reveal");
    assert_eq!(server.rows(), rows);
}
