//! A readable account of a run: what was done, what was seen, and whether it was right.

use super::process::Finished;
use crate::say;
use serde_json::Value;

/// How many checks passed, failed, and could not be made.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Tally {
    pub(super) passed: u32,
    pub(super) failed: u32,
    pub(super) not_run: u32,
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

    /// Adds texts that must never be seen.
    pub(super) fn watch(&mut self, canaries: impl IntoIterator<Item = String>) {
        self.canaries.extend(canaries.into_iter().filter(|canary| !canary.is_empty()));
    }

    /// Says what was run and what it showed, and looks through it for values.
    pub(super) fn ran(&mut self, command: &str, done: &Finished) {
        let code = done.code.map_or("a signal".to_owned(), |code| code.to_string());
        say(format!("$ {command}    [{code}]"));
        let seen = format!("{}{}", done.stdout, done.stderr);
        for line in seen.lines().filter(|line| !line.trim().is_empty()).take(6) {
            let line = self.redacted(line);
            say(format!("    {}", line.chars().take(140).collect::<String>()));
        }
        self.look(&seen);
    }

    /// Looks through a text for values.
    pub(super) fn look(&mut self, text: &str) {
        self.leaked |= self.canaries.iter().any(|canary| text.contains(canary));
    }

    /// A text with every value in it taken out.
    pub(super) fn redacted(&self, text: &str) -> String {
        let hide = |text: String, canary: &String| text.replace(canary.as_str(), "<hidden>");
        self.canaries.iter().fold(text.to_owned(), hide)
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

    /// A check that could not be made, and why.
    pub(super) fn not_run(&mut self, what: &str, why: &str) {
        say(format!("  ----  {what} (not run: {why})"));
        self.tally.not_run += 1;
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

    #[test]
    fn a_value_learnt_later_is_watched_for_and_what_was_not_run_is_counted_apart() {
        let mut transcript = Transcript::default();
        transcript.look("t0ken");
        transcript.watch(["t0ken".to_owned(), String::new()]);
        transcript.no_value_was_seen();
        transcript.look("a t0ken");
        transcript.no_value_was_seen();
        transcript.not_run("the rest", "no group");
        assert_eq!(transcript.redacted("a t0ken, a t0ken"), "a <hidden>, a <hidden>");
        let tally = transcript.tally();
        assert_eq!((tally.passed, tally.failed, tally.not_run), (1, 1, 1));
    }
}
