//! After an unclean stop the log says what may be missing. That nothing acknowledged is missing is proven in `proof`,
//! by the check `kill`.

use crate::harness::Home;

fn count(home: &Home, action: &str) -> u64 {
    let list = ["audit", "list", "--action", action, "--limit", "1000000", "--json"];
    home.subrosa(&list).done().json()["items"].as_array().unwrap().len() as u64
}

#[test]
fn after_an_unclean_stop_the_log_says_that_counts_may_be_missing_and_after_a_clean_one_not() {
    let home = Home::new();
    let server = home.serve();
    home.with_value("v", &["set", "A"]).done();
    server.stop();
    let server = home.serve();
    home.with_value("v", &["set", "B"]).done();
    assert_eq!(count(&home, "audit.gap"), 0);
    server.kill();
    let server = home.serve();
    home.with_value("v", &["set", "C"]).done();
    assert_eq!(count(&home, "audit.gap"), 1);
    home.with_value("v", &["set", "D"]).done();
    assert_eq!(count(&home, "audit.gap"), 1, "it is said once");
    home.subrosa(&["audit", "verify"]).done();
    server.stop();
}
