//! Comparing says whether a sealed value is a given one, says nothing of a value out of place, and needs no leave.

use super::support::{DEPLOYMENT, NOW, OTHER, TENANT, binding, fixed_vec, tenant_keys};
use crate::{Binding, OpenError, TenantKeys};
use proptest::prelude::*;
use subrosa_domain::{DeploymentId, RevisionId, Sealed, SecretId, Sensitivity, SigningKeyId, Wrap};
use subrosa_plaintext::Plaintext;

const VALUE: &[u8] = b"a secret value";

fn keys() -> TenantKeys {
    tenant_keys(DEPLOYMENT, TENANT, &[2, 1])
}

fn value(bytes: &[u8]) -> Plaintext {
    Plaintext::from_vec(bytes.to_vec())
}

fn sealed(bytes: &[u8]) -> Sealed {
    keys().seal(&binding(), &value(bytes)).unwrap()
}

fn holds(sealed: &Sealed, candidate: &[u8]) -> Result<bool, OpenError> {
    keys().holds(&binding(), sealed, &value(candidate))
}

/// Whatever is wrong with the envelope is said whatever the candidate: the right one, a wrong one, one too long.
fn refused(keys: &TenantKeys, binding: &Binding, sealed: &Sealed, why: &str) {
    for candidate in [VALUE, b"a secret valuf", b"another length", b""] {
        let answer = keys.holds(binding, sealed, &value(candidate));
        assert_eq!(answer, Err(OpenError::Integrity), "{why}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_revision_holds_what_was_sealed_and_nothing_else(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        other in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let sealed = sealed(&bytes);
        prop_assert_eq!(holds(&sealed, &bytes), Ok(true));
        prop_assert_eq!(holds(&sealed, &other), Ok(bytes == other));
    }
}

#[test]
fn a_candidate_that_differs_in_one_bit_or_in_its_length_is_another_value() {
    let bytes = fixed_vec("value", 70);
    let sealed = sealed(&bytes);
    assert_eq!(holds(&sealed, &bytes), Ok(true));
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert_eq!(holds(&sealed, &changed), Ok(false), "byte {at}, bit {bit}");
        }
        assert_eq!(holds(&sealed, &bytes[..at]), Ok(false), "the first {at} bytes");
        assert_eq!(holds(&sealed, &bytes[at + 1..]), Ok(false), "all after {at}");
    }
    assert_eq!(holds(&sealed, &[&bytes[..], &[0]].concat()), Ok(false), "a byte more");
}

#[test]
fn an_empty_value_is_held_like_any_other() {
    assert_eq!(holds(&sealed(b""), b""), Ok(true));
    assert_eq!(holds(&sealed(b""), b"\0"), Ok(false));
    assert_eq!(holds(&sealed(b"\0"), b""), Ok(false));
}

/// Magic, format, suite, salt and commitment stand before the IV. What stands after it is only ever compared.
#[test]
fn a_damaged_wrap_or_commitment_is_an_error_and_a_damaged_ciphertext_is_another_value() {
    let sealed = sealed(VALUE);
    for at in 0..sealed.value.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut changed = sealed.clone();
            changed.value[at] ^= change;
            if at < 68 {
                refused(&keys(), &binding(), &changed, "before the IV");
            } else {
                assert_eq!(holds(&changed, VALUE), Ok(false), "byte {at}");
            }
        }
        let cut = Sealed { value: sealed.value[..at].into(), ..sealed.clone() };
        if at < 96 {
            refused(&keys(), &binding(), &cut, "cut to less than an empty value's block");
        } else {
            assert_eq!(holds(&cut, VALUE), Ok(false), "cut at {at}");
            assert_eq!(holds(&cut, &VALUE[..at - 96]), Ok(false), "cut at {at}, and a cut value");
        }
    }
    for at in 0..sealed.wrap.block.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut changed = sealed.clone();
            changed.wrap.block[at] ^= change;
            refused(&keys(), &binding(), &changed, "wrap changed");
        }
        let block = sealed.wrap.block[..at].into();
        let cut = Sealed { wrap: Wrap { key_version: 2, block }, ..sealed.clone() };
        refused(&keys(), &binding(), &cut, "wrap cut");
    }
}

#[test]
fn the_same_value_under_other_randomness_is_no_part_of_the_answer() {
    let (one, two) = (sealed(VALUE), sealed(VALUE));
    assert_eq!((holds(&one, VALUE), holds(&two, VALUE)), (Ok(true), Ok(true)));
    let mut mixed = one.clone();
    mixed.value[80..].copy_from_slice(&two.value[80..]);
    assert_eq!(holds(&mixed, VALUE), Ok(false), "ciphertext and tag of the other");
    mixed.value[68..80].copy_from_slice(&two.value[68..80]);
    assert_eq!(holds(&mixed, VALUE), Ok(false), "and its IV");
    mixed.value = two.value.clone();
    refused(&keys(), &binding(), &mixed, "the other's whole block");
}

#[test]
fn a_value_out_of_place_is_not_compared() {
    let sealed = sealed(VALUE);
    let place = binding();
    for moved in [
        Binding { tenant_id: OTHER, ..place },
        Binding { secret_id: SecretId::from_bytes([1; 16]), ..place },
        Binding { revision_id: RevisionId::from_bytes([1; 16]), ..place },
        Binding { version: place.version + 1, ..place },
        Binding { sensitivity: Sensitivity::Standard, ..place },
    ] {
        refused(&keys(), &moved, &sealed, &format!("{moved:?}"));
    }
    let elsewhere = tenant_keys(DeploymentId::from_bytes([1; 16]), TENANT, &[2, 1]);
    refused(&elsewhere, &place, &sealed, "deployment");
    let stolen = tenant_keys(DEPLOYMENT, OTHER, &[2, 1]);
    refused(&stolen, &Binding { tenant_id: OTHER, ..place }, &sealed, "tenant and its key");
    refused(&stolen, &place, &sealed, "tenant's key");
}

#[test]
fn the_seed_of_a_signing_key_cannot_be_guessed_at_like_a_value() {
    let id = SigningKeyId::from_bytes([9; 16]);
    let key = keys().create_signing_key(id, NOW).unwrap();
    refused(&keys(), &Binding::of_seed(TENANT, id), &key.seed, "a seed");
}

#[test]
fn a_revision_under_an_older_key_version_and_a_rewrapped_one_compare_like_any_other() {
    let old = tenant_keys(DEPLOYMENT, TENANT, &[1]);
    let sealed = old.seal(&binding(), &value(VALUE)).unwrap();
    assert_eq!((holds(&sealed, VALUE), holds(&sealed, b"another secret")), (Ok(true), Ok(false)));
    let wrap = keys().rewrap(&binding(), &sealed.wrap).unwrap();
    let renewed = Sealed { value: sealed.value.clone(), wrap };
    let only_new = tenant_keys(DEPLOYMENT, TENANT, &[2]);
    let new = |candidate| only_new.holds(&binding(), &renewed, &value(candidate));
    assert_eq!((new(VALUE), new(b"another secret")), (Ok(true), Ok(false)));
    let unknown = Err(OpenError::UnknownKeyVersion);
    assert_eq!(only_new.holds(&binding(), &sealed, &value(VALUE)), unknown);
    assert_eq!(old.holds(&binding(), &renewed, &value(VALUE)), unknown);
    let mut column = sealed.clone();
    column.wrap.key_version = 2;
    refused(&keys(), &binding(), &column, "column");
}
