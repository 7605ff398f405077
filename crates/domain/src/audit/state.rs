//! What the sealed rows amount to, in one number that a commit moves by what it changed.
//!
//! A seal shows that a row is the server's own. It does not show that it is the latest: an older row, put back with
//! its own seal, is as good. So each tenant's head carries the *state* of its rows: the sum, modulo 2^256, of a keyed
//! number for each row's seal. A commit adds what it wrote and takes away what it replaced, so keeping it costs by the
//! rows changed and not by the rows there are; adding all rows up again shows whether they are the ones that were
//! written. And each lane's anchor carries the state of the tenants' heads, made the same way, and a position that
//! rises with it.
//!
//! Whoever can read the numbers could search for old rows that add up to the same. So they are written covered, and the
//! room that keeps them must never write one bare.

use super::ChainHead;
use crate::{ids::TenantId, row::RowSeal, time::Timestamp};

/// What a row, or a sum of rows, weighs. Little endian limbs; the arithmetic is modulo 2^256.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Weight([u64; 4]);

/// A [`Weight`] as it may be written where others can read it: a nonce, and the sum hidden under a pad that the nonce
/// and a key make. What it is worth is sealed with whatever carries it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Covered(pub [u8; 48]);

/// Where a lane stands, over all tenants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Anchor {
    /// Which lane.
    pub lane: u32,
    /// It rises by one with every transaction that moved a head of the lane, which many commits may share, and jumps
    /// when a store that was set back is accepted. It never falls.
    pub position: u64,
    /// The state of the lane's heads.
    pub state: Covered,
    /// When it moved last.
    pub time: Timestamp,
    /// [`StateSealer::seal_anchor`] over all of the above.
    pub seal: RowSeal,
}

/// A signed statement of where a chain or a lane stands, as text that anyone with the public key can check. What it
/// says and how it is signed is docs/reference/audit-format.md.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note(pub Box<str>);

/// Weighs, covers, seals and signs inside a commit. Implemented in `crypto`, as [`super::ChainSealer`] is.
pub trait StateSealer: Send + Sync {
    /// Whether this is the seal of a row of this tenant whose [seal input](crate::SealedRow::seal_input) this is.
    fn row_holds(&self, tenant: TenantId, input: &[u8], seal: &RowSeal) -> bool;

    /// What a row of this tenant with this seal weighs.
    fn weigh_row(&self, tenant: TenantId, seal: &RowSeal) -> Weight;

    /// What a head weighs in its lane.
    fn weigh_head(&self, head: &ChainHead) -> Weight;

    /// Covers a weight, under a nonce of its own.
    fn cover(&self, weight: Weight) -> Covered;

    /// What is under a cover. It is believed no more than what carries it.
    fn uncover(&self, covered: &Covered) -> Weight;

    /// The seal of an anchor; what its `seal` field holds is not looked at.
    fn seal_anchor(&self, anchor: &Anchor) -> RowSeal;

    /// Whether an anchor carries its seal.
    fn anchor_holds(&self, anchor: &Anchor) -> bool;

    /// States where a chain stands, signed.
    fn note_head(&self, head: &ChainHead) -> Note;

    /// States where a lane stands, signed.
    fn note_anchor(&self, anchor: &Anchor) -> Note;
}

impl Weight {
    /// What nothing weighs.
    pub const ZERO: Self = Self([0; 4]);

    /// The weight in 32 bytes, little endian.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut limbs = [0; 4];
        let (chunks, _) = bytes.as_chunks();
        for (limb, chunk) in limbs.iter_mut().zip(chunks) {
            *limb = u64::from_le_bytes(*chunk);
        }
        Self(limbs)
    }

    /// Its 32 bytes, little endian.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let (chunks, _) = bytes.as_chunks_mut();
        for (chunk, limb) in chunks.iter_mut().zip(self.0) {
            *chunk = limb.to_le_bytes();
        }
        bytes
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let mut sum = [0; 4];
        let mut carry = false;
        for ((sum, one), two) in sum.iter_mut().zip(self.0).zip(other.0) {
            let (partial, over) = one.overflowing_add(two);
            let (whole, over_again) = partial.overflowing_add(carry.into());
            (*sum, carry) = (whole, over || over_again);
        }
        Self(sum)
    }

    /// The difference.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        let negated = Self(other.0.map(|limb| !limb)).plus(Self([1, 0, 0, 0]));
        self.plus(negated)
    }
}

impl std::fmt::Debug for Weight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Weight")
    }
}

impl Covered {
    /// No state was kept yet: a head or an anchor from before states were.
    pub const NONE: Self = Self([0; 48]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(low: u64, high: u64) -> Weight {
        Weight([low, 0, 0, high])
    }

    #[test]
    fn what_was_added_can_be_taken_away_in_any_order_and_carries_run_through() {
        let most = Weight([u64::MAX; 4]);
        assert_eq!(most.plus(weight(1, 0)), Weight::ZERO);
        assert_eq!(Weight::ZERO.minus(weight(1, 0)), most);
        assert_eq!(Weight([u64::MAX, 0, 0, 0]).plus(weight(1, 0)), Weight([0, 1, 0, 0]));
        let (a, b, c) = (weight(7, u64::MAX), weight(u64::MAX, 3), weight(9, 1 << 63));
        let sum = a.plus(b).plus(c);
        assert_eq!(sum.minus(b).minus(a), c);
        assert_eq!(sum.minus(c).minus(a).minus(b), Weight::ZERO);
    }

    #[test]
    fn bytes_are_little_endian() {
        let mut bytes = [0; 32];
        (bytes[0], bytes[31]) = (1, 2);
        let weight = Weight::from_bytes(&bytes);
        assert_eq!(weight, Weight([1, 0, 0, 2 << 56]));
        assert_eq!(weight.to_bytes(), bytes);
    }
}
