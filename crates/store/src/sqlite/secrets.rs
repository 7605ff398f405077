//! Secrets' rows, and when each was last used.

use super::sql::{self, Cells, execute, int, many, micros, one, write_one};
use crate::{
    error::{Noun, StoreError},
    port::Result,
};
use rusqlite::{Connection, params};
use subrosa_domain::{
    Disclosure, GroupId, KeyName, Published, RevisionId, RowSeal, Secret, SecretId, Sensitivity,
    TenantId, Timestamp, Unverified, Validity, audit::ResourceKind,
};
use subrosa_plant::planted;

const WHAT: &str = "secret";

/// A secret's columns, and the join that `used_at` takes.
macro_rules! columns {
    () => {
        "s.tenant_id, s.id, s.group_id, s.key, s.sensitivity, s.disclosure, s.not_before, \
         s.expires_on, s.live_revision_id, s.live_version, s.live_sensitivity, s.latest_version, \
         s.readable_from, s.created_by, s.created_at, s.modified_at, s.row_version, s.seal, s.description, u.used_at"
    };
}
macro_rules! tables {
    () => {
        " FROM secrets s LEFT JOIN secret_uses u ON u.tenant_id = s.tenant_id AND u.secret_id = s.id "
    };
}
pub(super) use {columns, tables};

pub(super) fn read(cells: &mut Cells<'_, '_>) -> Result<Unverified<Secret>> {
    cells.sealed(20, ResourceKind::Secret, |cells| {
        Ok(Secret {
            tenant_id: TenantId::from_bytes(cells.bytes()?),
            id: SecretId::from_bytes(cells.bytes()?),
            group_id: GroupId::from_bytes(cells.bytes()?),
            key: cells.parsed(|text| text.parse().ok())?,
            sensitivity: Sensitivity::from_code(cells.signed()?),
            disclosure: Disclosure::from_code(cells.signed()?),
            validity: Validity { not_before: cells.maybe_time()?, expires_on: cells.maybe_time()? },
            published: published(cells)?,
            latest_version: cells.uint()?,
            readable_from: cells.uint()?,
            created_by: cells.text()?,
            created_at: cells.time()?,
            modified_at: cells.time()?,
            row_version: cells.uint()?,
            seal: RowSeal(cells.bytes()?),
            description: cells.maybe_text()?,
            last_used_at: cells.maybe_time()?,
        })
    })
}

/// The live pointer is whole or absent; half of one is damage.
fn published(cells: &mut Cells<'_, '_>) -> Result<Option<Published>> {
    let id = cells.maybe_bytes()?;
    let version = cells.maybe_uint()?;
    let sensitivity = cells.maybe_signed()?;
    match (id, version, sensitivity) {
        (Some(id), Some(version), Some(code)) => Ok(Some(Published {
            revision_id: RevisionId::from_bytes(id),
            version,
            sensitivity: Sensitivity::from_code(code),
        })),
        (None, None, None) => Ok(None),
        _ => Err(cells.corrupt()),
    }
}

/// Inserts only while its group is there. The group `default` has the tenant's own id and no row.
pub(super) fn insert(conn: &Connection, secret: &Secret) -> Result<()> {
    const SQL: &str = "INSERT INTO secrets (tenant_id, id, group_id, key, sensitivity, disclosure, \
         not_before, expires_on, live_revision_id, live_version, live_sensitivity, latest_version, \
         readable_from, created_by, created_at, modified_at, row_version, seal, description) \
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
         ?19 WHERE ?3 = ?1 OR EXISTS (SELECT 1 FROM groups WHERE tenant_id = ?1 AND id = ?3)";
    let live = secret.published;
    write_one(
        conn,
        Noun::Secret,
        SQL,
        params![
            secret.tenant_id.as_bytes(),
            secret.id.as_bytes(),
            secret.group_id.as_bytes(),
            secret.key.as_str(),
            secret.sensitivity.code(),
            secret.disclosure.code(),
            micros(secret.validity.not_before),
            micros(secret.validity.expires_on),
            live.map(|live| *live.revision_id.as_bytes()),
            live.map(|live| int(live.version)),
            live.map(|live| live.sensitivity.code()),
            int(secret.latest_version),
            int(secret.readable_from),
            secret.created_by,
            secret.created_at.as_micros(),
            secret.modified_at.as_micros(),
            int(secret.row_version),
            secret.seal.0,
            secret.description,
        ],
    )
}

/// Writes what may change. Group, key and origin of a secret never do.
pub(super) fn update(conn: &Connection, secret: &Secret) -> Result<()> {
    const SQL: &str = "UPDATE secrets SET sensitivity = ?3, disclosure = ?4, not_before = ?5, \
         expires_on = ?6, live_revision_id = ?7, live_version = ?8, live_sensitivity = ?9, \
         latest_version = ?10, modified_at = ?11, row_version = ?12, seal = ?13, description = ?14, \
         readable_from = ?15 \
         WHERE tenant_id = ?1 AND id = ?2 AND row_version = ?12 - 1";
    let live = secret.published;
    write_one(
        conn,
        Noun::Secret,
        SQL,
        params![
            secret.tenant_id.as_bytes(),
            secret.id.as_bytes(),
            secret.sensitivity.code(),
            secret.disclosure.code(),
            micros(secret.validity.not_before),
            micros(secret.validity.expires_on),
            live.map(|live| *live.revision_id.as_bytes()),
            live.map(|live| int(live.version)),
            live.map(|live| live.sensitivity.code()),
            int(secret.latest_version),
            secret.modified_at.as_micros(),
            int(secret.row_version),
            secret.seal.0,
            secret.description,
            int(secret.readable_from),
        ],
    )
}

/// Takes a secret away with all that hangs on it, children first; says of which group it was.
pub(super) fn erase(conn: &Connection, tenant: TenantId, id: SecretId) -> Result<GroupId> {
    const GROUP: &str = "SELECT group_id FROM secrets WHERE tenant_id = ?1 AND id = ?2";
    const WHOLE: [&str; 6] = [
        "DELETE FROM grants WHERE tenant_id = ?1 AND secret_id = ?2",
        "DELETE FROM publications WHERE tenant_id = ?1 AND secret_id = ?2",
        "DELETE FROM revisions WHERE tenant_id = ?1 AND secret_id = ?2",
        "DELETE FROM secret_uses WHERE tenant_id = ?1 AND secret_id = ?2",
        "DELETE FROM secret_readers WHERE tenant_id = ?1 AND secret_id = ?2",
        "DELETE FROM secrets WHERE tenant_id = ?1 AND id = ?2",
    ];
    let group = one(conn, WHAT, GROUP, params![tenant.as_bytes(), id.as_bytes()], |cells| {
        cells.bytes().map(GroupId::from_bytes)
    })?;
    let kept = usize::from(planted!("delete-keeps-key-taken"));
    for sql in WHOLE.into_iter().take(WHOLE.len() - kept) {
        execute(conn, sql, params![tenant.as_bytes(), id.as_bytes()])?;
    }
    group.ok_or(StoreError::Conflict)
}

/// Records a use; an earlier one than is known changes nothing, nor does one of a secret that is gone.
pub(super) fn used(conn: &Connection, tenant: TenantId, id: SecretId, at: Timestamp) -> Result<()> {
    const SQL: &str = "INSERT INTO secret_uses (tenant_id, secret_id, used_at) \
         SELECT tenant_id, id, ?3 FROM secrets WHERE tenant_id = ?1 AND id = ?2 \
         ON CONFLICT (tenant_id, secret_id) DO UPDATE SET used_at = excluded.used_at \
         WHERE excluded.used_at > secret_uses.used_at";
    execute(conn, SQL, params![tenant.as_bytes(), id.as_bytes(), at.as_micros()]).map(|_| ())
}

pub(super) fn by_id(
    conn: &Connection,
    tenant: TenantId,
    id: SecretId,
) -> Result<Option<Unverified<Secret>>> {
    const SQL: &str =
        concat!("SELECT ", columns!(), tables!(), "WHERE s.tenant_id = ?1 AND s.id = ?2");
    one(conn, WHAT, SQL, params![tenant.as_bytes(), id.as_bytes()], read)
}

pub(super) fn by_key(
    conn: &Connection,
    tenant: TenantId,
    group: GroupId,
    key: &KeyName,
) -> Result<Option<Unverified<Secret>>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        tables!(),
        "WHERE s.tenant_id = ?1 AND s.group_id = ?2 AND s.key = ?3"
    );
    one(conn, WHAT, SQL, params![tenant.as_bytes(), group.as_bytes(), key.as_str()], read)
}

pub(super) fn list(
    conn: &Connection,
    tenant: TenantId,
    group: GroupId,
    before: Option<SecretId>,
    limit: u32,
) -> Result<Vec<Unverified<Secret>>> {
    const FIRST: &str = concat!(
        "SELECT ",
        columns!(),
        tables!(),
        "WHERE s.tenant_id = ?1 AND s.group_id = ?2 ORDER BY s.id DESC LIMIT ?3"
    );
    const NEXT: &str = concat!(
        "SELECT ",
        columns!(),
        tables!(),
        "WHERE s.tenant_id = ?1 AND s.group_id = ?2 AND s.id < ?4 ORDER BY s.id DESC LIMIT ?3"
    );
    let (tenant, group) = (tenant.as_bytes(), group.as_bytes());
    match before {
        None => many(conn, WHAT, FIRST, params![tenant, group, limit], read),
        Some(before) => {
            many(conn, WHAT, NEXT, params![tenant, group, limit, before.as_bytes()], read)
        }
    }
}

/// Every row of a tenant, whatever it says of itself.
pub(super) fn each(
    conn: &Connection,
    tenant: TenantId,
    look: impl FnMut(Unverified<Secret>),
) -> Result<()> {
    const SQL: &str = concat!("SELECT ", columns!(), tables!(), "WHERE s.tenant_id = ?1");
    sql::each(conn, (tenant, ResourceKind::Secret), SQL, read, look)
}
