//! Moments as people and programs write them: read once and written, they read as the same moment.
#![cfg_attr(fuzzing, no_main)]

use subrosa_api::{EpochMillis, IsoTime};
use subrosa_domain::Timestamp;
use subrosa_server::http::fuzz;

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    if let Some((millis, _)) = data.split_first_chunk() {
        let at = i64::from_be_bytes(*millis);
        let time = Timestamp::from(EpochMillis(at));
        let kept = EpochMillis::from(time).0;
        assert!(kept == at || at.checked_mul(1_000).is_none(), "another moment");
        assert!(IsoTime(time).to_string().parse::<IsoTime>().is_ok(), "cannot be read back");
    }
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(time) = text.parse::<IsoTime>() {
        let year = time.0.as_secs().div_euclid(31_556_952);
        let again = time.to_string().parse::<IsoTime>();
        assert!(again == Ok(time) || !(-1_960..8_020).contains(&year), "another moment");
    }
    if let Some(end) = fuzz::end(text) {
        let moment = text.parse::<IsoTime>().map(|time| time.0);
        assert!(moment.map_or(text.len() >= 10, |moment| moment == end), "another moment");
    }
}
