//! Whether key and data share a disk. Worth a warning, never a refusal: most machines have one.

use std::{
    fmt,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// The key file and the data are on the same device: whoever takes the disk has both. Its text is the warning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SameDevice {
    key: PathBuf,
    data: PathBuf,
}

/// Whether a key file and the data folder are on the same device. `None` when they are not, or when it cannot be told.
#[must_use]
pub fn same_device(key: &Path, data: &Path) -> Option<SameDevice> {
    let device = |path: &Path| path.metadata().map(|found| found.dev()).ok();
    (device(key)? == device(data)?).then(|| SameDevice { key: key.into(), data: data.into() })
}

impl fmt::Display for SameDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the key {} and the data {} are on the same disk: whoever takes the disk can read the secrets. Keep the \
             key on another device, and never in the same backup",
            self.key.display(),
            self.data.display()
        )
    }
}
