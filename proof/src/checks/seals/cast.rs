//! The rows that are edited, each made for its edit, and who asks for it afterwards.

use super::edits::Edit;
use rusqlite::Connection;
use serde_json::{Value, json};
use subrosa_testkit::{Actor, Reply, TestServer, blob, id_of};

/// What the edits of columns that decide nothing write.
pub(super) const BY_HAND: &str = "written by hand";

const V1: &str = "/v1/tenants";
const TRUEFOUNDRY: &str = "/api/svc/v1";

/// What kind of row is edited, and by whom it is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Noun {
    /// A secret, shown.
    Secret,
    /// A secret, revealed.
    Value,
    /// A token, used.
    Token,
    /// A token that was revoked, used.
    RevokedToken,
    /// A token, shown.
    KnownToken,
    /// A token that somebody has, under another id.
    MadeUpToken,
    /// A service account, by its key.
    Account,
    /// A service account that was revoked.
    RevokedAccount,
    /// A virtual account, shown.
    VirtualAccount,
    /// A virtual account, asked for by name.
    NamedAccount,
    Group,
    Binding,
    /// A grant on a secret of its own.
    Grant,
    /// A secret without a grant.
    Ungranted,
    /// A row that was never written, as what this says.
    MadeUp(&'static str),
    /// A tenant, asked for by what its slug becomes.
    Tenant,
    /// A tenant, asked for by its slug.
    SameTenant,
    /// A tenant that was deleted.
    DeletedTenant,
    /// A tenant's keys, of which one is retired.
    Keys,
    /// A tenant's signing key, by a token that it signed.
    SigningKey,
    /// The same, by having it sign.
    SigningSeed,
}

/// A row and its edit.
pub(super) struct Edited {
    pub(super) edit: &'static Edit,
    /// The statements.
    pub(super) sql: String,
    /// The id by which the record must name it.
    pub(super) names: String,
    before: Ask,
    after: Ask,
}

/// A request that has to believe the row.
#[derive(Clone)]
struct Ask {
    /// Whose token; the operator asks where there is none.
    token: Option<String>,
    post: bool,
    path: String,
}

/// What the rows are made beside.
pub(super) struct Cast {
    made: u64,
    acme: String,
    their: String,
    default: String,
    admin: String,
    acme_admin: String,
    others: Others,
}

/// One row of each kind that nobody edits.
struct Others {
    secret: String,
    token: String,
    group: String,
    account: String,
}

impl Edited {
    /// By which door it is asked for: each words its refusal in its own way.
    pub(super) fn door(&self) -> &'static str {
        if self.after.path.starts_with(TRUEFOUNDRY) { "truefoundry" } else { "v1" }
    }

    /// Asks for the row, as it is before the edit or after it.
    pub(super) async fn asks(&self, server: &TestServer, before: bool) -> Reply {
        let ask = if before { &self.before } else { &self.after };
        let who = match &ask.token {
            Some(token) => server.with_token(token),
            None => server.operator(),
        };
        match ask.post {
            true => who.post(&ask.path, json!({})).await,
            false => who.get(&ask.path).await,
        }
    }
}

impl Cast {
    pub(super) async fn make(server: &TestServer) -> Self {
        server.tenant("acme").await;
        let operator = server.operator();
        let id = async |slug: &str| id_of(&operator.get(&format!("{V1}/{slug}")).await.expect(200));
        let (acme, default) = (id("acme").await, id("default").await);
        let their =
            one(server, &format!("SELECT id FROM principals WHERE tenant_id = {}", blob(&acme)));
        let token = |actor: Actor| actor.token().unwrap().to_owned();
        let admin = token(server.admin("default").await);
        let acme_admin = token(server.admin("acme").await);
        let mut cast = Self {
            made: 1_000,
            acme,
            their,
            default,
            admin,
            acme_admin,
            others: Others {
                secret: String::new(),
                token: String::new(),
                group: String::new(),
                account: String::new(),
            },
        };
        let secret = cast.secret(server).await;
        server
            .operator()
            .put(&format!("{V1}/default/secrets/{secret}/grants/agent"))
            .await
            .expect(200);
        let body = json!({ "preset": "admin" });
        let minted =
            operator.post(&format!("{V1}/default/tokens:generate"), body).await.expect(201);
        let group = cast.group(server).await.0;
        let shared = json!({ "collaborators":
            [{ "subject": "user:ana@acme.dev", "role_id": "secret-group-viewer" }] });
        let path = format!("{TRUEFOUNDRY}/authorize/secret-group/{group}");
        server.with_token(&cast.admin).puts(&path, shared).await.expect(200);
        let account = cast.virtual_account(server, "default").await.0;
        cast.service_account(server).await;
        cast.others = Others { secret, token: id_of(&minted), group, account };
        cast
    }

    /// A number that no other row has.
    fn next(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// Makes a row for an edit.
    pub(super) async fn row(&mut self, server: &TestServer, edit: &'static Edit) -> Edited {
        let operator = server.operator();
        let get = |path: String| Ask { token: None, post: false, path };
        let health = |token: &str| Ask {
            token: Some(token.to_owned()),
            post: false,
            path: format!("{V1}/default/auth/health"),
        };
        let mut other = self.others.secret.clone();
        let mut names = None;
        let (id, before, after) = match edit.noun {
            Noun::Secret => {
                let id = self.secret(server).await;
                let ask = get(format!("{V1}/default/secrets/{id}"));
                (id, ask.clone(), ask)
            }
            Noun::Value => {
                let id = self.secret(server).await;
                let path = format!("{V1}/default/secrets/{id}:reveal");
                let ask = Ask { token: None, post: true, path };
                (id, ask.clone(), ask)
            }
            Noun::Token | Noun::RevokedToken | Noun::KnownToken | Noun::MadeUpToken => {
                let body = json!({ "scopes": ["secrets:read"], "expirationDays": 30 });
                let path = format!("{V1}/default/tokens");
                let minted = operator.post(&format!("{path}:generate"), body).await.expect(201);
                let id = id_of(&minted);
                if matches!(edit.noun, Noun::RevokedToken) {
                    operator.delete(&format!("{path}/{id}")).await.expect(204);
                }
                other.clone_from(&self.others.token);
                let ask = match edit.noun {
                    Noun::KnownToken => get(format!("{path}/{id}")),
                    _ => health(minted["token"].as_str().unwrap()),
                };
                if matches!(edit.noun, Noun::MadeUpToken) {
                    names = Some(self.fresh());
                }
                (id, ask.clone(), ask)
            }
            Noun::Account | Noun::RevokedAccount => {
                let (id, token) = self.service_account(server).await;
                if matches!(edit.noun, Noun::RevokedAccount) {
                    let path = format!("{V1}/default/serviceAccounts/{id}");
                    operator.delete(&path).await.expect(204);
                }
                (id, health(&token), health(&token))
            }
            Noun::VirtualAccount | Noun::NamedAccount => {
                let (id, name, _) = self.virtual_account(server, "default").await;
                let ask = match edit.noun {
                    Noun::NamedAccount => format!("exists?name={name}"),
                    _ => id.clone(),
                };
                let ask = self.shown(&format!("virtual-accounts/{ask}"));
                (id, ask.clone(), ask)
            }
            Noun::Group => {
                let id = self.group(server).await.0;
                other.clone_from(&self.others.group);
                let ask = self.shown(&format!("secret-groups/{id}"));
                (id, ask.clone(), ask)
            }
            Noun::Binding => {
                let id = self.binding(server).await;
                let ask = self.shown(&format!("role-bindings/{id}"));
                (id, ask.clone(), ask)
            }
            Noun::Grant | Noun::Ungranted => {
                let id = self.secret(server).await;
                let path = format!("{V1}/default/secrets/{id}/grants");
                if matches!(edit.noun, Noun::Grant) {
                    operator.put(&format!("{path}/agent")).await.expect(200);
                }
                (id, get(path.clone()), get(path))
            }
            Noun::MadeUp(what) => {
                let id = self.fresh();
                let ask = match what {
                    "secrets" => get(format!("{V1}/default/secrets/{id}")),
                    "tenants" => {
                        other.clone_from(&self.acme);
                        get(format!("{V1}/madeup-{}", self.made + 1))
                    }
                    "secret-groups" => {
                        other.clone_from(&self.others.group);
                        self.shown(&format!("secret-groups/{id}"))
                    }
                    _ => {
                        other.clone_from(&self.others.account);
                        self.shown(&format!("virtual-accounts/{id}"))
                    }
                };
                (id, get(V1.to_owned()), ask)
            }
            Noun::Tenant | Noun::SameTenant | Noun::DeletedTenant => {
                let (slug, id) = self.tenant(server).await;
                let ask = get(format!("{V1}/{slug}"));
                let mut before = ask.clone();
                let mut after = ask;
                if matches!(edit.noun, Noun::Tenant) {
                    after = get(format!("{V1}/other-{}", self.made + 1));
                }
                if matches!(edit.noun, Noun::DeletedTenant) {
                    operator.delete(&format!("{V1}/{slug}")).await.expect(204);
                    before = get(V1.to_owned());
                }
                (id, before, after)
            }
            Noun::Keys => {
                let (slug, id) = self.tenant(server).await;
                let base = format!("{V1}/{slug}");
                let body = json!({ "key": "K", "value": "v", "disclosure": "READABLE" });
                operator.post(&format!("{base}/keys:rotate"), json!({})).await.expect(200);
                let made = operator.post(&format!("{base}/secrets"), body).await.expect(201);
                let path = format!("{base}/secrets/{}:reveal", id_of(&made));
                let ask = Ask { token: None, post: true, path };
                (id, ask.clone(), ask)
            }
            Noun::SigningKey | Noun::SigningSeed => {
                let (slug, tenant) = self.tenant(server).await;
                let (account, _, token) = self.virtual_account(server, &slug).await;
                let sql =
                    format!("SELECT id FROM signing_keys WHERE tenant_id = {}", blob(&tenant));
                let token = match edit.noun {
                    Noun::SigningKey => token,
                    _ => server.admin(&slug).await.token().unwrap().to_owned(),
                };
                let path = match edit.noun {
                    Noun::SigningKey => format!("{TRUEFOUNDRY}/secret-groups"),
                    _ => format!("{TRUEFOUNDRY}/virtual-accounts/{account}/token"),
                };
                let ask = Ask { token: Some(token), post: false, path };
                (one(server, &sql), ask.clone(), ask)
            }
        };
        let after = if edit.moved { self.moved(after) } else { after };
        let names = names.unwrap_or_else(|| id.clone());
        let sql = edit.sql.replace("{id}", &blob(&id)).replace("{other}", &blob(&other));
        let sql = sql.replace("{acme}", &blob(&self.acme)).replace("{their}", &blob(&self.their));
        let sql = sql.replace("{tenant}", &blob(&self.default)).replace("{fresh}", &blob(&names));
        let sql = sql.replace("{n}", &self.next().to_string());
        Edited { edit, sql, names, before, after }
    }

    /// Rows whose edited columns decide nothing: where they are shown, and the edits.
    pub(super) async fn unsealed(&mut self, server: &TestServer) -> Vec<(String, String)> {
        let secret = self.secret(server).await;
        let (slug, tenant) = self.tenant(server).await;
        let body = json!({ "scopes": ["secrets:read"] });
        let minted = server.operator().post(&format!("{V1}/default/tokens:generate"), body).await;
        let token = id_of(&minted.expect(201));
        let edit = |table: &str, column: &str, id: &str| {
            format!("UPDATE {table} SET {column} = '{BY_HAND}' WHERE id = {}", blob(id))
        };
        vec![
            (format!("{V1}/default/secrets/{secret}"), edit("secrets", "description", &secret)),
            (format!("{V1}/{slug}"), edit("tenants", "name", &tenant)),
            (format!("{V1}/default/tokens/{token}"), edit("tokens", "name", &token)),
        ]
    }

    /// What an administrator of the tenant `default` is shown on truefoundry's surface.
    fn shown(&self, what: &str) -> Ask {
        let path = format!("{TRUEFOUNDRY}/{what}");
        Ask { token: Some(self.admin.clone()), post: false, path }
    }

    /// The same request in the tenant `acme`. A token that is moved there is asked there itself.
    fn moved(&self, ask: Ask) -> Ask {
        let path = ask.path.replace("/default/", "/acme/");
        let token = match ask.token {
            Some(token) if token == self.admin => Some(self.acme_admin.clone()),
            token => token,
        };
        Ask { token, path, ..ask }
    }

    fn fresh(&mut self) -> String {
        format!("01900000-0000-7000-8000-{:012x}", self.next())
    }

    async fn secret(&mut self, server: &TestServer) -> String {
        let now = server.clock.millis();
        let key = format!("S{}", self.next());
        let body = json!({ "key": key, "value": "one", "disclosure": "READABLE",
            "sensitivity": "PHI", "notBefore": now - 1_000, "expiresOn": now + 1_000_000_000 });
        let id = id_of(&server.operator().creates(body).await);
        server.operator().publishes(&id, "two").await;
        id
    }

    /// A service account, and its key.
    async fn service_account(&mut self, server: &TestServer) -> (String, String) {
        let body =
            json!({ "name": format!("service-{}", self.next()), "scopes": ["secrets:read"] });
        let made = server.operator().post(&format!("{V1}/default/serviceAccounts"), body).await;
        let made = made.expect(201);
        (id_of(&made["serviceAccount"]), text(&made["key"]["token"]))
    }

    /// A virtual account of a tenant, its name, and its token.
    async fn virtual_account(
        &mut self,
        server: &TestServer,
        slug: &str,
    ) -> (String, String, String) {
        let admin = match slug {
            "default" => server.with_token(&self.admin),
            slug => server.admin(slug).await,
        };
        let name = format!("account-{}", self.next());
        let body = json!({ "manifest": { "type": "virtual-account", "name": name } });
        let made = admin.puts(&format!("{TRUEFOUNDRY}/virtual-accounts"), body).await.expect(200);
        (id_of(&made["data"]), name, text(&made["token"]))
    }

    /// A group with a secret in it, and the group's name elsewhere.
    async fn group(&mut self, server: &TestServer) -> (String, String) {
        let admin = server.with_token(&self.admin);
        let stores = admin.get(&format!("{TRUEFOUNDRY}/provider-integrations")).await.expect(200);
        let body = json!({ "name": format!("group-{}", self.next()),
            "integrationId": stores["data"][0]["id"], "secrets": [{ "key": "K", "value": "v" }] });
        let made = admin.post(&format!("{TRUEFOUNDRY}/secret-groups"), body).await.expect(200);
        (id_of(&made["data"]), text(&made["data"]["fqn"]))
    }

    async fn binding(&mut self, server: &TestServer) -> String {
        let (_, group) = self.group(server).await;
        let (_, account, _) = self.virtual_account(server, "default").await;
        let manifest = json!({ "type": "role-binding", "name": format!("binding-{}", self.next()),
            "subjects": [{ "type": "virtualaccount", "name": account }],
            "permissions": [{ "resourceType": "secret-group", "resourceFqn": group,
                "role": "secret-group-viewer" }] });
        let admin = server.with_token(&self.admin);
        let body = json!({ "manifest": manifest });
        let made = admin.puts(&format!("{TRUEFOUNDRY}/role-bindings"), body).await.expect(200);
        id_of(&made["data"])
    }

    /// A tenant's slug and its id.
    async fn tenant(&mut self, server: &TestServer) -> (String, String) {
        let slug = format!("tenant-{}", self.next());
        let made = server.operator().post(V1, json!({ "slug": slug })).await.expect(201);
        (slug, id_of(&made))
    }
}

/// The one id that a query finds.
fn one(server: &TestServer, sql: &str) -> String {
    let conn = Connection::open(server.store_file()).unwrap();
    let id: [u8; 16] = conn.query_row(sql, [], |row| row.get(0)).unwrap();
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}
