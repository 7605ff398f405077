//! Typed identifiers. Every id is a UUIDv7, so rows made later sort later; a wrong kind of id does not compile.

use crate::time::Timestamp;
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Where new ids come from. The clock and the randomness are passed in, so that tests can fix both.
pub trait Ids: Send + Sync {
    /// A fresh, time-ordered UUID (version 7). Two calls never return the same one.
    fn next(&self) -> Uuid;
}

/// The bytes of a UUIDv7 for `at`, its 74 free bits taken from `random`.
#[must_use]
pub fn uuid_v7(at: Timestamp, random: &[u8; 10]) -> Uuid {
    let ms = u64::try_from(at.as_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(ms, random).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A fresh id.
            #[must_use]
            pub fn fresh(ids: &dyn Ids) -> Self {
                Self(ids.next())
            }

            /// The id with these bytes, as a store read them back.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The id with these 16 bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The underlying UUID.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// The 16 bytes of the id, in network order.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            /// Accepts the hyphenated form alone (either case): one spelling, one meaning.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let id = Uuid::try_parse(text)?;
                if text.len() == 36 { Ok(Self(id)) } else { Uuid::try_parse("").map(Self) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )+};
}

ids! {
    /// One installation: bound into every key wrap, so that two deployments can never read each other's keys.
    DeploymentId,
    /// One tenant. Never reused, even when its slug is.
    TenantId,
    /// One group of secrets. The group `default` of a tenant has the tenant's own UUID ([`GroupId::default_of`]).
    GroupId,
    /// One secret. Never reused, even when its key is.
    SecretId,
    /// One immutable revision of a secret.
    RevisionId,
    /// One agent's grant on a secret.
    GrantId,
    /// One API token.
    TokenId,
    /// One principal: a user, service account, agent or virtual account.
    PrincipalId,
    /// One audit event.
    EventId,
    /// One named role binding.
    BindingId,
    /// One signing key of a tenant: the `kid` of the JWTs it signs.
    SigningKeyId,
    /// One sign-in by device code.
    DeviceId,
    /// One integration: where a group's values live.
    IntegrationId,
    /// One request, as `X-Request-Id` and a problem's `instance` show it.
    RequestId,
}

impl TenantId {
    /// The deployment's own chain of events, for what belongs to no tenant: a tenant made, a stranger refused.
    pub const SYSTEM: Self = Self(Uuid::nil());
}

impl GroupId {
    /// The group `default` of `tenant`, where the v1 and walletcrew surfaces keep everything.
    #[must_use]
    pub const fn default_of(tenant: TenantId) -> Self {
        Self(tenant.uuid())
    }
}

impl IntegrationId {
    /// The sealed store of `tenant`, which every tenant has: its own UUID, marked as version 8 so that it is no other
    /// id of the tenant.
    #[must_use]
    pub const fn built_in(tenant: TenantId) -> Self {
        let [a, b, c, d, e, f, version, rest @ ..] = *tenant.as_bytes();
        let [h, i, j, k, l, m, n, o, p] = rest;
        let marked = 0x80 | (version & 0x0f);
        Self::from_bytes([a, b, c, d, e, f, marked, h, i, j, k, l, m, n, o, p])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hyphenated_form_parses() {
        let id = SecretId::from_bytes([7; 16]);
        assert_eq!(id.to_string().parse::<SecretId>().unwrap(), id);
        assert_eq!(id.to_string().to_uppercase().parse::<SecretId>().unwrap(), id);
        for odd in
            ["", "07070707070707070707070707070707", "{07070707-0707-0707-0707-070707070707}"]
        {
            assert!(odd.parse::<SecretId>().is_err(), "{odd}");
        }
        assert!(format!("urn:uuid:{id}").parse::<SecretId>().is_err());
    }

    #[test]
    fn later_ids_sort_later() {
        let early = uuid_v7(Timestamp::from_millis(1_000), &[255; 10]);
        let late = uuid_v7(Timestamp::from_millis(1_001), &[0; 10]);
        assert!(early < late);
        assert_eq!(early.get_version_num(), 7);
    }
}
