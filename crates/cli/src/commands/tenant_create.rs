//! `subrosa tenant create SLUG`.

use crate::{
    failure::Failure,
    session::{Session, slug},
};
use subrosa_api::v1::tenants::CreateTenant;

/// The flags of `tenant create`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Its name in paths: lower-case letters, digits and '-'
    slug: String,
    /// Its name for people
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
}

pub(super) fn run(args: Args, session: &Session) -> Result<(), Failure> {
    let body = CreateTenant { slug: slug(&args.slug)?, name: args.name };
    let tenant = session.wait(session.client.create_tenant(&body))?;
    if session.output.json {
        return session.output.document("tenant", &tenant);
    }
    session.output.done(format_args!("tenant {} is ready", tenant.slug));
    Ok(())
}
