//! `subrosa tenant delete SLUG`: its keys are destroyed, and with them every value it has. Its audit events stay.

use crate::{
    confirm,
    failure::Failure,
    session::{Session, slug},
};

/// The flags of `tenant delete`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Its name in paths
    slug: String,
    /// The slug again, instead of typing it
    #[arg(long, value_name = "SLUG")]
    confirm: Option<String>,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let slug = slug(&args.slug)?;
    let tenant = session.wait(session.client.tenant(&slug))?;
    let warning =
        format!("Tenant {slug}, its tokens and all its values will be destroyed for good.");
    confirm::name(&warning, slug.as_str(), args.confirm.as_deref())?;
    session.wait(session.client.delete_tenant(&slug))?;
    if session.output.json {
        return session.output.document("tenant", &tenant);
    }
    session.output.done(format_args!("tenant {slug} is deleted and its keys are destroyed"));
    Ok(())
}
