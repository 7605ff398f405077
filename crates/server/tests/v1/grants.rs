//! `grants`: which agents may use a secret.

use crate::NOBODY;
use serde_json::json;
use std::time::Duration;
use subrosa_testkit::{DEFAULT, TestServer, shape};

#[tokio::test]
async fn granting_twice_is_granting_once() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "v").await;
    let path = format!("{DEFAULT}/secrets/{id}/grants/agent-7@acme.dev");
    let granted = operator.put(&path).await.expect(200);
    let expected = [
        "agentId: string",
        "createdAt: integer",
        "createdBy: string",
        "id: string",
        "secretId: string",
    ];
    assert_eq!(shape(&granted), expected);
    assert_eq!(granted["agentId"], "agent-7@acme.dev");
    assert_eq!((&granted["secretId"], &granted["createdBy"]), (&json!(id), &json!("operator:0")));
    server.clock.advance(Duration::from_secs(5));
    assert_eq!(operator.put(&path).await.expect(200), granted, "the grant that is there");
    let listed = operator.get(&format!("{DEFAULT}/secrets/{id}/grants")).await.expect(200);
    assert_eq!(listed, json!([granted]));
    let events = operator.events("action=grant.create").await;
    assert_eq!(events.len(), 1);
    assert_eq!(
        events[0]["resource"],
        json!({ "kind": "grant", "id": id, "key": "agent-7@acme.dev" })
    );
}

#[tokio::test]
async fn taking_a_grant_back_works_with_and_without_one() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "v").await;
    let path = format!("{DEFAULT}/secrets/{id}/grants/a");
    operator.put(&path).await.expect(200);
    for _ in 0..2 {
        assert_eq!(operator.delete(&path).await.status, 204);
    }
    let listed = operator.get(&format!("{DEFAULT}/secrets/{id}/grants")).await.expect(200);
    assert_eq!(listed, json!([]));
    assert_eq!(operator.events("action=grant.delete").await.len(), 1);
    assert_ne!(operator.put(&path).await.expect(200)["id"], json!(null));
}

#[tokio::test]
async fn sixteen_grants_of_one_agent_at_once_are_one_grant() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let path = format!("{DEFAULT}/secrets/{}/grants/a", operator.keeps("K", "v").await);
    let mut granting = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (operator, path) = (operator.clone(), path.clone());
        granting.spawn(async move { operator.put(&path).await.expect(200) });
    }
    let granted = granting.join_all().await;
    assert!(granted.iter().all(|grant| *grant == granted[0]));
    assert_eq!(operator.events("action=grant.create").await.len(), 1);
}

#[tokio::test]
async fn a_secret_that_is_not_there_has_no_grants_to_read_give_or_take() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let grants = format!("{DEFAULT}/secrets/{NOBODY}/grants");
    let listed = operator.get(&grants).await;
    assert_eq!(listed.refused(404), "not-found");
    for reply in
        [operator.put(&format!("{grants}/a")).await, operator.delete(&format!("{grants}/a")).await]
    {
        assert_eq!(reply.refused(404), "not-found");
        assert_eq!(reply.without_instance(), listed.without_instance());
    }
}

#[tokio::test]
async fn an_agent_that_cannot_be_one_is_refused() {
    let server = TestServer::start().await;
    let operator = server.operator();
    let id = operator.keeps("K", "v").await;
    for agent in ["a%20b", "%24", &"a".repeat(129)] {
        let refused = operator.put(&format!("{DEFAULT}/secrets/{id}/grants/{agent}")).await;
        assert_eq!(refused.status, 400, "{agent}");
    }
    let longest = format!("{DEFAULT}/secrets/{id}/grants/{}", "a".repeat(128));
    operator.put(&longest).await.expect(200);
}

#[tokio::test]
async fn writing_grants_takes_its_own_scope_and_reading_them_that_of_secrets() {
    let server = TestServer::start().await;
    let id = server.operator().keeps("K", "v").await;
    let grants = format!("{DEFAULT}/secrets/{id}/grants");
    let granter = server.token("default", &["grants:write"]).await;
    granter.put(&format!("{grants}/a")).await.expect(200);
    assert_eq!(granter.get(&grants).await.expect(403)["required"], "secrets:read");
    let reader = server.token("default", &["secrets:read", "secrets:write"]).await;
    reader.get(&grants).await.expect(200);
    assert_eq!(reader.put(&format!("{grants}/b")).await.expect(403)["required"], "grants:write");
}
