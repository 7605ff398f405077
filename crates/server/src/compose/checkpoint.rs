//! The last checkpoint as a file, in a folder that is not the data's: a copy of the data that is put back does not
//! bring its own checkpoint with it.

use rustix::fs::Mode;
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
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
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let beside = self.path.with_extension("new");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(Mode::from_raw_mode(0o600).bits())
            .open(&beside)?;
        file.write_all(note.0.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &self.path)?;
        File::open(&self.folder)?.sync_all()
    }
}

/// Whether a folder, there or not yet, is the data's or in it.
pub(super) fn is_inside(folder: &Path, data: &Path) -> bool {
    let mut existing = folder;
    loop {
        if let Ok(real) = existing.canonicalize() {
            return real.starts_with(data);
        }
        match existing.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => existing = parent,
            _ => return false,
        }
    }
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
    fn a_folder_is_inside_the_data_however_it_is_reached() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let data = root.join("data");
        fs::create_dir(&data).unwrap();
        std::os::unix::fs::symlink(&data, root.join("link")).unwrap();
        for inside in ["data", "data/state", "link/state/deeper", "state/../data/x"] {
            let there = inside != "state/../data/x";
            assert_eq!(is_inside(&root.join(inside), &data), there, "{inside}");
        }
        assert!(!is_inside(&root.join("state"), &data));
        assert!(!is_inside(&root.join("data-beside"), &data));
    }
}
