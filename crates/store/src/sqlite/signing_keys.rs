//! Signing keys: the public half in the clear, the seed as sealed as a revision's value.

use super::{
    revisions,
    sql::{self, Cells, many, one, write_one},
};
use crate::{error::Noun, port::Result};
use rusqlite::{Connection, params};
use subrosa_domain::{
    RowSeal, Sealed, SigningKey, SigningKeyId, TenantId, Unverified, Wrap, audit::ResourceKind,
};

const WHAT: &str = "signing key";

macro_rules! columns {
    () => {
        "k.tenant_id, k.id, k.public, k.created_at, k.seal, k.key_version, k.wrap, k.value"
    };
}

fn read(cells: &mut Cells<'_, '_>) -> Result<Unverified<SigningKey>> {
    cells.sealed(8, ResourceKind::SigningKey, |cells| {
        Ok(SigningKey {
            tenant_id: TenantId::from_bytes(cells.bytes()?),
            id: SigningKeyId::from_bytes(cells.bytes()?),
            public: cells.bytes()?,
            created_at: cells.time()?,
            seal: RowSeal(cells.bytes()?),
            seed: Sealed { wrap: revisions::read_wrap(cells)?, value: cells.blob()? },
        })
    })
}

/// Inserts only while the key version it is wrapped under is active, as revisions are.
pub(super) fn insert(conn: &Connection, key: &SigningKey) -> Result<()> {
    const SQL: &str = "INSERT INTO signing_keys (tenant_id, id, public, created_at, seal, \
         key_version, wrap, value) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE EXISTS \
         (SELECT 1 FROM tenant_keys WHERE tenant_id = ?1 AND version = ?6 AND state = 1)";
    write_one(
        conn,
        Noun::SigningKey,
        SQL,
        params![
            key.tenant_id.as_bytes(),
            key.id.as_bytes(),
            key.public,
            key.created_at.as_micros(),
            key.seal.0,
            key.seed.wrap.key_version,
            key.seed.wrap.block,
            key.seed.value,
        ],
    )
}

/// Replaces a wrap that is still the one that was read.
pub(super) fn rewrap(
    conn: &Connection,
    tenant: TenantId,
    id: SigningKeyId,
    old: &Wrap,
    new: &Wrap,
) -> Result<()> {
    const SQL: &str = "UPDATE signing_keys SET key_version = ?5, wrap = ?6 \
         WHERE tenant_id = ?1 AND id = ?2 AND key_version = ?3 AND wrap = ?4";
    write_one(
        conn,
        Noun::SigningKey,
        SQL,
        params![
            tenant.as_bytes(),
            id.as_bytes(),
            old.key_version,
            old.block,
            new.key_version,
            new.block,
        ],
    )
}

pub(super) fn of_tenant(
    conn: &Connection,
    tenant: TenantId,
) -> Result<Vec<Unverified<SigningKey>>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM signing_keys k WHERE k.tenant_id = ?1 ORDER BY k.id DESC"
    );
    many(conn, WHAT, SQL, params![tenant.as_bytes()], read)
}

pub(super) fn by_id(conn: &Connection, id: SigningKeyId) -> Result<Option<Unverified<SigningKey>>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM signing_keys k JOIN tenants t ON t.id = k.tenant_id WHERE k.id = ?1 AND t.state = 1"
    );
    one(conn, WHAT, SQL, params![id.as_bytes()], read)
}

pub(super) fn all(conn: &Connection, limit: u32) -> Result<Vec<Unverified<SigningKey>>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM signing_keys k \
         WHERE EXISTS (SELECT 1 FROM tenants WHERE id = k.tenant_id AND state = 1) \
         ORDER BY k.id DESC LIMIT ?1"
    );
    many(conn, WHAT, SQL, params![limit], read)
}

/// Every row of a tenant, whatever it says of itself.
pub(super) fn each(
    conn: &Connection,
    tenant: TenantId,
    look: impl FnMut(Unverified<SigningKey>),
) -> Result<()> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM signing_keys k WHERE k.tenant_id = ?1");
    sql::each(conn, (tenant, ResourceKind::SigningKey), SQL, read, look)
}
