//! What calls leave on the stack when they are over: overwritten after every one that had a key in hand.
//!
//! A key that a function gives back, and a library's own buffer, stay in frames that are nobody's any more until some
//! other call happens to use the place. No type can wipe those; zeroing what is below the caller can. It wipes nothing
//! of the caller's own frame: what is given back must hold keys on the heap alone.

use std::hint::black_box;
use subrosa_plant::planted;

/// How deep below its caller a call is taken to have written: several times what the ciphers and hashes here need, and
/// Ed25519. ML-DSA goes deeper, and wipes what it leaves there by itself.
const DEPTH: usize = 8 * 1024;

/// Does some work with keys and overwrites the stack that it used.
pub fn wiped<T>(work: impl FnOnce() -> T) -> T {
    let done = below(work);
    if !planted!("stack-kept") {
        overwrite();
    }
    done
}

/// In a frame of its own, so that everything the work leaves is below the caller's.
#[inline(never)]
fn below<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Where the work's frames were. The optimiser must take the zeros to be looked at.
#[inline(never)]
fn overwrite() {
    black_box(&mut [0_u8; DEPTH]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_work_makes_is_given_back_as_it_is() {
        let text = String::from("made of what was borrowed");
        assert_eq!(wiped(|| text.clone()), text);
        assert_eq!(wiped(|| wiped(|| Err::<(), _>(text.len()))), Err(text.len()));
    }
}
