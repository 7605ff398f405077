//! schemathesis 4.32.5, as published: it makes requests, right and wrong ones, from the API's own description, and
//! checks every answer against the same.
//!
//! How it asks, and what it leaves out and why, is in `schemathesis.toml`.

#![expect(
    clippy::indexing_slicing,
    reason = "only JSON is indexed, by name, which answers Null and never panics"
)]

use super::{
    Stop, process,
    server::{self, Server},
    transcript::Tally,
    venv,
};
use crate::say;
use serde_json::Value;
use std::{fs, path::Path, process::Command, time::Duration};

const PACKAGE: &str = "schemathesis==4.32.5";
const CONFIGURATION: &str = include_str!("schemathesis.toml");
const TENANT: &str = "acme";

/// What every run begins with, so that it can be made again.
const SEED: &str = "5000";

/// How many requests each operation is asked with at most, in each of two phases; and how many all have to be at least.
const EACH: &str = "40";
const CASES_MIN: u64 = 5_000;

/// The same with a fault planted: as few as find it.
const EACH_CONTROL: &str = "10";

const LIMIT: Duration = Duration::from_secs(1_200);

/// Planted faults, and the code of the check that has to find each. Each operation says what a refusal looks like,
/// whatever its status: one that is declared nowhere is judged as a refusal, and has none of its members.
const PLANTS: [(&str, &str); 3] = [
    ("schema-500", "ST101"),
    ("schema-undeclared-status", "ST104"),
    ("schema-auth-ignored", "ST401"),
];

/// Asks a server of what ships; with `control`, then servers with a fault each as well.
pub(super) fn run(root: &Path, control: bool) -> Result<Tally, Stop> {
    let folder = tempfile::Builder::new().prefix("sr-st-").tempdir().map_err(Stop::broken)?;
    let programs = venv::with(folder.path(), &[PACKAGE])?;
    let mut tally = shipped(root, &programs, folder.path())?;
    if control {
        planted(root, &programs, folder.path(), &mut tally)?;
    }
    Ok(tally)
}

fn shipped(root: &Path, programs: &Path, folder: &Path) -> Result<Tally, Stop> {
    let binary = server::build(root)?;
    let (report, succeeded) = ask(programs, &binary, folder, EACH, None)?;
    let cases = report["test_cases"]["generated"].as_u64().unwrap_or_default();
    let bad = report["test_cases"]["with_failures"].as_u64().unwrap_or_default();
    let failures = count(&report["failures"], "count") + count(&report["errors"], "count");
    say(format!("schema: {cases} cases, {failures} failures"));
    let short = cases < CASES_MIN || report["complete"] != true;
    if short {
        say(format!("  FAIL there are to be {CASES_MIN}, and a whole run"));
    }
    if !succeeded {
        say("  FAIL it says itself that something is wrong");
    }
    let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let failed = number(failures).max(number(bad)).max(u32::from(!succeeded));
    let failed = failed.saturating_add(u32::from(short));
    Ok(Tally { passed: number(cases.saturating_sub(bad)), failed, not_run: 0 })
}

/// Asks servers with a fault each, and counts those that were found.
fn planted(root: &Path, programs: &Path, folder: &Path, tally: &mut Tally) -> Result<(), Stop> {
    let binary = server::build_planted(root)?;
    for (plant, code) in PLANTS {
        let home = folder.join(plant);
        fs::create_dir(&home).map_err(Stop::broken)?;
        let (report, _) = ask(programs, &binary, &home, EACH_CONTROL, Some(plant))?;
        let failures = report["failures"].as_array().into_iter().flatten();
        let found = failures.filter(|one| one["code"] == code).count() > 0;
        say(format!("{} {plant} by {code}", if found { "found    " } else { "NOT FOUND" }));
        *(if found { &mut tally.passed } else { &mut tally.failed }) += 1;
    }
    Ok(())
}

/// Starts a server under `home`, has it asked, and returns the report and whether it ended without a complaint.
fn ask(
    programs: &Path,
    binary: &Path,
    home: &Path,
    each: &str,
    plant: Option<&str>,
) -> Result<(Value, bool), Stop> {
    for name in ["home", "keys", "client"] {
        fs::create_dir(home.join(name)).map_err(Stop::broken)?;
    }
    let server = Server::start_planted(binary, home, &[], plant)?;
    server.operator(&["tenant", "create", TENANT])?;
    let token = server.mint(TENANT, "conformance", Some("admin"))?;
    let client = home.join("client");
    fs::write(client.join("schemathesis.toml"), CONFIGURATION).map_err(Stop::broken)?;
    let report = client.join("report.json");
    let mut command = Command::new(programs.join("schemathesis"));
    command
        .args(["--config-file", "schemathesis.toml", "run"])
        .arg(format!("http://{}/openapi.json", server.address))
        .args(["--max-examples", each, "--seed", SEED, "--generation-database", "none"])
        .args(["--no-shrink", "--no-color", "--report", "json", "--report-json-path"])
        .arg(&report)
        .env_clear()
        .current_dir(&client)
        .env("PATH", programs)
        .env("HOME", home.join("home"))
        .env("SUBROSA_TOKEN", &token)
        .envs([("LANG", "C.UTF-8"), ("COLUMNS", "120"), ("NO_PROXY", "*")]);
    let done = process::run(&mut command, LIMIT).map_err(Stop::Broken)?;
    let told =
        fs::read(&report).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let succeeded = done.code == Some(0);
    if plant.is_none() && !succeeded {
        say(done.stdout.replace(&token, "<hidden>"));
        say(done.stderr.replace(&token, "<hidden>"));
    }
    let told = told
        .ok_or_else(|| Stop::Broken(format!("there is no report; it ended with {:?}", done.code)));
    Ok((told?, succeeded))
}

/// The sum of a number over the objects of an array.
fn count(all: &Value, name: &str) -> u64 {
    let one = |one: &Value| one[name].as_u64().unwrap_or(1);
    all.as_array().into_iter().flatten().map(one).sum()
}
