//! `subrosa publish NAME`: a new value of a secret that exists, live at once.

use crate::{failure::Failure, session::Session, value_source::ValueSource};
use subrosa_api::{WireValue, v1::revisions::Publish};

/// The flags of `publish`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The secret's name
    name: String,
    /// Why this value
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    #[command(flatten)]
    source: ValueSource,
}

impl Args {
    pub(super) fn refuse_arguments(&self) -> Result<(), Failure> {
        self.source.refuse_arguments(&self.name, "publish")
    }
}

pub(super) fn run(args: Args, session: &Session) -> Result<(), Failure> {
    let tenant = session.tenant()?;
    let secret = session.secret(&tenant, &args.name)?;
    let value = args.source.read(session.output)?;
    let (value, value_base64) = WireValue::from(value).into_members();
    let body = Publish { value, value_base64, note: args.note };
    let revision = session.wait(session.client.publish(&tenant, secret.id, &body))?;
    if session.output.json {
        return session.output.document("revision", &revision);
    }
    session.output.done(format_args!("{} v{} is live", secret.key, revision.version));
    Ok(())
}
