//! A real OpenID provider, and a server of ours that is configured to believe it.
//!
//! The provider issues every token, refused ones too: nothing here makes one. What is asked for says what it is like.

#![expect(
    clippy::indexing_slicing,
    reason = "only JSON is indexed, by name, which answers Null and never panics"
)]

mod provider;

use super::{
    Stop,
    http::{self, Answer},
    server::{self, Server},
    transcript::{Tally, Transcript},
};
use provider::{Provider, Running};
use serde_json::{Value, json};
use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

const VALUES: [&str; 2] = ["canary-value-one-7Q2m", "canary-value-two-9Xk4"];
const SECRETS: &str = "/v1/tenants/acme/secrets";
const GROUPS: &str = "/api/svc/v1/secret-groups";
const READ: &str = "vault.read";
const WRITE: &str = "vault.read vault.write vault.reveal";

/// How long a token may take to end, and new keys to be asked for: the floor is a minute.
const TURN_LIMIT: Duration = Duration::from_secs(90);

/// Installs the provider, starts it and a server, runs every check and counts them.
pub(super) fn run(root: &Path) -> Result<Tally, Stop> {
    let folder = tempfile::Builder::new().prefix("sr-oi-").tempdir().map_err(Stop::broken)?;
    let provider = Provider::install(folder.path())?;
    let binary = server::build(root)?;
    for name in ["home", "keys"] {
        std::fs::create_dir(folder.path().join(name)).map_err(Stop::broken)?;
    }
    let running = provider.start(0)?;
    let file = folder.path().join("subrosa.toml");
    std::fs::write(&file, configuration(&running.issuer)).map_err(Stop::broken)?;
    // At this level most is said, and still no token and no value may be.
    let words = ["--config", &file.to_string_lossy(), "--log-level", "trace"];
    let server = Server::start_with(&binary, folder.path(), &words)?;
    for tenant in ["acme", "other"] {
        server.operator(&["tenant", "create", tenant])?;
    }
    let admin = server.mint("acme", "conformance", Some("admin"))?;
    let transcript = Transcript::watching(&VALUES);
    let mut run = Run { provider, running, server, admin, transcript };
    run.accepted()?;
    run.scopes()?;
    run.tenants()?;
    run.roles()?;
    run.refused()?;
    run.expiry()?;
    run.new_keys()?;
    run.absence()?;
    run.end()
}

/// Two tables for one provider: an audience for each tenant.
fn configuration(issuer: &str) -> String {
    format!(
        r#"[[issuer]]
name = "provider"
tenant = "acme"
url = "{issuer}"
audience = "subrosa"
token_type = "at+jwt"
scopes = [
  {{ claim = "scope", value = "vault.read", grant = ["secrets:read"] }},
  {{ claim = "scope", value = "vault.write", grant = ["secrets:write"] }},
  {{ claim = "scope", value = "vault.reveal", grant = ["secrets:reveal"] }},
]
roles = [{{ claim = "groups", value = "platform", group = "payments", role = "editor" }}]

[[issuer]]
name = "provider-other"
tenant = "other"
url = "{issuer}"
audience = "subrosa-other"
scopes = [{{ grant = ["secrets:read"] }}]
"#
    )
}

/// One run of all checks.
struct Run {
    provider: Provider,
    running: Running,
    server: Server,
    admin: String,
    transcript: Transcript,
}

impl Run {
    /// A token for ten minutes.
    fn token(&mut self, client: &str, algorithm: &str, scope: &str) -> Result<String, Stop> {
        self.token_like(client, &format!("{algorithm}/600/subrosa"), scope)
    }

    fn token_like(&mut self, client: &str, like: &str, scope: &str) -> Result<String, Stop> {
        let resource =
            if like.is_empty() { String::new() } else { format!("https://secrets.test/{like}") };
        let token = self.provider.token(&self.running, client, &resource, scope)?;
        self.transcript.watch([token.clone()]);
        Ok(token)
    }

    fn send(
        &mut self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Stop> {
        let answer = http::send(self.server.address, Some(token), method, path, body);
        answer.map_err(Stop::Broken)
    }

    fn status(&mut self, what: &str, token: &str, path: &str, expected: u16) -> Result<(), Stop> {
        let answer = self.send(token, "GET", path, None)?;
        self.transcript.equal(what, &json!(answer.status), expected);
        Ok(())
    }

    fn accepted(&mut self) -> Result<(), Stop> {
        for algorithm in ["RS256", "ES256", "EdDSA"] {
            let token = self.token("reader", algorithm, READ)?;
            self.status(
                &format!("a token signed with {algorithm} is accepted"),
                &token,
                SECRETS,
                200,
            )?;
        }
        Ok(())
    }

    fn scopes(&mut self) -> Result<(), Stop> {
        let (reader, writer) =
            (self.token("reader", "ES256", READ)?, self.token("writer", "ES256", WRITE)?);
        let body = json!({"key": "FROM_A_PIPELINE", "value": VALUES[0], "disclosure": "READABLE"});
        let refused = self.send(&reader, "POST", SECRETS, Some(&body))?;
        self.transcript.equal("who has vault.read may not write", &json!(refused.status), 403);
        self.transcript.equal(
            "and is told which scope",
            &refused.body["required"],
            "secrets:write",
        );
        let made = self.send(&writer, "POST", SECRETS, Some(&body))?;
        self.transcript.equal("who has vault.write may", &json!(made.status), 201);
        let reveal = format!("{SECRETS}/{}:reveal", made.body["id"].as_str().unwrap_or_default());
        let hidden = self.send(&reader, "POST", &reveal, Some(&json!({})))?;
        self.transcript.equal("a value is not for who may list", &json!(hidden.status), 403);
        let shown = self.send(&writer, "POST", &reveal, Some(&json!({})))?;
        let right = shown.status == 200 && shown.body["value"] == VALUES[0];
        self.transcript.check("and is for who has vault.reveal", right);
        Ok(())
    }

    fn tenants(&mut self) -> Result<(), Stop> {
        let other = "/v1/tenants/other/secrets";
        let ours = self.token("reader", "ES256", READ)?;
        self.status("another tenant is not there", &ours, other, 404)?;
        let theirs = self.token_like("reader", "ES256/600/subrosa-other", READ)?;
        self.status("the audience of the other tenant leads there", &theirs, other, 200)?;
        self.status("and not to the first", &theirs, SECRETS, 404)
    }

    fn roles(&mut self) -> Result<(), Stop> {
        let admin = self.admin.clone();
        let stores = self.send(&admin, "GET", "/api/svc/v1/provider-integrations", None)?;
        let body = json!({
            "name": "payments",
            "integrationId": stores.body["data"][0]["id"],
            "secrets": [{"key": "CARD_KEY", "value": VALUES[1]}],
        });
        let made = self.send(&admin, "POST", GROUPS, Some(&body))?;
        self.transcript.equal("a group is made", &json!(made.status), 200);
        let path = format!("{GROUPS}/{}", made.body["data"]["id"].as_str().unwrap_or_default());
        let (member, stranger) =
            (self.token("writer", "EdDSA", WRITE)?, self.token("outsider", "EdDSA", WRITE)?);
        let seen = self.groups(&member)?;
        self.transcript.equal(
            "who is in `platform` sees it",
            &seen,
            json!(["default", "payments"]),
        );
        let seen = self.groups(&stranger)?;
        self.transcript.equal("who is not sees what scopes show", &seen, json!(["default"]));
        self.status("an editor gets it", &member, &path, 200)?;
        self.status("a stranger does not", &stranger, &path, 404)?;
        let more = json!({"secrets": [{"key": "CARD_KEY"}, {"key": "MORE", "value": VALUES[1]}]});
        let changed = self.send(&member, "PUT", &path, Some(&more))?;
        self.transcript.equal("an editor changes it", &json!(changed.status), 200);
        let kept = self.send(&member, "DELETE", &path, None)?;
        self.transcript.equal("and does not delete it", &json!(kept.status), 403);
        let narrow = self.token("writer", "EdDSA", READ)?;
        let changed = self.send(&narrow, "PUT", &path, Some(&more))?;
        self.transcript.equal("a role gives no scope", &json!(changed.status), 403);
        Ok(())
    }

    /// The names of the groups that a token sees, in order.
    fn groups(&mut self, token: &str) -> Result<Value, Stop> {
        let listed = self.send(token, "GET", GROUPS, None)?;
        let rows = listed.body["data"].as_array().map_or(&[][..], Vec::as_slice);
        let mut names: Vec<&str> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
        names.sort_unstable();
        Ok(json!(names))
    }

    fn refused(&mut self) -> Result<(), Stop> {
        let foreign = self.token_like("writer", "ES256/600/somebody-else", WRITE)?;
        self.status("a token for somebody else is refused", &foreign, SECRETS, 401)?;
        let opaque = self.token_like("writer", "", "")?;
        self.status("an opaque token is refused", &opaque, SECRETS, 401)?;
        let token = self.token("writer", "ES256", WRITE)?;
        let cut = token.get(..token.len() - 1).unwrap_or_default().to_owned();
        self.status("a token cut by a letter is refused", &cut, SECRETS, 401)?;
        let (reader, parts) = (self.token("reader", "ES256", READ)?, |text: &str| {
            text.split('.').map(str::to_owned).collect::<Vec<_>>()
        });
        let mixed: Vec<String> =
            parts(&reader).into_iter().take(2).chain(parts(&token).into_iter().skip(2)).collect();
        self.status("one with another's signature is refused", &mixed.join("."), SECRETS, 401)
    }

    fn expiry(&mut self) -> Result<(), Stop> {
        let token = self.token_like("reader", "ES256/5/subrosa", READ)?;
        self.status("a token for 5 s is accepted", &token, SECRETS, 200)?;
        let ended = self.until(&token, 401)?;
        self.transcript.check("and refused after them", ended);
        Ok(())
    }

    /// The provider starts anew, at its old address, with keys nobody has seen.
    fn new_keys(&mut self) -> Result<(), Stop> {
        let old = self.token("reader", "ES256", READ)?;
        self.running.stop();
        self.status("a token outlives its provider's absence", &old, SECRETS, 200)?;
        let port = self.running.port();
        self.running = self.provider.start(port)?;
        let new = self.token("reader", "ES256", READ)?;
        let accepted = self.until(&new, 200)?;
        self.transcript.check("a token of new keys is accepted within the floor", accepted);
        self.status("and one of the keys they replaced is refused", &old, SECRETS, 401)
    }

    fn absence(&mut self) -> Result<(), Stop> {
        let token = self.token("reader", "RS256", READ)?;
        self.running.stop();
        self.status("known keys are believed without their provider", &token, SECRETS, 200)
    }

    fn end(mut self) -> Result<Tally, Stop> {
        let code = self.server.stop()?;
        self.transcript.equal("the server ends cleanly when asked", &json!(code), 0);
        self.transcript.look(&self.server.log());
        self.transcript.no_value_was_seen();
        Ok(self.transcript.tally())
    }

    /// Asks until the answer is the expected one.
    fn until(&mut self, token: &str, expected: u16) -> Result<bool, Stop> {
        let start = Instant::now();
        while start.elapsed() < TURN_LIMIT {
            if self.send(token, "GET", SECRETS, None)?.status == expected {
                return Ok(true);
            }
            thread::sleep(Duration::from_millis(250));
        }
        Ok(false)
    }
}
