//! Value blocks and wrap blocks.

use super::{Case, Read, hex, hold};
use crate::{
    Binding, OpenError, TenantKeys,
    envelope::{self, FreshWrap},
    seal::Fresh,
    tenant_keys::Version,
    tests::support::{DEPLOYMENT, TENANT, fixed, fixed_vec, key, leave},
};
use std::sync::Arc;
use subrosa_domain::{DeploymentId, RevisionId, Sealed, SecretId, Sensitivity, TenantId, Wrap};
use subrosa_kms::KeyBytes;
use subrosa_plaintext::Plaintext;
use zeroize::Zeroizing;

#[test]
fn envelopes_hold() {
    let mut cases = Vec::new();
    let lengths = [0, 1, 15, 16, 17, 32, 64, 255, 1024];
    for (number, length) in (1_u64..).zip(lengths) {
        cases.push(sealed(&format!("{length} bytes"), number, Sensitivity::Standard, 1, length));
    }
    for tier in Sensitivity::ALL {
        cases.push(sealed(tier.name(), 1 << 40, tier, u32::MAX, 20));
    }
    let base = sealed("base of the refusals", 7, Sensitivity::Phi, 2, 20);
    cases.push(base.clone());
    for (part, at) in [
        ("magic", 0),
        ("format", 2),
        ("suite", 3),
        ("salt", 4),
        ("commitment", 36),
        ("commitment end", 67),
        ("iv", 68),
        ("ciphertext", 80),
        ("ciphertext end", 99),
        ("tag", 100),
        ("tag end", 115),
    ] {
        let changed = base.flipped("value block", at);
        cases.push(base.but(&format!("{part} changed"), "value block", changed, "integrity"));
    }
    for (part, at) in [
        ("wrap format", 0),
        ("wrap key version", 4),
        ("wrap salt", 5),
        ("wrap iv", 21),
        ("wrapped key", 33),
        ("wrap tag", 65),
        ("wrap tag end", 80),
    ] {
        let changed = base.flipped("wrap block", at);
        cases.push(base.but(&format!("{part} changed"), "wrap block", changed, "integrity"));
    }
    for field in ["deployment", "tenant", "secret", "revision", "tenant key"] {
        let changed = base.flipped(field, 0);
        cases.push(base.but(&format!("another {field}"), field, changed, "integrity"));
    }
    cases.push(base.but("another number", "number", 8, "integrity"));
    cases.push(base.but("a milder tier", "tier", 1, "integrity"));
    cases.push(base.but("another column", "wrap column", 1, "integrity"));
    cases.push(base.but("no such version", "tenant key version", 3, "unknown key version"));
    cases.push(base.but("empty value block", "value block", "", "integrity"));
    cases.push(base.but("empty wrap block", "wrap block", "", "integrity"));
    let about = "Envelopes, format 1. `opens` yields `plaintext`; tier and number are decimal, all else is hex.\n\
                 `wrap column` is the key version beside the wrap block, `tenant key version` that of `tenant key`.";
    hold("envelope.txt", about, &cases, opened);
}

#[test]
fn wraps_hold() {
    let mut cases = Vec::new();
    for version in [1_u32, 2, 256, u32::MAX] {
        cases.push(wrapped(&format!("version {version}"), version));
    }
    let base = wrapped("base of the refusals", 9);
    cases.push(base.clone());
    for at in [0, 1, 4, 5, 21, 33, 65, 80] {
        let changed = base.flipped("wrap block", at);
        cases.push(base.but(&format!("byte {at} changed"), "wrap block", changed, "refused"));
    }
    for field in ["deployment", "tenant", "secret", "revision", "tenant key"] {
        let changed = base.flipped(field, 15);
        cases.push(base.but(&format!("another {field}"), field, changed, "refused"));
    }
    let about = "Wrap blocks, format 1. `unwraps` yields `revision key`.";
    hold("wrap.txt", about, &cases, unwrapped);
}

fn binding(number: u64, tier: Sensitivity) -> Binding {
    Binding {
        tenant_id: TENANT,
        secret_id: SecretId::from_bytes(fixed("secret")),
        revision_id: RevisionId::from_bytes(fixed("revision")),
        version: number,
        sensitivity: tier,
    }
}

fn placed(name: &str, binding: &Binding, version: u32) -> Case {
    Case::new(name)
        .hex("deployment", DEPLOYMENT.as_bytes())
        .hex("tenant", binding.tenant_id.as_bytes())
        .hex("secret", binding.secret_id.as_bytes())
        .hex("revision", binding.revision_id.as_bytes())
        .hex("tenant key", key("tenant key").expose())
        .with("tenant key version", version)
}

fn sealed(name: &str, number: u64, tier: Sensitivity, version: u32, length: usize) -> Case {
    let binding = binding(number, tier);
    let plaintext = fixed_vec(&format!("plaintext {length}"), length);
    let fresh = Fresh {
        revision_key: Zeroizing::new(fixed(&format!("revision key {name}"))),
        salt: fixed(&format!("salt {name}")),
        iv: fixed(&format!("iv {name}")),
        wrap: FreshWrap {
            salt: fixed(&format!("wrap salt {name}")),
            iv: fixed(&format!("wrap iv {name}")),
        },
    };
    let keys = tenant_keys(DEPLOYMENT, TENANT, &key("tenant key"), version);
    let sealed = keys.seal_with(&binding, &Plaintext::from_vec(plaintext.clone()), &fresh).unwrap();
    placed(name, &binding, version)
        .with("number", number)
        .with("tier", tier.code())
        .hex("revision key", fresh.revision_key.as_ref())
        .hex("value block", &sealed.value)
        .with("wrap column", sealed.wrap.key_version)
        .hex("wrap block", &sealed.wrap.block)
        .hex("plaintext", &plaintext)
        .expect("opens")
}

fn wrapped(name: &str, version: u32) -> Case {
    let (binding, revision_key) =
        (binding(1, Sensitivity::Standard), fixed(&format!("rewrapped {name}")));
    let old = tenant_keys(DEPLOYMENT, TENANT, &key("older key"), 0);
    let fresh = |name: &str| FreshWrap {
        salt: fixed(&format!("salt {name}")),
        iv: fixed(&format!("iv {name}")),
    };
    let before = envelope::wrap(
        DEPLOYMENT,
        0,
        &old.active.key,
        &binding,
        &Zeroizing::new(revision_key),
        &fresh("old"),
    );
    let mut keys = tenant_keys(DEPLOYMENT, TENANT, &key("tenant key"), version);
    keys.retired.push(old.active);
    let wrap = keys.rewrap_with(&binding, &before.unwrap(), &fresh(name)).unwrap();
    placed(name, &binding, version)
        .hex("wrap block", &wrap.block)
        .hex("revision key", &revision_key)
        .expect("unwraps")
}

fn tenant_keys(
    deployment: DeploymentId,
    tenant: TenantId,
    key: &KeyBytes,
    version: u32,
) -> TenantKeys {
    let active = Version::new(version, key);
    TenantKeys { deployment, tenant, active, retired: Vec::new(), opened: Arc::default() }
}

fn read(case: &Read) -> (TenantKeys, Binding) {
    let tenant = TenantId::from_bytes(case.array("tenant"));
    let keys = tenant_keys(
        DeploymentId::from_bytes(case.array("deployment")),
        tenant,
        &KeyBytes::copy_from(&case.bytes("tenant key")).unwrap(),
        case.number("tenant key version"),
    );
    let number = |field| if case.0.contains_key(field) { case.number(field) } else { 1 };
    let binding = Binding {
        tenant_id: tenant,
        secret_id: SecretId::from_bytes(case.array("secret")),
        revision_id: RevisionId::from_bytes(case.array("revision")),
        version: number("number"),
        sensitivity: Sensitivity::from_code(i64::try_from(number("tier")).unwrap()),
    };
    (keys, binding)
}

fn opened(case: &Read) -> &'static str {
    let (keys, binding) = read(case);
    let wrap =
        Wrap { key_version: case.number("wrap column"), block: case.bytes("wrap block").into() };
    let sealed = Sealed { value: case.bytes("value block").into(), wrap };
    compared(&keys, &binding, &sealed, case);
    match keys.open(&binding, &sealed, &leave(&binding)) {
        Ok(value) if hex(value.expose()) == case.text("plaintext") => "opens",
        Ok(_) => "opens to something else",
        Err(OpenError::Integrity) => "integrity",
        Err(OpenError::UnknownKeyVersion) => "unknown key version",
        Err(OpenError::NotOnRecord) => "not on record",
    }
}

/// What opens is equal to its plaintext and to nothing else; what does not is equal to nothing.
fn compared(keys: &TenantKeys, binding: &Binding, sealed: &Sealed, case: &Read) {
    let holds = |bytes: Vec<u8>| keys.holds(binding, sealed, &Plaintext::from_vec(bytes));
    let mut longer = case.bytes("plaintext");
    longer.push(0);
    assert_ne!(holds(longer), Ok(true), "{}", case.text("case"));
    let equal = holds(case.bytes("plaintext")) == Ok(true);
    assert_eq!(equal, case.text("expect") == "opens", "{}", case.text("case"));
}

fn unwrapped(case: &Read) -> &'static str {
    let (keys, binding) = read(case);
    let block = case.bytes("wrap block");
    let wrap = Wrap { key_version: keys.active_version(), block: block.into() };
    let revision_key = keys
        .key_of(&binding, &wrap)
        .ok()
        .and_then(|(key, block)| envelope::unwrap(keys.deployment, key, &binding, &block).ok());
    match revision_key {
        Some(found) if found.as_slice() == case.bytes("revision key") => "unwraps",
        Some(_) => "unwraps to something else",
        None => "refused",
    }
}
