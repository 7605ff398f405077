//! `subrosa audit verify --export`: checks a log that was exported, with nothing but the file and a public key.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::{
    fs::File,
    io::{BufRead, BufReader},
};
use subrosa_cli::{ExportChecked, ExportFile};
use subrosa_crypto::{
    checkpoint::CheckpointKey,
    export::ExportWalk,
    verify::{ChainFault, Fault},
};
use subrosa_domain::TenantId;

const SCHEMA: &str = "subrosa.auditExport/v1";

/// Walks the file once, keeping one line of it at a time.
pub(crate) fn check(file: &ExportFile) -> ExportChecked {
    match walk(file) {
        Ok(checked) => checked,
        Err(why) => ExportChecked::Unusable(why),
    }
}

fn walk(file: &ExportFile) -> Result<ExportChecked, String> {
    let opened = File::open(&file.path).map_err(|error| format!("the export: {error}"))?;
    let mut lines = BufReader::with_capacity(1 << 16, opened).lines();
    let head = lines.next().and_then(Result::ok).unwrap_or_default();
    let (tenant, own) = begun(&head).ok_or("the file does not begin as an export does")?;
    let noted = file.key.is_some();
    let key = file.key.as_deref().unwrap_or(&own);
    let key: CheckpointKey = key.trim().parse().map_err(|_| "that is no checkpoint key")?;
    let mut walk = ExportWalk::new(&key, tenant);
    for line in lines {
        let line = line.map_err(|error| format!("the export: {error}"))?;
        if let Err(fault) = step(&mut walk, &line) {
            return Ok(broken(fault));
        }
    }
    Ok(match walk.finish() {
        Ok(whole) => ExportChecked::Holds {
            events: whole.events,
            until: whole.time.as_micros(),
            key: key.to_string(),
            noted,
        },
        Err(fault) => broken(fault),
    })
}

fn begun(line: &str) -> Option<(TenantId, String)> {
    let head: Value = serde_json::from_str(line).ok()?;
    let tenant: uuid::Uuid = head.get("tenant")?.as_str()?.parse().ok()?;
    let key = head.get("key")?.as_str()?.to_owned();
    let known = head.get("schema")?.as_str()? == SCHEMA && is_written_so(&head, line);
    known.then(|| (TenantId::from_bytes(*tenant.as_bytes()), key))
}

/// Checks one line. What is no line of an export is a change like any other.
fn step(walk: &mut ExportWalk<'_>, line: &str) -> Result<(), ChainFault> {
    let unreadable = walk.somewhere(Fault::Unreadable);
    let Ok(object) = serde_json::from_str::<Value>(line) else { return Err(unreadable) };
    if !is_written_so(&object, line) {
        return Err(unreadable);
    }
    if let Some(note) = object.get("checkpoint").and_then(Value::as_str) {
        return walk.checkpoint(note);
    }
    if let Some(note) = object.get("end").and_then(Value::as_str) {
        return walk.end(note);
    }
    let read = || {
        let lane = u32::try_from(object.get("lane")?.as_u64()?).ok()?;
        let seq = object.get("seq")?.as_u64()?;
        let hash = unhex(object.get("hash")?.as_str()?)?;
        let event = STANDARD.decode(object.get("event")?.as_str()?).ok()?;
        Some((lane, seq, hash, event))
    };
    match read() {
        Some((lane, seq, hash, event)) => walk.event(lane, seq, &event, &hash),
        None => Err(unreadable),
    }
}

/// A line is written one way: what reads the same and looks different was changed as well.
fn is_written_so(object: &Value, line: &str) -> bool {
    serde_json::to_string(object).is_ok_and(|written| written == line)
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
    let mut bytes = [0; 32];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = u8::try_from(digit(high)? * 16 + digit(low)?).ok()?;
    }
    Some(bytes)
}

fn broken(ChainFault { lane, seq, what }: ChainFault) -> ExportChecked {
    ExportChecked::Broken { lane, seq, what: what.to_string() }
}
