//! A door for the fuzzer, in builds with the feature `fuzz` alone: what the parsers of this room read, written again.
//! It must never hand out a key or open a value.

use crate::{
    format::{ValueBlock, WrapBlock},
    jwt::PresentedJwt,
    jwt_claims::Claims,
    token,
};

/// A value block, cut at its seams and joined again.
#[must_use]
pub fn value_block(bytes: &[u8]) -> Option<Vec<u8>> {
    let block = ValueBlock::parse(bytes)?;
    let mut joined = Vec::with_capacity(bytes.len());
    ValueBlock::start(block.salt, block.commitment, block.iv, &mut joined);
    joined.extend_from_slice(block.ciphertext);
    joined.extend_from_slice(block.tag);
    Some(joined)
}

/// The same of a wrap block.
#[must_use]
pub fn wrap_block(bytes: &[u8]) -> Option<Vec<u8>> {
    WrapBlock::parse(bytes).map(|block| block.to_bytes().into_vec())
}

/// A JWT of ours, taken apart and put together again.
#[must_use]
pub fn jwt(text: &str) -> Option<String> {
    PresentedJwt::parse(text).map(|jwt| jwt.text())
}

/// The claims of such a JWT as they are written.
#[must_use]
pub fn claims(json: &[u8]) -> Option<Vec<u8>> {
    let claims = Claims::parse(json)?;
    claims.verified()?;
    claims.to_json().map(|json| json.to_vec())
}

/// A token's text with its checksum.
#[must_use]
pub fn with_checksum(body: &str) -> String {
    body.chars().chain(token::checksum(body.as_bytes()).map(char::from)).collect()
}
