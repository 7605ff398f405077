//! Making and changing a virtual account by its name.

use super::{AccountView, own_role, scopes_of};
use crate::{
    app::App,
    context::Op,
    error::AppError,
    groups::{check_members, is_race},
    limits,
    secrets::Tries,
    tokens::{check_life, check_width},
};
use subrosa_domain::{
    Change, Group, GroupName, Member, MemberSource, Principal, PrincipalKind, Role, Timestamp,
    Token,
    audit::{AuditAction, AuditEvent},
    policy::{Permit, WriteTokens},
};
use subrosa_plaintext::PlainToken;

/// What a virtual account is to be.
#[derive(Clone, Debug)]
pub struct AccountManifest {
    /// Its name, unique among the tenant's living ones.
    pub name: String,
    /// Its roles in groups; unsaid leaves them as they are.
    pub roles: Option<Vec<(GroupName, Role)>>,
    /// When its token ends.
    pub expires_at: Option<Timestamp>,
    /// The whole of it in the words of the surface that made it, to be told again.
    pub text: String,
}

/// What came of it.
pub struct AccountPut {
    /// The account as it is, or would be.
    pub view: AccountView,
    /// As it was, if there was one.
    pub before: Option<AccountView>,
    /// Its token, when the account is new.
    pub token: Option<PlainToken>,
}

/// What a commit needs.
#[derive(Default)]
struct Plan {
    changes: Vec<Change>,
    events: Vec<AuditEvent>,
}

impl App {
    /// Makes a virtual account, with its first token, or changes the one of that name. A dry run says what would come
    /// of it and makes no token.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for an empty list of roles, a group that is not there or the group `default`; a missing
    /// role in a group, also in one where the account has a role already; [`AppError::Widens`] for a role that is worth
    /// more than the caller's scopes; [`AppError::Outlives`]; faults of store and custody.
    pub async fn put_virtual_account(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        manifest: &AccountManifest,
        dry_run: bool,
    ) -> Result<AccountPut, AppError> {
        check_name(&manifest.name)?;
        if manifest.roles.as_ref().is_some_and(Vec::is_empty) {
            return Err(AppError::invalid("/manifest/permissions", "must not be empty"));
        }
        if manifest.expires_at.is_some_and(|end| end <= op.now()) {
            return Err(AppError::invalid("/manifest/expiration_date", "must be in the future"));
        }
        let mut tries = Tries::default();
        loop {
            match self.try_put_account(op, permit, manifest, dry_run).await {
                Err(error) if is_race(&error) && tries.again() => {}
                done => return done,
            }
        }
    }

    async fn try_put_account(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        manifest: &AccountManifest,
        dry_run: bool,
    ) -> Result<AccountPut, AppError> {
        let tenant = permit.tenant_id();
        let kind = PrincipalKind::VirtualAccount;
        let known = self.tenant(tenant).principal_by_name(kind, &manifest.name).await?;
        let known = known.map(|row| self.verified(row)).transpose()?;
        let mut plan = Plan::default();
        let mut account = match &known {
            Some(account) => account.clone(),
            None => self.new_principal(op, kind, &manifest.name),
        };
        let held = self.groups_of_account(tenant, account.id).await?;
        let after = self.plan_roles(op, &account, held.clone(), manifest, &mut plan).await?;
        account.manifest = Some(manifest.text.as_str().into());
        let before = match &known {
            Some(account) => Some(self.view_account(op, account.clone()).await?),
            None => None,
        };
        let token = match &before {
            Some(before) => self.plan_end(op, before, manifest, &mut plan)?,
            None => Some(self.account_token(op, account.id, manifest.expires_at)?),
        };
        let changed = known.as_ref().is_none_or(|known| known.manifest != account.manifest);
        let same = known.is_some() && !changed && plan.changes.is_empty();
        if known.is_some() && !same {
            // Where its token is kept and how long it works is for those who may have the token.
            self.check_spans(op, account.id, &held)?;
        }
        if dry_run || same {
            let tokens = before.as_ref().map(|view| view.tokens.clone()).unwrap_or_default();
            let view = self.view_account_with(op, account, &after, tokens).await?;
            return Ok(AccountPut { view, before, token: None });
        }
        let plain = if let Some(known) = &known {
            account.row_version = known.row_version + 1;
            account.modified_at = op.now();
            account = self.sealed(account);
            plan.events.push(self.principal_event(op, AuditAction::VirtualAccountUpdate, &account));
            plan.changes.push(Change::PrincipalUpdate(account.clone()));
            None
        } else {
            account = self.sealed(account);
            Some(self.plan_new(op, &account, token.as_ref(), &mut plan).await?)
        };
        // Looked up before anything is committed: what fails until then changed nothing.
        let mut tokens = before.as_ref().map(|view| view.tokens.clone()).unwrap_or_default();
        match token {
            Some(token) if known.is_none() => tokens.push(token),
            Some(token) => {
                if let Some(one) = tokens.iter_mut().find(|one| one.id == token.id) {
                    *one = token;
                }
            }
            None => {}
        }
        let view = self.view_account_with(op, account, &after, tokens).await?;
        self.commit(tenant, plan.changes, plan.events).await?;
        Ok(AccountPut { view, before, token: plain })
    }

    /// A new account with its first token, before the groups that name it.
    async fn plan_new(
        &self,
        op: &Op,
        account: &Principal,
        token: Option<&Token>,
        plan: &mut Plan,
    ) -> Result<PlainToken, AppError> {
        let token = token.ok_or(AppError::Internal("a new account without a token"))?;
        let keys = self.keys(op.tenant_id).await?;
        let signer = self.signer(op, &keys).await?;
        let mut events = vec![self.principal_event(op, AuditAction::VirtualAccountCreate, account)];
        let mut changes = vec![Change::PrincipalInsert(account.clone())];
        if let Some((change, event)) = signer.new {
            changes.push(change);
            events.push(event);
        }
        changes.push(Change::TokenInsert(token.clone()));
        events.push(self.token_event(op, AuditAction::TokenMint, token, None));
        changes.append(&mut plan.changes);
        events.append(&mut plan.events);
        (plan.changes, plan.events) = (changes, events);
        self.signed(account, token, &signer.key, &keys).await
    }

    /// The groups as they are to be.
    async fn plan_roles(
        &self,
        op: &Op,
        account: &Principal,
        held: Vec<Group>,
        manifest: &AccountManifest,
        plan: &mut Plan,
    ) -> Result<Vec<Group>, AppError> {
        let Some(roles) = &manifest.roles else { return Ok(held) };
        let mut groups = held;
        for (name, _) in roles {
            if groups.iter().all(|group| group.name != *name) {
                let found = self.group_named(op.tenant_id, name).await?;
                groups.push(found.ok_or_else(no_such_group)?);
            }
        }
        for group in &mut groups {
            let wanted =
                roles.iter().filter(|(name, _)| *name == group.name).map(|(_, role)| *role);
            let wanted = wanted.max();
            if own_role(group, account.id) == wanted {
                continue;
            }
            self.check_may_give(op, group, wanted)?;
            group.take(MemberSource::Account, account.id);
            if let Some(role) = wanted {
                let source = MemberSource::Account;
                group.give_one(Member { principal_id: account.id, source, role });
            }
            check_members(group)?;
            group.touch(op.now());
            *group = self.sealed(group.clone());
            plan.events.push(self.group_event(op, AuditAction::GroupRoles, group));
            plan.changes.push(Change::GroupUpdate(group.clone()));
        }
        Ok(groups)
    }

    /// The account's current token with its end as the manifest says it now.
    fn plan_end(
        &self,
        op: &Op,
        before: &AccountView,
        manifest: &AccountManifest,
        plan: &mut Plan,
    ) -> Result<Option<Token>, AppError> {
        let (Some(end), Some(current)) = (manifest.expires_at, before.current(op.now())) else {
            return Ok(None);
        };
        let end = Timestamp::from_micros(end.as_secs().saturating_mul(1_000_000));
        if current.expires_at == Some(end) {
            return Ok(None);
        }
        check_life(op, Some(end))?;
        let mut token = current.clone();
        token.expires_at = Some(end);
        token.modified_at = op.now();
        token.row_version += 1;
        let token = self.sealed(token);
        plan.events.push(self.token_event(op, AuditAction::TokenUpdate, &token, None));
        plan.changes.push(Change::TokenUpdate(token.clone()));
        Ok(Some(token))
    }

    /// Giving a role, or taking it, takes the group's administrator, and to give more than one's own scopes allow is to
    /// mint beyond oneself. A group the caller cannot see is not there.
    fn check_may_give(&self, op: &Op, group: &Group, wanted: Option<Role>) -> Result<(), AppError> {
        use subrosa_domain::policy::{AdminGroups, Denied, authorize_by_role};
        let permit = authorize_by_role::<AdminGroups>(&op.caller, op.tenant_id)?;
        permit.holds_in(Some(group)).map_err(|denied| match denied {
            Denied::NotFound => no_such_group(),
            denied => denied.into(),
        })?;
        let beyond = wanted.filter(|_| !op.caller.is_admin());
        beyond.map_or(Ok(()), |role| check_width(op, scopes_of(role)))
    }
}

fn no_such_group() -> AppError {
    AppError::invalid("/manifest/permissions", "must name groups that are there, and not default")
}

fn check_name(name: &str) -> Result<(), AppError> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let length = 1..=limits::ACCOUNT_NAME_MAX;
    if length.contains(&name.len()) && name.bytes().all(fits) && !name.starts_with('-') {
        Ok(())
    } else {
        let message = "must be 1 to 64 lower-case letters, digits or '-', not starting with '-'";
        Err(AppError::invalid("/manifest/name", message))
    }
}
