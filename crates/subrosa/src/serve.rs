//! `subrosa serve`: the one call into the server, and what a person at its terminal sees.

use crate::{
    allocator, hygiene,
    serve_args::{LogLevel, NoPlace, ServeArgs},
};
use std::{
    error::Error,
    io::{self, Write},
    path::Path,
    process::ExitCode,
    time::Instant,
};
use subrosa_cli::{Globals, Refusal};
use subrosa_server::{Report, ServeOptions, StartFailure, telemetry};
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{Signal, SignalKind, signal},
};

/// Serves until SIGINT or SIGTERM. Exits 0 after a stop that was asked for, 2 when starting would have been unsafe, 1
/// when it failed.
pub(crate) fn serve(args: ServeArgs, globals: &Globals) -> ExitCode {
    let begun = Instant::now();
    let refuse = |refusal: Refusal<'_>| refusal.print(globals.json);
    if hygiene::harden().is_err() {
        let error = "this process cannot be kept from dumping its memory, so it will not hold keys";
        return refuse(Refusal::failed("not-hardened", error));
    }
    let log_level = args.log_level();
    let options = match args.settle(globals) {
        Ok(options) => options,
        Err(missing) => return refuse(no_place(missing)),
    };
    telemetry::start(log_level.into());
    let Ok(runtime) = Builder::new_multi_thread().enable_all().build() else {
        return refuse(Refusal::failed("runtime", "the operating system refused an event queue"));
    };
    match run(&runtime, &options, globals.data.as_deref(), begun) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => refuse(refusal(&failure, &failure.help())),
    }
}

/// A start that failed, as it is told.
pub(crate) fn refusal<'a>(failure: &StartFailure, helps: &'a [&'static str]) -> Refusal<'a> {
    Refusal {
        unsafe_usage: matches!(failure, StartFailure::InsecureListen(_)),
        code: failure.code(),
        error: failure.to_string(),
        cause: failure.source().map(ToString::to_string),
        helps,
    }
}

/// Something has no place because there is no home.
pub(crate) fn no_place(missing: NoPlace) -> Refusal<'static> {
    let (what, helps): (_, &'static [&'static str]) = match missing {
        NoPlace::Data => ("data", &["--data DIR"]),
        NoPlace::RootKey => ("root key", &["--root-key FILE"]),
        NoPlace::Checkpoints => ("last checkpoint", &["--checkpoint-dir DIR"]),
    };
    Refusal {
        unsafe_usage: true,
        code: "no-home",
        error: format!("there is no home directory to keep the {what} in"),
        cause: None,
        helps,
    }
}

fn run(
    runtime: &Runtime,
    options: &ServeOptions,
    named: Option<&Path>,
    begun: Instant,
) -> Result<(), StartFailure> {
    runtime.block_on(async {
        // Before it listens: whoever sees it ready may end it at once.
        let asked_to_stop = asked_to_stop();
        let running = subrosa_server::start(options).await?;
        let welcome = welcome(running.report(), named, begun.elapsed().as_millis());
        // A closed stdout is no reason to stop serving.
        let _ = io::stdout().write_all(welcome.as_bytes());
        allocator::give_back();
        running.serve_until(asked_to_stop).await;
        Ok(())
    })
}

/// Catches SIGINT and SIGTERM from now on; what it gives back is ready when one has arrived. Where one cannot be caught
/// it keeps its default, which ends the process.
fn asked_to_stop() -> impl Future<Output = ()> {
    let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let arrives = |caught: io::Result<Signal>| async move {
        match caught {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    async move {
        tokio::select! {
            () = arrives(interrupt) => {}
            () = arrives(terminate) => {}
        }
    }
}

/// What a start says: everything the first time, where it listens afterwards. `named` is the data directory if the
/// command line or the environment named one, for then the other commands need it too.
fn welcome(report: &Report, named: Option<&Path>, millis: u128) -> String {
    let scheme = if report.tls { "https" } else { "http" };
    let address = format!("{scheme}://{}", report.address);
    let mut text = String::new();
    for warning in &report.warnings {
        text += &format!("note: {warning}\n");
    }
    if let Some(set_back) = &report.set_back {
        return text
            + &format!(
                "Nobody but you is served, and nothing is changed: {set_back}.\n\n\
                 If you put an older copy back on purpose, stop this server and run\n    \
                 subrosa restore --accept-rollback\n\
                 Everything that was done since is lost with that: keys that were revoked work again until\n\
                 they are revoked again. If you did not, somebody else did.\n\n\
                 Not ready.  Listening on {address}\n"
            );
    }
    if !report.first {
        return text + &format!("Ready in {millis} ms.  Listening on {address}\n");
    }
    let made = |made| if made { "created, readable only by you" } else { "found" };
    let reach = if report.address.ip().is_loopback() { "this machine only" } else { "" };
    let rows = [
        ("store", report.store.display().to_string(), "created, encrypted"),
        ("root key", report.root_key.display().to_string(), made(report.root_key_made)),
        (
            "checkpoint",
            report.checkpoint_dir.display().to_string(),
            "by which an older copy is known",
        ),
        ("tenant", "default".to_owned(), ""),
        ("listening", address, reach),
        ("socket", report.socket.display().to_string(), "for you, without a token"),
    ];
    let width = rows.iter().map(|(_, what, _)| what.chars().count()).max().unwrap_or(0);
    text += &format!("subrosa {}, first run\n\n", env!("CARGO_PKG_VERSION"));
    for (name, what, remark) in rows {
        text += format!("  {name:<10} {what:<width$}   {remark}").trim_end();
        text.push('\n');
    }
    let data = named.map_or(String::new(), |data| format!(" --data {}", data.display()));
    text + &format!(
        "\nReady in {millis} ms.\n\n\
         In another terminal:\n    \
         subrosa{data} set STRIPE_API_KEY    asks for the value, never shows it\n    \
         subrosa{data} run -- your-app       starts your app with it\n\n\
         Keep a copy of the root key somewhere else: without it nobody can read the store.\n\
         Ctrl-C stops the server; the same command starts it again with everything in place.\n"
    )
}

impl From<LogLevel> for subrosa_server::LogLevel {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Error => Self::Error,
            LogLevel::Warn => Self::Warn,
            LogLevel::Info => Self::Info,
            LogLevel::Debug => Self::Debug,
            LogLevel::Trace => Self::Trace,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(first: bool) -> Report {
        Report {
            first,
            address: "127.0.0.1:7420".parse().unwrap(),
            tls: false,
            store: "/d/store.db".into(),
            root_key: "/c/root.key".into(),
            root_key_made: true,
            checkpoint_dir: "/s/subrosa".into(),
            socket: "/d/subrosa.sock".into(),
            warnings: vec!["the key is on the same disk".into()],
            set_back: None,
        }
    }

    #[test]
    fn the_first_start_says_what_it_made_and_what_to_type_next() {
        let text = welcome(&report(true), None, 42);
        for part in [
            "/d/store.db",
            "/c/root.key",
            "/s/subrosa",
            "http://127.0.0.1:7420",
            "subrosa set STRIPE_API_KEY",
            "42 ms",
        ] {
            assert!(text.contains(part), "{part}");
        }
        assert!(text.starts_with("note: the key is on the same disk\n"));
        assert!(welcome(&report(true), Some(Path::new("/d")), 4).contains("subrosa --data /d run"));
    }

    #[test]
    fn a_later_start_says_where_it_listens_and_no_more() {
        let mut report = report(false);
        report.warnings.clear();
        report.tls = true;
        assert_eq!(
            welcome(&report, None, 17),
            "Ready in 17 ms.  Listening on https://127.0.0.1:7420\n"
        );
    }
}
