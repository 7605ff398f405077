//! `credentialAuditEvents`: the view of reveals.

use crate::NOBODY;
use serde_json::{Value, json};
use subrosa_testkit::{DEFAULT, TestServer, id_of, shape};

#[tokio::test]
async fn reveals_are_shown_as_decryptions_with_their_outcome() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let open = operator.keeps_as("PHI", "OPEN", "v").await;
    let closed = id_of(&operator.creates(json!({ "key": "CLOSED", "value": "v" })).await);
    operator.reveals(&open).await.expect(200);
    operator.reveals(&closed).await.expect(403);
    let page = operator.get(&format!("{DEFAULT}/credentialAuditEvents")).await.expect(200);
    assert_eq!(shape(&page), ["items: array", "nextPageToken: null", "totalCount: integer"]);
    let events = page["items"].as_array().unwrap();
    let expected = [
        "actor: null",
        "agentId: null",
        "createdAt: integer",
        "failureReason: null",
        "id: string",
        "integrationAuthId: null",
        "integrationKind: null",
        "operation: string",
        "requestId: string",
        "secretId: string",
        "sensitivity: string",
        "success: boolean",
        "tenantId: string",
        "toolId: null",
        "userId: string",
    ];
    let read = events.iter().find(|event| event["secretId"] == open).unwrap();
    assert_eq!(shape(read), expected);
    assert_eq!((&read["operation"], &read["success"]), (&json!("DECRYPT"), &json!(true)));
    let refused = events.iter().find(|event| event["secretId"] == closed).unwrap();
    assert_eq!(
        (&refused["success"], &refused["failureReason"]),
        (&json!(false), &json!("use-only"))
    );
    assert_eq!(events.len(), 2);
}

#[tokio::test]
async fn they_are_sifted_by_tier_operation_outcome_and_secret() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let phi = operator.keeps_as("PHI", "A", "v").await;
    let pii = operator.keeps_as("PII", "B", "v").await;
    let closed = id_of(&operator.creates(json!({ "key": "C", "value": "v" })).await);
    for id in [&phi, &pii, &closed] {
        operator.reveals(id).await;
    }
    let ids = async |query: &str| -> Value {
        let page =
            operator.get(&format!("{DEFAULT}/credentialAuditEvents{query}")).await.expect(200);
        let mut ids: Vec<String> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["secretId"].as_str().unwrap().into())
            .collect();
        ids.sort();
        json!(ids)
    };
    assert_eq!(ids("?sensitivity=PHI").await, json!([phi]));
    assert_eq!(ids("?Sensitivity=UNSPECIFIED").await, json!([phi, pii, closed]));
    assert_eq!(ids("?successOnly=true").await, json!([phi, pii]));
    assert_eq!(ids("?successOnly=false").await, json!([closed]));
    assert_eq!(ids("?operation=DECRYPT&PageSize=2&successOnly=true").await, json!([phi, pii]));
    assert_eq!(ids("?operation=SIGN").await, json!([]));
    assert_eq!(ids(&format!("/{phi}")).await, json!([phi]));
    assert_eq!(ids(&format!("/{NOBODY}")).await, json!([]));
    for query in ["sensitivity=phi", "operation=READ", "successOnly=1", "pageToken=x"] {
        let refused = operator.get(&format!("{DEFAULT}/credentialAuditEvents?{query}")).await;
        assert_eq!(refused.refused(400), "invalid-request", "{query}");
    }
    let path = format!("{DEFAULT}/credentialAuditEvents/not-an-id");
    assert_eq!(operator.get(&path).await.refused(404), "not-found");
}
