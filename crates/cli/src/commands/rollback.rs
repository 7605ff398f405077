//! `subrosa rollback NAME --to VERSION`: an older revision goes live again, under its own number.

use crate::{confirm, exit::Exit, failure::Failure, session::Session};
use subrosa_api::{RevisionId, v1::revisions::Rollback};

/// The flags of `rollback`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The secret's name
    name: String,
    /// The version to make live, as `subrosa history` numbers it
    #[arg(long, value_name = "VERSION")]
    to: u64,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let tenant = session.tenant()?;
    let secret = session.secret(&tenant, &args.name)?;
    let revisions = session.wait(session.client.revisions(&tenant, secret.id))?;
    let target = revisions.iter().find(|one| one.version == args.to).ok_or_else(|| {
        let error = format!("{} has no version {}", secret.key, args.to);
        Failure::new(Exit::NotFound, "revision-not-found", error)
            .help(format!("subrosa history {}", secret.key))
    })?;
    let live = secret.published_version.map_or("draft".to_owned(), |live| format!("v{live}"));
    let question = format!("{}: live {live} -> v{}. Roll back?", secret.key, target.version);
    confirm::yes(&question, args.yes)?;
    let body = Rollback { revision_id: RevisionId::from_uuid(target.id) };
    let revision = session.wait(session.client.roll_back(&tenant, secret.id, &body))?;
    if session.output.json {
        return session.output.document("revision", &revision);
    }
    session.output.done(format_args!("{} v{} is live", secret.key, revision.version));
    Ok(())
}
