//! Moments as people write and read them.

use crate::{exit::Exit, failure::Failure};
use subrosa_api::EpochMillis;
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

/// Reads RFC 3339, as `2027-01-31T00:00:00Z`. `flag` is what to call it in a refusal.
pub(crate) fn parse(flag: &str, text: &str) -> Result<EpochMillis, Failure> {
    let malformed = || {
        let error = format!("{flag} must be a time like 2027-01-31T00:00:00Z");
        Failure::new(Exit::Usage, "invalid-time", error)
    };
    let time = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| malformed())?;
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000))
        .map(EpochMillis)
        .map_err(|_| malformed())
}

/// Writes a moment to the second, in UTC.
pub(crate) fn text(time: EpochMillis) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(time.0) * 1_000_000)
        .ok()
        .and_then(|time| time.format(&format).ok())
        .unwrap_or_else(|| format!("{} ms", time.0))
}

/// Writes a moment that may be missing.
pub(crate) fn text_or(time: Option<EpochMillis>, otherwise: &str) -> String {
    time.map_or_else(|| otherwise.to_owned(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_offset_and_written_in_utc() {
        let time = parse("--expires-on", "2027-01-31T01:00:00.5+01:00").unwrap();
        assert_eq!(time.0, 1_801_353_600_500);
        assert_eq!(text(time), "2027-01-31 00:00:00 UTC");
        for bad in ["", "tomorrow", "2027-01-31", "2027-01-31T00:00:00"] {
            assert_eq!(parse("--expires-on", bad).unwrap_err().exit.number(), 2, "{bad}");
        }
        assert_eq!(text(EpochMillis(i64::MAX)), format!("{} ms", i64::MAX));
    }
}
