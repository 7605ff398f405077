//! `subrosa audit verify`: whether the log is as it was written.

use crate::{exit::Exit, failure::Failure, session::Session};
use subrosa_api::client::AuditLog;

/// The flags of `audit verify`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The deployment's own log instead of a tenant's
    #[arg(long)]
    deployment: bool,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let log = match args.deployment {
        true => AuditLog::Deployment,
        false => AuditLog::Tenant(session.tenant()?),
    };
    let found = session.wait(session.client.verify_audit(&log))?;
    let exit = if found.intact { Exit::Done } else { Exit::Findings };
    if session.output.json {
        session.output.document("auditVerification", &found)?;
        return Ok(exit);
    }
    if found.intact {
        session.output.done(format_args!("the log of {log} is intact: {} events", found.events));
        return Ok(exit);
    }
    let failure = Failure::new(
        Exit::Findings,
        "audit-broken",
        format!("the log of {log} is not as it was written"),
    );
    Err(match found.fault {
        Some(fault) => failure
            .note(format!("first at lane {}, place {}: {}", fault.lane, fault.seq, fault.what)),
        None => failure,
    })
}
