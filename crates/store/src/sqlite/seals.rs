//! Looking at the seal of every sealed row of a tenant, whatever the row says of itself: what lists leave out is looked
//! at as well.

use super::{bindings, grants, groups, principals, secrets, signing_keys, tenants, tokens};
use crate::port::Result;
use rusqlite::Connection;
use subrosa_domain::{BrokenSeal, SealedRow, TenantId, Unverified, audit::StateSealer};

/// How many are named. Where there are more, these are enough to know.
const NAMED_MAX: usize = 100;

/// The rows of a tenant whose seals do not hold.
pub(super) fn broken(
    conn: &Connection,
    sealer: &dyn StateSealer,
    tenant: TenantId,
) -> Result<Vec<BrokenSeal>> {
    let mut broken = Broken { sealer, found: Vec::new() };
    tenants::each(conn, tenant, |row| broken.look(row))?;
    principals::each(conn, tenant, |row| broken.look(row))?;
    tokens::each(conn, tenant, |row| broken.look(row))?;
    secrets::each(conn, tenant, |row| broken.look(row))?;
    grants::each(conn, tenant, |row| broken.look(row))?;
    groups::each(conn, tenant, |row| broken.look(row))?;
    bindings::each(conn, tenant, |row| broken.look(row))?;
    signing_keys::each(conn, tenant, |row| broken.look(row))?;
    Ok(broken.found)
}

struct Broken<'a> {
    sealer: &'a dyn StateSealer,
    found: Vec<BrokenSeal>,
}

impl Broken<'_> {
    fn look<R: SealedRow>(&mut self, row: Unverified<R>) {
        let seen = row.verify(|tenant, input, seal| self.sealer.row_holds(tenant, input, seal));
        if let Err(broken) = seen
            && self.found.len() < NAMED_MAX
        {
            self.found.push(broken);
        }
    }
}
