//! Checkpoints: signed statements of where a chain, a lane or an export stands, for whoever keeps them elsewhere.
//!
//! A checkpoint is a signed note as C2SP describes it (c2sp.org/signed-note): a few lines of text, an empty line, and
//! signature lines. The text is, line by line:
//!
//! ```text
//! subrosa/<deployment>/tenant/<tenant>/lane/<lane>    or …/lane/<lane>, or …/tenant/<tenant>/export
//! <place>               a chain's last seq, a lane's position, an export's number of events
//! <base64>              a chain's last link, the digest of a lane's state, the digest of an export's ends
//! state <base64>        of a chain: the digest of the state of its rows
//! lane <lane> <seq> <base64> <checkpoints>   of an export: where each of its lanes ends, in order
//! time <microseconds>
//! ```
//!
//! It is signed by keys derived from the service key, with Ed25519 and maybe a second time: which, and what of it a
//! reader demands, is in `checkpoint_key`. Nothing here decides whether a statement is true: only that the deployment
//! said it.

pub use crate::checkpoint_key::{CheckpointKey, NotSigned};
use crate::{
    chain::finished,
    checkpoint_key::{Demand, SigningPair},
};
use aws_lc_rs::digest::{Context, SHA256};
use base64::{Engine, engine::general_purpose::STANDARD};
use subrosa_domain::{
    DeploymentId, TenantId, Timestamp,
    audit::{Anchor, ChainHead, Note, Weight},
};

/// Says that what is hashed is a state, or the ends of an export; a link's is 1.
const STATE: u8 = 2;
const ENDS: u8 = 3;

/// What a checkpoint is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject {
    /// A tenant's chain in a lane.
    Chain(TenantId, u32),
    /// A lane, over all tenants.
    Lane(u32),
    /// An export of a tenant's chains.
    Export(TenantId),
}

/// A checkpoint whose signature was checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// What it is about.
    pub subject: Subject,
    /// A chain's last seq, a lane's position, an export's number of events.
    pub place: u64,
    /// A chain's last link, the digest of a lane's state, the digest of an export's ends.
    pub hash: [u8; 32],
    /// Of a chain: the digest of the state of its rows.
    pub state: Option<[u8; 32]>,
    /// Of an export: where each of its lanes ends, in order.
    pub lanes: Vec<LaneEnd>,
    /// When it was there.
    pub time: Timestamp,
}

/// Where a lane of an export ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LaneEnd {
    /// Which lane.
    pub lane: u32,
    /// Its last seq.
    pub seq: u64,
    /// Its last link.
    pub link: [u8; 32],
    /// How many checkpoints were made of it so far.
    pub checkpoints: u64,
}

/// The digest of a state: what a checkpoint says of it, which gives no weight away.
pub(crate) fn digest(state: &Weight) -> [u8; 32] {
    let mut hash = Context::new(&SHA256);
    hash.update(&[STATE]);
    hash.update(&state.to_bytes());
    finished(hash)
}

/// The digest of an export's ends: each lane, its last seq and its last link, in order of the lanes.
pub(crate) fn ends(lanes: &[LaneEnd]) -> [u8; 32] {
    let mut hash = Context::new(&SHA256);
    hash.update(&[ENDS]);
    for end in lanes {
        hash.update(&end.lane.to_be_bytes());
        hash.update(&end.seq.to_be_bytes());
        hash.update(&end.link);
    }
    finished(hash)
}

impl Checkpoint {
    /// The statement of where a chain stands.
    pub(crate) fn of_chain(head: &ChainHead, state: &Weight) -> Self {
        Self {
            subject: Subject::Chain(head.tenant_id, head.lane),
            place: head.seq,
            hash: head.hash,
            state: Some(digest(state)),
            lanes: Vec::new(),
            time: head.time,
        }
    }

    /// The statement of where a lane stands.
    pub(crate) fn of_lane(anchor: &Anchor, state: &Weight) -> Self {
        let (subject, place) = (Subject::Lane(anchor.lane), anchor.position);
        let (hash, lanes, time) = (digest(state), Vec::new(), anchor.time);
        Self { subject, place, hash, state: None, lanes, time }
    }

    /// Reads a note and checks that `key` signed it, with every part it has.
    ///
    /// # Errors
    /// [`NotSigned`].
    pub fn open(note: &str, key: &CheckpointKey) -> Result<Self, NotSigned> {
        Self::demanding(Demand::Whole, note, key)
    }

    /// The same of a note that may have been made before the deployment signed twice: it has every signature that
    /// `key` can check, or that of Ed25519 alone.
    ///
    /// # Errors
    /// [`NotSigned`].
    pub fn open_earlier(note: &str, key: &CheckpointKey) -> Result<Self, NotSigned> {
        Self::demanding(Demand::Earlier, note, key)
    }

    fn demanding(demand: Demand, note: &str, key: &CheckpointKey) -> Result<Self, NotSigned> {
        let text = key.signed_text(note, demand).ok_or(NotSigned)?;
        Self::read(&text, key.deployment()).ok_or(NotSigned)
    }

    /// The statement, signed.
    pub(crate) fn signed(&self, deployment: DeploymentId, pair: &SigningPair) -> Note {
        Note(pair.note(deployment, &self.text(deployment)).into())
    }

    fn text(&self, deployment: DeploymentId) -> String {
        let mut text = format!(
            "{}\n{}\n{}\n",
            origin(deployment, self.subject),
            self.place,
            STANDARD.encode(self.hash)
        );
        if let Some(state) = self.state {
            text += &format!("state {}\n", STANDARD.encode(state));
        }
        for LaneEnd { lane, seq, link, checkpoints } in &self.lanes {
            text += &format!("lane {lane} {seq} {} {checkpoints}\n", STANDARD.encode(link));
        }
        text + &format!("time {}\n", self.time.as_micros())
    }

    /// Reads what [`Self::text`] writes, and nothing else.
    fn read(text: &str, deployment: DeploymentId) -> Option<Self> {
        let mut lines = text.lines();
        let subject = subject(lines.next()?, deployment)?;
        let place = lines.next()?.parse().ok()?;
        let hash = bytes(lines.next()?)?;
        let mut next = lines.next()?;
        let state = match next.strip_prefix("state ") {
            Some(state) => {
                next = lines.next()?;
                Some(bytes(state)?)
            }
            None => None,
        };
        let mut lanes = Vec::new();
        while let Some(lane) = next.strip_prefix("lane ") {
            let mut words = lane.split(' ');
            let (lane, seq) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            let link = bytes(words.next()?)?;
            let checkpoints = words.next()?.parse().ok()?;
            lanes.push(LaneEnd { lane, seq, link, checkpoints });
            next = lines.next()?;
        }
        let time = Timestamp::from_micros(next.strip_prefix("time ")?.parse().ok()?);
        let read = Self { subject, place, hash, state, lanes, time };
        (read.text(deployment) == text).then_some(read)
    }
}

fn origin(deployment: DeploymentId, subject: Subject) -> String {
    let deployment = deployment.uuid();
    match subject {
        Subject::Chain(tenant, lane) => {
            format!("subrosa/{deployment}/tenant/{}/lane/{lane}", tenant.uuid())
        }
        Subject::Lane(lane) => format!("subrosa/{deployment}/lane/{lane}"),
        Subject::Export(tenant) => format!("subrosa/{deployment}/tenant/{}/export", tenant.uuid()),
    }
}

fn subject(text: &str, deployment: DeploymentId) -> Option<Subject> {
    let rest = text.strip_prefix("subrosa/")?.strip_prefix(&deployment.uuid().to_string())?;
    let words: Vec<&str> = rest.split('/').collect();
    match words.as_slice() {
        ["", "tenant", of, "lane", lane] => {
            Some(Subject::Chain(of.parse().ok()?, lane.parse().ok()?))
        }
        ["", "lane", lane] => Some(Subject::Lane(lane.parse().ok()?)),
        ["", "tenant", of, "export"] => Some(Subject::Export(of.parse().ok()?)),
        _ => None,
    }
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}
