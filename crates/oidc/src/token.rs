//! A token in its compact form, taken apart. Nothing here is believed yet.

use crate::{
    json::{self, JsonFault, Object},
    limits::MAX_TOKEN_BYTES,
    refusal::Refusal,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The parts of a token. It has no `Debug`: with its signature it is a credential.
pub(crate) struct Token<'t> {
    /// What it says of itself.
    pub(crate) header: Object,
    /// What it says of somebody.
    pub(crate) claims: Object,
    /// What was signed.
    pub(crate) message: &'t [u8],
    /// With what.
    pub(crate) signature: Vec<u8>,
}

impl<'t> Token<'t> {
    /// Takes a token apart. Each part has one spelling: no padding, no white space, no stray bits.
    pub(crate) fn parse(text: &'t str) -> Result<Self, Refusal> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(Refusal::TooLong);
        }
        let (message, signature) = text.rsplit_once('.').ok_or(Refusal::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(Refusal::Malformed)?;
        let signature = decoded(signature)?;
        if signature.is_empty() {
            return Err(Refusal::Malformed);
        }
        let (header, claims) = (decoded(header)?, decoded(claims)?);
        Ok(Self {
            header: json::object(&header)?,
            claims: json::object(&claims)?,
            message: message.as_bytes(),
            signature,
        })
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Malformed)
}

impl From<JsonFault> for Refusal {
    fn from(fault: JsonFault) -> Self {
        match fault {
            JsonFault::Malformed => Self::Malformed,
            JsonFault::Duplicate => Self::Duplicate,
        }
    }
}
