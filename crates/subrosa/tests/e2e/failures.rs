//! What people see when it does not work.

use crate::harness::{Home, run};

#[test]
fn without_a_server_every_command_is_exit_8_and_says_how_to_start_one() {
    let home = Home::new();
    for line in [&["ls"][..], &["get", "A"], &["audit", "verify"], &["tenant", "list"]] {
        let refused = home.subrosa(line).refused(8, "server-unreachable");
        assert!(refused.err.contains("subrosa serve"), "{refused:?}");
    }
    let mut remote = home.command(&["--server", "http://127.0.0.1:1", "--tenant", "t", "ls"]);
    run(remote.env("SUBROSA_TOKEN", "sr_pat_x")).refused(8, "server-unreachable");
}

#[test]
fn a_server_that_was_killed_leaves_a_socket_that_nobody_answers_and_the_next_one_takes_over() {
    let home = Home::new();
    let server = home.serve();
    home.with_value("v", &["set", "A"]).done();
    server.kill();
    assert!(home.socket().exists());
    home.subrosa(&["get", "A"]).refused(8, "server-unreachable");
    let _server = home.serve();
    assert_eq!(home.subrosa(&["get", "A"]).done().text(), "v");
}

#[test]
fn a_token_is_not_sent_in_the_clear_to_another_machine() {
    let home = Home::new();
    let mut line = home.command(&["--server", "http://secrets.example", "ls"]);
    line.env("SUBROSA_TOKEN", "sr_pat_x");
    let refused = run(&mut line).refused(2, "insecure-server");
    assert!(refused.err.contains("https://"), "{refused:?}");
}
