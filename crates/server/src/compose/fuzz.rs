//! A door for the fuzzer, in builds with the feature `fuzz` alone: what a configuration file says.

use super::config;
use subrosa_oidc::IssuerConfig;

/// The hosts with their tenants, the public address, and the issuers.
pub type Said = (Vec<(String, String)>, Option<String>, Vec<IssuerConfig>);

/// What a file with this text says, or why it cannot be read.
///
/// # Errors
/// Why not, for whoever wrote the file.
pub fn config(text: &str) -> Result<Said, String> {
    let config = config::parse(text)?;
    let hosts = config.hosts.into_iter().map(|(host, slug)| (host, slug.to_string()));
    Ok((hosts.collect(), config.public_url, config.issuers))
}
