//! A shell that stays: one command after the other is typed into it, and variables and folders keep.

use super::super::process;
use std::{
    io::Write,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    time::{Duration, Instant},
};

/// What a shell prints after each command, with the exit code: no program prints this by itself.
const MARK: &str = "subrosa-guide-command-ended";

/// A terminal.
pub(super) struct Shell {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Shell {
    /// Starts one; `sh` says with which environment.
    pub(super) fn start(sh: &mut Command) -> Result<Self, String> {
        // One pipe for both outputs keeps their lines in order.
        let (mut child, lines) = spawn(sh.args(["-c", "exec sh 2>&1"]).stdin(Stdio::piped()))?;
        Ok(Self { stdin: child.stdin.take(), child, lines })
    }

    /// Types a command, and returns the lines it printed and its exit code.
    pub(super) fn run(
        &mut self,
        command: &str,
        limit: Duration,
    ) -> Result<(Vec<String>, Option<i32>), String> {
        let quoted = command.replace('\'', r"'\''");
        let typed = format!("eval '{quoted}' </dev/null\nprintf '\\n{MARK} %d\\n' $?\n");
        let told = self.stdin.as_mut().map(|stdin| stdin.write_all(typed.as_bytes()));
        if !matches!(told, Some(Ok(()))) {
            return Err("the shell has ended".to_owned());
        }
        let start = Instant::now();
        let mut printed = Vec::new();
        loop {
            let left = limit.saturating_sub(start.elapsed());
            let line = self.lines.recv_timeout(left).map_err(|why| match why {
                mpsc::RecvTimeoutError::Timeout => {
                    format!("a command did not end within {} s", limit.as_secs())
                }
                mpsc::RecvTimeoutError::Disconnected => "a command ended the shell".to_owned(),
            })?;
            if let Some(code) = line.strip_prefix(MARK) {
                return Ok((trimmed(printed), code.trim().parse().ok()));
            }
            printed.push(line);
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command in a terminal of its own, which goes on while others are typed elsewhere.
pub(super) struct Background {
    child: Child,
    lines: Receiver<String>,
    printed: Vec<String>,
}

impl Background {
    /// Starts it; `sh` says with which environment.
    pub(super) fn start(sh: &mut Command, command: &str) -> Result<Self, String> {
        let words = ["-c", &format!("exec 2>&1\n{command}")];
        let (child, lines) = spawn(sh.args(words).stdin(Stdio::null()))?;
        Ok(Self { child, lines, printed: Vec::new() })
    }

    /// Waits until what it has printed is right; `false` when it is not in time, or never will be.
    pub(super) fn until(
        &mut self,
        limit: Duration,
        mut right: impl FnMut(&[String]) -> bool,
    ) -> bool {
        let start = Instant::now();
        while !right(&self.printed) {
            match self.lines.recv_timeout(limit.saturating_sub(start.elapsed())) {
                Ok(line) => self.printed.push(line),
                Err(_) => return false,
            }
        }
        true
    }

    /// What it has printed so far.
    pub(super) fn printed(&self) -> &[String] {
        &self.printed
    }

    /// Waits for its end, and returns all it printed and its exit code.
    pub(super) fn end(mut self, limit: Duration) -> Result<(Vec<String>, Option<i32>), String> {
        // Nothing printed is ever right, so this ends with the output.
        self.until(limit, |_| false);
        let ended = process::wait(&mut self.child, Duration::from_secs(1));
        let code = ended.ok_or_else(|| {
            format!("what was left running did not end within {} s", limit.as_secs())
        })?;
        Ok((trimmed(std::mem::take(&mut self.printed)), code))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(command: &mut Command) -> Result<(Child, Receiver<String>), String> {
    let spawned = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn();
    let mut child = spawned.map_err(|error| format!("sh did not start: {error}"))?;
    let (told, lines) = mpsc::channel();
    process::drain(child.stdout.take(), Some(told));
    Ok((child, lines))
}

/// Lines without empty ones at their end.
fn trimmed(mut lines: Vec<String>) -> Vec<String> {
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    #[test]
    fn a_shell_keeps_what_was_set_and_tells_output_and_code_of_each_command() {
        let mut shell = Shell::start(&mut Command::new("sh")).unwrap();
        let mut run = |command: &str| shell.run(command, LIMIT).unwrap();
        let none: [&str; 0] = [];
        assert_eq!(run("WHO='a reader'; cd /"), (none.map(str::to_owned).to_vec(), Some(0)));
        assert_eq!(
            run("echo \"it's $WHO\"; pwd"),
            (vec!["it's a reader".into(), "/".into()], Some(0))
        );
        assert_eq!(run("printf out; (exit 3)"), (vec!["out".into()], Some(3)));
        assert_eq!(run("echo one; echo two >&2; false").0, ["one", "two"]);
        assert_eq!(run("cat <<'END'\na $WHO\nEND").0, ["a $WHO"]);
        assert_eq!(run("cat"), (vec![], Some(0)), "there is nothing to read");
    }

    #[test]
    fn a_command_that_goes_on_for_ever_or_ends_the_shell_is_said_to() {
        let mut shell = Shell::start(&mut Command::new("sh")).unwrap();
        let why = shell.run("sleep 60", Duration::from_millis(50)).unwrap_err();
        assert!(why.contains("did not end"), "{why}");
        let mut shell = Shell::start(&mut Command::new("sh")).unwrap();
        let why = shell.run("exit 4", LIMIT).unwrap_err();
        assert!(why.contains("ended the shell"), "{why}");
    }

    #[test]
    fn a_command_left_running_shows_its_beginning_and_then_its_end() {
        let place = tempfile::tempdir().unwrap();
        let go = place.path().join("go");
        let script = format!(
            "echo begun; while ! test -e {}; do sleep 0.02; done; echo over >&2; exit 5",
            go.display()
        );
        let mut begun = Background::start(&mut Command::new("sh"), &script).unwrap();
        assert!(begun.until(LIMIT, |printed| printed == ["begun"]));
        assert_eq!(begun.printed(), ["begun"]);
        std::fs::write(go, "").unwrap();
        assert_eq!(begun.end(LIMIT).unwrap(), (vec!["begun".into(), "over".into()], Some(5)));
        let mut silent = Background::start(&mut Command::new("sh"), "true").unwrap();
        assert!(!silent.until(LIMIT, |printed| !printed.is_empty()));
    }
}
