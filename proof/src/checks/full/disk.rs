//! A small disk that can really be full: a tmpfs, in a mount namespace that nobody else sees and that ends with this
//! process.

use nix::{
    mount::{MntFlags, MsFlags, mount, umount2},
    unistd::geteuid,
};
use std::{
    fs::{self, File},
    io::Write,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

/// Tells this program that it is in a namespace of its own already.
const WITHIN: &str = "SUBROSA_WITHIN";

/// The smallest part of the disk that is given away.
const PAGE: usize = 4_096;

/// A mounted disk.
pub(super) struct Disk {
    place: PathBuf,
    mebibytes: u64,
}

/// Has this program go on in a mount namespace of its own: it is started anew there, in place of this process, and
/// then returns at once.
///
/// # Errors
/// Why this user has no such namespace here.
pub(super) fn enter() -> Result<(), String> {
    if std::env::var_os(WITHIN).is_some() {
        return Ok(());
    }
    // Whoever is not root may mount where they are called root.
    let apart = if geteuid().is_root() { "-m" } else { "-Urm" };
    let folder = tempfile::tempdir().expect("a folder");
    let mut trial = Command::new("unshare");
    trial.args([apart, "mount", "-t", "tmpfs", "tmpfs"]).arg(folder.path());
    let said = trial.output().map_err(|error| error.to_string())?;
    if !said.status.success() {
        return Err(String::from_utf8_lossy(&said.stderr).trim().to_owned());
    }
    drop(folder);
    let program = std::env::current_exe().expect("this program has a path");
    let mut again = Command::new("unshare");
    again.arg(apart).arg(program).args(std::env::args_os().skip(1)).env(WITHIN, "yes");
    Err(again.exec().to_string())
}

impl Disk {
    /// Mounts an empty disk at an empty folder.
    pub(super) fn mount(place: &Path, mebibytes: u64) -> Self {
        let disk = Self { place: place.into(), mebibytes };
        disk.mounted(MsFlags::empty());
        disk
    }

    /// Takes so much of it for something else.
    pub(super) fn takes(&self, mebibytes: usize) {
        let ballast = vec![b'b'; mebibytes << 20];
        fs::write(self.place.join("ballast"), ballast).expect("there is room for it");
    }

    /// Takes what is left, to the last page.
    pub(super) fn fill(&self) {
        let filler = File::options().create(true).append(true).open(self.place.join("filler"));
        let mut filler = filler.expect("a name takes no page");
        while filler.write_all(&[b'f'; PAGE]).is_ok() {}
        assert!(filler.write_all(b"f").is_err(), "not a byte is left");
    }

    /// Gives back what was taken.
    pub(super) fn clear(&self) {
        for name in ["filler", "ballast"] {
            fs::remove_file(self.place.join(name)).expect("it is there");
        }
    }

    /// Becomes twice as large.
    pub(super) fn grow(&mut self) {
        self.mebibytes *= 2;
        self.mounted(MsFlags::MS_REMOUNT);
    }

    fn mounted(&self, flags: MsFlags) {
        let size = format!("size={}m,mode=700", self.mebibytes);
        let done = mount(Some("tmpfs"), &self.place, Some("tmpfs"), flags, Some(size.as_str()));
        done.expect("it was mounted before");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = umount2(&self.place, MntFlags::MNT_DETACH);
    }
}
