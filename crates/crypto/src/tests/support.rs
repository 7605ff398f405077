//! Fixed keys, a whole keyring over real files, and leave to open what a test sealed.

use crate::{
    Binding, Custody, Keyring, TenantKeys, hazmat::hkdf, service_keys, service_keys::ServiceKeys,
    tenant_keys::Version,
};
use std::{
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};
use subrosa_domain::{
    DeploymentId, Disclosure, GroupId, Published, RevisionId, RowSeal, Secret, SecretId,
    Sensitivity, TenantId, Timestamp, Validity,
    policy::{Caller, Receipt, Recorded, RevealSecrets, authorize},
};
use subrosa_kms::{
    KeyBytes,
    local::{FolderKeystore, RootKey},
};
use tempfile::TempDir;

pub(super) const DEPLOYMENT: DeploymentId = DeploymentId::from_bytes([0xd0; 16]);
pub(super) const TENANT: TenantId = TenantId::from_bytes([0x7e; 16]);
pub(super) const OTHER: TenantId = TenantId::from_bytes([0x0f; 16]);
pub(super) const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// `N` fixed bytes that look random, by a name.
pub(super) fn fixed<const N: usize>(name: &str) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&fixed_vec(name, N));
    bytes
}

pub(super) fn fixed_vec(name: &str, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    hkdf::fill(name.as_bytes(), &hkdf::NO_SALT, &[b"test"], &mut bytes).unwrap();
    bytes
}

pub(super) fn key(name: &str) -> KeyBytes {
    KeyBytes::copy_from(&fixed::<32>(name)).unwrap()
}

pub(super) fn binding() -> Binding {
    Binding {
        tenant_id: TENANT,
        secret_id: SecretId::from_bytes([0x5e; 16]),
        revision_id: RevisionId::from_bytes([0x2e; 16]),
        version: 3,
        sensitivity: Sensitivity::Phi,
    }
}

/// Keys of a tenant without custody: `versions` from the active one down, each by its number.
pub(super) fn tenant_keys(
    deployment: DeploymentId,
    tenant: TenantId,
    versions: &[u32],
) -> TenantKeys {
    let version = |number: &u32| Version::new(*number, &key(&format!("tenant key {number}")));
    let (active, retired) = versions.split_first().unwrap();
    TenantKeys {
        deployment,
        tenant,
        active: version(active),
        retired: retired.iter().map(version).collect(),
        opened: Arc::default(),
    }
}

/// Leave to open exactly this revision, on record.
pub(super) fn leave(binding: &Binding) -> Recorded {
    let secret = Secret {
        id: binding.secret_id,
        tenant_id: binding.tenant_id,
        group_id: GroupId::default_of(binding.tenant_id),
        key: "K".parse().unwrap(),
        description: None,
        sensitivity: binding.sensitivity,
        disclosure: Disclosure::Readable,
        validity: Validity::ALWAYS,
        published: Some(Published {
            revision_id: binding.revision_id,
            version: binding.version,
            sensitivity: binding.sensitivity,
        }),
        latest_version: binding.version,
        readable_from: 1,
        created_by: "test".into(),
        created_at: NOW,
        modified_at: NOW,
        last_used_at: None,
        row_version: 1,
        seal: RowSeal::UNSEALED,
    };
    let permit = authorize::<RevealSecrets>(&Caller::system(), binding.tenant_id).unwrap();
    permit.of(&secret, None, NOW).unwrap().on_record(Receipt::assert_durable()).unwrap()
}

/// Custody in a folder of its own, with a root key made from a name.
pub(super) struct Home {
    dir: TempDir,
}

impl Home {
    pub(super) fn new(root: &[u8; 32]) -> Self {
        let home = Self { dir: tempfile::tempdir().unwrap() };
        write_secret(&home.root_key(), root);
        home
    }

    fn root_key(&self) -> PathBuf {
        self.dir.path().join("config/root.key")
    }

    /// Puts a salt in place, as another day's keystore would have it.
    pub(super) fn set_salt(&self, deployment: DeploymentId, tenant: TenantId, salt: &[u8; 32]) {
        let keystore = FolderKeystore::beside(&self.root_key(), deployment);
        write_secret(&keystore.folder().join(format!("{tenant}.salt")), salt);
    }

    pub(super) fn custody(&self, deployment: DeploymentId) -> Custody {
        let data = self.dir.path().join("data");
        Custody {
            wrapper: Arc::new(RootKey::open(&self.root_key(), &data).unwrap()),
            keystore: Arc::new(FolderKeystore::beside(&self.root_key(), deployment)),
        }
    }

    /// A keyring over this custody whose service key is made from a name.
    pub(super) fn keyring(&self, service: &[u8; 32]) -> Keyring {
        let key = KeyBytes::copy_from(service).unwrap();
        let active = service_keys::Version::new(1, &key);
        Keyring {
            deployment: DEPLOYMENT,
            custody: self.custody(DEPLOYMENT),
            service: ServiceKeys { active, retired: Vec::new() },
            opened: Arc::default(),
        }
    }
}

/// A keyring for tests that need no custody. The folder goes when it is dropped; the keys are in memory.
pub(super) fn keyring(service: &str) -> Keyring {
    Home::new(&fixed("root")).keyring(&fixed(service))
}

fn write_secret(path: &Path, bytes: &[u8]) {
    use std::io::Write;
    let mut folders = std::fs::DirBuilder::new();
    folders.recursive(true).mode(0o700).create(path.parent().unwrap()).unwrap();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options.open(path).unwrap().write_all(bytes).unwrap();
}
