//! Where a value comes from: a hidden prompt, a pipe, or a file. Never an argument.

use crate::{exit::Exit, failure::Failure, hidden, output::Output};
use std::{
    ffi::OsString,
    fs::File,
    io::{self, IsTerminal, Read},
    path::PathBuf,
};
use subrosa_api::{MAX_VALUE_BYTES, Plaintext};

/// The flags of commands that take a value.
#[derive(clap::Args, Debug)]
pub(crate) struct ValueSource {
    /// Read the value from a file, as it is
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,

    /// Keep a trailing newline that was piped in
    #[arg(long)]
    raw: bool,

    /// Allow a value of no bytes
    #[arg(long)]
    allow_empty: bool,

    /// Caught to be refused: a value typed as an argument.
    #[arg(hide = true, value_name = "VALUE")]
    misplaced: Vec<OsString>,

    /// Caught to be refused.
    #[arg(long, hide = true)]
    value: Option<OsString>,
}

/// What was read, and what to say about it.
pub(crate) struct Input {
    pub(crate) value: Plaintext,
    note: Option<&'static str>,
}

impl ValueSource {
    /// Refuses a value on the command line. `name` is the secret's as typed,
    /// which may be `NAME=value`.
    pub(crate) fn refuse_arguments(&self, name: &str, verb: &str) -> Result<(), Failure> {
        if self.misplaced.is_empty() && self.value.is_none() && !name.contains('=') {
            return Ok(());
        }
        let name = name.split('=').next().filter(|name| crate::session::key(name).is_ok());
        let name = name.unwrap_or("NAME");
        Err(Failure::on_command_line("value")
            .help(format!("subrosa {verb} {name}                 type it, hidden"))
            .help(format!("subrosa {verb} {name} --file PATH     from a file"))
            .help(format!("subrosa {verb} {name} < PATH          from a pipe")))
    }

    /// Reads the value.
    pub(crate) fn read(&self, output: Output) -> Result<Plaintext, Failure> {
        let read = match &self.file {
            Some(path) => {
                let file = File::open(path).map_err(|_| unreadable("the file"))?;
                verbatim(bounded(file, "the file")?)
            }
            None if io::stdin().is_terminal() => prompt()?,
            None => piped(bounded(io::stdin().lock(), "stdin")?, self.raw),
        };
        if read.value.is_empty() && !self.allow_empty {
            return Err(Failure::new(Exit::Usage, "empty-value", "the value is empty")
                .help("--allow-empty, if it is meant to be"));
        }
        if read.value.len() > MAX_VALUE_BYTES {
            return Err(Failure::new(
                Exit::Usage,
                "value-too-large",
                "a value has at most 65536 bytes",
            ));
        }
        if let Some(note) = read.note {
            output.note(note);
        }
        Ok(read.value)
    }
}

/// Reads a little more than a value may have, into a buffer that never grows, so that no copy is left behind.
fn bounded(from: impl Read, what: &str) -> Result<Vec<u8>, Failure> {
    let limit = MAX_VALUE_BYTES + 3;
    let mut bytes = Vec::with_capacity(limit + 1);
    from.take(limit as u64).read_to_end(&mut bytes).map_err(|_| unreadable(what))?;
    Ok(bytes)
}

fn unreadable(what: &str) -> Failure {
    Failure::new(Exit::Failed, "value-unreadable", format!("{what} cannot be read"))
}

fn prompt() -> Result<Input, Failure> {
    if !io::stderr().is_terminal() {
        let error = "there is no terminal to ask for the value on";
        return Err(Failure::new(Exit::Usage, "value-needed", error).help("--file PATH, or a pipe"));
    }
    let text = hidden::ask("Value (hidden): ").map_err(|_| unreadable("the terminal"))?;
    Ok(Input { value: Plaintext::from_string(text), note: None })
}

fn verbatim(bytes: Vec<u8>) -> Input {
    let one_line = bytes.iter().filter(|byte| **byte == b'\n').count() == 1;
    let note = (one_line && bytes.ends_with(b"\n"))
        .then_some("the value ends in the newline that the file ends in");
    Input { value: Plaintext::from_vec(bytes), note }
}

/// What came through a pipe, without the newline that most programs end with.
pub(crate) fn piped(mut bytes: Vec<u8>, raw: bool) -> Input {
    let newline = match bytes.as_slice() {
        [.., b'\r', b'\n'] => 2,
        [.., b'\n'] => 1,
        _ => 0,
    };
    let removed = if raw { 0 } else { newline };
    bytes.truncate(bytes.len() - removed);
    let note = (removed > 0).then_some("removed one trailing newline (keep it with --raw)");
    Input { value: Plaintext::from_vec(bytes), note }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> ValueSource {
        ValueSource { file: None, raw: false, allow_empty: false, misplaced: vec![], value: None }
    }

    #[test]
    fn a_pipe_loses_one_newline_and_says_so() {
        for (sent, kept) in [(&b"v"[..], 1), (b"v\n", 1), (b"v\r\n", 1), (b"v\n\n", 2), (b"\n", 0)]
        {
            let read = piped(sent.to_vec(), false);
            assert_eq!(read.value.len(), kept);
            assert_eq!(read.note.is_some(), sent.len() != kept);
        }
        let raw = piped(b"v\n".to_vec(), true);
        assert_eq!((raw.value.len(), raw.note), (2, None));
    }

    #[test]
    fn a_file_is_kept_as_it_is_and_a_lone_newline_at_its_end_is_mentioned() {
        assert!(verbatim(b"v\n".to_vec()).note.is_some());
        assert_eq!(verbatim(b"v\n".to_vec()).value.len(), 2);
        assert!(verbatim(b"v".to_vec()).note.is_none());
        assert!(verbatim(b"a\nb\n".to_vec()).note.is_none());
    }

    #[test]
    fn a_value_on_the_command_line_is_refused_and_never_repeated() {
        let canary = "sk_live_canary";
        let misplaced = ValueSource { misplaced: vec![canary.into()], ..source() };
        let flag = ValueSource { value: Some(canary.into()), ..source() };
        let assigned = format!("STRIPE={canary}");
        let refusals = [
            misplaced.refuse_arguments("STRIPE", "set"),
            flag.refuse_arguments("STRIPE", "set"),
            source().refuse_arguments(&assigned, "set"),
        ];
        for refusal in refusals {
            let failure = refusal.unwrap_err();
            assert_eq!((failure.exit.number(), &*failure.code), (2, "value-on-command-line"));
            assert!(failure.helps[0].starts_with("subrosa set STRIPE "));
            assert!(!format!("{failure:?}").contains(canary));
        }
        assert!(source().refuse_arguments("STRIPE", "set").is_ok());
    }

    #[test]
    fn an_empty_or_oversized_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("value");
        let read = |bytes: &[u8], allow_empty| {
            std::fs::write(&path, bytes).unwrap();
            ValueSource { file: Some(path.clone()), allow_empty, ..source() }
                .read(Output::new(true))
                .map(|value| value.len())
                .map_err(|failure| failure.code)
        };
        assert_eq!(read(b"", false).unwrap_err(), "empty-value");
        assert_eq!(read(b"", true).unwrap(), 0);
        assert_eq!(read(&vec![b'x'; MAX_VALUE_BYTES], false).unwrap(), MAX_VALUE_BYTES);
        assert_eq!(read(&vec![b'x'; MAX_VALUE_BYTES + 1], false).unwrap_err(), "value-too-large");
    }
}
