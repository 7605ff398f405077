//! `subrosa token list`.

use crate::{failure::Failure, moment, session::Session, table};
use subrosa_api::v1::tokens::Token;

/// The flags of `token list`.
#[derive(clap::Args, Debug)]
pub struct Args {}

pub(super) fn run(_args: &Args, session: &Session) -> Result<(), Failure> {
    let tenant = session.tenant()?;
    let tokens = session.wait(session.client.tokens(&tenant))?;
    if session.output.json {
        return session.output.list("token", &tokens);
    }
    if tokens.is_empty() {
        return Ok(());
    }
    let head = ["NAME", "PREFIX", "STATE", "LAST USED", "SCOPES", "ID"];
    let rows = tokens.into_iter().map(row).collect();
    session.output.bytes(table::lines(head, rows).as_bytes())
}

fn row(token: Token) -> [String; 6] {
    let state = match (token.revoked_at, token.expires_at) {
        (Some(_), _) => "revoked".to_owned(),
        (None, Some(end)) => format!("until {}", moment::text(end)),
        (None, None) => "no expiry".to_owned(),
    };
    let scopes = match token.scopes.len() {
        0 => "none".to_owned(),
        1..=3 => token.scopes.join(" "),
        many => format!("{many} scopes"),
    };
    let used = moment::text_or(token.last_used_at, "never");
    [token.name, token.key_prefix, state, used, scopes, token.id.to_string()]
}
