//! Who is asking by a JWT: a virtual account of ours, or a user of a configured issuer.

mod account;
mod issued;

use crate::{app::App, context::Origin, error::AppError};
use async_trait::async_trait;
use std::sync::Arc;
use subrosa_crypto::{PresentedJwt, looks_like_jwt};
use subrosa_domain::{Assertion, Timestamp, policy::Caller};

/// Who checks the tokens of configured issuers. Implemented where they can be reached, handed over by composition.
#[async_trait]
pub trait Issuers: Send + Sync {
    /// What a token's issuer says of whoever has it, once everything about it was checked.
    async fn check(&self, jwt: &str, now: Timestamp) -> Result<Assertion, NotAccepted>;
}

/// Why an issuer's token was not accepted. The caller learns none of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAccepted {
    /// Nobody configured issued it, or it is not as it should be.
    #[error("not a token of a configured issuer")]
    Refused,
    /// The issuer's keys could not be had.
    #[error("the issuer's keys cannot be had")]
    Unavailable,
}

impl App {
    /// The caller a JWT speaks for.
    ///
    /// Which of the two it is its own header says; neither kind can pass for the other, since each is checked with keys
    /// the other does not have.
    pub(crate) async fn authenticate_jwt(
        &self,
        origin: &Origin,
        text: &str,
    ) -> Result<Arc<Caller>, AppError> {
        if !looks_like_jwt(text) {
            return Err(AppError::Unauthenticated);
        }
        if let Some(presented) = PresentedJwt::parse(text)
            && let Some((tenant, public)) = self.signing_key(presented.kid()).await?
        {
            return self.authenticate_account(origin, &presented, tenant, &public).await;
        }
        self.authenticate_issued(origin, text).await
    }
}
