//! `GET /.well-known/jwks.json`: the public keys that virtual accounts' tokens are checked with (RFC 7517, RFC 8037).
//! Nothing in it names a tenant.

use super::{Http, answer, problem::Answer};
use axum::extract::State;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A set of keys.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeySet {
    /// The keys.
    keys: Vec<Key>,
}

/// A public key.
#[derive(Debug, Serialize, ToSchema)]
struct Key {
    /// `OKP`.
    kty: &'static str,
    /// `Ed25519`.
    crv: &'static str,
    /// `EdDSA`.
    alg: &'static str,
    /// `sig`.
    #[serde(rename = "use")]
    usage: &'static str,
    /// The key's id.
    kid: String,
    /// The key.
    x: String,
}

/// The public keys of this server's own JWTs.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "server", security(()),
    responses((status = 200, body = KeySet)))]
pub(crate) async fn jwks(State(http): State<Arc<Http>>) -> Answer {
    let keys = http.app.public_keys().await?.into_iter().map(|(id, public)| Key {
        kty: "OKP",
        crv: "Ed25519",
        alg: "EdDSA",
        usage: "sig",
        kid: id.to_string(),
        x: BASE64_URL_SAFE_NO_PAD.encode(public),
    });
    answer::json(&KeySet { keys: keys.collect() })
}
