//! The claims of a virtual account's token, as JSON. The members and their order are part of the format.

use crate::jwt::{AccountClaims, VerifiedAccount};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use subrosa_domain::Timestamp;
use subrosa_plant::planted;
use zeroize::Zeroizing;

/// Clients of the truefoundry surface know virtual accounts by this.
const SUBJECT_TYPE: &str = "serviceaccount";

/// The claims in the order in which they are written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claims<'a> {
    sub: Cow<'a, str>,
    jti: Cow<'a, str>,
    iat: i64,
    exp: i64,
    #[serde(rename = "tenantName")]
    tenant_name: Cow<'a, str>,
    username: Cow<'a, str>,
    #[serde(rename = "subjectType")]
    subject_type: Cow<'a, str>,
}

impl<'a> Claims<'a> {
    pub(crate) fn of(claims: &'a AccountClaims<'_>) -> Self {
        Self {
            sub: claims.subject.to_string().into(),
            jti: claims.token.to_string().into(),
            iat: claims.issued_at.as_secs(),
            exp: claims.expires_at.as_secs(),
            tenant_name: claims.tenant.as_str().into(),
            username: claims.name.into(),
            subject_type: SUBJECT_TYPE.into(),
        }
    }

    /// `None` never happens: there is nothing in the claims that JSON cannot say.
    pub(crate) fn to_json(&self) -> Option<Zeroizing<Vec<u8>>> {
        serde_json::to_vec(self).ok().map(Zeroizing::new)
    }

    /// Reads claims that are byte for byte what [`Self::to_json`] writes for them: in this order, each once, nothing
    /// else, no white space, no other spelling of a number or a character.
    pub(crate) fn parse(json: &[u8]) -> Option<Claims<'static>> {
        // The library's errors echo what they could not read, so none goes any further than this line.
        let claims: Claims<'static> = serde_json::from_slice(json).ok()?;
        let spelled_so = claims.to_json()?.as_slice() == json;
        (spelled_so || planted!("fuzz-claims-any-spelling")).then_some(claims)
    }

    /// What the claims say, if they are of a virtual account and their ids and times can be.
    pub(crate) fn verified(&self) -> Option<VerifiedAccount> {
        let account = VerifiedAccount {
            subject: self.sub.parse().ok()?,
            token: self.jti.parse().ok()?,
            issued_at: moment(self.iat)?,
            expires_at: moment(self.exp)?,
        };
        let one_spelling = (account.subject.to_string(), account.token.to_string());
        let ours = (&*one_spelling.0, &*one_spelling.1, SUBJECT_TYPE);
        ((&*self.sub, &*self.jti, &*self.subject_type) == ours).then_some(account)
    }
}

fn moment(seconds: i64) -> Option<Timestamp> {
    seconds.checked_mul(1_000_000).map(Timestamp::from_micros)
}
