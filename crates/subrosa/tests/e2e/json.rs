//! `--json`: one document with its schema on stdout, or one problem on stderr; never both, never neither.

use crate::harness::{Home, one_document};

/// Every command, in an order in which each can succeed, and the schema of its answer.
const COMMANDS: &[(&[&str], &str)] = &[
    (&["set", "A"], "secret"),
    (&["set", "A"], "secret"),
    (&["get", "A"], "value"),
    (&["ls"], "secret"),
    (&["show", "A"], "secret"),
    (&["publish", "A"], "revision"),
    (&["rollback", "A", "--to", "1", "--yes"], "revision"),
    (&["history", "A"], "revision"),
    (&["tenant", "create", "acme"], "tenant"),
    (&["tenant", "list"], "tenant"),
    (&["tenant", "show", "acme"], "tenant"),
    (&["tenant", "delete", "acme", "--confirm=acme"], "tenant"),
    (&["token", "create", "--name", "ci", "--preset", "reader"], "token"),
    (&["token", "list"], "token"),
    (&["token", "rotate", "ci"], "token"),
    (&["token", "revoke", "ci", "--yes"], "token"),
    (&["key", "rotate"], "key"),
    (&["audit", "list"], "auditEvent"),
    (&["audit", "verify"], "auditVerification"),
    (&["rm", "A", "--yes"], "secret"),
];

#[test]
fn every_command_that_works_prints_one_document_with_its_schema_and_nothing_else() {
    let home = Home::new();
    let _server = home.serve();
    for (line, noun) in COMMANDS {
        let ran = home.with_value("v\n", &[line, &["--json"][..]].concat()).done();
        assert_eq!(ran.err, "", "{line:?}");
        let document = ran.json();
        assert_eq!(document["schema"], format!("subrosa.{noun}/v1"), "{line:?}");
    }
}

#[test]
fn every_command_that_fails_prints_one_problem_and_nothing_on_stdout() {
    let lines = COMMANDS.iter().map(|(line, _)| *line);
    let more: &[&[&str]] = &[
        &["run", "--", "true"],
        &["set", "A", "canary"],
        &["set", "no name"],
        &["no-such-command"],
        &["get"],
        &["rollback", "A", "--to", "canary"],
        &["token", "create"],
        &["device", "approve", "BCDF-GHJK", "--yes"],
        &["device", "deny", "canary"],
        &["login", "--server", "http://127.0.0.1:1"],
        &["serve", "--listen", "canary"],
    ];
    let home = Home::new();
    for line in lines.chain(more.iter().copied()) {
        // There is no server: what is right on the command line fails at the latest there.
        let ran = home.with_value("v", &[&["--json"][..], line].concat());
        assert!(ran.code != 0 && ran.out.is_empty(), "{line:?}: {ran:?}");
        let problem = one_document(&ran.err);
        assert_eq!(problem["exitCode"], ran.code, "{line:?}: {problem}");
        for member in ["type", "title", "detail", "code"] {
            assert!(problem[member].is_string(), "{line:?}: {member} of {problem}");
        }
        assert!(!ran.err.contains("canary"), "{line:?}: {ran:?}");
    }
}

#[test]
fn a_problem_of_the_server_is_handed_on_whole() {
    let home = Home::new();
    let _server = home.serve();
    home.with_value("v", &["set", "A", "--use-only"]).done();
    let ran = home.subrosa(&["get", "A", "--json"]);
    assert_eq!(ran.code, 6);
    let problem = one_document(&ran.err);
    assert_eq!(
        (problem["code"].as_str(), problem["status"].as_u64()),
        (Some("use-only"), Some(403))
    );
    assert!(problem["instance"].is_string() && problem["help"].is_array(), "{problem}");
}

#[test]
fn a_start_that_is_refused_says_so_in_json_too() {
    let home = Home::new();
    let ran = crate::harness::run(&mut home.serving(&["--listen", "0.0.0.0:0", "--json"]));
    assert!(ran.code == 2 && ran.out.is_empty(), "{ran:?}");
    assert_eq!(one_document(&ran.err)["code"], "insecure-listen");
}
