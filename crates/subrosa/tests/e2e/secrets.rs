//! A person's way with secrets: set, read, publish, roll back, look at, delete; and each refusal on the way.

use crate::harness::Home;
use std::fs;

#[test]
fn a_value_piped_in_comes_out_as_it_was_without_its_newline() {
    let home = Home::new();
    let _server = home.serve();
    let set = home.with_value("sk_live_1\n", &["set", "STRIPE_API_KEY"]).done();
    assert!(set.err.contains("removed one trailing newline (keep it with --raw)"), "{set:?}");
    assert!(set.err.contains("STRIPE_API_KEY v1 is live · STANDARD · no expiry"), "{set:?}");
    assert_eq!(home.subrosa(&["get", "STRIPE_API_KEY"]).done().text(), "sk_live_1");
    home.with_value("v\n", &["set", "RAW", "--raw"]).done();
    assert_eq!(home.subrosa(&["get", "RAW"]).done().text(), "v\n");
}

#[test]
fn a_file_is_kept_to_the_byte_even_where_it_is_no_text() {
    let home = Home::new();
    let _server = home.serve();
    let path = home.path().join("key.der");
    let bytes: Vec<u8> = (0..=255).chain(*b"\r\n").collect();
    fs::write(&path, &bytes).unwrap();
    home.subrosa(&["set", "KEY", "--file", path.to_str().unwrap()]).done();
    assert_eq!(home.subrosa(&["get", "KEY"]).done().out, bytes);
    fs::write(&path, "one line\n").unwrap();
    let set = home.subrosa(&["publish", "KEY", "--file", path.to_str().unwrap()]).done();
    assert!(set.err.contains("note: the value ends in the newline"), "{set:?}");
    assert_eq!(home.subrosa(&["get", "KEY"]).done().text(), "one line\n");
    fs::write(&path, vec![b'x'; 64 * 1024]).unwrap();
    home.subrosa(&["publish", "KEY", "--file", path.to_str().unwrap()]).done();
    assert_eq!(home.subrosa(&["get", "KEY"]).done().out.len(), 64 * 1024);
    fs::write(&path, vec![b'x'; 64 * 1024 + 1]).unwrap();
    home.subrosa(&["publish", "KEY", "--file", path.to_str().unwrap()])
        .refused(2, "value-too-large");
}

#[test]
fn no_value_is_refused_unless_it_is_meant() {
    let home = Home::new();
    let _server = home.serve();
    home.subrosa(&["set", "A"]).refused(2, "empty-value");
    home.with_value("\n", &["set", "A"]).refused(2, "empty-value");
    home.subrosa(&["get", "A"]).refused(5, "secret-not-found");
    home.subrosa(&["set", "A", "--allow-empty"]).done();
    assert!(home.subrosa(&["get", "A"]).done().out.is_empty());
}

#[test]
fn publishing_setting_again_and_rolling_back_move_what_is_live_and_keep_the_numbers() {
    let home = Home::new();
    let _server = home.serve();
    home.with_value("one", &["set", "A"]).done();
    let publish = home.with_value("two", &["publish", "A", "--note", "rotated"]).done();
    assert!(publish.err.contains("A v2 is live"), "{publish:?}");
    let again = home.with_value("three", &["set", "A"]).done();
    assert!(again.err.contains("A exists; this publishes a new value of it"), "{again:?}");
    assert!(again.err.contains("A v3 is live"), "{again:?}");
    assert_eq!(home.subrosa(&["get", "A"]).done().text(), "three");

    home.subrosa(&["rollback", "A", "--to", "1"]).refused(2, "confirmation-needed");
    let back = home.subrosa(&["rollback", "A", "--to", "1", "--yes"]).done();
    assert!(back.err.contains("A v1 is live"), "{back:?}");
    assert_eq!(home.subrosa(&["get", "A"]).done().text(), "one");
    home.subrosa(&["rollback", "A", "--to", "9", "--yes"]).refused(5, "revision-not-found");

    let history = home.subrosa(&["history", "A"]).done();
    let rows: Vec<&str> = history.text().lines().skip(1).collect();
    assert_eq!(rows.len(), 3, "{history:?}");
    assert!(rows[0].starts_with("v3") && !rows[0].contains("live"), "{rows:?}");
    assert!(rows[1].starts_with("v2") && rows[1].contains("rotated"), "{rows:?}");
    assert!(rows[2].starts_with("v1") && rows[2].contains("live"), "{rows:?}");
    home.with_value("four", &["publish", "A"]).done();
    assert_eq!(home.subrosa(&["get", "A"]).done().text(), "four");
}

#[test]
fn lists_and_metadata_name_secrets_and_never_show_a_value() {
    let home = Home::new();
    let _server = home.serve();
    home.with_value("canary-one", &["set", "STRIPE_KEY", "--description", "payments"]).done();
    home.with_value("canary-two", &["set", "DB_URL", "--use-only", "--sensitivity", "pii"]).done();
    let all = home.subrosa(&["ls"]).done();
    let lines: Vec<&str> = all.text().lines().collect();
    assert_eq!(lines.len(), 3, "{all:?}");
    assert!(lines[1].starts_with("DB_URL") && lines[1].contains("PII"), "{lines:?}");
    assert!(lines[1].contains("use only") && lines[2].contains("readable"), "{lines:?}");
    assert_eq!(home.subrosa(&["ls", "STRIPE*"]).done().text().lines().count(), 2);
    assert_eq!(home.subrosa(&["ls", "NOTHING*"]).done().text(), "");
    let show = home.subrosa(&["show", "STRIPE_KEY"]).done();
    for part in ["STRIPE_KEY", "payments", "v1", "STANDARD", "readable"] {
        assert!(show.text().contains(part), "{part} in {show:?}");
    }
    for said in [all, show, home.subrosa(&["history", "DB_URL"]).done()] {
        assert!(!format!("{said:?}").contains("canary"), "{said:?}");
    }
}

#[test]
fn a_use_only_secret_is_never_read_and_becomes_readable_only_with_another_value() {
    let home = Home::new();
    let _server = home.serve();
    home.with_value("canary-old", &["set", "A", "--use-only"]).done();
    let refused = home.subrosa(&["get", "A"]).refused(6, "use-only");
    assert!(refused.err.contains("subrosa set A --readable"), "{refused:?}");
    home.with_value("new", &["set", "A", "--readable"]).done();
    assert_eq!(home.subrosa(&["get", "A"]).done().text(), "new");
}

#[test]
fn rolling_back_never_makes_a_value_readable_that_was_stored_as_use_only() {
    let home = Home::new();
    let _server = home.serve();
    home.with_value("canary-old", &["set", "A", "--use-only"]).done();
    home.with_value("new", &["set", "A", "--readable"]).done();
    home.subrosa(&["rollback", "A", "--to", "1", "--yes"]);
    let now = home.subrosa(&["get", "A"]);
    assert!(!now.text().contains("canary-old"), "it came back: {now:?}");
}

#[test]
fn a_name_that_is_not_there_is_exit_5_with_the_one_that_was_meant() {
    let home = Home::new();
    let _server = home.serve();
    home.with_value("v", &["set", "STRIPE_API_KEY"]).done();
    for verb in ["get", "show", "history", "publish", "rm"] {
        let refused =
            home.with_value("v", &[verb, "STRIPE_API_KYE"]).refused(5, "secret-not-found");
        assert!(refused.err.contains("did you mean STRIPE_API_KEY?"), "{refused:?}");
    }
    home.subrosa(&["get", "no spaces"]).refused(2, "invalid-name");
}

#[test]
fn a_value_on_the_command_line_is_refused_unread_and_unrepeated() {
    let home = Home::new();
    let _server = home.serve();
    home.with_value("v", &["set", "A"]).done();
    let lines = [
        vec!["set", "B", "sk_canary"],
        vec!["set", "B=sk_canary"],
        vec!["set", "B", "--value", "sk_canary"],
        vec!["publish", "A", "sk_canary"],
    ];
    for line in lines {
        let refused = home.with_value("v", &line).refused(2, "value-on-command-line");
        assert!(!refused.err.contains("canary"), "{refused:?}");
    }
    home.subrosa(&["get", "B"]).refused(5, "secret-not-found");
    assert_eq!(home.subrosa(&["history", "A"]).done().text().lines().count(), 2);
}

#[test]
fn outside_its_validity_a_secret_resolves_nowhere_and_says_why_to_who_may_see_it() {
    let home = Home::new();
    let _server = home.serve();
    home.with_value("v", &["set", "SOON", "--not-before", "2999-01-01T00:00:00Z"]).done();
    home.subrosa(&["get", "SOON"]).refused(10, "outside-validity");
    let ran = home.subrosa(&["run", "--", "sh", "-c", "echo ${SOON-absent}"]).done();
    assert_eq!(ran.text(), "absent\n");
    assert!(ran.err.contains("SOON is left out"), "{ran:?}");
}

#[test]
fn a_deleted_secret_is_gone_and_its_name_is_free_again() {
    let home = Home::new();
    let _server = home.serve();
    home.with_value("one", &["set", "A"]).done();
    home.subrosa(&["rm", "A"]).refused(2, "confirmation-needed");
    home.subrosa(&["rm", "A", "--yes"]).done();
    home.subrosa(&["get", "A"]).refused(5, "secret-not-found");
    home.with_value("two", &["set", "A"]).done();
    assert_eq!(home.subrosa(&["history", "A"]).done().text().lines().count(), 2);
    assert_eq!(home.subrosa(&["get", "A"]).done().text(), "two");
}

#[test]
fn the_audit_has_each_step_newest_first_and_its_chain_holds() {
    let home = Home::new();
    let _server = home.serve();
    home.with_value("one", &["set", "A", "--sensitivity", "pii"]).done();
    home.subrosa(&["get", "A", "--reason", "to see"]).done();
    home.with_value("two", &["publish", "A"]).done();
    home.subrosa(&["rollback", "A", "--to", "1", "--yes"]).done();
    home.subrosa(&["rm", "A", "--yes"]).done();
    home.with_value("other", &["set", "B"]).done();
    let events = home.subrosa(&["audit", "list", "--json"]).done().json();
    let did: Vec<&str> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["action"].as_str().unwrap())
        .collect();
    let expected = [
        "secret.create",
        "secret.delete",
        "secret.rollback",
        "secret.publish",
        "secret.reveal",
        "secret.create",
        "tenant.create",
    ];
    assert_eq!(did, expected);
    let listed = home.subrosa(&["audit", "list", "B"]).done();
    assert_eq!(listed.text().lines().count(), 2, "{listed:?}");
    let reveals = home.subrosa(&["audit", "list", "--action", "secret.reveal"]).done();
    assert!(reveals.text().contains("to see"), "{reveals:?}");
    let verified = home.subrosa(&["audit", "verify"]).done();
    assert!(verified.err.contains("is intact: 7 events"), "{verified:?}");
}

#[test]
fn events_that_were_changed_behind_the_servers_back_are_found_and_placed() {
    let edits = [
        "UPDATE audit_events SET canonical = (SELECT canonical FROM audit_events WHERE seq = 3) WHERE seq = 2",
        "DELETE FROM audit_events WHERE seq = 2",
        "UPDATE audit_events SET hash = zeroblob(32) WHERE seq = 2",
    ];
    for edit in edits {
        let home = Home::new();
        let server = home.serve();
        for name in ["A", "B", "C"] {
            home.with_value("v", &["set", name]).done();
        }
        home.subrosa(&["audit", "verify"]).done();
        server.stop();
        let store = rusqlite::Connection::open(home.data().join("store.db")).unwrap();
        assert!(store.execute(edit, []).unwrap() > 0);
        drop(store);
        let _server = home.serve();
        let broken = home.subrosa(&["audit", "verify"]).refused(11, "audit-broken");
        assert!(broken.err.contains("first at lane 0, place 2"), "{edit}: {broken:?}");
        let document = home.subrosa(&["audit", "verify", "--json"]);
        assert_eq!((document.code, document.json()["intact"].as_bool()), (11, Some(false)));
    }
}
