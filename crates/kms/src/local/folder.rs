//! Shred salts as files: `<folder of the root key>/keystore/<deployment id>/<tenant id>.salt`, 32 raw bytes each.

use super::secret_file;
use crate::{
    error::{CustodyError, KmsError},
    key::KeyBytes,
    keystore::Keystore,
};
use std::{
    io,
    path::{Path, PathBuf},
};
use subrosa_domain::{DeploymentId, TenantId};

/// A keystore in a folder. It belongs beside the root key, outside the data folder and outside its backups.
pub struct FolderKeystore {
    folder: PathBuf,
}

impl FolderKeystore {
    /// The keystore of a deployment, beside its root key. Its folder is made with the first salt.
    #[must_use]
    pub fn beside(root_key: &Path, deployment: DeploymentId) -> Self {
        let folder = secret_file::folder_of(root_key);
        Self { folder: folder.join("keystore").join(deployment.to_string()) }
    }

    /// Where the salts are, for what is printed to the operator.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, tenant: TenantId) -> PathBuf {
        self.folder.join(format!("{tenant}.salt"))
    }

    fn failed(&self, source: io::Error) -> KmsError {
        KmsError::Keystore { path: self.folder.clone(), source }
    }
}

impl Keystore for FolderKeystore {
    fn create(&self, tenant: TenantId) -> Result<KeyBytes, KmsError> {
        let salt = KeyBytes::generate();
        match secret_file::create(&self.path(tenant), salt.expose()) {
            Ok(()) => Ok(salt),
            Err(CustodyError::Exists(_)) => Err(KmsError::SaltExists(tenant)),
            Err(refusal) => Err(refusal.into()),
        }
    }

    fn read(&self, tenant: TenantId) -> Result<Option<KeyBytes>, KmsError> {
        let mut salt = KeyBytes::zeroed();
        match secret_file::read(&self.path(tenant), salt.as_mut()) {
            // Destruction writes zeros before it removes the name; a crash in between leaves no salt, only its file.
            Ok(()) if salt.expose() == &[0; 32] => Ok(None),
            Ok(()) => Ok(Some(salt)),
            Err(CustodyError::Missing(_)) => Ok(None),
            Err(refusal) => Err(refusal.into()),
        }
    }

    fn destroy(&self, tenant: TenantId) -> Result<(), KmsError> {
        secret_file::destroy(&self.path(tenant)).map_err(|source| self.failed(source))
    }

    fn tenants(&self) -> Result<Vec<TenantId>, KmsError> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.failed(error)),
        };
        let mut tenants = Vec::new();
        for entry in entries {
            let name = entry.map_err(|source| self.failed(source))?.file_name();
            // Anything else in the folder is none of ours: a draft that a crash left, an editor's back-up.
            let tenant = name.to_str().and_then(|name| name.strip_suffix(".salt"));
            tenants.extend(tenant.and_then(|text| text.parse::<TenantId>().ok()));
        }
        Ok(tenants)
    }
}
