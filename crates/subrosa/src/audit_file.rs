//! `subrosa audit verify --export`: checks a log that was exported, with nothing but the file and a public key.

use std::{fs::File, io::BufReader};
use subrosa_cli::{ExportChecked, ExportFile};
use subrosa_crypto::{
    checkpoint::CheckpointKey,
    export_lines::{self, ExportFault},
    verify::ChainFault,
};

/// Walks the file once, keeping one line of it at a time.
pub(crate) fn check(file: &ExportFile) -> ExportChecked {
    match walk(file) {
        Ok(checked) => checked,
        Err(why) => ExportChecked::Unusable(why),
    }
}

fn walk(file: &ExportFile) -> Result<ExportChecked, String> {
    let opened = File::open(&file.path).map_err(|error| format!("the export: {error}"))?;
    let noted: Option<CheckpointKey> = match &file.key {
        Some(key) => Some(key.trim().parse().map_err(|_| "that is no checkpoint key")?),
        None => None,
    };
    let lines = BufReader::with_capacity(1 << 16, opened);
    match export_lines::check(lines, noted.as_ref()) {
        Ok((whole, key)) => Ok(ExportChecked::Holds {
            events: whole.events,
            until: whole.time.as_micros(),
            key: key.to_string(),
            noted: noted.is_some(),
        }),
        Err(ExportFault::Broken(ChainFault { lane, seq, what })) => {
            Ok(ExportChecked::Broken { lane, seq, what: what.to_string() })
        }
        Err(unusable) => Err(unusable.to_string()),
    }
}
