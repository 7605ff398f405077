//! Files that hold 32 secret bytes: made so that a crash leaves a whole file or none, and read only when nobody but
//! this process's user could have read or changed them.

use crate::{error::CustodyError, random};
use rustix::{
    fs::{Mode, OFlags},
    io::Errno,
};
use std::{
    fs::{DirBuilder, File, OpenOptions, Permissions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};
use subrosa_plant::planted;

/// Reads the 32 bytes of `path` straight into `key`, or says why the file cannot be trusted.
pub(super) fn read(path: &Path, key: &mut [u8; 32]) -> Result<(), CustodyError> {
    check_folder(path)?;
    // Everything is asked of the open file, not of its name, so that it cannot be swapped between check and use. A pipe
    // must not make the open wait.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let mut file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(fd) => File::from(fd),
        Err(Errno::NOENT) => return Err(CustodyError::Missing(path.into())),
        Err(Errno::LOOP) => return Err(CustodyError::Symlink(path.into())),
        Err(errno) => return Err(io_at(path)(errno.into())),
    };
    check_file(path, &file)?;
    file.read_exact(key).map_err(io_at(path))
}

fn check_file(path: &Path, file: &File) -> Result<(), CustodyError> {
    let found = file.metadata().map_err(io_at(path))?;
    if !found.is_file() {
        return Err(CustodyError::NotAFile(path.into()));
    }
    let process = rustix::process::geteuid().as_raw();
    if found.uid() != process {
        return Err(CustodyError::ForeignOwner { path: path.into(), owner: found.uid(), process });
    }
    let mode = found.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(CustodyError::TooOpen { path: path.into(), mode });
    }
    match found.len() {
        32 => Ok(()),
        0 => Err(CustodyError::Empty(path.into())),
        length => Err(CustodyError::Length { path: path.into(), length }),
    }
}

/// Refuses a folder in which anyone may put another file in the place of `path`.
pub(super) fn check_folder(path: &Path) -> Result<(), CustodyError> {
    let folder = folder_of(path);
    match std::fs::metadata(&folder) {
        Ok(found) if found.mode() & 0o002 != 0 && found.mode() & 0o1000 == 0 => {
            Err(CustodyError::OpenFolder(folder))
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(CustodyError::Missing(path.into()))
        }
        Err(error) => Err(io_at(&folder)(error)),
    }
}

/// Makes `path` with these bytes, mode 0600, in a folder that is made with mode 0700 if need be. Durable when it
/// returns.
///
/// The bytes go to a file of another name first, which is then linked into place: a crash leaves no half-written key,
/// and an existing file is never replaced, not even by two processes at once.
pub(super) fn create(path: &Path, bytes: &[u8; 32]) -> Result<(), CustodyError> {
    let folder = folder_of(path);
    make_folder(&folder).map_err(io_at(&folder))?;
    check_folder(path)?;
    let mut tag = [0; 8];
    random::fill(&mut tag);
    let draft = folder.join(format!(".draft-{:016x}", u64::from_be_bytes(tag)));
    let made = write_draft(&draft, bytes).and_then(|()| std::fs::hard_link(&draft, path));
    let removed = std::fs::remove_file(&draft);
    match made {
        Ok(()) if planted!("folder-unsynced") => Ok(()),
        Ok(()) => removed.and_then(|()| sync(&folder)).map_err(io_at(path)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(CustodyError::Exists(path.into()))
        }
        Err(error) => Err(io_at(path)(error)),
    }
}

fn write_draft(draft: &Path, bytes: &[u8; 32]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    // The mode given at creation passes through the umask; this one does not.
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Overwrites `path` with zeros and removes it, durably. The zeros matter where a file's blocks outlive its name.
pub(super) fn destroy(path: &Path) -> io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(fd) => {
            let mut file = File::from(fd);
            file.write_all(&[0; 32])?;
            file.sync_all()?;
        }
        Err(Errno::NOENT) => return Ok(()),
        Err(errno) => return Err(errno.into()),
    }
    std::fs::remove_file(path)?;
    sync(&folder_of(path))
}

/// Makes a folder and those above it, mode 0700, and makes their names durable. Existing ones keep their modes.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder_of(folder);
    make_folder(&above)?;
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => sync(&above),
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The folder `path` is in; the current one for a bare name.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder.into(),
        _ => PathBuf::from("."),
    }
}

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> CustodyError + use<> {
    let path = path.to_path_buf();
    |source| CustodyError::Io { path, source }
}
