//! A token about to be made, with everything around it: who signs it, what the issuer publishes, how we are configured.
//!
//! [`Draft::valid`] is accepted as it stands. A hostile token is a valid draft with one thing changed.

use super::{
    provider::Network,
    signer::{Signer, b64, neighbours, ours},
};
use serde_json::{Value, json};
use std::sync::Arc;
use subrosa_domain::{Assertion, Timestamp};
use subrosa_oidc::{IssuerConfig, Issuers, NotAccepted};

pub(crate) const ISSUER: &str = "https://id.acme.test/realms/one";
pub(crate) const NEIGHBOUR: &str = "https://id.other.test";
pub(crate) const AUDIENCE: &str = "subrosa";
/// The audience of a second table for the same issuer, and of another tenant.
pub(crate) const SECOND_AUDIENCE: &str = "subrosa-two";

/// Now, in seconds.
pub(crate) const NOW: i64 = 1_800_000_000;

/// The members of a JSON object as they will be written, duplicates and nonsense included.
#[derive(Clone)]
pub(crate) struct Members(Vec<(String, String)>);

impl Members {
    /// Gives a member a value, in its place if it is there.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.set_raw(name, &value.into().to_string());
    }

    /// The same, with the value as it will be written.
    pub(crate) fn set_raw(&mut self, name: &str, value: &str) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, kept)) => *kept = value.to_owned(),
            None => self.push(name, value),
        }
    }

    /// Adds a member at the end, whether or not it is there; name and value as they will be written.
    pub(crate) fn push(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// Adds one at the front.
    pub(crate) fn push_front(&mut self, name: &str, value: &str) {
        self.0.insert(0, (name.to_owned(), value.to_owned()));
    }

    /// Takes a member out.
    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    /// The object's text.
    pub(crate) fn text(&self) -> String {
        let all: Vec<String> =
            self.0.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", all.join(","))
    }
}

type Change<T> = Option<Box<dyn Fn(T) -> T>>;

/// See the module.
pub(crate) struct Draft {
    pub(crate) algorithm: &'static str,
    pub(crate) header: Members,
    pub(crate) claims: Members,
    /// Bytes that take the place of the header's, or of the claims'.
    pub(crate) header_bytes: Option<Vec<u8>>,
    pub(crate) claims_bytes: Option<Vec<u8>>,
    pub(crate) signer: &'static Signer,
    /// What the signer signs as, whatever the header says.
    pub(crate) signs_as: &'static str,
    /// What is done to the part that is signed, after it was.
    pub(crate) message: Change<String>,
    /// What is done to the signature.
    pub(crate) signature: Change<Vec<u8>>,
    /// What is done to the token.
    pub(crate) text: Change<String>,
    /// What the issuer publishes.
    pub(crate) keys: Vec<Value>,
    /// What the neighbour publishes.
    pub(crate) neighbours_keys: Vec<Value>,
    /// How our issuer is configured; the neighbour and the second audience come by themselves.
    pub(crate) config: Value,
}

impl Draft {
    /// A draft that is accepted.
    pub(crate) fn valid(algorithm: &'static str) -> Self {
        let signer = ours(algorithm);
        let mut header = Members(Vec::new());
        header.set("alg", algorithm);
        header.set("kid", signer.kid);
        header.set("typ", "JWT");
        let mut claims = Members(Vec::new());
        claims.set("iss", ISSUER);
        claims.set("aud", AUDIENCE);
        claims.set("sub", "user|7");
        claims.set("exp", NOW + 300);
        claims.set("nbf", NOW - 10);
        claims.set("iat", NOW - 10);
        claims.set("jti", "b6f1");
        Self {
            algorithm,
            header,
            claims,
            header_bytes: None,
            claims_bytes: None,
            signer,
            signs_as: algorithm,
            message: None,
            signature: None,
            text: None,
            keys: vec![signer.jwk()],
            neighbours_keys: vec![neighbours(algorithm).jwk()],
            config: json!({
                "name": "corp",
                "tenant": "acme",
                "url": ISSUER,
                "audience": AUDIENCE,
                "algorithms": [algorithm],
            }),
        }
    }

    /// Has somebody else sign, under the name of the key that is in the header.
    pub(crate) fn signed_by(&mut self, signer: &'static Signer) {
        self.signer = signer;
    }

    /// The one key the issuer publishes.
    pub(crate) fn key(&mut self) -> &mut Value {
        &mut self.keys[0]
    }

    /// The part that is signed.
    pub(crate) fn signed_part(&self) -> String {
        let header = self.header_bytes.clone().unwrap_or_else(|| self.header.text().into_bytes());
        let claims = self.claims_bytes.clone().unwrap_or_else(|| self.claims.text().into_bytes());
        format!("{}.{}", b64(&header), b64(&claims))
    }

    /// The token.
    pub(crate) fn token(&self) -> String {
        let message = self.signed_part();
        let signature = self.signer.sign(self.signs_as, message.as_bytes());
        let signature =
            self.signature.as_ref().map_or(signature.clone(), |change| change(signature));
        let message = self.message.as_ref().map_or(message.clone(), |change| change(message));
        let token = format!("{message}.{}", b64(&signature));
        self.text.as_ref().map_or(token.clone(), |change| change(token))
    }

    /// The issuers as configured, on a network where they publish their keys.
    pub(crate) fn issuers(&self) -> (Issuers, Arc<Network>) {
        let network = Network::new();
        network.serve(ISSUER, &self.keys);
        network.serve(NEIGHBOUR, &self.neighbours_keys);
        let algorithms = self.config["algorithms"].clone();
        let others = [
            json!({"name": "neighbour", "tenant": "other", "url": NEIGHBOUR, "audience": AUDIENCE,
                   "algorithms": algorithms}),
            json!({"name": "corp-two", "tenant": "two", "url": ISSUER, "audience": SECOND_AUDIENCE,
                   "algorithms": algorithms}),
        ];
        let configs = [vec![self.config.clone()], others.to_vec()].concat();
        (issuers(&configs, &network).unwrap(), network)
    }

    /// What comes of it.
    pub(crate) async fn check(&self) -> Result<Assertion, NotAccepted> {
        self.issuers().0.check(&self.token(), at(NOW)).await
    }
}

/// Issuers of configurations written as JSON.
pub(crate) fn issuers(
    configs: &[Value],
    network: &Arc<Network>,
) -> Result<Issuers, subrosa_oidc::ConfigFault> {
    let read = |config: &Value| serde_json::from_value::<IssuerConfig>(config.clone()).unwrap();
    let configs: Vec<IssuerConfig> = configs.iter().map(read).collect();
    Issuers::new(&configs, |_| Ok(Arc::clone(network) as Arc<dyn subrosa_oidc::Fetch>))
}

/// The moment `seconds` after the epoch.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}
