//! One configured issuer: what its tokens have to be, and what they mean.

use crate::{
    address::Address,
    algorithm::Algorithm,
    cache::{Keys, NoKey},
    claims,
    config::IssuerConfig,
    discovery,
    fault::ConfigFault,
    fetch::Fetch,
    header::Header,
    key_set::Wanted,
    limits::MAX_ISSUER,
    mapping::Mapping,
    refusal::{NotAccepted, Refusal},
    token::Token,
};
use std::{num::NonZeroU32, sync::Arc};
use subrosa_domain::{Assertion, Identity, TenantSlug, Timestamp};

/// An issuer that is believed about its own.
pub(crate) struct Issuer {
    pub(crate) name: Box<str>,
    pub(crate) url: Box<str>,
    pub(crate) audiences: Vec<Box<str>>,
    tenant: TenantSlug,
    algorithms: Vec<Algorithm>,
    token_type: Option<Box<str>>,
    max_lifetime: Option<NonZeroU32>,
    mapping: Mapping,
    keys: Arc<Keys>,
}

impl Issuer {
    /// The issuer that a configuration with a good name describes.
    pub(crate) fn new(config: &IssuerConfig, fetch: Arc<dyn Fetch>) -> Result<Self, ConfigFault> {
        let invalid = |key, expected| ConfigFault::invalid(&config.name, key, expected);
        let bad_url = || {
            let expected = "must be https://HOST[:PORT][/PATH] in 512 characters, without a query; http:// on a \
                            loopback host alone";
            invalid("url", expected)
        };
        let url: Address = config.url.parse().map_err(|_| bad_url())?;
        let configuration = discovery::address_of(&url).map_err(|_| bad_url())?;
        if url.has_query() || config.url.len() > MAX_ISSUER {
            return Err(bad_url());
        }
        if config.audience.is_empty() || config.audience.iter().any(String::is_empty) {
            return Err(invalid("audience", "must be a text or several, none of them empty"));
        }
        if config.algorithms.is_empty() {
            return Err(invalid("algorithms", "must name at least one"));
        }
        if config.token_type.as_ref().is_some_and(String::is_empty) {
            return Err(invalid(
                "token_type",
                "must not be empty: leave it out to take the usual ones",
            ));
        }
        Ok(Self {
            name: config.name.as_str().into(),
            url: config.url.as_str().into(),
            audiences: config.audience.iter().map(|one| one.as_str().into()).collect(),
            tenant: config.tenant.clone(),
            algorithms: config.algorithms.clone(),
            token_type: config.token_type.as_deref().map(Into::into),
            max_lifetime: config.max_lifetime_seconds,
            mapping: Mapping::of(config)?,
            keys: Keys::new(&config.name, url, configuration, fetch),
        })
    }

    /// Whether it and another could both be meant by one token.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.url == other.url && self.audiences.iter().any(|one| other.audiences.contains(one))
    }

    /// What a token says that names this issuer and one of its audiences. What can be refused without a key is, so
    /// that nothing is fetched for it.
    pub(crate) async fn check(
        &self,
        token: &Token<'_>,
        now: Timestamp,
    ) -> Result<Assertion, NotAccepted> {
        let header = Header::read(&token.header, &self.algorithms, self.token_type.as_deref())?;
        claims::refuse_other_kinds(&token.claims)?;
        let expires_at = claims::window(&token.claims, now, self.max_lifetime)?;
        let subject = claims::subject(&token.claims)?;
        if !self.mapping.has_required(&token.claims) {
            return Err(Refusal::Claim.into());
        }
        let wanted = Wanted { name: header.key_name, algorithm: header.algorithm };
        let key = self.keys.find(wanted, now).await?;
        if !key.verifies(header.algorithm, token.message, &token.signature) {
            return Err(Refusal::Signature.into());
        }
        Ok(Assertion {
            tenant: self.tenant.clone(),
            issuer_name: self.name.clone(),
            identity: Identity { issuer: self.url.clone(), subject: subject.into() },
            email: self.mapping.email(&token.claims),
            scopes: self.mapping.scopes(&token.claims),
            roles: self.mapping.roles(&token.claims),
            expires_at,
        })
    }
}

impl From<NoKey> for NotAccepted {
    fn from(none: NoKey) -> Self {
        match none {
            NoKey::Unknown => Refusal::Key.into(),
            NoKey::Unavailable => Self::Unavailable,
        }
    }
}
