//! All configured issuers, and which of them a token means.

use crate::{
    claims,
    config::IssuerConfig,
    fault::ConfigFault,
    fetch::Fetch,
    https::HttpsFetch,
    issuer::Issuer,
    refusal::{NotAccepted, Refusal},
    token::Token,
};
use std::sync::Arc;
use subrosa_domain::{Assertion, Timestamp};

/// The issuers whose tokens are accepted.
#[derive(Default)]
pub struct Issuers {
    all: Vec<Issuer>,
}

impl Issuers {
    /// The issuers of a configuration, each with a way to fetch its keys. Nothing is fetched yet.
    ///
    /// # Errors
    /// [`ConfigFault`]: the first thing that will not do.
    pub fn new(
        configs: &[IssuerConfig],
        fetch: impl Fn(&IssuerConfig) -> Result<Arc<dyn Fetch>, ConfigFault>,
    ) -> Result<Self, ConfigFault> {
        let mut all: Vec<Issuer> = Vec::with_capacity(configs.len());
        for (index, config) in configs.iter().enumerate() {
            if !is_name(&config.name) {
                return Err(ConfigFault::Name { position: index + 1 });
            }
            if all.iter().any(|other| *other.name == *config.name) {
                return Err(ConfigFault::SameName { name: config.name.as_str().into() });
            }
            let issuer = Issuer::new(config, fetch(config)?)?;
            if let Some(other) = all.iter().find(|other| other.overlaps(&issuer)) {
                let (first, second) = (other.name.clone(), issuer.name);
                return Err(ConfigFault::SameAudience { first, second });
            }
            all.push(issuer);
        }
        Ok(Self { all })
    }

    /// The same, fetching over HTTPS.
    ///
    /// # Errors
    /// [`ConfigFault`], also when a `ca_file` cannot be used.
    pub fn over_https(configs: &[IssuerConfig]) -> Result<Self, ConfigFault> {
        Self::new(configs, |config| {
            Ok(Arc::new(HttpsFetch::new(&config.name, config.ca_file.as_deref())?))
        })
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What a token says, if it is one of a configured issuer, for us, whole, in its time, and signed by its keys.
    ///
    /// # Errors
    /// [`NotAccepted`], which is for our log alone.
    pub async fn check(&self, jwt: &str, now: Timestamp) -> Result<Assertion, NotAccepted> {
        let token = Token::parse(jwt)?;
        self.meant(&token)?.check(&token, now).await
    }

    /// The one issuer that a token names and is for.
    fn meant(&self, token: &Token<'_>) -> Result<&Issuer, NotAccepted> {
        let named = claims::issuer(&token.claims).ok_or(NotAccepted::UnknownIssuer)?;
        let mut of_name = self.all.iter().filter(|issuer| *issuer.url == *named).peekable();
        if of_name.peek().is_none() {
            return Err(NotAccepted::UnknownIssuer);
        }
        let audiences = claims::audiences(&token.claims)?;
        let mut meant =
            of_name.filter(|one| one.audiences.iter().any(|ours| audiences.contains(&&**ours)));
        let first = meant.next().ok_or(Refusal::Audience)?;
        if meant.next().is_some() { Err(Refusal::Ambiguous.into()) } else { Ok(first) }
    }
}

fn is_name(text: &str) -> bool {
    let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let letter = text.bytes().next().is_some_and(|first| first.is_ascii_lowercase());
    letter && text.len() <= 32 && text.bytes().all(ok)
}
