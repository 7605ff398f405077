//! The global allocator: the system's, but memory is wiped before it is given back.
//!
//! Values pass through buffers of hyper, rustls, serde and clap that no type of ours owns. Wiping what every one of
//! them frees is the only cleaning that cannot be forgotten. It does not help while a buffer is still in use.

use std::{
    alloc::{GlobalAlloc, Layout},
    arch::asm,
    ptr,
    sync::atomic::{AtomicBool, Ordering},
};

/// Whether a fault was planted that leaves what is freed as it is. An allocator cannot ask for that itself: asking
/// takes memory. In a build without faults it is neither set nor looked at.
pub(crate) static LEAVES: AtomicBool = AtomicBool::new(false);

/// An allocator that wipes what it frees.
pub(crate) struct Wiping<A>(pub(crate) A);

// SAFETY: every block comes from and goes back to the inner allocator, which keeps the contract, with the layout it was
// asked for; a block is written to only in `dealloc`, where the caller has given it up and it still is a whole block.
#[expect(unsafe_code, reason = "GlobalAlloc is an unsafe trait")]
unsafe impl<A: GlobalAlloc> GlobalAlloc for Wiping<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller hands over a live block of this layout and uses it no more.
        unsafe {
            if !leaves() {
                wipe(block, layout.size());
            }
            self.0.dealloc(block, layout);
        }
    }

    // `realloc` is the trait's own: a new block, a copy, and `dealloc` of the old one. The system's could move a block
    // and leave the old bytes behind.
}

/// Gives back to the operating system what is free. A start takes memory that serving never takes again, for the
/// description of every operation above all, and glibc keeps it; other allocators are left to themselves.
#[expect(unsafe_code, reason = "calls the C library")]
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it may be called at any time, and touches only what nobody has.
    unsafe {
        libc::malloc_trim(0);
    }
}

#[inline(always)]
fn leaves() -> bool {
    cfg!(feature = "plant") && LEAVES.load(Ordering::Relaxed)
}

/// Overwrites a block, as fast as the machine can, in a way that the compiler may not leave out though it knows that
/// nobody reads what is freed next.
///
/// # Safety
/// `block` is valid for writes of `size` bytes.
#[expect(unsafe_code, reason = "writes to raw memory")]
unsafe fn wipe(block: *mut u8, size: usize) {
    // SAFETY: every address is within the block. The empty statement is given the block's address and, for all the
    // compiler knows, reads what is behind it: so the zeros have to be there by then.
    unsafe {
        ptr::write_bytes(block, 0, size);
        asm!("/* {0} */", in(reg) block, options(nostack, preserves_flags, readonly));
    }
}

#[cfg(test)]
#[expect(unsafe_code, reason = "calls the allocator directly")]
mod tests {
    use super::*;
    use std::{
        alloc::System,
        sync::atomic::{AtomicUsize, Ordering::Relaxed},
    };

    /// Looks at each block as it is given back, while it still is a live one.
    #[derive(Default)]
    struct Witness {
        freed: AtomicUsize,
        dirty: AtomicUsize,
    }

    // SAFETY: it hands everything to the system's allocator, and reads only blocks that were written in full.
    unsafe impl GlobalAlloc for Witness {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            self.freed.fetch_add(layout.size(), Relaxed);
            self.dirty.fetch_add(bytes.iter().filter(|byte| **byte != 0).count(), Relaxed);
            unsafe { System.dealloc(block, layout) }
        }
    }

    fn filled(wiping: &Wiping<Witness>, layout: Layout) -> *mut u8 {
        unsafe {
            let block = wiping.alloc(layout);
            assert!(!block.is_null());
            block.write_bytes(0xa5, layout.size());
            block
        }
    }

    #[test]
    fn what_is_freed_is_wiped_to_its_last_byte() {
        let wiping = Wiping(Witness::default());
        let mut freed = 0;
        for size in [1, 2, 7, 8, 9, 31, 64, 4097] {
            for align in [1, 2, 8, 64] {
                let layout = Layout::from_size_align(size, align).unwrap();
                unsafe { wiping.dealloc(filled(&wiping, layout), layout) };
                freed += size;
            }
        }
        assert_eq!(wiping.0.freed.load(Relaxed), freed);
        assert_eq!(wiping.0.dirty.load(Relaxed), 0);
    }

    #[test]
    fn what_grows_keeps_its_bytes_and_leaves_none_behind() {
        let wiping = Wiping(Witness::default());
        let layout = Layout::from_size_align(100, 8).unwrap();
        unsafe {
            let grown = wiping.realloc(filled(&wiping, layout), layout, 200);
            assert!(std::slice::from_raw_parts(grown, 100).iter().all(|byte| *byte == 0xa5));
            grown.add(100).write_bytes(0xa5, 100);
            assert_eq!(wiping.0.freed.load(Relaxed), 100);
            wiping.dealloc(grown, Layout::from_size_align(200, 8).unwrap());
        }
        assert_eq!((wiping.0.freed.load(Relaxed), wiping.0.dirty.load(Relaxed)), (300, 0));
    }

    #[test]
    fn a_block_that_starts_off_a_word_is_wiped_and_its_neighbours_are_not() {
        let mut bytes = [0xa5_u8; 40];
        unsafe { wipe(bytes.as_mut_ptr().add(3), 30) };
        let (before, rest) = bytes.split_at(3);
        let (wiped, after) = rest.split_at(30);
        assert!(before.iter().chain(after).all(|byte| *byte == 0xa5));
        assert!(wiped.iter().all(|byte| *byte == 0));
    }
}
