//! Networks as an operator names them: `10.0.0.0/8`, `fd00::/8`, or one address.

use std::{
    net::{IpAddr, Ipv4Addr},
    str::FromStr,
};

/// An address and how many of its bits count.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Network {
    /// Never an IPv4 address mapped into IPv6.
    address: IpAddr,
    /// At least one: a network of everyone is none.
    bits: u8,
}

/// Why a text is no network.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoNetwork {
    /// It cannot be read.
    #[error("not an address, and not a network such as 10.0.0.0/8 or fd00::/8")]
    Unreadable,
    /// It could be meant as one address or as the network around it.
    #[error("the address has bits beyond the length of its network")]
    BitsBeyond,
    /// It has everyone in it.
    #[error("a network of length 0 has everyone in it")]
    Everyone,
}

impl Network {
    /// Whether an address is in it. An IPv4 address is, however it is spelled.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                (own.to_bits() ^ other.to_bits()).leading_zeros() >= self.bits.into()
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                (own.to_bits() ^ other.to_bits()).leading_zeros() >= self.bits.into()
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let (address, bits) = match text.split_once('/') {
            None => (text, None),
            Some((address, bits)) => (address, Some(length(bits).ok_or(NoNetwork::Unreadable)?)),
        };
        let spelled: IpAddr = address.parse().map_err(|_| NoNetwork::Unreadable)?;
        let bits = bits.unwrap_or(width(spelled));
        let address = spelled.to_canonical();
        // Mapped into IPv6, an IPv4 network is 96 bits longer.
        let bits = bits.checked_sub(width(spelled) - width(address));
        let bits = bits.filter(|bits| *bits <= width(address)).ok_or(NoNetwork::Unreadable)?;
        if bits == 0 {
            return Err(NoNetwork::Everyone);
        }
        let beyond = match address {
            IpAddr::V4(address) => address.to_bits().trailing_zeros(),
            IpAddr::V6(address) => address.to_bits().trailing_zeros(),
        };
        if beyond < (width(address) - bits).into() {
            return Err(NoNetwork::BitsBeyond);
        }
        Ok(Self { address, bits })
    }
}

/// A length in plain decimal: no sign, no zero in front.
fn length(text: &str) -> Option<u8> {
    let plain = text == "0" || (!text.starts_with('0') && !text.starts_with('+'));
    text.parse().ok().filter(|_| plain)
}

const fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => Ipv4Addr::BITS as u8,
        IpAddr::V6(_) => std::net::Ipv6Addr::BITS as u8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, address: &str) -> bool {
        network.parse::<Network>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_has_its_own_addresses_and_no_others() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255"], ["9.255.255.255", "11.0.0.0"]),
            ("192.0.2.4/30", ["192.0.2.4", "192.0.2.7"], ["192.0.2.3", "192.0.2.8"]),
            ("128.0.0.0/1", ["128.0.0.0", "255.255.255.255"], ["127.255.255.255", "8000::"]),
            ("192.0.2.1", ["192.0.2.1", "::ffff:192.0.2.1"], ["192.0.2.0", "192.0.2.2"]),
            ("192.0.2.1/32", ["192.0.2.1", "::ffff:192.0.2.1"], ["192.0.2.0", "::c000:201"]),
            ("::1", ["::1", "0:0:0:0:0:0:0:1"], ["::", "::2"]),
            ("::/128", ["::", "0::0"], ["::1", "0.0.0.0"]),
            ("fd00::/8", ["fd00::", "fdff::1"], ["fc00::", "fe00::"]),
            ("2001:db8::/33", ["2001:db8::", "2001:db8:7fff::"], ["2001:db8:8000::", "::"]),
            ("::ffff:10.0.0.0/104", ["10.1.2.3", "::ffff:10.1.2.3"], ["11.0.0.0", "::10.1.2.3"]),
            ("::ffff:192.0.2.1", ["192.0.2.1", "::ffff:192.0.2.1"], ["192.0.2.2", "::"]),
        ] {
            assert!(inside.iter().all(|address| contains(network, address)), "{network}");
            assert!(!outside.iter().any(|address| contains(network, address)), "{network}");
        }
    }

    #[test]
    fn what_could_be_read_two_ways_is_no_network() {
        for text in [
            "",
            "/",
            "/8",
            "10.0.0.0/",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/-1",
            "10.0.0.0/+8",
            "10.0.0.0/08",
            "10.0.0.0/8/8",
            "10.0.0.0/ 8",
            " 10.0.0.0/8",
            "10.0.0/8",
            "10/8",
            "010.0.0.0/8",
            "10.0.0.0/255.0.0.0",
            "10.0.0.0-10.0.0.9",
            "10.0.0.*",
            "localhost",
            "[::1]",
            "::1%1",
            "10.0.0.1:80",
            "::ffff:10.0.0.0/8",
            "fd00::/256",
            "10.0.0.0/8,::1",
        ] {
            assert_eq!(text.parse::<Network>(), Err(NoNetwork::Unreadable), "{text}");
        }
        for text in ["10.0.0.1/8", "192.0.2.1/31", "fd00::1/8", "::ffff:10.0.0.1/104"] {
            assert_eq!(text.parse::<Network>(), Err(NoNetwork::BitsBeyond), "{text}");
        }
    }

    #[test]
    fn nobody_trusts_everyone() {
        for text in ["0.0.0.0/0", "::/0", "10.0.0.0/0", "::ffff:0.0.0.0/96"] {
            assert_eq!(text.parse::<Network>(), Err(NoNetwork::Everyone), "{text}");
        }
    }
}
