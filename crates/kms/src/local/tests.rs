//! What an operator can get wrong with a key file, and what each mistake is answered with; and what a salt's life is.

use super::{FolderKeystore, RootKey, same_device};
use crate::{CustodyError, KeyBytes, KeyWrapper, Keystore, KmsError};
use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
};
use subrosa_domain::{DeploymentId, TenantId};
use tempfile::TempDir;

const TENANT: TenantId = TenantId::from_bytes([7; 16]);
const OTHER: TenantId = TenantId::from_bytes([8; 16]);
const DEPLOYMENT: DeploymentId = DeploymentId::from_bytes([9; 16]);

struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn key(&self) -> PathBuf {
        self.dir.path().join("config/root.key")
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// A place whose key was made and opens.
    fn with_key() -> Self {
        let place = Self::new();
        assert!(RootKey::create(&place.key(), &place.data()).is_ok());
        place
    }

    fn refusal(&self) -> CustodyError {
        RootKey::open(&self.key(), &self.data()).err().unwrap()
    }

    fn keystore(&self) -> FolderKeystore {
        FolderKeystore::beside(&self.key(), DEPLOYMENT)
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_new_key_is_32_bytes_for_its_owner_alone_and_leaves_no_draft() {
    let place = Place::with_key();
    assert_eq!(fs::read(place.key()).unwrap().len(), 32);
    assert_eq!(mode(&place.key()), 0o600);
    assert_eq!(mode(place.key().parent().unwrap()), 0o700);
    assert_eq!(names(place.key().parent().unwrap()), ["root.key"]);
}

#[test]
fn two_keys_are_two_keys_and_one_key_is_one_key() {
    let (one, two) = (Place::with_key(), Place::with_key());
    let fingerprint =
        |place: &Place| RootKey::open(&place.key(), &place.data()).unwrap().fingerprint();
    assert_eq!(fingerprint(&one), fingerprint(&one));
    assert_ne!(fingerprint(&one), fingerprint(&two));
    assert_ne!(fingerprint(&one).as_slice(), fs::read(one.key()).unwrap());
}

#[test]
fn a_key_is_never_replaced() {
    let place = Place::with_key();
    let before = fs::read(place.key()).unwrap();
    let refused = RootKey::create(&place.key(), &place.data()).err().unwrap();
    assert!(matches!(refused, CustodyError::Exists(_)));
    assert_eq!(fs::read(place.key()).unwrap(), before);
    assert_eq!(names(place.key().parent().unwrap()), ["root.key"]);
}

#[test]
fn a_missing_key_is_not_made_by_opening() {
    let place = Place::new();
    assert!(matches!(place.refusal(), CustodyError::Missing(_)), "no folder");
    fs::create_dir(place.key().parent().unwrap()).unwrap();
    assert!(matches!(place.refusal(), CustodyError::Missing(_)), "no file");
    assert!(!place.key().exists());
}

#[test]
fn a_key_that_anyone_else_may_read_or_write_is_refused() {
    let place = Place::with_key();
    for bit in [0o040, 0o020, 0o010, 0o004, 0o002, 0o001] {
        set_mode(&place.key(), 0o600 | bit);
        let refused = place.refusal();
        assert!(matches!(refused, CustodyError::TooOpen { mode, .. } if mode == 0o600 | bit));
        assert!(refused.to_string().contains("chmod 600"), "{refused}");
    }
    set_mode(&place.key(), 0o400);
    assert!(RootKey::open(&place.key(), &place.data()).is_ok());
}

#[test]
fn a_key_of_another_user_is_refused() {
    let place = Place::with_key();
    let uid = rustix::process::geteuid().as_raw();
    // Only root can give a file away; anyone else finds one of root's.
    let path = match chown(place.key(), Some(uid + 1), None) {
        Ok(()) => place.key(),
        Err(_) => PathBuf::from("/etc/passwd"),
    };
    let refused = RootKey::open(&path, &place.data()).err().unwrap();
    assert!(matches!(refused, CustodyError::ForeignOwner { process, .. } if process == uid));
}

#[test]
fn a_key_of_the_wrong_length_is_refused_and_an_empty_one_by_its_own_name() {
    let place = Place::with_key();
    for length in [1, 31, 33, 64] {
        fs::write(place.key(), vec![7; length]).unwrap();
        let expected = u64::try_from(length).unwrap();
        assert!(
            matches!(place.refusal(), CustodyError::Length { length, .. } if length == expected)
        );
    }
    fs::write(place.key(), "").unwrap();
    assert!(matches!(place.refusal(), CustodyError::Empty(_)));
}

#[test]
fn a_link_a_folder_and_a_pipe_are_no_key_files() {
    let place = Place::with_key();
    let config = place.key().parent().unwrap().to_path_buf();
    symlink(place.key(), config.join("link")).unwrap();
    fs::create_dir(config.join("folder")).unwrap();
    let pipe = rustix::fs::CWD;
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(pipe, config.join("pipe"), rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let open = |name: &str| RootKey::open(&config.join(name), &place.data()).err().unwrap();
    assert!(matches!(open("link"), CustodyError::Symlink(_)));
    assert!(matches!(open("folder"), CustodyError::NotAFile(_)));
    assert!(matches!(open("pipe"), CustodyError::NotAFile(_)));
}

#[test]
fn a_folder_that_anyone_may_write_to_is_refused_unless_sticky() {
    let place = Place::with_key();
    let folder = place.key().parent().unwrap().to_path_buf();
    set_mode(&folder, 0o777);
    assert!(matches!(place.refusal(), CustodyError::OpenFolder(_)));
    let made = RootKey::create(&folder.join("other.key"), &place.data());
    assert!(matches!(made, Err(CustodyError::OpenFolder(_))));
    assert!(!folder.join("other.key").exists());
    set_mode(&folder, 0o1777);
    assert!(RootKey::open(&place.key(), &place.data()).is_ok());
}

#[test]
fn a_key_inside_the_data_folder_is_neither_made_nor_opened() {
    let place = Place::with_key();
    let inside = place.data().join("keys/root.key");
    let made = RootKey::create(&inside, &place.data()).err().unwrap();
    assert!(matches!(made, CustodyError::InsideData { .. }));
    assert!(!place.data().exists(), "nothing was written");
    let opened = RootKey::open(&place.key(), place.key().parent().unwrap()).err().unwrap();
    assert!(matches!(opened, CustodyError::InsideData { .. }));
}

#[test]
fn sharing_a_disk_is_worth_a_warning() {
    let place = Place::with_key();
    fs::create_dir(place.data()).unwrap();
    let warning = same_device(&place.key(), &place.data()).unwrap().to_string();
    assert!(warning.contains("same disk"), "{warning}");
    assert_eq!(same_device(&place.key(), Path::new("/proc")), None);
    assert_eq!(same_device(&place.key(), &place.dir.path().join("nowhere")), None);
}

#[tokio::test]
async fn a_key_unwraps_with_its_own_context_and_root_and_nothing_else() {
    let (place, other) = (Place::with_key(), Place::with_key());
    let root = RootKey::open(&place.key(), &place.data()).unwrap();
    let stranger = RootKey::open(&other.key(), &other.data()).unwrap();
    let key = KeyBytes::generate();
    let wrapped = root.wrap(b"here", &key).await.unwrap();
    assert_eq!(wrapped.len(), 61);
    assert_eq!(root.unwrap(b"here", &wrapped).await.unwrap().expose(), key.expose());
    assert_ne!(root.wrap(b"here", &key).await.unwrap(), wrapped, "each wrap has an IV of its own");

    let refused = |result: Result<KeyBytes, KmsError>| matches!(result, Err(KmsError::Integrity));
    assert!(refused(root.unwrap(b"there", &wrapped).await));
    assert!(refused(stranger.unwrap(b"here", &wrapped).await));
    for at in 0..wrapped.len() {
        let mut changed = wrapped.clone();
        changed[at] ^= 1;
        assert!(refused(root.unwrap(b"here", &changed).await), "changed at {at}");
        assert!(refused(root.unwrap(b"here", &wrapped[..at]).await), "cut at {at}");
    }
    assert!(refused(root.unwrap(b"here", &[&wrapped[..], &[0]].concat()).await));
}

#[test]
fn a_salt_is_made_once_read_back_and_listed() {
    let place = Place::with_key();
    let keystore = place.keystore();
    assert!(keystore.read(TENANT).unwrap().is_none());
    assert!(keystore.tenants().unwrap().is_empty());
    let salt = keystore.create(TENANT).unwrap();
    let again = keystore.create(TENANT).err().unwrap();
    assert!(matches!(again, KmsError::SaltExists(TENANT)));
    let read = place.keystore().read(TENANT).unwrap().unwrap();
    assert_eq!(read.expose(), salt.expose());
    assert!(keystore.read(OTHER).unwrap().is_none());
    fs::write(keystore.folder().join("notes.txt"), "").unwrap();
    assert_eq!(keystore.tenants().unwrap(), [TENANT]);

    let file = keystore.folder().join(format!("{TENANT}.salt"));
    assert_eq!(
        file,
        place
            .key()
            .with_file_name("keystore")
            .join(DEPLOYMENT.to_string())
            .join(format!("{TENANT}.salt"))
    );
    assert_eq!((mode(&file), mode(keystore.folder())), (0o600, 0o700));
}

#[test]
fn a_destroyed_salt_is_gone_and_destroying_it_again_succeeds() {
    let keystore = Place::with_key();
    let keystore = keystore.keystore();
    keystore.destroy(TENANT).unwrap();
    keystore.create(TENANT).unwrap();
    keystore.create(OTHER).unwrap();
    keystore.destroy(TENANT).unwrap();
    keystore.destroy(TENANT).unwrap();
    assert!(keystore.read(TENANT).unwrap().is_none());
    assert_eq!(keystore.tenants().unwrap(), [OTHER]);
}

#[test]
fn a_crash_in_the_middle_of_destroying_leaves_no_salt_and_the_work_to_be_finished() {
    let place = Place::with_key();
    let keystore = place.keystore();
    keystore.create(TENANT).unwrap();
    // What the first half of destroying leaves: zeros under the name.
    fs::write(keystore.folder().join(format!("{TENANT}.salt")), [0; 32]).unwrap();
    assert!(keystore.read(TENANT).unwrap().is_none());
    assert_eq!(keystore.tenants().unwrap(), [TENANT], "still listed, so that it is finished");
    keystore.destroy(TENANT).unwrap();
    assert!(keystore.tenants().unwrap().is_empty());
}

#[test]
fn a_salt_others_may_read_is_refused_like_a_key() {
    let place = Place::with_key();
    let keystore = place.keystore();
    keystore.create(TENANT).unwrap();
    let file = keystore.folder().join(format!("{TENANT}.salt"));
    set_mode(&file, 0o644);
    let refused = keystore.read(TENANT).err().unwrap();
    assert!(matches!(refused, KmsError::Custody(CustodyError::TooOpen { .. })));
}
