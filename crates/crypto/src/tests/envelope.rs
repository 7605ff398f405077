//! An envelope opens in its own place, whole, with leave, and in no other case.

use super::support::{DEPLOYMENT, OTHER, TENANT, binding, fixed_vec, leave, tenant_keys};
use crate::{Binding, OpenError, SealError, TenantKeys};
use proptest::prelude::*;
use subrosa_domain::{DeploymentId, RevisionId, Sealed, SecretId, Sensitivity, TenantId, Wrap};
use subrosa_plaintext::Plaintext;

fn keys() -> TenantKeys {
    tenant_keys(DEPLOYMENT, TENANT, &[2, 1])
}

fn value(bytes: &[u8]) -> Plaintext {
    Plaintext::from_vec(bytes.to_vec())
}

fn open(keys: &TenantKeys, binding: &Binding, sealed: &Sealed) -> Result<Vec<u8>, OpenError> {
    keys.open(binding, sealed, &leave(binding)).map(|value| value.expose().to_vec())
}

fn refused(sealed: &Sealed, why: &str) {
    assert_eq!(open(&keys(), &binding(), sealed), Err(OpenError::Integrity), "{why}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_sealed_opens_again(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let sealed = keys().seal(&binding(), &value(&bytes)).unwrap();
        prop_assert_eq!(open(&keys(), &binding(), &sealed), Ok(bytes));
    }

    #[test]
    fn arbitrary_bytes_never_open(
        block in proptest::collection::vec(any::<u8>(), 0..300),
        wrap in proptest::collection::vec(any::<u8>(), 0..120),
    ) {
        let sealed = Sealed { value: block.into(), wrap: Wrap { key_version: 2, block: wrap.into() } };
        prop_assert_eq!(open(&keys(), &binding(), &sealed), Err(OpenError::Integrity));
    }
}

#[test]
fn the_largest_value_fits_and_the_block_is_96_bytes_longer() {
    let bytes = fixed_vec("large", 8_000).repeat(9);
    let sealed = keys().seal(&binding(), &value(&bytes)).unwrap();
    assert_eq!(sealed.value.len(), bytes.len() + 96);
    assert_eq!((sealed.wrap.block.len(), sealed.wrap.key_version), (81, 2));
    assert_eq!(open(&keys(), &binding(), &sealed), Ok(bytes));
}

#[test]
fn sealing_twice_repeats_nothing() {
    let (one, two) = (keys().seal(&binding(), &value(b"v")), keys().seal(&binding(), &value(b"v")));
    let (one, two) = (one.unwrap(), two.unwrap());
    let parts = |sealed: &Sealed| {
        let (value, wrap) = (&sealed.value, &sealed.wrap.block);
        [&value[4..36], &value[36..68], &value[68..80], &wrap[5..21], &wrap[21..33], &wrap[33..65]]
            .map(<[u8]>::to_vec)
    };
    for (one, two) in parts(&one).iter().zip(parts(&two)) {
        assert_ne!(*one, two);
    }
}

/// Every byte of both blocks, every bit pattern of a few, every truncation, and a byte too many.
#[test]
fn every_change_to_a_block_is_one_uniform_refusal() {
    let sealed = keys().seal(&binding(), &value(b"a secret value")).unwrap();
    for at in 0..sealed.value.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut changed = sealed.clone();
            changed.value[at] ^= change;
            refused(&changed, "value changed");
        }
        let cut = Sealed { value: sealed.value[..at].into(), ..sealed.clone() };
        refused(&cut, "value cut");
    }
    for at in 0..sealed.wrap.block.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut changed = sealed.clone();
            changed.wrap.block[at] ^= change;
            refused(&changed, "wrap changed");
        }
        let block = sealed.wrap.block[..at].into();
        refused(&Sealed { wrap: Wrap { key_version: 2, block }, ..sealed.clone() }, "wrap cut");
    }
    let longer = |bytes: &[u8]| [bytes, &[0]].concat().into_boxed_slice();
    refused(&Sealed { value: longer(&sealed.value), ..sealed.clone() }, "value longer");
    let block = longer(&sealed.wrap.block);
    refused(&Sealed { wrap: Wrap { key_version: 2, block }, ..sealed.clone() }, "wrap longer");
}

/// Takes each part of one envelope into another of the very same place and key.
#[test]
fn no_part_of_another_envelope_fits() {
    let one = keys().seal(&binding(), &value(b"the first value")).unwrap();
    let two = keys().seal(&binding(), &value(b"its replacement")).unwrap();
    for part in [4..36, 36..68, 68..80, 80..95, 95..111, 4..68, 4..80, 80..111, 36..111] {
        let mut mixed = one.clone();
        mixed.value[part.clone()].copy_from_slice(&two.value[part]);
        refused(&mixed, "value part");
    }
    for part in [5..21, 21..33, 33..65, 65..81, 5..33, 33..81] {
        let mut mixed = one.clone();
        mixed.wrap.block[part.clone()].copy_from_slice(&two.wrap.block[part]);
        refused(&mixed, "wrap part");
    }
    refused(&Sealed { wrap: two.wrap.clone(), value: one.value.clone() }, "whole wrap");
    refused(&Sealed { wrap: one.wrap, value: two.value }, "whole value");
}

#[test]
fn no_other_place_fits() {
    let sealed = keys().seal(&binding(), &value(b"v")).unwrap();
    let moved = |change: fn(&mut Binding)| {
        let mut binding = binding();
        change(&mut binding);
        assert_eq!(open(&keys(), &binding, &sealed), Err(OpenError::Integrity), "{binding:?}");
    };
    moved(|binding| binding.tenant_id = OTHER);
    moved(|binding| binding.secret_id = SecretId::from_bytes([1; 16]));
    moved(|binding| binding.revision_id = RevisionId::from_bytes([1; 16]));
    moved(|binding| binding.version += 1);
    for tier in Sensitivity::ALL.into_iter().filter(|tier| *tier != binding().sensitivity) {
        let binding = Binding { sensitivity: tier, ..binding() };
        assert_eq!(open(&keys(), &binding, &sealed), Err(OpenError::Integrity), "{tier:?}");
    }
    let same_key = |deployment, tenant| tenant_keys(deployment, tenant, &[2, 1]);
    let elsewhere = same_key(DeploymentId::from_bytes([1; 16]), TENANT);
    assert_eq!(open(&elsewhere, &binding(), &sealed), Err(OpenError::Integrity), "deployment");
    let foreign = Binding { tenant_id: OTHER, ..binding() };
    let stolen = same_key(DEPLOYMENT, OTHER);
    assert_eq!(open(&stolen, &foreign, &sealed), Err(OpenError::Integrity), "tenant and its key");
    assert_eq!(open(&stolen, &binding(), &sealed), Err(OpenError::Integrity), "tenant's key");
    assert_eq!(stolen.rewrap(&binding(), &sealed.wrap), Err(OpenError::Integrity), "rewrapped");
}

#[test]
fn another_tenants_binding_is_not_sealed_for() {
    let foreign = Binding { tenant_id: TenantId::SYSTEM, ..binding() };
    assert_eq!(keys().seal(&foreign, &value(b"v")), Err(SealError::WrongTenant));
}

#[test]
fn without_leave_for_this_very_revision_nothing_is_opened() {
    let sealed = keys().seal(&binding(), &value(b"v")).unwrap();
    for other in [
        Binding { tenant_id: OTHER, ..binding() },
        Binding { secret_id: SecretId::from_bytes([1; 16]), ..binding() },
        Binding { revision_id: RevisionId::from_bytes([1; 16]), ..binding() },
    ] {
        let opened = keys().open(&binding(), &sealed, &leave(&other));
        assert_eq!(opened.err(), Some(OpenError::NotOnRecord), "{other:?}");
    }
}

#[test]
fn a_version_is_looked_up_and_never_guessed() {
    let sealed = keys().seal(&binding(), &value(b"v")).unwrap();
    let newer = tenant_keys(DEPLOYMENT, TENANT, &[4, 3]);
    assert_eq!(open(&newer, &binding(), &sealed), Err(OpenError::UnknownKeyVersion));
    assert_eq!(newer.rewrap(&binding(), &sealed.wrap), Err(OpenError::UnknownKeyVersion));
    // The column beside the block and the block itself must agree; a consistent lie finds the wrong key.
    let mut column = sealed.clone();
    column.wrap.key_version = 1;
    refused(&column, "column");
    let mut both = column;
    both.wrap.block[4] = 1;
    refused(&both, "column and block");
}

#[test]
fn rotation_renews_the_wrap_and_leaves_the_value_alone() {
    let old = tenant_keys(DEPLOYMENT, TENANT, &[1]);
    let sealed = old.seal(&binding(), &value(b"v")).unwrap();
    let wrap = keys().rewrap(&binding(), &sealed.wrap).unwrap();
    assert_eq!((wrap.key_version, keys().active_version()), (2, 2));
    let renewed = Sealed { value: sealed.value.clone(), wrap };
    assert_eq!(open(&keys(), &binding(), &renewed), Ok(b"v".to_vec()));
    let only_new = tenant_keys(DEPLOYMENT, TENANT, &[2]);
    assert_eq!(
        open(&only_new, &binding(), &renewed),
        Ok(b"v".to_vec()),
        "the old key is not needed"
    );
    assert_eq!(open(&old, &binding(), &renewed), Err(OpenError::UnknownKeyVersion));
    for at in 0..sealed.wrap.block.len() {
        let mut changed = sealed.wrap.clone();
        changed.block[at] ^= 1;
        assert_eq!(keys().rewrap(&binding(), &changed), Err(OpenError::Integrity), "byte {at}");
    }
    let moved = Binding { secret_id: SecretId::from_bytes([1; 16]), ..binding() };
    assert_eq!(keys().rewrap(&moved, &sealed.wrap), Err(OpenError::Integrity));
}
