//! `subrosa audit export`: a tenant's log as it is stored, one JSON object a line, to be checked anywhere.

use crate::{exit::Exit, failure::Failure, session::Session};
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::PathBuf,
};

/// The flags of `audit export`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let tenant = session.tenant()?;
    let failed = |error: io::Error| {
        let what = "the export cannot be written";
        Failure::new(Exit::Failed, "export-unwritable", what).note(error.to_string())
    };
    let place: Box<dyn Write> = match &args.out {
        Some(path) => Box::new(File::create(path).map_err(failed)?),
        None => Box::new(io::stdout().lock()),
    };
    let mut out = BufWriter::new(place);
    let mut line = |object: Value| writeln!(out, "{object}").map_err(failed);
    let begun = session.wait(session.client.begin_audit_export(&tenant))?;
    line(json!({ "schema": "subrosa.auditExport/v1", "tenant": begun.tenant, "key": begun.key }))?;
    let mut events = 0;
    for end in &begun.lanes {
        let mut after = 0;
        while after < end.events {
            let part = session.wait(session.client.audit_part(&tenant, end.lane, after))?;
            let (before, mut notes) = (after, part.checkpoints.into_iter().peekable());
            // What was written since the export was begun belongs to the next one.
            for stored in part.events.into_iter().take_while(|stored| stored.seq <= end.events) {
                let seq = stored.seq;
                let (lane, hash, event) = (end.lane, stored.hash, stored.event);
                line(json!({ "lane": lane, "seq": seq, "hash": hash, "event": event }))?;
                (after, events) = (seq, events + 1);
                if let Some(checkpoint) = notes.next_if(|note| note.seq == seq) {
                    line(json!({ "checkpoint": checkpoint.note }))?;
                }
            }
            if after == before {
                let what = "the log ends before the place that it is said to end at";
                return Err(Failure::new(Exit::Findings, "export-cut", what));
            }
        }
    }
    line(json!({ "end": begun.end }))?;
    out.flush().map_err(failed)?;
    if args.out.is_some() {
        session.output.done(format_args!("{events} events exported"));
        session.output.note(format_args!("keep the key elsewhere: {}", begun.key));
    }
    Ok(())
}
