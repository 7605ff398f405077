//! `subrosa token create --name N`: mint a token.

use super::token_shown;
use crate::{failure::Failure, session::Session};
use subrosa_api::v1::tokens::GenerateToken;

/// The flags of `token create`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A name for people
    #[arg(long, value_name = "NAME")]
    name: String,
    /// A named set of scopes: runner, builder, read-only, admin, agent, reader
    #[arg(long, value_name = "PRESET")]
    preset: Option<String>,
    /// A scope, as secrets:read; may be given more than once
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// How many days it works [default: for ever]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i32).range(1..))]
    expires_days: Option<i32>,
}

pub(super) fn run(args: Args, session: &Session) -> Result<(), Failure> {
    let tenant = session.tenant()?;
    let body = GenerateToken {
        name: Some(args.name),
        expiration_days: args.expires_days.map(Some),
        kind: None,
        scopes: Some(args.scopes).filter(|scopes| !scopes.is_empty()),
        preset: args.preset,
    };
    let generated = session.wait(session.client.generate_token(&tenant, &body))?;
    token_shown::show(generated, session)
}
