//! At a terminal: values are typed unseen, and what is lost for good is asked about first.

use crate::harness::{Home, Reaped, eventually, has, not_run};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::fd::OwnedFd,
    process::Stdio,
    sync::{Arc, Mutex},
    thread,
};

/// A person at a terminal: runs `subrosa …`, waits for each question, types each answer. Gives the exit code and all
/// that was on the screen. `None` where no program here can give a child a terminal of its own.
#[track_caller]
pub(crate) fn at_a_terminal(
    home: &Home,
    line: &[&str],
    talk: &[(&str, &str)],
) -> Option<(i32, String)> {
    if !has("setsid") {
        not_run(&format!("prompt: {line:?}"), "there is no setsid to make a terminal the child's");
        return None;
    }
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, vec![]).unwrap();
    let slave = OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let end = || Stdio::from(OwnedFd::from(slave.try_clone().unwrap()));
    let inner = home.command(line);
    let mut command = home.program(&["setsid", "--ctty", "--wait"]);
    command.arg(inner.get_program()).args(inner.get_args());
    command.env("TERM", "dumb").stdin(end()).stdout(end()).stderr(end());
    let mut child = Reaped(command.spawn().unwrap());
    drop(command);
    let screen = Arc::new(Mutex::new(String::new()));
    let mut master = File::from(master);
    let watched = watch(master.try_clone().unwrap(), Arc::clone(&screen));
    let mut seen = 0;
    for (question, answer) in talk {
        seen = eventually(question, || {
            let screen = screen.lock().unwrap();
            screen[seen..].find(question).map(|at| seen + at + question.len())
        });
        master.write_all(answer.as_bytes()).unwrap();
    }
    let status = eventually("its end", || child.0.try_wait().unwrap());
    drop((slave, child));
    watched.join().unwrap();
    let screen = screen.lock().unwrap().clone();
    Some((status.code().unwrap(), screen))
}

/// Keeps what the terminal shows, until nobody has its other end any more.
fn watch(mut master: File, screen: Arc<Mutex<String>>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut bytes = [0; 1024];
        while let Ok(count @ 1..) = master.read(&mut bytes) {
            screen.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    })
}

#[test]
fn a_value_typed_at_the_prompt_is_kept_and_never_shown() {
    let home = Home::new();
    let _server = home.serve();
    let talk = [("Value (hidden):", "typed-canary\n")];
    let Some((code, screen)) = at_a_terminal(&home, &["set", "A"], &talk) else { return };
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("canary"), "{screen}");
    assert!(screen.contains("A v1 is live"), "{screen}");
    assert_eq!(home.subrosa(&["get", "A"]).done().text(), "typed-canary");
    let (code, screen) = at_a_terminal(&home, &["get", "A"], &[]).unwrap();
    assert_eq!((code, screen.as_str()), (0, "typed-canary\r\n"), "a person's value ends its line");
}

#[test]
fn what_is_lost_for_good_is_asked_about_and_no_is_exit_3() {
    let home = Home::new();
    let _server = home.serve();
    home.with_value("v", &["set", "A"]).done();
    home.subrosa(&["tenant", "create", "acme"]).done();
    let Some((code, screen)) =
        at_a_terminal(&home, &["rm", "A", "--tenant", "default"], &[("[y/N]", "\n")])
    else {
        return;
    };
    assert_eq!(code, 3, "{screen}");
    assert!(screen.contains("nothing was changed"), "{screen}");
    let wrong = at_a_terminal(&home, &["tenant", "delete", "acme"], &[("to go on:", "acne\n")]);
    assert_eq!(wrong.unwrap().0, 3);
    let right = at_a_terminal(&home, &["tenant", "delete", "acme"], &[("to go on:", "acme\n")]);
    assert_eq!(right.unwrap().0, 0);
    let yes = at_a_terminal(&home, &["rm", "A"], &[("[y/N]", "y\n")]);
    assert_eq!(yes.unwrap().0, 0);
    home.subrosa(&["get", "A"]).refused(5, "secret-not-found");
}

#[test]
fn without_a_token_a_person_is_asked_for_one_unseen() {
    let home = Home::new();
    let server = home.serve();
    home.with_value("v", &["set", "A"]).done();
    let token = home.subrosa(&["token", "create", "--name", "me", "--preset", "reader"]).done();
    let line = ["--server", &server.url(), "--tenant", "default", "get", "A"];
    let talk = [("Token (hidden):", token.text())];
    let Some((code, screen)) = at_a_terminal(&home, &line, &talk) else { return };
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("sr_pat_") && screen.ends_with("v\r\n"), "{screen}");
}
