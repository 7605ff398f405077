//! The change feed as caches see it.
//!
//! Every commit tells the feed what it touched before anyone learns that it happened. A reader takes a [`Mark`] first
//! and reads the store second; what it read is current for as long as nothing it depends on was touched after the mark.
//! So a load that races a commit can be wasted, never wrong: either it read the commit's rows, or its mark is older
//! than the touch.
//!
//! Touches are kept per stripe, not per row: a stripe shared by two rows costs a needless reload, never a stale answer.

use std::sync::atomic::{AtomicU64, Ordering};
use subrosa_domain::ChangeRef;

/// Few enough to fit in the processor's cache, enough that rows seldom share one.
const STRIPES: usize = 16_384;

/// A moment in the feed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Mark(u64);

/// When which stripe was last touched.
#[derive(Debug)]
pub(crate) struct Feed {
    now: AtomicU64,
    touched: Box<[AtomicU64]>,
}

impl Feed {
    pub(crate) fn new() -> Self {
        let touched = (0..STRIPES).map(|_| AtomicU64::new(0)).collect();
        Self { now: AtomicU64::new(0), touched }
    }

    /// The mark to take before reading.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.now.load(Ordering::Acquire))
    }

    /// Whether nothing that `dependency` shares a stripe with was touched after `since`.
    pub(crate) fn untouched(&self, dependency: ChangeRef, since: Mark) -> bool {
        self.stripe(dependency).is_some_and(|stripe| stripe.load(Ordering::Acquire) <= since.0)
    }

    /// Notes that these changed. Called by the one committer, after the commit is durable.
    pub(crate) fn touch(&self, changes: &[ChangeRef]) {
        let next = self.now.load(Ordering::Relaxed) + 1;
        for change in changes {
            if let Some(stripe) = self.stripe(*change) {
                stripe.store(next, Ordering::Release);
            }
        }
        self.now.store(next, Ordering::Release);
    }

    fn stripe(&self, change: ChangeRef) -> Option<&AtomicU64> {
        let (code, id) = change.to_parts();
        // The last eight bytes of a UUIDv7 are random; of a nil id they are zero, which is as good a stripe as any.
        let tail = id.last_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let mixed = (tail ^ u64::from(code)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.touched.get(usize::try_from(mixed >> 50).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use subrosa_domain::{SecretId, TenantId};

    const TENANT: TenantId = TenantId::from_bytes([1; 16]);

    fn secret(byte: u8) -> ChangeRef {
        ChangeRef::Secret(TENANT, SecretId::from_bytes([byte; 16]))
    }

    #[test]
    fn what_was_read_before_a_touch_is_stale_and_after_it_is_current() {
        let feed = Feed::new();
        let before = feed.mark();
        assert!(feed.untouched(secret(7), before));
        feed.touch(&[secret(7)]);
        assert!(!feed.untouched(secret(7), before));
        assert!(feed.untouched(secret(7), feed.mark()));
    }

    #[test]
    fn a_touch_leaves_other_rows_alone() {
        let feed = Feed::new();
        let before = feed.mark();
        feed.touch(&[secret(7)]);
        let kept = (0..=255).filter(|b| feed.untouched(secret(*b), before)).count();
        assert!(kept >= 254, "{kept} of 256 kept");
    }

    #[test]
    fn stripes_spread_over_random_ids() {
        let feed = Feed::new();
        let before = feed.mark();
        let id = |n: u64| {
            let mut bytes = [0; 16];
            bytes[8..].copy_from_slice(&n.wrapping_mul(0x2545_F491_4F6C_DD1D).to_be_bytes());
            ChangeRef::Secret(TENANT, SecretId::from_bytes(bytes))
        };
        let touched: Vec<ChangeRef> = (0..1_000).map(id).collect();
        feed.touch(&touched);
        let stale = (10_000..20_000).filter(|n| !feed.untouched(id(*n), before)).count();
        assert!(stale < 1_000, "1,000 of 16,384 stripes hit about 6 % of other rows, not {stale}");
    }
}
