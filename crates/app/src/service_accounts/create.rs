//! Making a service account with its first key, in one commit.

use crate::{
    app::App,
    context::Op,
    error::AppError,
    secrets::check_text,
    tokens::{Expiry, Minted, check_life, check_name, check_width, in_days},
};
use subrosa_domain::{
    Change, Principal, PrincipalId, PrincipalKind, ScopeSet, TokenKind,
    audit::{AuditAction, Detail},
    policy::{Permit, WriteTokens},
};

/// What a new service account is to be.
#[derive(Clone, Debug)]
pub struct CreateServiceAccount {
    /// A name, unique among the tenant's living service accounts; one is made up when there is none.
    pub name: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// What it may do, presets already expanded. None: it can do nothing.
    pub scopes: ScopeSet,
    /// How long its first key lives.
    pub expiry: Expiry,
}

/// A service account and its new key.
pub struct Provisioned {
    /// The account.
    pub account: Principal,
    /// Its key, seen once.
    pub key: Minted,
}

impl App {
    /// Makes a service account.
    ///
    /// # Errors
    /// [`AppError::Exists`] when the name is taken; [`AppError::Widens`]; [`AppError::Outlives`]; faults of shape,
    /// store.
    pub async fn create_service_account(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        new: CreateServiceAccount,
    ) -> Result<Provisioned, AppError> {
        check_text("/description", new.description.as_deref())?;
        check_width(op, new.scopes)?;
        let id = PrincipalId::fresh(&*self.ids);
        let name = new.name.unwrap_or_else(|| made_up_name(id));
        check_name(&name)?;
        let ends = match new.expiry {
            Expiry::Unsaid => op.caller.expires_at(),
            Expiry::Never => None,
            Expiry::Days(days) => Some(in_days(op, days)?),
        };
        check_life(op, ends)?;
        let account = self.sealed(Principal {
            id,
            description: new.description.unwrap_or_default().into(),
            scopes: new.scopes,
            ..self.new_principal(op, PrincipalKind::ServiceAccount, &name)
        });
        let key_name = Some(format!("{}-key", account.name));
        let kind = TokenKind::ServiceAccount;
        let key = self.new_token(op, account.id, key_name, kind, account.scopes, ends);
        let detail = || Some(Detail::Scopes(account.scopes));
        let events = vec![
            self.account_event(op, AuditAction::ServiceAccountCreate, &account, detail()),
            self.token_event(op, AuditAction::TokenMint, &key.token, detail()),
        ];
        let changes =
            vec![Change::PrincipalInsert(account.clone()), Change::TokenInsert(key.token.clone())];
        self.commit(permit.tenant_id(), changes, events).await?;
        Ok(Provisioned { account, key })
    }
}

fn made_up_name(id: PrincipalId) -> String {
    let id = id.to_string();
    format!("service-account-{}", id.get(id.len() - 6..).unwrap_or_default())
}
