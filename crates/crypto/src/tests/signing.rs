//! A signing key signs for its tenant, under its id, with the pair it was made as, and in no other case.

use super::support::{DEPLOYMENT, NOW, OTHER, TENANT, fixed, leave, tenant_keys};
use crate::{
    Binding, OpenError, TenantKeys, binding::Content, hazmat::ed25519, seal::Fresh,
    verify_signature,
};
use subrosa_domain::{DeploymentId, RowSeal, Sealed, SigningKey, SigningKeyId, Wrap};
use subrosa_plaintext::Plaintext;

const ID: SigningKeyId = SigningKeyId::from_bytes([0x51; 16]);
const MESSAGE: &[u8] = b"a message";

fn keys() -> TenantKeys {
    tenant_keys(DEPLOYMENT, TENANT, &[2, 1])
}

fn made() -> SigningKey {
    keys().create_signing_key(ID, NOW).unwrap()
}

/// A row with this content sealed in the place of its seed.
fn with_content(content: Content, bytes: &[u8]) -> SigningKey {
    let place = Binding::of_seed(TENANT, ID);
    let seed = keys().build(&place, content, bytes, &Fresh::draw()).unwrap();
    SigningKey { seed, public: ed25519::public_of(&fixed("seed")).unwrap(), ..made() }
}

fn refused(keys: &TenantKeys, key: &SigningKey, why: &str) {
    assert_eq!(keys.sign(key, MESSAGE), Err(OpenError::Integrity), "{why}");
}

#[test]
fn a_new_key_signs_and_everyone_with_its_public_key_can_check() {
    let key = made();
    assert_eq!((key.id, key.tenant_id, key.created_at), (ID, TENANT, NOW));
    assert_eq!((&key.seal, key.seed.wrap.key_version), (&RowSeal::UNSEALED, 2));
    assert_eq!((key.seed.value.len(), key.seed.wrap.block.len()), (128, 81));
    let signature = keys().sign(&key, MESSAGE).unwrap();
    assert!(verify_signature(&key.public, MESSAGE, &signature));
    assert_eq!(keys().sign(&key, MESSAGE), Ok(signature), "there is no randomness in it");
    let empty = keys().sign(&key, b"").unwrap();
    assert!(verify_signature(&key.public, b"", &empty));
}

#[test]
fn two_keys_share_nothing() {
    let (one, two) = (made(), made());
    assert_ne!(one.public, two.public);
    for part in [4..36, 36..68, 68..80, 80..112, 112..128] {
        assert_ne!(one.seed.value[part.clone()], two.seed.value[part]);
    }
    let signature = keys().sign(&one, MESSAGE).unwrap();
    assert!(!verify_signature(&two.public, MESSAGE, &signature));
}

#[test]
fn a_signature_is_of_one_message_under_one_key() {
    let key = made();
    let signature = keys().sign(&key, MESSAGE).unwrap();
    for message in [&b""[..], b"a messagf", b"a message\0", b"a messag"] {
        assert!(!verify_signature(&key.public, message, &signature), "{message:?}");
    }
    for at in 0..512 {
        let mut changed = signature;
        changed[at / 8] ^= 1 << (at % 8);
        assert!(!verify_signature(&key.public, MESSAGE, &changed), "bit {at}");
    }
    for at in 0..256 {
        let mut public = key.public;
        public[at / 8] ^= 1 << (at % 8);
        assert!(!verify_signature(&public, MESSAGE, &signature), "bit {at} of the public key");
    }
    for end in 0..64 {
        assert!(!verify_signature(&key.public, MESSAGE, &signature[..end]), "cut at {end}");
    }
    assert!(!verify_signature(&key.public, MESSAGE, &[&signature[..], &[0]].concat()));
    assert!(!verify_signature(&key.public, MESSAGE, &[0; 64]));
}

#[test]
fn every_change_to_a_row_is_one_uniform_refusal() {
    let key = made();
    assert!(keys().sign(&key, MESSAGE).is_ok());
    for at in 0..32 {
        let mut changed = key.clone();
        changed.public[at] ^= 1;
        refused(&keys(), &changed, "public key");
    }
    for at in 0..key.seed.value.len() {
        let mut changed = key.clone();
        changed.seed.value[at] ^= 0x80;
        refused(&keys(), &changed, "value block");
        changed.seed.value = key.seed.value[..at].into();
        refused(&keys(), &changed, "value block cut");
    }
    for at in 0..key.seed.wrap.block.len() {
        let mut changed = key.clone();
        changed.seed.wrap.block[at] ^= 0x80;
        refused(&keys(), &changed, "wrap block");
        assert_eq!(keys().rewrap_signing_key(&changed), Err(OpenError::Integrity), "byte {at}");
    }
    let mut column = key;
    column.seed.wrap.key_version = 1;
    refused(&keys(), &column, "column");
}

#[test]
fn a_seed_signs_for_no_other_key_tenant_or_deployment() {
    let key = made();
    let other_id = SigningKeyId::from_bytes([0x52; 16]);
    refused(&keys(), &SigningKey { id: other_id, ..key.clone() }, "another id");
    let other = keys().create_signing_key(other_id, NOW).unwrap();
    refused(&keys(), &SigningKey { seed: other.seed.clone(), ..key.clone() }, "another's seed");
    let pair = SigningKey { seed: other.seed.clone(), public: other.public, ..key.clone() };
    refused(&keys(), &pair, "another's whole pair");
    let mixed = Sealed { wrap: other.seed.wrap, value: key.seed.value.clone() };
    refused(&keys(), &SigningKey { seed: mixed, ..key.clone() }, "another's wrap");

    // The same key bytes throughout: only what is bound tells the places apart.
    let foreign_keys = tenant_keys(DEPLOYMENT, OTHER, &[2, 1]);
    let foreign = SigningKey { tenant_id: OTHER, ..key.clone() };
    refused(&foreign_keys, &foreign, "taken to another tenant");
    refused(&foreign_keys, &key, "used by another tenant");
    refused(&keys(), &foreign, "said to be another tenant's");
    let theirs = foreign_keys.create_signing_key(ID, NOW).unwrap();
    refused(&keys(), &theirs, "another tenant's own key");
    let swapped = SigningKey { seed: theirs.seed, public: theirs.public, ..key.clone() };
    refused(&keys(), &swapped, "another tenant's pair under our id");
    let elsewhere = tenant_keys(DeploymentId::from_bytes([1; 16]), TENANT, &[2, 1]);
    refused(&elsewhere, &key, "another deployment");
}

#[test]
fn a_value_is_no_seed_and_a_seed_is_no_value() {
    let seed = fixed::<32>("seed");
    assert!(keys().sign(&with_content(Content::SigningSeed, &seed), MESSAGE).is_ok());
    refused(&keys(), &with_content(Content::SecretValue, &seed), "a value where a seed should be");
    let place = Binding::of_seed(TENANT, ID);
    let value = keys().seal(&place, &Plaintext::from_vec(seed.to_vec())).unwrap();
    let public = ed25519::public_of(&seed).unwrap();
    refused(&keys(), &SigningKey { seed: value, public, ..made() }, "sealed by way of `seal`");
    let opened = keys().open(&place, &made().seed, &leave(&place));
    assert_eq!(opened.err(), Some(OpenError::Integrity), "a seed is not opened");
}

#[test]
fn a_seed_of_another_length_and_one_of_another_pair_do_not_sign() {
    let seed = fixed::<32>("seed");
    for odd in [&seed[..31], &[&seed[..], &[0]].concat(), &[&seed[..], &seed].concat(), &[]] {
        refused(&keys(), &with_content(Content::SigningSeed, odd), "length");
    }
    refused(&keys(), &with_content(Content::SigningSeed, &fixed::<32>("another")), "pair");
}

#[test]
fn rotation_renews_the_wrap_of_a_signing_key_and_what_it_signs_stays_the_same() {
    let old = tenant_keys(DEPLOYMENT, TENANT, &[1]);
    let key = old.create_signing_key(ID, NOW).unwrap();
    let signature = old.sign(&key, MESSAGE).unwrap();
    assert_eq!(keys().sign(&key, MESSAGE), Ok(signature), "under the older version");
    let wrap = keys().rewrap_signing_key(&key).unwrap();
    assert_eq!(wrap.key_version, 2);
    let renewed = SigningKey { seed: Sealed { wrap, ..key.seed.clone() }, ..key.clone() };
    let only_new = tenant_keys(DEPLOYMENT, TENANT, &[2]);
    assert_eq!(only_new.sign(&renewed, MESSAGE), Ok(signature), "the old key is not needed");
    let unknown = OpenError::UnknownKeyVersion;
    assert_eq!(only_new.sign(&key, MESSAGE), Err(unknown));
    assert_eq!(only_new.rewrap_signing_key(&key), Err(unknown));
    assert_eq!(old.sign(&renewed, MESSAGE), Err(unknown));
    for moved in [
        SigningKey { id: SigningKeyId::from_bytes([1; 16]), ..key.clone() },
        SigningKey { tenant_id: OTHER, ..key.clone() },
    ] {
        assert_eq!(keys().rewrap_signing_key(&moved), Err(OpenError::Integrity));
    }
    let block = Box::default();
    let empty = Sealed { wrap: Wrap { key_version: 1, block }, ..key.seed.clone() };
    let empty = SigningKey { seed: empty, ..key };
    assert_eq!(keys().rewrap_signing_key(&empty), Err(OpenError::Integrity));
}
