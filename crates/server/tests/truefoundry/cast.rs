//! Who is in these tests, and what they do, in a word each.

use crate::{ACCOUNTS, GROUPS, NOBODY, SECRETS, STORE};
use http::Method;
use serde_json::{Value, json};
use subrosa_testkit::{Actor, DEFAULT, Reply, TestServer, id_of};

/// What this surface calls a role.
pub(crate) fn role_id(role: &str) -> String {
    format!("secret-group-{role}")
}

/// Where a group is.
pub(crate) fn group_at(id: &str) -> String {
    format!("{GROUPS}/{id}")
}

/// Where a secret is.
pub(crate) fn secret_at(id: &str) -> String {
    format!("{SECRETS}/{id}")
}

/// Where our own surface has a secret.
pub(crate) fn v1_at(id: &str) -> String {
    format!("{DEFAULT}/secrets/{id}")
}

/// Where it is told who may do what in a group.
pub(crate) fn authorize_at(group: &str) -> String {
    format!("/api/svc/v1/authorize/secret-group/{group}")
}

/// Keys and values as requests have them.
pub(crate) fn pairs(secrets: &[(&str, &str)]) -> Value {
    secrets.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
}

/// A list of who has which role as requests have it: `("user:ana@acme.dev", "viewer")`.
pub(crate) fn people(named: &[(&str, &str)]) -> Value {
    let one = |(who, role): &(&str, &str)| json!({ "subject": who, "role_id": role_id(role) });
    named.iter().map(one).collect()
}

/// A group's manifest with this list of who may do what.
pub(crate) fn manifest(name: &str, named: &[(&str, &str)]) -> Value {
    json!({ "type": "secret-group", "name": name, "integration_fqn": STORE,
        "collaborators": people(named) })
}

/// The id of the store of values in a caller's tenant.
pub(crate) async fn store_id(who: &Actor) -> String {
    let stores = who.get("/api/svc/v1/provider-integrations?type=secret-store").await.expect(200);
    id_of(&stores["data"][0])
}

/// Asks for a new group.
pub(crate) async fn asks_for(who: &Actor, name: &str, secrets: &[(&str, &str)]) -> Reply {
    let store = store_id(who).await;
    let body = json!({ "name": name, "integrationId": store, "secrets": pairs(secrets) });
    who.post(GROUPS, body).await
}

/// Makes a group; the group.
pub(crate) async fn makes(who: &Actor, name: &str, secrets: &[(&str, &str)]) -> Value {
    asks_for(who, name, secrets).await.expect(200)["data"].clone()
}

/// Asks for a group's secrets to be these.
pub(crate) async fn replaces(who: &Actor, group: &str, secrets: &[(&str, &str)]) -> Reply {
    who.puts(&group_at(group), json!({ "secrets": pairs(secrets) })).await
}

/// Replaces the list of who may do what in a group.
pub(crate) async fn shares(who: &Actor, group: &str, named: &[(&str, &str)]) {
    let body = json!({ "collaborators": people(named) });
    who.puts(&authorize_at(group), body).await.expect(200);
}

/// The groups a query finds.
pub(crate) async fn groups_of(who: &Actor, query: &str) -> Vec<Value> {
    let listed = who.get(&format!("{GROUPS}?{query}")).await.expect(200);
    listed["data"].as_array().unwrap().clone()
}

/// The names of the groups a query finds, sorted.
pub(crate) async fn names_of(who: &Actor, query: &str) -> Vec<String> {
    let mut names: Vec<String> = groups_of(who, query).await.iter().map(name_of).collect();
    names.sort();
    names
}

/// The secrets a body asks for.
pub(crate) async fn secrets_of(who: &Actor, body: Value) -> Vec<Value> {
    let listed = who.post(SECRETS, body).await.expect(200);
    listed["data"].as_array().unwrap().clone()
}

/// Shows a secret; what there is of it.
pub(crate) async fn sees(who: &Actor, secret: &str) -> Value {
    who.get(&secret_at(secret)).await.expect(200)["data"].clone()
}

/// A secret's version numbers, newest first.
pub(crate) async fn versions_of(who: &Actor, secret: &str) -> Vec<u64> {
    let listed = who.get(&format!("{}/versions", secret_at(secret))).await.expect(200);
    listed["data"].as_array().unwrap().iter().map(|one| one["version"].as_u64().unwrap()).collect()
}

/// The name in an answer.
pub(crate) fn name_of(answer: &Value) -> String {
    answer["name"].as_str().unwrap().to_owned()
}

/// The id of a group's secret of this key.
#[track_caller]
pub(crate) fn secret_id(group: &Value, key: &str) -> String {
    let secrets = group["associatedSecrets"].as_array().unwrap();
    id_of(secrets.iter().find(|secret| secret["name"] == key).unwrap())
}

/// A group's keys.
pub(crate) fn keys_of(group: &Value) -> Vec<String> {
    group["associatedSecrets"].as_array().unwrap().iter().map(name_of).collect()
}

/// Who is on a group's own list and with which role: `user:ana@acme.dev secret-group-viewer`, sorted.
pub(crate) fn listed_in(group: &Value) -> Vec<String> {
    let all = group["manifest"]["collaborators"].as_array().unwrap();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let mut all: Vec<String> = all
        .iter()
        .map(|one| format!("{} {}", word(&one["subject"]), word(&one["role_id"])))
        .collect();
    all.sort();
    all
}

/// Whoever has a new personal access token of this user, who must have been named somewhere before.
pub(crate) async fn member(server: &TestServer, admin: &Actor, email: &str) -> Actor {
    let body = json!({ "name": "a-token", "userEmail": email });
    let path = "/api/svc/v1/personal-access-tokens/for-user";
    let minted = admin.post(path, body).await.expect(200);
    server.with_token(minted["token"].as_str().unwrap())
}

/// A user who becomes one here and has no role anywhere.
pub(crate) async fn outsider(server: &TestServer, admin: &Actor, email: &str) -> Actor {
    let body = json!({ "manifest": manifest("passing", &[(&format!("user:{email}"), "viewer")]) });
    admin.puts(GROUPS, body).await.expect(200);
    admin.puts(GROUPS, json!({ "manifest": manifest("passing", &[]) })).await.expect(200);
    member(server, admin, email).await
}

/// A virtual account's manifest with these roles by groups' names.
pub(crate) fn account_manifest(name: &str, roles: &[(&str, &str)]) -> Value {
    let permission = |(group, role): &(&str, &str)| {
        json!({ "resource_type": "secret-group", "resource_fqn": format!("default:{group}"),
            "role_id": role_id(role) })
    };
    let permissions: Vec<Value> = roles.iter().map(permission).collect();
    let mut manifest = json!({ "type": "virtual-account", "name": name });
    if !permissions.is_empty() {
        manifest["permissions"] = json!(permissions);
    }
    manifest
}

/// Whoever has the token of a new virtual account with these roles by groups' names.
pub(crate) async fn account(
    server: &TestServer,
    admin: &Actor,
    name: &str,
    roles: &[(&str, &str)],
) -> Actor {
    let body = json!({ "manifest": account_manifest(name, roles) });
    let made = admin.puts(ACCOUNTS, body).await.expect(200);
    server.with_token(made["token"].as_str().unwrap())
}

/// Whoever has the key of a new service account with these scopes: a principal of its own, beside the tenant's user
/// `operator`, whom all other tokens of our own kind belong to.
pub(crate) async fn service(server: &TestServer, name: &str, scopes: &[&str]) -> Actor {
    let body = json!({ "name": name, "scopes": scopes });
    let made = server.operator().post(&format!("{DEFAULT}/serviceAccounts"), body).await;
    server.with_token(made.expect(201)["key"]["token"].as_str().unwrap())
}

/// All of an answer but its request's id: its status, its headers and the bytes of its body.
pub(crate) fn bare(reply: &Reply) -> (u16, Vec<String>, String) {
    let id = reply.headers["x-request-id"].to_str().unwrap();
    let headers = reply.headers.iter().filter(|(name, _)| *name != "x-request-id");
    let mut headers: Vec<String> =
        headers.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    headers.sort();
    let body = String::from_utf8(reply.bytes.clone()).unwrap();
    (reply.status.as_u16(), headers, body.replace(id, "(the request)"))
}

/// Where a validation problem says that something is wrong.
#[track_caller]
pub(crate) fn faults(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.refused(422), "unprocessable");
    reply.json()["errors"].as_object().unwrap().keys().cloned().collect()
}

/// Asks the same of an id that there is and of one that nothing has: to this caller both are the same.
pub(crate) async fn finds_nothing(
    who: &Actor,
    method: Method,
    path: &str,
    body: Option<&Value>,
    id: &str,
) {
    let body = || body.map(|body| body.to_string().into_bytes());
    let there = who.send(method.clone(), path, body()).await;
    let absent = who.send(method.clone(), &path.replace(id, NOBODY), body()).await;
    assert_eq!(there.refused(404), "not-found", "{method} {path}");
    assert_eq!(bare(&there), bare(&absent), "{method} {path}");
}
