//! Key files and what a root key wrapped: 32 bytes are a key, and nothing it did not wrap opens.
#![cfg_attr(fuzzing, no_main)]

use std::{fs, os::unix::fs::PermissionsExt, sync::LazyLock};
use subrosa_fuzz::now;
use subrosa_kms::{KeyBytes, KeyWrapper, local::RootKey};
use tempfile::TempDir;

subrosa_fuzz::target!(run);

static FOLDER: LazyLock<Option<(TempDir, RootKey)>> = LazyLock::new(|| {
    let folder = TempDir::new().ok()?;
    let key = RootKey::create(&folder.path().join("root.key"), &folder.path().join("data")).ok()?;
    Some((folder, key))
});

fn run(data: &[u8]) {
    let Some((folder, key)) = &*FOLDER else { unreachable!("there is no folder to write in") };
    assert!(now(key.unwrap(b"here", data)).is_err(), "nobody wrapped that");
    if let Some(bytes) = KeyBytes::copy_from(data) {
        let wrapped = now(key.wrap(b"here", &bytes)).unwrap_or_default();
        assert_eq!(wrapped.len(), 61);
        assert!(now(key.unwrap(b"there", &wrapped)).is_err(), "in another place");
        let opened = now(key.unwrap(b"here", &wrapped));
        assert!(opened.is_ok_and(|opened| opened.expose() == bytes.expose()));
    }
    let path = folder.path().join("other.key");
    let made = fs::write(&path, data)
        .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o600)));
    let opened = RootKey::open(&path, &folder.path().join("data"));
    assert_eq!(made.is_ok() && opened.is_ok(), data.len() == 32, "a key has 32 bytes");
}
