//! The `tfy` command line: signing in both ways, and applying and deleting a group's manifest.

use super::TENANT;
use crate::conformance::{
    Stop, http,
    process::{self, Finished},
    server::Server,
    transcript::Transcript,
};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// One start of the client takes several seconds, nearly all of them to load itself.
const CALL_LIMIT: Duration = Duration::from_secs(120);

const SERVICE: &str = "/api/svc/v1";
const GROUP: &str = "from-the-command-line";

/// Runs every check of the command line.
pub(super) fn run(
    transcript: &mut Transcript,
    server: &Server,
    programs: &Path,
    folder: &Path,
    admin: &str,
) -> Result<(), Stop> {
    let token = mint(server, admin)?;
    transcript.watch([token.clone()]);
    let mut run = Run {
        transcript,
        server,
        programs,
        home: folder.join("client"),
        host: format!("http://{}", server.address),
        admin,
        token,
    };
    let store = run.store()?;
    run.manifests(&store)?;
    run.by_environment()?;
    run.by_key()?;
    run.by_device()
}

/// A token the client takes: it reads any other that is not a JWT as a broken one.
fn mint(server: &Server, admin: &str) -> Result<String, Stop> {
    let path = format!("{SERVICE}/personal-access-tokens");
    let body = json!({"name": "command-line"});
    let made = http::send(server.address, Some(admin), "POST", &path, Some(&body));
    let made = made.map_err(Stop::Broken)?;
    let token = made.body.get("token").and_then(Value::as_str).map(str::to_owned);
    token.ok_or_else(|| Stop::Broken(format!("POST {path} answered {}: no token", made.status)))
}

/// One run of the command line's checks.
struct Run<'run> {
    transcript: &'run mut Transcript,
    server: &'run Server,
    programs: &'run Path,
    home: PathBuf,
    host: String,
    admin: &'run str,
    token: String,
}

impl Run<'_> {
    /// What is at `path`, asked for without the client.
    fn get(&self, path: &str) -> Result<Value, Stop> {
        let path = format!("{SERVICE}/{path}");
        let answer = http::send(self.server.address, Some(self.admin), "GET", &path, None);
        let answer = answer.map_err(Stop::Broken)?;
        match answer.status {
            200 => Ok(answer.body),
            status => Err(Stop::Broken(format!("GET {path} answered {status}"))),
        }
    }

    /// The fqn of the tenant's store.
    fn store(&self) -> Result<String, Stop> {
        let listed = self.get("provider-integrations?type=secret-store")?;
        let fqn = listed.pointer("/data/0/fqn").and_then(Value::as_str).map(str::to_owned);
        fqn.ok_or_else(|| Stop::broken("no secret store is listed"))
    }

    /// The group the manifest is about, or `Null`.
    fn group(&self) -> Result<Value, Stop> {
        let listed = self.get(&format!("secret-groups?fqn={TENANT}:{GROUP}"))?;
        Ok(listed.pointer("/data/0").cloned().unwrap_or_default())
    }

    /// Writes a manifest that can be applied, one with a person more, and one that cannot be.
    fn manifests(&self, store: &str) -> Result<(), Stop> {
        let text = |store: &str, person: &str| {
            format!(
                "type: secret-group\nname: {GROUP}\nintegration_fqn: {store}\ncollaborators:\n  \
                 - subject: user:{person}@acme.dev\n    role_id: secret-group-editor\n"
            )
        };
        let absent = format!("{TENANT}:no:such:secret-store:there");
        for (name, text) in [
            ("group.yaml", text(store, "una")),
            ("changed.yaml", text(store, "ugo")),
            ("absent.yaml", text(&absent, "una")),
        ] {
            std::fs::write(self.home.join(name), text).map_err(Stop::broken)?;
        }
        Ok(())
    }

    /// The client, with an environment of its own; a token in it wins over a login.
    fn command(&self, words: &[&str], token: Option<&str>) -> Command {
        let mut command = Command::new(self.programs.join("tfy"));
        command
            .args(words)
            .env_clear()
            .current_dir(&self.home)
            .env("PATH", self.programs)
            .env("HOME", &self.home)
            .envs([("PYTHONUNBUFFERED", "1"), ("GIT_PYTHON_REFRESH", "quiet")])
            .envs([("NO_COLOR", "1"), ("COLUMNS", "160"), ("LANG", "C.UTF-8"), ("NO_PROXY", "*")]);
        if let Some(token) = token {
            command.env("TFY_HOST", &self.host).env("TFY_API_KEY", token);
        }
        command
    }

    /// Runs the client to an end with `code`.
    fn tfy(&mut self, words: &[&str], token: Option<&str>, code: i32) -> Result<Finished, Stop> {
        let done = process::run(&mut self.command(words, token), CALL_LIMIT);
        let done = done.map_err(Stop::Broken)?;
        self.transcript.ran(&format!("tfy {}", self.named(words)), &done);
        self.transcript.equal("exit code", &json!(done.code), code);
        Ok(done)
    }

    /// The words as they are shown.
    fn named(&self, words: &[&str]) -> String {
        self.transcript.redacted(&words.join(" "))
    }

    /// Whether the people of the group are those.
    fn people(&mut self, what: &str, person: &str) -> Result<(), Stop> {
        let group = self.group()?;
        let people = group.pointer("/manifest/collaborators").and_then(Value::as_array);
        let subject = format!("user:{person}@acme.dev");
        let named = people
            .is_some_and(|all| all.iter().any(|one| one.get("subject") == Some(&json!(subject))));
        self.transcript.check(what, named);
        Ok(())
    }

    fn by_environment(&mut self) -> Result<(), Stop> {
        let token = self.token.clone();
        let token = Some(token.as_str());
        let dry = self.tfy(&["apply", "-f", "group.yaml", "--dry-run"], token, 0)?;
        self.transcript.check("a dry run says so", dry.stdout.contains("No changes were applied"));
        let group = self.group()?;
        self.transcript.equal("and makes nothing", &group, Value::Null);
        let made = self.tfy(&["apply", "-f", "group.yaml"], token, 0)?;
        self.said(&made, "Successfully configured manifest");
        self.people("apply makes the group with its people", "una")?;
        let id = self.group()?.get("id").cloned().unwrap_or_default();
        self.tfy(&["apply", "-f", "changed.yaml"], token, 0)?;
        self.people("apply again changes them", "ugo")?;
        let same = self.group()?.get("id").cloned().unwrap_or_default();
        self.transcript.equal("and keeps the group", &same, id);
        let refused = self.tfy(&["apply", "-f", "absent.yaml"], token, 1)?;
        self.said(&refused, "Failed to apply manifest");
        let echoed = refused.stdout.contains("no:such:secret-store");
        self.transcript.check("the reason does not repeat what was sent", !echoed);
        let stranger = format!("tfy_{}", "0".repeat(64));
        let refused = self.tfy(&["apply", "-f", "group.yaml"], Some(&stranger), 1)?;
        self.said(&refused, "Invalid or expired API token");
        let gone = self.tfy(&["delete", "-f", "group.yaml"], token, 0)?;
        self.said(&gone, "Successfully deleted resource manifest");
        let group = self.group()?;
        self.transcript.equal("delete ends the group", &group, Value::Null);
        let refused = self.tfy(&["delete", "-f", "group.yaml"], token, 1)?;
        self.said(&refused, "Failed to delete resource manifest");
        Ok(())
    }

    fn said(&mut self, done: &Finished, words: &str) {
        let what = format!("it says: {words}");
        self.transcript.check(&what, done.stdout.contains(words));
    }

    /// A login with a key, what it is good for, and its end.
    fn by_key(&mut self) -> Result<(), Stop> {
        let (host, token) = (self.host.clone(), self.token.clone());
        let done = self.tfy(&["login", "--host", &host, "--api-key", &token], None, 0)?;
        self.said(&done, "Successfully logged in");
        self.tfy(&["apply", "-f", "group.yaml"], None, 0)?;
        self.people("the stored key is used", "una")?;
        self.tfy(&["logout"], None, 0)?;
        Ok(())
    }

    /// A login in a browser, approved by the operator while the client waits.
    fn by_device(&mut self) -> Result<(), Stop> {
        let mut command = self.command(&["login", "--host", &self.host], None);
        let (server, mut approval) = (self.server, None);
        let done = process::follow(&mut command, CALL_LIMIT, |line| {
            if let (Some(code), None) = (code(line), &approval) {
                let words = ["device", "approve", code, "--yes", "--tenant", TENANT];
                approval = Some(server.operator(&words));
            }
        });
        let done = match done {
            Ok(done) => done,
            Err(why) => {
                self.transcript.check("tfy login ends", false);
                self.transcript.not_run("the device login", &why);
                if let Some(Err(stop)) = &approval {
                    self.transcript.not_run("the approval", &self.transcript.redacted(stop.why()));
                }
                return Ok(());
            }
        };
        self.transcript.ran("tfy login --host …   (approved meanwhile)", &done);
        self.transcript.check("the client shows where to approve", approval.is_some());
        if let Some(Err(stop)) = &approval {
            self.transcript.not_run("the approval", &self.transcript.redacted(stop.why()));
        }
        self.transcript.equal("exit code", &json!(done.code), 0);
        self.said(&done, "Successfully logged in");
        let stored = std::fs::read_to_string(self.home.join(".truefoundry/credentials.json"));
        let stored: Value = serde_json::from_str(&stored.unwrap_or_default()).unwrap_or_default();
        let token = stored.get("access_token").and_then(Value::as_str).unwrap_or_default();
        self.transcript.check("a credential is stored", !token.is_empty());
        self.transcript.watch([token.to_owned()]);
        self.tfy(&["apply", "-f", "changed.yaml"], None, 0)?;
        self.people("the credential is used", "ugo")?;
        self.tfy(&["delete", "-f", "group.yaml"], None, 0)?;
        self.tfy(&["logout"], None, 0)?;
        let left = self.home.join(".truefoundry/credentials.json").exists();
        self.transcript.check("logout forgets it", !left);
        Ok(())
    }
}

/// The user code in what the client says of where to approve: the last value of the page's address.
fn code(line: &str) -> Option<&str> {
    line.strip_prefix("Opening:- ")?.rsplit_once('=').map(|(_, code)| code.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_last_value_of_the_address_shown() {
        assert_eq!(code("Opening:- http://h/device?code=ABCD-EFGH"), Some("ABCD-EFGH"));
        assert_eq!(code("Please click on the above link"), None);
    }
}
