//! Rows of service keys and tenant keys, down to a root key in a file.
//!
//! The root's own wrap is written out a second time here, from the document, so that two hands agree on it.

use super::{Case, Read, hold};
use crate::{
    KeyError, Keyring,
    hazmat::{gcm, hkdf, hmac::HmacKey},
    key_rows::Place,
    tests::support::{DEPLOYMENT, Home, NOW, TENANT, fixed, key},
};
use subrosa_domain::{DeploymentId, KeyState, ServiceKey, TenantId, TenantKey};

#[test]
fn service_key_rows_hold() {
    let mut cases: Vec<Case> = [1, 2, u32::MAX].map(service).into();
    let base = cases[0].clone();
    for at in [0, 1, 2, 14, 46, 61] {
        let changed = base.flipped("row", at);
        cases.push(base.but(&format!("byte {at} changed"), "row", changed, "integrity"));
    }
    for field in ["root", "deployment"] {
        let changed = base.flipped(field, 3);
        let case = base.but(&format!("another {field}"), field, changed, "integrity");
        // The fingerprint goes with the root key, and would differ before the row is looked at.
        cases.push(if field == "root" { fingerprinted(case) } else { case });
    }
    cases.push(base.but("another version", "version", 2, "integrity"));
    cases.push(base.but(
        "another fingerprint",
        "fingerprint",
        base.flipped("fingerprint", 0),
        "wrong root",
    ));
    let about =
        "Rows of the service key, format 1, and fingerprints of root keys. `unlocks` yields `key`.";
    hold("service-key.txt", about, &cases, service_outcome);
}

#[test]
fn tenant_key_rows_hold() {
    let mut cases: Vec<Case> = [1, 2, u32::MAX].map(tenant).into();
    let base = cases[0].clone();
    for at in [0, 1, 13, 14, 26, 58, 73, 74, 89] {
        let changed = base.flipped("row", at);
        cases.push(base.but(&format!("byte {at} changed"), "row", changed, "integrity"));
    }
    for field in ["root", "deployment", "tenant", "salt"] {
        let changed = base.flipped(field, 3);
        cases.push(base.but(&format!("another {field}"), field, changed, "integrity"));
    }
    cases.push(base.but("another version", "version", 2, "integrity"));
    cases.push(base.but("empty", "row", "", "integrity"));
    cases.push(base.but("salt destroyed", "salt", "00".repeat(32), "shredded"));
    let about = "Rows of tenant keys, format 1. `unlocks` yields `key`.";
    hold("tenant-key.txt", about, &cases, tenant_outcome);
}

/// `1 ‖ iv[12] ‖ ciphertext[32] ‖ tag[16]`.
fn root_wrap(root: &[u8; 32], iv: [u8; 12], context: &[u8], key: &[u8; 32]) -> Vec<u8> {
    let [wrapping] = *hkdf::derive(root, &[0; 32], &[b"subrosa/1/root/wrap"]).unwrap();
    let mut body = *key;
    let tag = gcm::seal(&wrapping, &iv, context, &mut body).unwrap();
    [&[1], &iv[..], &body, &tag].concat()
}

fn fingerprint(root: &[u8]) -> [u8; 32] {
    let [print] = *hkdf::derive(root, &[0; 32], &[b"subrosa/1/root/fingerprint"]).unwrap();
    print
}

fn fingerprinted(mut case: Case) -> Case {
    let root = case.0.iter().find(|(name, _)| *name == "root").map(|(_, hex)| super::unhex(hex));
    for (field, value) in &mut case.0 {
        if *field == "fingerprint" {
            *value = super::hex(&fingerprint(root.as_ref().unwrap()));
        }
    }
    case
}

fn service(version: u32) -> Case {
    let (root, key) = (fixed("root"), key(&format!("service key {version}")));
    let context = Place { deployment: DEPLOYMENT, tenant: None, version }.context();
    let inner = root_wrap(&root, fixed(&format!("root iv {version}")), &context, key.expose());
    Case::new(&format!("version {version}"))
        .hex("root", &root)
        .hex("fingerprint", &fingerprint(&root))
        .hex("deployment", DEPLOYMENT.as_bytes())
        .with("version", version)
        .hex("row", &[&[1], &inner[..]].concat())
        .hex("key", key.expose())
        .expect("unlocks")
}

fn tenant(version: u32) -> Case {
    let (root, salt, key) = (fixed("root"), key("salt"), key(&format!("tenant key {version}")));
    let place = Place { deployment: DEPLOYMENT, tenant: Some(TENANT), version };
    let iv = fixed(&format!("inner iv {version}"));
    let inner = root_wrap(&root, iv, &place.context(), key.expose());
    let row = place.seal_under_salt(&salt, &fixed(&format!("outer iv {version}")), &inner).unwrap();
    Case::new(&format!("version {version}"))
        .hex("root", &root)
        .hex("deployment", DEPLOYMENT.as_bytes())
        .hex("tenant", TENANT.as_bytes())
        .with("version", version)
        .hex("salt", salt.expose())
        .hex("row", &row)
        .hex("key", key.expose())
        .expect("unlocks")
}

fn service_outcome(case: &Read) -> &'static str {
    let deployment = DeploymentId::from_bytes(case.array("deployment"));
    let custody = Home::new(&case.array("root")).custody(deployment);
    if custody.wrapper.fingerprint() != case.array("fingerprint") {
        return "wrong root";
    }
    let (version, wrapped) = (case.number("version"), case.bytes("row").into());
    let row = ServiceKey { version, state: KeyState::Active, wrapped, created_at: NOW };
    match wait(Keyring::open(deployment, custody, &[row])) {
        Ok(keyring) => {
            let key = crate::service_keys::Version::new(
                version,
                &subrosa_kms::KeyBytes::copy_from(&case.bytes("key")).unwrap(),
            );
            let same =
                keyring.service.active.pepper.mac(&[b"probe"]) == key.pepper.mac(&[b"probe"]);
            if same { "unlocks" } else { "unlocks to something else" }
        }
        Err(KeyError::Integrity) => "integrity",
        Err(_) => "another error",
    }
}

fn tenant_outcome(case: &Read) -> &'static str {
    let deployment = DeploymentId::from_bytes(case.array("deployment"));
    let tenant_id = TenantId::from_bytes(case.array("tenant"));
    let home = Home::new(&case.array("root"));
    home.set_salt(deployment, tenant_id, &case.array("salt"));
    let mut keyring = home.keyring(&fixed("service"));
    (keyring.deployment, keyring.custody) = (deployment, home.custody(deployment));
    let row = TenantKey {
        tenant_id,
        version: case.number("version"),
        state: KeyState::Active,
        wrapped: case.bytes("row").into(),
        created_at: NOW,
        retired_at: None,
    };
    match wait(keyring.unlock(tenant_id, &[row])) {
        Ok(keys) => {
            let key = HmacKey::new(&case.bytes("key"));
            let same = keys.active.key.mac(&[b"probe"]) == key.mac(&[b"probe"]);
            if same { "unlocks" } else { "unlocks to something else" }
        }
        Err(KeyError::Integrity) => "integrity",
        Err(KeyError::Shredded(_)) => "shredded",
        Err(_) => "another error",
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
