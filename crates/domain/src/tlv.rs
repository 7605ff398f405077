//! The one canonical encoding: what is signed, chained or authenticated is written this way and no other.
//!
//! A record is a label followed by fields in strictly rising tag order. Every part is framed, so that no two different
//! records share an encoding: `label` and each field are `tag (1 byte) ‖ length (4 bytes, big endian) ‖ bytes`, the
//! label under tag 0. Integers are 8 bytes, big endian, two's complement. An absent optional field is left out.

use subrosa_plant::planted;

/// Writes one record.
#[derive(Debug)]
pub struct Tlv {
    bytes: Vec<u8>,
    last: u8,
}

/// A record that is not in the canonical encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a canonical record")]
pub struct NotCanonical;

impl Tlv {
    /// Starts a record. The label separates purposes: the same fields under another label are another record.
    #[must_use]
    pub fn new(label: &str) -> Self {
        let mut tlv = Self { bytes: Vec::with_capacity(256), last: 0 };
        tlv.push(0, label.as_bytes());
        tlv
    }

    /// Adds a field. Tags rise; writing them out of order is a fault of the caller's code.
    #[must_use]
    pub fn bytes(mut self, tag: u8, value: &[u8]) -> Self {
        debug_assert!(tag > self.last, "tags rise");
        self.push(tag, value);
        self
    }

    /// Adds a text field.
    #[must_use]
    pub fn text(self, tag: u8, value: &str) -> Self {
        self.bytes(tag, value.as_bytes())
    }

    /// Adds an integer field.
    #[must_use]
    pub fn int(self, tag: u8, value: i64) -> Self {
        self.bytes(tag, &value.to_be_bytes())
    }

    /// Adds an unsigned integer field.
    #[must_use]
    pub fn uint(self, tag: u8, value: u64) -> Self {
        self.bytes(tag, &value.to_be_bytes())
    }

    /// Adds a field when there is one.
    #[must_use]
    pub fn maybe<T>(
        self,
        tag: u8,
        value: Option<T>,
        add: impl FnOnce(Self, u8, T) -> Self,
    ) -> Self {
        match value {
            Some(value) => add(self, tag, value),
            None => self,
        }
    }

    /// The finished record.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn push(&mut self, tag: u8, value: &[u8]) {
        // Nothing that is encoded comes near 4 GiB; a longer field would be cut off at the edge long before.
        let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
        self.bytes.push(tag);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(value);
        self.last = tag;
    }
}

/// Reads one record, refusing anything [`Tlv`] would not have written.
#[derive(Debug)]
pub struct Fields<'a> {
    rest: &'a [u8],
    last: u8,
}

impl<'a> Fields<'a> {
    /// Starts reading a record that must carry `label`.
    ///
    /// # Errors
    /// When the bytes do not start with that label.
    pub fn new(bytes: &'a [u8], label: &str) -> Result<Self, NotCanonical> {
        let (tag, value, rest) = split(bytes)?;
        if tag == 0 && value == label.as_bytes() {
            Ok(Self { rest, last: 0 })
        } else {
            Err(NotCanonical)
        }
    }

    /// The field `tag`, or `None` when the record leaves it out. Ask in rising order.
    ///
    /// # Errors
    /// When the bytes are not canonical.
    pub fn maybe(&mut self, tag: u8) -> Result<Option<&'a [u8]>, NotCanonical> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (found, value, rest) = split(self.rest)?;
        if found <= self.last {
            return Err(NotCanonical);
        }
        if found != tag {
            return if found > tag { Ok(None) } else { Err(NotCanonical) };
        }
        self.last = found;
        self.rest = rest;
        Ok(Some(value))
    }

    /// The field `tag`.
    ///
    /// # Errors
    /// When it is absent or the bytes are not canonical.
    pub fn bytes(&mut self, tag: u8) -> Result<&'a [u8], NotCanonical> {
        self.maybe(tag)?.ok_or(NotCanonical)
    }

    /// The text field `tag`.
    ///
    /// # Errors
    /// When it is absent, not UTF-8, or the bytes are not canonical.
    pub fn text(&mut self, tag: u8) -> Result<&'a str, NotCanonical> {
        std::str::from_utf8(self.bytes(tag)?).map_err(|_| NotCanonical)
    }

    /// The text field `tag`, if there is one.
    ///
    /// # Errors
    /// When it is not UTF-8 or the bytes are not canonical.
    pub fn maybe_text(&mut self, tag: u8) -> Result<Option<&'a str>, NotCanonical> {
        self.maybe(tag)?.map(|b| std::str::from_utf8(b).map_err(|_| NotCanonical)).transpose()
    }

    /// The integer field `tag`.
    ///
    /// # Errors
    /// When it is absent, not 8 bytes, or the bytes are not canonical.
    pub fn int(&mut self, tag: u8) -> Result<i64, NotCanonical> {
        int(self.bytes(tag)?)
    }

    /// The integer field `tag`, if there is one.
    ///
    /// # Errors
    /// When it is not 8 bytes or the bytes are not canonical.
    pub fn maybe_int(&mut self, tag: u8) -> Result<Option<i64>, NotCanonical> {
        self.maybe(tag)?.map(int).transpose()
    }

    /// The unsigned integer field `tag`.
    ///
    /// # Errors
    /// When it is absent, not 8 bytes, or the bytes are not canonical.
    pub fn uint(&mut self, tag: u8) -> Result<u64, NotCanonical> {
        let bytes = self.bytes(tag)?.try_into().map_err(|_| NotCanonical)?;
        Ok(u64::from_be_bytes(bytes))
    }

    /// The id field `tag`, 16 bytes.
    ///
    /// # Errors
    /// When it is absent, not 16 bytes, or the bytes are not canonical.
    pub fn id(&mut self, tag: u8) -> Result<[u8; 16], NotCanonical> {
        self.bytes(tag)?.try_into().map_err(|_| NotCanonical)
    }

    /// The id field `tag`, if there is one.
    ///
    /// # Errors
    /// When it is not 16 bytes or the bytes are not canonical.
    pub fn maybe_id(&mut self, tag: u8) -> Result<Option<[u8; 16]>, NotCanonical> {
        self.maybe(tag)?.map(|b| b.try_into().map_err(|_| NotCanonical)).transpose()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When fields are left over.
    pub fn finish(self) -> Result<(), NotCanonical> {
        if planted!("fuzz-tail-passed-over") {
            return Ok(());
        }
        if self.rest.is_empty() { Ok(()) } else { Err(NotCanonical) }
    }
}

fn int(bytes: &[u8]) -> Result<i64, NotCanonical> {
    bytes.try_into().map(i64::from_be_bytes).map_err(|_| NotCanonical)
}

fn split(bytes: &[u8]) -> Result<(u8, &[u8], &[u8]), NotCanonical> {
    let (&tag, rest) = bytes.split_first().ok_or(NotCanonical)?;
    let (length, rest) = rest.split_first_chunk::<4>().ok_or(NotCanonical)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| NotCanonical)?;
    let (value, rest) = rest.split_at_checked(length).ok_or(NotCanonical)?;
    Ok((tag, value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let bytes = Tlv::new("t").text(1, "a").maybe(2, None, Tlv::int).int(3, -5).finish();
        let mut fields = Fields::new(&bytes, "t").unwrap();
        assert_eq!(fields.text(1), Ok("a"));
        assert_eq!(fields.maybe_int(2), Ok(None));
        assert_eq!(fields.int(3), Ok(-5));
        assert_eq!(fields.finish(), Ok(()));
    }

    #[test]
    fn moving_a_byte_between_fields_changes_the_record() {
        let one = Tlv::new("t").text(1, "ab").text(2, "c").finish();
        let two = Tlv::new("t").text(1, "a").text(2, "bc").finish();
        assert_ne!(one, two);
        assert_ne!(Tlv::new("ta").text(1, "").finish(), Tlv::new("t").text(1, "a").finish());
    }

    #[test]
    fn every_truncation_and_every_stray_byte_is_refused() {
        let bytes = Tlv::new("t").text(1, "abc").int(2, 7).finish();
        let read = |bytes: &[u8]| -> Result<(), NotCanonical> {
            let mut fields = Fields::new(bytes, "t")?;
            fields.text(1)?;
            fields.int(2)?;
            fields.finish()
        };
        assert_eq!(read(&bytes), Ok(()));
        for end in 0..bytes.len() {
            assert_eq!(read(&bytes[..end]), Err(NotCanonical), "cut at {end}");
        }
        assert_eq!(read(&[&bytes[..], &[3, 0, 0, 0, 0]].concat()), Err(NotCanonical));
        assert!(Fields::new(&bytes, "u").is_err());
    }
}
