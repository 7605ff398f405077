//! The `fruxon` client 2.0.2, as published: its command line, and its SDK for what the command line leaves out.

#![expect(
    clippy::indexing_slicing,
    reason = "only JSON is indexed, by name, which answers Null and never panics"
)]

use super::{
    Stop, http,
    process::{self, Finished},
    server::{self, Server},
    transcript::{Tally, Transcript},
    venv,
};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

const PACKAGE: &str = "fruxon==2.0.2";
const TENANT: &str = "acme";
const KEYS: [&str; 2] = ["BILLING_WEBHOOK", "STRIPE_API_KEY"];
const VALUES: [&str; 2] = ["canary-value-one-7Q2m", "canary-value-two-9Xk4"];
const AGENT: &str = "agent-7";

/// What the client exits with, by kind of refusal.
const EXIT_AUTH: i32 = 10;
const EXIT_NOT_FOUND: i32 = 11;
const EXIT_OVER: i32 = 12;

/// The client's own folders: one is given a token, the other gets one by itself.
const GIVEN: &str = "client";
const BY_DEVICE: &str = "device";

const CALL_LIMIT: Duration = Duration::from_secs(60);

/// Installs the client, starts a server, runs every check and counts them.
pub(super) fn run(root: &Path) -> Result<Tally, Stop> {
    let folder = tempfile::Builder::new().prefix("sr-fx-").tempdir().map_err(Stop::broken)?;
    let programs = venv::with(folder.path(), &[PACKAGE])?;
    let binary = server::build(root)?;
    for name in ["home", "keys", GIVEN, BY_DEVICE] {
        std::fs::create_dir(folder.path().join(name)).map_err(Stop::broken)?;
    }
    let server = Server::start(&binary, folder.path())?;
    let scene = Scene::set(&server)?;
    let client = Client {
        programs,
        folder: folder.path().into(),
        base: format!("http://{}", server.address),
    };
    client.sign_in(&scene.admin)?;
    let mut run = Run { client, scene, server, transcript: Transcript::watching(&VALUES) };
    run.secrets()?;
    run.refusals()?;
    run.keys()?;
    run.identity()?;
    run.sdk()?;
    run.device()?;
    run.revocation()?;
    run.end()
}

/// What the checks look at: two secrets, a grant, and tokens of every kind that matters.
struct Scene {
    secrets: Vec<String>,
    admin: String,
    bare: String,
    foreign: String,
    victim: String,
}

impl Scene {
    fn set(server: &Server) -> Result<Self, Stop> {
        for tenant in [TENANT, "other"] {
            server.operator(&["tenant", "create", tenant])?;
        }
        let admin = server.mint(TENANT, "conformance", Some("admin"))?;
        let mut secrets = Vec::new();
        for (key, value) in KEYS.iter().zip(VALUES) {
            let body = json!({"key": key, "value": value, "description": "for the client", "sensitivity": "PHI"});
            let made = post(server, &admin, "secrets", &body)?;
            let id = made["id"]
                .as_str()
                .ok_or_else(|| Stop::broken("a secret without an id"))?
                .to_owned();
            secrets.push(id);
        }
        if let Some(id) = secrets.last() {
            call(server, &admin, "PUT", &format!("secrets/{id}/grants/{AGENT}"), None)?;
        }
        Ok(Self {
            secrets,
            bare: server.mint(TENANT, "bare", None)?,
            foreign: server.mint("other", "foreign", Some("admin"))?,
            victim: server.mint(TENANT, "victim", Some("reader"))?,
            admin,
        })
    }

    fn granted(&self) -> &str {
        self.secrets.last().map_or("", String::as_str)
    }
}

fn post(server: &Server, token: &str, path: &str, body: &Value) -> Result<Value, Stop> {
    call(server, token, "POST", path, Some(body))
}

fn call(
    server: &Server,
    token: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<Value, Stop> {
    let path = format!("/v1/tenants/{TENANT}/{path}");
    let answer =
        http::send(server.address, Some(token), method, &path, body).map_err(Stop::Broken)?;
    match answer.status {
        200..=299 => Ok(answer.body),
        status => Err(Stop::Broken(format!("{method} {path} answered {status}: {}", answer.body))),
    }
}

/// The installed client, with an environment of its own.
struct Client {
    programs: PathBuf,
    folder: PathBuf,
    base: String,
}

impl Client {
    /// Writes the credentials file its login would write.
    fn sign_in(&self, token: &str) -> Result<(), Stop> {
        let record = json!({
            "workspace": TENANT,
            "workspaces": {TENANT: {"token": token, "base_url": self.base}},
            "telemetry": false,
        });
        std::fs::write(self.folder.join(GIVEN).join("credentials"), record.to_string())
            .map_err(Stop::broken)
    }

    /// Runs a program of the client's environment; `token` stands in for the credentials file's.
    fn call(&self, program: &str, words: &[&str], token: Option<&str>) -> Result<Finished, Stop> {
        let mut command = self.command(program, words, GIVEN);
        if let Some(token) = token {
            command.env("FRUXON_TOKEN", token);
        }
        process::run(&mut command, CALL_LIMIT).map_err(Stop::Broken)
    }

    /// The same, to be run, with its configuration in a folder of its own. Nothing is inherited: in a pipeline the
    /// client refuses to sign in.
    fn command(&self, program: &str, words: &[&str], configuration: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command
            .args(words)
            .env_clear()
            .current_dir(&self.folder)
            .env("PATH", &self.programs)
            .env("HOME", self.folder.join("home"))
            .env("FRUXON_CONFIG_DIR", self.folder.join(configuration))
            .envs([
                ("FRUXON_NO_UPDATE_CHECK", "1"),
                ("FRUXON_NO_TELEMETRY", "1"),
                ("FRUXON_NO_KEYRING", "1"),
            ])
            .envs([("NO_COLOR", "1"), ("COLUMNS", "160"), ("LANG", "C.UTF-8"), ("NO_PROXY", "*")]);
        command
    }

    /// The token that its own login stored.
    fn stored(&self) -> String {
        let stored = std::fs::read_to_string(self.folder.join(BY_DEVICE).join("credentials"));
        let stored: Value = serde_json::from_str(&stored.unwrap_or_default()).unwrap_or_default();
        stored["workspaces"][TENANT]["token"].as_str().unwrap_or_default().to_owned()
    }
}

/// One run of all checks.
struct Run {
    client: Client,
    scene: Scene,
    server: Server,
    transcript: Transcript,
}

impl Run {
    fn fruxon(
        &mut self,
        words: &[&str],
        token: Option<&str>,
        expected: i32,
    ) -> Result<Finished, Stop> {
        let done = self.client.call("fruxon", words, token)?;
        self.transcript.ran(&format!("fruxon {}", words.join(" ")), &done);
        self.transcript.equal("exit code", &json!(done.code), expected);
        Ok(done)
    }

    /// Runs a command that prints JSON and has to succeed.
    fn json(&mut self, words: &[&str]) -> Result<Value, Stop> {
        let done = self.fruxon(&[words, &["--output", "json"]].concat(), None, 0)?;
        Ok(serde_json::from_str(&done.stdout).unwrap_or(Value::Null))
    }

    fn secrets(&mut self) -> Result<(), Stop> {
        let listed = self.json(&["secrets", "list"])?;
        let rows = rows(&listed);
        let mut keys: Vec<&str> = rows.iter().filter_map(|row| row["key"].as_str()).collect();
        keys.sort_unstable();
        self.transcript.equal("both secrets are listed", &json!(keys), json!(KEYS));
        let live = rows.iter().all(|row| row["published"] == true && row["publishedVersion"] == 1);
        self.transcript.check("each is published at version 1", live && !rows.is_empty());
        let id = self.scene.granted().to_owned();
        let one = self.json(&["secrets", "get", &id])?;
        self.transcript.equal("get shows the key", &one["key"], KEYS[1]);
        self.transcript.equal("get shows the tier", &one["sensitivity"], "PHI");
        self.transcript.equal("get shows the description", &one["description"], "for the client");
        self.transcript.check(
            "get shows when it was made",
            one["createdAt"].as_i64().is_some_and(|at| at > 0),
        );
        let grants = self.json(&["secrets", "grants", &id])?;
        let agents: Vec<&Value> = self::rows(&grants).iter().map(|row| &row["agentId"]).collect();
        self.transcript.equal("the grant is listed", &json!(agents), json!([AGENT]));
        let text = self.fruxon(&["secrets", "list", "--output", "id"], None, 0)?;
        self.transcript.equal(
            "ids come one a line",
            &json!(text.stdout.lines().count()),
            KEYS.len(),
        );
        Ok(())
    }

    fn refusals(&mut self) -> Result<(), Stop> {
        let absent = "00000000-0000-7000-8000-000000000000";
        self.fruxon(&["secrets", "get", absent, "--output", "json"], None, EXIT_NOT_FOUND)?;
        let foreign = self.scene.foreign.clone();
        let words = ["secrets", "list", "--output", "json"];
        self.fruxon(&words, Some(&foreign), EXIT_NOT_FOUND)?;
        let bare = self.scene.bare.clone();
        let done = self.client.call("fruxon", &words, Some(&bare))?;
        self.transcript.ran("fruxon secrets list   (a token without scopes)", &done);
        self.transcript.check("a token without scopes is refused", done.code != Some(0));
        self.transcript.check("and told which one it lacks", done.stderr.contains("secrets:read"));
        let nonsense = "sr_pat_000000000000_0000000000000000000000000000000000000000000000000";
        self.fruxon(&words, Some(nonsense), EXIT_AUTH)?;
        Ok(())
    }

    fn keys(&mut self) -> Result<(), Stop> {
        let listed = self.json(&["keys", "list"])?;
        let names: Vec<&str> =
            rows(&listed).iter().filter_map(|row| row["name"].as_str()).collect();
        for name in ["conformance", "bare", "victim"] {
            self.transcript.check(&format!("{name} is listed"), names.contains(&name));
        }
        self.transcript.check("another tenant's token is not", !names.contains(&"foreign"));
        let catalogue = self.json(&["keys", "scopes"])?;
        let has = |list: &str, id: &str| rows(&catalogue[list]).iter().any(|row| row["id"] == id);
        let (scope, preset) = (has("scopes", "secrets:reveal"), has("presets", "reader"));
        self.transcript.check("the catalogue has secrets:reveal", scope);
        self.transcript.check("and the preset reader", preset);
        let history = self.json(&["keys", "history", "victim"])?;
        self.transcript.check("the history begins with its minting", has_event(&history, "MINTED"));
        self.fruxon(&["keys", "history", "victim", "--output", "text"], None, 0)?;
        Ok(())
    }

    fn identity(&mut self) -> Result<(), Stop> {
        let me = self.json(&["whoami"])?;
        self.transcript.equal("whoami is signed in", &me["signed_in"], true);
        self.transcript.equal(
            "and knows the token's name",
            &me["current_key"]["name"],
            "conformance",
        );
        let doctor = self.json(&["doctor"])?;
        for row in rows(&doctor["checks"]) {
            let what = format!("doctor: {}", row["title"].as_str().unwrap_or("?"));
            self.transcript.equal(&what, &row["status"], "ok");
        }
        self.transcript.equal("doctor finds nothing to mend", &doctor["overall"], "ok");
        let probe =
            rows(&doctor["checks"]).iter().find(|row| row["title"] == "Authenticated probe");
        let named = probe
            .and_then(|row| row["detail"].as_str())
            .is_some_and(|d| d.contains("'conformance'"));
        self.transcript.check("doctor names the token", named);
        Ok(())
    }

    /// The command line leaves minting to a browser; the SDK has it.
    fn sdk(&mut self) -> Result<(), Stop> {
        const SCRIPT: &str = "
import json, os, fruxon
client = fruxon.FruxonClient(token=os.environ['FRUXON_TOKEN'], workspace='acme', base_url=os.environ['BASE'])
made = client.generate_token({'name': 'sdk', 'preset': 'reader', 'expirationDays': 30})
turned = client.rotate_token(made['id'])
print(json.dumps({'same': made['id'] == turned['id'], 'new': made['token'] != turned['token'],
                  'scopes': sorted(turned['scopes']), 'expires': turned['expiresAt'] is not None}))
";
        let script = SCRIPT.replace("os.environ['BASE']", &format!("{:?}", self.client.base));
        let admin = self.scene.admin.clone();
        let done = self.client.call("python3", &["-c", &script], Some(&admin))?;
        self.transcript.ran("python3: generate_token, rotate_token", &done);
        let seen: Value = serde_json::from_str(&done.stdout).unwrap_or(Value::Null);
        self.transcript.equal("rotation keeps the id", &seen["same"], true);
        self.transcript.equal("and changes the token", &seen["new"], true);
        self.transcript.equal(
            "and keeps its scopes",
            &seen["scopes"],
            json!(["secrets:read", "secrets:reveal"]),
        );
        self.transcript.equal("and its window", &seen["expires"], true);
        Ok(())
    }

    /// A login in a browser: what it is good for once the operator approved it, and that a denied one gets nothing.
    fn device(&mut self) -> Result<(), Stop> {
        let done = self.login("approve")?;
        self.transcript.equal("exit code", &json!(done.code), 0);
        let token = self.client.stored();
        self.transcript.check("a token is stored for the workspace", !token.is_empty());
        self.transcript.watch([token]);
        self.transcript.ran("fruxon login   (approved meanwhile)", &done);
        let words = ["secrets", "list", "--output", "json"];
        let mut command = self.client.command("fruxon", &words, BY_DEVICE);
        let done = process::run(&mut command, CALL_LIMIT).map_err(Stop::Broken)?;
        self.transcript.ran("fruxon secrets list   (by that login)", &done);
        self.transcript.equal("exit code", &json!(done.code), 0);
        let listed: Value = serde_json::from_str(&done.stdout).unwrap_or(Value::Null);
        self.transcript.equal("both secrets are listed", &json!(rows(&listed).len()), KEYS.len());
        let listed = self.server.operator(&["token", "list", "--tenant", TENANT])?;
        let named = |row: &Value| row["name"].as_str().is_some_and(|n| n.starts_with("Fruxon CLI"));
        let one = rows(&listed["items"]).iter().filter(|row| named(row)).count();
        self.transcript.equal("its token is named after the client", &json!(one), 1);
        let done = self.login("deny")?;
        self.transcript.ran("fruxon login   (denied meanwhile)", &done);
        self.transcript.equal("exit code", &json!(done.code), EXIT_OVER);
        Ok(())
    }

    /// Begins a login and decides about it with `subrosa device` while the client waits.
    fn login(&mut self, decision: &str) -> Result<Finished, Stop> {
        let base = self.client.base.clone();
        let words = ["login", "--no-browser", "--workspace", TENANT, "--base-url", &base];
        let mut command = self.client.command("fruxon", &words, BY_DEVICE);
        let (server, mut decided) = (&self.server, None);
        let done = process::follow(&mut command, CALL_LIMIT, |line| {
            if let (Some(code), None) = (code(line), &decided) {
                let mut words = vec!["device", decision, code, "--tenant", TENANT];
                words.extend((decision == "approve").then_some("--yes"));
                decided = Some(server.operator(&words));
            }
        });
        self.transcript.check("the client shows a code", decided.is_some());
        decided.transpose()?;
        done.map_err(Stop::Broken)
    }

    fn revocation(&mut self) -> Result<(), Stop> {
        let victim = self.scene.victim.clone();
        let words = ["secrets", "list", "--output", "id"];
        self.fruxon(&words, Some(&victim), 0)?;
        self.fruxon(&["keys", "revoke", "victim"], None, 0)?;
        self.fruxon(&words, Some(&victim), EXIT_AUTH)?;
        let listed = self.json(&["keys", "list"])?;
        let row = rows(&listed).iter().find(|row| row["name"] == "victim");
        let ended = row.is_some_and(|row| row["revokedAt"].is_i64());
        self.transcript.check("the row stays, with the moment it ended", ended);
        let history = self.json(&["keys", "history", "victim"])?;
        self.transcript.check("the history has the revocation", has_event(&history, "REVOKED"));
        let used = has_event(&history, "USED_WHILE_REVOKED");
        self.transcript.check("and its use afterwards", used);
        Ok(())
    }

    fn end(mut self) -> Result<Tally, Stop> {
        let code = self.server.stop()?;
        self.transcript.equal("the server ends cleanly when asked", &json!(code), 0);
        let log = self.server.log();
        self.transcript.look(&log);
        self.transcript.no_value_was_seen();
        Ok(self.transcript.tally())
    }
}

fn rows(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn has_event(history: &Value, kind: &str) -> bool {
    rows(history).iter().any(|event| event["eventType"] == kind)
}

/// The code that the client has people compare. The address it shows beside it is not ours: for a server on this
/// machine it puts the place of its vendor's own dashboard.
fn code(line: &str) -> Option<&str> {
    line.split_once("matches: ").map(|(_, code)| code.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_what_is_to_be_compared() {
        let line = "    Verify the code in the browser matches: BCDF-GHJK ";
        assert_eq!(code(line), Some("BCDF-GHJK"));
        assert_eq!(code("Opening https://localhost:3000/device?code=BCDFGHJK"), None);
    }
}
