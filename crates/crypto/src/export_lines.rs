//! Reading an export as a file has it, one line at a time, with nothing but the file and a public key.
//!
//! A line is written one way. What means the same and looks different was changed by somebody as well, and so was what
//! is no line of an export: both are faults at the place where they stand. Nothing of a file is kept but the line that
//! is being read.

use crate::{
    checkpoint::CheckpointKey,
    export::{ExportVerified, ExportWalk},
    verify::{ChainFault, Fault},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use std::io::{self, BufRead, Read};
use subrosa_domain::TenantId;
use subrosa_plant::planted;

/// What the first line says that the file is.
const SCHEMA: &str = "subrosa.auditExport/v1";

/// How long a line may be. An event takes a few hundred bytes, and the end as many for each lane.
const LINE_MAX: u64 = 1 << 20;

/// Why a file is not believed.
#[derive(Debug, thiserror::Error)]
pub enum ExportFault {
    /// It cannot be read.
    #[error("the export: {0}")]
    Unreadable(#[from] io::Error),
    /// It does not begin as an export does.
    #[error("the file does not begin as an export does")]
    NoExport,
    /// It names another key than the one that was noted.
    #[error("the file names another key than the one that was noted")]
    OtherKey,
    /// Something of it is not as it was written.
    #[error(transparent)]
    Broken(#[from] ChainFault),
}

/// Checks a whole file. Without a key that was noted the file's own is taken, and it is for whoever reads the answer to
/// compare it. With one, that is the key it is checked with: parts that only the file says it has count for nothing.
/// Returns the key as well.
///
/// # Errors
/// The first fault.
pub fn check(
    mut file: impl BufRead,
    noted: Option<&CheckpointKey>,
) -> Result<(ExportVerified, CheckpointKey), ExportFault> {
    let mut bytes = Vec::new();
    let head = next(&mut file, &mut bytes)?.unwrap_or_default();
    let (tenant, own) = begun(head).ok_or(ExportFault::NoExport)?;
    let own: CheckpointKey = own.parse().map_err(|_| ExportFault::NoExport)?;
    let key = match noted {
        None => own,
        Some(noted) if noted.is_within(&own) => noted.clone(),
        Some(_) => return Err(ExportFault::OtherKey),
    };
    let mut walk = ExportWalk::new(&key, tenant);
    while let Some(line) = next(&mut file, &mut bytes)? {
        step(&mut walk, line)?;
    }
    let verified = walk.finish()?;
    Ok((verified, key))
}

/// The next line without its end; `None` after the last. One that is not ended, or too long, is none and reads empty.
fn next<'b>(file: &mut impl BufRead, bytes: &'b mut Vec<u8>) -> io::Result<Option<&'b [u8]>> {
    bytes.clear();
    if file.take(LINE_MAX).read_until(b'\n', bytes)? == 0 {
        return Ok(None);
    }
    if planted!("line-end-unread") {
        return Ok(Some(bytes.trim_ascii_end()));
    }
    Ok(Some(bytes.strip_suffix(b"\n").unwrap_or_default()))
}

fn begun(line: &[u8]) -> Option<(TenantId, String)> {
    let head = object(line, 3)?;
    let text = |member: &str| head.get(member)?.as_str();
    let tenant: TenantId = text("tenant")?.parse().ok()?;
    let known = text("schema")? == SCHEMA && text("tenant")? == tenant.to_string();
    known.then_some((tenant, text("key")?.to_owned()))
}

/// Checks one line.
fn step(walk: &mut ExportWalk<'_>, line: &[u8]) -> Result<(), ChainFault> {
    let note = |member: &str| Some(object(line, 1)?.get(member)?.as_str()?.to_owned());
    if let Some((lane, seq, hash, event)) = event(line) {
        return walk.event(lane, seq, &event, &hash);
    }
    if let Some(note) = note("checkpoint") {
        return walk.checkpoint(&note);
    }
    match note("end") {
        Some(note) => walk.end(&note),
        None => Err(walk.somewhere(Fault::Unreadable)),
    }
}

fn event(line: &[u8]) -> Option<(u32, u64, [u8; 32], Vec<u8>)> {
    let event = object(line, 4)?;
    let number = |member: &str| event.get(member)?.as_u64();
    let text = |member: &str| event.get(member)?.as_str();
    let lane = u32::try_from(number("lane")?).ok()?;
    Some((lane, number("seq")?, unhex(text("hash")?)?, STANDARD.decode(text("event")?).ok()?))
}

/// An object of so many members, written as it would be written here.
fn object(line: &[u8], members: usize) -> Option<Map<String, Value>> {
    let object: Map<String, Value> = serde_json::from_slice(line).ok()?;
    let same = serde_json::to_vec(&object).is_ok_and(|written| written == line);
    (same && (object.len() == members || planted!("members-passed-over"))).then_some(object)
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
