//! `auditEvents:verify?deep=true`: a row that was edited is named, and one that was put back shows in the sum.

use serde_json::{Value, json};
use subrosa_domain::audit::Surface;
use subrosa_testkit::{
    TestServer,
    belongings::{Ids, belongings},
    blob,
};

const VERIFY: &str = "/v1/tenants/acme/auditEvents:verify?deep=true";

/// A server whose tenant `acme` has one of everything.
async fn furnished() -> (TestServer, Ids) {
    let server = TestServer::start().await;
    server.tenant("acme").await;
    let ids = belongings(&server, "acme").await;
    (server, ids)
}

async fn verified(server: &TestServer) -> Value {
    server.operator().get(VERIFY).await.expect(200)
}

#[tokio::test]
async fn rows_that_nobody_touched_hold_and_add_up() {
    let (server, _) = furnished().await;
    let found = verified(&server.restart().await).await;
    assert_eq!(found["states"], json!({ "rows": true, "heads": true, "edited": [] }));
    assert_eq!(found["intact"], true);
}

#[tokio::test]
async fn a_row_whose_columns_were_edited_is_named_whatever_it_says_of_itself() {
    let (v1, tf) = (Surface::V1, Surface::Truefoundry);
    let edits = [
        ("secret", v1, "secret", "UPDATE secrets SET sensitivity = 5 WHERE id = {id}"),
        ("secret", v1, "secret", "UPDATE secrets SET group_id = X'00' WHERE id = {id}"),
        ("token", v1, "token", "UPDATE tokens SET scopes = 'tenant:admin' WHERE id = {id}"),
        ("token", v1, "token", "UPDATE tokens SET kind = 99 WHERE id = {id}"),
        ("principal", v1, "account", "UPDATE principals SET kind = 99 WHERE id = {id}"),
        ("group", tf, "group", "UPDATE groups SET members = X'' WHERE id = {id}"),
        ("roleBinding", tf, "binding", "UPDATE role_bindings SET name = 'b' WHERE id = {id}"),
    ];
    for (kind, surface, named, sql) in edits {
        let (server, ids) = furnished().await;
        let id = ids.get(surface, named).to_owned();
        let server = server.tampered(&sql.replace("{id}", &blob(&id))).await;
        let found = verified(&server).await;
        let edited = json!([{ "kind": kind, "id": id, "key": null }]);
        let mut states = found["states"].clone();
        states["edited"][0]["key"] = Value::Null;
        assert_eq!(states, json!({ "rows": true, "heads": true, "edited": edited }), "{sql}");
        assert_eq!((&found["intact"], &found["fault"]), (&json!(false), &Value::Null), "{sql}");
        let log = "/v1/tenants/acme/auditEvents";
        let on_record = server.operator().all_events(log, "action=integrity.failure").await;
        assert_eq!(on_record[0]["resource"]["id"], json!(id), "{sql}");
    }
}

#[tokio::test]
async fn grants_and_signing_keys_are_looked_at_as_well() {
    for (kind, sql) in [
        ("grant", "UPDATE grants SET agent_id = 'another'"),
        ("signingKey", "UPDATE signing_keys SET public = randomblob(32)"),
    ] {
        let (server, _) = furnished().await;
        let server = server.tampered(sql).await;
        let states = verified(&server).await["states"].clone();
        assert_eq!((&states["rows"], &states["edited"][0]["kind"]), (&json!(true), &json!(kind)));
    }
}

#[tokio::test]
async fn a_row_that_was_put_back_is_genuine_and_the_rows_are_not_the_latest() {
    let (server, ids) = furnished().await;
    let stopped = server.stop().await;
    stopped.executes("CREATE TABLE old AS SELECT * FROM secrets");
    let server = stopped.start().await;
    let publish =
        format!("{}:publish", ids.fill(Surface::V1, "/v1/tenants/{tenant}/secrets/{secret}"));
    server.operator().post(&publish, json!({ "value": "second" })).await.expect(200);
    let id = blob(ids.get(Surface::V1, "secret"));
    let columns = "row_version, seal, live_revision_id, live_version, latest_version, modified_at";
    let sql = format!(
        "UPDATE secrets SET ({columns}) = (SELECT {columns} FROM old WHERE id = {id}) WHERE id = {id}"
    );
    let server = server.tampered(&sql).await;
    let states = verified(&server).await["states"].clone();
    assert_eq!(states, json!({ "rows": false, "heads": true, "edited": [] }));
}
