//! Golden vectors: files that every later build must read the same way, for ever.
//!
//! Each is a list of cases, each case a list of `field: value` lines that end with `expect:`. Refusals are written
//! down as carefully as successes. The files are made here from fixed inputs; a test fails when this build would make
//! others, so a format cannot change by accident. A new format gets new files beside these.

mod chain;
mod checkpoints;
mod envelope;
mod jwt;
mod keys;
mod rows;
mod signing;
mod tokens;

use std::{collections::BTreeMap, fmt::Write, path::PathBuf};

/// Set to write the files anew, which is right only for a format that was never released.
const WRITE: &str = "SUBROSA_WRITE_VECTORS";

/// One case.
#[derive(Clone)]
struct Case(Vec<(&'static str, String)>);

impl Case {
    fn new(name: &str) -> Self {
        Self(vec![("case", name.to_owned())])
    }

    fn with(mut self, field: &'static str, value: impl ToString) -> Self {
        self.0.push((field, value.to_string()));
        self
    }

    fn hex(self, field: &'static str, bytes: &[u8]) -> Self {
        self.with(field, hex(bytes))
    }

    fn expect(self, outcome: &str) -> Self {
        self.with("expect", outcome)
    }

    /// The same case under another name, with one field changed and another outcome.
    fn but(&self, name: &str, field: &str, value: impl ToString, outcome: &str) -> Self {
        let mut case = self.clone();
        let mut set = |field: &str, value: String| {
            let place = case.0.iter_mut().find(|(name, _)| *name == field);
            place.unwrap_or_else(|| panic!("no field {field}")).1 = value;
        };
        set("case", name.to_owned());
        set(field, value.to_string());
        set("expect", outcome.to_owned());
        case
    }

    /// A field as it is written.
    fn text(&self, field: &str) -> &str {
        &self.0.iter().find(|(name, _)| *name == field).unwrap().1
    }

    /// The bytes of a field with one byte changed, as hex.
    fn flipped(&self, field: &str, at: usize) -> String {
        let mut bytes = unhex(self.text(field));
        bytes[at] ^= 0x40;
        hex(&bytes)
    }
}

/// One case as read back.
struct Read(BTreeMap<String, String>);

impl Read {
    fn text(&self, field: &str) -> &str {
        self.0.get(field).unwrap_or_else(|| panic!("no field {field} in {:?}", self.0.get("case")))
    }

    fn bytes(&self, field: &str) -> Vec<u8> {
        unhex(self.text(field))
    }

    fn array<const N: usize>(&self, field: &str) -> [u8; N] {
        self.bytes(field).try_into().unwrap()
    }

    fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(&self, field: &str) -> T {
        self.text(field).parse().unwrap()
    }
}

/// Checks that this build makes the file as it is, and that every case in it comes out as it says.
fn hold(file: &str, about: &str, cases: &[Case], outcome: impl Fn(&Read) -> &'static str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors").join(file);
    let made = written(about, cases);
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    let read = read(&kept);
    assert!(read.len() > 1 && read.len() == cases.len());
    for case in &read {
        assert_eq!(outcome(case), case.text("expect"), "{file}: {}", case.text("case"));
    }
    assert!(made == kept, "{file}: this build would write other vectors");
}

fn written(about: &str, cases: &[Case]) -> String {
    let mut out = String::new();
    for line in about.lines() {
        writeln!(out, "# {line}").unwrap();
    }
    for Case(fields) in cases {
        out.push('\n');
        for (field, value) in fields {
            writeln!(out, "{}", format!("{field}: {value}").trim_end()).unwrap();
        }
    }
    out
}

fn read(text: &str) -> Vec<Read> {
    let blocks = text.split("\n\n").map(|block| {
        let lines = block.lines().filter(|line| !line.starts_with('#'));
        let fields = lines.map(|line| {
            let (field, value) = line.split_once(':').unwrap();
            (field.to_owned(), value.trim().to_owned())
        });
        Read(fields.collect())
    });
    blocks.filter(|case| !case.0.is_empty()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}
