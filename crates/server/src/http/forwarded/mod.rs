//! Who is at the other end: the peer, or whom a proxy of the operator's says it speaks for.
//!
//! `X-Forwarded-For` is believed of proxies that were named at the start, and only the part of it that they wrote
//! themselves: read from the right, because each of them appends whom it took the request from. No other header that
//! names an address, a host or a scheme is ever read: whatever a proxy does not overwrite, a client can set.

mod network;

pub use network::{Network, NoNetwork};

use http::{HeaderMap, HeaderName};
use std::net::{IpAddr, SocketAddr};
use subrosa_plant::planted;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Hops of a chain that are looked at. Nobody runs so many proxies in a row; a header can name thousands.
const HOPS_MAX: usize = 32;

/// The longest an entry can be: an IPv6 address with a scope in brackets, and a port.
const ENTRY_BYTES_MAX: usize = 64;

/// The proxies whose word is taken.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TrustedProxies(Box<[Network]>);

impl TrustedProxies {
    /// The proxies in these networks. With none, a request comes from its peer.
    #[must_use]
    pub fn new(networks: &[Network]) -> Self {
        Self(networks.into())
    }

    /// Whom a request comes from: the peer, or, if that is a proxy of these, the last address in its
    /// `X-Forwarded-For` that is not one of these too.
    ///
    /// What is not an address ends the reading: what is left of it was written by whoever wrote that, and the last
    /// proxy to the right of it stands for them all.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers.get_all(X_FORWARDED_FOR).iter().rev();
        let mut hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        for _ in 0..HOPS_MAX {
            if !self.trusts(client) {
                break;
            }
            let skips = planted!("fuzz-unreadable-hop-skipped");
            let hop = if skips { hops.find_map(address) } else { hops.next().and_then(address) };
            let Some(hop) = hop else { break };
            client = hop;
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

/// The address an entry is, with or without the port that some proxies add.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let entry = entry.trim_ascii();
    let text = str::from_utf8(entry).ok().filter(|text| text.len() <= ENTRY_BYTES_MAX)?;
    let with_port = || text.parse().map(|address: SocketAddr| address.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().map(IpAddr::V6).ok();
    let address = text.parse().or_else(|_| with_port()).ok().or_else(bracketed);
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn proxies(networks: &[&str]) -> TrustedProxies {
        let networks: Vec<Network> = networks.iter().map(|one| one.parse().unwrap()).collect();
        TrustedProxies::new(&networks)
    }

    fn said(lines: &[&[u8]]) -> HeaderMap {
        let value = |line: &&[u8]| (X_FORWARDED_FOR, HeaderValue::from_bytes(line).unwrap());
        lines.iter().map(value).collect()
    }

    /// Whom a request of `peer` with these lines comes from, for a server behind 10.0.0.0/8 and fd00::/8.
    fn client(peer: &str, lines: &[&str]) -> String {
        let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
        let peer = peer.parse().unwrap();
        proxies(&["10.0.0.0/8", "fd00::/8"]).client(peer, &said(&lines)).to_string()
    }

    #[test]
    fn a_peer_that_is_no_proxy_of_ours_speaks_for_itself() {
        for peer in ["203.0.113.7", "2001:db8::7", "127.0.0.1", "11.0.0.1", "fe00::1"] {
            for line in ["198.51.100.1", "10.0.0.1", "198.51.100.1, 10.0.0.1", "", "garbage"] {
                assert_eq!(client(peer, &[line]), peer, "{line}");
            }
        }
        let nobody = TrustedProxies::default();
        let peer = IpAddr::from([10, 0, 0, 1]);
        assert_eq!(nobody.client(peer, &said(&[b"198.51.100.1"])), peer);
    }

    #[test]
    fn a_proxy_of_ours_speaks_for_the_last_that_is_none() {
        for (lines, expected) in [
            (&["198.51.100.1"][..], "198.51.100.1"),
            (&["2001:db8::1"], "2001:db8::1"),
            (&["198.51.100.1, 10.1.1.1, fd00::2"], "198.51.100.1"),
            (&["198.51.100.1,10.1.1.1"], "198.51.100.1"),
            (&["198.51.100.1", "10.1.1.1"], "198.51.100.1"),
            (&["192.0.2.66, 198.51.100.1", "10.1.1.1 ,\t10.2.2.2"], "198.51.100.1"),
            // All of ours: who is furthest away.
            (&["10.3.3.3, 10.2.2.2"], "10.3.3.3"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(client("10.0.0.1", lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn what_a_client_wrote_before_the_proxy_did_is_never_believed() {
        let forged = ["192.0.2.66", "10.0.0.1", "127.0.0.1", "garbage", "", ",,,", "\"", "unknown"];
        for forged in forged {
            assert_eq!(client("10.0.0.1", &[forged, "198.51.100.1"]), "198.51.100.1", "{forged}");
            let one_line = format!("{forged}, 198.51.100.1");
            assert_eq!(client("10.0.0.1", &[&one_line]), "198.51.100.1", "{forged}");
        }
        // Nor does a byte that is no text hide what comes after it.
        let lines = said(&[b"\xff\xfe, 198.51.100.1"]);
        let proxies = proxies(&["10.0.0.0/8"]);
        let client = proxies.client(IpAddr::from([10, 0, 0, 1]), &lines);
        assert_eq!(client, IpAddr::from([198, 51, 100, 1]));
    }

    #[test]
    fn what_is_no_address_leaves_the_last_proxy_to_speak_for_it() {
        let long = format!("{}198.51.100.1", "0".repeat(100));
        let no_address = [
            "",
            " ",
            "garbage",
            "unknown",
            "_hidden",
            "198.51.100",
            "198.51.100.256",
            "0x7f.1",
            "010.0.0.1",
            "198.51.100.1.",
            "198.51.100.1:",
            "198.51.100.1:65536",
            "[198.51.100.1]",
            "2001:db8::1]",
            "[2001:db8::1",
            "2001:db8::g",
            "for=198.51.100.1",
            "\"198.51.100.1\"",
            "198.51.100.1;10.0.0.1",
            "198.51.100.1 10.0.0.1",
            "198.51.100.0/24",
            "example.org",
            &long,
        ];
        for entry in no_address {
            let line = format!("192.0.2.66, {entry}, 10.2.2.2");
            assert_eq!(client("10.0.0.1", &[&line]), "10.2.2.2", "{entry}");
            let line = format!("192.0.2.66, {entry}");
            assert_eq!(client("10.0.0.1", &[&line]), "10.0.0.1", "{entry}");
        }
    }

    #[test]
    fn an_address_has_one_form_however_it_is_spelled() {
        assert_eq!(client("::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1", "mapped peer");
        assert_eq!(client("::ffff:203.0.113.7", &["198.51.100.1"]), "203.0.113.7");
        for spelled in [
            "::ffff:198.51.100.1",
            "::FFFF:C633:6401",
            "[::ffff:198.51.100.1]",
            "198.51.100.1:443",
            "[::ffff:198.51.100.1]:443",
            "198.51.100.1, ::ffff:10.9.9.9",
            "198.51.100.1, [fd00::1]:8080",
        ] {
            assert_eq!(client("10.0.0.1", &[spelled]), "198.51.100.1", "{spelled}");
        }
    }

    #[test]
    fn no_other_header_is_read() {
        let names = [
            "forwarded",
            "x-real-ip",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-forwarded",
            "x-client-ip",
            "x-cluster-client-ip",
            "true-client-ip",
            "cf-connecting-ip",
            "x_forwarded_for",
        ];
        for name in names {
            for value in ["198.51.100.1", "for=198.51.100.1"] {
                let name = HeaderName::from_static(name);
                let headers = HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
                let peer = IpAddr::from([10, 0, 0, 1]);
                assert_eq!(proxies(&["10.0.0.0/8"]).client(peer, &headers), peer, "{headers:?}");
            }
        }
    }

    #[test]
    fn a_chain_of_thousands_is_read_for_a_few_hops() {
        let hop = |n: usize| format!("10.0.{}.{}", n / 256, n % 256);
        let chain: Vec<String> = (0..10_000).map(hop).collect();
        // Counted from the right: the 32nd of them.
        let last = hop(10_000 - HOPS_MAX);
        assert_eq!(client("10.0.0.1", &[&chain.join(", ")]), last);
        let lines: Vec<&str> = chain.iter().map(String::as_str).collect();
        assert_eq!(client("10.0.0.1", &lines), last);
        let commas = ",".repeat(10_000);
        assert_eq!(client("10.0.0.1", &[&commas]), "10.0.0.1");
    }
}
