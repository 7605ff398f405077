//! Requests that no client library sends, byte for byte to the real server: they are refused, or mean what they say.

use crate::served::Served;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// How long an answer may take before something is taken to be wrong.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);

pub(super) async fn attack(served: &Served) -> Result<u64, String> {
    let token = served.admin_of("default").await;
    let mut sent = 0;
    let head = |line: &str, headers: &str| {
        format!("{line}\r\nHost: subrosa\r\nConnection: close\r\n{headers}\r\n").into_bytes()
    };
    let secrets = "GET /v1/tenants/default/secrets HTTP/1.1";
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let plain = status_of(served.address, &head(secrets, &bearer));
    assert_eq!(plain, Some(200), "the token works");
    let odd_headers = [
        format!("Authorization: Bearer\r\n {token}\r\n"),
        format!("Authorization:\r\n\tBearer {token}\r\n"),
        format!("Authorization : Bearer {token}\r\n"),
        format!(" Authorization: Bearer {token}\r\n"),
        format!("Authorization\0: Bearer {token}\r\n"),
        format!("Authorization: Bearer {token}\0\r\n"),
        format!("Authorization: Bearer {token}\rX: y\r\n"),
        format!("X: y\r\rAuthorization: Bearer {token}\r\n"),
        format!("Author\u{131}zation: Bearer {token}\r\n"),
        format!("X-Y: z\u{a}\u{a}Authorization: Bearer {token}\r\n"),
    ];
    for headers in &odd_headers {
        let status = status_of(served.address, &head(secrets, headers));
        if !matches!(status, None | Some(400 | 401)) {
            return Err(format!("{headers:?} was answered {status:?}"));
        }
        sent += 1;
    }
    for line in [
        &b"GET /v1/tenants/default\xc0\xafsecrets HTTP/1.1"[..],
        b"GET /v1/tenants/\xc1\xa4efault/secrets HTTP/1.1",
        b"GET /v1/tenants/d\xd0\xb5fault/secrets HTTP/1.1",
        b"GET /v1/tenants/default\0/secrets HTTP/1.1",
        b"GET /v1/tenants/default/secrets\t HTTP/1.1\x00",
        b"GET \\v1\\tenants\\default\\secrets HTTP/1.1",
        b"GET /v1/tenants/x/../default/secrets HTTP/1.1",
        b"GET //v1/tenants/default/secrets HTTP/1.1",
        b"GET v1/tenants/default/secrets HTTP/1.1",
        b"GET /v1/tenants/default /secrets HTTP/1.1",
        b"GET http:/v1/tenants/default/secrets HTTP/1.1",
    ] {
        let rest = format!("\r\nHost: subrosa\r\nConnection: close\r\n{bearer}\r\n");
        let status = status_of(served.address, &[line, rest.as_bytes()].concat());
        if !matches!(status, None | Some(400 | 404)) {
            let line = String::from_utf8_lossy(line);
            return Err(format!("{line:?} was answered {status:?}"));
        }
        sent += 1;
    }
    Ok(sent)
}

/// The status of the first answer; `None` when the connection ends without one.
fn status_of(address: SocketAddr, request: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(ANSWERS_WITHIN)).expect("a limit");
    // It may have been refused before all of it was sent.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    text.split(' ').nth(1)?.parse().ok()
}
