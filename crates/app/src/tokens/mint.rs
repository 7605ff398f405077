//! Minting: never wider, never longer-lived than the minter.

use super::{check_life, check_name, check_width, in_days};
use crate::{app::App, context::Op, error::AppError};
use subrosa_crypto::{NewToken, TokenPrefix};
use subrosa_domain::{
    Change, PrincipalId, RowSeal, Scope, ScopeSet, Timestamp, Token, TokenId, TokenKind,
    audit::{AuditAction, Detail},
    policy::{Denied, Permit, WriteTokens},
};
use subrosa_plaintext::PlainToken;

/// How long a token is to live.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expiry {
    /// Nothing was said: no end, or the minter's own; on rotation, the window the token had.
    Unsaid,
    /// No end.
    Never,
    /// This many days from now.
    Days(i64),
}

/// What a new token is to be.
#[derive(Clone, Debug)]
pub struct MintToken {
    /// A name for people; one is made up when there is none.
    pub name: Option<String>,
    /// What it may do, presets already expanded.
    pub scopes: ScopeSet,
    /// How long it lives.
    pub expiry: Expiry,
    /// What it is for.
    pub kind: TokenKind,
}

/// A token and the one sight of it.
pub struct Minted {
    /// The row.
    pub token: Token,
    /// The token itself. It is not kept; whoever drops this has lost it.
    pub plain: PlainToken,
}

impl App {
    /// Mints a token that speaks for the caller.
    ///
    /// # Errors
    /// [`AppError::Widens`], [`AppError::Outlives`], a missing `tenant:admin` for the platform's kinds; faults of shape
    /// and store.
    pub async fn mint_token(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        new: MintToken,
    ) -> Result<Minted, AppError> {
        if let Some(name) = &new.name {
            check_name(name)?;
        }
        let platform = matches!(new.kind, TokenKind::System | TokenKind::ServiceAccount);
        if platform && !op.caller.scopes.contains(Scope::TENANT_ADMIN) {
            return Err(Denied::MissingScope(Scope::TENANT_ADMIN).into());
        }
        check_width(op, new.scopes)?;
        let expires_at = match new.expiry {
            Expiry::Unsaid => op.caller.expires_at(),
            Expiry::Never => None,
            Expiry::Days(days) => Some(in_days(op, days)?),
        };
        check_life(op, expires_at)?;
        let principal = self.own_principal(op).await?;
        let minted = self.new_token(op, principal, new.name, new.kind, new.scopes, expires_at);
        let detail = Some(Detail::Scopes(minted.token.scopes));
        let event = self.token_event(op, AuditAction::TokenMint, &minted.token, detail);
        let changes = vec![Change::TokenInsert(minted.token.clone())];
        self.commit(permit.tenant_id(), changes, vec![event]).await?;
        Ok(minted)
    }

    /// A sealed token row and its secret, not yet committed.
    pub(crate) fn new_token(
        &self,
        op: &Op,
        principal_id: PrincipalId,
        name: Option<String>,
        kind: TokenKind,
        scopes: ScopeSet,
        expires_at: Option<Timestamp>,
    ) -> Minted {
        let NewToken { plain, key_id, hash, key_prefix } =
            self.keyring.generate_token(prefix(kind));
        let made_up = || format!("token-{}", key_id.as_str().get(..4).unwrap_or_default());
        let token = self.sealed(Token {
            id: TokenId::fresh(&*self.ids),
            tenant_id: op.tenant_id,
            key_id,
            hash,
            key_prefix,
            name: name.unwrap_or_else(made_up).into(),
            kind,
            scopes,
            principal_id,
            created_by: (&*op.caller.name).into(),
            created_at: op.now(),
            modified_at: op.now(),
            expires_at,
            revoked_at: None,
            disabled_at: None,
            last_used_at: None,
            row_version: 1,
            seal: RowSeal::UNSEALED,
        });
        Minted { token, plain }
    }
}

/// The prefix tokens of a kind begin with.
pub(super) const fn prefix(kind: TokenKind) -> TokenPrefix {
    match kind {
        TokenKind::ServiceAccount => TokenPrefix::ServiceAccount,
        TokenKind::Personal | TokenKind::Member => TokenPrefix::Opaque,
        TokenKind::User | TokenKind::Cli | TokenKind::System | TokenKind::ApiKey
        // A virtual account's token is signed and not generated; it never gets here.
        | TokenKind::VirtualAccount => TokenPrefix::Personal,
    }
}
