//! Signing keys: sealed seeds, and what they sign.

use super::{Case, Read, hex, hold};
use crate::{
    Binding, OpenError, TenantKeys,
    binding::Content,
    envelope::FreshWrap,
    seal::Fresh,
    tenant_keys::Version,
    tests::support::{DEPLOYMENT, NOW, OTHER, TENANT, fixed, fixed_vec, key},
    verify_signature,
};
use std::sync::Arc;
use subrosa_domain::{DeploymentId, RowSeal, Sealed, SigningKey, SigningKeyId, TenantId, Wrap};
use subrosa_kms::KeyBytes;
use zeroize::Zeroizing;

#[test]
fn signing_keys_hold() {
    let lengths = [0, 1, 32, 64, 300];
    let mut cases: Vec<Case> = lengths
        .iter()
        .map(|length| made(&format!("{length} bytes"), 1, *length))
        .chain([made("last version", u32::MAX, 20)])
        .collect();
    let base = made("base of the refusals", 2, 20);
    cases.push(base.clone());
    for (part, at) in
        [("salt", 4), ("commitment", 36), ("iv", 68), ("ciphertext", 80), ("tag", 127)]
    {
        let changed = base.flipped("value block", at);
        cases.push(base.but(&format!("{part} changed"), "value block", changed, "integrity"));
    }
    for (part, at) in [("wrap salt", 5), ("wrap iv", 21), ("wrapped key", 33), ("wrap tag", 80)] {
        let changed = base.flipped("wrap block", at);
        cases.push(base.but(&format!("{part} changed"), "wrap block", changed, "integrity"));
    }
    for field in ["deployment", "tenant", "key id", "tenant key", "public"] {
        let changed = base.flipped(field, 0);
        cases.push(base.but(&format!("another {field}"), field, changed, "integrity"));
    }
    cases.push(base.but("another column", "wrap column", 1, "integrity"));
    cases.push(base.but("no such version", "tenant key version", 3, "unknown key version"));
    let other = made("another", 2, 20);
    for field in ["value block", "wrap block", "public"] {
        let name = format!("{field} of another key");
        cases.push(base.but(&name, field, other.text(field), "integrity"));
    }
    let theirs = made_for("another tenant's", OTHER, Content::SigningSeed, 2, 20);
    let block = theirs.text("value block");
    cases.push(base.but("value block of another tenant", "value block", block, "integrity"));
    let value = made_for("base of the refusals", TENANT, Content::SecretValue, 2, 20);
    let block = value.text("value block");
    cases.push(base.but("a secret's value, not a seed", "value block", block, "integrity"));
    let about = "Signing keys: seeds in envelopes of format 1, and what they sign.\n\
                 `signs` makes `signature` of `message`.";
    hold("signing-key.txt", about, &cases, outcome);
}

fn made(name: &str, version: u32, length: usize) -> Case {
    made_for(name, TENANT, Content::SigningSeed, version, length)
}

fn made_for(name: &str, tenant: TenantId, content: Content, version: u32, length: usize) -> Case {
    let keys = tenant_keys(DEPLOYMENT, tenant, &key("tenant key"), version);
    let (seed, id) = (fixed(&format!("seed {name}")), SigningKeyId::from_bytes(fixed("key id")));
    let mut row = keys.signing_key_from(id, NOW, &seed, &fresh(name)).unwrap();
    let message = fixed_vec(&format!("message {length}"), length);
    let signature = keys.sign(&row, &message).unwrap();
    if content != Content::SigningSeed {
        row.seed = keys.build(&Binding::of_seed(tenant, id), content, &seed, &fresh(name)).unwrap();
    }
    Case::new(name)
        .hex("deployment", DEPLOYMENT.as_bytes())
        .hex("tenant", tenant.as_bytes())
        .hex("key id", id.as_bytes())
        .hex("tenant key", key("tenant key").expose())
        .with("tenant key version", version)
        .hex("seed", &seed)
        .hex("public", &row.public)
        .hex("value block", &row.seed.value)
        .with("wrap column", row.seed.wrap.key_version)
        .hex("wrap block", &row.seed.wrap.block)
        .hex("message", &message)
        .hex("signature", &signature)
        .expect("signs")
}

fn fresh(name: &str) -> Fresh {
    Fresh {
        revision_key: Zeroizing::new(fixed(&format!("revision key {name}"))),
        salt: fixed(&format!("salt {name}")),
        iv: fixed(&format!("iv {name}")),
        wrap: FreshWrap {
            salt: fixed(&format!("wrap salt {name}")),
            iv: fixed(&format!("wrap iv {name}")),
        },
    }
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

fn outcome(case: &Read) -> &'static str {
    let tenant_id = TenantId::from_bytes(case.array("tenant"));
    let keys = tenant_keys(
        DeploymentId::from_bytes(case.array("deployment")),
        tenant_id,
        &KeyBytes::copy_from(&case.bytes("tenant key")).unwrap(),
        case.number("tenant key version"),
    );
    let wrap =
        Wrap { key_version: case.number("wrap column"), block: case.bytes("wrap block").into() };
    let row = SigningKey {
        id: SigningKeyId::from_bytes(case.array("key id")),
        tenant_id,
        public: case.array("public"),
        seed: Sealed { value: case.bytes("value block").into(), wrap },
        created_at: NOW,
        seal: RowSeal::UNSEALED,
    };
    let message = case.bytes("message");
    match keys.sign(&row, &message) {
        Ok(signature) if hex(&signature) == case.text("signature") => {
            let holds = verify_signature(&row.public, &message, &signature);
            if holds { "signs" } else { "signs what does not hold" }
        }
        Ok(_) => "signs something else",
        Err(OpenError::Integrity) => "integrity",
        Err(OpenError::UnknownKeyVersion) => "unknown key version",
        Err(OpenError::NotOnRecord) => "not on record",
    }
}
