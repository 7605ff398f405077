//! One public key of an issuer, and what it may be used for.

use crate::{
    algorithm::{Algorithm, Curve, Family},
    json::{Json, Object},
    limits::MAX_KEY_NAME,
};
use aws_lc_rs::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Members that only a private or shared key has.
const SECRET: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The bytes of a modulus: 2048 to 8192 bits.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// A key that signatures are checked with.
pub(crate) struct PublicKey {
    name: Option<Box<str>>,
    /// The one algorithm it is for, if its issuer says so.
    only: Option<Algorithm>,
    material: Material,
}

enum Material {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    Ec { curve: Curve, point: Vec<u8> },
    Ed25519(Vec<u8>),
}

impl PublicKey {
    /// Reads a JWK. `None` when it is not for checking signatures, of a kind no issuer is pinned to, malformed, too
    /// small, or published together with what it should have kept.
    pub(crate) fn read(jwk: &Object) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Json::text);
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        if SECRET.iter().any(|name| jwk.contains_key(*name)) || !is_for_checking(jwk) {
            return None;
        }
        let name = match jwk.get("kid") {
            None => None,
            Some(_) => Some(text("kid").filter(|name| (1..=MAX_KEY_NAME).contains(&name.len()))?),
        };
        let only = match jwk.get("alg") {
            None => None,
            Some(_) => Some(Algorithm::parse(text("alg")?)?),
        };
        let material = match text("kty")? {
            "RSA" => Material::rsa(bytes("n")?, bytes("e")?)?,
            "EC" => Material::ec(Curve::parse(text("crv")?)?, &bytes("x")?, &bytes("y")?)?,
            "OKP" if text("crv") == Some("Ed25519") => Material::ed25519(bytes("x")?)?,
            _ => return None,
        };
        let key = Self { name: name.map(Into::into), only, material };
        // A key that says it is for another kind of key's algorithm says two things.
        only.is_none_or(|algorithm| key.fits(algorithm)).then_some(key)
    }

    /// Whether it is the key that a token names, if it names one.
    pub(crate) fn is_called(&self, name: Option<&str>) -> bool {
        name.is_none_or(|name| self.name.as_deref() == Some(name))
    }

    /// Whether signatures of this algorithm may be checked with it.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        let kind = match (&self.material, algorithm.family()) {
            (Material::Rsa { .. }, Family::Rsa(_)) | (Material::Ed25519(_), Family::Ed25519) => {
                true
            }
            (Material::Ec { curve, .. }, Family::Ec(wanted)) => *curve == wanted,
            _ => false,
        };
        kind && self.only.is_none_or(|only| only == algorithm)
    }

    /// Whether `signed` is its signature of `message`.
    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signed: &[u8]) -> bool {
        let checked = match (&self.material, algorithm.family()) {
            _ if !self.fits(algorithm) => return false,
            (Material::Rsa { modulus, exponent }, Family::Rsa(parameters)) => {
                RsaPublicKeyComponents { n: modulus, e: exponent }
                    .verify(parameters, message, signed)
            }
            (Material::Ec { point, .. }, Family::Ec(curve)) => {
                UnparsedPublicKey::new(curve.verification(), point).verify(message, signed)
            }
            (Material::Ed25519(key), Family::Ed25519) => {
                UnparsedPublicKey::new(&signature::ED25519, key).verify(message, signed)
            }
            _ => return false,
        };
        checked.is_ok()
    }
}

impl Material {
    fn rsa(modulus: Vec<u8>, exponent: Vec<u8>) -> Option<Self> {
        // 65537 is what FIPS 186-5 starts at; smaller exponents have a history. Larger than 32 bits only costs time.
        let sound = match *exponent.as_slice() {
            [1..=255, _, low] | [1..=255, _, _, low] => low % 2 == 1,
            _ => false,
        };
        let whole = modulus.first().is_some_and(|high| *high >= 0x80);
        let sized = RSA_BYTES.contains(&modulus.len()) && whole;
        (sized && sound).then_some(Self::Rsa { modulus, exponent })
    }

    fn ec(curve: Curve, x: &[u8], y: &[u8]) -> Option<Self> {
        if x.len() != curve.coordinate() || y.len() != curve.coordinate() {
            return None;
        }
        // Uncompressed, as SEC 1 has it.
        let point = [&[4], x, y].concat();
        let on_curve = UnparsedPublicKey::new(curve.verification(), &point).parse().is_ok();
        on_curve.then_some(Self::Ec { curve, point })
    }

    fn ed25519(key: Vec<u8>) -> Option<Self> {
        let sound = UnparsedPublicKey::new(&signature::ED25519, &key).parse().is_ok();
        sound.then_some(Self::Ed25519(key))
    }
}

/// Whether the issuer lets signatures be checked with it, where it says anything about that.
fn is_for_checking(jwk: &Object) -> bool {
    let by_use = match jwk.get("use") {
        None => true,
        Some(usage) => usage.text() == Some("sig"),
    };
    let by_operation = match jwk.get("key_ops") {
        None => true,
        Some(Json::Array(all)) => all.iter().any(|one| one.text() == Some("verify")),
        Some(_) => false,
    };
    by_use && by_operation
}
