//! A disk that loses what it was not asked to keep: a file system in memory, mounted with FUSE, whose power can go.
//!
//! Processes see an ordinary file system. Underneath, each file has the bytes that its last `fsync` made durable, and
//! what was done to it since; each folder likewise its entries, which only an `fsync` of the folder itself makes
//! durable. When the power goes, every 512-byte sector of every write that was not synced has reached the disk or not
//! by a throw of the dice, and so has each change of a length, each name made, removed or moved. That is the least that
//! POSIX promises: a real file system keeps more, and a program that survives here leans on none of it.
//!
//! What it is not: modes and owners are durable at once, times are not kept at all, a name moves within its folder
//! only, and there are no symbolic links. Nothing here may be durable that nobody synced; the check that uses it asks
//! first.

mod attributes;
mod content;
mod folder;
mod fuse;
mod image;
mod power;

pub(crate) use content::SECTOR;
pub(crate) use image::Image;

use crate::dice::Dice;
use fuse::Lossy;
use fuser::{BackgroundSession, Config, MountOption};
use nix::mount::{MntFlags, umount2};
use power::Power;
use std::{
    io,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex, MutexGuard},
};

/// What a power cut spares, by the dice: of a hundred sectors or entries that nobody synced, so many.
pub(crate) struct Spared {
    dice: Dice,
    percent: u64,
}

/// A mounted disk.
pub(crate) struct Disk {
    power: Arc<Mutex<Power>>,
    place: PathBuf,
    session: Option<BackgroundSession>,
}

impl Spared {
    pub(crate) const fn new(dice: Dice, percent: u64) -> Self {
        Self { dice, percent }
    }

    /// Whether the next one is.
    const fn next(&mut self) -> bool {
        self.dice.percent(self.percent)
    }
}

impl Disk {
    /// Mounts what is on a disk at an empty folder.
    ///
    /// # Errors
    /// Where this machine or this user cannot mount with FUSE.
    pub(crate) fn mount(image: Image, place: &Path) -> io::Result<Self> {
        let power = Arc::new(Mutex::new(Power::of(image)));
        let mut config = Config::default();
        config.mount_options =
            vec![MountOption::FSName("lossy".to_owned()), MountOption::DefaultPermissions];
        let session = fuser::spawn_mount(Lossy::new(Arc::clone(&power)), place, &config)?;
        Ok(Self { power, place: place.into(), session: Some(session) })
    }

    /// Lets the power go before the `steps`-th step from now that writes, syncs, names or unnames something.
    pub(crate) fn cut_after(&self, steps: u64) {
        self.power().left = Some(steps);
    }

    /// Lets the power go now, unless it is gone already: nothing that happens from here on is on the disk.
    pub(crate) fn cut(&self) {
        self.power().gone = true;
    }

    /// Whether the power is gone.
    pub(crate) fn is_cut(&self) -> bool {
        self.power().gone
    }

    /// Ends the disk and gives what is on it when the power comes back.
    pub(crate) fn remains(mut self, spared: &mut Spared) -> Image {
        self.cut();
        self.eject();
        self.power().image.after_cut(spared)
    }

    fn power(&self) -> MutexGuard<'_, Power> {
        self.power.lock().expect("nobody panics on the disk")
    }

    fn eject(&mut self) {
        let Some(session) = self.session.take() else { return };
        // Detached, so that a process which is still going down cannot keep the place.
        if umount2(&self.place, MntFlags::MNT_DETACH).is_err() {
            let _ = Command::new("fusermount3").arg("-uz").arg(&self.place).status();
        }
        let _ = session.join();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.eject();
    }
}
