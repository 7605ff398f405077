//! The page where a person approves a sign-in.

use crate::{
    holders::{on_record, personal, text},
    sign_ins::{begins, form, polls, submits, tfy_begins, tfy_polls},
};
use http::HeaderMap;
use serde_json::json;
use subrosa_testkit::{Reply, TestServer};

fn words(reply: &Reply) -> String {
    String::from_utf8(reply.bytes.clone()).unwrap()
}

/// What every answer of the page says to a browser.
fn is_closed(headers: &HeaderMap) {
    let policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
        frame-ancestors 'none'";
    for (name, value) in [
        ("content-security-policy", policy),
        ("content-type", "text/html; charset=utf-8"),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(headers[name], value, "{name}");
    }
    assert!(!headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn looking_at_the_page_looks_nothing_up_and_changes_nothing() {
    let server = TestServer::start().await;
    let begun = begins(&server, json!({ "clientName": "a box" })).await;
    let rows = server.rows();
    let shows = async |query: &str| {
        let reply = server.stranger().get(&format!("/device{query}")).await;
        assert_eq!(reply.status, 200);
        is_closed(&reply.headers);
        words(&reply)
    };
    let empty = shows("").await;
    assert!(empty.contains(r#"<form method="post" action="/device">"#), "{empty}");
    let right = shows(&format!("?code={}", begun.user)).await;
    assert!(right.contains(&format!(r#"value="{}""#, begun.user)) && !right.contains("a box"));
    for _ in 0..30 {
        let wrong = shows("?code=BCDF-GHJK").await;
        assert_eq!(
            wrong.replace("BCDFGHJK", &begun.user),
            right,
            "a wrong code looks like a right one"
        );
    }
    let hostile = shows("?code=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    let escaped = r#"value="&quot;&gt;&lt;SCRIPT&gt;ALERT(1)&lt;/SCRIPT&gt;""#;
    assert!(hostile.contains(escaped) && !hostile.contains("<SCRIPT"), "{hostile}");
    assert_eq!(server.rows(), rows);
    polls(&server, &begun).await.expect(202);
    let style = server.stranger().get("/device.css").await;
    assert_eq!(style.headers["content-type"], "text/css; charset=utf-8");
    assert!(style.status == 200 && !style.bytes.is_empty());
}

#[tokio::test]
async fn a_code_shows_what_the_device_says_of_itself_as_text() {
    let server = TestServer::start().await;
    let label = "<script>alert(1)</script>\" onload='x'";
    let body = json!({ "clientName": label, "tenant": "default", "preset": "reader" });
    let begun = begins(&server, body).await;
    let rows = server.rows();
    let reply = server.stranger().send_whole(form(&[("code", &begun.user)], &[])).await;
    assert_eq!(reply.status, 200);
    is_closed(&reply.headers);
    let page = words(&reply);
    assert!(!page.contains("<script") && !page.contains("onload='"), "{page}");
    let escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39;";
    assert!(page.contains(escaped), "{page}");
    for said in ["<strong>default</strong>", "secrets:read, secrets:reveal", &begun.user] {
        assert!(page.contains(said), "{said}");
    }
    assert!(page.contains(r#"name="token" type="password""#), "{page}");
    assert_eq!(server.rows(), rows);
    polls(&server, &begun).await.expect(202);
}

#[tokio::test]
async fn a_token_and_a_decision_approve_or_deny_and_the_token_is_not_seen_again() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let token = admin.token().unwrap();
    let begun = begins(&server, json!({})).await;
    let spaced = format!("  {token}\n");
    let fields = [("code", begun.user.as_str()), ("token", &spaced), ("decision", "approve")];
    let reply = server.stranger().send_whole(form(&fields, &[])).await;
    is_closed(&reply.headers);
    let page = words(&reply);
    assert!(reply.status == 200 && page.contains("Approved."), "{page}");
    assert!(!page.contains(&token[8..]));
    polls(&server, &begun).await.expect(200);
    let begun = begins(&server, json!({})).await;
    let fields = [("code", begun.user.as_str()), ("token", token), ("decision", "deny")];
    let (status, page) = submits(&server, &fields).await;
    assert!(status == 200 && page.contains("Denied."), "{page}");
    assert_eq!(polls(&server, &begun).await.refused(410), "device-over");
    assert_eq!(on_record(&server, "action=device.approve").await.len(), 1);
    assert_eq!(on_record(&server, "action=device.deny").await.len(), 1);
}

#[tokio::test]
async fn who_cannot_decide_is_told_why_and_the_device_goes_on_waiting() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let admin = server.admin("default").await;
    let begun = tfy_begins(&server, "default").await;
    let poor = server.token("default", &["secrets:write", "tenant:admin"]).await;
    let there = server.admin("acme").await;
    let laptop = personal(&server, &admin, "laptop").await;
    let rows = server.rows();
    for (token, decision, status, said) in [
        ("nonsense", "approve", 401, "That token does not work."),
        ("", "approve", 401, "That token does not work."),
        (poor.token().unwrap(), "approve", 403, "it lacks keys:write"),
        (poor.token().unwrap(), "deny", 403, "it lacks keys:write"),
        (there.token().unwrap(), "approve", 404, "for another tenant"),
        (there.token().unwrap(), "deny", 404, "for another tenant"),
        (laptop.token().unwrap(), "approve", 400, "makes none of its kind"),
        (admin.token().unwrap(), "perhaps", 400, "Approve or deny."),
    ] {
        let fields = [("code", begun.user.as_str()), ("token", token), ("decision", decision)];
        let reply = server.stranger().send_whole(form(&fields, &[])).await;
        is_closed(&reply.headers);
        let page = words(&reply);
        assert_eq!(reply.status, status, "{page}");
        assert!(page.contains(said), "{page}");
        assert!(token.len() < 12 || !page.contains(&token[8..]), "the token is not shown");
        assert!(page.contains("name=\"decision\""), "one can try again");
    }
    assert_eq!(server.rows(), rows);
    tfy_polls(&server, &begun).await.expect(202);
    let refused = on_record(&server, "action=request.refuse").await;
    assert_eq!(refused.len(), 2, "what lacked a scope is on the tenant's record");
    let deployment = server.operator().get("/v1/auditEvents?action=request.refuse").await;
    let events = deployment.expect(200)["items"].clone();
    let operation = |event: &serde_json::Value| text(&event["resource"], "key");
    let operations: Vec<String> = events.as_array().unwrap().iter().map(operation).collect();
    assert_eq!(operations, ["POST /device"; 2], "and strangers are on the server's");
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_before_anything_is_looked_at() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let begun = begins(&server, json!({})).await;
    let fields =
        [("code", begun.user.as_str()), ("token", admin.token().unwrap()), ("decision", "approve")];
    let host = ("host", "subrosa.test");
    for headers in [
        &[host, ("origin", "https://evil.test")][..],
        &[host, ("origin", "http://subrosa.test.evil.test")],
        &[host, ("origin", "http://evil.test/subrosa.test")],
        &[host, ("origin", "null")],
        &[host, ("origin", "")],
        &[("origin", "https://evil.test")],
        &[host, ("sec-fetch-site", "cross-site")],
        &[host, ("sec-fetch-site", "same-site")],
        &[host, ("origin", "http://subrosa.test"), ("sec-fetch-site", "cross-site")],
    ] {
        let reply = server.stranger().send_whole(form(&fields, headers)).await;
        is_closed(&reply.headers);
        assert_eq!(reply.status, 403, "{headers:?}");
        let wrong = [("code", "BCDFGHJK")];
        let reply = server.stranger().send_whole(form(&wrong, headers)).await;
        assert_eq!(reply.status, 403, "and a wrong code is not even a guess: {headers:?}");
    }
    polls(&server, &begun).await.expect(202);
    let own = [host, ("origin", "http://subrosa.test"), ("sec-fetch-site", "same-origin")];
    let reply = server.stranger().send_whole(form(&fields, &own)).await;
    assert_eq!(reply.status, 200, "a form of its own is taken");
    polls(&server, &begun).await.expect(200);
    let begun = begins(&server, json!({})).await;
    let fields = [("code", begun.user.as_str())];
    let behind = [("host", "10.0.0.1:8080"), ("origin", "http://subrosa.test")];
    let reply = server.stranger().send_whole(form(&fields, &behind)).await;
    assert_eq!(
        reply.status, 200,
        "by the address people were told, though a proxy changed the host"
    );
}

#[tokio::test]
async fn a_form_that_is_none_shows_the_form_again() {
    let server = TestServer::start().await;
    let long = "x".repeat(17 * 1024);
    assert_eq!(submits(&server, &[("code", &long)]).await.0, 400, "more than a form has");
    for fields in [&[][..], &[("code", "")], &[("code", "!!!")], &[("decision", "approve")]] {
        let (status, page) = submits(&server, fields).await;
        assert_eq!(status, 404, "{page}");
        assert!(page.contains("No sign-in waits for this code.") && page.contains("<form"));
    }
}
