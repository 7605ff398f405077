//! Signing in by device code as the truefoundry command line does: what it gets is a personal access token.

use crate::{
    cast::faults,
    holders::{asks_for_token, current, personal, text, tokens_of},
    sign_ins::{AUTHORIZE, approves, asks_token, begins, denies, tfy_begins, tfy_polls},
};
use serde_json::json;
use std::time::Duration;
use subrosa_testkit::{TestServer, id_of, shape};

#[tokio::test]
async fn what_begins_says_where_to_go_as_that_command_line_reads_it() {
    let server = TestServer::start().await;
    let reply = server.stranger().post(AUTHORIZE, json!({ "tenantName": "default" })).await;
    let begun = reply.expect(200);
    let expected = [
        "deviceCode: string",
        "expiresInSeconds: integer",
        "intervalInSeconds: integer",
        "userCode: string",
        "verificationURI: string",
        "verificationURIComplete: string",
    ];
    assert_eq!(shape(&begun), expected);
    assert_eq!(reply.headers["cache-control"], "no-store");
    let complete = format!("http://subrosa.test/device?code={}", text(&begun, "userCode"));
    assert_eq!(begun["verificationURIComplete"], complete);
    assert_eq!((&begun["expiresInSeconds"], &begun["intervalInSeconds"]), (&json!(600), &json!(2)));
    let refused = server.stranger().post(AUTHORIZE, json!({ "tenantName": "No Such" })).await;
    assert_eq!(faults(&refused), ["/tenantName"]);
    assert_eq!(server.stranger().post(AUTHORIZE, json!({})).await.status, 422);
    tfy_begins(&server, "nowhere").await;
}

#[tokio::test]
async fn pending_is_202_approved_is_201_once_and_over_is_410() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let begun = tfy_begins(&server, "default").await;
    for _ in 0..2 {
        let pending = tfy_polls(&server, &begun).await;
        assert_eq!((pending.status.as_u16(), pending.json()), (202, json!({})));
    }
    assert_eq!(approves(&admin, &begun).await.expect(200)["label"], "tfy");
    let reply = tfy_polls(&server, &begun).await;
    let approved = reply.expect(201);
    assert_eq!(shape(&approved), ["accessToken: string", "refreshToken: null"]);
    assert_eq!(reply.headers["cache-control"], "no-store");
    let token = text(&approved, "accessToken");
    assert!(token.starts_with("tfy_"), "which that command line never refreshes");
    server.with_token(&token).get(crate::GROUPS).await.expect(200);
    assert_eq!(tfy_polls(&server, &begun).await.refused(410), "device-over");

    let (denied, late) =
        (tfy_begins(&server, "default").await, tfy_begins(&server, "default").await);
    denies(&admin, &denied).await.expect(200);
    assert_eq!(tfy_polls(&server, &denied).await.refused(410), "device-over");
    server.clock.advance(Duration::from_secs(600));
    assert_eq!(tfy_polls(&server, &late).await.refused(410), "device-over");
}

#[tokio::test]
async fn no_other_grant_is_known() {
    let server = TestServer::start().await;
    let body = |grant: &str| json!({ "tenantName": "default", "grantType": grant });
    assert_eq!(faults(&asks_token(&server, body("device_code")).await), ["/deviceCode"]);
    for grant in ["refresh_token", "password", "client_credentials", "", "DEVICE_CODE"] {
        let mut body = body(grant);
        body["refreshToken"] = json!("x");
        body["deviceCode"] = json!("x");
        assert_eq!(faults(&asks_token(&server, body).await), ["/grantType"], "{grant}");
    }
}

#[tokio::test]
async fn what_it_gets_is_a_personal_access_token_of_the_approvers() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let begun = tfy_begins(&server, "default").await;
    approves(&admin, &begun).await.expect(200);
    let token = text(&tfy_polls(&server, &begun).await.expect(201), "accessToken");
    let device = server.with_token(&token);
    let known = current(&device).await;
    assert_eq!(known["scopes"], current(&admin).await["scopes"]);
    assert_eq!(known["expiresAt"], server.clock.millis() + 90 * 86_400_000);
    let listed = tokens_of(&admin, "").await;
    let name = format!("device-{}", begun.user.to_ascii_lowercase());
    assert_eq!((listed.len(), text(&listed[0], "name")), (1, name));
    let refused = asks_for_token(&device, json!({ "name": "second" })).await;
    assert_eq!(refused.refused(400), "by-personal-token");
    admin.delete(&format!("{}/{}", crate::holders::PATS, id_of(&listed[0]))).await.expect(200);
    assert_eq!(device.get(crate::GROUPS).await.refused(401), "unauthenticated");
}

#[tokio::test]
async fn no_personal_access_token_approves_another() {
    let server = TestServer::start().await;
    let admin = server.admin("default").await;
    let laptop = personal(&server, &admin, "laptop").await;
    let begun = tfy_begins(&server, "default").await;
    let rows = server.rows();
    assert_eq!(approves(&laptop, &begun).await.refused(400), "by-personal-token");
    assert_eq!(server.rows(), rows);
    tfy_polls(&server, &begun).await.expect(202);
    denies(&laptop, &begun).await.expect(200);
    let ours = begins(&server, json!({})).await;
    approves(&laptop, &ours).await.expect(200);
}

#[tokio::test]
async fn a_sign_in_for_another_tenant_waits_for_somebody_of_that_tenant() {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let begun = tfy_begins(&server, "acme").await;
    let admin = server.admin("default").await;
    assert_eq!(approves(&admin, &begun).await.refused(404), "not-found");
    assert_eq!(denies(&admin, &begun).await.refused(404), "not-found");
    tfy_polls(&server, &begun).await.expect(202);
    let path = format!("/v1/tenants/acme/devices/{}:approve", begun.user);
    server.admin("acme").await.post(&path, json!({})).await.expect(200);
    let token = text(&tfy_polls(&server, &begun).await.expect(201), "accessToken");
    let device = server.with_token(&token);
    device.get("/v1/tenants/acme/secrets").await.expect(200);
    device.get("/v1/tenants/default/secrets").await.refused(404);
}
