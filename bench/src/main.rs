//! `cargo xtask bench`: what the machine allows and what the server makes of it, measured in one run.
//!
//! Bare hyper, raw fdatasync and the real `subrosa serve` take turns on the same cores and the same disk, so that their
//! ratios mean something whatever the machine is doing besides. It drives the built binary from outside, and must never
//! become part of what ships.

mod alike;
mod allocator;
mod audited;
mod bare;
mod curves;
mod disk;
mod failure;
mod load;
mod measure;
mod options;
mod process;
mod random;
mod run;
mod scenario;
mod statistics;
mod stock;
mod table;
mod timing;
mod wire;

use std::{io::Write, process::ExitCode};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let ended = match words.first().map(String::as_str) {
        Some("bare") => bare::serve().map(|()| true),
        _ => {
            let options = options::Options::read(&words);
            options.and_then(|options| {
                if options.timing {
                    return timing::run(&options).map(|()| true);
                }
                let right = !options.table || run::run(&options)?;
                if options.allocator {
                    allocator::run(&options)?;
                }
                if let Some(curves) = options.curves {
                    curves::run(&options, curves)?;
                }
                Ok(right)
            })
        }
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            say(format!("stopped: {failure}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes a line to stdout. A closed pipe is nobody's failure.
fn say(line: impl AsRef<str>) {
    let _ = writeln!(std::io::stdout().lock(), "{}", line.as_ref().trim_end());
}
