//! Groups' rows, and the look-ups beside them by which a principal's and a binding's groups are found.

use super::sql::{self, Cells, execute, int, many, one, write_one};
use crate::{
    error::{Noun, StoreError},
    port::Result,
};
use rusqlite::{Connection, params};
use subrosa_domain::{
    BindingId, Group, GroupId, GroupName, MemberSource, PrincipalId, RowSeal, TenantId, Unverified,
    audit::ResourceKind,
};

const WHAT: &str = "group";

macro_rules! columns {
    () => {
        "tenant_id, id, name, creator, created_by, created_at, modified_at, row_version, seal, members"
    };
}

fn read(cells: &mut Cells<'_, '_>) -> Result<Unverified<Group>> {
    cells.sealed(10, ResourceKind::Group, read_group)
}

fn read_group(cells: &mut Cells<'_, '_>) -> Result<Group> {
    let tenant = TenantId::from_bytes(cells.bytes()?);
    let id = GroupId::from_bytes(cells.bytes()?);
    let name: GroupName = cells.parsed(|text| text.parse().ok())?;
    let (creator, created_by) = (PrincipalId::from_bytes(cells.bytes()?), cells.text()?);
    let mut group = Group::new(id, tenant, name, (creator, &created_by), cells.time()?);
    group.modified_at = cells.time()?;
    group.row_version = cells.uint()?;
    group.seal = RowSeal(cells.bytes()?);
    let members = cells.blob()?;
    group.with_members(&members).ok_or_else(|| cells.corrupt())
}

pub(super) fn insert(conn: &Connection, group: &Group) -> Result<()> {
    const SQL: &str = concat!(
        "INSERT INTO groups (",
        columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
    );
    write_one(
        conn,
        Noun::Group,
        SQL,
        params![
            group.tenant_id.as_bytes(),
            group.id.as_bytes(),
            group.name.as_str(),
            group.creator.as_bytes(),
            group.created_by,
            group.created_at.as_micros(),
            group.modified_at.as_micros(),
            int(group.row_version),
            group.seal.0,
            group.encode_members(),
        ],
    )?;
    index(conn, group)
}

/// Writes what may change. A group's name and origin never do.
pub(super) fn update(conn: &Connection, group: &Group) -> Result<()> {
    const SQL: &str = "UPDATE groups SET members = ?3, modified_at = ?4, row_version = ?5, seal = ?6 \
         WHERE tenant_id = ?1 AND id = ?2 AND row_version = ?5 - 1";
    write_one(
        conn,
        Noun::Group,
        SQL,
        params![
            group.tenant_id.as_bytes(),
            group.id.as_bytes(),
            group.encode_members(),
            group.modified_at.as_micros(),
            int(group.row_version),
            group.seal.0,
        ],
    )?;
    forget(conn, group.tenant_id, group.id)?;
    index(conn, group)
}

/// Takes a group away that is as it was read and holds no secret.
pub(super) fn erase(
    conn: &Connection,
    tenant: TenantId,
    id: GroupId,
    row_version: u64,
) -> Result<()> {
    const SQL: &str = "DELETE FROM groups WHERE tenant_id = ?1 AND id = ?2 AND row_version = ?3 \
         AND NOT EXISTS (SELECT 1 FROM secrets WHERE tenant_id = ?1 AND group_id = ?2)";
    forget(conn, tenant, id)?;
    match execute(conn, SQL, params![tenant.as_bytes(), id.as_bytes(), int(row_version)])? {
        0 => Err(StoreError::Conflict),
        _ => Ok(()),
    }
}

/// Has the group found by whom its row names.
fn index(conn: &Connection, group: &Group) -> Result<()> {
    const SQL: &str = "INSERT INTO group_members \
         (tenant_id, group_id, principal_id, source, binding_id) VALUES (?1, ?2, ?3, ?4, ?5)";
    for member in group.members() {
        let (source, binding) = match &member.source {
            MemberSource::Collaborators => (1, &[][..]),
            MemberSource::Account => (2, &[][..]),
            MemberSource::Binding(id) => (3, &id.as_bytes()[..]),
        };
        execute(
            conn,
            SQL,
            params![
                group.tenant_id.as_bytes(),
                group.id.as_bytes(),
                member.principal_id.as_bytes(),
                source,
                binding,
            ],
        )?;
    }
    Ok(())
}

fn forget(conn: &Connection, tenant: TenantId, id: GroupId) -> Result<()> {
    const SQL: &str = "DELETE FROM group_members WHERE tenant_id = ?1 AND group_id = ?2";
    execute(conn, SQL, params![tenant.as_bytes(), id.as_bytes()]).map(|_| ())
}

pub(super) fn by_id(
    conn: &Connection,
    tenant: TenantId,
    id: GroupId,
) -> Result<Option<Unverified<Group>>> {
    const SQL: &str =
        concat!("SELECT ", columns!(), " FROM groups WHERE tenant_id = ?1 AND id = ?2");
    one(conn, WHAT, SQL, params![tenant.as_bytes(), id.as_bytes()], read)
}

pub(super) fn by_name(
    conn: &Connection,
    tenant: TenantId,
    name: &GroupName,
) -> Result<Option<Unverified<Group>>> {
    const SQL: &str =
        concat!("SELECT ", columns!(), " FROM groups WHERE tenant_id = ?1 AND name = ?2");
    one(conn, WHAT, SQL, params![tenant.as_bytes(), name.as_str()], read)
}

pub(super) fn list(
    conn: &Connection,
    tenant: TenantId,
    of: Option<PrincipalId>,
    after: Option<GroupId>,
    limit: u32,
) -> Result<Vec<Unverified<Group>>> {
    const ALL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM groups WHERE tenant_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
    );
    const OF: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM groups WHERE tenant_id = ?1 AND id IN (SELECT group_id FROM group_members \
         WHERE tenant_id = ?1 AND principal_id = ?4 AND group_id > ?2) ORDER BY id LIMIT ?3"
    );
    // The nil id is no group's, and every other one comes after it.
    let after = after.unwrap_or(GroupId::from_bytes([0; 16]));
    let (tenant, after) = (tenant.as_bytes(), after.as_bytes());
    match of {
        None => many(conn, WHAT, ALL, params![tenant, after, limit], read),
        Some(of) => many(conn, WHAT, OF, params![tenant, after, limit, of.as_bytes()], read),
    }
}

pub(super) fn bound(
    conn: &Connection,
    tenant: TenantId,
    binding: BindingId,
) -> Result<Vec<Unverified<Group>>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM groups WHERE tenant_id = ?1 AND id IN (SELECT group_id FROM group_members \
         WHERE tenant_id = ?1 AND binding_id = ?2 AND source = 3) ORDER BY id"
    );
    many(conn, WHAT, SQL, params![tenant.as_bytes(), binding.as_bytes()], read)
}

/// Every row of a tenant, whatever it says of itself.
pub(super) fn each(
    conn: &Connection,
    tenant: TenantId,
    look: impl FnMut(Unverified<Group>),
) -> Result<()> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM groups WHERE tenant_id = ?1");
    sql::each(conn, (tenant, ResourceKind::Group), SQL, read, look)
}
