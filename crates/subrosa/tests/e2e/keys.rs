//! Rotating a tenant's key.

use crate::harness::Home;

#[test]
fn after_a_rotation_old_and_new_values_read_the_same_also_after_a_restart() {
    let home = Home::new();
    let server = home.serve();
    home.with_value("before", &["set", "OLD"]).done();
    let rotated = home.subrosa(&["key", "rotate", "--tenant", "default"]).done();
    assert!(rotated.err.contains("tenant default has key version 2"), "{rotated:?}");
    home.with_value("after", &["set", "NEW"]).done();
    let check = || {
        assert_eq!(home.subrosa(&["get", "OLD"]).done().text(), "before");
        assert_eq!(home.subrosa(&["get", "NEW"]).done().text(), "after");
        home.subrosa(&["audit", "verify"]).done();
    };
    check();
    server.stop();
    let server = home.serve();
    check();
    home.subrosa(&["key", "rotate"]).done();
    server.kill();
    let _server = home.serve();
    check();
}
