//! A token's header: what may stand in it, and what it is compared with.

use crate::{
    algorithm::Algorithm,
    json::{Json, Object},
    limits::MAX_KEY_NAME,
    refusal::Refusal,
};

/// Parameters that would have us take a key from the token, fetch one, unpack something, or understand an extension.
/// Others are passed over, as RFC 7515 asks.
const REFUSED: [&str; 9] = ["jku", "jwk", "x5u", "x5c", "crit", "zip", "b64", "enc", "cty"];

/// What `typ` may be where the configuration does not say.
const USUAL_TYPES: [&str; 2] = ["jwt", "at+jwt"];

/// A header that asks for nothing.
pub(crate) struct Header<'t> {
    /// How it says it was signed.
    pub(crate) algorithm: Algorithm,
    /// With which key it says it was.
    pub(crate) key_name: Option<&'t str>,
}

impl<'t> Header<'t> {
    /// Reads a header of a token whose issuer is pinned to `algorithms` and to a type of token.
    pub(crate) fn read(
        header: &'t Object,
        algorithms: &[Algorithm],
        token_type: Option<&str>,
    ) -> Result<Self, Refusal> {
        if REFUSED.iter().any(|name| header.contains_key(*name)) {
            return Err(Refusal::Header);
        }
        let algorithm = header.get("alg").and_then(Json::text).and_then(Algorithm::parse);
        let algorithm =
            algorithm.filter(|one| algorithms.contains(one)).ok_or(Refusal::Algorithm)?;
        if !is_type(header.get("typ"), token_type)? {
            return Err(Refusal::Type);
        }
        let key_name = header.get("kid").map(|name| name.text().ok_or(Refusal::Key)).transpose()?;
        if key_name.is_some_and(|name| name.is_empty() || name.len() > MAX_KEY_NAME) {
            return Err(Refusal::Key);
        }
        Ok(Self { algorithm, key_name })
    }
}

fn is_type(given: Option<&Json>, wanted: Option<&str>) -> Result<bool, Refusal> {
    let Some(given) = given else { return Ok(wanted.is_none()) };
    let given = plain_type(given.text().ok_or(Refusal::Type)?);
    Ok(match wanted {
        Some(wanted) => given == plain_type(wanted),
        None => USUAL_TYPES.contains(&given.as_str()),
    })
}

/// A media type as RFC 7515 compares it: whatever the case, with or without `application/`.
fn plain_type(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    name.strip_prefix("application/").map(str::to_owned).unwrap_or(name)
}
