//! Tenants: made, listed, told apart, and deleted for good.

use crate::harness::Home;

#[test]
fn a_tenant_is_made_shown_and_deleted_only_by_name() {
    let home = Home::new();
    let _server = home.serve();
    home.subrosa(&["tenant", "create", "acme", "--name", "Acme Ltd"]).done();
    home.subrosa(&["tenant", "create", "acme"]).refused(7, "already-exists");
    home.subrosa(&["tenant", "create", "UPPER"]).refused(2, "invalid-tenant");
    let list = home.subrosa(&["tenant", "list"]).done();
    let slugs: Vec<&str> =
        list.text().lines().skip(1).map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(slugs, ["acme", "default"]);
    assert!(home.subrosa(&["tenant", "show", "acme"]).done().text().contains("Acme Ltd"));
    home.with_value("v", &["set", "A", "--tenant", "acme"]).done();

    home.subrosa(&["tenant", "delete", "acme"]).refused(2, "confirmation-needed");
    home.subrosa(&["tenant", "delete", "acme", "--confirm=default"]).refused(2, "confirm-mismatch");
    assert_eq!(home.subrosa(&["get", "A", "--tenant", "acme"]).done().text(), "v");
    home.subrosa(&["tenant", "delete", "acme", "--confirm=acme"]).done();
    home.subrosa(&["tenant", "show", "acme"]).refused(5, "not-found");
    home.subrosa(&["get", "A", "--tenant", "acme"]).refused(5, "not-found");
    let log = home.subrosa(&["audit", "list", "--deployment"]).done();
    assert!(log.text().contains("tenant.delete") && log.text().contains("acme"), "{log:?}");
    home.subrosa(&["audit", "verify", "--deployment"]).done();
    // The one that is left is meant again, and the name can be had again, with nothing in it.
    home.with_value("v", &["set", "A"]).done();
    home.subrosa(&["tenant", "create", "acme"]).done();
    assert_eq!(home.subrosa(&["ls", "--tenant", "acme"]).done().text(), "");
}

#[test]
fn with_two_tenants_somebody_has_to_say_which() {
    let home = Home::new();
    let _server = home.serve();
    home.subrosa(&["tenant", "create", "acme"]).done();
    let refused = home.with_value("v", &["set", "A"]).refused(2, "tenant-needed");
    assert!(refused.err.contains("acme, default"), "{refused:?}");
    home.with_value("of acme", &["set", "A", "--tenant", "acme"]).done();
    home.with_value("of default", &["--tenant", "default", "set", "A"]).done();
    let mut get = home.command(&["get", "A"]);
    get.env("SUBROSA_TENANT", "acme");
    assert_eq!(crate::harness::run(&mut get).done().text(), "of acme");
}
