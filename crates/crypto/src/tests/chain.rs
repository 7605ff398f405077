//! Whatever is done to a lane of events, the walk names the first place where it was done.

use super::support::{NOW, OTHER, TENANT, keyring};
use crate::{
    Keyring, link,
    verify::{ChainFault, ChainWalk, Fault},
};
use subrosa_domain::{
    EventId, RowSeal, TenantId,
    audit::{
        Actor, ActorKind, AuditAction, AuditEvent, ChainHead, ChainSealer, Covered, Decision,
        GENESIS, Resource, ResourceKind, Surface, encode,
    },
};

const LANE: u32 = 5;
const LENGTH: u64 = 12;

#[derive(Clone)]
struct Entry {
    seq: u64,
    canonical: Vec<u8>,
    hash: [u8; 32],
}

pub(super) fn event(tenant: TenantId, number: u64) -> Vec<u8> {
    encode(&AuditEvent {
        id: EventId::from_bytes([u8::try_from(number).unwrap(); 16]),
        tenant_id: tenant,
        time: NOW,
        surface: Surface::V1,
        actor: Actor { kind: ActorKind::System, id: "subrosa".into(), token: None, tool: None },
        action: AuditAction::SecretReveal,
        resource: Resource { kind: ResourceKind::Secret, id: None, key: Some("K".into()) },
        revision: None,
        tier: None,
        decision: Decision::Allowed,
        reason: None,
        count: number,
        first_time: None,
        request_id: None,
        detail: None,
    })
}

/// Links events into a lane, as a committer does.
fn chained(events: impl IntoIterator<Item = Vec<u8>>) -> Vec<Entry> {
    let (mut previous, mut seq) = (GENESIS, 0);
    let next = |canonical: Vec<u8>| {
        seq += 1;
        previous = link(LANE, seq, &previous, &canonical);
        Entry { seq, canonical, hash: previous }
    };
    events.into_iter().map(next).collect()
}

fn lane() -> Vec<Entry> {
    chained((1..=LENGTH).map(|number| event(TENANT, number)))
}

fn head(keyring: &Keyring, entries: &[Entry]) -> ChainHead {
    let (seq, hash) = entries.last().map_or((0, GENESIS), |last| (last.seq, last.hash));
    let mut head = ChainHead {
        tenant_id: TENANT,
        lane: LANE,
        seq,
        hash,
        time: NOW,
        state: Covered::NONE,
        seal: RowSeal::UNSEALED,
    };
    head.seal = keyring.seal_head(&head);
    head
}

fn walk(entries: &[Entry], head: Option<&ChainHead>) -> Result<u64, ChainFault> {
    let keyring = keyring("service");
    let mut walk = ChainWalk::new(Some(&keyring), TENANT, LANE);
    for entry in entries {
        walk.push(entry.seq, &entry.canonical, &entry.hash)?;
    }
    walk.finish(head)
}

fn fault(entries: &[Entry], head: &ChainHead) -> (u64, Fault) {
    let fault = walk(entries, Some(head)).unwrap_err();
    assert_eq!(fault.lane, LANE);
    (fault.seq, fault.what)
}

fn honest() -> ChainHead {
    head(&keyring("service"), &lane())
}

#[test]
fn a_clean_lane_holds_to_its_head_with_a_key_and_without() {
    assert_eq!(walk(&lane(), Some(&honest())), Ok(LENGTH));
    let mut keyless = ChainWalk::new(None, TENANT, LANE);
    for entry in lane() {
        keyless.push(entry.seq, &entry.canonical, &entry.hash).unwrap();
    }
    assert_eq!(keyless.finish(Some(&honest())), Ok(LENGTH));
    assert_eq!(walk(&[], None), Ok(0));
    assert_eq!(walk(&[], Some(&head(&keyring("service"), &[]))), Ok(0));
}

#[test]
fn a_flip_anywhere_in_an_event_or_its_link_is_found_there() {
    for at in 0..lane()[0].canonical.len() {
        let mut lane = lane();
        lane[6].canonical[at] ^= 1;
        let (seq, what) = fault(&lane, &honest());
        assert_eq!(seq, 7, "byte {at}");
        assert!(matches!(what, Fault::Flipped | Fault::WrongTenant), "byte {at}");
    }
    for at in 0..32 {
        let mut lane = lane();
        lane[6].hash[at] ^= 1;
        assert_eq!(fault(&lane, &honest()), (7, Fault::Flipped), "byte {at}");
    }
}

#[test]
fn a_deleted_event_is_a_gap_and_a_renumbered_deletion_a_flip() {
    for gone in 0..lane().len() - 1 {
        let mut lane = lane();
        lane.remove(gone);
        let place = u64::try_from(gone).unwrap() + 1;
        assert_eq!(fault(&lane, &honest()), (place, Fault::Gap));
        for (entry, seq) in lane.iter_mut().zip(1..) {
            entry.seq = seq;
        }
        assert_eq!(fault(&lane, &honest()), (place, Fault::Flipped));
    }
}

#[test]
fn a_duplicate_is_out_of_order_and_an_insertion_a_flip() {
    for at in 0..lane().len() {
        let place = u64::try_from(at).unwrap() + 2;
        let mut twice = lane();
        twice.insert(at, twice[at].clone());
        assert_eq!(fault(&twice, &honest()), (place, Fault::Reordered));
        let mut inserted = lane();
        inserted.insert(at + 1, Entry { seq: 0, canonical: event(TENANT, 99), hash: [9; 32] });
        for (entry, seq) in inserted.iter_mut().zip(1..) {
            entry.seq = seq;
        }
        assert_eq!(fault(&inserted, &honest()), (place, Fault::Flipped));
    }
}

#[test]
fn swapped_events_are_found_at_the_first_of_them() {
    for at in 0..lane().len() - 1 {
        let place = u64::try_from(at).unwrap() + 1;
        let mut swapped = lane();
        swapped.swap(at, at + 1);
        assert_eq!(fault(&swapped, &honest()), (place, Fault::Gap), "by place");
        let mut exchanged = lane();
        exchanged.swap(at, at + 1);
        let (one, two) = (exchanged[at].seq, exchanged[at + 1].seq);
        (exchanged[at].seq, exchanged[at + 1].seq) = (two, one);
        assert_eq!(fault(&exchanged, &honest()), (place, Fault::Flipped), "by content");
    }
}

#[test]
fn a_lane_cut_short_is_found_by_its_head() {
    for kept in 0..lane().len() {
        let place = u64::try_from(kept).unwrap() + 1;
        assert_eq!(fault(&lane()[..kept], &honest()), (place, Fault::TruncatedTail));
    }
}

#[test]
fn a_suffix_recomputed_without_the_head_key_is_found_with_the_old_head_and_with_a_made_up_one() {
    let rewritten = chained((1..=LENGTH).map(|n| event(TENANT, if n < 9 { n } else { n + 100 })));
    assert_eq!(fault(&rewritten, &honest()), (LENGTH, Fault::HeadForged));
    let forged = head(&keyring("another service"), &rewritten);
    assert_eq!(fault(&rewritten, &forged), (LENGTH, Fault::HeadForged));
    let longer = chained((1..=LENGTH + 2).map(|number| event(TENANT, number)));
    assert_eq!(fault(&longer, &honest()), (LENGTH + 1, Fault::HeadForged));
    assert_eq!(walk(&lane(), None).unwrap_err().what, Fault::HeadForged);
    // The control: the server's own key makes the same rewriting pass, so it is the key that stops it.
    assert_eq!(walk(&rewritten, Some(&head(&keyring("service"), &rewritten))), Ok(LENGTH));
}

#[test]
fn a_head_of_another_lane_or_tenant_or_with_any_field_changed_is_not_the_servers() {
    let keyring = keyring("service");
    let edited = |edit: fn(&mut ChainHead)| {
        let mut head = honest();
        edit(&mut head);
        assert!(!keyring.head_holds(&head));
        assert_eq!(walk(&lane(), Some(&head)).unwrap_err().what, Fault::HeadForged);
    };
    edited(|head| head.tenant_id = OTHER);
    edited(|head| head.lane += 1);
    edited(|head| head.seq -= 1);
    edited(|head| head.hash[0] ^= 1);
    edited(|head| head.time = head.time.plus(std::time::Duration::from_secs(1)));
    edited(|head| head.seal.0[31] ^= 1);
    let mut other_lane = honest();
    other_lane.lane += 1;
    other_lane.seal = keyring.seal_head(&other_lane);
    assert_eq!(walk(&lane(), Some(&other_lane)).unwrap_err().what, Fault::HeadForged);
}

#[test]
fn another_tenants_event_is_named_as_that_and_unreadable_bytes_as_those() {
    let mut moved = lane();
    moved[3].canonical = event(OTHER, 4);
    assert_eq!(fault(&moved, &honest()), (4, Fault::WrongTenant));
    let with = |canonical: Vec<u8>| {
        chained((1..=LENGTH).map(|n| if n == 4 { canonical.clone() } else { event(TENANT, n) }))
    };
    assert_eq!(fault(&with(event(OTHER, 4)), &honest()), (4, Fault::WrongTenant), "linked anew");
    assert_eq!(fault(&with(b"noise".to_vec()), &honest()), (4, Fault::Unreadable), "linked anew");
}

#[test]
fn a_link_depends_on_everything_it_is_made_of() {
    let base = link(1, 2, &[3; 32], b"event");
    assert_eq!(base, link(1, 2, &[3; 32], b"event"));
    for other in [
        link(0, 2, &[3; 32], b"event"),
        link(1, 3, &[3; 32], b"event"),
        link(1, 2, &[4; 32], b"event"),
        link(1, 2, &[3; 32], b"even"),
    ] {
        assert_ne!(base, other);
    }
}
