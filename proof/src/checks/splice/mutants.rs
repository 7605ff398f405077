//! Every way in which a row is changed.

use super::row::{Part, Row};

/// Whose parts are put into a revision's row. Each differs from it in one respect, and has a value of the same length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Donor {
    /// The secret's revision before it.
    Revision,
    /// Another secret of the tenant.
    Secret,
    /// A secret of another tenant.
    Tenant,
    /// A secret of another tier.
    Tier,
    /// Another secret as it was under an earlier key version.
    Earlier,
    /// The revision itself as it was under an earlier key version.
    OwnEarlier,
}

impl Donor {
    const ALL: [Self; 6] =
        [Self::Revision, Self::Secret, Self::Tenant, Self::Tier, Self::Earlier, Self::OwnEarlier];

    /// The parts in which it differs from what it is put into.
    const fn differs(self) -> u16 {
        const VALUE: u16 = 0b1_1111;
        const WRAP: u16 = 0b11_1100_0000;
        const VERSION: u16 = 0b100_0010_0000;
        const TIER: u16 = 0b1000_0000_0000;
        match self {
            Self::Revision | Self::Secret | Self::Tenant => VALUE | WRAP,
            Self::Tier => VALUE | WRAP | TIER,
            Self::Earlier => VALUE | WRAP | VERSION,
            Self::OwnEarlier => WRAP | VERSION,
        }
    }
}

/// One way to change a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mutant {
    /// A set of parts from elsewhere.
    Parts(Donor, u16),
    /// A bit of the value block, turned over.
    ValueBit(usize),
    /// A bit of the wrap block.
    WrapBit(usize),
    /// Another number of a key version in the column alone.
    Column(i64),
    /// The same number in the column and in the block.
    Version(u32),
    /// Another tier in the column.
    TierColumn(i64),
    /// So many bytes off the value block's end, or so many more.
    ValueLength(i8),
    /// The same of the wrap block.
    WrapLength(i8),
}

/// All of them for a value block like this one, or those of every so many whose sets have more than one part.
pub(super) fn all(value: &[u8], every: u64) -> Vec<Mutant> {
    let every = usize::try_from(every).unwrap();
    let mut all = Vec::new();
    for donor in Donor::ALL {
        let parts = (1..=donor.differs()).filter(|parts| parts & !donor.differs() == 0);
        let whole = donor == Donor::OwnEarlier;
        let parts = parts.filter(|parts| !(whole && *parts == Part::WRAP));
        let few = |(at, parts): (usize, u16)| {
            (parts.count_ones() == 1 || at % every == 0).then_some(Mutant::Parts(donor, parts))
        };
        all.extend(parts.enumerate().filter_map(few));
    }
    all.extend((0..4 * 8).map(Mutant::ValueBit));
    all.extend((4 * 8..value.len() * 8).step_by(every).map(Mutant::ValueBit));
    all.extend((0..81 * 8).step_by(every).map(Mutant::WrapBit));
    all.extend([-1, 0, 1, 3, 1 << 40, i64::MIN].map(Mutant::Column));
    all.extend([0, 1, 3, 99, u32::MAX].map(Mutant::Version));
    all.extend([1, 2, 3, 4, 5].map(Mutant::TierColumn));
    all.extend([-127, -16, -1, 1, 16].map(Mutant::ValueLength));
    all.extend([-81, -16, -1, 1, 16].map(Mutant::WrapLength));
    all
}

impl Mutant {
    /// Whether its row can be read at all: a key version is a number of 32 bits.
    pub(super) fn is_readable(self) -> bool {
        !matches!(self, Self::Column(version) if u32::try_from(version).is_err())
    }

    /// The row that it makes of `own`; `None` when that is the same row. `donor` gives what comes from elsewhere.
    pub(super) fn of(self, own: &Row, donor: impl FnOnce(Donor) -> Row) -> Option<Row> {
        let mut row = own.clone();
        match self {
            Self::Parts(from, parts) => {
                let other = donor(from);
                let taken = Part::ALL.iter().enumerate().filter(|(bit, _)| parts >> bit & 1 == 1);
                // A part that is the same over there is in a smaller set already.
                if !taken.map(|(_, part)| row.take(*part, &other)).fold(true, |all, one| all & one)
                {
                    return None;
                }
            }
            Self::ValueBit(bit) => row.value[bit / 8] ^= 1 << (bit % 8),
            Self::WrapBit(bit) => row.wrap[bit / 8] ^= 1 << (bit % 8),
            Self::Column(version) => row.key_version = version,
            Self::Version(version) => {
                row.key_version = version.into();
                row.wrap[1..5].copy_from_slice(&version.to_be_bytes());
            }
            Self::TierColumn(tier) => row.tier = tier,
            Self::ValueLength(by) => resize(&mut row.value, by),
            Self::WrapLength(by) => resize(&mut row.wrap, by),
        }
        (row != *own).then_some(row)
    }
}

fn resize(block: &mut Vec<u8>, by: i8) {
    let length = i64::try_from(block.len()).unwrap() + i64::from(by);
    block.resize(usize::try_from(length).unwrap_or(0), 0);
}
