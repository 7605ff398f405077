//! What the targets share. A target is a file of `targets`: a function of bytes that nobody can be expected to have
//! written, which checks more than that nothing panics wherever there is more that has to hold.
//!
//! With the engine (`cargo xtask fuzz`) it is asked for new inputs; without it, which needs no C++, it runs the files
//! it is given: `cargo run -p subrosa-fuzz --bin token -- FILE`. It must never be part of what ships.

mod json;

pub mod issuer;
pub use json::body;

use async_trait::async_trait;
use std::{
    fs,
    future::Future,
    io::Write,
    path::PathBuf,
    pin::pin,
    process::ExitCode,
    task::{Context, Poll, Waker},
};
use subrosa_oidc::{Address, Fetch, FetchFault};

/// Makes a program of a function of bytes.
#[macro_export]
macro_rules! target {
    ($run:path) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $run(data));

        #[cfg(not(fuzzing))]
        fn main() -> std::process::ExitCode {
            $crate::replay($run)
        }
    };
}

/// Runs a target on the files that are named. Fails when there are none, or one cannot be read: nothing was tried then.
#[must_use]
pub fn replay(run: fn(&[u8])) -> ExitCode {
    let files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let fail = |why: &str| {
        let _ = writeln!(std::io::stderr(), "{why}");
        ExitCode::FAILURE
    };
    if files.is_empty() {
        return fail("name the files to try");
    }
    for file in files {
        match fs::read(&file) {
            Ok(bytes) => run(&bytes),
            Err(error) => return fail(&format!("{}: {error}", file.display())),
        }
    }
    ExitCode::SUCCESS
}

/// What comes of a future that has nothing to wait for.
///
/// # Panics
/// When it waits.
pub fn now<F: Future>(future: F) -> F::Output {
    let polled = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_ready(), "it waits");
    match polled {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => unreachable!(),
    }
}

/// Nobody answers.
pub struct Nobody;

#[async_trait]
impl Fetch for Nobody {
    async fn get(&self, _: &Address) -> Result<bytes::Bytes, FetchFault> {
        Err(FetchFault::Unreachable)
    }
}
