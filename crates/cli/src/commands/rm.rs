//! `subrosa rm NAME`: delete a secret with its revisions and grants. Its audit events stay.

use crate::{confirm, failure::Failure, session::Session};

/// The flags of `rm`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The secret's name
    name: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let tenant = session.tenant()?;
    let secret = session.secret(&tenant, &args.name)?;
    let question = format!(
        "{} and every value it had will be destroyed in tenant {tenant}. Delete?",
        secret.key
    );
    confirm::yes(&question, args.yes)?;
    session.wait(session.client.delete_secret(&tenant, secret.id))?;
    if session.output.json {
        return session.output.document("secret", &secret);
    }
    session.output.done(format_args!("{} is deleted", secret.key));
    Ok(())
}
