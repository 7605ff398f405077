//! Asking before something is lost. Questions go to stderr and are asked only of a person: without one, the flag that
//! answers them is named.

use crate::{exit::Exit, failure::Failure};
use std::io::{self, BufRead, IsTerminal, Write};

/// Asks a question whose answer is no unless it is yes.
pub(crate) fn yes(question: &str, flag: bool) -> Result<(), Failure> {
    if flag {
        return Ok(());
    }
    let answer = ask(&format!("{question} [y/N] "), "--yes")?;
    if is_yes(&answer) { Ok(()) } else { Err(cancelled()) }
}

/// Has a name typed before it is destroyed. `flag` is the name as `--confirm` gave it.
pub(crate) fn name(warning: &str, name: &str, flag: Option<&str>) -> Result<(), Failure> {
    match flag {
        Some(given) if given == name => Ok(()),
        Some(_) => {
            let error = "--confirm names another one than is to be deleted";
            Err(Failure::new(Exit::Usage, "confirm-mismatch", error))
        }
        None => {
            let flag = format!("--confirm={name}");
            let answer = ask(&format!("{warning}\nType {name} to go on: "), &flag)?;
            if answer.trim() == name { Ok(()) } else { Err(cancelled()) }
        }
    }
}

fn ask(question: &str, flag: &str) -> Result<String, Failure> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        let error = "this asks first, and there is nobody to ask";
        return Err(Failure::new(Exit::Usage, "confirmation-needed", error).help(flag));
    }
    let mut answer = String::new();
    let asked = io::stderr().write_all(question.as_bytes());
    match asked.and_then(|()| io::stdin().lock().read_line(&mut answer)) {
        Ok(_) => Ok(answer),
        Err(_) => Err(cancelled()),
    }
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

fn cancelled() -> Failure {
    Failure::new(Exit::Cancelled, "cancelled", "cancelled; nothing was changed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        assert!(is_yes("y\n") && is_yes("YES"));
        assert!(!is_yes("") && !is_yes("\n") && !is_yes("n") && !is_yes("yep"));
    }

    #[test]
    fn the_flag_must_name_exactly_what_is_deleted() {
        assert!(name("", "acme", Some("acme")).is_ok());
        let failure = name("", "acme", Some("Acme")).unwrap_err();
        assert_eq!(failure.exit.number(), 2);
        assert!(yes("", true).is_ok());
    }
}
