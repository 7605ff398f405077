//! What can be wrong with custody. Each refusal says what, why, and what to do about it; none holds key material.

use std::{io, path::PathBuf};
use subrosa_domain::TenantId;

/// Why a key could not be wrapped or unwrapped, or a salt not kept.
#[derive(Debug, thiserror::Error)]
pub enum KmsError {
    /// A wrapped key, its context or the root key is not the one it was wrapped with.
    #[error("a wrapped key does not open: it was changed, moved, or wrapped by another root key")]
    Integrity,
    /// The tenant has a salt, and a salt is never replaced.
    #[error("tenant {0} already has a shred salt")]
    SaltExists(TenantId),
    /// A file of the keystore is refused.
    #[error(transparent)]
    Custody(#[from] CustodyError),
    /// The keystore's folder could not be read or written.
    #[error("the keystore at {} cannot be used", path.display())]
    Keystore {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Why a key file is refused. A refused file was neither used nor changed.
#[derive(Debug, thiserror::Error)]
pub enum CustodyError {
    /// There is no such file.
    #[error(
        "the key file {} is missing: without it nothing that was stored can be read. Put the file back from where \
         you keep its copy, or point --root-key at it",
        .0.display()
    )]
    Missing(PathBuf),
    /// It would be overwritten.
    #[error(
        "the key file {} already exists and is never overwritten: what it protects would be lost. Name another path \
         with --root-key, or move the file away if nothing depends on it",
        .0.display()
    )]
    Exists(PathBuf),
    /// It holds nothing.
    #[error(
        "the key file {} is empty: a write to it was cut short, or something truncated it. Put it back from its copy",
        .0.display()
    )]
    Empty(PathBuf),
    /// It is not 32 bytes long.
    #[error(
        "the key file {} has {length} bytes where a key has exactly 32 raw ones. Put it back from its copy; it is not \
         text and must not be edited, encoded or given a line end",
        path.display()
    )]
    Length {
        /// The file.
        path: PathBuf,
        /// How long it is.
        length: u64,
    },
    /// Others may read or change it.
    #[error(
        "the key file {} has mode {mode:04o}: others on this machine may read or change it. Run: chmod 600 {}",
        path.display(), path.display()
    )]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Another user owns it, and can change it or let others in.
    #[error(
        "the key file {} belongs to uid {owner} and this process runs as uid {process}: its owner could replace it. \
         Run as its owner, or: chown {process} {}",
        path.display(), path.display()
    )]
    ForeignOwner {
        /// The file.
        path: PathBuf,
        /// Who owns it.
        owner: u32,
        /// Who this process runs as.
        process: u32,
    },
    /// The last part of its path is a symbolic link, which can be made to point elsewhere.
    #[error(
        "the key file {} is a symbolic link, which can be pointed elsewhere. Name the file itself",
        .0.display()
    )]
    Symlink(PathBuf),
    /// It is a folder, device, pipe or socket.
    #[error("the key file {} is not a regular file. Name the file that holds the key", .0.display())]
    NotAFile(PathBuf),
    /// Anyone may put another file in its place.
    #[error(
        "the folder {} of the key file is writable by everyone without the sticky bit: anyone could put another file \
         in its place. Run: chmod o-w {}",
        .0.display(), .0.display()
    )]
    OpenFolder(PathBuf),
    /// A copy of the data would be a copy of the key.
    #[error(
        "the key file {} is inside the data folder {}: every backup of the data would carry its key. Keep it \
         elsewhere and name it with --root-key",
        path.display(), data.display()
    )]
    InsideData {
        /// The file.
        path: PathBuf,
        /// The data folder.
        data: PathBuf,
    },
    /// Another root key made this deployment. Found by the caller, who has the fingerprint on record.
    #[error(
        "the key in {} is not the one this data was made with. Nothing was touched; point --root-key at the right file",
        .0.display()
    )]
    WrongKey(PathBuf),
    /// The system refused to read or write it.
    #[error("the key file {} cannot be used", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
