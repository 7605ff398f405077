//! What can go wrong, told no more closely than is safe: whoever feeds in forged bytes learns only that they failed.

use subrosa_domain::TenantId;
use subrosa_kms::KmsError;

/// Why a value was not opened or compared, a message not signed, or a wrap not renewed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OpenError {
    /// The wrap names a key version that is destroyed or was never there.
    #[error("the value is under a key version that is not there")]
    UnknownKeyVersion,
    /// Some byte of the value, its wrap or its binding is not what was sealed. Never says which.
    #[error("the value is not what was sealed")]
    Integrity,
    /// The leave that came along is for another revision.
    #[error("opening this value is not on record")]
    NotOnRecord,
}

/// Why a value was not sealed, or a signing key not made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SealError {
    /// The binding names another tenant than the keys are of.
    #[error("the keys are of another tenant")]
    WrongTenant,
    /// The value is longer than the cipher takes, which is far beyond what any surface lets in.
    #[error("the value is too long to seal")]
    TooLong,
    /// The cryptographic library made no key pair of a seed, which it has no reason to.
    #[error("no key pair could be made")]
    NoKeyPair,
}

/// Why keys could not be made or unlocked.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A key's row, or the salt mixed into it, is not what was written.
    #[error("a key's row is not what was written")]
    Integrity,
    /// No version is active, or more than one is.
    #[error("{0} versions of a key are active where exactly one must be")]
    NotOneActive(usize),
    /// The tenant's salt was destroyed, and with it its keys; or the keystore is not the one they were made with.
    #[error("tenant {0} has no shred salt: it was erased, or this is not its keystore")]
    Shredded(TenantId),
    /// Custody could not help.
    #[error(transparent)]
    Custody(KmsError),
}

impl From<KmsError> for KeyError {
    fn from(error: KmsError) -> Self {
        match error {
            KmsError::Integrity => Self::Integrity,
            other => Self::Custody(other),
        }
    }
}
