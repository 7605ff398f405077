//! `secrets`.

use serde_json::json;
use subrosa_testkit::TestServer;

const SECRETS: &str = "/v1/tenants/default/secrets";

#[tokio::test]
async fn the_operator_creates_a_secret_and_sees_all_of_it_but_the_value() {
    let server = TestServer::start().await;
    let body = json!({ "key": "STRIPE", "value": "canary", "note": "first" });
    let made = server.operator().post(SECRETS, body).await;
    let secret = made.expect(201);
    assert_eq!(made.headers["location"], format!("{SECRETS}/{}", secret["id"].as_str().unwrap()));
    assert_eq!(secret["key"], "STRIPE");
    assert_eq!(secret["sensitivity"], "STANDARD");
    assert_eq!(secret["disclosure"], "USE_ONLY", "v1 promises that no read returns the value");
    assert_eq!(secret["publishedVersion"], 1);
    assert_eq!(secret["createdBy"], "operator:0");
    let listed = server.operator().get(SECRETS).await.expect(200);
    assert_eq!(listed, json!([secret]));
    assert!(!listed.to_string().contains("canary"));
}
