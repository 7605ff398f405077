//! `subrosa tenant show SLUG`.

use crate::{
    failure::Failure,
    moment,
    session::{Session, slug},
    table::clean,
};

/// The flags of `tenant show`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Its name in paths
    slug: String,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let tenant = session.wait(session.client.tenant(&slug(&args.slug)?))?;
    if session.output.json {
        return session.output.document("tenant", &tenant);
    }
    let lines = [
        ("slug", tenant.slug),
        ("id", tenant.id.to_string()),
        ("name", clean(&tenant.name)),
        (
            "created",
            format!("{} by {}", moment::text(tenant.created_at), clean(&tenant.created_by)),
        ),
    ];
    session
        .output
        .bytes(lines.map(|(name, value)| format!("{name:<8} {value}\n")).concat().as_bytes())
}
