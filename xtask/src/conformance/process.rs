//! A child process with an end: its output, or why there is none.

use std::{
    io::Read,
    process::{Child, Command, Stdio},
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
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{name} did not start: {error}"))?;
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let ended = wait(&mut child, limit);
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

fn drain(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
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
}
