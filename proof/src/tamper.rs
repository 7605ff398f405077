//! The database's file changed behind the server's back, by whoever can write to it and has no key: how that is done,
//! and what must be answered to it and left on record.

use rusqlite::Connection;
use std::{collections::BTreeMap, path::Path};
use subrosa_domain::audit::{AuditAction, AuditEvent, Surface, decode};
use subrosa_testkit::Reply;

/// The rows as somebody else writes them. The server must not run meanwhile, so that nothing of it is in anybody's
/// memory afterwards.
pub(crate) fn open(store: &Path) -> Connection {
    let conn = Connection::open(store).expect("the store's file");
    conn.execute_batch("PRAGMA foreign_keys = OFF; BEGIN").expect("a transaction");
    conn
}

/// Has the edits of [`open`] stand.
pub(crate) fn close(conn: Connection) {
    conn.execute_batch("COMMIT").expect("what was edited stands");
    drop(conn);
}

/// The one refusal that each door must answer whatever was tampered with, as it was answered first.
#[derive(Default)]
pub(crate) struct Refusals(BTreeMap<&'static str, String>);

impl Refusals {
    /// What is wrong with the answer to a read of something that was tampered with; `None` when nothing is.
    pub(crate) fn fault(&mut self, door: &'static str, reply: &Reply) -> Option<String> {
        let said = anonymous(reply);
        if reply.status != 500 || reply.json()["code"] != "integrity-failure" {
            return Some(format!("was answered {said}"));
        }
        let first = self.0.entry(door).or_insert_with(|| said.clone());
        (*first != said).then(|| format!("was answered {said} and another {first}"))
    }
}

/// All of an answer but its request's id, which no two share.
fn anonymous(reply: &Reply) -> String {
    let mut headers = reply.headers.clone();
    let id = headers.remove("x-request-id").expect("every answer has an id");
    let body = String::from_utf8_lossy(&reply.bytes).replace(id.to_str().expect("text"), "ID");
    format!("{} {headers:?} {body}", reply.status)
}

/// The events of a row, which says where each ends if there are several.
fn apart(canonical: Vec<u8>, ends: Option<Vec<u8>>) -> Vec<Vec<u8>> {
    let Some(ends) = ends else { return vec![canonical] };
    let ends = ends.as_chunks().0.iter().map(|end| u32::from_be_bytes(*end) as usize);
    let mut start = 0;
    ends.map(|end| canonical[std::mem::replace(&mut start, end)..end].to_vec()).collect()
}

/// The failures on record from a moment on, in microseconds, by what they name: how often a request came upon it, and
/// how often the server itself did.
pub(crate) fn failures(store: &Path, since: i64) -> BTreeMap<[u8; 16], Found> {
    let conn = Connection::open(store).expect("the store's file");
    let mut found: BTreeMap<[u8; 16], Found> = BTreeMap::new();
    let mut rows = conn.prepare("SELECT canonical, ends FROM audit_events").expect("events");
    let rows = rows.query_map([], |row| Ok(apart(row.get(0)?, row.get(1)?))).expect("events");
    for event in rows.flat_map(|row| row.expect("a row")) {
        let event: AuditEvent = decode(&event).expect("an event");
        if event.action == AuditAction::IntegrityFailure && event.time.as_micros() >= since {
            let found = found.entry(event.resource.id.unwrap_or_default()).or_default();
            match event.surface {
                Surface::System => found.by_server += 1,
                _ => found.by_request += 1,
            }
        }
    }
    found
}

/// How often something is on record.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Found {
    /// By what a request asked for.
    pub(crate) by_request: u64,
    /// By the server, unasked or on a request's way.
    pub(crate) by_server: u64,
}

/// An id as its bytes.
pub(crate) fn bytes_of(id: &str) -> [u8; 16] {
    let hex: Vec<u8> = id.bytes().filter(|byte| *byte != b'-').collect();
    let byte =
        |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("hex"), 16).expect("hex");
    let bytes: Vec<u8> = hex.chunks(2).map(byte).collect();
    bytes.try_into().expect("an id")
}
