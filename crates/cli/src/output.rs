//! Where text goes. stdout has what was asked for, and with `--json` exactly one document; stderr has everything else.
//!
//! A pipe that was closed early is no failure: whoever read it had enough.

use crate::{exit::Exit, failure::Failure};
use serde::Serialize;
use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
};

/// How to print.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    pub(crate) json: bool,
    colour: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        let plain = |name, is: &dyn Fn(&str) -> bool| std::env::var(name).is_ok_and(|v| is(&v));
        let colour = io::stderr().is_terminal()
            && !plain("NO_COLOR", &|value| !value.is_empty())
            && !plain("TERM", &|value| value == "dumb");
        Self { json, colour }
    }

    /// Prints an object with its schema, `subrosa.<noun>/v1`.
    pub(crate) fn document(self, noun: &str, body: &impl Serialize) -> Result<(), Failure> {
        #[derive(Serialize)]
        struct Document<'a, T> {
            schema: String,
            #[serde(flatten)]
            body: &'a T,
        }
        self.print_json(&Document { schema: schema(noun), body })
    }

    /// Prints a list of objects with the schema of the list.
    pub(crate) fn list(self, noun: &str, items: &[impl Serialize]) -> Result<(), Failure> {
        #[derive(Serialize)]
        struct List<'a, T> {
            schema: String,
            items: &'a [T],
        }
        self.print_json(&List { schema: schema(noun), items })
    }

    fn print_json(self, document: &impl Serialize) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let written = serde_json::to_writer(&mut out, document).map_err(io::Error::from);
        written.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()).or_else(or_enough)
    }

    /// Prints bytes as they are.
    pub(crate) fn bytes(self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush()).or_else(or_enough)
    }

    /// Says on stderr that something was done. With `--json` the document says it.
    pub(crate) fn done(self, text: impl Display) {
        if !self.json {
            let _ = writeln!(io::stderr(), "{} {text}", self.paint("32", "✓"));
        }
    }

    /// Says on stderr what the user may want to know. With `--json` nothing but a failure's one object goes there, so
    /// that it can be parsed.
    pub(crate) fn note(self, text: impl Display) {
        if !self.json {
            let _ = writeln!(io::stderr(), "{} {text}", self.paint("33", "note:"));
        }
    }

    /// Tells a person what to do next, on stderr. As with a question, nothing goes on without it, whatever the format.
    pub(crate) fn tell(self, text: impl Display) {
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// Prints a failure and gives its exit code.
    pub(crate) fn fail(self, failure: &Failure) -> Exit {
        let _ = if self.json {
            let json = serde_json::to_string(&failure.to_json()).unwrap_or_default();
            writeln!(io::stderr(), "{json}")
        } else {
            io::stderr().write_all(self.human(failure).as_bytes())
        };
        failure.exit
    }

    fn human(self, failure: &Failure) -> String {
        let mut text = format!("{} {}\n", self.paint("31", "error:"), failure.error);
        for note in &failure.notes {
            text += &format!("  note: {note}\n");
        }
        for help in &failure.helps {
            text += &format!("  help: {help}\n");
        }
        text + &format!("  code: {} (exit {})\n", failure.code, failure.exit.number())
    }

    fn paint(self, colour: &str, word: &str) -> String {
        if self.colour { format!("\x1b[{colour}m{word}\x1b[0m") } else { word.to_owned() }
    }
}

fn schema(noun: &str) -> String {
    format!("subrosa.{noun}/v1")
}

fn or_enough(error: io::Error) -> Result<(), Failure> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Ok(());
    }
    Err(Failure::new(Exit::Failed, "output", "what was asked for could not be written to stdout"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_reads_error_note_help_code() {
        let output = Output { json: false, colour: false };
        let failure = Failure::new(Exit::NotFound, "secret-not-found", "no secret named A")
            .note("in tenant acme")
            .help("subrosa ls");
        assert_eq!(
            output.human(&failure),
            "error: no secret named A\n  note: in tenant acme\n  help: subrosa ls\n  \
             code: secret-not-found (exit 5)\n"
        );
    }
}
