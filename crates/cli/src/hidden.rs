//! Asking for what must not be seen.
//!
//! The terminal stops echoing before the question is on it, so that what somebody types ahead is not shown either.

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::{fs::File, io};

/// Asks for a line at the terminal without showing what is typed.
///
/// # Errors
/// When there is no terminal, or it cannot be read.
pub(crate) fn ask(question: &str) -> io::Result<String> {
    let terminal = File::options().read(true).write(true).open("/dev/tty")?;
    let _quiet = Quiet::new(&terminal)?;
    rpassword::prompt_password(question)
}

/// A terminal that does not echo for as long as this lives.
struct Quiet<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Quiet<'a> {
    fn new(terminal: &'a File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal, OptionalActions::Now, &quiet)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // If the terminal is gone there is nothing left to restore.
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}
