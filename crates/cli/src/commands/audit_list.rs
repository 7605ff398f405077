//! `subrosa audit list`: events of a tenant's log, newest first.

use crate::{failure::Failure, moment, session::Session, table};
use subrosa_api::{
    client::{AuditFilter, AuditLog},
    v1::audit::AuditEvent,
};

/// The flags of `audit list`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only events of this secret
    name: Option<String>,
    /// The deployment's own log: tenants made and erased, strangers refused
    #[arg(long, conflicts_with = "name")]
    deployment: bool,
    /// Not before this (RFC 3339)
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Before this (RFC 3339)
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Only this action, as secret.reveal
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only this outcome: ALLOWED, DENIED or FAILED
    #[arg(long, value_name = "DECISION")]
    decision: Option<String>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
}

pub(super) fn run(args: Args, session: &Session) -> Result<(), Failure> {
    let time = |flag, text: &Option<String>| {
        text.as_deref().map(|text| moment::parse(flag, text).map(|time| time.0)).transpose()
    };
    let (from, to) = (time("--from", &args.from)?, time("--to", &args.to)?);
    let (log, named) = if args.deployment {
        (AuditLog::Deployment, None)
    } else {
        let tenant = session.tenant()?;
        let named = args.name.map(|name| session.secret(&tenant, &name)).transpose()?;
        (AuditLog::Tenant(tenant), named)
    };
    let filter = AuditFilter {
        from,
        to,
        action: args.action,
        resource_id: named.map(|secret| secret.id),
        decision: args.decision,
    };
    let events = session.wait(session.client.audit_events(&log, &filter, args.limit))?;
    if session.output.json {
        return session.output.list("auditEvent", &events);
    }
    if events.is_empty() {
        return Ok(());
    }
    let head = ["SEQ", "TIME", "WHO", "DID", "TO", "RESULT", "WHY"];
    let rows = events.into_iter().map(row).collect();
    session.output.bytes(table::lines(head, rows).as_bytes())
}

fn row(event: AuditEvent) -> [String; 7] {
    let revision = event.revision.map_or(String::new(), |version| format!(" v{version}"));
    let times = if event.count > 1 { format!(" x{}", event.count) } else { String::new() };
    let what = event.resource.key.or(event.resource.id.map(|id| id.to_string()));
    [
        format!("{}/{}", event.lane, event.seq),
        moment::text(event.time),
        event.actor.id,
        format!("{}{times}", event.action),
        format!("{}{revision}", what.unwrap_or(event.resource.kind)),
        event.decision,
        event.reason.unwrap_or_default(),
    ]
}
