//! The last checkpoint as a file, in a folder that is not the data's: a copy of the data that is put back does not
//! bring its own checkpoint with it.

use crate::data_dir;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Component, Path, PathBuf},
};
use subrosa_app::system::Checkpoints;
use subrosa_domain::{DeploymentId, audit::Note};

/// A note is some 3,700 bytes, signed twice; a file much longer than that is no checkpoint of ours, and is not read to
/// its end.
const NOTE_MAX: u64 = 16 * 1024;

/// One deployment's file.
pub(super) struct CheckpointFile {
    folder: PathBuf,
    path: PathBuf,
}

impl CheckpointFile {
    /// The file of a deployment in this folder.
    pub(super) fn of(folder: &Path, deployment: DeploymentId) -> Self {
        let path = folder.join(format!("{}.checkpoint", deployment.uuid()));
        Self { folder: folder.into(), path }
    }
}

impl Checkpoints for CheckpointFile {
    fn last(&self) -> io::Result<Option<Note>> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(file, NOTE_MAX), &mut bytes)?;
        // What is no text is no checkpoint, which is for whoever compares to say.
        Ok(Some(Note(String::from_utf8_lossy(&bytes).into())))
    }

    fn keep(&self, note: &Note) -> io::Result<()> {
        data_dir::make(&self.folder)?;
        let beside = self.path.with_extension("new");
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(note.0.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &self.path)?;
        File::open(&self.folder)?.sync_all()
    }
}

/// Whether a folder, there or not yet, would go with the data: it is the data directory's or in it, or the one that the
/// store's file is in.
///
/// # Errors
/// When a relative folder has nothing to be relative to.
pub(super) fn goes_with(folder: &Path, data: &Path, store: &Path) -> io::Result<bool> {
    let folder = real(folder)?;
    let store = store.parent().map(real).transpose()?;
    Ok(folder.starts_with(real(data)?) || Some(folder) == store)
}

/// Where a path leads once what is missing of it was made.
fn real(path: &Path) -> io::Result<PathBuf> {
    let mut reached = PathBuf::new();
    for part in std::env::current_dir()?.join(path).components() {
        match part {
            Component::ParentDir => drop(reached.pop()),
            Component::CurDir => {}
            part => reached.push(part),
        }
        if let Ok(there) = reached.canonicalize() {
            reached = there;
        }
    }
    Ok(reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(text: &str) -> Note {
        Note(text.into())
    }

    #[test]
    fn the_last_one_kept_is_the_one_that_is_there_and_nobody_else_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("state/subrosa");
        let file = CheckpointFile::of(&folder, DeploymentId::from_bytes([7; 16]));
        assert_eq!(file.last().unwrap(), None);
        for text in ["a longer first one", "second"] {
            file.keep(&note(text)).unwrap();
            assert_eq!(file.last().unwrap(), Some(note(text)));
        }
        let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|one| one.unwrap().path()).collect();
        assert_eq!(names, std::slice::from_ref(&file.path));
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &fs::metadata(&file.path).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600);
        let other = CheckpointFile::of(&folder, DeploymentId::from_bytes([8; 16]));
        assert_eq!(other.last().unwrap(), None, "another deployment has its own");
    }

    #[test]
    fn a_folder_goes_with_the_data_however_it_is_reached() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let data = root.join("data");
        let elsewhere = root.join("disk");
        fs::create_dir(&data).unwrap();
        std::os::unix::fs::symlink(&data, root.join("link")).unwrap();
        let asked =
            |at: &str| goes_with(&root.join(at), &data, &elsewhere.join("store.db")).unwrap();
        for with in ["data", "data/state", "link/state/deeper", "state/../data/x", "disk"] {
            assert!(asked(with), "{with}");
        }
        for apart in ["state", "data-beside", "data/../state", "disk/state"] {
            assert!(!asked(apart), "{apart}");
        }
        let here = std::env::current_dir().unwrap();
        assert!(goes_with(Path::new("state"), &here, &here.join("store.db")).unwrap());
    }
}
