//! Where a path really leads, so that a key inside the data folder is found out however it is spelled.

use crate::error::CustodyError;
use std::{
    io,
    path::{Component, Path, PathBuf},
};

/// Refuses a key file inside the data folder. Neither needs to exist yet.
pub(super) fn check_outside(path: &Path, data: &Path) -> Result<(), CustodyError> {
    let at = |source| CustodyError::Io { path: path.into(), source };
    if resolve(path).map_err(at)?.starts_with(resolve(data).map_err(at)?) {
        return Err(CustodyError::InsideData { path: path.into(), data: data.into() });
    }
    Ok(())
}

/// `path` without links or dots. What does not exist yet holds no links, so its part of the path is taken as written.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    let mut at = PathBuf::from("/");
    for part in std::path::absolute(path)?.components() {
        match part {
            Component::Normal(name) => {
                at.push(name);
                if let Ok(real) = at.canonicalize() {
                    at = real;
                }
            }
            Component::ParentDir => {
                at.pop();
            }
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_inside_the_data_folder_is_found_however_it_is_spelled() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        std::fs::create_dir_all(data.join("deep")).unwrap();
        std::os::unix::fs::symlink(&data, dir.path().join("link")).unwrap();
        for inside in
            ["data/root.key", "data/deep/new/root.key", "link/root.key", "x/../data/k", "data"]
        {
            let refused = check_outside(&dir.path().join(inside), &data);
            assert!(matches!(refused, Err(CustodyError::InsideData { .. })), "{inside}");
        }
        for outside in ["root.key", "database/root.key", "data/../root.key", "link/../root.key"] {
            assert!(check_outside(&dir.path().join(outside), &data).is_ok(), "{outside}");
        }
        assert!(check_outside(&dir.path().join("none/k"), &dir.path().join("none")).is_err());
    }
}
