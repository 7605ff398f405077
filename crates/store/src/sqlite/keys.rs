//! Tenant keys and the service key, always wrapped.

use super::sql::{Cells, many, micros, write_one};
use crate::{error::Noun, port::Result};
use rusqlite::{Connection, params};
use subrosa_domain::{KeyState, ServiceKey, TenantId, TenantKey};

const WHAT: &str = "key";

fn read(cells: &mut Cells<'_, '_>) -> Result<TenantKey> {
    Ok(TenantKey {
        tenant_id: TenantId::from_bytes(cells.bytes()?),
        version: cells.uint()?,
        state: KeyState::from_code(cells.signed()?),
        wrapped: cells.blob()?,
        created_at: cells.time()?,
        retired_at: cells.maybe_time()?,
    })
}

pub(super) fn insert(conn: &Connection, key: &TenantKey) -> Result<()> {
    const SQL: &str = "INSERT INTO tenant_keys \
         (tenant_id, version, state, wrapped, created_at, retired_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    write_one(
        conn,
        Noun::TenantKey,
        SQL,
        params![
            key.tenant_id.as_bytes(),
            key.version,
            key.state.code(),
            key.wrapped,
            key.created_at.as_micros(),
            micros(key.retired_at),
        ],
    )
}

/// A key's state only moves down its life, so a writer who read an earlier state comes too late.
pub(super) fn update(conn: &Connection, key: &TenantKey) -> Result<()> {
    const SQL: &str = "UPDATE tenant_keys SET state = ?3, wrapped = ?4, retired_at = ?5 \
         WHERE tenant_id = ?1 AND version = ?2 AND state <= ?3";
    write_one(
        conn,
        Noun::TenantKey,
        SQL,
        params![
            key.tenant_id.as_bytes(),
            key.version,
            key.state.code(),
            key.wrapped,
            micros(key.retired_at),
        ],
    )
}

pub(super) fn of_tenant(conn: &Connection, tenant: TenantId) -> Result<Vec<TenantKey>> {
    const SQL: &str = "SELECT tenant_id, version, state, wrapped, created_at, retired_at \
         FROM tenant_keys WHERE tenant_id = ?1 ORDER BY version";
    many(conn, WHAT, SQL, params![tenant.as_bytes()], read)
}

pub(super) fn in_state(conn: &Connection, state: KeyState) -> Result<Vec<TenantKey>> {
    const SQL: &str = "SELECT k.tenant_id, k.version, k.state, k.wrapped, k.created_at, k.retired_at \
         FROM tenant_keys k JOIN tenants t ON t.id = k.tenant_id \
         WHERE k.state = ?1 AND t.state = 1 ORDER BY k.created_at, k.tenant_id, k.version";
    many(conn, WHAT, SQL, params![state.code()], read)
}

pub(super) fn insert_service_key(conn: &Connection, key: &ServiceKey) -> Result<()> {
    const SQL: &str =
        "INSERT INTO service_keys (version, state, wrapped, created_at) VALUES (?1, ?2, ?3, ?4)";
    write_one(
        conn,
        Noun::TenantKey,
        SQL,
        params![key.version, key.state.code(), key.wrapped, key.created_at.as_micros()],
    )
}

pub(super) fn service_keys(conn: &Connection) -> Result<Vec<ServiceKey>> {
    const SQL: &str =
        "SELECT version, state, wrapped, created_at FROM service_keys ORDER BY version";
    many(conn, WHAT, SQL, [], |cells| {
        Ok(ServiceKey {
            version: cells.uint()?,
            state: KeyState::from_code(cells.signed()?),
            wrapped: cells.blob()?,
            created_at: cells.time()?,
        })
    })
}
