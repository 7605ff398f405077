//! A store that is put back, and a log that is taken along: known, accepted and checked with the program's commands.

use crate::harness::{Home, run};
use rusqlite::Connection;
use std::fs;

#[test]
fn a_restore_where_there_is_no_store_says_so_and_makes_nothing() {
    let home = Home::new();
    home.subrosa(&["restore", "--accept-rollback"]).refused(1, "store-missing");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn an_older_copy_serves_nobody_until_it_is_accepted() {
    let home = Home::new();
    let store = home.data().join("store.db");
    let server = home.serve();
    home.with_value("v", &["set", "A"]).done();
    server.stop();
    let older = fs::read(&store).unwrap();
    let server = home.serve();
    home.with_value("w", &["set", "B"]).done();
    server.stop();
    let current = home.subrosa(&["restore", "--accept-rollback"]).done();
    assert!(current.err.contains("goes with its last checkpoint"), "{current:?}");

    fs::write(&store, older).unwrap();
    let server = home.serve();
    assert!(server.welcome().contains("subrosa restore --accept-rollback"), "{}", server.welcome());
    home.subrosa(&["get", "A"]).refused(9, "store-set-back");
    server.stop();
    home.subrosa(&["restore", "--accept-rollback"]).done();
    let _server = home.serve();
    assert_eq!(home.subrosa(&["get", "A"]).done().text(), "v");
    home.subrosa(&["get", "B"]).refused(5, "secret-not-found");
}

#[test]
fn without_a_kept_checkpoint_a_restore_says_that_there_is_nothing_to_compare_with() {
    let home = Home::new();
    home.serve().stop();
    let elsewhere = home.path().join("elsewhere");
    let flags = ["restore", "--accept-rollback", "--checkpoint-dir", elsewhere.to_str().unwrap()];
    let done = home.subrosa(&flags).done();
    assert!(done.err.contains("no checkpoint of this store is kept"), "{done:?}");
    assert!(!elsewhere.exists(), "nothing was changed");
}

#[test]
fn an_export_holds_where_nobody_touched_it_and_not_where_somebody_did() {
    let home = Home::new();
    let server = home.serve();
    home.with_value("v", &["set", "A"]).done();
    let file = home.path().join("default.log");
    let path = file.to_str().unwrap();
    home.subrosa(&["--tenant", "default", "audit", "export", "--out", path]).done();
    home.subrosa(&["audit", "verify", "--export", path]).done();
    let whole = fs::read_to_string(&file).unwrap();
    let cut: Vec<&str> = whole.lines().filter(|line| !line.ends_with("\"seq\":2}")).collect();
    fs::write(&file, cut.join("\n") + "\n").unwrap();
    home.subrosa(&["audit", "verify", "--export", path]).refused(11, "audit-broken");
    server.stop();

    // The end of the log itself is taken away.
    let store = Connection::open(home.data().join("store.db")).unwrap();
    store.execute_batch("DELETE FROM audit_events WHERE seq > 1").unwrap();
    drop(store);
    let _server = home.serve();
    let mut export = home.command(&["--tenant", "default", "audit", "export", "--out", path]);
    run(&mut export).refused(11, "export-cut");
}
