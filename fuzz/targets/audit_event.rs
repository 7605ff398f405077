//! Audit events as they are stored, exported and verified: one event has one encoding.
#![cfg_attr(fuzzing, no_main)]

use subrosa_domain::{
    audit::{decode, encode},
    tlv::Tlv,
};

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let bytes = [&Tlv::new("subrosa/1/event").finish()[..], data].concat();
    if let Ok(event) = decode(&bytes) {
        assert_eq!(encode(&event), bytes, "one event, two encodings");
    }
}
