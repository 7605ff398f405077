//! An issuer of the fuzzer's own: what it publishes, and tokens that it signed.

use async_trait::async_trait;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use std::sync::{Arc, LazyLock};
use subrosa_domain::{Assertion, Timestamp};
use subrosa_oidc::{Address, Fetch, FetchFault, IssuerConfig, Issuers, NotAccepted};
use tokio::runtime::{Builder, Runtime};

/// Its address.
pub const URL: &str = "https://id.acme.dev";

/// How it is configured.
const CONFIGURATION: &str = r#"
name = "acme"
tenant = "acme"
url = "https://id.acme.dev"
audience = "subrosa"
algorithms = ["EdDSA"]
email_domains = ["acme.dev"]
scopes = [{ claim = "scope", value = "read", grant = ["secrets:read"] }]
roles = [{ claim = "/groups", value = "prod", group = "prod", role = "viewer" }]
"#;

/// No secret: whoever reads this has it.
static KEY: LazyLock<Option<Ed25519KeyPair>> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[42; 32]).ok());

static CONFIGURED: LazyLock<Option<IssuerConfig>> =
    LazyLock::new(|| toml::from_str(CONFIGURATION).ok());

/// What it publishes.
#[derive(Clone)]
pub struct Published {
    /// Where its keys are.
    pub configuration: Vec<u8>,
    /// Its keys.
    pub keys: Vec<u8>,
}

impl Published {
    /// What it publishes when all is well.
    #[must_use]
    pub fn sound() -> Self {
        let configuration = format!(r#"{{"issuer":"{URL}","jwks_uri":"{URL}/keys"}}"#);
        let key = public_key();
        let keys = format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"k","x":"{key}"}}]}}"#);
        Self { configuration: configuration.into_bytes(), keys: keys.into_bytes() }
    }
}

#[async_trait]
impl Fetch for Published {
    async fn get(&self, address: &Address) -> Result<Bytes, FetchFault> {
        let configuration = address.as_str().ends_with("/.well-known/openid-configuration");
        Ok(if configuration { &self.configuration } else { &self.keys }.clone().into())
    }
}

/// Its key, as it is published.
#[must_use]
pub fn public_key() -> String {
    KEY.as_ref().map(|key| URL_SAFE_NO_PAD.encode(key.public_key())).unwrap_or_default()
}

/// A token with this header and these claims, whatever they are.
#[must_use]
pub fn signed(header: &[u8], claims: &[u8]) -> String {
    let message = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let signature = KEY.as_ref().map(|key| key.sign(message.as_bytes()));
    let signature = signature.map(|one| URL_SAFE_NO_PAD.encode(one)).unwrap_or_default();
    format!("{message}.{signature}")
}

/// What a token says to a server that trusts this issuer and has not heard of it before.
///
/// # Errors
/// Why it is not believed.
///
/// # Panics
/// When the fuzzer itself is not as it should be.
pub fn check(jwt: &str, now: Timestamp, published: &Published) -> Result<Assertion, NotAccepted> {
    static RUNTIME: LazyLock<Option<Runtime>> =
        LazyLock::new(|| Builder::new_current_thread().build().ok());
    let configured = CONFIGURED.as_slice();
    let issuers = Issuers::new(configured, |_| Ok(Arc::new(published.clone()) as Arc<dyn Fetch>));
    match (&*RUNTIME, issuers) {
        (Some(runtime), Ok(issuers)) if !issuers.is_empty() => {
            runtime.block_on(issuers.check(jwt, now))
        }
        _ => unreachable!("the fuzzer's own issuer cannot be configured"),
    }
}
