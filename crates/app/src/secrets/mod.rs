//! Secrets: the use-cases people and programs come for.

mod change;
mod create;
mod delete;
mod publish;
mod put;
mod read;
mod reveal;
mod reveal_batch;
mod reveal_key;
mod rollback;

pub use change::ChangeSecret;
pub use create::CreateSecret;
pub use publish::PublishSecret;
pub use reveal::Revealed;
pub(crate) use reveal_batch::Leave;
pub use reveal_batch::{BatchAnswer, BatchItem};

use crate::{
    app::{App, value_of},
    cache::Live,
    context::Op,
    error::AppError,
    limits,
};
use subrosa_crypto::{Binding, TenantKeys};
use subrosa_domain::{
    Change, Revision, RevisionId, Secret, SecretId,
    audit::{AuditAction, AuditEvent, Resource, ResourceKind},
    policy::{GroupAction, Permit},
};
use subrosa_plaintext::Plaintext;
use subrosa_plant::planted;

/// What a revision is authenticated with.
pub(crate) fn binding(revision: &Revision) -> Binding {
    Binding {
        tenant_id: revision.tenant_id,
        secret_id: revision.secret_id,
        revision_id: revision.id,
        version: revision.version,
        sensitivity: revision.sensitivity,
    }
}

/// Refuses text that is no paragraph.
pub(crate) fn check_text(pointer: &'static str, text: Option<&str>) -> Result<(), AppError> {
    let fits = text.is_none_or(|text| text.chars().count() <= limits::TEXT_CHARS_MAX);
    let plain = text.is_none_or(|text| !text.contains('\0'));
    if fits && plain {
        Ok(())
    } else {
        Err(AppError::invalid(pointer, "must be at most 1,024 characters, none of them NUL"))
    }
}

/// How often a change that lost a race was tried: what it read, a row or the tenant's active key, had changed
/// meanwhile.
#[derive(Default)]
pub(crate) struct Tries(u32);

impl Tries {
    /// Whether there is another try left; counts it.
    pub(crate) const fn again(&mut self) -> bool {
        self.0 += 1;
        self.0 < limits::PUBLISH_ATTEMPTS_MAX
    }
}

/// A change of one secret that is ready to be committed.
pub(crate) struct Drafted {
    pub(crate) secret: Secret,
    pub(crate) changes: Vec<Change>,
    pub(crate) event: AuditEvent,
}

pub(crate) fn check_value(value: &Plaintext) -> Result<(), AppError> {
    if value.len() > limits::VALUE_BYTES_MAX { Err(AppError::ValueTooLarge) } else { Ok(()) }
}

impl App {
    /// The secret with this id, if the tenant has it and the caller may do `A` in its group.
    pub(crate) async fn secret<A: GroupAction>(
        &self,
        permit: &Permit<A>,
        id: SecretId,
    ) -> Result<Secret, AppError> {
        let tenant = permit.tenant_id();
        let secret = self.tenant(tenant).secret(id).await?;
        let secret = self.verified(secret.ok_or_else(|| self.no_secret(tenant))?)?;
        self.check_group(permit, secret.group_id).await?;
        Ok(secret)
    }

    /// Whether a secret's live revision holds exactly this value. A draft holds none.
    pub(crate) fn holds(
        &self,
        op: &Op,
        keys: &TenantKeys,
        live: &Live,
        value: &Plaintext,
    ) -> Result<bool, AppError> {
        let Some(revision) = &live.revision else { return Ok(false) };
        let held = keys.holds(&binding(revision), value_of(revision)?, value);
        Ok(held.inspect_err(|error| self.record_unsound(op, &live.secret, *error))?)
    }

    /// The event of a change of a secret.
    pub(crate) fn secret_event(&self, op: &Op, action: AuditAction, secret: &Secret) -> AuditEvent {
        let about =
            Resource::named(ResourceKind::Secret, secret.id.as_bytes(), secret.key.as_str());
        AuditEvent {
            revision: secret.published.map(|live| live.version),
            tier: Some(secret.sensitivity),
            ..op.event(&*self.ids, action, about)
        }
    }

    /// Seals `value` as the next revision of `secret`.
    fn next_revision(
        &self,
        op: &Op,
        keys: &TenantKeys,
        secret: &Secret,
        value: &Plaintext,
        note: Option<&str>,
    ) -> Result<Revision, AppError> {
        let mut revision = Revision {
            id: RevisionId::fresh(&*self.ids),
            tenant_id: secret.tenant_id,
            secret_id: secret.id,
            version: secret.next_version() + u64::from(planted!("publish-skips-number")),
            sensitivity: secret.sensitivity,
            note: note.map(Into::into),
            created_by: (&*op.caller.name).into(),
            created_at: op.now(),
            sealed: None,
        };
        revision.sealed = Some(keys.seal(&binding(&revision), value)?);
        Ok(revision)
    }
}
