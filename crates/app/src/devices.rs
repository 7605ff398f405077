//! Signing in by device code (RFC 8628): a command line shows a short code, a person who may approves it elsewhere, and
//! the command line gets a token.
//!
//! What waits is in memory alone: it lives for ten minutes, and after a restart one asks again. The device's own code
//! is kept as a keyed hash. The token is made when the device comes for it, so it never waits anywhere.

use crate::{
    app::App,
    context::{Op, Origin},
    error::AppError,
    limits,
    personal_tokens::by_personal_token,
    tokens::{Minted, check_life, check_name},
};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc, time::Duration};
use subrosa_domain::{
    Change, DeviceId, PrincipalId, PrincipalState, ScopeSet, TenantId, TenantSlug, Timestamp,
    TokenKind,
    audit::{AuditAction, Detail, Resource, ResourceKind},
    policy::{Caller, CallerKind, Permit, WriteTokens},
};
use subrosa_plaintext::PlainToken;
use subrosa_plant::planted;

/// How long a code can be approved and fetched.
pub const CODE_LIFE: Duration = Duration::from_secs(600);

/// How long a token lives that was made this way.
const TOKEN_LIFE: Duration = Duration::from_secs(90 * 86_400);

/// What a device asks for.
#[derive(Clone, Debug)]
pub struct DeviceRequest {
    /// In this tenant alone, if it says so.
    pub tenant: Option<TenantSlug>,
    /// At most these scopes.
    pub scopes: ScopeSet,
    /// What it says it is, for the person who approves: one line, at most 128 characters.
    pub label: String,
    /// What kind of token.
    pub kind: TokenKind,
}

/// The codes of a sign-in that began.
pub struct DeviceStarted {
    /// For the device alone.
    pub device_code: PlainToken,
    /// For the person.
    pub user_code: String,
}

/// A sign-in as the person who is to approve it sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceAsked {
    /// What the device says it is. A claim.
    pub label: Box<str>,
    /// What it asks for, at most.
    pub scopes: ScopeSet,
    /// Where, if it said.
    pub tenant: Option<TenantSlug>,
}

/// What a device is answered.
pub enum DeviceAnswer {
    /// Nobody decided yet.
    Pending,
    /// Expired, denied, fetched already, or never there.
    Over,
    /// Its token.
    Approved(Box<Minted>, TenantId),
}

/// The sign-ins that wait, by the codes people type.
#[derive(Default)]
pub(crate) struct Devices(Mutex<HashMap<String, Waiting>>);

struct Waiting {
    id: DeviceId,
    device_hash: [u8; 32],
    request: DeviceRequest,
    ends: Timestamp,
    decided: Option<Decided>,
}

/// What somebody decided.
enum Decided {
    Approved { by: Arc<Caller>, principal: PrincipalId, tenant: TenantId, scopes: ScopeSet },
    Denied,
}

impl App {
    /// Begins a sign-in.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a label that is no line; [`AppError::Busy`] when too many wait.
    pub fn start_device(
        &self,
        origin: &Origin,
        request: DeviceRequest,
    ) -> Result<DeviceStarted, AppError> {
        check_name(&request.label).map_err(|_| {
            let message = "must be, with deviceLabel, one line of 1 to 128 characters";
            AppError::invalid("/clientName", message)
        })?;
        let codes = self.keyring.device_codes();
        let device_hash = codes.device_hash;
        let ends = origin.now.plus(CODE_LIFE);
        let id = DeviceId::fresh(&*self.ids);
        let mut waiting = self.devices.0.lock();
        waiting.retain(|_, one| one.ends > origin.now);
        if waiting.len() >= limits::DEVICES_WAITING_MAX || waiting.contains_key(&codes.user) {
            return Err(AppError::Busy);
        }
        let one = Waiting { id, device_hash, request, ends, decided: None };
        waiting.insert(codes.user.clone(), one);
        Ok(DeviceStarted { device_code: codes.device, user_code: codes.user })
    }

    /// What a code stands for; `None` when it stands for nothing that waits. Guessing is limited by whoever calls this.
    #[must_use]
    pub fn asked_by_device(&self, code: &str, now: Timestamp) -> Option<DeviceAsked> {
        let waiting = self.devices.0.lock();
        let one = waiting.get(code).filter(|one| one.is_open(now))?;
        let DeviceRequest { tenant, scopes, label, .. } = &one.request;
        Some(DeviceAsked { label: label.as_str().into(), scopes: *scopes, tenant: tenant.clone() })
    }

    /// Approves a sign-in: the device gets a token that speaks for the approver, with what it asked for of what the
    /// approver may do.
    ///
    /// # Errors
    /// Not found for a code that waits for nobody, or for another tenant; [`AppError::ByPersonalToken`] when a personal
    /// access token would make another; faults of the store, in which case nothing was approved.
    pub async fn approve_device(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        code: &str,
    ) -> Result<DeviceAsked, AppError> {
        let (id, asked, kind) = self.open_device(op, code).await?;
        if by_personal_token(&op.caller) && kind == TokenKind::Personal {
            return Err(AppError::ByPersonalToken);
        }
        let principal = self.own_principal(op).await?;
        let scopes = asked.scopes.intersection(op.caller.scopes);
        let about = device_named(id, &asked.label);
        let event =
            op.event_with(&*self.ids, AuditAction::DeviceApprove, about, Detail::Scopes(scopes));
        self.commit(permit.tenant_id(), Vec::new(), vec![event]).await?;
        let by = Arc::clone(&op.caller);
        let tenant = op.tenant_id;
        self.decide(code, op.now(), Decided::Approved { by, principal, tenant, scopes })?;
        Ok(asked)
    }

    /// Denies a sign-in.
    ///
    /// # Errors
    /// Not found for a code that waits for nobody, or for another tenant; faults of the store.
    pub async fn deny_device(
        &self,
        op: &Op,
        permit: &Permit<WriteTokens>,
        code: &str,
    ) -> Result<DeviceAsked, AppError> {
        let (id, asked, _) = self.open_device(op, code).await?;
        let about = device_named(id, &asked.label);
        let event = op.event(&*self.ids, AuditAction::DeviceDeny, about);
        self.commit(permit.tenant_id(), Vec::new(), vec![event]).await?;
        self.decide(code, op.now(), Decided::Denied)?;
        Ok(asked)
    }

    /// What has become of a device's sign-in. A token is made and answered once.
    ///
    /// # Errors
    /// Faults of the store; the device can ask again.
    pub async fn poll_device(
        &self,
        origin: &Origin,
        device_code: &PlainToken,
    ) -> Result<DeviceAnswer, AppError> {
        let hash = self.keyring.device_hash(device_code);
        let Some((code, approved)) = self.decided(&hash, origin.now) else {
            return Ok(DeviceAnswer::Over);
        };
        let Some((by, principal, tenant, scopes, kind, label)) = approved else {
            return Ok(DeviceAnswer::Pending);
        };
        // Whoever approved may have lost, since, what was approved with: then there is nothing to hand on.
        let Some(scopes) = self.still_has(&by, tenant, scopes, origin.now).await? else {
            self.devices.0.lock().remove(&code);
            return Ok(DeviceAnswer::Over);
        };
        let op = Op { origin: origin.clone(), caller: by, tenant_id: tenant };
        let ends = origin.now.plus(TOKEN_LIFE);
        let ends = op.caller.expires_at().map_or(ends, |own| own.min(ends));
        if ends <= origin.now || check_life(&op, Some(ends)).is_err() {
            return Ok(DeviceAnswer::Over);
        }
        let name = Some(token_name(kind, &label, &code));
        let minted = self.new_token(&op, principal, name, kind, scopes, Some(ends));
        let detail = Some(Detail::Scopes(scopes));
        let event = self.token_event(&op, AuditAction::TokenMint, &minted.token, detail);
        let changes = vec![Change::TokenInsert(minted.token.clone())];
        // Taken out first: two polls at once get one token between them.
        let Some(taken) = self.devices.0.lock().remove(&code) else {
            return Ok(DeviceAnswer::Over);
        };
        match self.commit(tenant, changes, vec![event]).await {
            Ok(_) => Ok(DeviceAnswer::Approved(Box::new(minted), tenant)),
            Err(error) => {
                if !planted!("sign-in-lost-on-failure") {
                    self.devices.0.lock().insert(code, taken);
                }
                Err(error)
            }
        }
    }

    /// What of these scopes an approver's credential has now; `None` once it does not work any more.
    async fn still_has(
        &self,
        by: &Caller,
        tenant: TenantId,
        scopes: ScopeSet,
        now: Timestamp,
    ) -> Result<Option<ScopeSet>, AppError> {
        let scopes = match by.kind {
            CallerKind::Operator { .. } | CallerKind::System => return Ok(Some(scopes)),
            CallerKind::Issued { expires_at, .. } if expires_at <= now => return Ok(None),
            CallerKind::Issued { .. } => scopes,
            CallerKind::Token { token_id, .. } => {
                let Some(token) = self.tenant(tenant).token(token_id).await? else {
                    return Ok(None);
                };
                let token = self.verified(token)?;
                if !token.works_at(now) {
                    return Ok(None);
                }
                scopes.intersection(token.scopes)
            }
        };
        let Some(id) = by.principal_id() else { return Ok(None) };
        let principal = self.principal_row(tenant, id).await?;
        let active = principal.is_some_and(|row| row.state == PrincipalState::Active);
        Ok(active.then_some(scopes))
    }

    /// The sign-in a code stands for, if it waits for this caller.
    async fn open_device(
        &self,
        op: &Op,
        code: &str,
    ) -> Result<(DeviceId, DeviceAsked, TokenKind), AppError> {
        let asked = self.asked_by_device(code, op.now()).ok_or(AppError::NOT_FOUND)?;
        if let Some(slug) = &asked.tenant
            && self.tenant_id(slug).await? != Some(op.tenant_id)
        {
            return Err(AppError::NOT_FOUND);
        }
        let waiting = self.devices.0.lock();
        let one = waiting.get(code).ok_or(AppError::NOT_FOUND)?;
        Ok((one.id, asked, one.request.kind))
    }

    fn decide(&self, code: &str, now: Timestamp, decided: Decided) -> Result<(), AppError> {
        let mut waiting = self.devices.0.lock();
        let one = waiting.get_mut(code).filter(|one| one.is_open(now));
        one.ok_or(AppError::NOT_FOUND)?.decided = Some(decided);
        Ok(())
    }

    /// The code and the approval of the sign-in with this hash; `None` for one that is over.
    fn decided(&self, hash: &[u8; 32], now: Timestamp) -> Option<(String, Option<Approval>)> {
        let mut waiting = self.devices.0.lock();
        let found = waiting.iter().find(|(_, one)| one.device_hash == *hash);
        let code = found.map(|(code, _)| code.clone())?;
        let one = waiting.get(&code)?;
        if one.ends <= now || matches!(one.decided, Some(Decided::Denied)) {
            waiting.remove(&code);
            return None;
        }
        let approval = match &one.decided {
            Some(Decided::Approved { by, principal, tenant, scopes }) => {
                let (kind, label) = (one.request.kind, one.request.label.clone());
                Some((Arc::clone(by), *principal, *tenant, *scopes, kind, label))
            }
            Some(Decided::Denied) | None => None,
        };
        Some((code, approval))
    }
}

type Approval = (Arc<Caller>, PrincipalId, TenantId, ScopeSet, TokenKind, String);

impl Waiting {
    fn is_open(&self, now: Timestamp) -> bool {
        self.decided.is_none() && self.ends > now
    }
}

fn device_named(id: DeviceId, label: &str) -> Resource {
    Resource::named(ResourceKind::Device, id.as_bytes(), label)
}

/// What the token is called: personal access tokens have names of their own kind.
fn token_name(kind: TokenKind, label: &str, code: &str) -> String {
    match kind {
        TokenKind::Personal => format!("device-{}", code.to_ascii_lowercase()),
        _ => label.to_owned(),
    }
}
