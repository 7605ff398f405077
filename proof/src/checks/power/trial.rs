//! The disk itself on trial: it keeps what was synced, loses what was not, and tears at sectors.

use crate::{
    dice::Dice,
    lossy::{Disk, Image, SECTOR, Spared},
};
use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::FileExt,
    path::Path,
};

/// How many sectors the torn file has.
const SECTORS: usize = 64;

/// Tries the disk.
///
/// # Errors
/// Where it cannot be mounted: nothing was tried. A disk that is mounted and does not do as it should is a panic.
pub(super) fn run() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let place = folder.path();
    let disk = Disk::mount(Image::empty(), place)?;
    prepare(place).expect("the disk takes what it is given");
    let image = disk.remains(&mut Spared::new(Dice::new(1, 0), 0));

    let disk = Disk::mount(image.clone(), place)?;
    strictly(place);
    drop(disk);
    let disk = Disk::mount(image, place)?;
    disturb(place).expect("the disk takes what it is given");
    let image = disk.remains(&mut Spared::new(Dice::new(2, 0), 50));
    let disk = Disk::mount(image, place)?;
    torn(place);
    disk.cut_after(1);
    assert!(fs::write(place.join("last"), "x").is_err(), "there is no power for the second step");
    assert!(disk.is_cut(), "the power went");
    drop(disk);
    Ok(())
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn prepare(place: &Path) -> io::Result<()> {
    fs::create_dir(place.join("inner"))?;
    sync(place)?;
    File::create(place.join("inner/whole"))?.write_all(b"not synced")?;
    for name in ["kept", "moved", "removed"] {
        let mut file = File::create(place.join(name))?;
        file.write_all(name.as_bytes())?;
        file.sync_all()?;
    }
    File::create(place.join("empty"))?.write_all(b"its name is kept, its bytes are not")?;
    let torn = File::create(place.join("torn"))?;
    torn.write_all_at(&vec![b'a'; SECTOR * SECTORS], 0)?;
    torn.sync_data()?;
    sync(place)?;
    fs::rename(place.join("moved"), place.join("elsewhere"))?;
    fs::remove_file(place.join("removed"))?;
    fs::hard_link(place.join("kept"), place.join("linked"))?;
    File::create(place.join("unsynced"))?.sync_all()?;
    torn.set_len(1)
}

/// After everything that could be lost was lost.
fn strictly(place: &Path) {
    let read = |name: &str| fs::read_to_string(place.join(name)).unwrap();
    for name in ["kept", "moved", "removed"] {
        assert_eq!(read(name), name, "what was synced is kept, and a name until its end is");
    }
    assert_eq!(read("empty"), "");
    assert_eq!(read("torn").len(), SECTOR * SECTORS);
    for name in ["elsewhere", "linked", "unsynced", "inner/whole"] {
        assert!(!place.join(name).exists(), "{name} was never synced");
    }
}

fn disturb(place: &Path) -> io::Result<()> {
    let torn = File::options().write(true).open(place.join("torn"))?;
    // From memory that is there: a page that has to be fetched first makes two writes of one.
    torn.write_all_at(&vec![b'b'; SECTOR * SECTORS], 0)?;
    let kept = File::options().write(true).open(place.join("kept"))?;
    kept.write_all_at(b"KEPT", 0)?;
    kept.sync_data()
}

/// After half was lost.
fn torn(place: &Path) {
    assert_eq!(fs::read(place.join("kept")).unwrap(), b"KEPT", "a sync holds over older bytes");
    let torn = fs::read(place.join("torn")).unwrap();
    let whole = |sector: &[u8]| sector.iter().all(|byte| *byte == sector[0]);
    assert!(torn.chunks(SECTOR).all(whole), "a sector is written whole or not at all");
    let new = torn.chunks(SECTOR).filter(|sector| sector[0] == b'b').count();
    assert!((8..SECTORS - 8).contains(&new), "about half are new, not {new} of {SECTORS}");
}
