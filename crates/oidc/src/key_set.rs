//! The keys an issuer publishes at one moment.

use crate::{
    algorithm::Algorithm,
    json::{self, Json},
    jwk::PublicKey,
    limits::MAX_KEYS,
};
use std::sync::Arc;

/// A set of keys. What is of no use here was left out.
pub(crate) struct KeySet(Vec<Arc<PublicKey>>);

/// Which key a token wants.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'t> {
    /// By the name it gives, if it gives one.
    pub(crate) name: Option<&'t str>,
    /// For this.
    pub(crate) algorithm: Algorithm,
}

impl KeySet {
    /// Reads a JWK set; `None` when it is none.
    pub(crate) fn read(document: &[u8]) -> Option<Self> {
        let document = json::object(document).ok()?;
        let Some(Json::Array(keys)) = document.get("keys") else { return None };
        if keys.len() > MAX_KEYS {
            return None;
        }
        let read = keys.iter().filter_map(|key| match key {
            Json::Object(key) => PublicKey::read(key).map(Arc::new),
            _ => None,
        });
        Some(Self(read.collect()))
    }

    /// The one key that fits. Where two do, neither is the one that was meant.
    pub(crate) fn find(&self, wanted: Wanted<'_>) -> Option<Arc<PublicKey>> {
        let fits = |key: &&Arc<PublicKey>| key.is_called(wanted.name) && key.fits(wanted.algorithm);
        let mut found = self.0.iter().filter(fits);
        let first = found.next()?;
        found.next().is_none().then(|| Arc::clone(first))
    }
}
