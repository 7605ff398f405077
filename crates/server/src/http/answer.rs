//! Shaping answers: JSON bodies, created things, bare arrays and pages.

use super::{exchange::Exchange, problem::Answer};
use axum::{body::Body, response::Response};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use subrosa_api::{BareValue, Code, v1::Page as WirePage};
use subrosa_app::Page;
use subrosa_plant::planted;

/// How many elements of a bare array are written at a time.
const CHUNK: usize = 256;

/// Room that a body is begun with: most fit, and what need not grow is not copied.
const ROOM: usize = 512;

/// 200 with a JSON body.
pub(crate) fn json(body: &impl Serialize) -> Answer {
    with_status(StatusCode::OK, body)
}

/// 200 with a JSON body that holds a value or a new token.
pub(crate) fn value(exchange: &Exchange, body: &impl Serialize) -> Answer {
    exchange.carry_value();
    json(body)
}

/// 200 with a body that is a value and nothing else.
pub(crate) fn bare_value(exchange: &Exchange, kind: &'static str, value: BareValue) -> Answer {
    exchange.carry_value();
    let mut response = Response::new(Body::from(value.into_body()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}

/// 201 with a JSON body and where the new thing is.
pub(crate) fn created(location: &str, body: &impl Serialize) -> Answer {
    let mut response = with_status(StatusCode::CREATED, body)?;
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// 204.
pub(crate) fn no_content() -> Answer {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if planted!("schema-undeclared-status") {
        *response.status_mut() = StatusCode::RESET_CONTENT;
    }
    Ok(response)
}

/// A list: a bare array when all of it was asked for, a page otherwise.
pub(crate) fn list<T, W>(page: Page<T>, whole: bool, cursor: impl Fn(&T) -> Vec<u8>) -> Answer
where
    W: for<'a> From<&'a T> + Serialize,
    T: Send + 'static,
{
    if whole { Ok(array::<T, W>(page.items)) } else { json(&paged::<T, W>(&page, cursor)) }
}

/// A page, its cursor made from the last element.
pub(crate) fn paged<T, W>(page: &Page<T>, cursor: impl Fn(&T) -> Vec<u8>) -> WirePage<W>
where
    W: for<'a> From<&'a T>,
{
    let last = page.items.last().filter(|_| page.more);
    WirePage {
        items: page.items.iter().map(W::from).collect(),
        next_page_token: last.map(|item| page_token(&cursor(item))),
        total_count: page.total,
    }
}

/// The text of a cursor.
pub(crate) fn page_token(cursor: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(cursor)
}

/// A bare array, written as it goes. Everything that could be refused was checked before the first byte; a fault after
/// it ends the connection, so that a cut list is never taken for a whole one.
fn array<T, W>(items: Vec<T>) -> Response
where
    W: for<'a> From<&'a T> + Serialize,
    T: Send + 'static,
{
    let mut items = items.into_iter();
    let mut opening = Some(b'[');
    let chunks = std::iter::from_fn(move || {
        let mut text = Vec::with_capacity(16 * 1024);
        for item in items.by_ref().take(CHUNK) {
            text.push(opening.take().unwrap_or(b','));
            if let Err(error) = serde_json::to_writer(&mut text, &W::from(&item)) {
                return Some(Err(error));
            }
        }
        (!text.is_empty()).then(|| Ok(Bytes::from(text)))
    });
    let mut chunks = chunks.peekable();
    // An empty list has no element to bring its opening bracket.
    let end: &'static [u8] = if chunks.peek().is_some() { b"]" } else { b"[]" };
    let closed = stream::iter(chunks.chain([Ok(Bytes::from_static(end))]));
    let mut response = Response::new(Body::from_stream(closed));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// A JSON body with a status of its own.
pub(crate) fn json_as(status: StatusCode, body: &impl Serialize) -> Answer {
    with_status(status, body)
}

fn with_status(status: StatusCode, body: &impl Serialize) -> Answer {
    let mut text = Vec::with_capacity(ROOM);
    serde_json::to_writer(&mut text, body)
        .map_err(|_| super::problem::Refusal::code(Code::Internal))?;
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}
