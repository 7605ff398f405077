//! A child process with an end: its output, or why there is none.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// How often a child is asked whether it has ended.
const POLL: Duration = Duration::from_millis(10);

/// What a child left behind.
#[derive(Debug)]
pub(super) struct Finished {
    /// Its exit code; `None` when a signal ended it.
    pub(super) code: Option<i32>,
    /// Its standard output.
    pub(super) stdout: String,
    /// Its standard error.
    pub(super) stderr: String,
}

/// Runs `command` to its end, with nothing to read, and kills it after `limit`.
pub(super) fn run(command: &mut Command, limit: Duration) -> Result<Finished, String> {
    follow(command, limit, |_| ())
}

/// The same, and tells `each` line of its output as it comes, whichever of the two it is on.
pub(super) fn follow(
    command: &mut Command,
    limit: Duration,
    mut each: impl FnMut(&str),
) -> Result<Finished, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{name} did not start: {error}"))?;
    let (told, lines) = mpsc::channel();
    let stdout = drain(child.stdout.take(), Some(told.clone()));
    let stderr = drain(child.stderr.take(), Some(told));
    let start = Instant::now();
    // The lines end when the child closes its output, which is before its end or at it.
    while let Ok(line) = lines.recv_timeout(limit.saturating_sub(start.elapsed())) {
        each(&line);
    }
    let ended = wait(&mut child, limit.saturating_sub(start.elapsed()));
    if ended.is_none() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let collected = Finished {
        code: ended.flatten(),
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    };
    match ended {
        Some(_) => Ok(collected),
        None => Err(format!("{name} did not end within {} s", limit.as_secs())),
    }
}

/// Waits for `child`: `None` when it is still running after `limit`, else its exit code if it had one.
pub(super) fn wait(child: &mut Child, limit: Duration) -> Option<Option<i32>> {
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.code()),
            Ok(None) if start.elapsed() < limit => thread::sleep(POLL),
            Ok(None) | Err(_) => return None,
        }
    }
}

/// Collects what comes out of `pipe`, telling each line on the way.
pub(super) fn drain(
    pipe: Option<impl Read + Send + 'static>,
    told: Option<mpsc::Sender<String>>,
) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut whole = String::new();
        let mut bytes = Vec::new();
        let Some(pipe) = pipe else { return whole };
        let mut pipe = BufReader::new(pipe);
        while matches!(pipe.read_until(b'\n', &mut bytes), Ok(1..)) {
            let line = String::from_utf8_lossy(&bytes).into_owned();
            whole.push_str(&line);
            if let Some(told) = &told {
                let _ = told.send(line.trim_end().to_owned());
            }
            bytes.clear();
        }
        whole
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_and_code_come_back_and_a_child_that_stays_is_ended() {
        let done = run(
            Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]),
            Duration::from_secs(10),
        );
        let done = done.unwrap();
        assert_eq!((done.code, &*done.stdout, &*done.stderr), (Some(3), "out\n", "err\n"));
        assert!(run(Command::new("sleep").arg("60"), Duration::from_millis(50)).is_err());
    }

    #[test]
    fn lines_are_told_as_they_come_and_kept() {
        let mut seen = Vec::new();
        let script = "printf 'one\\ntwo\\nthree'; exit 4";
        let limit = Duration::from_secs(10);
        let done = follow(Command::new("sh").args(["-c", script]), limit, |line| {
            seen.push(line.to_owned());
        });
        let done = done.unwrap();
        assert_eq!((done.code, &*done.stdout), (Some(4), "one\ntwo\nthree"));
        assert_eq!(seen, ["one", "two", "three"]);
        let mut seen = 0;
        follow(Command::new("sh").args(["-c", "echo out; echo err >&2"]), limit, |_| seen += 1)
            .unwrap();
        assert_eq!(seen, 2);
    }
}
