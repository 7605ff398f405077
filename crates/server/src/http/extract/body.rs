//! The body: JSON, at most 1 MiB, read strictly, in bounded time. Of whom nobody has asked who they are far less is
//! read: a thousand connections of theirs must not fill the memory.

use crate::http::{Http, exchange::Exchange, problem::Refusal};
use axum::{extract::FromRequest, extract::Request};
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body as _;
use serde::de::DeserializeOwned;
use std::{sync::Arc, time::Duration};
use subrosa_api::{Code, MAX_BODY_BYTES, strict};
use subrosa_plant::planted;

/// How long a body may take to arrive: a megabyte over the slowest link anyone administers a server by.
const ARRIVES_WITHIN: Duration = Duration::from_secs(30);

/// The most bytes of a body that anyone may send: what begins a sign-in needs a few hundred.
pub(crate) const ANYONE: usize = 16 * 1024;

/// A body that must be there, of at most `MOST` bytes.
pub(crate) struct Body<T, const MOST: usize = MAX_BODY_BYTES>(pub(crate) T);

/// A body that may be left out, which is as good as `{}`.
pub(crate) struct MaybeBody<T, const MOST: usize = MAX_BODY_BYTES>(pub(crate) T);

impl<T: DeserializeOwned, const MOST: usize> FromRequest<Arc<Http>> for Body<T, MOST> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &Arc<Http>) -> Result<Self, Refusal> {
        let bytes = read(request, MOST).await?;
        strict::from_slice(&bytes).map(Self).map_err(Refusal::Body)
    }
}

impl<T: DeserializeOwned + Default, const MOST: usize> FromRequest<Arc<Http>>
    for MaybeBody<T, MOST>
{
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &Arc<Http>) -> Result<Self, Refusal> {
        Self::of(request).await
    }
}

impl<T: DeserializeOwned + Default, const MOST: usize> MaybeBody<T, MOST> {
    /// The body of a request.
    pub(crate) async fn of(request: Request) -> Result<Self, Refusal> {
        let bytes = read(request, MOST).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        strict::from_slice(&bytes).map(Self).map_err(Refusal::Body)
    }
}

async fn read(request: Request, most: usize) -> Result<Bytes, Refusal> {
    let (parts, body) = request.into_parts();
    let most = if planted!("body-unbounded") { usize::MAX } else { most };
    let most = if planted!("anyone-sends-a-mebibyte") { most.max(MAX_BODY_BYTES) } else { most };
    check_kind(&parts.headers)?;
    check_length(&parts.headers, most)?;
    if body.is_end_stream() {
        // Nothing is to arrive, so nothing has to be waited for.
        return Ok(Bytes::new());
    }
    let arriving = tokio::time::timeout(ARRIVES_WITHIN, Limited::new(body, most).collect());
    let bytes = match arriving.await {
        Err(_late) => return Err(Refusal::code(Code::MalformedJson)),
        Ok(Err(fault)) if fault.is::<LengthLimitError>() => {
            return Err(Refusal::code(Code::BodyTooLarge));
        }
        Ok(Err(_cut)) => return Err(Refusal::code(Code::MalformedJson)),
        Ok(Ok(body)) => body.to_bytes(),
    };
    if planted!("body-logged") {
        tracing::trace!(body = %String::from_utf8_lossy(&bytes), "a body arrived");
    }
    if planted!("value-in-log") {
        tracing::trace!(body = ?&bytes[..], "a body arrived");
    }
    if planted!("value-leaked") {
        // The optimiser leaves a copy out that nobody looks at.
        std::mem::forget(std::hint::black_box(bytes.to_vec()));
    }
    if let (false, Some(exchange)) = (bytes.is_empty(), parts.extensions.get::<Arc<Exchange>>()) {
        exchange.carry_value();
    }
    Ok(bytes)
}

/// A body that says what it is says JSON; one that says nothing is taken at its word by the reader.
fn check_kind(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let kind = kind.to_str().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = kind == "application/json" || kind.ends_with("+json");
    if is_json { Ok(()) } else { Err(Refusal::code(Code::UnsupportedMediaType)) }
}

/// One that announces too much is refused before a byte of it is read.
fn check_length(headers: &HeaderMap, most: usize) -> Result<(), Refusal> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let length: Option<usize> = length.and_then(|length| length.parse().ok());
    if length.is_some_and(|length| length > most) {
        return Err(Refusal::code(Code::BodyTooLarge));
    }
    Ok(())
}
