//! Time on the wire of the surfaces that are not ours: ISO 8601 as RFC 3339 narrows it, never without an offset.

use crate::text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};
use subrosa_domain::Timestamp;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

/// A moment, read with any offset and written in UTC: `2027-01-01T00:00:00Z`. What is finer than a microsecond is cut
/// off, downwards.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, ToSchema)]
#[schema(value_type = String, format = DateTime)]
pub struct IsoTime(pub Timestamp);

/// The last moment that four digits of a year can name.
const LAST: i64 = 253_402_300_799_999_999;

/// The first one.
const FIRST: i64 = -62_167_219_200_000_000;

impl FromStr for IsoTime {
    type Err = time::error::Parse;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let nanos = OffsetDateTime::parse(text, &Rfc3339)?.unix_timestamp_nanos();
        let micros = i64::try_from(nanos.div_euclid(1_000)).unwrap_or(i64::MAX);
        Ok(Self(Timestamp::from_micros(micros)))
    }
}

impl fmt::Display for IsoTime {
    /// A moment no year of four digits holds is written as the nearest that one does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = i128::from(self.0.as_micros().clamp(FIRST, LAST)) * 1_000;
        let time = OffsetDateTime::from_unix_timestamp_nanos(nanos).map_err(|_| fmt::Error)?;
        f.write_str(&time.format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for IsoTime {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        text::serialize(self, to)
    }
}

impl<'de> Deserialize<'de> for IsoTime {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        text::deserialize(from)
    }
}

impl From<Timestamp> for IsoTime {
    fn from(time: Timestamp) -> Self {
        Self(time)
    }
}

impl From<IsoTime> for Timestamp {
    fn from(time: IsoTime) -> Self {
        time.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> Option<i64> {
        text.parse::<IsoTime>().ok().map(|time| time.0.as_micros())
    }

    #[test]
    fn the_same_moment_is_read_at_every_offset_and_written_in_utc() {
        let at = 1_798_761_600_000_000;
        for text in [
            "2027-01-01T00:00:00Z",
            "2027-01-01T01:00:00+01:00",
            "2026-12-31T19:00:00-05:00",
            "2027-01-01T00:00:00.000Z",
            "2027-01-01T00:00:00.0000009Z",
        ] {
            assert_eq!(micros(text), Some(at), "{text}");
        }
        let time = |micros| IsoTime(Timestamp::from_micros(micros)).to_string();
        assert_eq!(time(at), "2027-01-01T00:00:00Z");
        assert_eq!(time(at + 250_000), "2027-01-01T00:00:00.25Z");
        assert_eq!(micros(&time(at + 1)), Some(at + 1));
        assert_eq!(micros("1969-12-31T23:59:59.9999999Z"), Some(-1), "cut off downwards");
    }

    #[test]
    fn a_moment_without_an_offset_is_no_moment() {
        for text in [
            "2027-01-01T00:00:00",
            "2027-01-01",
            "2027-01-01T00:00Z",
            "2027-01-01T00:00:00+0100",
            "2027-02-30T00:00:00Z",
            "2027-01-01T24:00:00Z",
            " 2027-01-01T00:00:00Z",
            "2027-01-01T00:00:00Z ",
            "20270101T000000Z",
            "1798761600",
            "tomorrow",
            "",
        ] {
            assert_eq!(micros(text), None, "{text}");
        }
    }

    #[test]
    fn what_no_year_of_four_digits_holds_is_written_as_the_nearest_that_one_does() {
        let time = |micros| IsoTime(Timestamp::from_micros(micros)).to_string();
        assert_eq!(time(i64::MAX), "9999-12-31T23:59:59.999999Z");
        assert_eq!(time(i64::MIN), "0000-01-01T00:00:00Z");
    }
}
