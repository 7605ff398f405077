//! The SDK: the driver is written out, run in the clients' environment, and its account read line by line.

use super::VALUES;
use crate::conformance::{Stop, process, server::Server, transcript::Transcript};
use crate::say;
use serde_json::{Value, json};
use std::{path::Path, process::Command, time::Duration};

/// The driver, file by file; `main.py` is what is run.
const DRIVER: [(&str, &str); 11] = [
    ("accounts.py", include_str!("driver/accounts.py")),
    ("changes.py", include_str!("driver/changes.py")),
    ("groups.py", include_str!("driver/groups.py")),
    ("main.py", include_str!("driver/main.py")),
    ("manifests.py", include_str!("driver/manifests.py")),
    ("pages.py", include_str!("driver/pages.py")),
    ("refusals.py", include_str!("driver/refusals.py")),
    ("report.py", include_str!("driver/report.py")),
    ("roles.py", include_str!("driver/roles.py")),
    ("tokens.py", include_str!("driver/tokens.py")),
    ("world.py", include_str!("driver/world.py")),
];

const DRIVER_LIMIT: Duration = Duration::from_secs(600);

/// What the driver's last step is called, so that one that ends early is told from one that is done.
const END: &str = "end";

/// Who calls: an admin of the tenant, one of another tenant, and a token without scopes.
pub(super) struct Tokens {
    pub(super) admin: String,
    pub(super) foreign: String,
    pub(super) bare: String,
}

impl Tokens {
    pub(super) fn all(&self) -> [String; 3] {
        [self.admin.clone(), self.foreign.clone(), self.bare.clone()]
    }
}

/// Runs the driver against `server` and counts what it says.
pub(super) fn run(
    transcript: &mut Transcript,
    server: &Server,
    programs: &Path,
    folder: &Path,
    tokens: &Tokens,
) -> Result<(), Stop> {
    let driver = folder.join("driver");
    std::fs::create_dir(&driver).map_err(Stop::broken)?;
    for (name, text) in DRIVER {
        std::fs::write(driver.join(name), text).map_err(Stop::broken)?;
    }
    let mut command = Command::new(programs.join("python3"));
    command
        .arg(driver.join("main.py"))
        .env_clear()
        .current_dir(folder)
        .envs([("PYTHONDONTWRITEBYTECODE", "1"), ("NO_PROXY", "*"), ("LANG", "C.UTF-8")])
        .env("PATH", programs)
        .env("HOME", folder.join("home"))
        .env("BASE", format!("http://{}", server.address))
        .env("VALUES", json!(VALUES).to_string())
        .envs([("ADMIN", &tokens.admin), ("FOREIGN", &tokens.foreign), ("BARE", &tokens.bare)]);
    let mut last = String::new();
    let done = process::follow(&mut command, DRIVER_LIMIT, |line| {
        if let Some(step) = tell(transcript, line) {
            last = step;
        }
    });
    let why = match &done {
        Ok(done) if done.code == Some(0) && last == END => None,
        Ok(done) => Some(done.stderr.lines().last().unwrap_or("no reason given")),
        Err(why) => Some(why.as_str()),
    };
    transcript.look(done.as_ref().map_or("", |done| &done.stderr));
    transcript.check("the SDK's driver came to its end", why.is_none());
    if let Some(why) = why {
        transcript.not_run("the rest of the SDK's checks", &transcript.redacted(why));
    }
    Ok(())
}

/// Says and counts one line; gives the step it begins, if it begins one.
fn tell(transcript: &mut Transcript, line: &str) -> Option<String> {
    let document: Value = serde_json::from_str(line).unwrap_or_default();
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    if let Some(token) = text("hide") {
        transcript.watch([token.to_owned()]);
        return None;
    }
    transcript.look(line);
    if let Some(step) = text("step") {
        say(format!("sdk: {step}"));
        return Some(step.to_owned());
    }
    let right = document.get("right").and_then(Value::as_bool);
    match (text("check"), right, text("not_run")) {
        (Some(check), Some(right), _) => {
            transcript.check(check, right);
            if let Some(why) = text("why") {
                say(format!("       {why}"));
            }
        }
        (_, _, Some(what)) => transcript.not_run(what, text("why").unwrap_or("no reason given")),
        _ => transcript.check("the driver says one known thing a line", false),
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_counted_steps_given_back_and_tokens_watched_for() {
        let mut transcript = Transcript::default();
        let mut told = |line: &str| tell(&mut transcript, line);
        assert_eq!(told(r#"{"step": "begin"}"#).as_deref(), Some("begin"));
        assert_eq!(told(r#"{"check": "a", "right": true, "why": null}"#), None);
        assert_eq!(told(r#"{"check": "b", "right": false, "why": "saw 2"}"#), None);
        assert_eq!(told(r#"{"not_run": "c", "why": "no group"}"#), None);
        assert_eq!(told(r#"{"hide": "t0ken"}"#), None);
        assert_eq!(told("Traceback"), None);
        let tally = transcript.tally();
        assert_eq!((tally.passed, tally.failed, tally.not_run), (1, 2, 1));
        transcript.no_value_was_seen();
        assert_eq!(transcript.tally().passed, 2, "a token is not seen by being named");
        tell(&mut transcript, r#"{"check": "d", "right": false, "why": "saw t0ken"}"#);
        transcript.no_value_was_seen();
        assert_eq!(transcript.tally().failed, 4);
    }

    #[test]
    fn every_file_of_the_driver_is_written_out() {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("src/conformance/truefoundry/driver");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".py"))
            .collect();
        there.sort_unstable();
        assert_eq!(there, DRIVER.map(|(name, _)| name));
    }
}
