//! Secrets: the one request that writes one. Answers are bare: an array of keys, or the value itself.

use crate::{IsoTime, SecretValue};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, MapAccess, Visitor},
};
use std::fmt;
use utoipa::ToSchema;

/// The body of PUT `secrets/{key}`. It replaces value and window whole: a date that is absent or null is cleared.
///
/// The dates' names are read in any case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutSecret {
    /// The value.
    pub value: SecretValue,
    /// From this moment on it resolves nowhere. It must be in the future.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<IsoTime>,
    /// Before this moment it resolves nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<IsoTime>,
}

const MEMBERS: &[&str] = &["value", "expiresOn", "notBefore"];

enum Member {
    Value,
    ExpiresOn,
    NotBefore,
}

// By hand, because a derived reader knows one spelling of a name, and this surface's callers write `ExpiresOn` too.
impl<'de> Deserialize<'de> for PutSecret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_struct("PutSecret", MEMBERS, Body)
    }
}

struct Body;

impl<'de> Visitor<'de> for Body {
    type Value = PutSecret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<PutSecret, A::Error> {
        let (mut value, mut expires_on, mut not_before) = (None, None, None);
        while let Some(member) = from.next_key()? {
            match member {
                Member::Value => once(&mut value, "value", from.next_value()?)?,
                Member::ExpiresOn => once(&mut expires_on, "expiresOn", from.next_value()?)?,
                Member::NotBefore => once(&mut not_before, "notBefore", from.next_value()?)?,
            }
        }
        Ok(PutSecret {
            value: value.ok_or_else(|| A::Error::missing_field("value"))?,
            expires_on: expires_on.flatten(),
            not_before: not_before.flatten(),
        })
    }
}

/// Two spellings of one name are two claims, and neither is believed.
fn once<T, E: Error>(slot: &mut Option<T>, name: &'static str, value: T) -> Result<(), E> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::duplicate_field(name)),
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_identifier(Name)
    }
}

struct Name;

impl Visitor<'_> for Name {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Member, E> {
        match name {
            "value" => Ok(Member::Value),
            name if name.eq_ignore_ascii_case("expiresOn") => Ok(Member::ExpiresOn),
            name if name.eq_ignore_ascii_case("notBefore") => Ok(Member::NotBefore),
            name => Err(E::unknown_field(name, MEMBERS)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strict::{BodyFault, from_slice};

    const AT: &str = "2027-01-01T00:00:00Z";

    fn fault(body: &str) -> BodyFault {
        from_slice::<PutSecret>(body.as_bytes()).err().expect("a fault")
    }

    #[test]
    fn dates_are_read_under_any_spelling_of_their_names() {
        for name in ["expiresOn", "ExpiresOn", "expireson", "EXPIRESON"] {
            let body = format!(r#"{{"value":"v","{name}":"{AT}"}}"#);
            let put: PutSecret = from_slice(body.as_bytes()).unwrap();
            assert_eq!(put.expires_on.map(|at| at.to_string()).as_deref(), Some(AT), "{name}");
            assert_eq!(put.not_before, None);
        }
        let put: PutSecret = from_slice(br#"{"NotBefore":null,"value":""}"#).unwrap();
        assert_eq!((put.expires_on, put.not_before), (None, None));
    }

    #[test]
    fn faults_are_placed_under_the_name_that_is_documented() {
        let places = [
            (r#"{"value":"v","ExpiresOn":"soon"}"#, "/expiresOn"),
            (r#"{"value":"v","notbefore":7}"#, "/notBefore"),
            (r#"{"value":"v","expiresOn":null,"ExpiresOn":null}"#, "/expiresOn"),
            (r#"{"value":"v","ExpiresOn":null,"ExpiresOn":null}"#, "/expiresOn"),
            (r#"{"value":null}"#, "/value"),
            (r#"{"value":7}"#, "/value"),
            (r#"{"expiresOn":null}"#, "/value"),
            (r#"{"value":"v","Value":"w"}"#, ""),
            (r#"{"value":"v","description":"d"}"#, ""),
            ("[]", ""),
        ];
        for (body, pointer) in places {
            let fault = fault(body);
            assert_eq!(fault.place().map(|(at, _)| at).as_deref(), Some(pointer), "{body}");
        }
        let unknown = fault(r#"{"value":"v","ExpiresAt":null}"#).to_string();
        assert_eq!(unknown, "has an unknown member; allowed are value, expiresOn, notBefore");
    }
}
