//! The configured issuers, as the use-cases ask for them.

use crate::options::StartFailure;
use async_trait::async_trait;
use std::{path::Path, sync::Arc};
use subrosa_app::sign_in::{self, NotAccepted};
use subrosa_domain::{Assertion, Timestamp};
use subrosa_oidc::{IssuerConfig, Issuers};

/// The room that checks issuers' tokens, behind the port of the room that asks.
struct Checked(Issuers);

/// What checks the tokens of these issuers; `None` when there are none.
///
/// # Errors
/// [`StartFailure::Config`] when they contradict one another or cannot be.
pub(super) fn issuers(
    configs: &[IssuerConfig],
    file: Option<&Path>,
) -> Result<Option<Arc<dyn sign_in::Issuers>>, StartFailure> {
    let Some(path) = file.filter(|_| !configs.is_empty()) else { return Ok(None) };
    let issuers = Issuers::over_https(configs)
        .map_err(|fault| StartFailure::Config { path: path.into(), why: fault.to_string() })?;
    Ok(Some(Arc::new(Checked(issuers))))
}

#[async_trait]
impl sign_in::Issuers for Checked {
    async fn check(&self, jwt: &str, now: Timestamp) -> Result<Assertion, NotAccepted> {
        self.0.check(jwt, now).await.map_err(|why| {
            // Which of the two it was is for the log; the caller learns no more than that the token does not work.
            tracing::debug!(%why, "a token of an issuer was not accepted");
            match why {
                subrosa_oidc::NotAccepted::Unavailable => NotAccepted::Unavailable,
                _ => NotAccepted::Refused,
            }
        })
    }
}
