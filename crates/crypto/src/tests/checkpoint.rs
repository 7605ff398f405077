//! Checkpoints say what was signed and nothing else, and an export is what its checkpoints and its end say.

use super::support::{NOW, OTHER, TENANT, keyring};
use crate::{
    Keyring,
    checkpoint::{Checkpoint, CheckpointKey, LaneEnd, NotSigned, Subject},
    export::ExportWalk,
    link,
    tests::chain::event,
    verify::Fault,
};
use subrosa_domain::{
    RowSeal, TenantId,
    audit::{Anchor, ChainHead, Covered, GENESIS, StateSealer, Weight},
};

const LANES: u32 = 3;
const LENGTH: u64 = 9;
const EVERY: u64 = 3;

pub(super) fn head(keyring: &Keyring, lane: u32, seq: u64, hash: [u8; 32]) -> ChainHead {
    let state = keyring.cover(Weight::from_bytes(&[7; 32]));
    ChainHead { tenant_id: TENANT, lane, seq, hash, time: NOW, state, seal: RowSeal::UNSEALED }
}

fn anchor(keyring: &Keyring, position: u64) -> Anchor {
    let state = keyring.cover(Weight::from_bytes(&[9; 32]));
    let mut anchor = Anchor { lane: 0, position, state, time: NOW, seal: RowSeal::UNSEALED };
    anchor.seal = keyring.seal_anchor(&anchor);
    anchor
}

/// A line of an export.
#[derive(Clone)]
pub(super) enum Line {
    Event { lane: u32, seq: u64, canonical: Vec<u8>, hash: [u8; 32] },
    Checkpoint(String),
    End(String),
}

fn chained(keyring: &Keyring, lane: u32, tenant: TenantId, lines: &mut Vec<Line>) -> [u8; 32] {
    let mut previous = GENESIS;
    for seq in 1..=LENGTH {
        let canonical = event(tenant, seq + u64::from(lane));
        previous = link(lane, seq, &previous, &canonical);
        lines.push(Line::Event { lane, seq, canonical, hash: previous });
        if seq % EVERY == 0 {
            let note = keyring.note_head(&head(keyring, lane, seq, previous));
            lines.push(Line::Checkpoint(note.0.into()));
        }
    }
    previous
}

pub(super) fn export(keyring: &Keyring) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut ends = Vec::new();
    for lane in 0..LANES {
        let link = chained(keyring, lane, TENANT, &mut lines);
        ends.push(LaneEnd { lane, seq: LENGTH, link, checkpoints: LENGTH / EVERY });
    }
    lines.push(Line::End(keyring.note_export(TENANT, &ends, NOW).0.into()));
    lines
}

pub(super) fn walk(key: &CheckpointKey, lines: &[Line]) -> Result<u64, (u32, u64, Fault)> {
    let mut walk = ExportWalk::new(key, TENANT);
    let place = |fault: crate::verify::ChainFault| (fault.lane, fault.seq, fault.what);
    for line in lines {
        match line {
            Line::Event { lane, seq, canonical, hash } => walk.event(*lane, *seq, canonical, hash),
            Line::Checkpoint(note) => walk.checkpoint(note),
            Line::End(note) => walk.end(note),
        }
        .map_err(place)?;
    }
    walk.finish().map(|whole| whole.events).map_err(place)
}

fn key(keyring: &Keyring) -> CheckpointKey {
    keyring.checkpoint_keys().remove(0)
}

#[test]
fn a_checkpoint_reads_back_as_what_was_signed_under_the_deployments_key_alone() {
    let keyring = keyring("service");
    let key = key(&keyring);
    let head = head(&keyring, 2, 41, [5; 32]);
    let read = Checkpoint::open(&keyring.note_head(&head).0, &key).unwrap();
    assert_eq!((read.subject, read.place, read.hash), (Subject::Chain(TENANT, 2), 41, [5; 32]));
    assert!(read.state.is_some() && read.time == NOW);
    let note = keyring.note_anchor(&anchor(&keyring, 7)).0;
    let read = Checkpoint::open(&note, &key).unwrap();
    assert_eq!((read.subject, read.place, read.state), (Subject::Lane(0), 7, None));
    assert_eq!(key.to_string().parse(), Ok(key.clone()), "the key is text and back");

    let text = key.to_string();
    for place in [3, 20, text.len() - 20, text.len() - 2] {
        let mut bytes = text.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(bytes).unwrap().parse::<CheckpointKey>();
        assert!(other.is_err(), "a key is written one way: {place}");
    }
    for place in 0..note.len() {
        let mut bytes = note.to_string().into_bytes();
        bytes[place] ^= 1;
        let Ok(forged) = String::from_utf8(bytes) else { continue };
        assert_eq!(Checkpoint::open(&forged, &key), Err(NotSigned), "byte {place}");
    }
    let signature = note.lines().last().unwrap();
    let another = format!("{note}{signature}\n");
    for forged in ["", "\n\n", &note[..note.len() - 1], &format!("{note}{note}"), &another] {
        assert_eq!(Checkpoint::open(forged, &key), Err(NotSigned), "{forged:?}");
    }
}

#[test]
fn an_anchor_holds_as_it_was_sealed_and_its_state_is_under_cover() {
    let keyring = keyring("service");
    let one = anchor(&keyring, 7);
    assert!(keyring.anchor_holds(&one));
    for other in [
        Anchor { lane: 1, ..one.clone() },
        Anchor { position: 8, ..one.clone() },
        Anchor { time: NOW.plus(std::time::Duration::from_micros(1)), ..one.clone() },
        Anchor { state: keyring.cover(Weight::from_bytes(&[9; 32])), ..one.clone() },
    ] {
        assert!(!keyring.anchor_holds(&other), "{other:?}");
    }
    let weight = Weight::from_bytes(&[0xFF; 32]);
    let (a, b) = (keyring.cover(weight), keyring.cover(weight));
    assert!(a != b, "the same sum never looks the same");
    assert!(keyring.uncover(&a) == weight && keyring.uncover(&b) == weight);
    assert!(
        keyring.weigh_row(TENANT, &RowSeal([1; 32])) != keyring.weigh_row(OTHER, &RowSeal([1; 32]))
    );
}

#[test]
fn a_heads_seal_covers_its_state() {
    use subrosa_domain::audit::ChainSealer;
    let keyring = keyring("service");
    let mut one = head(&keyring, 0, 3, [1; 32]);
    one.seal = keyring.seal_head(&one);
    assert!(keyring.head_holds(&one));
    let bare = ChainHead { state: Covered::NONE, ..one.clone() };
    assert!(!keyring.head_holds(&bare), "a state that is taken away is missed");
    let other = ChainHead { state: keyring.cover(Weight::ZERO), ..one };
    assert!(!keyring.head_holds(&other));
}

#[test]
fn whatever_is_done_to_an_export_is_found_where_it_was_done() {
    let keyring = keyring("service");
    let (key, whole) = (key(&keyring), export(&keyring));
    assert_eq!(walk(&key, &whole), Ok(LENGTH * u64::from(LANES)));
    let per_lane = usize::try_from(LENGTH + LENGTH / EVERY).unwrap();

    let cut = &whole[..whole.len() - 1];
    assert_eq!(walk(&key, cut), Err((2, LENGTH + 1, Fault::TruncatedTail)), "no end");
    let mut short = whole.clone();
    let last = short.len() - 3;
    short.drain(last..=last + 1);
    assert_eq!(walk(&key, &short), Err((2, LENGTH, Fault::TruncatedTail)));
    let mut gone = whole.clone();
    gone.drain(per_lane..2 * per_lane);
    assert_eq!(walk(&key, &gone), Err((1, 1, Fault::TruncatedTail)), "a lane is missing");
    let nothing = Line::End(keyring.note_export(TENANT, &[], NOW).0.into());
    assert_eq!(walk(&key, &[nothing]), Err((0, 1, Fault::Gap)), "a log that has no beginning");
    let mut swapped = whole.clone();
    swapped.swap(0, 1);
    assert_eq!(walk(&key, &swapped), Err((0, 1, Fault::Gap)));
    let mut foreign = Vec::new();
    chained(&keyring, 7, TENANT, &mut foreign);
    let mut more = whole.clone();
    let end = more.len() - 1;
    more.splice(end..end, foreign);
    assert_eq!(walk(&key, &more), Err((7, 1, Fault::Rewritten)), "a lane that was put in");
    let mut turned = whole.clone();
    turned[..2 * per_lane].rotate_left(per_lane);
    assert_eq!(walk(&key, &turned), Err((1, LENGTH + 1, Fault::Reordered)), "lanes in order");
}

#[test]
fn a_checkpoint_is_there_once_in_its_place_and_none_is_left_out() {
    let keyring = keyring("service");
    let (key, whole) = (key(&keyring), export(&keyring));
    let at = usize::try_from(EVERY).unwrap();
    let mut fewer = whole.clone();
    let taken = fewer.remove(at);
    assert_eq!(walk(&key, &fewer), Err((0, LENGTH, Fault::Uncounted)));
    for (place, fault) in [
        (at - 1, (0, EVERY, Fault::Gap)),
        (at + 1, (0, EVERY + 2, Fault::Reordered)),
        (fewer.len() - 1, (LANES - 1, LENGTH + 1, Fault::Reordered)),
    ] {
        let mut moved = fewer.clone();
        moved.insert(place, taken.clone());
        assert_eq!(walk(&key, &moved), Err(fault), "{place}");
    }
    let mut twice = whole.clone();
    twice.insert(at, taken);
    assert_eq!(walk(&key, &twice), Err((0, EVERY + 1, Fault::Reordered)));
    let mut after = whole.clone();
    after.push(whole[whole.len() - 2].clone());
    assert_eq!(walk(&key, &after), Err((LANES - 1, LENGTH + 1, Fault::Reordered)));
}

#[test]
fn a_chain_made_anew_from_some_event_on_is_found_by_the_next_checkpoint() {
    let keyring = keyring("service");
    let (key, whole) = (key(&keyring), export(&keyring));
    for from in 1..=LENGTH {
        let mut forged = whole.clone();
        let mut previous = GENESIS;
        for line in &mut forged {
            let Line::Event { lane: 1, seq, canonical, hash } = line else { continue };
            if *seq >= from {
                *canonical = event(TENANT, 200 + *seq);
                *hash = link(1, *seq, &previous, canonical);
            }
            previous = *hash;
        }
        let after = (from - 1) / EVERY * EVERY + 1;
        assert_eq!(walk(&key, &forged), Err((1, after, Fault::Rewritten)), "from {from}");
        let per_lane = forged.len() / 3;
        let own = per_lane..2 * per_lane;
        let kept =
            |(at, line): &(usize, Line)| !own.contains(at) || !matches!(line, Line::Checkpoint(_));
        let unsigned = forged.into_iter().enumerate().filter(kept);
        let unsigned: Vec<Line> = unsigned.map(|(_, line)| line).collect();
        assert_eq!(walk(&key, &unsigned), Err((1, 1, Fault::Rewritten)), "the end alone, {from}");
    }
}
