//! A virtual account's tokens: shown again, replaced, taken back, and kept where they are needed.

use super::AccountView;
use crate::{
    app::App,
    context::Op,
    error::AppError,
    secrets::{CreateSecret, Tries},
};
use std::time::Duration;
use subrosa_domain::{
    Change, Group, GroupId, GroupName, KeyName, PrincipalId, Timestamp, TokenId, TokenKind,
    audit::AuditAction,
    policy::{self, Permit, WriteSecrets, WriteTokens},
};
use subrosa_plaintext::{PlainToken, Plaintext};

/// The longest a replaced token can go on working: a year.
const GRACE_MAX: Duration = Duration::from_secs(366 * 86_400);

impl App {
    /// The account's current token again. That it is shown is on record before it is made.
    ///
    /// # Errors
    /// Not found, also when no token works; a missing role when the account can do more than the caller; faults of
    /// store and custody.
    pub async fn account_token_again(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        id: PrincipalId,
    ) -> Result<(TokenId, PlainToken), AppError> {
        let (view, groups) = self.account_and_groups(op, id).await?;
        self.check_spans(op, id, &groups)?;
        let token = view.current(op.now()).ok_or(AppError::NOT_FOUND)?;
        let event = self.token_event(op, AuditAction::TokenShow, token, None);
        let recorded = self.commit(permit.tenant_id(), Vec::new(), vec![event]).await;
        recorded.map_err(|error| match error {
            AppError::StoreUnavailable(cause) => AppError::AuditUnavailable(cause),
            error => error,
        })?;
        let keys = self.keys(op.tenant_id).await?;
        let key = self.signer_of(token).await?;
        Ok((token.id, self.signed(&view.account, token, &key, &keys).await?))
    }

    /// A new token for the account; those there are work on for `grace`, and no longer. It ends with the one there is,
    /// or when none works any more at `ends`, which the account was given.
    ///
    /// # Errors
    /// Not found; [`AppError::Invalid`] for a grace of more than a year and for an account that has ended; a missing
    /// role; faults of store and custody.
    pub async fn regenerate_account_token(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        id: PrincipalId,
        grace: Duration,
        ends: Option<Timestamp>,
    ) -> Result<PlainToken, AppError> {
        if grace > GRACE_MAX {
            let message = "must be minutes, from 0 to a year's";
            return Err(AppError::invalid("/gracePeriodInMinutes", message));
        }
        let _turn = self.turn(id.as_bytes()).await?;
        let mut tries = Tries::default();
        loop {
            match self.try_regenerate(op, permit, id, op.now().plus(grace), ends).await {
                Err(AppError::Contended) if tries.again() => {}
                done => return done,
            }
        }
    }

    async fn try_regenerate(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        id: PrincipalId,
        until: Timestamp,
        ends: Option<Timestamp>,
    ) -> Result<PlainToken, AppError> {
        let (view, groups) = self.account_and_groups(op, id).await?;
        self.check_spans(op, id, &groups)?;
        // The end the account was given, which a new token does not move.
        let ends = view.current(op.now()).and_then(|token| token.expires_at).or(ends);
        if ends.is_some_and(|end| end <= op.now()) {
            let message = "is over: give the account a later one first";
            return Err(AppError::invalid("/manifest/expiration_date", message));
        }
        let keys = self.keys(op.tenant_id).await?;
        let signer = self.signer(op, &keys).await?;
        let token = self.account_token(op, id, ends)?;
        let (mut changes, mut events): (Vec<_>, Vec<_>) = signer.new.into_iter().unzip();
        for mut old in view.tokens.iter().filter(|token| token.works_at(until)).cloned() {
            old.expires_at = Some(until);
            old.modified_at = op.now();
            old.row_version += 1;
            let old = self.sealed(old);
            events.push(self.token_event(op, AuditAction::TokenUpdate, &old, None));
            changes.push(Change::TokenUpdate(old));
        }
        events.push(self.token_event(op, AuditAction::TokenMint, &token, None));
        changes.push(Change::TokenInsert(token.clone()));
        let plain = self.signed(&view.account, &token, &signer.key, &keys).await?;
        self.commit(permit.tenant_id(), changes, events).await?;
        Ok(plain)
    }

    /// Takes one token of an account back. The account is unaffected.
    ///
    /// # Errors
    /// Not found, for a token of another account as well; faults of the store.
    pub async fn revoke_account_token(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        id: PrincipalId,
        token: TokenId,
    ) -> Result<(), AppError> {
        self.virtual_account(op, id).await?;
        let row = self.token(op, token).await?;
        let own = row.principal_id == id && row.kind == TokenKind::VirtualAccount;
        if !own || row.revoked_at.is_some() {
            return Err(AppError::NOT_FOUND);
        }
        self.revoke_token(op, permit, token).await
    }

    /// The account whose token is to be kept, for those who may have the token.
    ///
    /// # Errors
    /// Not found; a missing role; faults of the store.
    pub async fn show_account_to_keep(
        &self,
        op: &Op,
        _permit: &Permit<WriteTokens>,
        id: PrincipalId,
    ) -> Result<AccountView, AppError> {
        let (view, groups) = self.account_and_groups(op, id).await?;
        self.check_spans(op, id, &groups)?;
        Ok(view)
    }

    /// Keeps the account's current token in a secret of a group. Answers which token it is, and since when it is there.
    ///
    /// # Errors
    /// Not found, also for a group the caller has no role in; a missing scope or role; faults of store and custody.
    pub async fn keep_account_token(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        id: PrincipalId,
        group: &GroupName,
        key: KeyName,
    ) -> Result<(TokenId, Timestamp), AppError> {
        let writes = policy::authorize_by_role::<WriteSecrets>(&op.caller, op.tenant_id)?;
        let group = match group.as_str() {
            Group::DEFAULT => GroupId::default_of(op.tenant_id),
            _ => self.group_named(op.tenant_id, group).await?.ok_or(AppError::NOT_FOUND)?.id,
        };
        self.check_group(&writes, group).await?;
        let (token, plain) = self.account_token_again(op, permit, id).await?;
        let secret = CreateSecret::readable(key, Plaintext::from(plain));
        let kept = self.put_secret(op, &writes, group, secret).await?;
        Ok((token, kept.modified_at))
    }
}
