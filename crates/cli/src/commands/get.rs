//! `subrosa get NAME`: the one command that prints a value.

use crate::{
    exit::Exit,
    failure::Failure,
    moment,
    session::{Session, key},
};
use std::io::{self, IsTerminal};
use subrosa_api::{
    Code, Plaintext, Reason,
    secret_value::one_value,
    v1::secrets::{Reveal, Revealed, Secret},
};

/// The flags of `get`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The secret's name
    name: String,
    /// Why, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

pub(super) fn run(args: Args, session: &Session) -> Result<(), Failure> {
    key(&args.name)?;
    let reason =
        args.reason.map(|text| text.parse::<Reason>()).transpose().map_err(|why| {
            Failure::new(Exit::Usage, "invalid-reason", format!("--reason {why}"))
        })?;
    let tenant = session.tenant()?;
    let secret = session.secret(&tenant, &args.name)?;
    let revealed = session
        .wait(session.client.reveal(&tenant, secret.id, &Reveal { reason }))
        .map_err(|failure| explain(failure, &secret))?;
    if session.output.json {
        return session.output.document("value", &revealed);
    }
    print(revealed, session)
}

/// Prints the value as it is; a person's terminal gets a newline after it, a pipe does not.
#[expect(clippy::disallowed_methods, reason = "EXIT-3: `get` prints the value it was asked for")]
fn print(revealed: Revealed, session: &Session) -> Result<(), Failure> {
    let value: Plaintext = one_value(revealed.value, revealed.value_base64).map_err(|_| {
        Failure::new(Exit::Failed, "not-a-subrosa-server", "the answer has no value in it")
    })?;
    session.output.bytes(value.expose())?;
    if io::stdout().is_terminal() { session.output.bytes(b"\n") } else { Ok(()) }
}

/// Says what the caller's own view of the secret adds to a refusal.
fn explain(failure: Failure, secret: &Secret) -> Failure {
    match Code::parse(&failure.code) {
        Some(Code::UseOnly) => failure
            .note(format!("{} is USE_ONLY: no one can read it back", secret.key))
            .help(format!(
                "subrosa set {} --readable    publishes a new value that can be read",
                secret.key
            )),
        Some(Code::NotFound) if secret.not_before.is_some() || secret.expires_on.is_some() => {
            Failure::new(
                Exit::OutsideValidity,
                "outside-validity",
                format!("{} is expired or not yet valid", secret.key),
            )
            .note(format!("from   {}", moment::text_or(secret.not_before, "the start")))
            .note(format!("until  {}", moment::text_or(secret.expires_on, "no end")))
        }
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use subrosa_api::{EpochMillis, Problem};

    fn secret(expires_on: Option<EpochMillis>) -> Secret {
        let mut secret: Secret = serde_json::from_str(
            r#"{"id":"0190b6a0-0000-7000-8000-000000000000","key":"A","description":null,
                "sensitivity":"STANDARD","disclosure":"READABLE","notBefore":null,"expiresOn":null,
                "publishedRevisionId":null,"publishedVersion":1,"createdBy":"x","createdAt":1,
                "modifiedAt":1,"lastUsedAt":null}"#,
        )
        .unwrap();
        secret.expires_on = expires_on;
        secret
    }

    fn refusal(code: Code) -> Failure {
        let text = format!(
            r#"{{"type":"","title":"","status":{0},"detail":"d","instance":"",
                "code":"{1}","statusCode":{0},"message":""}}"#,
            code.status(),
            code.name()
        );
        Failure::from(serde_json::from_str::<Problem>(&text).unwrap())
    }

    #[test]
    fn a_use_only_secret_exits_6_and_an_expired_one_10() {
        let failure = explain(refusal(Code::UseOnly), &secret(None));
        assert_eq!((failure.exit.number(), &*failure.code), (6, "use-only"));
        let failure = explain(refusal(Code::NotFound), &secret(Some(EpochMillis(1))));
        assert_eq!((failure.exit.number(), &*failure.code), (10, "outside-validity"));
        assert_eq!(explain(refusal(Code::NotFound), &secret(None)).exit.number(), 5);
    }
}
