//! A revision's ciphertext as its row has it, and the parts of it.

use rusqlite::{Connection, params};
use std::ops::Range;

/// What a row has of a revision's ciphertext.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Whose it is.
    pub(super) revision: [u8; 16],
    pub(super) tier: i64,
    pub(super) key_version: i64,
    pub(super) wrap: Vec<u8>,
    pub(super) value: Vec<u8>,
}

/// What can be taken out of one row and put into another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    ValueSalt,
    Commitment,
    ValueIv,
    ValueBody,
    ValueTag,
    WrapVersion,
    WrapSalt,
    WrapIv,
    WrapBody,
    WrapTag,
    KeyVersion,
    Tier,
}

impl Part {
    /// Every part; a set of them is a number with a bit for each.
    pub(super) const ALL: [Self; 12] = [
        Self::ValueSalt,
        Self::Commitment,
        Self::ValueIv,
        Self::ValueBody,
        Self::ValueTag,
        Self::WrapVersion,
        Self::WrapSalt,
        Self::WrapIv,
        Self::WrapBody,
        Self::WrapTag,
        Self::KeyVersion,
        Self::Tier,
    ];

    /// The parts that a wrap is made of, its row's column included.
    pub(super) const WRAP: u16 = 0b0111_1110_0000;

    /// Where it is, in the value block or in the wrap block; the rest are columns.
    fn place(self, value: usize) -> Option<(bool, Range<usize>)> {
        Some(match self {
            Self::ValueSalt => (true, 4..36),
            Self::Commitment => (true, 36..68),
            Self::ValueIv => (true, 68..80),
            Self::ValueBody => (true, 80..value - 16),
            Self::ValueTag => (true, value - 16..value),
            Self::WrapVersion => (false, 1..5),
            Self::WrapSalt => (false, 5..21),
            Self::WrapIv => (false, 21..33),
            Self::WrapBody => (false, 33..65),
            Self::WrapTag => (false, 65..81),
            Self::KeyVersion | Self::Tier => return None,
        })
    }
}

impl Row {
    /// A secret's revision of this number.
    pub(super) fn read(conn: &Connection, secret: [u8; 16], version: i64) -> Self {
        const SQL: &str = "SELECT id, sensitivity, key_version, wrap, value FROM revisions \
             WHERE secret_id = ?1 AND version = ?2";
        let row = conn.query_row(SQL, params![secret, version], |row| {
            Ok(Self {
                revision: row.get(0)?,
                tier: row.get(1)?,
                key_version: row.get(2)?,
                wrap: row.get(3)?,
                value: row.get(4)?,
            })
        });
        row.expect("a revision")
    }

    /// Puts it into its revision's row.
    pub(super) fn write(&self, conn: &Connection) {
        const SQL: &str = "UPDATE revisions SET sensitivity = ?2, key_version = ?3, wrap = ?4, \
             value = ?5 WHERE id = ?1";
        let Self { revision, tier, key_version, wrap, value } = self;
        let written = conn.execute(SQL, params![revision, tier, key_version, wrap, value]);
        assert_eq!(written.expect("an edit"), 1, "one row is edited");
    }

    /// Takes a part from another row; says whether that made a difference.
    pub(super) fn take(&mut self, part: Part, other: &Self) -> bool {
        let before = self.clone();
        match (part, part.place(self.value.len())) {
            (Part::KeyVersion, _) => self.key_version = other.key_version,
            (Part::Tier, _) => self.tier = other.tier,
            (_, Some((true, at))) => self.value[at.clone()].copy_from_slice(&other.value[at]),
            (_, Some((false, at))) => self.wrap[at.clone()].copy_from_slice(&other.wrap[at]),
            (_, None) => {}
        }
        *self != before
    }
}
