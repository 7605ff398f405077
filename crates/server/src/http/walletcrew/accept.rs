//! `Accept`, as far as this surface has a choice: a value as JSON or as plain text.

use crate::http::{Http, problem::Refusal};
use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};
use std::sync::Arc;

/// Whether the caller prefers plain text to JSON. JSON where nothing is said, both are wanted alike, or neither is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PrefersText(pub(crate) bool);

impl FromRequestParts<Arc<Http>> for PrefersText {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Http>) -> Result<Self, Refusal> {
        Ok(Self(prefers_text(&parts.headers)))
    }
}

/// Whether these headers prefer plain text.
pub(in crate::http) fn prefers_text(headers: &HeaderMap) -> bool {
    let (mut json, mut text) = (Wanted::NOT, Wanted::NOT);
    for line in headers.get_all(header::ACCEPT) {
        // What cannot be read is passed over: an odd range is no reason to refuse, nor to guess.
        for range in line.to_str().unwrap_or_default().split(',').filter_map(Range::parse) {
            json = json.or(&range, ("application", "json"));
            text = text.or(&range, ("text", "plain"));
        }
    }
    text.thousandths > json.thousandths
}

/// A media range and how much it is wanted.
struct Range<'a> {
    kind: &'a str,
    subkind: &'a str,
    thousandths: u16,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subkind) = parts.next()?.split_once('/')?;
        let weight = parts.filter_map(|part| part.split_once('='));
        let weight = weight.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        let thousandths = weight.map_or(Some(1_000), |(_, weight)| thousandths(weight.trim()))?;
        Some(Self { kind, subkind, thousandths })
    }

    /// How exactly the range names this kind; `None` when it does not.
    fn exactness(&self, (kind, subkind): (&str, &str)) -> Option<u8> {
        let is = |named: &str, this: &str| named.eq_ignore_ascii_case(this);
        match (self.kind, self.subkind) {
            ("*", "*") => Some(1),
            (named, "*") if is(named, kind) => Some(2),
            (named, below) if is(named, kind) && is(below, subkind) => Some(3),
            _ => None,
        }
    }
}

/// `0` to `1` with at most three digits after the point.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let fraction: u16 = format!("{fraction:0<3}").parse().ok().filter(|_| digits)?;
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1_000),
        _ => None,
    }
}

/// How much a kind is wanted, by the range that names it most exactly.
#[derive(Clone, Copy)]
struct Wanted {
    exactness: u8,
    thousandths: u16,
}

impl Wanted {
    const NOT: Self = Self { exactness: 0, thousandths: 0 };

    fn or(self, range: &Range<'_>, kind: (&str, &str)) -> Self {
        match range.exactness(kind) {
            Some(exactness) if exactness > self.exactness => {
                Self { exactness, thousandths: range.thousandths }
            }
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::ACCEPT, line.parse().unwrap());
        }
        prefers_text(&headers)
    }

    #[test]
    fn text_is_answered_to_who_wants_it_more_than_json() {
        for accept in [
            "text/plain",
            "TEXT/Plain",
            "text/*",
            "text/plain; charset=utf-8",
            "text/plain, application/json;q=0.9",
            "application/json;q=0.5, text/*;q=0.501",
            "application/json;q=0, */*",
            "image/png, text/plain;q=0.001",
            "text/plain;q=1.000;x=y , */* ; q = 0.1",
        ] {
            assert!(text(&[accept]), "{accept}");
        }
        assert!(text(&["image/png", "text/plain"]), "two lines are one list");
    }

    #[test]
    fn json_is_answered_to_everyone_else() {
        assert!(!text(&[]));
        for accept in [
            "",
            "*/*",
            "application/json",
            "application/*",
            "application/json, text/plain, */*",
            "text/plain, */*",
            "text/plain;q=0",
            "text/plain;q=0, */*",
            "text/*, text/plain;q=0",
            "text/html, image/png",
            "text/plain;q=2",
            "text/plain;q=0.0001",
            "text/plain;q=.5",
            "text/plain;q=",
            "text/plain;q=1.001",
            "text",
            "*/plain",
            ",;=/,,",
        ] {
            assert!(!text(&[accept]), "{accept}");
        }
    }
}
