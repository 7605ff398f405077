//! Reading what is known of virtual accounts. Never a token.

use crate::{app::App, context::Op, error::AppError, limits};
use subrosa_domain::{
    Group, GroupId, GroupName, Principal, PrincipalId, PrincipalKind, PrincipalState, Role,
    TenantSlug, Timestamp, Token, TokenKind,
    policy::{Permit, ReadTokens},
};

/// A virtual account with its roles and its tokens.
#[derive(Clone, Debug)]
pub struct AccountView {
    /// The account.
    pub account: Principal,
    /// The tenant's name.
    pub tenant: TenantSlug,
    /// Its highest role in each group.
    pub roles: Vec<(GroupId, GroupName, Role)>,
    /// Its tokens that were not revoked, newest first.
    pub tokens: Vec<Token>,
}

/// Which virtual accounts.
#[derive(Clone, Default, Debug)]
pub struct AccountQuery {
    /// Those whose name contains this.
    pub search: Option<String>,
    /// Those without, or with, a token that works.
    pub expired: Option<bool>,
    /// How many of the first to pass over.
    pub offset: u32,
    /// How many at most.
    pub limit: u32,
}

/// A page of virtual accounts.
#[derive(Debug)]
pub struct AccountList {
    /// The accounts, oldest first.
    pub items: Vec<AccountView>,
    /// How many there are in all.
    pub total: u64,
}

impl AccountView {
    /// The token that is the account's own now: the newest that works.
    #[must_use]
    pub fn current(&self, now: Timestamp) -> Option<&Token> {
        self.tokens.iter().find(|token| token.works_at(now))
    }
}

impl App {
    /// The tenant's living virtual accounts, oldest first.
    ///
    /// # Errors
    /// [`AppError::UsePaging`] beyond [`limits::LIST_MAX`]; faults of the store.
    pub async fn list_virtual_accounts(
        &self,
        op: &Op,
        permit: &Permit<ReadTokens>,
        query: &AccountQuery,
    ) -> Result<AccountList, AppError> {
        let tenant = self.tenant(permit.tenant_id());
        let kind = PrincipalKind::VirtualAccount;
        let rows = tenant.principals(kind, None, limits::COUNT_MAX).await?;
        if rows.len() > limits::LIST_MAX as usize {
            return Err(AppError::UsePaging);
        }
        let mut accounts = self.all_verified(rows)?;
        accounts.retain(|account| account.state == PrincipalState::Active);
        if let Some(text) = &query.search {
            accounts.retain(|account| account.name.contains(text.as_str()));
        }
        accounts.sort_by_key(|account| account.id);
        let mut views = Vec::with_capacity(accounts.len());
        for account in accounts {
            views.push(self.view_account(op, account).await?);
        }
        if let Some(expired) = query.expired {
            views.retain(|view| view.current(op.now()).is_none() == expired);
        }
        let total = u64::try_from(views.len()).unwrap_or(u64::MAX);
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        Ok(AccountList { items: views.into_iter().skip(offset).take(limit).collect(), total })
    }

    /// One virtual account.
    ///
    /// # Errors
    /// Not found; faults of the store.
    pub async fn show_virtual_account(
        &self,
        op: &Op,
        _permit: &Permit<ReadTokens>,
        id: PrincipalId,
    ) -> Result<AccountView, AppError> {
        let account = self.virtual_account(op, id).await?;
        self.view_account(op, account).await
    }

    /// Whether a name is a living virtual account's.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn virtual_account_exists(
        &self,
        permit: &Permit<ReadTokens>,
        name: &str,
    ) -> Result<bool, AppError> {
        let kind = PrincipalKind::VirtualAccount;
        let found = self.tenant(permit.tenant_id()).principal_by_name(kind, name).await?;
        Ok(found.map(|row| self.verified(row)).transpose()?.is_some())
    }

    pub(super) async fn view_account(
        &self,
        op: &Op,
        account: Principal,
    ) -> Result<AccountView, AppError> {
        let groups = self.groups_of_account(op.tenant_id, account.id).await?;
        let mut tokens =
            self.all_verified(self.tenant(op.tenant_id).tokens_of(account.id).await?)?;
        tokens
            .retain(|token| token.kind == TokenKind::VirtualAccount && token.revoked_at.is_none());
        self.view_account_with(op, account, &groups, tokens).await
    }

    pub(super) async fn view_account_with(
        &self,
        op: &Op,
        account: Principal,
        groups: &[Group],
        tokens: Vec<Token>,
    ) -> Result<AccountView, AppError> {
        let role = |group: &Group| {
            group.role_of(account.id).map(|role| (group.id, group.name.clone(), role))
        };
        let roles = groups.iter().filter_map(role).collect();
        let tokens = tokens.into_iter().map(|token| self.fresh_use(token)).collect();
        Ok(AccountView { account, tenant: self.tenant_slug(op.tenant_id).await?, roles, tokens })
    }

    /// The account an id names, for those who administer it.
    pub(super) async fn account_and_groups(
        &self,
        op: &Op,
        id: PrincipalId,
    ) -> Result<(AccountView, Vec<Group>), AppError> {
        let account = self.virtual_account(op, id).await?;
        let groups = self.groups_of_account(op.tenant_id, id).await?;
        Ok((self.view_account(op, account).await?, groups))
    }
}
