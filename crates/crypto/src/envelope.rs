//! The derivations that sealing, opening and rewrapping share. Each revision has a data key of its own; everything else
//! is derived from it, or from the tenant key and a salt.

use crate::{
    binding::Binding,
    format::WrapBlock,
    hazmat::{Refused, gcm, hkdf, hmac::HmacKey, kdf108},
};
use subrosa_domain::{DeploymentId, Wrap};
use zeroize::Zeroizing;

/// The data key of one revision. Made when it is sealed, never cached, gone when the call ends.
pub(crate) type RevisionKey = Zeroizing<[u8; 32]>;

/// From a revision key: the key its value is encrypted with, and the commitment that stands in the clear.
///
/// One expansion gives both, so whoever finds two revision keys with one commitment has found a collision of SHA-256.
pub(crate) fn value_keys(
    revision_key: &RevisionKey,
    salt: &[u8; 32],
    value_aad: &[u8],
) -> Result<Zeroizing<[[u8; 32]; 2]>, Refused> {
    hkdf::derive(revision_key.as_ref(), salt, &[b"subrosa/1/rev", value_aad])
}

/// The randomness of one wrap.
pub(crate) struct FreshWrap {
    pub(crate) salt: [u8; 16],
    pub(crate) iv: [u8; 12],
}

/// Wraps a revision key under one version of its tenant's key.
pub(crate) fn wrap(
    deployment: DeploymentId,
    key_version: u32,
    tenant_key: &HmacKey,
    binding: &Binding,
    revision_key: &RevisionKey,
    fresh: &FreshWrap,
) -> Result<Wrap, Refused> {
    let key = wrap_key(tenant_key, &fresh.salt, binding);
    let mut ciphertext = **revision_key;
    let aad = binding.wrap_aad(deployment, key_version);
    let tag = gcm::seal(&key, &fresh.iv, &aad, &mut ciphertext)?;
    let block = WrapBlock {
        key_version,
        salt: &fresh.salt,
        iv: &fresh.iv,
        ciphertext: &ciphertext,
        tag: &tag,
    };
    Ok(Wrap { key_version, block: block.to_bytes() })
}

/// Unwraps a revision key.
pub(crate) fn unwrap(
    deployment: DeploymentId,
    tenant_key: &HmacKey,
    binding: &Binding,
    block: &WrapBlock<'_>,
) -> Result<RevisionKey, Refused> {
    let key = wrap_key(tenant_key, block.salt, binding);
    let aad = binding.wrap_aad(deployment, block.key_version);
    let mut revision_key = Zeroizing::new([0; 32]);
    gcm::open(&key, block.iv, &aad, block.ciphertext, block.tag, revision_key.as_mut())?;
    Ok(revision_key)
}

/// A key for one wrap: a salt of its own keeps GCM's limit on messages per key out of sight.
fn wrap_key(tenant_key: &HmacKey, salt: &[u8; 16], binding: &Binding) -> Zeroizing<[u8; 32]> {
    kdf108::derive(tenant_key, "subrosa/1/wrap", [salt, binding.tenant_id.as_bytes()])
}
