//! Revealing a value: policy, record, and only then the opening.

use super::binding;
use crate::{
    app::{App, value_of},
    cache::Live,
    context::Op,
    error::AppError,
    ledger::Counted,
};
use subrosa_domain::{
    AuditPolicy, Commit, GroupId, KeyName, SecretId, TenantId,
    audit::{AuditAction, AuditEvent, Reason, Resource, ResourceKind},
    policy::{Denied, Permit, Receipt, Recorded, RevealPermit, RevealSecrets},
};
use subrosa_plaintext::Plaintext;
use subrosa_plant::planted;
use subrosa_store::{Committed, StoreError};

/// A value, and whose it is.
pub struct Revealed {
    /// The secret.
    pub secret_id: SecretId,
    /// Its key.
    pub key: KeyName,
    /// The live revision's number.
    pub version: u64,
    /// Its value.
    pub value: Plaintext,
}

impl App {
    /// Reads a secret's live value.
    ///
    /// PII and stricter: the event is durable before anything is unwrapped. STANDARD: it is counted before.
    ///
    /// # Errors
    /// Not found (absent, draft, expired and not yet valid alike); [`Denied::UseOnly`];
    /// [`AppError::AuditUnavailable`] when the record could not be made, in which case nothing was opened.
    pub async fn reveal_secret(
        &self,
        op: &Op,
        permit: &Permit<RevealSecrets>,
        id: SecretId,
        reason: Option<Reason>,
    ) -> Result<Revealed, AppError> {
        let tenant = permit.tenant_id();
        let found = self.live_known(tenant, id).await?;
        let (live, known) = found.ok_or_else(|| self.refused_absent(op, Some(id)))?;
        let revealed = self.reveal_live(op, permit, &live, reason).await;
        if known && is_not_found(&revealed) && !planted!("secret-refused-from-memory") {
            self.looks_again(tenant, id).await?;
        }
        revealed
    }

    /// Looks for a secret as if nothing were in memory. One that was refused from there would be refused sooner than
    /// one that is not there, and the time would tell the two apart.
    pub(super) async fn looks_again(&self, tenant: TenantId, id: SecretId) -> Result<(), AppError> {
        self.read_live(tenant, id).await?;
        // That of its group.
        self.keyring.verify_none(tenant);
        Ok(())
    }

    /// The same for a secret that was looked up already.
    pub(super) async fn reveal_live(
        &self,
        op: &Op,
        permit: &Permit<RevealSecrets>,
        live: &Live,
        reason: Option<Reason>,
    ) -> Result<Revealed, AppError> {
        self.check_current()?;
        let group = self.group_of(&live.secret).await?;
        if planted!("refusal-writes") {
            self.ledger.secret_used(op.tenant_id, live.secret.id, &live.used, op.now());
        }
        let leave = permit
            .of(&live.secret, group.as_deref(), op.now())
            .map_err(|denied| self.refused(op, live, denied))?;
        if planted!("unwrap-before-record") {
            let leave = permit.of(&live.secret, group.as_deref(), op.now())?;
            let thin_air = Committed { places: Vec::new() }.receipt();
            let _ahead = self.open(op, live, &on_record(leave, thin_air)?).await;
        }
        let receipt = match leave.tier().audit_policy() {
            AuditPolicy::BestEffort => self.count_reveal(op, live, &leave, reason),
            AuditPolicy::FailClosed => {
                let event = self.reveal_event(op, live, &leave, reason);
                self.record_first(op, vec![event]).await?.receipt()
            }
        };
        let recorded = on_record(leave, receipt)?;
        self.open(op, live, &recorded).await
    }

    /// Opens what policy allowed and the record has.
    pub(super) async fn open(
        &self,
        op: &Op,
        live: &Live,
        recorded: &Recorded,
    ) -> Result<Revealed, AppError> {
        let revision = live.revision.as_ref().ok_or(AppError::NOT_FOUND)?;
        let (bound, sealed) = (binding(revision), value_of(revision)?);
        let keys = self.keys(op.tenant_id).await?;
        let value = keys.open(&bound, sealed, recorded);
        let value = value.inspect_err(|error| self.record_unsound(op, &live.secret, *error))?;
        self.ledger.secret_used(op.tenant_id, live.secret.id, &live.used, op.now());
        Ok(Revealed {
            secret_id: live.secret.id,
            key: live.secret.key.clone(),
            version: revision.version,
            value,
        })
    }

    /// Commits the events of reveals: what it gives back has the proof.
    pub(super) async fn record_first(
        &self,
        op: &Op,
        events: Vec<AuditEvent>,
    ) -> Result<Committed, AppError> {
        let read_ids =
            events.iter().filter_map(|event| event.resource.id.map(SecretId::from_bytes));
        let read_ids: Vec<SecretId> = read_ids.collect();
        // Events alone: who reads what is written later, so that a lone event stays a lone row.
        let commit = Commit { tenant_id: op.tenant_id, changes: Vec::new(), events };
        let committed = match self.store.commit(commit).await {
            Err(StoreError::Unavailable(_)) if planted!("reveal-despite-audit-failure") => {
                Committed { places: Vec::new() }
            }
            Err(StoreError::Busy) if planted!("busy-log-is-no-failure") => {
                Committed { places: Vec::new() }
            }
            committed => committed.map_err(unrecorded)?,
        };
        for id in read_ids {
            self.read_by(op.tenant_id, id, &op.caller.actor.id, op.now());
        }
        Ok(committed)
    }

    /// Counts a STANDARD reveal.
    pub(super) fn count_reveal(
        &self,
        op: &Op,
        live: &Live,
        leave: &RevealPermit,
        reason: Option<Reason>,
    ) -> Receipt {
        let (version, reason) = (leave.version(), reason.as_ref());
        self.ledger.count(Counted { op, live, version, reason })
    }

    /// The event of a reveal that is recorded on its own.
    pub(super) fn reveal_event(
        &self,
        op: &Op,
        live: &Live,
        leave: &RevealPermit,
        reason: Option<Reason>,
    ) -> AuditEvent {
        AuditEvent {
            revision: Some(leave.version()),
            reason,
            ..self.secret_event(op, AuditAction::SecretReveal, &live.secret)
        }
    }

    /// A reveal that policy refused, on record.
    pub(super) fn refused(&self, op: &Op, live: &Live, denied: Denied) -> AppError {
        let code = match denied {
            Denied::UseOnly => "use-only",
            Denied::MissingRole(_) => "missing-role",
            Denied::NotFound | Denied::MissingScope(_) => "not-resolvable",
        };
        if denied == Denied::NotFound && live.secret.group_id == GroupId::default_of(op.tenant_id) {
            // There is no row of that group to be checked, and a secret out of sight takes as long as one that is not
            // there.
            self.keyring.verify_none(op.tenant_id);
        }
        let about = self.secret_event(op, AuditAction::SecretReveal, &live.secret);
        let refusal = op.refusal(&*self.ids, AuditAction::SecretReveal, about.resource, code);
        self.ledger.refuse(AuditEvent { tier: about.tier, ..refusal });
        denied.into()
    }

    /// A reveal of what is not there, on record as one of what is not to be had. A key that was asked for is the
    /// caller's own text and stays out of it.
    pub(super) fn refused_absent(&self, op: &Op, id: Option<SecretId>) -> AppError {
        if planted!("absent-reveal-unrecorded") {
            return AppError::NOT_FOUND;
        }
        let id = id.map(|id| *id.as_bytes());
        let about = Resource { kind: ResourceKind::Secret, id, key: None };
        let action = AuditAction::SecretReveal;
        self.ledger.refuse(op.refusal(&*self.ids, action, about, "not-resolvable"));
        AppError::NOT_FOUND
    }
}

/// Whether a reveal was answered as if there were no such secret.
pub(super) const fn is_not_found(revealed: &Result<Revealed, AppError>) -> bool {
    matches!(revealed, Err(AppError::Denied(Denied::NotFound)))
}

/// Why there is no record of a reveal. A log that is damaged takes none, as one that cannot be written.
fn unrecorded(error: StoreError) -> AppError {
    match error {
        StoreError::Corrupt(_) if planted!("damaged-log-is-another-failure") => error.into(),
        StoreError::Corrupt(_) | StoreError::Unavailable(_) => {
            AppError::AuditUnavailable(Box::new(error))
        }
        other => other.into(),
    }
}

/// Joins leave and receipt; that they do not fit would be a fault of ours.
pub(super) fn on_record(leave: RevealPermit, receipt: Receipt) -> Result<Recorded, AppError> {
    leave.on_record(receipt).map_err(|_| AppError::Internal("a strict reveal was only counted"))
}
