//! The files of the project, read once and handed to every check.

use std::{
    io,
    path::{Path, PathBuf},
    process::Command,
};

/// One text file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// From the root, with `/` between the parts.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

impl File {
    /// The lines with their numbers, counted from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The lines up to the first `#[cfg(test)]`: what ships. Files of tests alone have none.
    pub(crate) fn shipped(&self) -> impl Iterator<Item = (usize, &str)> {
        let tests_only = self.path.contains("/tests/") || self.path.ends_with("/tests.rs");
        self.lines().take_while(move |(_, line)| !tests_only && line.trim() != "#[cfg(test)]")
    }

    /// Whether it is Rust.
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it is a document.
    pub(crate) fn is_document(&self) -> bool {
        self.path.ends_with(".md")
    }
}

/// All text files of the project.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Where it is.
    pub(crate) root: PathBuf,
    /// Its files, by path.
    pub(crate) files: Vec<File>,
}

impl Tree {
    /// Reads every file git knows or would add. Files that are not text are passed over.
    pub(crate) fn read(root: &Path) -> io::Result<Self> {
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()?;
        if !listed.status.success() {
            return Err(io::Error::other("git ls-files failed: is this a git checkout?"));
        }
        let listed = String::from_utf8_lossy(&listed.stdout);
        let mut paths: Vec<&str> = listed.split('\0').filter(|path| !path.is_empty()).collect();
        paths.sort_unstable();
        paths.dedup();
        let files = paths.into_iter().filter_map(|path| {
            let text = std::fs::read_to_string(root.join(path)).ok()?;
            Some(File { path: path.to_owned(), text })
        });
        Ok(Self { root: root.to_path_buf(), files: files.collect() })
    }

    /// The file at `path`.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// A tree of these files, for a check's own test.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let file =
            |(path, text): &(&str, &str)| File { path: (*path).into(), text: (*text).into() };
        Self { root: PathBuf::from("."), files: files.iter().map(file).collect() }
    }
}
