//! What a server is started with, and every way a start is refused.

use crate::http::Network;
use std::{net::SocketAddr, path::PathBuf};

/// What a server is started with.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Where everything is kept.
    pub places: Places,
    /// Where it listens.
    pub listen: Listen,
    /// The configuration file, if there is one.
    pub config: Option<PathBuf>,
    /// Unknown credentials a second from one address before they are answered 429 and not 401. 0 sets no limit.
    pub unknown_per_second: u32,
    /// Sealed rows kept in memory, in bytes.
    pub cache_bytes: u64,
}

/// Where a deployment is kept.
#[derive(Clone, Debug)]
pub struct Places {
    /// Where everything but the root key lives. Made, for its owner alone, when it is not there.
    pub data: PathBuf,
    /// The store's address: `sqlite:PATH`; `None` is `store.db` in the data directory.
    pub store: Option<String>,
    /// The root key's file. Made on the first start of a new store.
    pub root_key: PathBuf,
    /// Where the last checkpoint is kept; never in the data directory.
    pub checkpoint_dir: PathBuf,
}

/// Where a server listens, and who ends TLS.
#[derive(Clone, Debug)]
pub struct Listen {
    /// The address. Port 0 takes a free one.
    pub address: SocketAddr,
    /// Certificate and key, when this server ends TLS itself.
    pub tls: Option<TlsFiles>,
    /// Whether a proxy that the operator runs ends TLS in front of it.
    pub behind_proxy: bool,
    /// The proxies whose `X-Forwarded-For` says whom a request comes from.
    pub trusted_proxies: Vec<Network>,
}

/// A certificate chain and its key, both PEM.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// The key, PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
}

/// How much is logged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogLevel {
    /// Failures.
    Error,
    /// And what may become one.
    Warn,
    /// And what the server does.
    Info,
    /// And how.
    Debug,
    /// And everything else; never a value.
    Trace,
}

/// Why a server did not start. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StartFailure {
    /// Others could read what is sent.
    #[error("refusing to listen on {0} without TLS")]
    InsecureListen(SocketAddr),
    /// Another server uses the data directory.
    #[error("another server is using {}", .0.display())]
    InUse(PathBuf),
    /// The data directory cannot be used.
    #[error("the data directory {} cannot be used", path.display())]
    Data {
        /// Which file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The last checkpoint would be kept with the data.
    #[error("{} is with the data, and a checkpoint in it would be put back with it", .0.display())]
    CheckpointsInside(PathBuf),
    /// The last checkpoint may be there and cannot be read, or a new one cannot be kept.
    #[error("the last checkpoint in {} cannot be read or kept", path.display())]
    Checkpoints {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The configuration file cannot be used.
    #[error("the configuration file {} cannot be used: {why}", path.display())]
    Config {
        /// Which.
        path: PathBuf,
        /// Why, with the place.
        why: String,
    },
    /// There is no store to go on from.
    #[error("there is no store at {}", .0.display())]
    NoStore(PathBuf),
    /// The store's address is not one this build knows.
    #[error("this build has no store for that address")]
    UnknownStore,
    /// The root key cannot be used.
    #[error("{0}")]
    RootKey(String),
    /// The store or the keys in it cannot be used.
    #[error("the store cannot be used")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Certificate or key cannot be used.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl StartFailure {
    /// The failure's code: what `explain` and scripts go by.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InsecureListen(_) => "insecure-listen",
            Self::InUse(_) => "data-in-use",
            Self::Data { .. } => "data-unusable",
            Self::CheckpointsInside(_) => "checkpoints-inside",
            Self::Checkpoints { .. } => "checkpoints-unusable",
            Self::Config { .. } => "config-unusable",
            Self::NoStore(_) => "store-missing",
            Self::UnknownStore => "store-unknown",
            Self::RootKey(_) => "root-key-refused",
            Self::Store(_) => "store-unusable",
            Self::Tls(_) => "tls-unusable",
            Self::Listen { .. } => "listen-failed",
        }
    }

    /// What to do about it, a line each.
    #[must_use]
    pub fn help(&self) -> Vec<&'static str> {
        match self {
            Self::InsecureListen(_) => vec![
                "--tls-cert FILE --tls-key FILE   end TLS here, with a certificate of yours",
                "--behind-proxy                   a proxy that you run ends TLS in front of this server",
                "--listen 127.0.0.1:7420          serve this machine only",
            ],
            Self::InUse(_) => {
                vec!["stop the other server, or give this one a directory of its own: --data DIR"]
            }
            Self::Data { .. } => {
                vec!["make it a directory that this user owns, or choose another: --data DIR"]
            }
            Self::CheckpointsInside(_) => {
                vec!["--checkpoint-dir DIR   a folder that no copy of the data brings with it"]
            }
            Self::Checkpoints { .. } => {
                vec![
                    "make it a folder that this user owns, or choose another: --checkpoint-dir DIR",
                ]
            }
            Self::Config { .. } => vec!["nothing was changed; docs/reference/configuration.md"],
            Self::NoStore(_) => {
                vec![
                    "nothing was changed; name it as `subrosa serve` does: --data DIR, --store sqlite:PATH",
                ]
            }
            Self::UnknownStore => vec!["--store sqlite:PATH"],
            Self::RootKey(_) => vec!["nothing was changed; docs/guides/root-key.md"],
            Self::Store(_) => vec!["nothing was changed; the cause is above"],
            Self::Tls(_) => vec!["both files are PEM: the chain, own certificate first; its key"],
            Self::Listen { .. } => vec!["choose another address: --listen ADDR"],
        }
    }
}
