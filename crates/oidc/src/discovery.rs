//! Where an issuer's keys are: its own word for it, checked.

use crate::{
    address::Address,
    fetch::{Fetch, FetchFault},
    json::{self, Json},
    key_set::KeySet,
};

/// Why an issuer's keys cannot be had. For the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum KeysFault {
    #[error("its configuration cannot be fetched: {0}")]
    Discovery(FetchFault),
    #[error("its configuration is not one of OpenID Connect")]
    NotDiscovery,
    #[error("its configuration is another issuer's")]
    ForeignIssuer,
    #[error("its configuration names no usable address of its keys")]
    KeysAddress,
    #[error("its keys cannot be fetched: {0}")]
    Keys(FetchFault),
    #[error("its keys are no JWK set")]
    NotKeys,
}

/// Where the configuration of the issuer at `url` is: OpenID Connect Discovery, section 4.
pub(crate) fn address_of(url: &Address) -> Result<Address, crate::address::InvalidAddress> {
    let base = url.as_str().strip_suffix('/').unwrap_or(url.as_str());
    format!("{base}/.well-known/openid-configuration").parse()
}

/// Fetches the keys of the issuer at `url`.
pub(crate) async fn fetch_keys(
    fetch: &dyn Fetch,
    url: &Address,
    configuration: &Address,
) -> Result<KeySet, KeysFault> {
    let document = fetch.get(configuration).await.map_err(KeysFault::Discovery)?;
    let keys = keys_address(url, &document)?;
    let document = fetch.get(&keys).await.map_err(KeysFault::Keys)?;
    KeySet::read(&document).ok_or(KeysFault::NotKeys)
}

fn keys_address(url: &Address, document: &[u8]) -> Result<Address, KeysFault> {
    let document = json::object(document).map_err(|_| KeysFault::NotDiscovery)?;
    let text = |name: &str| document.get(name).and_then(Json::text);
    if text("issuer").ok_or(KeysFault::NotDiscovery)? != url.as_str() {
        return Err(KeysFault::ForeignIssuer);
    }
    let address: Address =
        text("jwks_uri").and_then(|text| text.parse().ok()).ok_or(KeysFault::KeysAddress)?;
    // An issuer elsewhere that names an address on this machine would have us ask our own neighbours.
    if url.is_tls() && !address.is_tls() { Err(KeysFault::KeysAddress) } else { Ok(address) }
}
