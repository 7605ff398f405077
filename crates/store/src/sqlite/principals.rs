//! Principals' rows.

use super::sql::{self, Cells, int, many, micros, one, write_one};
use crate::{error::Noun, port::Result};
use rusqlite::{Connection, params};
use subrosa_domain::{
    Identity, Principal, PrincipalId, PrincipalKind, PrincipalState, RowSeal, ScopeSet, TenantId,
    Unverified, audit::ResourceKind,
};

const WHAT: &str = "principal";

macro_rules! columns {
    () => {
        "p.tenant_id, p.id, p.kind, p.name, p.description, p.scopes, p.state, p.created_by, \
         p.created_at, p.modified_at, p.revoked_at, p.row_version, p.seal, p.issuer, p.subject, \
         p.manifest"
    };
}
pub(super) use columns;

pub(super) fn read(cells: &mut Cells<'_, '_>) -> Result<Unverified<Principal>> {
    cells.sealed(16, ResourceKind::Principal, |cells| {
        Ok(Principal {
            tenant_id: TenantId::from_bytes(cells.bytes()?),
            id: PrincipalId::from_bytes(cells.bytes()?),
            kind: PrincipalKind::from_code(cells.signed()?).ok_or_else(|| cells.corrupt())?,
            name: cells.text()?,
            description: cells.text()?,
            scopes: cells.parsed(ScopeSet::from_text)?,
            state: PrincipalState::from_code(cells.signed()?),
            created_by: cells.text()?,
            created_at: cells.time()?,
            modified_at: cells.time()?,
            revoked_at: cells.maybe_time()?,
            row_version: cells.uint()?,
            seal: RowSeal(cells.bytes()?),
            identity: identity(cells)?,
            manifest: cells.maybe_text()?,
        })
    })
}

/// An identity is whole or absent; half of one is damage.
fn identity(cells: &mut Cells<'_, '_>) -> Result<Option<Identity>> {
    match (cells.maybe_text()?, cells.maybe_text()?) {
        (Some(issuer), Some(subject)) => Ok(Some(Identity { issuer, subject })),
        (None, None) => Ok(None),
        _ => Err(cells.corrupt()),
    }
}

pub(super) fn insert(conn: &Connection, principal: &Principal) -> Result<()> {
    const SQL: &str = "INSERT INTO principals (tenant_id, id, kind, name, description, scopes, \
         state, created_by, created_at, modified_at, revoked_at, row_version, seal, issuer, \
         subject, manifest) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
    let identity = principal.identity.as_ref();
    write_one(
        conn,
        Noun::Principal,
        SQL,
        params![
            principal.tenant_id.as_bytes(),
            principal.id.as_bytes(),
            principal.kind.code(),
            principal.name,
            principal.description,
            principal.scopes.to_text(),
            principal.state.code(),
            principal.created_by,
            principal.created_at.as_micros(),
            principal.modified_at.as_micros(),
            micros(principal.revoked_at),
            int(principal.row_version),
            principal.seal.0,
            identity.map(|identity| &*identity.issuer),
            identity.map(|identity| &*identity.subject),
            principal.manifest,
        ],
    )
}

/// Writes what may change. A principal's kind and origin never do.
pub(super) fn update(conn: &Connection, principal: &Principal) -> Result<()> {
    const SQL: &str = "UPDATE principals SET name = ?3, description = ?4, scopes = ?5, state = ?6, \
         modified_at = ?7, revoked_at = ?8, row_version = ?9, seal = ?10, issuer = ?11, \
         subject = ?12, manifest = ?13 \
         WHERE tenant_id = ?1 AND id = ?2 AND row_version = ?9 - 1";
    let identity = principal.identity.as_ref();
    write_one(
        conn,
        Noun::Principal,
        SQL,
        params![
            principal.tenant_id.as_bytes(),
            principal.id.as_bytes(),
            principal.name,
            principal.description,
            principal.scopes.to_text(),
            principal.state.code(),
            principal.modified_at.as_micros(),
            micros(principal.revoked_at),
            int(principal.row_version),
            principal.seal.0,
            identity.map(|identity| &*identity.issuer),
            identity.map(|identity| &*identity.subject),
            principal.manifest,
        ],
    )
}

pub(super) fn by_id(
    conn: &Connection,
    tenant: TenantId,
    id: PrincipalId,
) -> Result<Option<Unverified<Principal>>> {
    const SQL: &str =
        concat!("SELECT ", columns!(), " FROM principals p WHERE p.tenant_id = ?1 AND p.id = ?2");
    one(conn, WHAT, SQL, params![tenant.as_bytes(), id.as_bytes()], read)
}

pub(super) fn by_name(
    conn: &Connection,
    tenant: TenantId,
    kind: PrincipalKind,
    name: &str,
) -> Result<Option<Unverified<Principal>>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM principals p WHERE p.tenant_id = ?1 AND p.kind = ?2 AND p.name = ?3 AND p.state = 1"
    );
    one(conn, WHAT, SQL, params![tenant.as_bytes(), kind.code(), name], read)
}

pub(super) fn by_identity(
    conn: &Connection,
    tenant: TenantId,
    identity: &Identity,
) -> Result<Option<Unverified<Principal>>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM principals p \
         WHERE p.tenant_id = ?1 AND p.issuer = ?2 AND p.subject = ?3 AND p.state = 1"
    );
    one(conn, WHAT, SQL, params![tenant.as_bytes(), identity.issuer, identity.subject], read)
}

pub(super) fn list(
    conn: &Connection,
    tenant: TenantId,
    kind: PrincipalKind,
    before: Option<PrincipalId>,
    limit: u32,
) -> Result<Vec<Unverified<Principal>>> {
    const FIRST: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM principals p WHERE p.tenant_id = ?1 AND p.kind = ?2 ORDER BY p.id DESC LIMIT ?3"
    );
    const NEXT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM principals p WHERE p.tenant_id = ?1 AND p.kind = ?2 AND p.id < ?4 \
         ORDER BY p.id DESC LIMIT ?3"
    );
    let (tenant, kind) = (tenant.as_bytes(), kind.code());
    match before {
        None => many(conn, WHAT, FIRST, params![tenant, kind, limit], read),
        Some(id) => many(conn, WHAT, NEXT, params![tenant, kind, limit, id.as_bytes()], read),
    }
}

/// Every row of a tenant, whatever it says of itself.
pub(super) fn each(
    conn: &Connection,
    tenant: TenantId,
    look: impl FnMut(Unverified<Principal>),
) -> Result<()> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM principals p WHERE p.tenant_id = ?1");
    sql::each(conn, (tenant, ResourceKind::Principal), SQL, read, look)
}
