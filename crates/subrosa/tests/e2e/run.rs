//! `subrosa run`: the program takes this process's place, with the secrets and without our token.

use crate::harness::{Home, run, run_with};
use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
};

#[test]
fn the_program_has_the_secrets_and_run_itself_says_nothing() {
    let home = Home::new();
    let _server = home.serve();
    home.with_value("one", &["set", "STRIPE_KEY"]).done();
    home.with_value("two\nlines", &["set", "db-url"]).done();
    let print = "printf '%s|%s' \"$STRIPE_KEY\" \"$db_url\"";
    let ran = home.subrosa(&["run", "--", "sh", "-c", print]).done();
    assert_eq!((ran.text(), ran.err.as_str()), ("one|two\nlines", ""));
    let only = home.subrosa(&["run", "--only", "STRIPE_KEY", "--", "sh", "-c", print]).done();
    assert_eq!(only.text(), "one|");
}

#[test]
fn stdin_and_every_exit_code_are_the_programs_own() {
    let home = Home::new();
    let _server = home.serve();
    home.with_value("v", &["set", "A"]).done();
    let piped = run_with(&mut home.command(&["run", "--", "cat"]), b"through");
    assert_eq!(piped.done().text(), "through");
    for code in [1, 2, 5, 11, 42, 125, 126, 127, 255] {
        let exit = format!("exit {code}");
        let ran = home.subrosa(&["run", "--", "sh", "-c", &exit]);
        assert_eq!((ran.code, ran.err.as_str()), (code, ""));
    }
}

#[test]
fn it_is_the_same_process_before_and_after() {
    let home = Home::new();
    let _server = home.serve();
    // The shell prints its own number, becomes `subrosa`, and that becomes a shell that prints its own.
    let mut outer = home.program(&["sh", "-c", "echo $$; exec \"$@\"", "sh"]);
    let run_line = home.command(&["run", "--", "sh", "-c", "echo $$"]);
    outer.arg(run_line.get_program()).args(run_line.get_args());
    let ran = run(&mut outer).done();
    let numbers: Vec<&str> = ran.text().lines().collect();
    assert_eq!(numbers.len(), 2);
    assert_eq!(numbers[0], numbers[1]);
    // So the name by which the program knows itself is its own too.
    let mut named = home.command(&["run", "--", "sh", "-c", "echo $0"]);
    named.arg0("subrosa");
    assert_eq!(run(&mut named).done().text(), "sh\n");
}

#[test]
fn a_program_that_is_not_there_is_127_and_one_that_cannot_be_executed_126() {
    let home = Home::new();
    let _server = home.serve();
    home.subrosa(&["run", "--", "no-such-program"]).refused(127, "command-not-found");
    let file = home.path().join("not-a-program");
    fs::write(&file, "x").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let path = file.to_str().unwrap();
    home.subrosa(&["run", "--", path]).refused(126, "command-not-executable");
}

#[test]
fn what_fails_before_the_program_starts_is_125_and_nothing_starts() {
    let home = Home::new();
    let touch = ["--", "touch", "started"];
    let line = |more: &[&str]| -> Vec<String> {
        ["run"].iter().chain(more).chain(&touch).map(|word| (*word).to_owned()).collect()
    };
    let refused = |more: &[&str], code: &str| {
        let line = line(more);
        let words: Vec<&str> = line.iter().map(String::as_str).collect();
        home.subrosa(&words).refused(125, code);
        assert!(!home.path().join("started").exists(), "{words:?} started it");
    };
    refused(&[], "server-unreachable");
    let _server = home.serve();
    home.with_value("v", &["set", "SEALED", "--use-only"]).done();
    home.with_value("v", &["set", "LATER", "--not-before", "2999-01-01T00:00:00Z"]).done();
    home.with_value([b'a', 0, b'b'], &["set", "NUL"]).done();
    refused(&["--only", "SEALED"], "secret-unavailable");
    refused(&["--only", "LATER"], "secret-unavailable");
    refused(&["--only", "ABSENT"], "secret-not-found");
    refused(&["--only", "NUL"], "value-has-nul");
    refused(&["--tenant", "nobody"], "not-found");
}

#[test]
fn a_use_only_secret_is_left_out_with_a_note() {
    let home = Home::new();
    let _server = home.serve();
    home.with_value("canary", &["set", "SEALED", "--use-only"]).done();
    home.with_value("open", &["set", "OPEN"]).done();
    let ran = home.subrosa(&["run", "--", "env"]).done();
    assert!(ran.text().contains("OPEN=open\n"), "{ran:?}");
    assert!(!ran.text().contains("SEALED") && !ran.text().contains("canary"), "{ran:?}");
    assert!(ran.err.contains("note: SEALED is left out: it is USE_ONLY"), "{ran:?}");
}

#[test]
fn the_program_never_sees_a_subrosa_token() {
    let home = Home::new();
    let _server = home.serve();
    home.with_value("v", &["set", "SUBROSA_TOKEN_OF_MINE"]).done();
    home.with_value("v", &["set", "A"]).done();
    let mut command = home.command(&["run", "--", "env"]);
    command.env("SUBROSA_TOKEN", "sr_pat_x").env("SUBROSA_TOKEN_FILE", "/x").env("OTHER", "stays");
    let ran = run(&mut command).done();
    assert!(!ran.text().contains("SUBROSA_TOKEN"), "{ran:?}");
    assert!(ran.text().contains("OTHER=stays\n") && ran.text().contains("A=v\n"), "{ran:?}");
    assert!(ran.err.contains("SUBROSA_TOKEN_OF_MINE is left out"), "{ran:?}");
}

#[test]
fn a_name_that_would_take_the_program_over_is_set_only_for_who_vouches_for_it() {
    let home = Home::new();
    let _server = home.serve();
    for name in ["LD_PRELOAD", "PATH", "NODE_OPTIONS", "GIT_CONFIG_COUNT", "LD-AUDIT"] {
        home.with_value("canary", &["set", name]).done();
    }
    let ran = home.subrosa(&["run", "--", "env"]).done();
    assert!(!ran.text().contains("canary"), "{ran:?}");
    assert!(ran.err.contains("NODE_OPTIONS is left out"), "{ran:?}");
    let vouched = ["run", "--only", "NODE_OPTIONS", "--allow-env", "NODE_OPTIONS", "--", "env"];
    let ran = home.subrosa(&vouched).done();
    assert!(ran.text().contains("NODE_OPTIONS=canary\n"), "{ran:?}");
}

#[test]
fn each_secret_is_revealed_once_for_a_run_and_nothing_that_was_not_asked_for() {
    let home = Home::new();
    let _server = home.serve();
    for name in ["A", "B", "C"] {
        home.with_value("v", &["set", name, "--sensitivity", "pii"]).done();
    }
    home.with_value("v", &["set", "SEALED", "--use-only", "--sensitivity", "pii"]).done();
    home.subrosa(&["run", "--only", "A,B", "--", "true"]).done();
    let list = ["audit", "list", "--action", "secret.reveal", "--json"];
    let events = home.subrosa(&list).done().json();
    let mut revealed: Vec<(&str, u64)> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["resource"]["key"].as_str().unwrap(), event["count"].as_u64().unwrap()))
        .collect();
    revealed.sort_unstable();
    assert_eq!(revealed, [("A", 1), ("B", 1)]);
    let requests: std::collections::BTreeSet<String> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["requestId"].to_string())
        .collect();
    assert_eq!(requests.len(), 1, "one request for both: {events}");
}
