//! The data directory: this user's alone, and one server's at a time.

use crate::options::StartFailure;
use rustix::fs::{FlockOperation, flock};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};
use subrosa_plant::planted;

/// A data directory, locked for as long as this lives.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Takes the directory, making it when it is not there.
    pub(crate) fn take(path: &Path) -> Result<Self, StartFailure> {
        let at = |source: io::Error| StartFailure::Data { path: path.into(), source };
        make(path).map_err(at)?;
        let path = path.canonicalize().map_err(at)?;
        close_to_others(&path).map_err(at)?;
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path.join("lock"))
            .map_err(at)?;
        // The kernel lets go of it when the process ends, however it ends.
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(StartFailure::InUse(path)),
            Err(errno) => Err(at(errno.into())),
        }
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the operator's socket is.
    pub(crate) fn socket(&self) -> PathBuf {
        self.path.join("subrosa.sock")
    }
}

/// Makes the directory and those above it, for this user alone, and makes their names durable: when the power goes,
/// everything in a directory goes with its name.
pub(crate) fn make(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = match path.parent() {
        Some(above) if above != Path::new("") => above,
        _ => Path::new("."),
    };
    make(above)?;
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists || !path.is_dir() => Err(error),
        _ if planted!("data-folder-unsynced") => Ok(()),
        _ => File::open(above)?.sync_all(),
    }
}

/// Takes group and others out of the directory's mode, whatever made it.
fn close_to_others(path: &Path) -> io::Result<()> {
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_closed_to_others_and_taken_once() {
        let above = tempfile::tempdir().unwrap();
        let path = above.path().join("data");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let taken = DataDir::take(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(matches!(DataDir::take(&path), Err(StartFailure::InUse(_))));
        drop(taken);
        assert!(DataDir::take(&path).is_ok());
    }
}
