//! Randomness for keys, salts and ids: the one place that asks the cryptographic library for it.

/// Fills `bytes` with random ones.
///
/// A process that can draw no randomness ends here, at once. There is nothing it could do next that would be safe, and
/// an error path nobody can test would be worse than none.
pub fn fill(bytes: &mut [u8]) {
    if aws_lc_rs::rand::fill(bytes).is_err() {
        std::process::abort();
    }
}
