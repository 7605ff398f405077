//! How events that come together share a row of `audit_events`: what they are one after another, and where each ends.
//!
//! A row costs the database more than an event's bytes do, and counts of reveals come by the thousand. Which events may
//! share one is the committer's to say: here they are only put together and taken apart. Nothing is believed of a row:
//! what does not add up is its first event's, changed, and found by the chain.

use crate::port::StoredEvent;

/// Bytes of a link.
const LINK: usize = 32;

/// The cells of a row.
pub(super) struct SharedRow {
    pub(super) canonical: Vec<u8>,
    pub(super) hash: Vec<u8>,
    pub(super) ends: Option<Vec<u8>>,
}

/// The row of these events, which follow each other.
pub(super) fn row(events: &[StoredEvent]) -> SharedRow {
    let mut canonical = Vec::with_capacity(events.iter().map(|event| event.canonical.len()).sum());
    let mut hash = Vec::with_capacity(events.len() * LINK);
    let mut ends = Vec::with_capacity(events.len() * 4);
    for event in events {
        canonical.extend_from_slice(&event.canonical);
        hash.extend_from_slice(&event.hash);
        ends.extend_from_slice(&u32::try_from(canonical.len()).unwrap_or(u32::MAX).to_be_bytes());
    }
    SharedRow { canonical, hash, ends: (events.len() > 1).then_some(ends) }
}

/// The events of a row.
pub(super) fn events(
    lane: u32,
    first: u64,
    canonical: Box<[u8]>,
    hash: &[u8],
    ends: Option<&[u8]>,
) -> Vec<StoredEvent> {
    // As a changed event, it is one that the chain does not hold.
    let changed = [0; LINK];
    let Some(ends) = ends else {
        let hash = hash.try_into().unwrap_or(changed);
        return vec![StoredEvent { lane, seq: first, canonical, hash }];
    };
    let apart = apart(lane, first, &canonical, hash, ends);
    apart.unwrap_or_else(|| vec![StoredEvent { lane, seq: first, canonical, hash: changed }])
}

fn apart(
    lane: u32,
    first: u64,
    canonical: &[u8],
    hash: &[u8],
    ends: &[u8],
) -> Option<Vec<StoredEvent>> {
    let (ends, odd) = ends.as_chunks();
    let (hashes, rest) = hash.as_chunks();
    if ends.is_empty() || ends.len() != hashes.len() || !odd.is_empty() || !rest.is_empty() {
        return None;
    }
    let mut start = 0;
    let mut events = Vec::with_capacity(ends.len());
    for ((seq, end), hash) in (first..).zip(ends).zip(hashes) {
        let end = usize::try_from(u32::from_be_bytes(*end)).ok()?;
        let canonical = canonical.get(start..end)?.into();
        events.push(StoredEvent { lane, seq, canonical, hash: *hash });
        start = end;
    }
    (start == canonical.len()).then_some(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(seq: u64, canonical: &[u8]) -> StoredEvent {
        let hash = [u8::try_from(seq).unwrap(); LINK];
        StoredEvent { lane: 3, seq, canonical: canonical.into(), hash }
    }

    fn again(row: SharedRow, first: u64) -> Vec<StoredEvent> {
        events(3, first, row.canonical.into(), &row.hash, row.ends.as_deref())
    }

    #[test]
    fn events_come_out_of_a_row_as_they_went_in() {
        for several in
            [vec![event(7, b"one")], vec![event(7, b"one"), event(8, b""), event(9, b"three")]]
        {
            assert_eq!(again(row(&several), 7), several);
        }
    }

    #[test]
    fn a_row_that_does_not_add_up_is_one_event_that_no_chain_holds() {
        let whole = || row(&[event(1, b"one"), event(2, b"two")]);
        let damages: [fn(&mut SharedRow); 7] = [
            // Two links are not one event's.
            |row| row.ends = None,
            |row| row.ends = Some(vec![]),
            |row| row.ends.as_mut().unwrap().truncate(7),
            |row| row.ends.as_mut().unwrap()[7] = 9,
            |row| row.ends.as_mut().unwrap()[3] = 7,
            |row| row.hash.truncate(32),
            |row| row.canonical.push(0),
        ];
        for damage in damages {
            let mut row = whole();
            damage(&mut row);
            let canonical = row.canonical.clone().into();
            let changed = StoredEvent { lane: 3, seq: 1, canonical, hash: [0; LINK] };
            assert_eq!(again(row, 1), [changed]);
        }
    }
}
