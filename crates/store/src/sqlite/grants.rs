//! Grants: which agents may use a secret.

use super::sql::{self, Cells, execute, many, one, write_one};
use crate::{error::Noun, port::Result};
use rusqlite::{Connection, params};
use subrosa_domain::{
    AgentId, Grant, GrantId, RowSeal, SecretId, TenantId, Unverified, audit::ResourceKind,
};

const WHAT: &str = "grant";

macro_rules! columns {
    () => {
        "tenant_id, secret_id, agent_id, id, created_by, created_at, seal"
    };
}

fn read(cells: &mut Cells<'_, '_>) -> Result<Unverified<Grant>> {
    cells.sealed(7, ResourceKind::Grant, |cells| {
        Ok(Grant {
            tenant_id: TenantId::from_bytes(cells.bytes()?),
            secret_id: SecretId::from_bytes(cells.bytes()?),
            agent_id: cells.parsed(|text| text.parse().ok())?,
            id: GrantId::from_bytes(cells.bytes()?),
            created_by: cells.text()?,
            created_at: cells.time()?,
            seal: RowSeal(cells.bytes()?),
        })
    })
}

pub(super) fn insert(conn: &Connection, grant: &Grant) -> Result<()> {
    const SQL: &str =
        concat!("INSERT INTO grants (", columns!(), ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    write_one(
        conn,
        Noun::Grant,
        SQL,
        params![
            grant.tenant_id.as_bytes(),
            grant.secret_id.as_bytes(),
            grant.agent_id.as_str(),
            grant.id.as_bytes(),
            grant.created_by,
            grant.created_at.as_micros(),
            grant.seal.0,
        ],
    )
}

/// Takes a grant back; says whether there was one.
pub(super) fn erase(
    conn: &Connection,
    tenant: TenantId,
    secret: SecretId,
    agent: &AgentId,
) -> Result<bool> {
    const SQL: &str =
        "DELETE FROM grants WHERE tenant_id = ?1 AND secret_id = ?2 AND agent_id = ?3";
    let erased = execute(conn, SQL, params![tenant.as_bytes(), secret.as_bytes(), agent.as_str()])?;
    Ok(erased > 0)
}

pub(super) fn list(
    conn: &Connection,
    tenant: TenantId,
    secret: SecretId,
    after: Option<&AgentId>,
    limit: u32,
) -> Result<Vec<Unverified<Grant>>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM grants WHERE tenant_id = ?1 AND secret_id = ?2 AND agent_id > ?3 \
         ORDER BY agent_id LIMIT ?4"
    );
    // No agent's id is empty, and every other text comes after the empty one.
    let after = after.map_or("", AgentId::as_str);
    many(conn, WHAT, SQL, params![tenant.as_bytes(), secret.as_bytes(), after, limit], read)
}

pub(super) fn by_agent(
    conn: &Connection,
    tenant: TenantId,
    secret: SecretId,
    agent: &AgentId,
) -> Result<Option<Unverified<Grant>>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM grants WHERE tenant_id = ?1 AND secret_id = ?2 AND agent_id = ?3"
    );
    one(conn, WHAT, SQL, params![tenant.as_bytes(), secret.as_bytes(), agent.as_str()], read)
}

/// Every row of a tenant, whatever it says of itself.
pub(super) fn each(
    conn: &Connection,
    tenant: TenantId,
    look: impl FnMut(Unverified<Grant>),
) -> Result<()> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM grants WHERE tenant_id = ?1");
    sql::each(conn, (tenant, ResourceKind::Grant), SQL, read, look)
}
