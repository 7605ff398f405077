//! The login that is kept: a server, a tenant there, and the token that `subrosa login` got for both, in one file of
//! the user's own.
//!
//! The file is written whole or not at all, and read only when nobody else could have read or changed it. Its token
//! goes to the server it was made for and to no other, and is never printed.

use crate::{exit::Exit, failure::Failure, globals::base_dir};
use rustix::{
    fs::{Mode, OFlags},
    io::Errno,
};
use serde::{Deserialize, Serialize};
use std::{
    env,
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    process,
};
use subrosa_api::{
    PlainToken, ShownToken, TenantSlug,
    client::{Client, Server, Target},
};

/// The most bytes the file may have: several times what it needs, far less than a wrong file would waste.
const FILE_BYTES_MAX: u64 = 8 * 1024;

/// What nobody but the owner may do with the file, for its token to be used.
pub(crate) const SEEN_BY_NOBODY: u32 = 0o077;

/// The same, for its token to be revoked: it matters only that others did not say where to send it.
pub(crate) const CHANGED_BY_NOBODY: u32 = 0o022;

/// A token, and the one place it is for.
pub(crate) struct Login {
    pub(crate) server: Server,
    pub(crate) tenant: TenantSlug,
    pub(crate) token: PlainToken,
}

impl Login {
    /// A client that is signed in.
    pub(crate) fn into_client(self) -> Client {
        Client::new(Target::Server(self.server), Some(self.token))
    }
}

/// Where the login is kept; `None` when there is no home to look in.
pub(crate) fn place() -> Option<PathBuf> {
    let variable = |name| env::var_os(name).map(PathBuf::from);
    base_dir(variable("XDG_CONFIG_HOME"), variable("HOME"), ".config")
        .map(|base| base.join("subrosa/login.json"))
}

/// The login that is kept, if there is one. `closed` are the permissions that others must not have.
pub(crate) fn read(path: &Path, closed: u32) -> Result<Option<Login>, Failure> {
    let refuse = |why| Err(refused(path, why));
    // Everything is asked of the open file, not of its name. A pipe must not make the open wait.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
        Err(Errno::LOOP) => return refuse("it is a link"),
        Err(_) => return refuse("it cannot be read"),
    };
    let Ok(found) = file.metadata() else { return refuse("it cannot be read") };
    if !found.is_file() {
        return refuse("it is no file");
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return refuse("it is another user's");
    }
    if found.mode() & closed != 0 {
        return refuse("others can read or change it");
    }
    // Read into a buffer that never grows, so that no copy is left behind.
    let mut bytes = Vec::with_capacity(FILE_BYTES_MAX as usize + 1);
    if file.take(FILE_BYTES_MAX).read_to_end(&mut bytes).is_err() {
        return refuse("it cannot be read");
    }
    match parse(&bytes) {
        Some(login) => Ok(Some(login)),
        None => refuse("it is not as `subrosa login` writes it"),
    }
}

/// The login that these bytes of a file are.
pub(crate) fn parse(bytes: &[u8]) -> Option<Login> {
    #[derive(Deserialize)]
    struct Kept {
        server: String,
        tenant: String,
        token: ShownToken,
    }
    let kept: Kept = serde_json::from_slice(bytes).ok()?;
    let (server, tenant) = (kept.server.parse().ok()?, kept.tenant.parse().ok()?);
    Some(Login { server, tenant, token: kept.token.into_token() })
}

/// Makes the folder that `path` is in, for nobody else, if it is not there.
pub(crate) fn make_room(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|_| unwritable(path))
}

/// Keeps a login in the place of the one before: the file is never there in part.
pub(crate) fn keep(path: &Path, login: &Login) -> Result<(), Failure> {
    let draft = path.with_file_name(format!(".login.json.{}", process::id()));
    // One that a process of the same number left behind.
    let _ = fs::remove_file(&draft);
    let kept = write(&draft, login).and_then(|()| fs::rename(&draft, path));
    kept.and_then(|()| sync_folder(path)).map_err(|_| {
        let _ = fs::remove_file(&draft);
        unwritable(path)
    })
}

fn write(draft: &Path, login: &Login) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    // The mode given at creation passes through the umask; this one does not.
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(&text(login)?)?;
    file.sync_all()
}

#[expect(
    clippy::disallowed_methods,
    reason = "EXIT-9: `login` keeps its token in a file of the user's own"
)]
fn text(login: &Login) -> io::Result<Vec<u8>> {
    #[derive(Serialize)]
    struct Kept<'a> {
        server: String,
        tenant: &'a str,
        token: &'a str,
    }
    let kept = Kept {
        server: login.server.to_string(),
        tenant: login.tenant.as_str(),
        token: login.token.expose(),
    };
    let mut text = serde_json::to_vec(&kept)?;
    text.push(b'\n');
    Ok(text)
}

/// Forgets the login; whether there was anything to forget.
pub(crate) fn forget(path: &Path) -> Result<bool, Failure> {
    match fs::remove_file(path).and_then(|()| sync_folder(path)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(_) => Err(unwritable(path)),
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(path))?.sync_all()
}

fn refused(path: &Path, why: &str) -> Failure {
    let error = format!("the login kept in {} was not used: {why}", path.display());
    Failure::new(Exit::NotLoggedIn, "login-refused", error)
        .help("end it:                           subrosa logout")
        .help(
            "or do without it:                 --data DIR, or --server URL with SUBROSA_TOKEN_FILE",
        )
}

fn unwritable(path: &Path) -> Failure {
    let error = format!("{} cannot be written", path.display());
    Failure::new(Exit::Failed, "login-not-kept", error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn login() -> Login {
        Login {
            server: "https://secrets.example".parse().unwrap(),
            tenant: "acme".parse().unwrap(),
            token: PlainToken::new("sr_pat_canary".into()),
        }
    }

    fn kept() -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("subrosa/login.json");
        make_room(&path).unwrap();
        keep(&path, &login()).unwrap();
        (folder, path)
    }

    fn refusal(path: &Path, closed: u32) -> String {
        let failure = read(path, closed).err().unwrap();
        assert_eq!((failure.exit.number(), &*failure.code), (4, "login-refused"));
        assert!(!format!("{failure:?}").contains("canary"));
        failure.error
    }

    #[test]
    fn a_login_is_kept_for_its_owner_alone_and_read_back_as_it_was() {
        let (_folder, path) = kept();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        let read = read(&path, SEEN_BY_NOBODY).unwrap().unwrap();
        assert_eq!(read.server, login().server);
        assert_eq!(read.tenant, login().tenant);
        assert!(text(&read).unwrap() == text(&login()).unwrap());
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn another_login_takes_the_place_of_the_one_before_even_of_one_left_open() {
        let (_folder, path) = kept();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let other = Login { tenant: "labs".parse().unwrap(), ..login() };
        keep(&path, &other).unwrap();
        let read = read(&path, SEEN_BY_NOBODY).unwrap().unwrap();
        assert_eq!(read.tenant.as_str(), "labs");
    }

    #[test]
    fn a_login_that_others_could_read_is_not_used_and_can_still_be_revoked() {
        let (_folder, path) = kept();
        for mode in [0o640, 0o604, 0o610] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert!(refusal(&path, SEEN_BY_NOBODY).contains("others"), "{mode:o}");
            assert!(read(&path, CHANGED_BY_NOBODY).is_ok(), "{mode:o}");
        }
        for mode in [0o620, 0o602] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert!(refusal(&path, CHANGED_BY_NOBODY).contains("others"), "{mode:o}");
        }
    }

    #[test]
    fn a_link_a_folder_and_a_file_of_something_else_are_no_login() {
        let (folder, path) = kept();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(refusal(&link, SEEN_BY_NOBODY).contains("link"));
        let inside = folder.path().join("folder");
        DirBuilder::new().mode(0o700).create(&inside).unwrap();
        assert!(refusal(&inside, SEEN_BY_NOBODY).contains("no file"));
        for text in ["", "canary", r#"{"server":"canary","tenant":"acme","token":"t"}"#] {
            fs::write(&path, text).unwrap();
            assert!(refusal(&path, SEEN_BY_NOBODY).contains("not as"), "{text}");
        }
    }

    #[test]
    fn what_is_forgotten_is_gone_and_forgetting_twice_is_no_failure() {
        let (_folder, path) = kept();
        assert!(forget(&path).unwrap() && !forget(&path).unwrap());
        assert!(read(&path, SEEN_BY_NOBODY).unwrap().is_none());
    }
}
