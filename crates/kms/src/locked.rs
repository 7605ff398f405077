//! Memory for the root key: a page of its own that the system is asked to keep out of swap, core dumps and children.
//!
//! The only place for `unsafe` in this room. Every request but the page itself may be refused (containers often allow
//! no locked memory at all); the key then lives in an ordinary page, and [`LockedKey::is_locked`] says so.
#![expect(unsafe_code, reason = "mapping, locking and unmapping one page has no safe interface")]

use rustix::mm::{self, Advice, MapFlags, ProtFlags};
use std::{io, ptr::NonNull};
use zeroize::Zeroize;

const LEN: usize = 32;

/// Kept out of core dumps, and zeroed in a forked child.
const KEEP_OUT: [Advice; 2] = [Advice::LinuxDontDump, Advice::LinuxWipeOnFork];

/// A 32-byte key in a mapping of its own.
pub(crate) struct LockedKey {
    page: NonNull<[u8; LEN]>,
    locked: bool,
}

// SAFETY: the mapping belongs to this value alone, and is written only through `&mut self`.
unsafe impl Send for LockedKey {}
// SAFETY: as above; through a shared reference it is only read.
unsafe impl Sync for LockedKey {}

impl LockedKey {
    /// Maps a zeroed page, to read a key straight into through [`Self::as_mut`], so that no other copy is made.
    pub(crate) fn zeroed() -> io::Result<Self> {
        // SAFETY: a fresh private anonymous mapping at an address of the system's choosing; the length is rounded up to
        // a page, and pages start zeroed.
        let address = unsafe {
            mm::mmap_anonymous(
                std::ptr::null_mut(),
                LEN,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE,
            )
        };
        let page = address.ok().and_then(|at| NonNull::new(at.cast::<[u8; LEN]>()));
        let page = page.ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        // SAFETY: all three act on the mapping just made, none moves or frees it, and a refusal changes nothing.
        let locked = unsafe {
            let locked = mm::mlock(page.as_ptr().cast(), LEN).is_ok();
            let hidden =
                KEEP_OUT.map(|advice| mm::madvise(page.as_ptr().cast(), LEN, advice).is_ok());
            locked && hidden == [true; 2]
        };
        Ok(Self { page, locked })
    }

    /// The key.
    pub(crate) fn bytes(&self) -> &[u8; LEN] {
        // SAFETY: the mapping lives as long as `self` and is not written while it is shared.
        unsafe { self.page.as_ref() }
    }

    /// The key, to be written once, before the value is shared.
    pub(crate) fn as_mut(&mut self) -> &mut [u8; LEN] {
        // SAFETY: as above, and `&mut self` says that nobody else looks.
        unsafe { self.page.as_mut() }
    }

    /// Whether the system granted everything that was asked for.
    pub(crate) const fn is_locked(&self) -> bool {
        self.locked
    }
}

impl Drop for LockedKey {
    fn drop(&mut self) {
        // SAFETY: the last use of the mapping; unmapping also unlocks it. A refusal leaves a wiped page behind.
        unsafe {
            self.page.as_mut().zeroize();
            let _ = mm::munmap(self.page.as_ptr().cast(), LEN);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_starts_empty_and_keeps_what_is_written() {
        let mut key = LockedKey::zeroed().unwrap();
        assert_eq!(key.bytes(), &[0; LEN]);
        key.as_mut().fill(7);
        assert_eq!(key.bytes(), &[7; LEN]);
    }

    /// The page is marked as the system's own report of the mapping shows it.
    #[test]
    fn the_page_is_out_of_core_dumps_and_children() {
        let key = LockedKey::zeroed().unwrap();
        let at = key.bytes().as_ptr() as usize;
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let holds = |line: &str| {
            let (start, end) = line.split(' ').next()?.split_once('-')?;
            let hex = |text| usize::from_str_radix(text, 16).ok();
            Some((hex(start)?..hex(end)?).contains(&at))
        };
        let flags = maps
            .lines()
            .skip_while(|line| holds(line) != Some(true))
            .find(|line| line.starts_with("VmFlags:"))
            .unwrap();
        let has = |flag| flags.split(' ').any(|one| one == flag);
        assert_eq!(key.is_locked(), has("lo") && has("dd") && has("wf"), "{flags}");
    }
}
