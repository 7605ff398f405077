//! Revisions with their sealed values, and publications.

use super::sql::{Cells, int, many, one, write_one};
use crate::{
    error::{Noun, StoreError},
    port::{Result, RewrapItem},
};
use rusqlite::{Connection, params};
use subrosa_domain::{
    Publication, Revision, RevisionId, Sealed, SecretId, Sensitivity, TenantId, Wrap,
};

const WHAT: &str = "revision";

/// A revision's columns without its value; the value's own come after them where it is wanted.
macro_rules! columns {
    () => {
        "r.tenant_id, r.secret_id, r.id, r.version, r.sensitivity, r.note, r.created_by, r.created_at"
    };
}
pub(super) use columns;

fn read(cells: &mut Cells<'_, '_>) -> Result<Revision> {
    let tenant = cells.bytes()?;
    read_after(cells, tenant)
}

fn read_after(cells: &mut Cells<'_, '_>, tenant: [u8; 16]) -> Result<Revision> {
    Ok(Revision {
        tenant_id: TenantId::from_bytes(tenant),
        secret_id: SecretId::from_bytes(cells.bytes()?),
        id: RevisionId::from_bytes(cells.bytes()?),
        version: cells.uint()?,
        sensitivity: Sensitivity::from_code(cells.signed()?),
        note: cells.maybe_text()?,
        created_by: cells.text()?,
        created_at: cells.time()?,
        sealed: None,
    })
}

/// Reads a revision with its value from the right side of an outer join: all NULL when there is none.
pub(super) fn read_joined(cells: &mut Cells<'_, '_>) -> Result<Option<Revision>> {
    let Some(tenant) = cells.maybe_bytes()? else { return Ok(None) };
    let mut revision = read_after(cells, tenant)?;
    let wrap = read_wrap(cells)?;
    revision.sealed = Some(Sealed { wrap, value: cells.blob()? });
    Ok(Some(revision))
}

pub(super) fn read_wrap(cells: &mut Cells<'_, '_>) -> Result<Wrap> {
    Ok(Wrap { key_version: cells.uint()?, block: cells.blob()? })
}

/// Inserts only while the key version it is wrapped under is active: a rotation that came between sends the writer back
/// to wrap again, so that nothing is ever left behind under a retired key.
pub(super) fn insert(conn: &Connection, revision: &Revision) -> Result<()> {
    const SQL: &str = "INSERT INTO revisions (tenant_id, secret_id, id, version, sensitivity, note, \
         created_by, created_at, key_version, wrap, value) \
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 WHERE EXISTS \
         (SELECT 1 FROM tenant_keys WHERE tenant_id = ?1 AND version = ?9 AND state = 1)";
    let sealed = revision.sealed.as_ref().ok_or(StoreError::Corrupt("revision without a value"))?;
    write_one(
        conn,
        Noun::Revision,
        SQL,
        params![
            revision.tenant_id.as_bytes(),
            revision.secret_id.as_bytes(),
            revision.id.as_bytes(),
            int(revision.version),
            revision.sensitivity.code(),
            revision.note,
            revision.created_by,
            revision.created_at.as_micros(),
            sealed.wrap.key_version,
            sealed.wrap.block,
            sealed.value,
        ],
    )
}

/// Replaces a wrap that is still the one that was read.
pub(super) fn rewrap(
    conn: &Connection,
    tenant: TenantId,
    secret: SecretId,
    id: RevisionId,
    old: &Wrap,
    new: &Wrap,
) -> Result<()> {
    const SQL: &str = "UPDATE revisions SET key_version = ?6, wrap = ?7 \
         WHERE tenant_id = ?1 AND secret_id = ?2 AND id = ?3 AND key_version = ?4 AND wrap = ?5";
    write_one(
        conn,
        Noun::Revision,
        SQL,
        params![
            tenant.as_bytes(),
            secret.as_bytes(),
            id.as_bytes(),
            old.key_version,
            old.block,
            new.key_version,
            new.block,
        ],
    )
}

pub(super) fn by_id(
    conn: &Connection,
    tenant: TenantId,
    secret: SecretId,
    id: RevisionId,
) -> Result<Option<Revision>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM revisions r WHERE r.tenant_id = ?1 AND r.secret_id = ?2 AND r.id = ?3"
    );
    one(conn, WHAT, SQL, params![tenant.as_bytes(), secret.as_bytes(), id.as_bytes()], read)
}

pub(super) fn list(
    conn: &Connection,
    tenant: TenantId,
    secret: SecretId,
    below: Option<u64>,
    limit: u32,
) -> Result<Vec<Revision>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM revisions r WHERE r.tenant_id = ?1 AND r.secret_id = ?2 AND r.version < ?3 \
         ORDER BY r.version DESC LIMIT ?4"
    );
    let below = below.map_or(i64::MAX, int);
    many(conn, WHAT, SQL, params![tenant.as_bytes(), secret.as_bytes(), below, limit], read)
}

/// Walks the tenant's revisions in the order of their unique index, so that page after page is one pass.
pub(super) fn to_rewrap(
    conn: &Connection,
    tenant: TenantId,
    key_version: u32,
    after: Option<(SecretId, u64)>,
    limit: u32,
) -> Result<Vec<RewrapItem>> {
    const SQL: &str = "SELECT secret_id, id, version, key_version, wrap FROM revisions \
         WHERE tenant_id = ?1 AND (secret_id, version) > (?2, ?3) AND key_version < ?4 \
         ORDER BY secret_id, version LIMIT ?5";
    // Version 0 of the nil id is no revision's, and every other one comes after it.
    let (secret, version) = after.unwrap_or((SecretId::from_bytes([0; 16]), 0));
    many(
        conn,
        WHAT,
        SQL,
        params![tenant.as_bytes(), secret.as_bytes(), int(version), key_version, limit],
        |cells| {
            Ok(RewrapItem {
                secret_id: SecretId::from_bytes(cells.bytes()?),
                revision_id: RevisionId::from_bytes(cells.bytes()?),
                version: cells.uint()?,
                // A number that is none reads as 0, which is no version's: the wrap does not hold, so that it is put
                // on record, keeps the retired keys and holds up no other.
                wrap: Wrap { key_version: cells.uint().unwrap_or(0), block: cells.blob()? },
            })
        },
    )
}

pub(super) fn publish(conn: &Connection, publication: &Publication) -> Result<()> {
    const SQL: &str = "INSERT INTO publications (tenant_id, secret_id, row_version, revision_id, \
         version, published_by, published_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    write_one(
        conn,
        Noun::Revision,
        SQL,
        params![
            publication.tenant_id.as_bytes(),
            publication.secret_id.as_bytes(),
            int(publication.row_version),
            publication.revision_id.as_bytes(),
            int(publication.version),
            publication.published_by,
            publication.published_at.as_micros(),
        ],
    )
}

pub(super) fn publications(
    conn: &Connection,
    tenant: TenantId,
    secret: SecretId,
    below: Option<u64>,
    limit: u32,
) -> Result<Vec<Publication>> {
    const SQL: &str = "SELECT tenant_id, secret_id, row_version, revision_id, version, \
         published_by, published_at FROM publications \
         WHERE tenant_id = ?1 AND secret_id = ?2 AND row_version < ?3 \
         ORDER BY row_version DESC LIMIT ?4";
    let below = below.map_or(i64::MAX, int);
    many(
        conn,
        "publication",
        SQL,
        params![tenant.as_bytes(), secret.as_bytes(), below, limit],
        |cells| {
            Ok(Publication {
                tenant_id: TenantId::from_bytes(cells.bytes()?),
                secret_id: SecretId::from_bytes(cells.bytes()?),
                row_version: cells.uint()?,
                revision_id: RevisionId::from_bytes(cells.bytes()?),
                version: cells.uint()?,
                published_by: cells.text()?,
                published_at: cells.time()?,
            })
        },
    )
}
