//! What the configuration file says of an issuer: one `[[issuer]]` table. docs/guides/sign-in-with-oidc.md explains it.

use crate::algorithm::Algorithm;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected},
};
use std::{collections::BTreeMap, num::NonZeroU32, path::PathBuf, str::FromStr};
use subrosa_domain::{GroupName, Role, TenantSlug};

/// An issuer as configured. [`Issuers`](crate::Issuers) is where it is judged.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// A short word for it, unique: `^[a-z][a-z0-9-]{0,31}$`.
    pub name: String,
    /// The tenant it speaks for. An issuer of two tenants has two tables, with different audiences.
    #[serde(deserialize_with = "parsed")]
    pub tenant: TenantSlug,
    /// Its address, exactly as `iss` has it.
    pub url: String,
    /// What `aud` has to name: one text or several, of which one has to be there.
    #[serde(deserialize_with = "one_or_more")]
    pub audience: Vec<String>,
    /// The algorithms it is pinned to.
    #[serde(default = "default_algorithms")]
    pub algorithms: Vec<Algorithm>,
    /// What `typ` has to be. Without it: nothing, `JWT` or `at+jwt`.
    #[serde(default)]
    pub token_type: Option<String>,
    /// Claims that have to be there with exactly this value.
    #[serde(default)]
    pub required_claims: BTreeMap<String, ClaimValue>,
    /// What its tokens may do.
    #[serde(default)]
    pub scopes: Vec<ScopeRule>,
    /// Which roles their subjects have in groups.
    #[serde(default)]
    pub roles: Vec<RoleRule>,
    /// The domains whose addresses it may vouch for. Without them no address is taken from it.
    #[serde(default)]
    pub email_domains: Vec<String>,
    /// PEM certificates that its own may be signed by, besides the machine's.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The longest life a token of it may have, from `iat`, which it then has to have.
    #[serde(default)]
    pub max_lifetime_seconds: Option<NonZeroU32>,
}

/// The value of a required claim.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged)]
pub enum ClaimValue {
    /// True or false.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
}

/// Scopes for whoever's token has a claim with a value; without claim and value, for everyone of the issuer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeRule {
    /// The claim's name, or a JSON pointer to one inside others, as `/realm_access/roles`.
    #[serde(default)]
    pub claim: String,
    /// The text it is, or has among its texts.
    #[serde(default)]
    pub value: String,
    /// Names of scopes and presets.
    pub grant: Vec<String>,
}

/// A role in a group for whoever's token has a claim with a value; without both, for everyone of the issuer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleRule {
    /// As in [`ScopeRule`].
    #[serde(default)]
    pub claim: String,
    /// As in [`ScopeRule`].
    #[serde(default)]
    pub value: String,
    /// Which group. `default` has no roles: there, scopes decide.
    #[serde(deserialize_with = "parsed")]
    pub group: GroupName,
    /// Which role in it: `viewer`, `editor` or `admin`.
    #[serde(deserialize_with = "role")]
    pub role: Role,
}

fn default_algorithms() -> Vec<Algorithm> {
    Algorithm::DEFAULT.to_vec()
}

fn parsed<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: std::fmt::Display>,
{
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

fn role<'de, D: Deserializer<'de>>(from: D) -> Result<Role, D::Error> {
    let name = String::deserialize(from)?;
    let unknown =
        || D::Error::invalid_value(Unexpected::Other("another word"), &"viewer, editor or admin");
    Role::parse(&name).ok_or_else(unknown)
}

fn one_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a text or an array of texts")]
    enum OneOrMore {
        One(String),
        More(Vec<String>),
    }
    Ok(match OneOrMore::deserialize(from)? {
        OneOrMore::One(one) => vec![one],
        OneOrMore::More(more) => more,
    })
}
