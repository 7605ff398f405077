//! Whether the store is the one that was served last, or an older one that was put back in its place.
//!
//! Every second in which something was committed ends with a checkpoint of where the store stands, and the latest is
//! kept where the data is not. At a start the two are compared. A store that is further than its checkpoint is one that
//! ended suddenly; one that is behind it, or was somewhere else when the checkpoint was made, was set back. It may hold
//! tokens that were revoked since and secrets that were closed, so it serves nobody but the operator, who can look and
//! not change anything, until the operator has accepted it.

use crate::{app::App, error::AppError};
use std::{fmt, io};
use subrosa_crypto::{
    Keyring,
    checkpoint::{Checkpoint, Subject},
};
use subrosa_domain::audit::{Note, StateSealer};
use subrosa_plant::planted;
use subrosa_store::{KeptCheckpoint, Store, StoreError};

/// Where the last checkpoint is kept: not with the data.
pub trait Checkpoints: Send + Sync {
    /// The last one that was kept.
    ///
    /// # Errors
    /// When it cannot be read though it may be there.
    fn last(&self) -> io::Result<Option<Note>>;

    /// Keeps this one instead, durably.
    ///
    /// # Errors
    /// When it could not be kept; the one before is still there.
    fn keep(&self, note: &Note) -> io::Result<()>;
}

/// How a store does not go with its last checkpoint.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SetBack {
    /// It has made fewer commits.
    Behind {
        /// Where the store stands.
        store: u64,
        /// Where it stood when the checkpoint was made.
        checkpoint: u64,
    },
    /// It has made as many or more, and others than those that the checkpoint was made after.
    Apart {
        /// Where the store stands.
        store: u64,
        /// Where it stood when the checkpoint was made.
        checkpoint: u64,
    },
    /// What is kept as the last checkpoint is none that this deployment signed.
    Unreadable {
        /// Where the store stands.
        store: u64,
    },
}

impl SetBack {
    /// Where the store stands.
    #[must_use]
    pub const fn store(self) -> u64 {
        match self {
            Self::Behind { store, .. } | Self::Apart { store, .. } | Self::Unreadable { store } => {
                store
            }
        }
    }

    /// Where it stood when the checkpoint was made, if that is known.
    #[must_use]
    pub const fn checkpoint(self) -> Option<u64> {
        match self {
            Self::Behind { checkpoint, .. } | Self::Apart { checkpoint, .. } => Some(checkpoint),
            Self::Unreadable { .. } => None,
        }
    }
}

impl fmt::Display for SetBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Behind { store, checkpoint } => write!(
                f,
                "the store stands at {store}, behind its last checkpoint at {checkpoint}: it is an older copy"
            ),
            Self::Apart { store, checkpoint } => write!(
                f,
                "the store stands at {store} and is not the one whose last checkpoint is at {checkpoint}"
            ),
            Self::Unreadable { store } => write!(
                f,
                "the store stands at {store}, and its last checkpoint is none that this deployment signed"
            ),
        }
    }
}

/// Compares a store with its last checkpoint. `None` when it goes with it, or when there is none to compare with.
///
/// # Errors
/// [`StoreError::Corrupt`] when the lane's anchor is not one the server wrote; faults of the store.
pub(super) async fn compare(
    store: &dyn Store,
    keyring: &Keyring,
    last: Option<&Note>,
) -> Result<Option<SetBack>, StoreError> {
    let anchor = store.anchor().await?;
    if anchor.as_ref().is_some_and(|anchor| !keyring.anchor_holds(anchor)) {
        return Err(StoreError::Corrupt("anchor"));
    }
    let at = anchor.map_or(0, |anchor| anchor.position);
    let Some(note) = last.filter(|_| !planted!("set-back-unread")) else { return Ok(None) };
    let keys = keyring.checkpoint_keys();
    // It may be from before this deployment signed twice, and asks no more of who forges it: see ADR-18.
    let opened = keys.iter().find_map(|key| Checkpoint::open_earlier(&note.0, key).ok());
    let Some(Checkpoint { subject: Subject::Lane(_), place: checkpoint, .. }) = opened else {
        return Ok(Some(SetBack::Unreadable { store: at }));
    };
    if at < checkpoint {
        return Ok(Some(SetBack::Behind { store: at, checkpoint }));
    }
    Ok(match store.checkpoint_at(checkpoint).await? {
        _ if planted!("positions-alone") => None,
        KeptCheckpoint::Kept(kept) if kept == *note => None,
        KeptCheckpoint::Forgotten => None,
        KeptCheckpoint::Kept(_) | KeptCheckpoint::Never => {
            Some(SetBack::Apart { store: at, checkpoint })
        }
    })
}

impl App {
    /// How the store does not go with its last checkpoint, if it does not.
    #[must_use]
    pub const fn set_back(&self) -> Option<SetBack> {
        self.set_back
    }

    /// Refuses what a store that was set back is not served for.
    pub(crate) const fn check_current(&self) -> Result<(), AppError> {
        if self.set_back.is_some() { Err(AppError::SetBack) } else { Ok(()) }
    }

    /// Keeps a checkpoint of where the store stands outside of it. It is durable inside first: a store is never behind
    /// a checkpoint that was kept.
    pub(crate) async fn checkpoint(&self) -> Result<(), AppError> {
        let (position, note) = self.store.checkpoint().await?;
        let kept = self.keeper.keep(position, note).await;
        kept.map_err(|error| {
            AppError::StoreUnavailable(Box::new(StoreError::Unavailable(Box::new(error))))
        })
    }
}
