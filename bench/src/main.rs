//! `cargo xtask bench`: what the machine allows and what the server makes of it, measured in one run.
//!
//! Bare hyper, raw fdatasync and the real `subrosa serve` take turns on the same cores and the same disk, so that their
//! ratios mean something whatever the machine is doing besides. It drives the built binary from outside, and must never
//! become part of what ships.

mod alike;
mod allocator;
mod audited;
mod bare;
mod bars;
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

use bars::Bars;
use failure::Result;
use options::{Curves, Options, What};
use std::{io::Write, process::ExitCode};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let ended = match words.first().map(String::as_str) {
        Some("bare") => bare::serve().map(|()| true),
        // For whoever is about to build a server to be measured: whether these words would be understood.
        Some("words") => match Options::read(&words) {
            Ok(_) => Ok(true),
            Err(failure) => {
                say(failure.to_string());
                Ok(false)
            }
        },
        _ => Options::read(&words).and_then(|options| measured(&options)),
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

/// Measures what is asked for; whether all is right that has to be.
fn measured(options: &Options) -> Result<bool> {
    let (mut right, mut bars) = (true, Bars::default());
    match options.what {
        What::Timing => return timing::run(options),
        What::Allocator => bars = allocator::run(options)?,
        What::Curves(curves) => bars = curves::run(options, curves)?,
        What::Table => {
            let ran = run::run(options)?;
            (right, bars) = (ran.right, ran.bars);
        }
        What::Ci => {
            let ran = run::run(options)?;
            let curves = curves::run(options, Curves::BRIEF)?;
            right = ran.right && curves.missed == 0;
            bars.add(ran.bars);
            bars.add(curves);
        }
    }
    say(format!("\n{} of {} bars missed", bars.missed, bars.held));
    Ok(right && (bars.missed == 0 || !options.hold))
}

/// Writes a line to stdout. A closed pipe is nobody's failure.
fn say(line: impl AsRef<str>) {
    let _ = writeln!(std::io::stdout().lock(), "{}", line.as_ref().trim_end());
}
