//! The keys of checkpoints, and the lines of a note that they sign.

use crate::hazmat::ed25519;
use aws_lc_rs::digest::{SHA256, digest as sha256};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{fmt, str::FromStr};
use subrosa_domain::DeploymentId;
use zeroize::Zeroizing;

/// C2SP's number for Ed25519.
const ED25519: u8 = 1;

/// What begins the line of a signature.
const MARK: &str = "\u{2014} ";

/// The pair that signs checkpoints.
pub(crate) struct SigningPair {
    seed: Zeroizing<[u8; 32]>,
    public: [u8; 32],
}

/// The public key of a deployment's checkpoints. As text it is a C2SP verifier key: `name+id+base64`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckpointKey {
    deployment: DeploymentId,
    public: [u8; 32],
}

/// A text that is no checkpoint this deployment signed. There is nothing more to know about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a checkpoint that this key signed")]
pub struct NotSigned;

impl SigningPair {
    pub(crate) fn from_seed(seed: &Zeroizing<[u8; 32]>) -> Self {
        // Any 32 bytes are a seed.
        let public = ed25519::public_of(seed).unwrap_or_default();
        Self { seed: seed.clone(), public }
    }

    /// A text with its signature, as a note.
    pub(crate) fn note(&self, deployment: DeploymentId, text: &str) -> String {
        let key = self.key(deployment);
        // The pair was made from one seed: signing with it does not fail.
        let signature = ed25519::sign(&self.seed, &self.public, text.as_bytes());
        let mut signed = key.id().to_vec();
        signed.extend_from_slice(signature.as_ref().map_or(&[][..], |signature| signature));
        let signature = STANDARD.encode(signed);
        format!("{text}\n{MARK}{} {signature}\n", key.name())
    }

    /// The key that its signatures are checked with.
    pub(crate) const fn key(&self, deployment: DeploymentId) -> CheckpointKey {
        CheckpointKey { deployment, public: self.public }
    }
}

impl CheckpointKey {
    /// Whose checkpoints it is the key of.
    #[must_use]
    pub const fn deployment(&self) -> DeploymentId {
        self.deployment
    }

    fn name(&self) -> String {
        format!("subrosa/{}", self.deployment.uuid())
    }

    /// C2SP: the first four bytes of SHA-256 over name, newline, kind and key.
    fn id(&self) -> [u8; 4] {
        let mut named = self.name().into_bytes();
        named.extend_from_slice(&[b'\n', ED25519]);
        named.extend_from_slice(&self.public);
        let mut id = [0; 4];
        id.iter_mut().zip(sha256(&SHA256, &named).as_ref()).for_each(|(id, byte)| *id = *byte);
        id
    }

    /// The text of a note that this key signed.
    pub(crate) fn signed_text(&self, note: &str) -> Option<String> {
        let (text, signature) = note.rsplit_once("\n\n")?;
        let text = format!("{text}\n");
        self.signed(&text, signature.strip_suffix('\n')?).then_some(text)
    }

    /// Whether a line is this key's signature of a text.
    fn signed(&self, text: &str, line: &str) -> bool {
        let Some((name, signature)) = line.strip_prefix(MARK).and_then(|line| line.split_once(' '))
        else {
            return false;
        };
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        name == self.name()
            && signature
                .strip_prefix(&self.id())
                .is_some_and(|signature| ed25519::verify(&self.public, text.as_bytes(), signature))
    }
}

impl fmt::Display for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend_from_slice(&self.public);
        let id: String = self.id().iter().map(|byte| format!("{byte:02x}")).collect();
        write!(f, "{}+{id}+{}", self.name(), STANDARD.encode(key))
    }
}

impl FromStr for CheckpointKey {
    type Err = NotSigned;

    fn from_str(text: &str) -> Result<Self, NotSigned> {
        let read = || {
            let (name, rest) = text.split_once('+')?;
            let (_, key) = rest.split_once('+')?;
            let key = STANDARD.decode(key).ok()?;
            let public = key.strip_prefix(&[ED25519])?.try_into().ok()?;
            let deployment = name.strip_prefix("subrosa/")?.parse::<uuid::Uuid>().ok()?;
            Some(Self { deployment: DeploymentId::from_bytes(*deployment.as_bytes()), public })
        };
        // A key is written one way: an id that is not its own is no key's.
        read().filter(|key| key.to_string() == text).ok_or(NotSigned)
    }
}
