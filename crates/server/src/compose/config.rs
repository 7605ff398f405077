//! The configuration file: what is too much for flags. TOML, every member known by name.

use crate::options::StartFailure;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};
use subrosa_domain::TenantSlug;
use subrosa_oidc::IssuerConfig;

/// What the file says. Without one it says nothing.
#[derive(Default)]
pub(super) struct Config {
    /// Which tenant a host is for.
    pub(super) hosts: HashMap<String, TenantSlug>,
    /// Where people reach this server.
    pub(super) public_url: Option<String>,
    /// Whose tokens are taken.
    pub(super) issuers: Vec<IssuerConfig>,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    public_url: Option<String>,
    #[serde(default)]
    hosts: BTreeMap<String, String>,
    #[serde(default)]
    issuer: Vec<IssuerConfig>,
}

/// Reads the file.
///
/// # Errors
/// [`StartFailure::Config`] with the place, when it cannot be read or says what is not known.
pub(super) fn read(path: Option<&Path>) -> Result<Config, StartFailure> {
    let Some(path) = path else { return Ok(Config::default()) };
    let refused = |why: String| StartFailure::Config { path: path.into(), why };
    let text = std::fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
    parse(&text).map_err(refused)
}

/// What a file with this text says, or why it cannot be read.
pub(super) fn parse(text: &str) -> Result<Config, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let host = |(host, slug): (String, String)| match slug.parse() {
        Ok(slug) => Ok((host.to_ascii_lowercase(), slug)),
        Err(why) => Err(format!("hosts: the tenant of {host} {why}")),
    };
    let public_url = file.public_url.map(|url| url.trim_end_matches('/').to_owned());
    if public_url.as_deref().is_some_and(|url| !url.starts_with("http")) {
        return Err("public_url must begin with https:// or http://".to_owned());
    }
    let hosts = file.hosts.into_iter().map(host).collect::<Result<_, _>>()?;
    Ok(Config { hosts, public_url, issuers: file.issuer })
}
