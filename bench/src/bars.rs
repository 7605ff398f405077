//! Bars: what is held to one, and how many of them were missed.

/// How many bars there were, and how many were missed.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Bars {
    pub(crate) held: u32,
    pub(crate) missed: u32,
}

impl Bars {
    /// Counts one, and says how it went.
    pub(crate) fn hold(&mut self, holds: bool) -> &'static str {
        self.held += 1;
        self.missed += u32::from(!holds);
        if holds { "ok" } else { "**MISSED**" }
    }

    /// Adds others.
    pub(crate) fn add(&mut self, other: Self) {
        self.held += other.held;
        self.missed += other.missed;
    }
}
