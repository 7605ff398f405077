//! A readable account of a run: what was done, what was seen, and whether it was right.

use super::process::Finished;
use crate::say;
use serde_json::Value;

/// How many checks passed and failed.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Tally {
    pub(super) passed: u32,
    pub(super) failed: u32,
}

/// Prints as it goes, and counts.
#[derive(Debug, Default)]
pub(super) struct Transcript {
    tally: Tally,
    /// Texts that must never be seen: the values of the secrets.
    canaries: Vec<String>,
    leaked: bool,
}

impl Transcript {
    /// A transcript that fails whatever shows one of `canaries`.
    pub(super) fn watching(canaries: &[&str]) -> Self {
        Self { canaries: canaries.iter().map(|c| (*c).to_owned()).collect(), ..Self::default() }
    }

    /// Says what was run and what it showed, and looks through it for values.
    pub(super) fn ran(&mut self, command: &str, done: &Finished) {
        let code = done.code.map_or("a signal".to_owned(), |code| code.to_string());
        say(format!("$ {command}    [{code}]"));
        let seen = format!("{}{}", done.stdout, done.stderr);
        for line in seen.lines().filter(|line| !line.trim().is_empty()).take(6) {
            say(format!("    {}", line.chars().take(140).collect::<String>()));
        }
        self.look(&seen);
    }

    /// Looks through a text for values.
    pub(super) fn look(&mut self, text: &str) {
        self.leaked |= self.canaries.iter().any(|canary| text.contains(canary));
    }

    /// Fails when any text so far had a value in it.
    pub(super) fn no_value_was_seen(&mut self) {
        self.check("no value was seen in any output or log", !self.leaked);
    }

    /// A check with its outcome.
    pub(super) fn check(&mut self, what: &str, right: bool) {
        say(format!("  {} {what}", if right { "ok  " } else { "FAIL" }));
        if right {
            self.tally.passed += 1;
        } else {
            self.tally.failed += 1;
        }
    }

    /// Whether a value is the expected one; shows both when it is not.
    pub(super) fn equal(&mut self, what: &str, seen: &Value, expected: impl Into<Value>) {
        let expected = expected.into();
        let right = *seen == expected;
        self.check(what, right);
        if !right {
            say(format!("       expected {expected}, saw {seen}"));
        }
    }

    /// The counts.
    pub(super) fn tally(&self) -> Tally {
        self.tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_on_stderr_fails_the_run() {
        let mut transcript = Transcript::watching(&["s3cr3t"]);
        let done = Finished { code: Some(0), stdout: "fine".into(), stderr: "oops s3cr3t".into() };
        transcript.ran("x", &done);
        transcript.no_value_was_seen();
        assert_eq!(transcript.tally().failed, 1);
    }
}
