//! What is asked, so that every kind of commit is made and every kind of value read, by operation as the description
//! names it. What an operation needs is made first, anew each time.

use super::stage::Stage;
use serde_json::{Value, json};
use subrosa_testkit::{Actor, DEFAULT, Reply, document::Operation, id_of};

const TFY: &str = "/api/svc/v1";
const STORE: &str = "default:truefoundry:subrosa:secret-store:built-in";

/// A request.
pub(super) struct Ask {
    who: Actor,
    method: String,
    path: String,
    body: Option<Value>,
}

impl Ask {
    /// Looks at one of the things that there are.
    pub(super) fn read(stage: &Stage, read: &Operation) -> Self {
        let who = read.master(&stage.operator, &stage.admin).clone();
        Self { who, method: "GET".into(), path: read.at(&stage.ids), body: None }
    }

    pub(super) async fn send(&self) -> Reply {
        let method = self.method.parse().expect("a method");
        let body = self.body.as_ref().map(|body| body.to_string().into_bytes());
        self.who.send(method, &self.path, body).await
    }
}

/// Every operation that is asked here; those first that do most.
pub(super) const ALL: &[&str] = &[
    "POST /api/svc/v1/secret-groups",
    "PUT /api/svc/v1/secret-groups/{group}",
    "DELETE /v1/tenants/{tenant}",
    "POST /v1/tenants",
    "POST /v1/tenants/{tenant}/keys:rotate",
    "POST /v1/tenants/{tenant}/secrets/{secret}:publish",
    "GET /v1/deviceAuthorizations/{deviceCode}",
    "POST /v1/tenants/{tenant}/secrets",
    "PATCH /v1/tenants/{tenant}/secrets/{secret}",
    "DELETE /v1/tenants/{tenant}/secrets/{secret}",
    "POST /v1/tenants/{tenant}/secrets/{secret}:rollback",
    "POST /v1/tenants/{tenant}/secrets/{secret}:reveal",
    "POST /v1/tenants/{tenant}/secrets:reveal",
    "PUT /v1/tenants/{tenant}/secrets/{secret}/grants/{agent}",
    "DELETE /v1/tenants/{tenant}/secrets/{secret}/grants/{agent}",
    "POST /v1/tenants/{tenant}/serviceAccounts",
    "DELETE /v1/tenants/{tenant}/serviceAccounts/{account}",
    "POST /v1/tenants/{tenant}/serviceAccounts/{account}:rotate",
    "POST /v1/tenants/{tenant}/tokens:generate",
    "POST /v1/tenants/{tenant}/tokens/{token}:rotate",
    "DELETE /v1/tenants/{tenant}/tokens/{token}",
    "DELETE /v1/tenants/{tenant}/tokens/current",
    "POST /v1/tenants/{tenant}/devices/{code}:approve",
    "POST /v1/tenants/{tenant}/devices/{code}:deny",
    "PUT /api/{tenant}/secrets/{key}",
    "DELETE /api/{tenant}/secrets/{key}",
    "GET /api/{tenant}/secrets/{key}",
    "POST /api/{tenant}/admin/apiKeys",
    "PATCH /api/{tenant}/admin/apiKeys/{keyName}",
    "PUT /api/{tenant}/admin/apiKeys/{keyName}",
    "DELETE /api/{tenant}/admin/apiKeys/{keyName}",
    "PUT /api/svc/v1/secret-groups",
    "DELETE /api/svc/v1/secret-groups/{group}",
    "POST /api/svc/v1/secrets",
    "GET /api/svc/v1/secrets/{secret}",
    "DELETE /api/svc/v1/secrets/{secret}",
    "PUT /api/svc/v1/apply",
    "POST /api/svc/v1/delete",
    "POST /api/svc/v1/authorize/{resourceType}/{group}",
    "PUT /api/svc/v1/authorize/{resourceType}/{group}",
    "DELETE /api/svc/v1/authorize/{resourceType}/{group}",
    "POST /api/svc/v1/personal-access-tokens",
    "POST /api/svc/v1/personal-access-tokens/for-user",
    "DELETE /api/svc/v1/personal-access-tokens/revoke/all",
    "DELETE /api/svc/v1/personal-access-tokens/{token}",
    "PUT /api/svc/v1/role-bindings",
    "POST /api/svc/v1/role-bindings/inline",
    "DELETE /api/svc/v1/role-bindings/{binding}",
    "PUT /api/svc/v1/virtual-accounts",
    "DELETE /api/svc/v1/virtual-accounts/{account}",
    "DELETE /api/svc/v1/virtual-accounts/{account}/jwt/{jwt}",
    "POST /api/svc/v1/virtual-accounts/{account}/regenerate-token",
    "POST /api/svc/v1/virtual-accounts/{account}/sync-to-secret-store",
    "POST /api/svc/v1/oauth2/token",
];

pub(super) fn is_listed(name: &str) -> bool {
    ALL.contains(&name)
}

/// Makes what an operation needs; the request.
pub(super) async fn ask(stage: &Stage, name: &str) -> Ask {
    let (method, path) = name.split_once(' ').expect("a method and a path");
    let (who, path, body) = match path {
        path if path.starts_with(TFY) => truefoundry(stage, name).await,
        path if path.starts_with("/api/") => walletcrew(stage, name).await,
        _ => v1(stage, name).await,
    };
    let body = (!body.is_null()).then_some(body);
    Ask { who, method: method.into(), path, body }
}

type Parts = (Actor, String, Value);

async fn v1(stage: &Stage, name: &str) -> Parts {
    let (who, n) = (stage.operator.clone(), stage.fresh());
    let at = |rest: &str| format!("{DEFAULT}/{rest}");
    let secret = async || who.keeps(&format!("S{n}"), "v").await;
    let post = async |rest: &str, body: Value| who.post(&at(rest), body).await.expect(201);
    let (path, body) = match name.split_once(' ').expect("a path").1 {
        "/v1/tenants" => ("/v1/tenants".into(), json!({ "slug": format!("t{n}") })),
        "/v1/tenants/{tenant}" => (tenant(stage, n).await, Value::Null),
        "/v1/tenants/{tenant}/keys:rotate" => {
            (format!("{}/keys:rotate", tenant(stage, n).await), Value::Null)
        }
        "/v1/tenants/{tenant}/secrets" => {
            let body = json!({ "key": format!("S{n}"), "value": "v", "sensitivity": "PII" });
            (at("secrets"), body)
        }
        "/v1/tenants/{tenant}/secrets/{secret}" => {
            let body = json!({ "description": "d", "sensitivity": "PHI" });
            let body = if name.starts_with("PATCH") { body } else { Value::Null };
            (at(&format!("secrets/{}", secret().await)), body)
        }
        "/v1/tenants/{tenant}/secrets/{secret}:publish" => {
            (at(&format!("secrets/{}:publish", secret().await)), json!({ "value": "w" }))
        }
        "/v1/tenants/{tenant}/secrets/{secret}:rollback" => {
            let made = post("secrets", json!({ "key": format!("S{n}"), "value": "v" })).await;
            who.publishes(&id_of(&made), "w").await;
            let body = json!({ "revisionId": made["publishedRevisionId"] });
            (at(&format!("secrets/{}:rollback", id_of(&made))), body)
        }
        "/v1/tenants/{tenant}/secrets/{secret}:reveal" => {
            let id = who.keeps_as("PII", &format!("S{n}"), "v").await;
            (at(&format!("secrets/{id}:reveal")), json!({}))
        }
        "/v1/tenants/{tenant}/secrets:reveal" => {
            let strict = who.keeps_as("FINANCIAL", &format!("F{n}"), "w").await;
            let items = json!([{ "id": secret().await }, { "id": strict }]);
            (at("secrets:reveal"), json!({ "items": items }))
        }
        "/v1/tenants/{tenant}/secrets/{secret}/grants/{agent}" => {
            let path = at(&format!("secrets/{}/grants/agent", secret().await));
            if name.starts_with("DELETE") {
                who.put(&path).await.expect(200);
            }
            (path, Value::Null)
        }
        "/v1/tenants/{tenant}/serviceAccounts" => {
            (at("serviceAccounts"), json!({ "name": format!("a{n}") }))
        }
        "/v1/tenants/{tenant}/serviceAccounts/{account}" => {
            let made = post("serviceAccounts", json!({})).await;
            (at(&format!("serviceAccounts/{}", id_of(&made["serviceAccount"]))), Value::Null)
        }
        "/v1/tenants/{tenant}/serviceAccounts/{account}:rotate" => {
            let made = post("serviceAccounts", json!({})).await;
            let id = id_of(&made["serviceAccount"]);
            (at(&format!("serviceAccounts/{id}:rotate")), Value::Null)
        }
        "/v1/tenants/{tenant}/tokens:generate" => (at("tokens:generate"), json!({})),
        "/v1/tenants/{tenant}/tokens/{token}:rotate" => {
            let made = who.mints(json!({})).await;
            (at(&format!("tokens/{}:rotate", id_of(&made))), json!({}))
        }
        "/v1/tenants/{tenant}/tokens/{token}" => {
            let made = who.mints(json!({})).await;
            (at(&format!("tokens/{}", id_of(&made))), Value::Null)
        }
        "/v1/tenants/{tenant}/tokens/current" => {
            let own = stage.server.token("default", &["secrets:read"]).await;
            return (own, at("tokens/current"), Value::Null);
        }
        "/v1/tenants/{tenant}/devices/{code}:approve" => {
            let (user, _) = begun(stage).await;
            (at(&format!("devices/{user}:approve")), json!({}))
        }
        "/v1/tenants/{tenant}/devices/{code}:deny" => {
            let (user, _) = begun(stage).await;
            (at(&format!("devices/{user}:deny")), json!({}))
        }
        "/v1/deviceAuthorizations/{deviceCode}" => {
            let path = format!("/v1/deviceAuthorizations/{}", approved(stage).await);
            return (stage.server.stranger(), path, Value::Null);
        }
        _ => panic!("nobody knows what {name} needs"),
    };
    (who, path, body)
}

async fn walletcrew(stage: &Stage, name: &str) -> Parts {
    let (who, n) = (stage.admin.clone(), stage.fresh());
    let base = "/api/default";
    let value = json!({ "value": "v" });
    let (path, body) = match name.split_once(' ').expect("a path").1 {
        "/api/{tenant}/secrets/{key}" => {
            let path = format!("{base}/secrets/W{n}");
            if name.starts_with("PUT") {
                (path, value)
            } else {
                who.puts(&path, value).await.expect(204);
                (path, Value::Null)
            }
        }
        "/api/{tenant}/admin/apiKeys" => {
            (format!("{base}/admin/apiKeys"), json!({ "name": format!("w{n}") }))
        }
        "/api/{tenant}/admin/apiKeys/{keyName}" => {
            let made = json!({ "name": format!("w{n}") });
            who.post(&format!("{base}/admin/apiKeys"), made).await.expect(201);
            let body = match name.split_once(' ').expect("a method").0 {
                "PATCH" => json!({ "enabled": false }),
                "PUT" => json!({ "enabled": false, "permissions": [] }),
                _ => Value::Null,
            };
            (format!("{base}/admin/apiKeys/w{n}"), body)
        }
        _ => panic!("nobody knows what {name} needs"),
    };
    (who, path, body)
}

async fn truefoundry(stage: &Stage, name: &str) -> Parts {
    let (who, n) = (stage.admin.clone(), stage.fresh());
    let at = |rest: &str| format!("{TFY}/{rest}");
    let mail = format!("u{n}@acme.dev");
    let viewers = json!([{ "subject": format!("user:{mail}"), "role_id": "secret-group-viewer" }]);
    let manifest = json!({ "type": "secret-group", "name": format!("group-{n}"),
        "integration_fqn": STORE, "collaborators": viewers });
    let (path, body) = match name.split_once(' ').expect("a path").1 {
        "/api/svc/v1/secret-groups" if name.starts_with("PUT") => {
            (at("secret-groups"), json!({ "manifest": manifest }))
        }
        "/api/svc/v1/secret-groups" => (at("secret-groups"), group_body(stage, n).await),
        "/api/svc/v1/secret-groups/{group}" => {
            let id = id_of(&group(stage, n).await);
            let set =
                json!({ "secrets": [{ "key": "A", "value": "w" }, { "key": "C", "value": "x" }] });
            let body = if name.starts_with("PUT") { set } else { Value::Null };
            (at(&format!("secret-groups/{id}")), body)
        }
        "/api/svc/v1/secrets" => {
            let id = id_of(&group(stage, n).await);
            (at("secrets"), json!({ "withValue": true, "secretGroupId": id }))
        }
        "/api/svc/v1/secrets/{secret}" => {
            let id = id_of(&group(stage, n).await["associatedSecrets"][0]);
            (at(&format!("secrets/{id}")), Value::Null)
        }
        "/api/svc/v1/apply" => (at("apply"), json!({ "manifest": manifest })),
        "/api/svc/v1/delete" => {
            let manifest = json!({ "manifest": manifest });
            who.puts(&at("apply"), manifest.clone()).await.expect(200);
            (at("delete"), manifest)
        }
        "/api/svc/v1/authorize/{resourceType}/{group}" => {
            let path = at(&format!("authorize/secret-group/{}", id_of(&group(stage, n).await)));
            let body = json!({ "collaborators": viewers });
            if name.starts_with("DELETE") {
                who.post(&path, body).await.expect(200);
                (path, json!({ "subjects": [format!("user:{mail}")] }))
            } else {
                (path, body)
            }
        }
        "/api/svc/v1/personal-access-tokens" => {
            (at("personal-access-tokens"), json!({ "name": format!("token-{n}") }))
        }
        "/api/svc/v1/personal-access-tokens/for-user" => {
            who.puts(&at("apply"), json!({ "manifest": manifest })).await.expect(200);
            let body = json!({ "name": format!("token-{n}"), "userEmail": mail });
            (at("personal-access-tokens/for-user"), body)
        }
        "/api/svc/v1/personal-access-tokens/revoke/all" => {
            who.puts(&at("apply"), json!({ "manifest": manifest })).await.expect(200);
            let body = json!({ "name": format!("token-{n}"), "userEmail": mail });
            who.post(&at("personal-access-tokens/for-user"), body).await.expect(200);
            (at("personal-access-tokens/revoke/all"), json!({ "email": mail }))
        }
        "/api/svc/v1/personal-access-tokens/{token}" => {
            let body = json!({ "name": format!("token-{n}") });
            who.post(&at("personal-access-tokens"), body).await.expect(200);
            let all = who.get(&at("personal-access-tokens")).await.expect(200);
            let own = |one: &&Value| one["name"] == format!("token-{n}");
            let one = all["data"].as_array().and_then(|all| all.iter().find(own)).cloned();
            let id = id_of(&one.expect("it was made"));
            (at(&format!("personal-access-tokens/{id}")), Value::Null)
        }
        "/api/svc/v1/role-bindings" => {
            (at("role-bindings"), json!({ "manifest": binding(stage, n).await }))
        }
        "/api/svc/v1/role-bindings/inline" => {
            (at("role-bindings/inline"), json!({ "manifest": binding(stage, n).await }))
        }
        "/api/svc/v1/role-bindings/{binding}" => {
            let body = json!({ "manifest": binding(stage, n).await });
            let made = who.puts(&at("role-bindings"), body).await.expect(200);
            (at(&format!("role-bindings/{}", id_of(&made["data"]))), Value::Null)
        }
        "/api/svc/v1/virtual-accounts" => {
            (at("virtual-accounts"), json!({ "manifest": account_manifest(stage, n).await }))
        }
        "/api/svc/v1/virtual-accounts/{account}" => {
            let made = account(stage, n).await;
            (at(&format!("virtual-accounts/{}", id_of(&made))), Value::Null)
        }
        "/api/svc/v1/virtual-accounts/{account}/jwt/{jwt}" => {
            let made = account(stage, n).await;
            let jwt = made["jwtId"].as_str().expect("an id");
            (at(&format!("virtual-accounts/{}/jwt/{jwt}", id_of(&made))), Value::Null)
        }
        "/api/svc/v1/virtual-accounts/{account}/regenerate-token" => {
            let made = account(stage, n).await;
            let path = at(&format!("virtual-accounts/{}/regenerate-token", id_of(&made)));
            (path, json!({ "gracePeriodInMinutes": 5 }))
        }
        "/api/svc/v1/virtual-accounts/{account}/sync-to-secret-store" => {
            let made = account(stage, n).await;
            let path = at(&format!("virtual-accounts/{}/sync-to-secret-store", id_of(&made)));
            (path, Value::Null)
        }
        "/api/svc/v1/oauth2/token" => {
            let body = json!({ "tenantName": "default", "grantType": "device_code",
                "deviceCode": approved(stage).await, "returnJWT": true });
            return (stage.server.stranger(), at("oauth2/token"), body);
        }
        _ => panic!("nobody knows what {name} needs"),
    };
    (who, path, body)
}

/// A tenant with nothing in it; where it is.
async fn tenant(stage: &Stage, n: u64) -> String {
    let path = format!("/v1/tenants/t{n}");
    stage.operator.post("/v1/tenants", json!({ "slug": format!("t{n}") })).await.expect(201);
    path
}

/// A sign-in that was begun: its codes for its user and for its device.
async fn begun(stage: &Stage) -> (String, String) {
    let body = json!({ "tenant": "default" });
    let begun = stage.server.stranger().post("/v1/deviceAuthorizations", body).await.expect(201);
    let text = |name: &str| begun[name].as_str().expect("a code").to_owned();
    (text("userCode"), text("deviceCode"))
}

/// The device's code of a sign-in that was approved.
async fn approved(stage: &Stage) -> String {
    let (user, device) = begun(stage).await;
    let path = format!("{DEFAULT}/devices/{user}:approve");
    stage.admin.post(&path, json!({})).await.expect(200);
    device
}

async fn group_body(stage: &Stage, n: u64) -> Value {
    let stores = stage.admin.get(&format!("{TFY}/provider-integrations")).await.expect(200);
    json!({ "name": format!("group-{n}"), "integrationId": stores["data"][0]["id"],
        "secrets": [{ "key": "A", "value": "v" }, { "key": "B", "value": "v" }] })
}

async fn group(stage: &Stage, n: u64) -> Value {
    let body = group_body(stage, n).await;
    let made = stage.admin.post(&format!("{TFY}/secret-groups"), body).await.expect(200);
    made["data"].clone()
}

async fn binding(stage: &Stage, n: u64) -> Value {
    let group = group(stage, n).await;
    json!({ "type": "role-binding", "name": format!("binding-{n}"),
        "subjects": [{ "type": "user", "name": format!("u{n}@acme.dev") }],
        "permissions": [{ "resourceType": "secret-group", "resourceFqn": group["fqn"],
            "role": "secret-group-viewer" }] })
}

/// A virtual account with a role in a group of its own, which keeps its token.
async fn account_manifest(stage: &Stage, n: u64) -> Value {
    let group = group(stage, n).await;
    json!({ "type": "virtual-account", "name": format!("account-{n}"),
        "secret_store_config":
            { "type": "tfy-secrets", "secret_group": format!("group-{n}"), "key": "TOKEN" },
        "permissions": [{ "resource_type": "secret-group", "resource_fqn": group["fqn"],
            "role_id": "secret-group-viewer" }] })
}

async fn account(stage: &Stage, n: u64) -> Value {
    let body = json!({ "manifest": account_manifest(stage, n).await });
    let made = stage.admin.puts(&format!("{TFY}/virtual-accounts"), body).await.expect(200);
    made["data"].clone()
}
