//! A home of its own for one server and those who speak to it.

use super::{Ran, Server, run, run_with};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// The binary under test.
const BINARY: &str = env!("CARGO_BIN_EXE_subrosa");

/// A directory in which `$HOME`, the data, the configuration and the root key are.
pub(crate) struct Home {
    folder: TempDir,
    /// Who runs the programs: an empty prefix for this user.
    prefix: Vec<String>,
    binary: PathBuf,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = TempDir::with_prefix("subrosa-").unwrap();
        Self { folder, prefix: vec![], binary: BINARY.into() }
    }

    /// A home of a user without privileges, whom `setpriv` becomes. The binary is brought along: the build's own folder
    /// may be closed to that user.
    pub(crate) fn of_nobody() -> Self {
        let mut home = Self::new();
        home.binary = home.path().join("subrosa");
        fs::copy(BINARY, &home.binary).unwrap();
        let nobody = 65_534;
        std::os::unix::fs::chown(home.path(), Some(nobody), Some(nobody)).unwrap();
        home.prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
            .map(String::from)
            .to_vec();
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where data goes when nobody says where.
    pub(crate) fn data(&self) -> PathBuf {
        self.path().join("share/subrosa")
    }

    pub(crate) fn root_key(&self) -> PathBuf {
        self.path().join("config/subrosa/root.key")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.data().join("subrosa.sock")
    }

    /// Any program as this home's user, in this home's environment and no other.
    pub(crate) fn program(&self, words: &[&str]) -> Command {
        let mut words = self.prefix.iter().map(String::as_str).chain(words.iter().copied());
        let mut command = Command::new(words.next().unwrap());
        command.args(words).current_dir(self.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command.env("HOME", self.path());
        command.env("XDG_DATA_HOME", self.path().join("share"));
        command.env("XDG_CONFIG_HOME", self.path().join("config"));
        command
    }

    /// The binary with these arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut words = vec![self.binary.to_str().unwrap()];
        words.extend(arguments);
        self.program(&words)
    }

    /// Runs `subrosa …` without input.
    #[track_caller]
    pub(crate) fn subrosa(&self, arguments: &[&str]) -> Ran {
        run(&mut self.command(arguments))
    }

    /// Runs `subrosa …` with a value on stdin.
    #[track_caller]
    pub(crate) fn with_value(&self, value: impl AsRef<[u8]>, arguments: &[&str]) -> Ran {
        run_with(&mut self.command(arguments), value.as_ref())
    }

    /// Starts a server on a free port of this machine.
    #[track_caller]
    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// The same with more flags.
    #[track_caller]
    pub(crate) fn serve_with(&self, flags: &[&str]) -> Server {
        Server::start(self.serving(flags))
    }

    /// `subrosa serve` on a free port of this machine, unless the flags say otherwise.
    pub(crate) fn serving(&self, flags: &[&str]) -> Command {
        let mut arguments = vec!["serve"];
        if !flags.contains(&"--listen") {
            arguments.extend(["--listen", "127.0.0.1:0"]);
        }
        arguments.extend(flags);
        self.command(&arguments)
    }

    /// Every file under the data directory, with its mode and its bytes.
    pub(crate) fn image(&self) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        let mut image = BTreeMap::new();
        collect(&self.data(), &mut image);
        image
    }
}

fn collect(folder: &Path, image: &mut BTreeMap<PathBuf, (u32, Vec<u8>)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.map(Result::unwrap) {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        let mode = entry.metadata().unwrap().permissions().mode() & 0o7777;
        if kind.is_dir() {
            collect(&path, image);
            image.insert(path, (mode, vec![]));
        } else {
            let bytes = if kind.is_file() { fs::read(&path).unwrap() } else { vec![] };
            image.insert(path, (mode, bytes));
        }
    }
}

/// The mode of a file as `chmod` spells it.
#[track_caller]
pub(crate) fn mode(path: &Path) -> String {
    let found = fs::symlink_metadata(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    format!("{:04o}", found.mode() & 0o7777)
}
