//! An export as the product writes one, of lanes that were never in a store, and what each of its lines is.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::{ops::Range, sync::Arc};
use subrosa_crypto::{
    Custody, Keyring,
    checkpoint::{CheckpointKey, LaneEnd},
    link,
};
use subrosa_domain::{
    DeploymentId, EventId, RowSeal, TenantId, Timestamp,
    audit::{
        Actor, ActorKind, AuditAction, AuditEvent, ChainHead, Decision, GENESIS, Resource,
        ResourceKind, StateSealer, Surface, Weight, encode,
    },
};
use subrosa_kms::local::{FolderKeystore, RootKey};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// Whose log it is, and a tenant of the same deployment whose it is not.
pub(super) const TENANT: TenantId = TenantId::from_bytes([0x7e; 16]);
pub(super) const OTHER: TenantId = TenantId::from_bytes([0x0f; 16]);

/// A deployment that signs, and another one.
pub(super) struct House {
    own: Keyring,
    others: Keyring,
}

/// An export and its lines.
pub(super) struct Export {
    pub(super) text: Vec<u8>,
    pub(super) lines: Vec<Line>,
    /// Which line each event is, lane after lane.
    events: Vec<usize>,
    /// How many events each lane has.
    pub(super) length: u64,
    pub(super) lanes: u32,
}

/// A line, its end with it.
pub(super) struct Line {
    pub(super) what: What,
    start: usize,
    end: usize,
}

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum What {
    Head,
    Event(u32, u64),
    Checkpoint(u32, u64),
    End,
}

impl House {
    pub(super) async fn new() -> Self {
        Self { own: keyring([0xd0; 16]).await, others: keyring([0xd1; 16]).await }
    }

    /// The key that its checkpoints are checked with.
    pub(super) fn key(&self) -> CheckpointKey {
        self.own.checkpoint_keys().remove(0)
    }

    /// Another deployment's.
    pub(super) fn others_key(&self) -> CheckpointKey {
        self.others.checkpoint_keys().remove(0)
    }

    /// A genuine checkpoint of a lane.
    pub(super) fn checkpoint(&self, lane: u32, seq: u64, hash: [u8; 32]) -> Vec<u8> {
        checkpoint_line(&self.own, lane, seq, hash)
    }

    /// One that another deployment signed.
    pub(super) fn others_checkpoint(&self, lane: u32, seq: u64, hash: [u8; 32]) -> Vec<u8> {
        checkpoint_line(&self.others, lane, seq, hash)
    }

    /// The end of a genuine export.
    pub(super) fn end(&self, lanes: &[LaneEnd]) -> Vec<u8> {
        ended(json!({ "end": self.own.note_export(TENANT, lanes, NOW).0 }))
    }

    /// The same by another deployment.
    pub(super) fn others_end(&self, lanes: &[LaneEnd]) -> Vec<u8> {
        ended(json!({ "end": self.others.note_export(TENANT, lanes, NOW).0 }))
    }

    /// An export of so many events, evenly over lanes that have so many checkpoints each.
    pub(super) fn export(&self, events: u64, lanes: u32, checkpoints: u64) -> Export {
        let length = events / u64::from(lanes);
        let (text, lines, places) = (Vec::new(), Vec::new(), Vec::new());
        let mut export = Export { text, lines, events: places, length, lanes };
        export.push(What::Head, &head_line(&self.key(), TENANT));
        let every = length / (checkpoints + 1);
        let mut ends = Vec::new();
        for lane in 0..lanes {
            let mut last = GENESIS;
            for seq in 1..=length {
                let canonical = event(TENANT, u64::from(lane) << 32 | seq);
                last = link(lane, seq, &last, &canonical);
                export.push(What::Event(lane, seq), &event_line(lane, seq, &canonical, &last));
                if seq.is_multiple_of(every) && seq / every <= checkpoints {
                    let line = self.checkpoint(lane, seq, last);
                    export.push(What::Checkpoint(lane, seq), &line);
                }
            }
            ends.push(LaneEnd { lane, seq: length, link: last, checkpoints });
        }
        export.push(What::End, &self.end(&ends));
        export
    }
}

impl Export {
    fn push(&mut self, what: What, line: &[u8]) {
        let start = self.text.len();
        self.text.extend_from_slice(line);
        if matches!(what, What::Event(..)) {
            self.events.push(self.lines.len());
        }
        self.lines.push(Line { what, start, end: self.text.len() });
    }

    /// Where lines are in the text.
    pub(super) fn span(&self, lines: Range<usize>) -> Range<usize> {
        let start = self.lines.get(lines.start).map_or(self.text.len(), |line| line.start);
        let end = self.lines[..lines.end].last().map_or(0, |line| line.end);
        start..end.max(start)
    }

    /// A line.
    pub(super) fn line(&self, at: usize) -> &[u8] {
        &self.text[self.span(at..at + 1)]
    }

    /// Which line an event is.
    pub(super) fn find(&self, lane: u32, seq: u64) -> usize {
        self.events[usize::try_from(u64::from(lane) * self.length + seq - 1).unwrap()]
    }

    /// The lines of a lane.
    pub(super) fn lane(&self, lane: u32) -> Range<usize> {
        let start = self.find(lane, 1);
        let more = self.lines[start..].iter().take_while(
            |line| matches!(line.what, What::Event(of, _) | What::Checkpoint(of, _) if of == lane),
        );
        start..start + more.count()
    }

    /// An event's canonical bytes and its link.
    pub(super) fn event(&self, lane: u32, seq: u64) -> (Vec<u8>, [u8; 32]) {
        if seq == 0 {
            return (Vec::new(), GENESIS);
        }
        let line: Value = serde_json::from_slice(self.line(self.find(lane, seq))).unwrap();
        let canonical = STANDARD.decode(line["event"].as_str().unwrap()).unwrap();
        let hex = line["hash"].as_str().unwrap();
        let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
        (canonical, std::array::from_fn(byte))
    }

    /// The last place before this one that a checkpoint vouches for.
    pub(super) fn vouched(&self, lane: u32, seq: u64) -> u64 {
        self.checkpoints(lane).filter(|place| *place < seq).last().unwrap_or(0)
    }

    /// The first place from this one on that a checkpoint vouches for, or the lane's end.
    pub(super) fn vouches(&self, lane: u32, seq: u64) -> u64 {
        self.checkpoints(lane).find(|place| *place >= seq).unwrap_or(self.length)
    }

    /// How many checkpoints a lane has up to a place.
    pub(super) fn checkpoints_until(&self, lane: u32, seq: u64) -> u64 {
        self.checkpoints(lane).filter(|place| *place <= seq).count() as u64
    }

    fn checkpoints(&self, lane: u32) -> impl Iterator<Item = u64> {
        self.lines.iter().filter_map(move |line| match line.what {
            What::Checkpoint(of, seq) if of == lane => Some(seq),
            _ => None,
        })
    }
}

/// The first line.
pub(super) fn head_line(key: &CheckpointKey, tenant: TenantId) -> Vec<u8> {
    ended(json!({ "schema": "subrosa.auditExport/v1", "tenant": tenant.uuid().to_string(),
        "key": key.to_string() }))
}

/// An event's line.
pub(super) fn event_line(lane: u32, seq: u64, canonical: &[u8], hash: &[u8; 32]) -> Vec<u8> {
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let event = STANDARD.encode(canonical);
    ended(json!({ "lane": lane, "seq": seq, "hash": hash, "event": event }))
}

/// An event of a number.
pub(super) fn event(tenant: TenantId, number: u64) -> Vec<u8> {
    let id = u128::from(number).to_be_bytes();
    let actor = Actor {
        kind: ActorKind::ServiceAccount,
        id: format!("01900000-0000-7000-8000-{:012x}", number % 97).into(),
        token: None,
        tool: None,
    };
    let key = format!("SECRET_{}", number % 1_009);
    encode(&AuditEvent {
        id: EventId::from_bytes(id),
        tenant_id: tenant,
        time: Timestamp::from_micros(NOW.as_micros() + i64::try_from(number).unwrap()),
        surface: Surface::V1,
        actor,
        action: AuditAction::SecretReveal,
        resource: Resource { kind: ResourceKind::Secret, id: Some(id), key: Some(key.into()) },
        revision: Some(number % 5 + 1),
        tier: None,
        decision: Decision::Allowed,
        reason: None,
        count: 1,
        first_time: None,
        request_id: None,
        detail: None,
    })
}

fn checkpoint_line(by: &Keyring, lane: u32, seq: u64, hash: [u8; 32]) -> Vec<u8> {
    let state = by.cover(Weight::ZERO);
    let seal = RowSeal::UNSEALED;
    let head = ChainHead { tenant_id: TENANT, lane, seq, hash, time: NOW, state, seal };
    ended(json!({ "checkpoint": by.note_head(&head).0 }))
}

fn ended(line: Value) -> Vec<u8> {
    format!("{line}\n").into_bytes()
}

/// A deployment's keys, in memory alone.
async fn keyring(id: [u8; 16]) -> Keyring {
    let folder = tempfile::tempdir().unwrap();
    let (id, root) = (DeploymentId::from_bytes(id), folder.path().join("keys/root.key"));
    let wrapper = RootKey::create(&root, &folder.path().join("data")).unwrap();
    let keystore = Arc::new(FolderKeystore::beside(&root, id));
    let custody = Custody { wrapper: Arc::new(wrapper), keystore };
    Keyring::create(id, custody, NOW).await.unwrap().0
}
