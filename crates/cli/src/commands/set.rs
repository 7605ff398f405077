//! `subrosa set NAME`: create a secret, or publish a new value of one that exists.

use crate::{
    failure::Failure,
    moment,
    session::{Session, key},
    value_source::ValueSource,
};
use clap::ValueEnum;
use subrosa_api::{
    EpochMillis, Plaintext, TenantSlug, WireValue,
    v1::{
        Disclosure, Sensitivity,
        revisions::Publish,
        secrets::{CreateSecret, PatchSecret, Secret},
    },
};

/// The flags of `set`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The secret's name
    name: String,
    /// Let the value be used in outgoing calls and never read
    #[arg(long, conflicts_with = "readable")]
    use_only: bool,
    /// Let the new value be read, where the secret was use-only
    #[arg(long)]
    readable: bool,
    /// How strictly it is handled; only rises
    #[arg(long, value_enum, ignore_case = true)]
    sensitivity: Option<Tier>,
    /// What it is, for people
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Why this value
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// It resolves nowhere before this (RFC 3339)
    #[arg(long, value_name = "TIME")]
    not_before: Option<String>,
    /// It resolves nowhere from this on (RFC 3339)
    #[arg(long, value_name = "TIME")]
    expires_on: Option<String>,
    #[command(flatten)]
    source: ValueSource,
}

/// A sensitivity as flags spell it.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Tier {
    Standard,
    Pii,
    Phi,
    Financial,
    Regulated,
}

impl From<Tier> for Sensitivity {
    fn from(tier: Tier) -> Self {
        match tier {
            Tier::Standard => Self::Standard,
            Tier::Pii => Self::Pii,
            Tier::Phi => Self::Phi,
            Tier::Financial => Self::Financial,
            Tier::Regulated => Self::Regulated,
        }
    }
}

/// What the flags say about the secret, beside its value.
struct Metadata {
    disclosure: Option<Disclosure>,
    sensitivity: Option<Sensitivity>,
    description: Option<String>,
    not_before: Option<EpochMillis>,
    expires_on: Option<EpochMillis>,
}

impl Metadata {
    fn of(args: &Args) -> Result<Self, Failure> {
        let time = |flag, text: &Option<String>| {
            text.as_deref().map(|text| moment::parse(flag, text)).transpose()
        };
        Ok(Self {
            disclosure: match (args.use_only, args.readable) {
                (true, _) => Some(Disclosure::UseOnly),
                (_, true) => Some(Disclosure::Readable),
                _ => None,
            },
            sensitivity: args.sensitivity.map(Into::into),
            description: args.description.clone(),
            not_before: time("--not-before", &args.not_before)?,
            expires_on: time("--expires-on", &args.expires_on)?,
        })
    }

    const fn is_empty(&self) -> bool {
        self.disclosure.is_none()
            && self.sensitivity.is_none()
            && self.description.is_none()
            && self.not_before.is_none()
            && self.expires_on.is_none()
    }
}

impl Args {
    pub(super) fn refuse_arguments(&self) -> Result<(), Failure> {
        self.source.refuse_arguments(&self.name, "set")
    }
}

pub(super) fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let key = key(&args.name)?;
    let metadata = Metadata::of(args)?;
    let tenant = session.tenant()?;
    let known = session.wait(session.client.secret_by_key(&tenant, &key))?;
    if let Some(secret) = &known {
        session
            .output
            .note(format_args!("{} exists; this publishes a new value of it", secret.key));
    }
    let value = args.source.read(session.output)?;
    let secret = match known {
        Some(secret) => change(args, session, &tenant, &secret, metadata, value)?,
        None => {
            let (value, value_base64) = WireValue::from(value).into_members();
            let body = CreateSecret {
                key,
                value,
                value_base64,
                description: metadata.description,
                sensitivity: metadata.sensitivity,
                note: args.note.clone(),
                disclosure: metadata.disclosure.or(Some(Disclosure::Readable)),
                not_before: metadata.not_before,
                expires_on: metadata.expires_on,
            };
            session.wait(session.client.create_secret(&tenant, &body))?
        }
    };
    if session.output.json {
        return session.output.document("secret", &secret);
    }
    session.output.done(summary(&secret));
    Ok(())
}

/// Publishes a value of a secret that exists, together with what the flags change about it.
fn change(
    args: &Args,
    session: &Session,
    tenant: &TenantSlug,
    secret: &Secret,
    metadata: Metadata,
    value: Plaintext,
) -> Result<Secret, Failure> {
    let (value, value_base64) = WireValue::from(value).into_members();
    let note = args.note.clone();
    if metadata.is_empty() {
        let body = Publish { value, value_base64, note };
        session.wait(session.client.publish(tenant, secret.id, &body))?;
        return session.secret(tenant, &secret.key);
    }
    let body = PatchSecret {
        description: metadata.description,
        sensitivity: metadata.sensitivity,
        disclosure: metadata.disclosure,
        not_before: metadata.not_before.map(Some),
        expires_on: metadata.expires_on.map(Some),
        value,
        value_base64,
        note,
    };
    session.wait(session.client.patch_secret(tenant, secret.id, &body))
}

/// One line about a secret that was just written.
fn summary(secret: &Secret) -> String {
    let version = secret.published_version.unwrap_or_default();
    let use_only = if secret.disclosure == Disclosure::UseOnly { " · use only" } else { "" };
    let expiry = secret
        .expires_on
        .map_or("no expiry".to_owned(), |end| format!("expires {}", moment::text(end)));
    let tier = super::show::word(secret.sensitivity);
    format!("{} v{version} is live · {tier}{use_only} · {expiry}", secret.key)
}
