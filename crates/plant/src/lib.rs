//! Faults that are there on purpose, to show that the proofs see them.
//!
//! A proof that cannot fail proves nothing. So each names the faults it must find, and each fault is one line in the
//! room it belongs to: `if planted!("ack-early") { … }`. Only in a build with the feature `on` is there anything to it,
//! and there only the one that `SUBROSA_PLANT` names. In every other build the question is `false` before the optimiser
//! sees it, nothing of the fault is compiled in, and not even its name is left: `cargo xtask tidy` looks for it.
//!
//! A plant must never be more than a switch: what a room does without it stays readable without knowing of it.

pub mod counters;

/// Whether this fault is planted in this process. Takes its name as a literal.
#[macro_export]
macro_rules! planted {
    ($name:literal) => {
        $crate::is_planted(concat!("plant:", $name))
    };
}

/// Nothing is planted in this build.
#[cfg(not(feature = "on"))]
#[must_use]
#[inline(always)]
pub const fn is_planted(_name: &'static str) -> bool {
    false
}

/// Whether `SUBROSA_PLANT` names this fault.
#[cfg(feature = "on")]
#[must_use]
pub fn is_planted(name: &'static str) -> bool {
    use std::sync::OnceLock;
    static CHOSEN: OnceLock<Option<String>> = OnceLock::new();
    let chosen = CHOSEN.get_or_init(|| std::env::var("SUBROSA_PLANT").ok());
    chosen.as_deref() == name.strip_prefix("plant:")
}
