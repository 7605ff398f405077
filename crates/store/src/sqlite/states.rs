//! What sealed rows weigh: those that a change takes away or replaces, those that it writes, and all there are.

use super::{
    anchors, audit, seals,
    sql::{failed, until},
};
use crate::port::{Result, RowsWeighed};
use rusqlite::{Connection, Params, params};
use subrosa_domain::{
    Change, RowSeal, TenantId,
    audit::{Anchor, StateSealer, Weight},
};
use subrosa_plant::planted;

const TENANT: &str = "SELECT seal FROM tenants WHERE id = ?1";
const PRINCIPAL: &str = "SELECT seal FROM principals WHERE tenant_id = ?1 AND id = ?2";
const TOKEN: &str = "SELECT seal FROM tokens WHERE tenant_id = ?1 AND id = ?2";
const SECRET: &str = "SELECT seal FROM secrets WHERE tenant_id = ?1 AND id = ?2";
const GRANT: &str =
    "SELECT seal FROM grants WHERE tenant_id = ?1 AND secret_id = ?2 AND agent_id = ?3";
const GRANTS: &str = "SELECT seal FROM grants WHERE tenant_id = ?1 AND secret_id = ?2";
const GROUP: &str = "SELECT seal FROM groups WHERE tenant_id = ?1 AND id = ?2";
const BINDING: &str = "SELECT seal FROM role_bindings WHERE tenant_id = ?1 AND id = ?2";

/// Every sealed row under a tenant, one statement a table.
const UNDER: [&str; 7] = [
    "SELECT seal FROM principals WHERE tenant_id = ?1",
    "SELECT seal FROM tokens WHERE tenant_id = ?1",
    "SELECT seal FROM secrets WHERE tenant_id = ?1",
    "SELECT seal FROM grants WHERE tenant_id = ?1",
    "SELECT seal FROM groups WHERE tenant_id = ?1",
    "SELECT seal FROM role_bindings WHERE tenant_id = ?1",
    "SELECT seal FROM signing_keys WHERE tenant_id = ?1",
];

/// One tenant's rows on the scales.
pub(super) struct Scales<'a> {
    pub(super) conn: &'a Connection,
    pub(super) sealer: &'a dyn StateSealer,
    pub(super) tenant: TenantId,
}

impl Scales<'_> {
    /// What all sealed rows of the tenant weigh, its own row with them.
    pub(super) fn all(&self) -> Result<Weight> {
        Ok(self.under()?.plus(self.found(TENANT, params![self.tenant.as_bytes()])?))
    }

    /// What the rows weigh that a change is about to take away or replace.
    pub(super) fn replaced(&self, change: &Change) -> Result<Weight> {
        let one = |sql, id: &[u8; 16]| self.found(sql, params![self.tenant.as_bytes(), id]);
        match change {
            Change::TenantUpdate(_) => self.found(TENANT, params![self.tenant.as_bytes()]),
            Change::TenantErase(_) => self.under(),
            Change::SecretUpdate(secret) => one(SECRET, secret.id.as_bytes()),
            Change::SecretErase(_) if planted!("erased-still-weighs") => Ok(Weight::ZERO),
            Change::SecretErase(id) => {
                Ok(one(SECRET, id.as_bytes())?.plus(one(GRANTS, id.as_bytes())?))
            }
            Change::GrantErase { secret_id, agent_id } => self.found(
                GRANT,
                params![self.tenant.as_bytes(), secret_id.as_bytes(), agent_id.as_str()],
            ),
            Change::GroupUpdate(group) => one(GROUP, group.id.as_bytes()),
            Change::GroupErase(id, _) => one(GROUP, id.as_bytes()),
            Change::BindingUpdate(binding) => one(BINDING, binding.id.as_bytes()),
            Change::BindingErase(id) => one(BINDING, id.as_bytes()),
            Change::PrincipalUpdate(principal) => one(PRINCIPAL, principal.id.as_bytes()),
            Change::TokenUpdate(token) => one(TOKEN, token.id.as_bytes()),
            Change::TenantInsert(_)
            | Change::TenantKeyInsert(_)
            | Change::TenantKeyUpdate(_)
            | Change::SecretInsert(_)
            | Change::RevisionInsert(_)
            | Change::RevisionRewrap { .. }
            | Change::PublicationInsert(_)
            | Change::GrantInsert(_)
            | Change::GroupInsert(_)
            | Change::BindingInsert(_)
            | Change::SigningKeyInsert(_)
            | Change::SigningKeyRewrap { .. }
            | Change::PrincipalInsert(_)
            | Change::TokenInsert(_)
            | Change::LastUses(_)
            | Change::Activities(_)
            | Change::CountsFlushed(_) => Ok(Weight::ZERO),
        }
    }

    /// What the row weighs that a change writes.
    pub(super) fn written(&self, change: &Change) -> Weight {
        seal_of(change).map_or(Weight::ZERO, |seal| self.sealer.weigh_row(self.tenant, seal))
    }

    fn under(&self) -> Result<Weight> {
        UNDER.iter().try_fold(Weight::ZERO, |sum, sql| {
            Ok(sum.plus(self.found(sql, params![self.tenant.as_bytes()])?))
        })
    }

    /// What the rows weigh that a query finds. A cell that is no seal weighs what no row was ever given: a damaged row
    /// is one that the sum misses and that is named elsewhere, and it can be taken away like any other.
    fn found(&self, sql: &'static str, params: impl Params) -> Result<Weight> {
        let mut sum = Weight::ZERO;
        until(self.conn, "seal", sql, params, |cells| {
            let seal = cells.bytes().map_or(RowSeal::UNSEALED, RowSeal);
            sum = sum.plus(self.sealer.weigh_row(self.tenant, &seal));
            Ok(false)
        })?;
        Ok(sum)
    }
}

/// What all sealed rows of a tenant weigh, those whose seals do not hold, and the tenant's heads, of one moment.
pub(super) fn of_rows(
    conn: &Connection,
    sealer: &dyn StateSealer,
    tenant: TenantId,
) -> Result<RowsWeighed> {
    let _moment = conn.unchecked_transaction().map_err(failed)?;
    let weight = Scales { conn, sealer, tenant }.all()?;
    let broken = seals::broken(conn, sealer, tenant)?;
    let broken = if planted!("deep-without-seals") { Vec::new() } else { broken };
    Ok(RowsWeighed { weight, broken, heads: audit::heads(conn, tenant)? })
}

/// What all heads of a lane weigh, and the lane's anchor, of one moment.
pub(super) fn of_heads(
    conn: &Connection,
    sealer: &dyn StateSealer,
    lane: u32,
) -> Result<(Weight, Option<Anchor>)> {
    let _moment = conn.unchecked_transaction().map_err(failed)?;
    let heads = audit::heads_of(conn, lane)?;
    let weight =
        heads.iter().fold(Weight::ZERO, |sum, (head, _)| sum.plus(sealer.weigh_head(head)));
    Ok((weight, anchors::anchor(conn, lane)?))
}

/// The seal of the row that a change writes, if it writes a sealed one.
const fn seal_of(change: &Change) -> Option<&RowSeal> {
    match change {
        Change::TenantInsert(row) | Change::TenantUpdate(row) => Some(&row.seal),
        Change::SecretInsert(row) | Change::SecretUpdate(row) => Some(&row.seal),
        Change::GrantInsert(row) => Some(&row.seal),
        Change::GroupInsert(row) | Change::GroupUpdate(row) => Some(&row.seal),
        Change::BindingInsert(row) | Change::BindingUpdate(row) => Some(&row.seal),
        Change::SigningKeyInsert(row) => Some(&row.seal),
        Change::PrincipalInsert(row) | Change::PrincipalUpdate(row) => Some(&row.seal),
        Change::TokenInsert(row) | Change::TokenUpdate(row) => Some(&row.seal),
        Change::TenantErase(_)
        | Change::TenantKeyInsert(_)
        | Change::TenantKeyUpdate(_)
        | Change::SecretErase(_)
        | Change::RevisionInsert(_)
        | Change::RevisionRewrap { .. }
        | Change::PublicationInsert(_)
        | Change::GrantErase { .. }
        | Change::GroupErase(..)
        | Change::BindingErase(_)
        | Change::SigningKeyRewrap { .. }
        | Change::LastUses(_)
        | Change::Activities(_)
        | Change::CountsFlushed(_) => None,
    }
}
