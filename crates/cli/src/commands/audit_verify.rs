//! `subrosa audit verify`: whether the log is as it was written.

use crate::{
    exit::Exit, failure::Failure, globals::Globals, moment, output::Output, session::Session,
};
use serde::Serialize;
use std::{path::PathBuf, process::ExitCode};
use subrosa_api::{EpochMillis, client::AuditLog};

/// The flags of `audit verify`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The deployment's own log instead of a tenant's
    #[arg(long)]
    deployment: bool,
    /// Also look at the rows there are, which shows one that was edited or put back; reads every row
    #[arg(long)]
    deep: bool,
    /// An export to check instead, without a server: see `audit export`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["deployment", "deep"])]
    export: Option<PathBuf>,
    /// The key that its checkpoints must be signed with, as it was noted before; without it the export's own is
    /// taken, and shown
    #[arg(long, value_name = "KEY", requires = "export")]
    key: Option<String>,
}

/// An export to be checked without a server.
#[derive(Clone, Debug)]
pub struct ExportFile {
    /// The file.
    pub path: PathBuf,
    /// The key that was noted before.
    pub key: Option<String>,
}

/// What came of checking an export.
#[derive(Clone, Debug)]
pub enum ExportChecked {
    /// It is whole.
    Holds {
        /// How many events.
        events: u64,
        /// Up to when, in microseconds since the epoch.
        until: i64,
        /// The key that its checkpoints are signed with.
        key: String,
        /// Whether that key was noted before.
        noted: bool,
    },
    /// It is not.
    Broken {
        /// The lane of the first bad place.
        lane: u32,
        /// The place.
        seq: u64,
        /// What is wrong there.
        what: String,
    },
    /// It could not be checked at all.
    Unusable(String),
}

impl Args {
    /// The export to be checked, if it is one.
    pub(crate) fn export_file(&self) -> Option<ExportFile> {
        let path = self.export.clone()?;
        Some(ExportFile { path, key: self.key.clone() })
    }
}

/// Says what came of checking an export.
#[must_use]
pub fn report_export(globals: &Globals, checked: ExportChecked) -> ExitCode {
    let output = Output::new(globals.json);
    match told(checked, output) {
        Ok(()) => Exit::Done.into(),
        Err(failure) => output.fail(&failure).into(),
    }
}

fn told(checked: ExportChecked, output: Output) -> Result<(), Failure> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Whole {
        intact: bool,
        events: u64,
        until: EpochMillis,
        key: String,
    }
    match checked {
        ExportChecked::Holds { events, until, key, noted } => {
            let until = EpochMillis(until.div_euclid(1_000));
            if output.json {
                return output.document("auditExport", &Whole { intact: true, events, until, key });
            }
            let until = moment::text(until);
            output.done(format_args!("the export is intact: {events} events, until {until}"));
            if !noted {
                output.note(format_args!("signed by {key}: compare it with the one you noted"));
            }
            Ok(())
        }
        ExportChecked::Broken { lane, seq, what } => {
            Err(broken("the export").note(format!("first at lane {lane}, place {seq}: {what}")))
        }
        ExportChecked::Unusable(why) => Err(Failure::new(Exit::Usage, "export-unusable", why)),
    }
}

fn broken(what: &str) -> Failure {
    Failure::new(Exit::Findings, "audit-broken", format!("{what} is not as it was written"))
}

pub(super) fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let log = match args.deployment {
        true => AuditLog::Deployment,
        false => AuditLog::Tenant(session.tenant()?),
    };
    let found = session.wait(session.client.verify_audit(&log, args.deep))?;
    let exit = if found.intact { Exit::Done } else { Exit::Findings };
    if session.output.json {
        session.output.document("auditVerification", &found)?;
        return Ok(exit);
    }
    if found.intact {
        session.output.done(format_args!("the log of {log} is intact: {} events", found.events));
        return Ok(exit);
    }
    let mut failure = broken(&format!("the log of {log}"));
    if let Some(fault) = found.fault {
        failure = failure
            .note(format!("first at lane {}, place {}: {}", fault.lane, fault.seq, fault.what));
    }
    let states = found.states.as_ref();
    if states.is_some_and(|states| !states.rows) {
        failure =
            failure.note("a row was put back, taken away or put in: the rows are not the latest");
    }
    for row in states.map_or(&[][..], |states| &states.edited) {
        let id = row.id.map_or_else(|| "without an id".to_owned(), |id| id.to_string());
        failure = failure.note(format!("a row was edited: {} {id}", row.kind));
    }
    if states.is_some_and(|states| !states.heads) {
        failure = failure
            .note("a tenant was put back as a whole: the ends of the logs are not the latest");
    }
    Err(failure)
}
