//! Role bindings' rows. What a binding gives stands in the groups' own.

use super::sql::{self, Cells, execute, int, many, one, write_one};
use crate::{
    error::{Noun, StoreError},
    port::Result,
};
use rusqlite::{Connection, params};
use subrosa_domain::{BindingId, RoleBinding, RowSeal, TenantId, Unverified, audit::ResourceKind};

const WHAT: &str = "role binding";

macro_rules! columns {
    () => {
        "tenant_id, id, name, manifest, created_by, created_at, modified_at, row_version, seal"
    };
}

fn read(cells: &mut Cells<'_, '_>) -> Result<Unverified<RoleBinding>> {
    cells.sealed(9, ResourceKind::RoleBinding, |cells| {
        Ok(RoleBinding {
            tenant_id: TenantId::from_bytes(cells.bytes()?),
            id: BindingId::from_bytes(cells.bytes()?),
            name: cells.text()?,
            manifest: cells.text()?,
            created_by: cells.text()?,
            created_at: cells.time()?,
            modified_at: cells.time()?,
            row_version: cells.uint()?,
            seal: RowSeal(cells.bytes()?),
        })
    })
}

pub(super) fn insert(conn: &Connection, binding: &RoleBinding) -> Result<()> {
    const SQL: &str = concat!(
        "INSERT INTO role_bindings (",
        columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    );
    write_one(
        conn,
        Noun::RoleBinding,
        SQL,
        params![
            binding.tenant_id.as_bytes(),
            binding.id.as_bytes(),
            binding.name,
            binding.manifest,
            binding.created_by,
            binding.created_at.as_micros(),
            binding.modified_at.as_micros(),
            int(binding.row_version),
            binding.seal.0,
        ],
    )
}

/// Writes what may change. A binding's origin never does.
pub(super) fn update(conn: &Connection, binding: &RoleBinding) -> Result<()> {
    const SQL: &str = "UPDATE role_bindings SET name = ?3, manifest = ?4, modified_at = ?5, \
         row_version = ?6, seal = ?7 WHERE tenant_id = ?1 AND id = ?2 AND row_version = ?6 - 1";
    write_one(
        conn,
        Noun::RoleBinding,
        SQL,
        params![
            binding.tenant_id.as_bytes(),
            binding.id.as_bytes(),
            binding.name,
            binding.manifest,
            binding.modified_at.as_micros(),
            int(binding.row_version),
            binding.seal.0,
        ],
    )
}

pub(super) fn erase(conn: &Connection, tenant: TenantId, id: BindingId) -> Result<()> {
    const SQL: &str = "DELETE FROM role_bindings WHERE tenant_id = ?1 AND id = ?2";
    match execute(conn, SQL, params![tenant.as_bytes(), id.as_bytes()])? {
        0 => Err(StoreError::Conflict),
        _ => Ok(()),
    }
}

pub(super) fn by_id(
    conn: &Connection,
    tenant: TenantId,
    id: BindingId,
) -> Result<Option<Unverified<RoleBinding>>> {
    const SQL: &str =
        concat!("SELECT ", columns!(), " FROM role_bindings WHERE tenant_id = ?1 AND id = ?2");
    one(conn, WHAT, SQL, params![tenant.as_bytes(), id.as_bytes()], read)
}

pub(super) fn by_name(
    conn: &Connection,
    tenant: TenantId,
    name: &str,
) -> Result<Option<Unverified<RoleBinding>>> {
    const SQL: &str =
        concat!("SELECT ", columns!(), " FROM role_bindings WHERE tenant_id = ?1 AND name = ?2");
    one(conn, WHAT, SQL, params![tenant.as_bytes(), name], read)
}

pub(super) fn list(
    conn: &Connection,
    tenant: TenantId,
    after: Option<BindingId>,
    limit: u32,
) -> Result<Vec<Unverified<RoleBinding>>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM role_bindings WHERE tenant_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
    );
    // The nil id is no binding's, and every other one comes after it.
    let after = after.unwrap_or(BindingId::from_bytes([0; 16]));
    many(conn, WHAT, SQL, params![tenant.as_bytes(), after.as_bytes(), limit], read)
}

/// Every row of a tenant, whatever it says of itself.
pub(super) fn each(
    conn: &Connection,
    tenant: TenantId,
    look: impl FnMut(Unverified<RoleBinding>),
) -> Result<()> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM role_bindings WHERE tenant_id = ?1");
    sql::each(conn, (tenant, ResourceKind::RoleBinding), SQL, read, look)
}
