//! `subrosa show NAME`: everything about a secret but its value.

use crate::{failure::Failure, moment, session::Session, table::clean};
use subrosa_api::v1::{Disclosure, Sensitivity, secrets::Secret};

/// The flags of `show`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The secret's name
    name: String,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let tenant = session.tenant()?;
    let secret = session.secret(&tenant, &args.name)?;
    if session.output.json {
        return session.output.document("secret", &secret);
    }
    session.output.bytes(text(&secret).as_bytes())
}

fn text(secret: &Secret) -> String {
    let live = secret.published_version.map_or("nothing (draft)".into(), |live| format!("v{live}"));
    let read = match secret.disclosure {
        Disclosure::Readable => "readable",
        Disclosure::UseOnly => "use only",
    };
    let lines = [
        ("name", secret.key.clone()),
        ("id", secret.id.to_string()),
        ("description", clean(secret.description.as_deref().unwrap_or("none"))),
        ("live", live),
        ("sensitivity", word(secret.sensitivity).into()),
        ("value", read.into()),
        ("not before", moment::text_or(secret.not_before, "no bound")),
        ("expires", moment::text_or(secret.expires_on, "never")),
        (
            "created",
            format!("{} by {}", moment::text(secret.created_at), clean(&secret.created_by)),
        ),
        ("changed", moment::text(secret.modified_at)),
        ("last used", moment::text_or(secret.last_used_at, "never")),
    ];
    lines.map(|(name, value)| format!("{name:<12} {value}\n")).concat()
}

/// A tier as people read it.
pub(super) const fn word(tier: Sensitivity) -> &'static str {
    match tier {
        Sensitivity::Unspecified => "UNSPECIFIED",
        Sensitivity::Standard => "STANDARD",
        Sensitivity::Pii => "PII",
        Sensitivity::Phi => "PHI",
        Sensitivity::Financial => "FINANCIAL",
        Sensitivity::Regulated => "REGULATED",
    }
}
