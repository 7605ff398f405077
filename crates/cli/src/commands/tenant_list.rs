//! `subrosa tenant list`.

use crate::{failure::Failure, moment, session::Session, table};

/// The flags of `tenant list`.
#[derive(clap::Args, Debug)]
pub struct Args {}

pub(super) fn run(_args: &Args, session: &Session) -> Result<(), Failure> {
    let mut tenants = session.wait(session.client.tenants())?;
    tenants.sort_by(|one, other| one.slug.cmp(&other.slug));
    if session.output.json {
        return session.output.list("tenant", &tenants);
    }
    let rows = tenants
        .into_iter()
        .map(|tenant| [tenant.slug, tenant.name, moment::text(tenant.created_at)])
        .collect();
    session.output.bytes(table::lines(["SLUG", "NAME", "CREATED"], rows).as_bytes())
}
