//! `subrosa device deny CODE`: the device that shows it gets nothing.

use super::device_code;
use crate::{failure::Failure, session::Session, table::clean};

/// The flags of `device deny`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The code that the device shows, as BCDF-GHJK
    code: String,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let code = device_code::typed(&args.code)?;
    let tenant = session.tenant()?;
    let denied = session.wait(session.client.deny_device(&tenant, &code));
    let denied = denied.map_err(|failure| device_code::explained(failure, &tenant))?;
    if session.output.json {
        return session.output.document("device", &denied);
    }
    session.output.done(format_args!("{} gets nothing", clean(&denied.label)));
    Ok(())
}
