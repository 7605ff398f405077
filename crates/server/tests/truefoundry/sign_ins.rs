//! What is done in a sign-in by device code, in a word each.

use crate::holders::text;
use axum::body::Body;
use form_urlencoded::Serializer;
use http::{Request, header};
use serde_json::{Value, json};
use subrosa_testkit::{Actor, DEFAULT, Reply, TestServer};

/// Where one of our own begins, and one of the fruxon command line.
pub(crate) const SIGN_INS: &str = "/v1/deviceAuthorizations";

/// Where one of the truefoundry command line begins, and where it asks what became of it.
pub(crate) const AUTHORIZE: &str = "/api/svc/v1/oauth2/device-authorize";
const TOKEN: &str = "/api/svc/v1/oauth2/token";

/// A sign-in that began: the code for people, and the device's own.
pub(crate) struct Begun {
    pub(crate) user: String,
    pub(crate) device: String,
}

impl Begun {
    fn of(started: &Value) -> Self {
        Self { user: text(started, "userCode"), device: text(started, "deviceCode") }
    }
}

/// Begins a sign-in out of this body.
pub(crate) async fn begins(server: &TestServer, body: Value) -> Begun {
    Begun::of(&server.stranger().post(SIGN_INS, body).await.expect(201))
}

/// Begins one as the truefoundry command line does.
pub(crate) async fn tfy_begins(server: &TestServer, tenant: &str) -> Begun {
    let body = json!({ "tenantName": tenant });
    Begun::of(&server.stranger().post(AUTHORIZE, body).await.expect(200))
}

/// Asks what became of a sign-in.
pub(crate) async fn polls(server: &TestServer, begun: &Begun) -> Reply {
    server.stranger().get(&format!("{SIGN_INS}/{}", begun.device)).await
}

/// The same as the truefoundry command line does.
pub(crate) async fn tfy_polls(server: &TestServer, begun: &Begun) -> Reply {
    let body = json!({ "tenantName": "default", "deviceCode": begun.device,
        "grantType": "device_code", "returnJWT": true });
    server.stranger().post(TOKEN, body).await
}

/// Asks for anything of a token's.
pub(crate) async fn asks_token(server: &TestServer, body: Value) -> Reply {
    server.stranger().post(TOKEN, body).await
}

/// Where a code is shown and decided in the tenant `default`.
pub(crate) fn code_at(code: &str) -> String {
    format!("{DEFAULT}/devices/{code}")
}

/// Approves a sign-in.
pub(crate) async fn approves(who: &Actor, begun: &Begun) -> Reply {
    who.post(&format!("{}:approve", code_at(&begun.user)), json!({})).await
}

/// Denies a sign-in.
pub(crate) async fn denies(who: &Actor, begun: &Begun) -> Reply {
    who.post(&format!("{}:deny", code_at(&begun.user)), json!({})).await
}

/// A form as a browser sends it, with these headers besides.
pub(crate) fn form(fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Request<Body> {
    let body = Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post("/device");
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(Body::from(body)).unwrap()
}

/// Sends a form of the page from this address: its status and its text.
pub(crate) async fn submits_from(
    server: &TestServer,
    peer: &str,
    fields: &[(&str, &str)],
) -> (u16, String) {
    let reply = server.stranger().from(peer).send_whole(form(fields, &[])).await;
    (reply.status.as_u16(), String::from_utf8(reply.bytes).unwrap())
}

/// The same from wherever.
pub(crate) async fn submits(server: &TestServer, fields: &[(&str, &str)]) -> (u16, String) {
    submits_from(server, "127.0.0.1", fields).await
}
