//! The two blocks of an envelope: what can be cut at its seams joins again to the same bytes.
#![cfg_attr(fuzzing, no_main)]

use subrosa_crypto::fuzz;

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    for bytes in [data, &[b"SR\x01\x01", data].concat()] {
        if let Some(joined) = fuzz::value_block(bytes) {
            assert_eq!(joined, bytes, "a value block lost a byte");
        }
    }
    if let Some(joined) = fuzz::wrap_block(data) {
        assert_eq!(joined, data, "a wrap block lost a byte");
        assert_eq!(data.len(), 81, "a wrap has one length");
    }
}
