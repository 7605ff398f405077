//! What is found to be other than it was written: on record, each time, by the name of its row, and one error to
//! whoever asked. A row that holds is handed on here; one that does not never is.

use crate::{
    app::App,
    cache::{Live, Mark},
    context::Op,
    error::AppError,
};
use std::sync::Arc;
use subrosa_crypto::{KeyError, OpenError};
use subrosa_domain::{
    BrokenSeal, Revision, SealedRow, Secret, TenantId, TenantKey, Unverified,
    audit::{AuditAction, AuditEvent, Decision, Resource, ResourceKind},
};
use subrosa_plant::planted;

impl App {
    /// A secret with the live revision it was read with. A secret that says it has one and has none that can be read
    /// lost it to something without the key.
    pub(crate) fn whole(
        &self,
        secret: Unverified<Secret>,
        revision: Option<Revision>,
        read: Mark,
    ) -> Result<Live, AppError> {
        let secret = self.verified(secret)?;
        if secret.published.is_some() && revision.is_none() {
            self.record_row(secret.tenant_id, secret.resource());
            return Err(AppError::Integrity);
        }
        Ok(Live { secret, revision, read, used: Arc::default() })
    }

    /// Queues the record that a row, or what is sealed in it, is not what was written.
    pub(crate) fn record_row(&self, tenant_id: TenantId, resource: Resource) {
        tracing::error!(tenant = %tenant_id, "what is stored is not what was written");
        self.record_broken(BrokenSeal { tenant_id, resource });
    }

    /// Queues the record of a value that did not open for what was asked, if it was the value that was at fault.
    pub(crate) fn record_unsound(&self, op: &Op, secret: &Secret, error: OpenError) {
        if planted!("integrity-unrecorded") {
            return;
        }
        if matches!(error, OpenError::Integrity | OpenError::UnknownKeyVersion) {
            let event = self.secret_event(op, AuditAction::IntegrityFailure, secret);
            self.ledger.refuse(AuditEvent { decision: Decision::Failed, ..event });
        }
    }

    /// Why a tenant's keys could not be had. Rows of keys that were changed are on record.
    pub(crate) fn locked(&self, tenant: TenantId, rows: &[TenantKey], error: KeyError) -> AppError {
        match error {
            // A tenant that is being erased has no keys any more, and nothing was changed behind anybody's back.
            KeyError::NotOneActive(_) if rows.is_empty() => error.into(),
            KeyError::Integrity | KeyError::NotOneActive(_) => {
                let kind = ResourceKind::Key;
                self.record_row(tenant, Resource { kind, id: Some(*tenant.as_bytes()), key: None });
                AppError::Integrity
            }
            KeyError::Shredded(_) | KeyError::Custody(_) => error.into(),
        }
    }
}
