//! Secrets and the rules by which they change.

use crate::{
    audit::{Resource, ResourceKind},
    disclosure::Disclosure,
    ids::{GroupId, RevisionId, SecretId, TenantId},
    name::KeyName,
    revision::{Publication, Revision},
    row::{RowSeal, SealedRow},
    sensitivity::Sensitivity,
    time::Timestamp,
    tlv::Tlv,
    validity::Validity,
};
use subrosa_plant::planted;

/// The live revision of a secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Published {
    /// Which revision.
    pub revision_id: RevisionId,
    /// Its number.
    pub version: u64,
    /// The tier the revision was sealed under, part of what its value is authenticated with.
    pub sensitivity: Sensitivity,
}

/// A secret: everything about it but its value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Secret {
    /// Never reused.
    pub id: SecretId,
    /// Its tenant.
    pub tenant_id: TenantId,
    /// Its group.
    pub group_id: GroupId,
    /// Unique in its group; never renamed.
    pub key: KeyName,
    /// A description for people, and for the models of agents that may use it.
    pub description: Option<Box<str>>,
    /// Only rises.
    pub sensitivity: Sensitivity,
    /// Whether the value can be read at all.
    pub disclosure: Disclosure,
    /// When it resolves.
    pub validity: Validity,
    /// The live revision; `None` is a draft that resolves nowhere.
    pub published: Option<Published>,
    /// The highest revision number ever given.
    pub latest_version: u64,
    /// Revisions below this number are from before the secret was last opened to readers: while it is READABLE, none of
    /// them can be live again, or rolling back would disclose a value that nobody was to read.
    pub readable_from: u64,
    /// Who made it.
    pub created_by: Box<str>,
    /// When.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
    /// When its value was last revealed or used, to the second. Kept beside the row and not sealed.
    pub last_used_at: Option<Timestamp>,
    /// Rises by one with every change.
    pub row_version: u64,
    /// See [`SealedRow`].
    pub seal: RowSeal,
}

/// A rule a change would break.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RuleBroken {
    /// The tier would fall.
    #[error("sensitivity only rises")]
    SensitivityLowered,
    /// A value nobody could read would become readable.
    #[error("a USE_ONLY secret becomes READABLE only together with a new value")]
    Disclosed,
    /// The window holds no moment.
    #[error("notBefore must be before expiresOn")]
    EmptyWindow,
}

impl Secret {
    /// Raises the tier.
    ///
    /// # Errors
    /// [`RuleBroken::SensitivityLowered`] when it would fall.
    pub fn raise(&mut self, sensitivity: Sensitivity) -> Result<(), RuleBroken> {
        if sensitivity < self.sensitivity && !planted!("tier-may-fall") {
            return Err(RuleBroken::SensitivityLowered);
        }
        self.sensitivity = sensitivity;
        Ok(())
    }

    /// Changes the disclosure. Opening takes a new value in the same change, so that flipping the flag never discloses
    /// the old one.
    ///
    /// # Errors
    /// [`RuleBroken::Disclosed`] when a USE_ONLY value would become readable.
    pub fn disclose(&mut self, to: Disclosure, with_new_value: bool) -> Result<(), RuleBroken> {
        let opens = (self.disclosure, to) == (Disclosure::UseOnly, Disclosure::Readable);
        if opens && !with_new_value && !planted!("open-without-new-value") {
            return Err(RuleBroken::Disclosed);
        }
        if opens {
            self.readable_from = self.next_version();
        }
        self.disclosure = to;
        Ok(())
    }

    /// Changes the validity window.
    ///
    /// # Errors
    /// [`RuleBroken::EmptyWindow`] when it would hold no moment.
    pub fn limit(&mut self, validity: Validity) -> Result<(), RuleBroken> {
        if !validity.is_ordered() {
            return Err(RuleBroken::EmptyWindow);
        }
        self.validity = validity;
        Ok(())
    }

    /// The number the next revision gets.
    #[must_use]
    pub const fn next_version(&self) -> u64 {
        self.latest_version + 1
    }

    /// Whether an older revision may be the live one again.
    ///
    /// # Errors
    /// [`RuleBroken::Disclosed`] when it is from before the secret was opened to readers.
    pub fn check_return_to(&self, revision: &Revision) -> Result<(), RuleBroken> {
        let closed = revision.version < self.readable_from;
        match self.disclosure {
            Disclosure::Readable if closed => Err(RuleBroken::Disclosed),
            Disclosure::Readable | Disclosure::UseOnly => Ok(()),
        }
    }

    /// Points the secret at `revision`, a new one or an older one of its own. Call [`Self::touch`] first.
    #[must_use]
    pub fn point_at(&mut self, revision: &Revision, by: &str, now: Timestamp) -> Publication {
        self.published = Some(Published {
            revision_id: revision.id,
            version: revision.version,
            sensitivity: revision.sensitivity,
        });
        self.latest_version = self.latest_version.max(revision.version);
        Publication {
            tenant_id: self.tenant_id,
            secret_id: self.id,
            row_version: self.row_version,
            revision_id: revision.id,
            version: revision.version,
            published_by: by.into(),
            published_at: now,
        }
    }

    /// Marks the row as changed at `now`: every change starts here, once.
    pub fn touch(&mut self, now: Timestamp) {
        self.row_version += 1;
        self.modified_at = now;
    }
}

impl SealedRow for Secret {
    fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }

    fn seal_input(&self) -> Vec<u8> {
        let tier = if planted!("secret-seal-without-tier") { 0 } else { self.sensitivity.code() };
        let published = self.published.filter(|_| !planted!("secret-seal-without-pointer"));
        Tlv::new("subrosa/1/row/secret")
            .bytes(1, self.id.as_bytes())
            .bytes(2, self.tenant_id.as_bytes())
            .bytes(3, self.group_id.as_bytes())
            .text(4, self.key.as_str())
            .uint(5, tier.into())
            .uint(6, self.disclosure.code().into())
            .maybe(7, self.validity.not_before.map(Timestamp::as_micros), Tlv::int)
            .maybe(8, self.validity.expires_on.map(Timestamp::as_micros), Tlv::int)
            .maybe(9, published, |tlv, tag, live| {
                tlv.bytes(tag, live.revision_id.as_bytes())
                    .uint(10, live.version)
                    .uint(11, live.sensitivity.code().into())
            })
            .uint(12, self.latest_version)
            .uint(13, self.row_version)
            .uint(14, self.readable_from)
            .finish()
    }

    fn resource(&self) -> Resource {
        Resource::named(ResourceKind::Secret, self.id.as_bytes(), self.key.as_str())
    }

    fn seal(&self) -> &RowSeal {
        &self.seal
    }

    fn set_seal(&mut self, seal: RowSeal) {
        self.seal = seal;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret {
            id: SecretId::from_bytes([1; 16]),
            tenant_id: TenantId::from_bytes([2; 16]),
            group_id: GroupId::default_of(TenantId::from_bytes([2; 16])),
            key: "K".parse().unwrap(),
            description: None,
            sensitivity: Sensitivity::Phi,
            disclosure: Disclosure::UseOnly,
            validity: Validity::ALWAYS,
            published: None,
            latest_version: 0,
            readable_from: 1,
            created_by: "ana".into(),
            created_at: Timestamp::EPOCH,
            modified_at: Timestamp::EPOCH,
            last_used_at: None,
            row_version: 1,
            seal: RowSeal::UNSEALED,
        }
    }

    #[test]
    fn sensitivity_only_rises() {
        let mut secret = secret();
        assert_eq!(secret.raise(Sensitivity::Pii), Err(RuleBroken::SensitivityLowered));
        assert_eq!(secret.sensitivity, Sensitivity::Phi);
        assert_eq!(secret.raise(Sensitivity::Phi), Ok(()));
        assert_eq!(secret.raise(Sensitivity::Regulated), Ok(()));
    }

    #[test]
    fn opening_a_use_only_secret_takes_a_new_value() {
        let mut secret = secret();
        assert_eq!(secret.disclose(Disclosure::Readable, false), Err(RuleBroken::Disclosed));
        assert_eq!(secret.disclose(Disclosure::Readable, true), Ok(()));
        assert_eq!(secret.disclose(Disclosure::UseOnly, false), Ok(()));
    }

    fn revision(version: u64) -> Revision {
        Revision {
            id: RevisionId::from_bytes([u8::try_from(version).unwrap(); 16]),
            tenant_id: TenantId::from_bytes([2; 16]),
            secret_id: SecretId::from_bytes([1; 16]),
            version,
            sensitivity: Sensitivity::Phi,
            note: None,
            created_by: "ana".into(),
            created_at: Timestamp::EPOCH,
            sealed: None,
        }
    }

    #[test]
    fn a_revision_from_before_the_opening_is_not_live_again_while_the_secret_is_readable() {
        let mut secret = secret();
        let _ = secret.point_at(&revision(1), "ana", Timestamp::EPOCH);
        secret.disclose(Disclosure::Readable, true).unwrap();
        let _ = secret.point_at(&revision(2), "ana", Timestamp::EPOCH);
        assert_eq!(secret.check_return_to(&revision(1)), Err(RuleBroken::Disclosed));
        assert_eq!(secret.check_return_to(&revision(2)), Ok(()));
        secret.disclose(Disclosure::UseOnly, false).unwrap();
        assert_eq!(secret.check_return_to(&revision(1)), Ok(()));
    }

    #[test]
    fn rolling_back_keeps_the_highest_number() {
        let mut secret = secret();
        let (one, two) = (revision(1), revision(2));
        for revision in [&one, &two, &one] {
            secret.touch(Timestamp::EPOCH);
            let publication = secret.point_at(revision, "ana", Timestamp::EPOCH);
            assert_eq!(publication.row_version, secret.row_version);
        }
        assert_eq!(secret.published.unwrap().version, 1);
        assert_eq!(secret.next_version(), 3);
    }

    #[test]
    fn every_field_that_decides_is_in_the_seal() {
        let base = secret();
        let changed: [fn(&mut Secret); 10] = [
            |s| s.readable_from += 1,
            |s| s.id = SecretId::from_bytes([9; 16]),
            |s| s.tenant_id = TenantId::from_bytes([9; 16]),
            |s| s.group_id = GroupId::from_bytes([9; 16]),
            |s| s.key = "L".parse().unwrap(),
            |s| s.sensitivity = Sensitivity::Standard,
            |s| s.disclosure = Disclosure::Readable,
            |s| s.validity.expires_on = Some(Timestamp::EPOCH),
            |s| s.validity.not_before = Some(Timestamp::EPOCH),
            |s| s.row_version += 1,
        ];
        for change in changed {
            let mut other = base.clone();
            change(&mut other);
            assert_ne!(other.seal_input(), base.seal_input());
        }
    }
}
