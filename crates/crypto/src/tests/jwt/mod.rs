//! A virtual account's token is accepted as it was made, and no other text is: each hostile one stands beside a twin
//! that was made the same way, without the fault, and is accepted.

mod claims;
mod header;
mod issue;
mod signature;
mod text;

use super::support::{DEPLOYMENT, NOW, TENANT, tenant_keys};
use crate::{AccountClaims, PresentedJwt, TenantKeys, VerifiedAccount};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::time::Duration;
use subrosa_domain::{PrincipalId, SigningKey, SigningKeyId, Timestamp, TokenId};

const ID: SigningKeyId = SigningKeyId::from_bytes([0xa1; 16]);
const KID: &str = "a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1";
const HEADER: &str = r#"{"alg":"EdDSA","typ":"JWT","kid":"a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1"}"#;
const CLAIMS: &str = concat!(
    r#"{"sub":"b2b2b2b2-b2b2-b2b2-b2b2-b2b2b2b2b2b2","jti":"c3c3c3c3-c3c3-c3c3-c3c3-c3c3c3c3c3c3","#,
    r#""iat":1700000000,"exp":1700003600,"tenantName":"acme","username":"deploy bot","#,
    r#""subjectType":"serviceaccount"}"#,
);

/// How far a text gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    /// Not in the shape of ours: it may be offered to others.
    NotOurs,
    /// In the shape of ours, and not believed.
    Refused,
    Accepted,
}

use Fate::{Accepted, NotOurs, Refused};

fn keys() -> TenantKeys {
    tenant_keys(DEPLOYMENT, TENANT, &[1])
}

/// A tenant's signing key, with what forges anything that it could have signed.
struct Signer {
    keys: TenantKeys,
    key: SigningKey,
}

impl Signer {
    fn new() -> Self {
        Self::with_id(ID)
    }

    fn with_id(id: SigningKeyId) -> Self {
        let keys = keys();
        let key = keys.create_signing_key(id, NOW).unwrap();
        Self { keys, key }
    }

    /// The token this room makes for [`CLAIMS`].
    fn token(&self) -> String {
        let token = self.keys.issue_account_token(&self.key, &account("deploy bot")).unwrap();
        token.expose().to_owned()
    }

    /// Whatever header and claims, with a signature that holds.
    fn forge(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        self.sign(&format!("{}.{}", base64(header), base64(claims)))
    }

    /// Whatever text, with a signature that holds.
    fn sign(&self, text: &str) -> String {
        format!("{text}.{}", base64(self.keys.sign(&self.key, text.as_bytes()).unwrap()))
    }

    fn fate(&self, text: &str) -> Fate {
        fate(text, &self.key.public)
    }

    /// The hostile text meets its fate, and its twin is accepted.
    fn hostile(&self, why: &str, text: &str, fate: Fate, twin: &str) {
        assert_ne!(text, twin, "{why}: no fault in it");
        assert_eq!(self.fate(twin), Accepted, "{why}: the twin");
        assert_eq!(self.fate(text), fate, "{why}");
    }
}

fn fate(text: &str, public: &[u8; 32]) -> Fate {
    match PresentedJwt::parse(text) {
        None => NotOurs,
        Some(presented) => presented.verify(public).map_or(Refused, |found| {
            assert_eq!(found, account_found(), "accepted as something else");
            Accepted
        }),
    }
}

fn account(name: &str) -> AccountClaims<'_> {
    AccountClaims {
        subject: PrincipalId::from_bytes([0xb2; 16]),
        token: TokenId::from_bytes([0xc3; 16]),
        issued_at: NOW,
        expires_at: NOW.plus(Duration::from_secs(3_600)),
        tenant: "acme".parse().unwrap(),
        name,
    }
}

fn account_found() -> VerifiedAccount {
    VerifiedAccount {
        subject: PrincipalId::from_bytes([0xb2; 16]),
        token: TokenId::from_bytes([0xc3; 16]),
        issued_at: Timestamp::from_millis(1_700_000_000_000),
        expires_at: Timestamp::from_millis(1_700_003_600_000),
    }
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn unbase64(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn segments(text: &str) -> [&str; 3] {
    text.split('.').collect::<Vec<_>>().try_into().unwrap()
}
