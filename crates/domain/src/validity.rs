//! The window in which a secret resolves.

use crate::time::Timestamp;
use subrosa_plant::planted;

/// When a secret resolves: `not_before <= now < expires_on`, either end open. Outside it the secret is as good as
/// absent to whoever asks for its value; its metadata still lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Validity {
    /// The first moment at which it resolves.
    pub not_before: Option<Timestamp>,
    /// The first moment at which it no longer does.
    pub expires_on: Option<Timestamp>,
}

impl Validity {
    /// Always resolvable.
    pub const ALWAYS: Self = Self { not_before: None, expires_on: None };

    /// Whether the secret resolves at `now`.
    #[must_use]
    pub fn contains(&self, now: Timestamp) -> bool {
        self.not_before.is_none_or(|from| from <= now)
            && self.expires_on.is_none_or(|until| now < until || planted!("expired-still-resolves"))
    }

    /// Whether the window holds any moment at all.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        match (self.not_before, self.expires_on) {
            (Some(from), Some(until)) => from < until,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_opens_at_its_first_moment_and_closes_at_its_last() {
        let at = Timestamp::from_micros;
        let window = Validity { not_before: Some(at(10)), expires_on: Some(at(20)) };
        let inside: Vec<bool> = [9, 10, 19, 20].map(|t| window.contains(at(t))).to_vec();
        assert_eq!(inside, [false, true, true, false]);
        assert!(Validity::ALWAYS.contains(at(i64::MIN)) && Validity::ALWAYS.contains(at(i64::MAX)));
        assert!(!Validity { not_before: Some(at(5)), expires_on: Some(at(5)) }.is_ordered());
    }
}
