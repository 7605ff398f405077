//! Keys that sign: ours, a neighbour's and an attacker's, one of each for every algorithm that is tested.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        self, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        Ed25519KeyPair, KeyPair, RsaEncoding, RsaKeyPair,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The algorithms that every row is tried with.
pub(crate) const FAMILIES: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];

/// A key pair with a name.
pub(crate) struct Signer {
    pub(crate) kid: &'static str,
    key: Key,
}

enum Key {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

macro_rules! signers {
    ($($name:ident: $rsa:literal $p256:literal $p384:literal $ed:literal;)+) => {$(
        /// The key of one party for an algorithm.
        pub(crate) fn $name(algorithm: &str) -> &'static Signer {
            static RSA: LazyLock<Signer> = LazyLock::new(|| Signer::rsa($rsa));
            static P256: LazyLock<Signer> = LazyLock::new(|| Signer::p256($p256));
            static P384: LazyLock<Signer> = LazyLock::new(|| Signer::p384($p384));
            static ED: LazyLock<Signer> = LazyLock::new(|| Signer::ed25519($ed));
            match algorithm {
                "ES256" => &P256,
                "ES384" => &P384,
                "EdDSA" => &ED,
                _ => &RSA,
            }
        }
    )+};
}

signers! {
    ours: "ours-rsa" "ours-p256" "ours-p384" "ours-ed";
    neighbours: "theirs-rsa" "theirs-p256" "theirs-p384" "theirs-ed";
    attackers: "evil-rsa" "evil-p256" "evil-p384" "evil-ed";
}

impl Signer {
    fn rsa(kid: &'static str) -> Self {
        Self { kid, key: Key::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()) }
    }

    fn p256(kid: &'static str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { kid, key: Key::P256(key) }
    }

    fn p384(kid: &'static str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
        Self { kid, key: Key::P384(key) }
    }

    fn ed25519(kid: &'static str) -> Self {
        Self { kid, key: Key::Ed25519(Ed25519KeyPair::generate().unwrap()) }
    }

    /// Signs as `algorithm` has it, as far as the key can.
    pub(crate) fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Key::Rsa(key) => {
                let mut signed = vec![0; key.public_modulus_len()];
                key.sign(padding(algorithm), &random, message, &mut signed).unwrap();
                signed
            }
            Key::P256(key) | Key::P384(key) => key.sign(&random, message).unwrap().as_ref().into(),
            Key::Ed25519(key) => key.sign(message).as_ref().into(),
        }
    }

    /// The public key, as its issuer publishes it.
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = match &self.key {
            Key::Rsa(_) => json!({"kty": "RSA", "n": b64(&self.public()), "e": "AQAB"}),
            Key::P256(_) | Key::P384(_) => {
                let point = self.public();
                let (x, y) = point.split_at(point.len() / 2);
                let crv = if x.len() == 32 { "P-256" } else { "P-384" };
                json!({"kty": "EC", "crv": crv, "x": b64(x), "y": b64(y)})
            }
            Key::Ed25519(_) => json!({"kty": "OKP", "crv": "Ed25519", "x": b64(&self.public())}),
        };
        jwk["kid"] = self.kid.into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// The public key's bytes: the modulus, both coordinates, or the key itself.
    pub(crate) fn public(&self) -> Vec<u8> {
        match &self.key {
            // SEQUENCE, INTEGER and a zero before a modulus of 2048 bits make nine bytes.
            Key::Rsa(key) => key.public_key().as_ref()[9..9 + 256].into(),
            Key::P256(key) | Key::P384(key) => key.public_key().as_ref()[1..].into(),
            Key::Ed25519(key) => key.public_key().as_ref().into(),
        }
    }
}

fn padding(algorithm: &str) -> &'static dyn RsaEncoding {
    match algorithm {
        "RS384" => &signature::RSA_PKCS1_SHA384,
        "RS512" => &signature::RSA_PKCS1_SHA512,
        "PS256" => &signature::RSA_PSS_SHA256,
        "PS384" => &signature::RSA_PSS_SHA384,
        "PS512" => &signature::RSA_PSS_SHA512,
        _ => &signature::RSA_PKCS1_SHA256,
    }
}

/// Base64url without padding.
pub(crate) fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
