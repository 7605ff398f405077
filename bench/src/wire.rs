//! HTTP/1.1 by hand: whole requests as bytes, answers by their length. It has to cost little, for it shares the cores
//! with what it measures, and it need not read what our server and hyper never write.

use crate::failure::{Failure, Result};
use serde_json::Value;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::net::UnixStream,
    path::Path,
    time::{Duration, Instant},
};

/// How long a single answer may take.
const LIMIT: Duration = Duration::from_secs(30);

/// What a request asks for.
pub(crate) struct Ask<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) token: &'a str,
    pub(crate) body: &'a str,
}

impl Ask<'_> {
    /// Appends the request to `out`.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let Self { method, path, token, body } = self;
        for part in [method, " ", path, " HTTP/1.1\r\nhost: bench\r\n"] {
            out.extend_from_slice(part.as_bytes());
        }
        if !token.is_empty() {
            for part in ["authorization: Bearer ", token, "\r\n"] {
                out.extend_from_slice(part.as_bytes());
            }
        }
        if !body.is_empty() {
            let length = body.len();
            let kind = format!("content-type: application/json\r\ncontent-length: {length}\r\n");
            out.extend_from_slice(kind.as_bytes());
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(body.as_bytes());
    }
}

/// A whole answer at the start of some bytes.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

/// The answer at the start of `bytes`; `None` while it is not whole.
pub(crate) fn answer(bytes: &[u8]) -> Result<Option<Answer<'_>>> {
    let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else { return Ok(None) };
    let head = bytes.get(..end + 2).unwrap_or_default();
    let bad = || Failure::new("an answer is not HTTP");
    let status = head.get(9..12).and_then(|digits| str::from_utf8(digits).ok());
    let status: u16 = status.and_then(|digits| digits.parse().ok()).ok_or_else(bad)?;
    let size = match memchr::memmem::find(head, b"content-length: ") {
        None if status == 204 => 0,
        None => return Err(Failure::new("an answer does not say how long it is")),
        Some(at) => {
            let digits = head.get(at + 16..).unwrap_or_default();
            let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
            digits.fold(0, |size, digit| size * 10 + usize::from(digit - b'0'))
        }
    };
    let body = bytes.get(end + 4..end + 4 + size);
    Ok(body.map(|body| Answer { status, body }))
}

/// One connection, one question at a time.
pub(crate) struct Line<S> {
    stream: S,
    bytes: Vec<u8>,
}

/// A connection over TCP.
pub(crate) fn tcp(address: SocketAddr) -> Result<Line<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(LIMIT))?;
    Ok(Line { stream, bytes: Vec::new() })
}

/// The operator's connection.
pub(crate) fn socket(path: &Path) -> Result<Line<UnixStream>> {
    let stream = UnixStream::connect(path)?;
    stream.set_read_timeout(Some(LIMIT))?;
    Ok(Line { stream, bytes: Vec::new() })
}

impl<S: Read + Write> Line<S> {
    /// Asks, and returns the answer's JSON. Any status but 2xx is a failure.
    pub(crate) fn ask(&mut self, ask: &Ask<'_>) -> Result<Value> {
        let mut request = Vec::new();
        ask.write(&mut request);
        let answer = self.answer(&request)?;
        if answer.status / 100 != 2 {
            let said = String::from_utf8_lossy(answer.body);
            let why = format!("{} {}: {} {said}", ask.method, ask.path, answer.status);
            return Err(Failure::new(why));
        }
        Ok(serde_json::from_slice(answer.body).unwrap_or(Value::Null))
    }

    /// Sends a request as it is, and returns the answer's status and how long it took to be whole.
    pub(crate) fn time(&mut self, request: &[u8]) -> Result<(u16, Duration)> {
        let begun = Instant::now();
        let status = self.answer(request)?.status;
        Ok((status, begun.elapsed()))
    }

    fn answer(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request)?;
        self.bytes.clear();
        let mut part = [0; 64 * 1024];
        while answer(&self.bytes)?.is_none() {
            let count = self.stream.read(&mut part)?;
            if count == 0 {
                return Err(Failure::new("an answer was cut off"));
            }
            self.bytes.extend_from_slice(part.get(..count).unwrap_or_default());
        }
        answer(&self.bytes)?.ok_or_else(|| Failure::new("an answer was cut off"))
    }
}
