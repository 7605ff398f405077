//! The keys of checkpoints, and the lines of a note that are their signatures.
//!
//! Every note has a line of Ed25519. A build with the feature `ml-dsa` signs with ML-DSA-44 as well, in a line of its
//! own, so that what was stated today is still a statement when somebody can forge elliptic curves. The feature says
//! what is signed with and nothing else: every build can check both.
//!
//! What has to be there is said by the key that a note is checked with, never by the note. A key with both parts
//! demands both lines, or whoever forges one kind would leave the other out. A key with the part of Ed25519 alone
//! passes over other lines, as C2SP has it, so a deployment that starts to sign twice is still read by who noted its
//! key before.
//!
//! C2SP numbers Ed25519 over the text of a note 1. ML-DSA-44 over the text of a note has no number. Number 6 is
//! ML-DSA-44 in a cosignature (c2sp.org/tlog-cosignature), and signs an origin, a size and a hash of a tree: it would
//! leave out the state, the lanes and the time that stand in our notes after these, and state that there is a Merkle
//! tree, which there is not. So ours is of the kind 0xff, which C2SP keeps for what it does not number, with a name.

use crate::hazmat::{
    ed25519,
    ml_dsa::{self, PUBLIC_LEN},
};
use aws_lc_rs::digest::{SHA256, digest as sha256};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{fmt, str::FromStr};
use subrosa_domain::DeploymentId;
use subrosa_kms::stack;
use zeroize::Zeroizing;

/// What kind of signature a key is for, as it stands before the key.
const ED25519: &[u8] = &[1];
const ML_DSA_44: &[u8] = b"\xffsubrosa/1/ml-dsa-44";

/// What begins the line of a signature.
const MARK: &str = "\u{2014} ";

/// How many signatures a note may have. Whoever reads notes has to take so many, says C2SP, and need not take more.
const SIGNATURES_MAX: usize = 16;

/// What a pair is made of, in a place of its own: moving it leaves no copy behind.
pub(crate) type Seed = Box<Zeroizing<[u8; 32]>>;

/// What signs checkpoints.
pub(crate) struct SigningPair {
    seed: Seed,
    public: [u8; 32],
    ml_dsa: Option<MlDsaPair>,
}

/// What signs a second time.
struct MlDsaPair {
    seed: Seed,
    public: Box<[u8; PUBLIC_LEN]>,
}

/// The public key of a deployment's checkpoints. As text it is a C2SP verifier key, `name+id+base64`; with the part of
/// ML-DSA-44 it is two of them and a space between.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckpointKey {
    deployment: DeploymentId,
    public: [u8; 32],
    ml_dsa: Option<Box<[u8; PUBLIC_LEN]>>,
}

/// Which lines a note must have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Demand {
    /// One for each part of the key.
    Whole,
    /// One for each part of the key, or that of Ed25519 alone: the note may be from before there was a second.
    Earlier,
}

/// A text that is no checkpoint this deployment signed. There is nothing more to know about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a checkpoint that this key signed")]
pub struct NotSigned;

/// One of the parts of a key: C2SP knows each as a key of its own.
#[derive(Clone, Copy)]
enum Part<'k> {
    Ed25519(&'k [u8; 32]),
    MlDsa44(&'k [u8; PUBLIC_LEN]),
}

impl SigningPair {
    /// What signs with these seeds: with ML-DSA-44 too if there is one for it.
    pub(crate) fn from_seeds(seed: Seed, ml_dsa: Option<Seed>) -> Self {
        // Any 32 bytes are a seed, of either. A public key of nobody's would be one that nothing verifies under.
        let public = stack::wiped(|| ed25519::public_of(&seed)).unwrap_or_default();
        let ml_dsa = ml_dsa.map(|seed| {
            let public = stack::wiped(|| ml_dsa::public_of(&seed));
            MlDsaPair { seed, public: public.unwrap_or_else(|_| Box::new([0; PUBLIC_LEN])) }
        });
        Self { seed, public, ml_dsa }
    }

    /// A text with its signatures, as a note.
    pub(crate) fn note(&self, deployment: DeploymentId, text: &str) -> String {
        let key = self.key(deployment);
        let name = key.name();
        let mut note = format!("{text}\n");
        for part in key.parts() {
            let mut signed = part.id(&name).to_vec();
            // The pairs were made from a seed each: signing with them does not fail.
            signed.extend_from_slice(&self.sign(part, text.as_bytes()).unwrap_or_default());
            note += &format!("{MARK}{name} {}\n", STANDARD.encode(signed));
        }
        note
    }

    /// The key that its signatures are checked with.
    pub(crate) fn key(&self, deployment: DeploymentId) -> CheckpointKey {
        let ml_dsa = self.ml_dsa.as_ref().map(|pair| pair.public.clone());
        CheckpointKey { deployment, public: self.public, ml_dsa }
    }

    fn sign(&self, part: Part<'_>, text: &[u8]) -> Option<Vec<u8>> {
        stack::wiped(|| match part {
            Part::Ed25519(public) => Some(ed25519::sign(&self.seed, public, text).ok()?.to_vec()),
            Part::MlDsa44(_) => ml_dsa::sign(&self.ml_dsa.as_ref()?.seed, text).ok(),
        })
    }
}

impl CheckpointKey {
    /// Whose checkpoints it is the key of.
    #[must_use]
    pub const fn deployment(&self) -> DeploymentId {
        self.deployment
    }

    /// Whether another key has every part of this one: who noted this one may believe what the other says is its own,
    /// as far as this one goes.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        let same = (self.deployment, self.public) == (other.deployment, other.public);
        same && (self.ml_dsa.is_none() || self.ml_dsa == other.ml_dsa)
    }

    /// The text of a note, if the lines after it are this key's signatures of it. They are there once each, and in its
    /// order: whatever others add, a note is written one way. Lines of others are passed over; but where the second
    /// signature may be missing and the key could tell it, a line that is not it is taken for a damaged one.
    pub(crate) fn signed_text(&self, note: &str, demand: Demand) -> Option<String> {
        let (text, lines) = note.rsplit_once("\n\n")?;
        let text = format!("{text}\n");
        let lines: Vec<&str> = lines.strip_suffix('\n')?.split('\n').collect();
        if lines.len() > SIGNATURES_MAX {
            return None;
        }
        let name = self.name();
        let mut expected = self.parts();
        for line in lines {
            let (of, id, signature) = read_line(line)?;
            let is_it = |part: &Part<'_>| of == name && part.id(&name) == id;
            if !self.parts().any(|part| is_it(&part)) {
                if demand == Demand::Earlier && self.ml_dsa.is_some() {
                    return None;
                }
                continue;
            }
            let part = expected.by_ref().find(|part| is_it(part) || part.is_demanded(demand))?;
            if !is_it(&part) || !part.signed(text.as_bytes(), &signature) {
                return None;
            }
        }
        let is_missing = expected.any(|part| part.is_demanded(demand));
        (!is_missing).then_some(text)
    }

    /// Ed25519 comes first.
    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let ml_dsa = self.ml_dsa.as_deref().map(Part::MlDsa44);
        std::iter::once(Part::Ed25519(&self.public)).chain(ml_dsa)
    }

    fn name(&self) -> String {
        format!("subrosa/{}", self.deployment.uuid())
    }
}

impl Part<'_> {
    fn kind(&self) -> &'static [u8] {
        match self {
            Self::Ed25519(_) => ED25519,
            Self::MlDsa44(_) => ML_DSA_44,
        }
    }

    fn public(&self) -> &[u8] {
        match self {
            Self::Ed25519(public) => &public[..],
            Self::MlDsa44(public) => &public[..],
        }
    }

    /// C2SP: the first four bytes of SHA-256 over name, newline, kind and key.
    fn id(&self, name: &str) -> [u8; 4] {
        let named = [name.as_bytes(), b"\n", self.kind(), self.public()].concat();
        sha256(&SHA256, &named).as_ref().first_chunk().copied().unwrap_or_default()
    }

    fn is_demanded(&self, demand: Demand) -> bool {
        matches!(self, Self::Ed25519(_)) || demand == Demand::Whole
    }

    fn signed(&self, text: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519(public) => ed25519::verify(public, text, signature),
            Self::MlDsa44(public) => ml_dsa::verify(public, text, signature),
        }
    }

    fn write(&self, name: &str) -> String {
        let id: String = self.id(name).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{name}+{id}+{}", STANDARD.encode([self.kind(), self.public()].concat()))
    }
}

/// Whose line it is, by name and id, and the signature. `None` for what is no line of a signature.
fn read_line(line: &str) -> Option<(&str, [u8; 4], Vec<u8>)> {
    let (name, signature) = line.strip_prefix(MARK)?.split_once(' ')?;
    let signature = STANDARD.decode(signature).ok()?;
    let (id, signature) = signature.split_first_chunk()?;
    let is_name = !name.is_empty() && !name.contains(|c: char| c.is_control() || c == '+');
    is_name.then(|| (name, *id, signature.to_vec()))
}

impl fmt::Display for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        let parts: Vec<String> = self.parts().map(|part| part.write(&name)).collect();
        f.write_str(&parts.join(" "))
    }
}

impl FromStr for CheckpointKey {
    type Err = NotSigned;

    fn from_str(text: &str) -> Result<Self, NotSigned> {
        let read = || {
            let mut parts = text.split(' ').map(|part| {
                let (name, rest) = part.split_once('+')?;
                let (_, key) = rest.split_once('+')?;
                Some((name, STANDARD.decode(key).ok()?))
            });
            let (name, key) = parts.next()??;
            let public = key.strip_prefix(ED25519)?.try_into().ok()?;
            let ml_dsa = match parts.next() {
                Some(part) => Some(Box::new(part?.1.strip_prefix(ML_DSA_44)?.try_into().ok()?)),
                None => None,
            };
            let deployment = name.strip_prefix("subrosa/")?.parse().ok()?;
            Some(Self { deployment, public, ml_dsa })
        };
        // A key is written one way: an id that is not its own is no key's.
        read().filter(|key| key.to_string() == text).ok_or(NotSigned)
    }
}
