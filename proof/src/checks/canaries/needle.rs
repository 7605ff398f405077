//! What must be nowhere, in every way it could be written down, and the search for it.
//!
//! A value repeats one marker in every block of 16 bytes, so that any 27 bytes of it hold the marker whole, wherever
//! they were cut. A way of writing that is missing here is one in which a leak goes unseen.

use crate::dice::Dice;
use aho_corasick::AhoCorasick;
use base64::{
    Engine,
    prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};
use std::collections::BTreeMap;

/// Bytes of a marker. With letters and digits alone it is the same as text in JSON, in a path and in a log.
const MARKER: usize = 12;

/// Bytes of a block of a value.
const BLOCK: usize = 16;

/// The marker of one run.
#[derive(Clone)]
pub(crate) struct Marker(String);

impl Marker {
    /// The marker that a seed means: letters and digits, and never twice the same.
    pub(crate) fn of(seed: u64) -> Self {
        const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        let mut dice = Dice::new(seed, 0);
        let letter = |_| char::from(ALPHABET[dice.below(36) as usize]);
        Self((0..MARKER).map(letter).collect())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// A value of this many bytes, another for each number.
    pub(crate) fn text(&self, number: u64, length: usize) -> String {
        let block = format!("{}{:04x}", self.0, number & 0xffff);
        let mut text = block.repeat(length.div_ceil(BLOCK));
        text.truncate(length);
        text
    }

    /// The same for a value that is no text.
    pub(crate) fn bytes(&self, number: u64, length: usize) -> Vec<u8> {
        let [.., high, low] = number.to_be_bytes();
        let block = [self.0.as_bytes(), &[0xff, 0xfe, high, low]].concat();
        block.repeat(length.div_ceil(BLOCK))[..length].to_vec()
    }
}

/// Every way in which bytes could be written down, by its name.
pub(crate) fn spellings(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let each = |write: &dyn Fn(&u8) -> String| bytes.iter().map(write).collect::<String>();
    let list = |between: &str| {
        bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(between).into_bytes()
    };
    let mut all = vec![
        ("plain bytes", bytes.to_vec()),
        ("hex", each(&|byte| format!("{byte:02x}")).into()),
        ("HEX", each(&|byte| format!("{byte:02X}")).into()),
        ("percent", each(&|byte| format!("%{byte:02x}")).into()),
        ("PERCENT", each(&|byte| format!("%{byte:02X}")).into()),
        ("JSON's \\u", each(&|byte| format!("\\u{byte:04x}")).into()),
        ("JSON's \\U", each(&|byte| format!("\\u{byte:04X}")).into()),
        ("\\x", each(&|byte| format!("\\x{byte:02x}")).into()),
        ("a list", list(", ")),
        ("a dense list", list(",")),
    ];
    // Without the last zero, which makes it the same in both orders of bytes.
    let mut wide: Vec<u8> = bytes.iter().flat_map(|byte| [*byte, 0]).collect();
    wide.pop();
    all.push(("UTF-16", wide));
    for skip in 0..3 {
        // Wherever it begins in a group of three, these bytes of it are whole groups.
        let groups = bytes[skip..].chunks_exact(3).flatten().copied().collect::<Vec<u8>>();
        all.push(("base64", BASE64_STANDARD_NO_PAD.encode(&groups).into()));
        all.push(("base64url", BASE64_URL_SAFE_NO_PAD.encode(&groups).into()));
    }
    all
}

/// Everything that is looked for at once.
pub(crate) struct Needles {
    finder: AhoCorasick,
    names: Vec<String>,
}

/// A needle that was found, and where.
pub(crate) struct Hit<'a> {
    /// How many bytes are before it.
    pub(crate) at: usize,
    /// What it is, and how it was written.
    pub(crate) what: &'a str,
}

impl Needles {
    /// These, in every way of writing.
    pub(crate) fn of<'a>(wanted: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let named = |(name, bytes): (&str, &[u8])| {
            let spelled = spellings(bytes).into_iter();
            spelled.map(|(way, text)| (text, format!("{name} as {way}"))).collect::<Vec<_>>()
        };
        Self::exactly(wanted.into_iter().flat_map(named))
    }

    /// These bytes and no other way of writing them.
    pub(crate) fn exactly(wanted: impl IntoIterator<Item = (Vec<u8>, String)>) -> Self {
        let wanted: BTreeMap<Vec<u8>, String> = wanted.into_iter().collect();
        assert!(wanted.keys().all(|text| text.len() >= 8), "nothing so short that chance makes it");
        let finder = AhoCorasick::new(wanted.keys()).expect("so much can be looked for");
        Self { finder, names: wanted.into_values().collect() }
    }

    /// The first of them that is in these bytes.
    pub(crate) fn found_in(&self, bytes: &[u8]) -> Option<&str> {
        self.finder.find(bytes).map(|found| self.names[found.pattern().as_usize()].as_str())
    }

    /// All of them that are in these bytes.
    pub(crate) fn all_in<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Hit<'a>> {
        let name = |index: usize| self.names[index].as_str();
        self.finder
            .find_iter(bytes)
            .map(move |found| Hit { at: found.start(), what: name(found.pattern().as_usize()) })
    }

    /// The length of the longest: two pieces of what is searched must overlap by so much.
    pub(crate) fn longest(&self) -> usize {
        self.finder.max_pattern_len()
    }
}

/// Two pieces of a token's secret: more than chance makes, and no part of what is shown of it later.
pub(crate) fn of_token(token: &str) -> [&[u8]; 2] {
    // A token of ours ends with its secret and six characters of checksum; a JWT with its signature.
    [8, 24].map(|after| {
        let end = token.len() - after;
        &token.as_bytes()[end - MARKER..end]
    })
}
