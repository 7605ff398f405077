//! The first start makes everything, says so, and closes it to others; later ones find it in place.

use crate::harness::{Home, Server, mode, run};
use rustix::process::Signal;
use std::{fs, os::unix::process::ExitStatusExt};

#[test]
fn a_newcomer_reads_what_was_made_where_it_is_and_what_to_type_next() {
    let home = Home::new();
    let server = home.serve();
    let welcome = server.welcome();
    let paths = [home.data().join("store.db"), home.root_key(), home.socket()];
    for path in paths {
        assert!(welcome.contains(path.to_str().unwrap()), "{path:?} in {welcome}");
        assert!(path.exists(), "{path:?}");
    }
    for part in [
        "first run",
        "created, encrypted",
        "created, readable only by you",
        "default",
        "this machine only",
        "subrosa set STRIPE_API_KEY",
        "subrosa run -- your-app",
        "Keep a copy of the root key",
        &server.url(),
    ] {
        assert!(welcome.contains(part), "{part} in {welcome}");
    }
    home.with_value("v", &["set", "STRIPE_API_KEY"]).done();
    assert_eq!(
        home.subrosa(&["run", "--", "sh", "-c", "echo $STRIPE_API_KEY"]).done().text(),
        "v\n"
    );
}

#[test]
fn a_data_directory_that_was_named_is_in_the_commands_to_type_next() {
    let home = Home::new();
    let data = home.path().join("elsewhere");
    let server = home.serve_with(&["--data", data.to_str().unwrap()]);
    let hint = format!("subrosa --data {} set STRIPE_API_KEY", data.display());
    assert!(server.welcome().contains(&hint), "{}", server.welcome());
    home.with_value("v", &["--data", data.to_str().unwrap(), "set", "A"]).done();
    assert!(!home.data().exists());
}

#[test]
fn everything_it_makes_is_closed_to_others_whatever_the_umask() {
    let home = Home::new();
    let serve = home.serving(&[]);
    let mut words = vec!["sh", "-c", "umask 000; exec \"$@\"", "sh"];
    words.push(serve.get_program().to_str().unwrap());
    words.extend(serve.get_args().map(|word| word.to_str().unwrap()));
    let _server = Server::start(home.program(&words));
    home.with_value("v", &["set", "A"]).done();
    assert_eq!(mode(&home.data()), "0700");
    for name in ["store.db", "store.db-wal", "store.db-shm", "lock", "subrosa.sock"] {
        assert_eq!(mode(&home.data().join(name)), "0600", "{name}");
    }
    assert_eq!(mode(&home.root_key()), "0600");
    assert!(!home.root_key().starts_with(home.data()));
    assert_eq!(fs::read(home.root_key()).unwrap().len(), 32);
    assert_eq!(mode(home.root_key().parent().unwrap()), "0700");
}

#[test]
fn the_second_start_says_little_and_has_everything_in_place() {
    let home = Home::new();
    let server = home.serve();
    home.with_value("kept", &["set", "A"]).done();
    let key = fs::read(home.root_key()).unwrap();
    server.stop();
    let server = home.serve();
    let lines: Vec<String> = server
        .welcome()
        .lines()
        .filter(|line| !line.starts_with("note: "))
        .map(str::to_owned)
        .collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("Ready in "), "{lines:?}");
    assert_eq!(home.subrosa(&["get", "A"]).done().text(), "kept");
    assert_eq!(fs::read(home.root_key()).unwrap(), key);
    home.subrosa(&["audit", "verify"]).done();
}

#[test]
fn being_asked_to_stop_ends_it_well_and_takes_the_socket_away() {
    for signal in [Signal::TERM, Signal::INT] {
        let home = Home::new();
        let server = home.serve();
        home.with_value("v", &["set", "A"]).done();
        assert!(home.socket().exists());
        server.signal(signal);
        let ended = server.ended();
        assert_eq!((ended.status.code(), ended.status.signal()), (Some(0), None), "{ended:?}");
        assert!(!home.socket().exists());
        assert!(!home.data().join("store.db-wal").exists(), "the log was folded into the store");
    }
}

#[test]
fn a_second_server_on_the_same_data_is_refused_and_the_first_goes_on() {
    let home = Home::new();
    let _first = home.serve();
    home.with_value("v", &["set", "A"]).done();
    let second = run(&mut home.serving(&[])).refused(1, "data-in-use");
    assert!(second.err.contains(home.data().to_str().unwrap()), "{second:?}");
    assert!(second.err.contains("--data"), "{second:?}");
    assert_eq!(home.subrosa(&["get", "A"]).done().text(), "v");
}

#[test]
fn a_port_that_is_taken_is_a_clear_refusal_and_leaves_no_store_behind() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let home = Home::new();
    let refused = run(&mut home.serving(&["--listen", &address])).refused(1, "listen-failed");
    assert!(refused.err.contains(&address), "{refused:?}");
    // Whoever chooses another port then has a first start like any other.
    assert!(home.serve().welcome().contains("first run"));
}
