//! `subrosa history NAME`: the revisions of a secret, without values.

use crate::{failure::Failure, moment, session::Session, table};

/// The flags of `history`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The secret's name
    name: String,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let tenant = session.tenant()?;
    let secret = session.secret(&tenant, &args.name)?;
    let mut revisions = session.wait(session.client.revisions(&tenant, secret.id))?;
    revisions.sort_by_key(|revision| std::cmp::Reverse(revision.version));
    if session.output.json {
        return session.output.list("revision", &revisions);
    }
    let rows = revisions
        .into_iter()
        .map(|revision| {
            let live = Some(revision.id) == secret.published_revision_id;
            [
                format!("v{}", revision.version),
                if live { "live" } else { "" }.into(),
                moment::text(revision.created_at),
                revision.created_by,
                revision.note.unwrap_or_default(),
            ]
        })
        .collect();
    let text = table::lines(["VERSION", "STATE", "WHEN", "WHO", "NOTE"], rows);
    session.output.bytes(text.as_bytes())
}
