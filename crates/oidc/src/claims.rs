//! The claims every token has to have, each with its one right type. A claim of another type is not absent: it is
//! wrong.

use crate::{
    json::{Json, Object},
    limits::{CLOCK_LEEWAY, MAX_SECONDS, MAX_SUBJECT},
    refusal::Refusal,
};
use std::num::NonZeroU32;
use subrosa_domain::Timestamp;

/// Who the token says made it.
pub(crate) fn issuer(claims: &Object) -> Option<&str> {
    claims.get("iss").and_then(Json::text)
}

/// Whom the token says it is for.
pub(crate) fn audiences(claims: &Object) -> Result<Vec<&str>, Refusal> {
    match claims.get("aud") {
        Some(Json::Text(one)) => Ok(vec![one]),
        Some(Json::Array(all)) => {
            all.iter().map(|one| one.text().ok_or(Refusal::Audience)).collect()
        }
        _ => Err(Refusal::Audience),
    }
}

/// Whom the token means: printable ASCII, as OpenID Connect has it, without space at either end.
pub(crate) fn subject(claims: &Object) -> Result<&str, Refusal> {
    let subject = claims.get("sub").and_then(Json::text).ok_or(Refusal::Subject)?;
    let printable = subject.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    let fits = (1..=MAX_SUBJECT).contains(&subject.len()) && subject.trim() == subject;
    if printable && fits { Ok(subject) } else { Err(Refusal::Subject) }
}

/// Checks the token's times against `now` and returns its end.
pub(crate) fn window(
    claims: &Object,
    now: Timestamp,
    max_lifetime: Option<NonZeroU32>,
) -> Result<Timestamp, Refusal> {
    let end = seconds(claims, "exp")?.ok_or(Refusal::Time)?;
    let expires_at = moment(end);
    if now >= expires_at {
        return Err(Refusal::Expired);
    }
    let soon = now.plus(CLOCK_LEEWAY);
    let (begin, made) = (seconds(claims, "nbf")?, seconds(claims, "iat")?);
    if [begin, made].into_iter().flatten().any(|at| moment(at) > soon) {
        return Err(Refusal::NotYet);
    }
    if let Some(longest) = max_lifetime {
        let made = made.ok_or(Refusal::Lifetime)?;
        if end - made > i64::from(longest.get()) {
            return Err(Refusal::Lifetime);
        }
    }
    Ok(expires_at)
}

/// Refuses statements that are not for their bearer: events about a subject (RFC 8417, logout tokens among them), and
/// tokens whose holder has to show a key (RFC 7800), which nobody checks here.
pub(crate) fn refuse_other_kinds(claims: &Object) -> Result<(), Refusal> {
    if claims.contains_key("events") {
        return Err(Refusal::Type);
    }
    if claims.contains_key("cnf") { Err(Refusal::Bound) } else { Ok(()) }
}

fn seconds(claims: &Object, name: &str) -> Result<Option<i64>, Refusal> {
    match claims.get(name) {
        None => Ok(None),
        Some(Json::Integer(at)) if (0..=MAX_SECONDS).contains(at) => Ok(Some(*at)),
        Some(_) => Err(Refusal::Time),
    }
}

const fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds.saturating_mul(1_000_000))
}
