//! A program with a token of its own, over HTTP: what it may, what it may not, and how it ends.

use crate::harness::{Home, Ran, Server, run, run_with};
use std::{fs, os::unix::fs::PermissionsExt};

/// Someone elsewhere with a token in a file.
struct Remote<'a> {
    home: &'a Home,
    url: String,
    token: String,
}

impl<'a> Remote<'a> {
    /// Mints a token as the operator and hands it over.
    fn minted(home: &'a Home, server: &Server, flags: &[&str]) -> Self {
        let mut line = vec!["token", "create", "--tenant", "default", "--name", "ci", "--json"];
        line.extend(flags);
        let minted = home.subrosa(&line).done().json();
        let token = minted["token"].as_str().unwrap().to_owned();
        Self { home, url: server.url(), token }
    }

    #[track_caller]
    fn subrosa(&self, arguments: &[&str]) -> Ran {
        self.with_value("", arguments)
    }

    #[track_caller]
    fn with_value(&self, value: &str, arguments: &[&str]) -> Ran {
        let file = self.home.path().join("token");
        fs::write(&file, format!("{}\n", self.token)).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let mut line = vec!["--server", &self.url, "--tenant", "default"];
        line.extend(arguments);
        let mut command = self.home.command(&line);
        command.env("SUBROSA_TOKEN_FILE", &file);
        run_with(&mut command, value.as_bytes())
    }
}

#[test]
fn a_minted_token_is_one_document_and_has_the_documented_shape() {
    let home = Home::new();
    let _server = home.serve();
    let line = ["token", "create", "--tenant", "default", "--name", "ci", "--preset", "reader"];
    let minted = home.subrosa(&[&line[..], &["--json"]].concat()).done();
    assert_eq!(minted.err, "");
    let minted = minted.json();
    assert_eq!(minted["schema"], "subrosa.token/v1");
    assert_eq!(minted["name"], "ci");
    let token = minted["token"].as_str().unwrap();
    let parts: Vec<&str> = token.splitn(3, '_').collect();
    assert_eq!(parts[..2], ["sr", "pat"]);
    let (key_id, secret) = parts[2].split_once('_').unwrap();
    assert_eq!((key_id.len(), secret.len()), (12, 43 + 6), "{token}");
    // For people the token alone is on stdout, so that it can be piped into a file.
    let shown = home.subrosa(&line).done();
    assert!(shown.text().starts_with("sr_pat_") && shown.text().lines().count() == 1);
    assert!(shown.err.contains("it is shown this once"), "{shown:?}");
    let listed = home.subrosa(&["token", "list"]).done();
    assert!(!listed.text().contains(token), "{listed:?}");
    assert!(!listed.text().contains(secret), "{listed:?}");
}

#[test]
fn the_same_commands_work_over_http_with_a_token_from_a_file() {
    let home = Home::new();
    let server = home.serve();
    let admin = Remote::minted(&home, &server, &["--preset", "admin"]);
    admin.with_value("one", &["set", "A", "--readable"]).done();
    admin.with_value("two\n", &["publish", "A"]).done();
    assert_eq!(admin.subrosa(&["get", "A"]).done().text(), "two");
    admin.subrosa(&["rollback", "A", "--to", "1", "--yes"]).done();
    assert_eq!(admin.subrosa(&["history", "A"]).done().text().lines().count(), 3);
    assert!(admin.subrosa(&["ls"]).done().text().contains("A "));
    assert!(admin.subrosa(&["show", "A"]).done().text().contains("v1"));
    let ran = admin.subrosa(&["run", "--", "sh", "-c", "echo $A${SUBROSA_TOKEN_FILE-none}"]).done();
    assert_eq!(ran.text(), "onenone\n");
    admin.subrosa(&["audit", "verify"]).done();
    assert!(admin.subrosa(&["audit", "list"]).done().text().contains("secret.rollback"));
    admin.subrosa(&["rm", "A", "--yes"]).done();
}

#[test]
fn a_token_may_also_come_from_the_environment_and_the_file_goes_first() {
    let home = Home::new();
    let server = home.serve();
    let reader = Remote::minted(&home, &server, &["--preset", "reader"]);
    home.with_value("v", &["set", "A"]).done();
    let line = ["--server", &reader.url, "--tenant", "default", "get", "A"];
    let mut command = home.command(&line);
    command.env("SUBROSA_TOKEN", &reader.token);
    assert_eq!(run(&mut command).done().text(), "v");
    command.env("SUBROSA_TOKEN_FILE", home.path().join("absent"));
    run(&mut command).refused(4, "token-file-unreadable");
    run(&mut home.command(&line)).refused(4, "token-needed");
    let mut wrong = home.command(&line);
    wrong.env("SUBROSA_TOKEN", format!("{}x", reader.token));
    let refused = run(&mut wrong);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(!refused.err.contains(&reader.token), "{refused:?}");
}

#[test]
fn a_token_without_the_scope_is_exit_6_and_is_told_which_it_needs() {
    let home = Home::new();
    let server = home.serve();
    home.with_value("v", &["set", "A"]).done();
    let lister = Remote::minted(&home, &server, &["--scope", "secrets:read"]);
    lister.subrosa(&["ls"]).done();
    let refused = lister.subrosa(&["get", "A"]).refused(6, "missing-scope");
    let note = "this needs secrets:reveal; the credential has secrets:read";
    assert!(refused.err.contains(note), "{refused:?}");
    lister.with_value("w", &["publish", "A"]).refused(6, "missing-scope");
    lister
        .subrosa(&["token", "create", "--name", "x", "--preset", "admin"])
        .refused(6, "missing-scope");
    lister.subrosa(&["audit", "list"]).refused(6, "missing-scope");
    lister.subrosa(&["key", "rotate"]).refused(6, "missing-scope");
    lister.subrosa(&["run", "--", "true"]).refused(125, "missing-scope");
    lister.subrosa(&["tenant", "create", "mine"]).refused(6, "missing-scope");
    assert_eq!(home.subrosa(&["get", "A"]).done().text(), "v");
}

#[test]
fn a_rotated_or_revoked_token_is_exit_4_at_once() {
    let home = Home::new();
    let server = home.serve();
    home.with_value("v", &["set", "A"]).done();
    let mut reader = Remote::minted(&home, &server, &["--preset", "reader"]);
    reader.subrosa(&["get", "A"]).done();
    let rotated = home.subrosa(&["token", "rotate", "ci", "--json"]).done().json();
    reader.subrosa(&["get", "A"]).refused(4, "unauthenticated");
    reader.token = rotated["token"].as_str().unwrap().to_owned();
    reader.subrosa(&["get", "A"]).done();
    home.subrosa(&["token", "revoke", "ci"]).refused(2, "confirmation-needed");
    home.subrosa(&["token", "revoke", "ci", "--yes"]).done();
    reader.subrosa(&["get", "A"]).refused(4, "unauthenticated");
    assert!(home.subrosa(&["token", "list"]).done().text().contains("revoked"));
    home.subrosa(&["token", "revoke", &reader.token, "--yes"]).refused(2, "value-on-command-line");
}

#[test]
fn a_token_of_one_tenant_finds_nothing_in_another() {
    let home = Home::new();
    let server = home.serve();
    home.subrosa(&["tenant", "create", "acme"]).done();
    home.with_value("canary", &["set", "A", "--tenant", "acme"]).done();
    let admin = Remote::minted(&home, &server, &["--preset", "admin"]);
    let foreign = admin.subrosa(&["get", "A", "--tenant", "acme"]);
    let absent = admin.subrosa(&["get", "A", "--tenant", "nobody"]);
    assert_eq!((foreign.code, absent.code), (5, 5), "{foreign:?} {absent:?}");
    assert!(!foreign.err.contains("canary"));
    assert_eq!(foreign.err.replace("acme", "nobody"), absent.err);
}
