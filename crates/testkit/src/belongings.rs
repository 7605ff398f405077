//! What a tenant has of each kind that a path can name, by the path's parameter; and ids that nothing has.
//!
//! Tests made from the API's description fill its paths from here. A surface whose paths have a parameter of a new name
//! adds it to its own function below, and to [`absent`]: until then those tests fail.

use crate::{Actor, TestServer, id_of};
use serde_json::{Value, json};
use subrosa_domain::audit::Surface;

/// An id that nothing has.
pub const NOBODY: &str = "01900000-0000-7000-8000-000000000000";

/// Ids by the parameter of a path that they are for. One name can mean different things on two surfaces.
#[derive(Clone, Debug, Default)]
pub struct Ids(Vec<(Surface, String, String)>);

impl Ids {
    fn of<const N: usize>(surface: Surface, ids: [(&str, String); N]) -> Self {
        Self(ids.into_iter().map(|(name, id)| (surface, name.to_owned(), id)).collect())
    }

    fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// The id in this place.
    #[must_use]
    #[track_caller]
    pub fn get(&self, surface: Surface, place: &str) -> &str {
        let named = |one: &&(Surface, String, String)| one.0 == surface && one.1 == place;
        &self.0.iter().find(named).expect("belongings.rs has something for the place").2
    }

    /// The same with another id in one place.
    #[must_use]
    pub fn with(&self, surface: Surface, place: &str, id: &str) -> Self {
        let mut ids = self.clone();
        for one in &mut ids.0 {
            if one.0 == surface && one.1 == place {
                id.clone_into(&mut one.2);
            }
        }
        ids
    }

    /// A path with these in place of its parameters. One that none of them is for is one the tests do not know.
    #[must_use]
    #[track_caller]
    pub fn fill(&self, surface: Surface, path: &str) -> String {
        let ours = self.0.iter().filter(|one| one.0 == surface);
        let filled = ours
            .fold(path.to_owned(), |path, (_, name, id)| path.replace(&format!("{{{name}}}"), id));
        assert!(!filled.contains('{'), "belongings.rs has nothing for a parameter of {filled}");
        filled
    }
}

/// One of everything in the tenant. Names that are each tenant's own to choose differ from one tenant to another.
pub async fn belongings(server: &TestServer, slug: &str) -> Ids {
    let (operator, admin) = (server.operator(), server.admin(slug).await);
    let ids = v1(&operator, slug).await.and(walletcrew(&admin, slug).await);
    ids.and(truefoundry(&admin, slug).await)
}

/// The same parameters with ids and names that nothing in the tenant has.
#[must_use]
pub fn absent(slug: &str) -> Ids {
    let (nobody, tenant) = (|name| (name, NOBODY.to_owned()), ("tenant", slug.to_owned()));
    let v1 = ["secret", "credential", "revision", "account", "token"].map(nobody);
    let v1_names = [
        tenant.clone(),
        ("agent", "agent".to_owned()),
        ("code", "NNNNNNNN".to_owned()),
        ("deviceCode", "n".repeat(43)),
    ];
    let walletcrew = [tenant, ("key", "NO-KEY".to_owned()), ("keyName", "no-key".to_owned())];
    let truefoundry = ["secret", "group", "account", "jwt", "token", "binding"].map(nobody);
    let truefoundry_words = [("resourceType", "secret-group".to_owned())];
    Ids::of(Surface::V1, v1)
        .and(Ids::of(Surface::V1, v1_names))
        .and(Ids::of(Surface::Walletcrew, walletcrew))
        .and(Ids::of(Surface::Truefoundry, truefoundry))
        .and(Ids::of(Surface::Truefoundry, truefoundry_words))
}

async fn v1(operator: &Actor, slug: &str) -> Ids {
    let base = format!("/v1/tenants/{slug}");
    let secret = json!({ "key": "K", "value": "v", "disclosure": "READABLE" });
    let secret = operator.post(&format!("{base}/secrets"), secret).await.expect(201);
    let id = id_of(&secret);
    operator.put(&format!("{base}/secrets/{id}/grants/agent")).await.expect(200);
    let made = operator.post(&format!("{base}/serviceAccounts"), json!({})).await.expect(201);
    let device = operator.post("/v1/deviceAuthorizations", json!({ "tenant": slug })).await;
    let device = device.expect(201);
    let ids = [
        ("tenant", slug.to_owned()),
        ("secret", id.clone()),
        ("credential", id),
        ("revision", text(&secret["publishedRevisionId"])),
        ("agent", "agent".to_owned()),
        ("account", id_of(&made["serviceAccount"])),
        ("token", id_of(&made["key"])),
        ("code", text(&device["userCode"])),
        ("deviceCode", text(&device["deviceCode"])),
    ];
    Ids::of(Surface::V1, ids)
}

async fn walletcrew(admin: &Actor, slug: &str) -> Ids {
    let base = format!("/api/{slug}");
    let (key, name) = (format!("KEY-OF-{slug}"), format!("key.of.{slug}"));
    admin.puts(&format!("{base}/secrets/{key}"), json!({ "value": "v" })).await.expect(204);
    admin.post(&format!("{base}/admin/apiKeys"), json!({ "name": name })).await.expect(201);
    Ids::of(Surface::Walletcrew, [("tenant", slug.to_owned()), ("key", key), ("keyName", name)])
}

async fn truefoundry(admin: &Actor, slug: &str) -> Ids {
    const BASE: &str = "/api/svc/v1";
    let post = async |path: &str, body: Value| {
        admin.post(&format!("{BASE}/{path}"), body).await.expect(200)
    };
    let put = async |path: &str, manifest: Value| {
        let body = json!({ "manifest": manifest });
        admin.puts(&format!("{BASE}/{path}"), body).await.expect(200)["data"].clone()
    };
    let stores = admin.get(&format!("{BASE}/provider-integrations")).await.expect(200);
    let (name, store) = (format!("group-of-{slug}"), &stores["data"][0]["id"]);
    let group = json!({ "name": name, "integrationId": store,
        "secrets": [{ "key": "K", "value": "v" }] });
    let group = post("secret-groups", group).await["data"].clone();
    let account = json!({ "type": "virtual-account", "name": format!("account-of-{slug}"),
        "permissions": [{ "resource_type": "secret-group", "resource_fqn": group["fqn"],
            "role_id": "secret-group-viewer" }] });
    let account = put("virtual-accounts", account).await;
    let binding = json!({ "type": "role-binding", "name": format!("binding-of-{slug}"),
        "subjects": [{ "type": "virtualaccount", "name": account["name"] }],
        "permissions": [{ "resourceType": "secret-group", "resourceFqn": group["fqn"],
            "role": "secret-group-viewer" }] });
    let binding = put("role-bindings", binding).await;
    post("personal-access-tokens", json!({ "name": format!("token-of-{slug}") })).await;
    let tokens = admin.get(&format!("{BASE}/personal-access-tokens")).await.expect(200);
    let ids = [
        ("group", id_of(&group)),
        ("secret", id_of(&group["associatedSecrets"][0])),
        ("account", id_of(&account)),
        ("jwt", text(&account["jwtId"])),
        ("token", id_of(&tokens["data"][0])),
        ("binding", id_of(&binding)),
        ("resourceType", "secret-group".to_owned()),
    ];
    Ids::of(Surface::Truefoundry, ids)
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}
