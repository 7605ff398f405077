//! How a configuration of issuers is refused. A fault names the issuer and the key, and says what may stand there.

use std::{io, path::PathBuf};

/// Why a server does not start with these issuers.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFault {
    /// An issuer without a name that can be shown.
    #[error(
        "issuer {position} (counted from 1): `name` must be 1 to 32 lower-case letters, digits or '-', starting with \
         a letter"
    )]
    Name {
        /// Which in the file, from 1.
        position: usize,
    },
    /// Two issuers have one name.
    #[error("two issuers are called {name}: rename one, for a name is how logs tell them apart")]
    SameName {
        /// The name.
        name: Box<str>,
    },
    /// One token could mean two issuers.
    #[error(
        "issuers {first} and {second} have the same `url` and an `audience` in common: a token could mean either. \
         Give each its own audience"
    )]
    SameAudience {
        /// One.
        first: Box<str>,
        /// The other.
        second: Box<str>,
    },
    /// A key of an issuer has a value that will not do.
    #[error("issuer {issuer}: `{key}` {expected}")]
    Invalid {
        /// Its name.
        issuer: Box<str>,
        /// The key, or the kind of rule.
        key: &'static str,
        /// What may stand there.
        expected: &'static str,
    },
    /// The file of certificates cannot be read.
    #[error("issuer {issuer}: `ca_file` {} cannot be read", path.display())]
    CaFile {
        /// Its name.
        issuer: Box<str>,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file of certificates has none, or one that cannot sign for anybody.
    #[error("issuer {issuer}: `ca_file` {} holds no certificates in PEM", path.display())]
    NoCertificate {
        /// Its name.
        issuer: Box<str>,
        /// The file.
        path: PathBuf,
    },
    /// This build agrees on no version of TLS.
    #[error("TLS cannot be set up")]
    Tls,
}

impl ConfigFault {
    pub(crate) fn invalid(issuer: &str, key: &'static str, expected: &'static str) -> Self {
        Self::Invalid { issuer: issuer.into(), key, expected }
    }
}
