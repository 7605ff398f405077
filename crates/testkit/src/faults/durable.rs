//! What would be left of files if the power went: a write counts from the sync after it. After a sync that failed, what
//! it was to make durable is lost, whatever the file looks like until then, and no later sync brings it back.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Nothing is remembered of files outside the folder; by default that is all of them.
#[derive(Default)]
pub(super) struct Durable {
    folder: Option<PathBuf>,
    files: BTreeMap<PathBuf, Image>,
}

/// A file as it is on the device, and what is only in memory.
#[derive(Default)]
struct Image {
    bytes: Vec<u8>,
    waiting: Vec<Wait>,
}

enum Wait {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

impl Durable {
    pub(super) fn of(folder: &Path) -> Self {
        Self { folder: Some(folder.into()), files: BTreeMap::new() }
    }

    pub(super) fn wrote(&mut self, name: &Path, at: usize, bytes: &[u8]) {
        self.waits(name, Wait::Write(at, bytes.into()));
    }

    pub(super) fn truncated(&mut self, name: &Path, length: usize) {
        self.waits(name, Wait::Truncate(length));
    }

    pub(super) fn synced(&mut self, name: &Path, well: bool) {
        let Some(image) = self.image(name) else { return };
        for wait in image.waiting.drain(..).filter(|_| well) {
            match wait {
                Wait::Truncate(length) => image.bytes.truncate(length),
                Wait::Write(at, bytes) => {
                    let end = at + bytes.len();
                    image.bytes.resize(end.max(image.bytes.len()), 0);
                    image.bytes[at..end].copy_from_slice(&bytes);
                }
            }
        }
    }

    pub(super) fn deleted(&mut self, name: &Path) {
        if let Some(image) = self.image(name) {
            *image = Image::default();
        }
    }

    /// Notes how a file is before it is first written to.
    pub(super) fn opened(&mut self, name: &Path) {
        let _known = self.image(name);
    }

    pub(super) fn leave(self, folder: &Path) {
        for (name, image) in self.files {
            let name = name.file_name().expect("a file has a name");
            fs::write(folder.join(name), image.bytes).expect("the file is written");
        }
    }

    fn waits(&mut self, name: &Path, wait: Wait) {
        if let Some(image) = self.image(name) {
            image.waiting.push(wait);
        }
    }

    fn image(&mut self, name: &Path) -> Option<&mut Image> {
        let folder = self.folder.as_ref()?;
        if !name.starts_with(folder) {
            return None;
        }
        let on_disk = || Image { bytes: fs::read(name).unwrap_or_default(), waiting: vec![] };
        Some(self.files.entry(name.into()).or_insert_with(on_disk))
    }
}
