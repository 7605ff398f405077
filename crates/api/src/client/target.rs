//! Where a server is.

use http::Uri;
use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    path::PathBuf,
    str::FromStr,
};

/// Where to send calls.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// The server's own socket: the caller is the operator.
    Socket(PathBuf),
    /// A server over HTTP.
    Server(Server),
}

/// A server's address, from `http://host[:port]` or `https://host[:port]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Server {
    /// A name or address, without brackets.
    pub(super) host: String,
    /// 80 or 443 unless said.
    pub(super) port: u16,
    /// Whether it is `https`.
    pub(super) tls: bool,
}

/// What was given is no address of a server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be http://HOST[:PORT] or https://HOST[:PORT], without a path")]
pub struct InvalidServer;

impl FromStr for Server {
    type Err = InvalidServer;

    fn from_str(text: &str) -> Result<Self, InvalidServer> {
        let uri: Uri = text.parse().map_err(|_| InvalidServer)?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(InvalidServer),
        };
        let authority = uri.authority().ok_or(InvalidServer)?;
        if authority.as_str().contains('@')
            || !matches!(uri.path(), "" | "/")
            || uri.query().is_some()
        {
            return Err(InvalidServer);
        }
        let host = match authority.host().strip_prefix('[') {
            Some(host) => {
                let host = host.strip_suffix(']').ok_or(InvalidServer)?;
                host.parse::<Ipv6Addr>().map(|_| host).map_err(|_| InvalidServer)?
            }
            None => authority.host(),
        };
        if host.is_empty() || host.contains(['[', ']']) {
            return Err(InvalidServer);
        }
        // A port that no number of 16 bits is reads as none at all, and would silently be the scheme's own.
        let said = authority.as_str().strip_prefix(authority.host()).ok_or(InvalidServer)?;
        let port = match (authority.port(), said) {
            (Some(port), _) => port.as_u16(),
            (None, "") if tls => 443,
            (None, "") => 80,
            (None, _) => return Err(InvalidServer),
        };
        Ok(Self { host: host.to_owned(), port, tls })
    }
}

impl Server {
    /// Whether what is sent there can be read on the way: plain HTTP beyond this machine.
    #[must_use]
    pub fn is_open_to_eavesdroppers(&self) -> bool {
        let here = self.host == "localhost"
            || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        !self.tls && !here
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority())
    }
}

impl Server {
    /// `host:port`, an IPv6 address in brackets.
    pub(super) fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(path) => path.display().fmt(f),
            Self::Server(server) => server.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> Result<String, InvalidServer> {
        text.parse::<Server>().map(|server| server.to_string())
    }

    #[test]
    fn a_server_is_a_scheme_a_host_and_a_port() {
        assert_eq!(server("http://127.0.0.1:7420").unwrap(), "http://127.0.0.1:7420");
        assert_eq!(server("https://secrets.example/").unwrap(), "https://secrets.example:443");
        assert_eq!(server("http://[::1]:7420").unwrap(), "http://[::1]:7420");
        for bad in [
            "",
            "host",
            "ftp://h",
            "http://",
            "http://h/p",
            "http://u:p@h",
            "http://h?q",
            "http://h:",
            "https://h:99999",
            "http://h[::1]:80",
            "http://[h]",
        ] {
            assert_eq!(server(bad), Err(InvalidServer), "{bad}");
        }
    }

    #[test]
    fn plain_http_is_private_on_this_machine_alone() {
        let open = |text: &str| text.parse::<Server>().unwrap().is_open_to_eavesdroppers();
        assert!(!open("http://127.0.0.1:1") && !open("http://localhost") && !open("http://[::1]"));
        assert!(!open("https://secrets.example"));
        assert!(open("http://secrets.example") && open("http://10.0.0.1"));
    }
}
