//! How a token is shown, the one time that it is, and how one is named afterwards.

use crate::{exit::Exit, failure::Failure, moment, session::Session};
use subrosa_api::{
    EpochMillis, PlainToken, TenantSlug,
    v1::tokens::{Token, TokenGenerated},
};

/// Prints a token that was just made: alone on stdout, so that it can be piped into a file; about it on stderr.
#[expect(clippy::disallowed_methods, reason = "EXIT-5: a new token is printed this once")]
pub(super) fn show(generated: TokenGenerated, session: &Session) -> Result<(), Failure> {
    if session.output.json {
        return session.output.document("token", &generated);
    }
    let (scopes, expiry) = (scopes(&generated.scopes), expiry(generated.expires_at));
    session.output.done(format_args!("token {} · {scopes} · {expiry}", generated.name));
    session.output.note("it is shown this once; only a hash of it is kept");
    let token: PlainToken = generated.token.into_token();
    session.output.bytes(token.expose().as_bytes())?;
    session.output.bytes(b"\n")
}

/// What a token may do, in a few words.
pub(super) fn scopes(scopes: &[String]) -> String {
    match scopes.len() {
        0 => "no scopes".to_owned(),
        1..=6 => scopes.join(", "),
        many => format!("{many} scopes"),
    }
}

/// When a token ends, in a few words.
pub(super) fn expiry(end: Option<EpochMillis>) -> String {
    end.map_or("never expires".into(), |end| format!("expires {}", moment::text(end)))
}

/// Refuses a whole token as the name of one: it is longer than any prefix of one that is ever shown.
pub(super) fn refuse_whole(wanted: &str) -> Result<(), Failure> {
    if wanted.starts_with("sr_") && wanted.len() > 32 {
        let help = "name it by id, prefix or name: subrosa token list";
        return Err(Failure::on_command_line("token").help(help));
    }
    Ok(())
}

/// The token that `wanted` names: its id, the prefix that lists show, or its name, as long as that is one token.
pub(super) fn find(wanted: &str, tenant: &TenantSlug, session: &Session) -> Result<Token, Failure> {
    let tokens = session.wait(session.client.tokens(tenant))?;
    one_of(wanted, tokens)
}

fn one_of(wanted: &str, tokens: Vec<Token>) -> Result<Token, Failure> {
    let is_id = |token: &Token| token.id.to_string() == wanted.to_ascii_lowercase();
    let (mut named, mut living) = (Vec::new(), Vec::new());
    for token in tokens {
        if is_id(&token) {
            return Ok(token);
        }
        if token.name == wanted || token.key_prefix == wanted {
            if token.revoked_at.is_none() { living.push(token) } else { named.push(token) }
        }
    }
    // A revoked token does not stand in the way of a living one of the same name.
    let mut found = if living.is_empty() { named } else { living };
    match (found.pop(), found.is_empty()) {
        (Some(token), true) => Ok(token),
        (Some(_), false) => Err(Failure::new(
            Exit::Usage,
            "token-ambiguous",
            "that is the name of more than one token",
        )
        .help("name it by id: subrosa token list")),
        (None, _) => Err(Failure::new(Exit::NotFound, "token-not-found", "there is no such token")
            .help("subrosa token list")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(id: u8, name: &str, prefix: &str, revoked: bool) -> Token {
        let revoked = if revoked { "1" } else { "null" };
        serde_json::from_str(&format!(
            r#"{{"id":"00000000-0000-7000-8000-0000000000{id:02x}","name":"{name}","keyPrefix":"{prefix}",
                "type":"USER","scopes":[],"createdBy":"x","createdAt":1,"modifiedAt":1,"expiresAt":null,
                "revokedAt":{revoked},"lastUsedAt":null,"binding":null}}"#
        ))
        .unwrap()
    }

    #[test]
    fn a_whole_token_as_an_argument_is_refused_and_never_repeated() {
        let whole = format!("sr_pat_{}", "a".repeat(61));
        let failure = refuse_whole(&whole).unwrap_err();
        assert_eq!((failure.exit.number(), &*failure.code), (2, "value-on-command-line"));
        assert!(!format!("{failure:?}").contains("aaaa"));
        assert!(refuse_whole("sr_pat_aaaa").is_ok());
    }

    #[test]
    fn a_token_is_found_by_id_prefix_or_name_and_never_guessed() {
        let all = || {
            vec![
                token(1, "ci", "sr_pat_aaaa", false),
                token(2, "ci", "sr_pat_bbbb", true),
                token(3, "web", "sr_pat_cccc", false),
                token(4, "web", "sr_pat_dddd", false),
            ]
        };
        let id = |wanted: &str| one_of(wanted, all()).map(|token| token.id.as_bytes()[15]);
        assert_eq!(id("ci").unwrap(), 1);
        assert_eq!(id("sr_pat_bbbb").unwrap(), 2);
        assert_eq!(id("00000000-0000-7000-8000-000000000004").unwrap(), 4);
        assert_eq!(id("web").unwrap_err().exit.number(), 2);
        assert_eq!(id("none").unwrap_err().exit.number(), 5);
    }
}
