//! `subrosa token revoke TOKEN`: it stops working at once, for good.

use super::token_shown;
use crate::{confirm, failure::Failure, session::Session, table::clean};

/// The flags of `token revoke`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Its id, prefix or name
    pub(super) token: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let tenant = session.tenant()?;
    let token = token_shown::find(&args.token, &tenant, session)?;
    let name = format!("{} ({})", clean(&token.name), clean(&token.key_prefix));
    confirm::yes(&format!("Token {name} will stop working for good. Revoke?"), args.yes)?;
    session.wait(session.client.revoke_token(&tenant, token.id))?;
    if session.output.json {
        return session.output.document("token", &token);
    }
    session.output.done(format_args!("token {name} is revoked"));
    Ok(())
}
