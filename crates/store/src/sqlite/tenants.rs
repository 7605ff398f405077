//! Tenants' rows and the counters kept beside them.

use super::sql::{self, Cells, execute, int, many, one, write_one};
use crate::{
    error::Noun,
    port::{Counted, Result},
};
use rusqlite::{Connection, params};
use subrosa_domain::{
    RowSeal, Tenant, TenantId, TenantSlug, TenantState, Unverified, audit::ResourceKind,
};

const WHAT: &str = "tenant";

macro_rules! columns {
    () => {
        "id, slug, name, state, created_by, created_at, modified_at, row_version, seal"
    };
}

fn read(cells: &mut Cells<'_, '_>) -> Result<Unverified<Tenant>> {
    cells.sealed(9, ResourceKind::Tenant, |cells| {
        Ok(Tenant {
            id: TenantId::from_bytes(cells.bytes()?),
            slug: cells.parsed(|text| text.parse().ok())?,
            name: cells.text()?,
            state: TenantState::from_code(cells.signed()?),
            created_by: cells.text()?,
            created_at: cells.time()?,
            modified_at: cells.time()?,
            row_version: cells.uint()?,
            seal: RowSeal(cells.bytes()?),
        })
    })
}

pub(super) fn insert(conn: &Connection, tenant: &Tenant) -> Result<()> {
    const SQL: &str = concat!(
        "INSERT INTO tenants (",
        columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    );
    write_one(
        conn,
        Noun::Tenant,
        SQL,
        params![
            tenant.id.as_bytes(),
            tenant.slug.as_str(),
            tenant.name,
            tenant.state.code(),
            tenant.created_by,
            tenant.created_at.as_micros(),
            tenant.modified_at.as_micros(),
            int(tenant.row_version),
            tenant.seal.0,
        ],
    )
}

/// A deleted tenant stays deleted: only a living one's row changes.
pub(super) fn update(conn: &Connection, tenant: &Tenant) -> Result<()> {
    const SQL: &str = "UPDATE tenants SET slug = ?2, name = ?3, state = ?4, modified_at = ?5, \
         row_version = ?6, seal = ?7 WHERE id = ?1 AND row_version = ?6 - 1 AND state = 1";
    write_one(
        conn,
        Noun::Tenant,
        SQL,
        params![
            tenant.id.as_bytes(),
            tenant.slug.as_str(),
            tenant.name,
            tenant.state.code(),
            tenant.modified_at.as_micros(),
            int(tenant.row_version),
            tenant.seal.0,
        ],
    )
}

/// Takes everything under a tenant away, children first; its row, events and heads stay.
pub(super) fn erase(conn: &Connection, tenant: TenantId) -> Result<()> {
    const SQL: [&str; 16] = [
        "DELETE FROM activities WHERE tenant_id = ?1",
        "DELETE FROM token_uses WHERE tenant_id = ?1",
        "DELETE FROM tokens WHERE tenant_id = ?1",
        "DELETE FROM principals WHERE tenant_id = ?1",
        "DELETE FROM grants WHERE tenant_id = ?1",
        "DELETE FROM publications WHERE tenant_id = ?1",
        "DELETE FROM revisions WHERE tenant_id = ?1",
        "DELETE FROM secret_readers WHERE tenant_id = ?1",
        "DELETE FROM secret_uses WHERE tenant_id = ?1",
        "DELETE FROM secrets WHERE tenant_id = ?1",
        "DELETE FROM group_members WHERE tenant_id = ?1",
        "DELETE FROM groups WHERE tenant_id = ?1",
        "DELETE FROM role_bindings WHERE tenant_id = ?1",
        "DELETE FROM signing_keys WHERE tenant_id = ?1",
        "DELETE FROM tenant_keys WHERE tenant_id = ?1",
        "DELETE FROM counters WHERE tenant_id = ?1",
    ];
    SQL.iter().try_for_each(|sql| execute(conn, sql, params![tenant.as_bytes()]).map(|_| ()))
}

/// Whether the tenant's rows may be written.
pub(super) fn is_living(conn: &Connection, tenant: TenantId) -> Result<bool> {
    const SQL: &str = "SELECT state FROM tenants WHERE id = ?1";
    let state = one(conn, WHAT, SQL, params![tenant.as_bytes()], |cells| cells.signed())?;
    Ok(state.map(TenantState::from_code) == Some(TenantState::Active))
}

pub(super) fn by_id(conn: &Connection, id: TenantId) -> Result<Option<Unverified<Tenant>>> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM tenants WHERE id = ?1");
    one(conn, WHAT, SQL, params![id.as_bytes()], read)
}

pub(super) fn by_slug(conn: &Connection, slug: &TenantSlug) -> Result<Option<Unverified<Tenant>>> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM tenants WHERE slug = ?1 AND state = 1");
    one(conn, WHAT, SQL, params![slug.as_str()], read)
}

pub(super) fn living(
    conn: &Connection,
    before: Option<TenantId>,
    limit: u32,
) -> Result<Vec<Unverified<Tenant>>> {
    const FIRST: &str =
        concat!("SELECT ", columns!(), " FROM tenants WHERE state = 1 ORDER BY id DESC LIMIT ?1");
    const NEXT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM tenants WHERE state = 1 AND id < ?2 ORDER BY id DESC LIMIT ?1"
    );
    match before {
        None => many(conn, WHAT, FIRST, params![limit], read),
        Some(before) => many(conn, WHAT, NEXT, params![limit, before.as_bytes()], read),
    }
}

pub(super) fn deleted(
    conn: &Connection,
    after: Option<TenantId>,
    limit: u32,
) -> Result<Vec<TenantId>> {
    const SQL: &str = "SELECT id FROM tenants WHERE state = 2 AND id > ?2 ORDER BY id LIMIT ?1";
    // The nil id is no tenant's, and every other one comes after it.
    let after = after.unwrap_or(TenantId::SYSTEM);
    many(conn, WHAT, SQL, params![limit, after.as_bytes()], |cells| {
        cells.bytes().map(TenantId::from_bytes)
    })
}

/// How a commit moves a tenant's counters.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Moved {
    pub(super) secrets: i64,
    pub(super) tokens: i64,
    pub(super) service_accounts: i64,
}

/// Moves the tenant's counters in the commit that moves the rows, so that they can never disagree.
pub(super) fn count(conn: &Connection, tenant: TenantId, moved: Moved) -> Result<()> {
    const SQL: &str = "INSERT INTO counters (tenant_id, secrets, tokens, service_accounts) \
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT (tenant_id) DO UPDATE SET \
         secrets = counters.secrets + excluded.secrets, \
         tokens = counters.tokens + excluded.tokens, \
         service_accounts = counters.service_accounts + excluded.service_accounts";
    let Moved { secrets, tokens, service_accounts } = moved;
    execute(conn, SQL, params![tenant.as_bytes(), secrets, tokens, service_accounts]).map(|_| ())
}

/// The counters. Events need none: a lane's seq counts from 1 without gaps, so its head is its count.
pub(super) fn counted(conn: &Connection, tenant: TenantId) -> Result<Counted> {
    const SQL: &str = "SELECT \
         COALESCE((SELECT secrets FROM counters WHERE tenant_id = ?1), 0), \
         COALESCE((SELECT tokens FROM counters WHERE tenant_id = ?1), 0), \
         COALESCE((SELECT service_accounts FROM counters WHERE tenant_id = ?1), 0), \
         COALESCE((SELECT SUM(seq) FROM audit_heads WHERE tenant_id = ?1), 0)";
    let counted = one(conn, "counter", SQL, params![tenant.as_bytes()], |cells| {
        Ok(Counted {
            secrets: cells.uint()?,
            tokens: cells.uint()?,
            service_accounts: cells.uint()?,
            events: cells.uint()?,
        })
    })?;
    Ok(counted.unwrap_or_default())
}

/// Every row of a tenant, whatever it says of itself.
pub(super) fn each(
    conn: &Connection,
    tenant: TenantId,
    look: impl FnMut(Unverified<Tenant>),
) -> Result<()> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM tenants WHERE id = ?1");
    sql::each(conn, (tenant, ResourceKind::Tenant), SQL, read, look)
}
