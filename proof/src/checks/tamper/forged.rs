//! What whoever has an export and no key can make of it: links that hold.

use super::export::{Export, TENANT, What, event, event_line};
use std::ops::Range;
use subrosa_crypto::link;
use subrosa_domain::audit::GENESIS;

/// What an event is that never happened.
const FORGED: u64 = 1 << 40;

type Edit = (Range<usize>, Vec<u8>);

/// An event is taken out, and what follows it in its lane moves up.
pub(super) fn taken(export: &Export, lane: u32, seq: u64) -> Edit {
    anew(export, lane, seq, |canonicals| {
        canonicals.remove(0);
    })
}

/// An event is another one.
pub(super) fn changed(export: &Export, lane: u32, seq: u64) -> Edit {
    anew(export, lane, seq, |canonicals| canonicals[0] = event(TENANT, FORGED))
}

/// An event is put in, and what follows it in its lane moves down.
pub(super) fn put_in(export: &Export, lane: u32, seq: u64) -> Edit {
    anew(export, lane, seq, |canonicals| canonicals.insert(0, event(TENANT, FORGED)))
}

/// A lane that never was.
pub(super) fn lane(number: u32) -> Vec<u8> {
    let canonicals = (1..=5).map(|at| event(TENANT, FORGED + at)).collect();
    linked(number, 1, GENESIS, canonicals).into_iter().flatten().collect()
}

/// The rest of a lane with other events, linked anew; each checkpoint stays where it was in the file, which is after
/// the event of its place where as many are before it as were.
fn anew(export: &Export, lane: u32, seq: u64, forge: impl FnOnce(&mut Vec<Vec<u8>>)) -> Edit {
    let lines = export.find(lane, seq)..export.lane(lane).end;
    let rest = (seq..=export.length).map(|seq| export.event(lane, seq).0);
    let mut canonicals: Vec<Vec<u8>> = rest.collect();
    forge(&mut canonicals);
    let (_, before) = export.event(lane, seq - 1);
    let mut events = linked(lane, seq, before, canonicals).into_iter();
    let mut text = Vec::new();
    for line in lines.clone() {
        match export.lines[line].what {
            What::Checkpoint(..) => text.extend_from_slice(export.line(line)),
            _ => text.extend(events.next().unwrap_or_default()),
        }
    }
    text.extend(events.flatten());
    (export.span(lines), text)
}

fn linked(lane: u32, from: u64, before: [u8; 32], canonicals: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut last = before;
    let line = |(seq, canonical): (u64, Vec<u8>)| {
        last = link(lane, seq, &last, &canonical);
        event_line(lane, seq, &canonical, &last)
    };
    (from..).zip(canonicals).map(line).collect()
}
