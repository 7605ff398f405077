//! Running a program to its end.

use super::eventually;
use std::{
    io::{Read, Write},
    process::{Child, Command, Stdio},
    thread,
};

/// How a program ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ran {
    /// Its exit code; negative when a signal ended it.
    pub(crate) code: i32,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

impl Ran {
    /// stdout as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.out).expect("stdout is text")
    }

    /// It did what was asked.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(
            self.code,
            0,
            "stdout: {}\nstderr: {}",
            String::from_utf8_lossy(&self.out),
            self.err
        );
        self
    }

    /// It refused with this exit code and this problem code, and printed nothing that could be taken for an answer.
    #[track_caller]
    pub(crate) fn refused(self, code: i32, problem: &str) -> Self {
        let said = format!("code: {problem} (exit {code})");
        assert!(self.code == code && self.err.contains(&said), "{self:?} is not {said}");
        assert!(self.out.is_empty(), "{self:?}");
        self
    }

    /// stdout as its one JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        one_document(self.text())
    }
}

/// Reads text that is exactly one JSON document on one line.
#[track_caller]
pub(crate) fn one_document(text: &str) -> serde_json::Value {
    assert_eq!(text.matches('\n').count(), 1, "not one line: {text}");
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Runs a program without input.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> Ran {
    run_with(command, b"")
}

/// Runs a program on this input.
#[track_caller]
pub(crate) fn run_with(command: &mut Command, input: &[u8]) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Reaped(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")));
    let mut stdin = child.0.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that reads nothing closes the pipe early.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let out = read(child.0.stdout.take().unwrap());
    let err = read(child.0.stderr.take().unwrap());
    let status = eventually("the program's end", || child.0.try_wait().unwrap());
    writer.join().unwrap();
    Ran {
        code: status.code().unwrap_or(-1),
        out: out.join().unwrap(),
        err: String::from_utf8_lossy(&err.join().unwrap()).into_owned(),
    }
}

fn read(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

/// A child that does not outlive its test.
pub(crate) struct Reaped(pub(crate) Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
