//! Addresses that documents are fetched from.

use crate::limits::MAX_ADDRESS;
use http::Uri;
use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};

/// An `https://` address, or an `http://` one on this machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    text: Box<str>,
    tls: bool,
    host: Box<str>,
    port: u16,
    /// Path and query.
    target: Box<str>,
}

/// What was given is no address to fetch from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be https://HOST[:PORT][/PATH], or http:// on a loopback host")]
pub struct InvalidAddress;

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        // `Uri` forgets a fragment without a word, and reads a backslash as nothing special where browsers do.
        if text.len() > MAX_ADDRESS
            || text.bytes().any(|b| !b.is_ascii_graphic() || b"#\\".contains(&b))
        {
            return Err(InvalidAddress);
        }
        let uri: Uri = text.parse().map_err(|_| InvalidAddress)?;
        let authority = uri.authority().ok_or(InvalidAddress)?;
        let host = match authority.host().strip_prefix('[') {
            Some(host) => {
                let host = host.strip_suffix(']').ok_or(InvalidAddress)?;
                host.parse::<Ipv6Addr>().map(|_| host).map_err(|_| InvalidAddress)?
            }
            None => authority.host(),
        };
        if authority.as_str().contains('@') || host.is_empty() || host.contains(['[', ']']) {
            return Err(InvalidAddress);
        }
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if is_loopback(host) => false,
            _ => return Err(InvalidAddress),
        };
        let after_host = authority.as_str().strip_prefix(authority.host()).ok_or(InvalidAddress)?;
        let port = port(after_host, tls).ok_or(InvalidAddress)?;
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        Ok(Self { text: text.into(), tls, host: host.into(), port, target: target.into() })
    }
}

impl Address {
    /// It, as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether what is fetched cannot be read or changed on the way.
    #[must_use]
    pub const fn is_tls(&self) -> bool {
        self.tls
    }

    /// The host, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port: 443 or 80 unless said.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Path and query, as a request has them.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    pub(crate) fn has_query(&self) -> bool {
        self.target.contains('?')
    }

    /// `host:port`, an IPv6 address in brackets.
    pub(crate) fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// The port in what follows the host. `Authority::port` has no answer for one that is too large, as if none were there.
fn port(after_host: &str, tls: bool) -> Option<u16> {
    if after_host.is_empty() {
        return Some(if tls { 443 } else { 80 });
    }
    let digits = after_host.strip_prefix(':')?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|port| plain && *port != 0)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_tls_or_on_this_machine() {
        let parts = |text: &str| {
            let address: Address = text.parse().unwrap();
            (address.authority(), address.target().to_owned(), address.is_tls())
        };
        assert_eq!(parts("https://id.acme.dev"), ("id.acme.dev:443".into(), "/".into(), true));
        assert_eq!(
            parts("https://id.acme.dev:8443/realms/a?p=1"),
            ("id.acme.dev:8443".into(), "/realms/a?p=1".into(), true)
        );
        assert_eq!(parts("http://[::1]:80/x"), ("[::1]:80".into(), "/x".into(), false));
        assert_eq!(parts("http://127.0.0.9:1"), ("127.0.0.9:1".into(), "/".into(), false));
        let long = format!("https://id.acme.dev/{}", "a".repeat(MAX_ADDRESS));
        for bad in [
            "",
            "id.acme.dev",
            "/keys",
            "//id.acme.dev/keys",
            "http://id.acme.dev",
            "http://10.0.0.1",
            "http://169.254.169.254/latest",
            "http://localhost.acme.dev",
            "http://127.0.0.1.nip.io",
            "ftp://id.acme.dev",
            "file:///etc/passwd",
            "https://",
            "https:///keys",
            "https://id.acme.dev:",
            "https://id.acme.dev:0",
            "https://id.acme.dev:+1",
            "https://id.acme.dev:99999",
            "https://[::1]x",
            "https://x[::1]",
            "https://[id.acme.dev]",
            "https://ana@id.acme.dev",
            "https://ana:pw@id.acme.dev",
            "https://id.acme.dev#f",
            "https://id.acme.dev/a b",
            "https://id.acme.dev\\@evil.example",
            "https://id.acme.dév",
            "https://id.acme.dev/\r\nHost: evil",
            &long,
        ] {
            assert_eq!(bad.parse::<Address>(), Err(InvalidAddress), "{bad}");
        }
    }
}
