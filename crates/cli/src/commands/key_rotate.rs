//! `subrosa key rotate`: a new version of the tenant's key. No value is touched.

use crate::{failure::Failure, session::Session};

/// The flags of `key rotate`.
#[derive(clap::Args, Debug)]
pub struct Args {}

pub(super) fn run(_args: &Args, session: &Session) -> Result<(), Failure> {
    let tenant = session.tenant()?;
    let rotated = session.wait(session.client.rotate_key(&tenant))?;
    if session.output.json {
        return session.output.document("key", &rotated);
    }
    session.output.done(format_args!("tenant {tenant} has key version {}", rotated.version));
    Ok(())
}
