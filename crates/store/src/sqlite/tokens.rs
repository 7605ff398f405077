//! Tokens' rows, and when each was last used. A token itself is nowhere, only its keyed hash.

use super::{
    principals,
    sql::{self, Cells, execute, int, many, micros, one, write_one},
};
use crate::{error::Noun, port::Result};
use rusqlite::{Connection, params};
use subrosa_domain::{
    KeyId, Principal, PrincipalId, RowSeal, ScopeSet, TenantId, Timestamp, Token, TokenHash,
    TokenId, TokenKind, Unverified, audit::ResourceKind,
};

const WHAT: &str = "token";

/// A token's columns, and the join that `used_at` takes.
macro_rules! columns {
    () => {
        "t.tenant_id, t.id, t.key_id, t.digest, t.pepper_version, t.key_prefix, t.name, t.kind, \
         t.scopes, t.principal_id, t.created_by, t.created_at, t.modified_at, t.expires_at, \
         t.revoked_at, t.row_version, t.seal, t.disabled_at, u.used_at"
    };
}
macro_rules! tables {
    () => {
        " FROM tokens t LEFT JOIN token_uses u ON u.tenant_id = t.tenant_id AND u.token_id = t.id "
    };
}

fn read(cells: &mut Cells<'_, '_>) -> Result<Unverified<Token>> {
    cells.sealed(19, ResourceKind::Token, |cells| {
        Ok(Token {
            tenant_id: TenantId::from_bytes(cells.bytes()?),
            id: TokenId::from_bytes(cells.bytes()?),
            key_id: cells.parsed(|text| KeyId::parse(text.as_bytes()))?,
            hash: TokenHash { digest: cells.bytes()?, pepper_version: cells.uint()? },
            key_prefix: cells.text()?,
            name: cells.text()?,
            kind: TokenKind::from_code(cells.signed()?),
            scopes: cells.parsed(ScopeSet::from_text)?,
            principal_id: PrincipalId::from_bytes(cells.bytes()?),
            created_by: cells.text()?,
            created_at: cells.time()?,
            modified_at: cells.time()?,
            expires_at: cells.maybe_time()?,
            revoked_at: cells.maybe_time()?,
            row_version: cells.uint()?,
            seal: RowSeal(cells.bytes()?),
            disabled_at: cells.maybe_time()?,
            last_used_at: cells.maybe_time()?,
        })
    })
}

pub(super) fn insert(conn: &Connection, token: &Token) -> Result<()> {
    const SQL: &str = "INSERT INTO tokens (tenant_id, id, key_id, digest, pepper_version, \
         key_prefix, name, kind, scopes, principal_id, created_by, created_at, modified_at, \
         expires_at, revoked_at, row_version, seal, disabled_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
    write_one(
        conn,
        Noun::Token,
        SQL,
        params![
            token.tenant_id.as_bytes(),
            token.id.as_bytes(),
            token.key_id.as_str(),
            token.hash.digest,
            token.hash.pepper_version,
            token.key_prefix,
            token.name,
            token.kind.code(),
            token.scopes.to_text(),
            token.principal_id.as_bytes(),
            token.created_by,
            token.created_at.as_micros(),
            token.modified_at.as_micros(),
            micros(token.expires_at),
            micros(token.revoked_at),
            int(token.row_version),
            token.seal.0,
            micros(token.disabled_at),
        ],
    )
}

/// Writes what may change. Whom a token speaks for, and who minted it, never do.
pub(super) fn update(conn: &Connection, token: &Token) -> Result<()> {
    const SQL: &str = "UPDATE tokens SET key_id = ?3, digest = ?4, pepper_version = ?5, \
         key_prefix = ?6, name = ?7, kind = ?8, scopes = ?9, modified_at = ?10, expires_at = ?11, \
         revoked_at = ?12, row_version = ?13, seal = ?14, disabled_at = ?15 \
         WHERE tenant_id = ?1 AND id = ?2 AND row_version = ?13 - 1";
    write_one(
        conn,
        Noun::Token,
        SQL,
        params![
            token.tenant_id.as_bytes(),
            token.id.as_bytes(),
            token.key_id.as_str(),
            token.hash.digest,
            token.hash.pepper_version,
            token.key_prefix,
            token.name,
            token.kind.code(),
            token.scopes.to_text(),
            token.modified_at.as_micros(),
            micros(token.expires_at),
            micros(token.revoked_at),
            int(token.row_version),
            token.seal.0,
            micros(token.disabled_at),
        ],
    )
}

/// Records a use; an earlier one than is known changes nothing, nor does one of a token that is gone.
pub(super) fn used(conn: &Connection, tenant: TenantId, id: TokenId, at: Timestamp) -> Result<()> {
    const SQL: &str = "INSERT INTO token_uses (tenant_id, token_id, used_at) \
         SELECT tenant_id, id, ?3 FROM tokens WHERE tenant_id = ?1 AND id = ?2 \
         ON CONFLICT (tenant_id, token_id) DO UPDATE SET used_at = excluded.used_at \
         WHERE excluded.used_at > token_uses.used_at";
    execute(conn, SQL, params![tenant.as_bytes(), id.as_bytes(), at.as_micros()]).map(|_| ())
}

/// The token and its principal, by one statement and so of one moment.
pub(super) fn by_key_id(
    conn: &Connection,
    key_id: &KeyId,
) -> Result<Option<(Unverified<Token>, Unverified<Principal>)>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        ", ",
        principals::columns!(),
        tables!(),
        "JOIN principals p ON p.tenant_id = t.tenant_id AND p.id = t.principal_id \
         WHERE t.key_id = ?1"
    );
    one(conn, WHAT, SQL, params![key_id.as_str()], |cells| {
        Ok((read(cells)?, principals::read(cells)?))
    })
}

pub(super) fn by_id(
    conn: &Connection,
    tenant: TenantId,
    id: TokenId,
) -> Result<Option<Unverified<Token>>> {
    const SQL: &str =
        concat!("SELECT ", columns!(), tables!(), "WHERE t.tenant_id = ?1 AND t.id = ?2");
    one(conn, WHAT, SQL, params![tenant.as_bytes(), id.as_bytes()], read)
}

/// The token of a kind and name that is not revoked; of several, the newest. API keys have an index for it: by their
/// names they are asked for, other kinds hardly.
pub(super) fn by_name(
    conn: &Connection,
    tenant: TenantId,
    kind: TokenKind,
    name: &str,
) -> Result<Option<Unverified<Token>>> {
    const API_KEY: &str = concat!(
        "SELECT ",
        columns!(),
        tables!(),
        "WHERE t.tenant_id = ?1 AND t.kind = 7 AND t.name = ?2 AND t.revoked_at IS NULL"
    );
    const OTHER: &str = concat!(
        "SELECT ",
        columns!(),
        tables!(),
        "WHERE t.tenant_id = ?1 AND t.kind = ?3 AND t.name = ?2 AND t.revoked_at IS NULL \
         ORDER BY t.id DESC LIMIT 1"
    );
    let tenant = tenant.as_bytes();
    match kind {
        TokenKind::ApiKey => one(conn, WHAT, API_KEY, params![tenant, name], read),
        kind => one(conn, WHAT, OTHER, params![tenant, name, kind.code()], read),
    }
}

pub(super) fn list(
    conn: &Connection,
    tenant: TenantId,
    kinds: &[TokenKind],
    before: Option<TokenId>,
    limit: u32,
) -> Result<Vec<Unverified<Token>>> {
    const FIRST: &str = concat!(
        "SELECT ",
        columns!(),
        tables!(),
        "WHERE t.tenant_id = ?1 AND ((?3 >> t.kind) & 1) = 1 ORDER BY t.id DESC LIMIT ?2"
    );
    const NEXT: &str = concat!(
        "SELECT ",
        columns!(),
        tables!(),
        "WHERE t.tenant_id = ?1 AND ((?3 >> t.kind) & 1) = 1 AND t.id < ?4 \
         ORDER BY t.id DESC LIMIT ?2"
    );
    let tenant = tenant.as_bytes();
    // One bit for each kind that is asked for, at the place of its code.
    let asked = kinds.iter().fold(0_i64, |asked, kind| asked | 1 << kind.code());
    match before {
        None => many(conn, WHAT, FIRST, params![tenant, limit, asked], read),
        Some(id) => many(conn, WHAT, NEXT, params![tenant, limit, asked, id.as_bytes()], read),
    }
}

pub(super) fn of_principal(
    conn: &Connection,
    tenant: TenantId,
    principal: PrincipalId,
) -> Result<Vec<Unverified<Token>>> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        tables!(),
        "WHERE t.tenant_id = ?1 AND t.principal_id = ?2 ORDER BY t.id DESC"
    );
    many(conn, WHAT, SQL, params![tenant.as_bytes(), principal.as_bytes()], read)
}

/// Every row of a tenant, whatever it says of itself.
pub(super) fn each(
    conn: &Connection,
    tenant: TenantId,
    look: impl FnMut(Unverified<Token>),
) -> Result<()> {
    const SQL: &str = concat!("SELECT ", columns!(), tables!(), "WHERE t.tenant_id = ?1");
    sql::each(conn, (tenant, ResourceKind::Token), SQL, read, look)
}
