//! The canonical encoding: what reads as a record is what would have been written, byte for byte.
#![cfg_attr(fuzzing, no_main)]

use subrosa_domain::tlv::{Fields, Tlv};

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let bytes = [&Tlv::new("fuzz").finish()[..], data].concat();
    let Ok(mut fields) = Fields::new(&bytes, "fuzz") else { return };
    let mut again = Tlv::new("fuzz");
    for tag in 1..=u8::MAX {
        match fields.maybe(tag) {
            Ok(Some(value)) => again = again.bytes(tag, value),
            Ok(None) => {}
            Err(_) => return,
        }
    }
    if fields.finish().is_ok() {
        assert_eq!(again.finish(), bytes, "one record, two encodings");
    }
}
