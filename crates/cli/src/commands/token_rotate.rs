//! `subrosa token rotate TOKEN`: the same token with a new secret. The old one is dead at once.

use super::token_shown;
use crate::{failure::Failure, session::Session};
use subrosa_api::v1::tokens::RotateToken;

/// The flags of `token rotate`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Its id, prefix or name
    pub(super) token: String,
    /// How many days the new secret works [default: as long as the old one did]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i32).range(1..))]
    expires_days: Option<i32>,
    /// Let the new secret work for ever
    #[arg(long, conflicts_with = "expires_days")]
    never_expires: bool,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let tenant = session.tenant()?;
    let token = token_shown::find(&args.token, &tenant, session)?;
    let expiration_days = match (args.expires_days, args.never_expires) {
        (Some(days), _) => Some(Some(days)),
        (None, true) => Some(None),
        (None, false) => None,
    };
    let body = RotateToken { expiration_days, ..RotateToken::default() };
    let generated = session.wait(session.client.rotate_token(&tenant, token.id, &body))?;
    token_shown::show(generated, session)
}
