//! Secrets together with the revisions they point at, each reading by one statement and so of one moment.

use super::{
    revisions, secrets,
    sql::{Cells, many, one},
};
use crate::{error::StoreError, port::Result};
use rusqlite::{Connection, params};
use subrosa_domain::{GroupId, Revision, Secret, SecretId, TenantId, Unverified};

const WHAT: &str = "secret";

/// A secret, and its live revision if it has one.
type Live = (Unverified<Secret>, Option<Revision>);

macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT ",
            secrets::columns!(),
            ", ",
            revisions::columns!(),
            ", r.key_version, r.wrap, r.value",
            secrets::tables!(),
            "LEFT JOIN revisions r ON r.tenant_id = s.tenant_id AND r.secret_id = s.id \
             AND r.version = s.live_version AND r.id = s.live_revision_id ",
            $which
        )
    };
}

fn read(cells: &mut Cells<'_, '_>) -> Result<Live> {
    let secret = secrets::read(cells)?;
    match revisions::read_joined(cells) {
        // A revision that cannot be understood is as good as gone: the secret's sealed row says that there is one.
        Err(StoreError::Corrupt(_)) => Ok((secret, None)),
        revision => Ok((secret, revision?)),
    }
}

pub(super) fn by_id(conn: &Connection, tenant: TenantId, id: SecretId) -> Result<Option<Live>> {
    const SQL: &str = select!("WHERE s.tenant_id = ?1 AND s.id = ?2");
    one(conn, WHAT, SQL, params![tenant.as_bytes(), id.as_bytes()], read)
}

/// A page of a group in key order.
pub(super) fn of_group(
    conn: &Connection,
    tenant: TenantId,
    group: GroupId,
    offset: u32,
    limit: u32,
) -> Result<Vec<Live>> {
    const SQL: &str =
        select!("WHERE s.tenant_id = ?1 AND s.group_id = ?2 ORDER BY s.key LIMIT ?3 OFFSET ?4");
    many(conn, WHAT, SQL, params![tenant.as_bytes(), group.as_bytes(), limit, offset], read)
}
