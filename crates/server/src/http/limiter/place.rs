//! Whom an address stands for when what it does is counted.

use std::net::IpAddr;

/// What is counted together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Place {
    /// An IPv4 address.
    V4(u32),
    /// An IPv6 network of 64 bits: the least that one subscriber is given, who can be at any address of it.
    V6(u64),
}

/// The wider network around a place: about the most that one attacker can have all addresses of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Neighbourhood {
    /// 16 bits of IPv4.
    V4(u16),
    /// 32 bits of IPv6: what a provider is given.
    V6(u32),
}

impl Place {
    /// The place of an address. An IPv4 address is one place, however it is spelled.
    pub(super) const fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.to_bits()),
            IpAddr::V6(address) => Self::V6((address.to_bits() >> 64) as u64),
        }
    }

    pub(super) const fn neighbourhood(self) -> Neighbourhood {
        match self {
            Self::V4(bits) => Neighbourhood::V4((bits >> 16) as u16),
            Self::V6(bits) => Neighbourhood::V6((bits >> 32) as u32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(address: &str) -> Place {
        Place::of(address.parse().unwrap())
    }

    #[test]
    fn an_ipv4_address_is_a_place_and_so_is_it_mapped_into_ipv6() {
        assert_ne!(place("192.0.2.1"), place("192.0.2.2"));
        assert_eq!(place("192.0.2.1"), place("::ffff:192.0.2.1"));
        assert_eq!(place("192.0.2.1"), place("::ffff:c000:201"));
        assert_ne!(place("0.0.0.1"), place("::1"));
    }

    #[test]
    fn an_ipv6_place_is_64_bits_and_not_one_more() {
        assert_eq!(place("2001:db8::"), place("2001:db8::ffff:ffff:ffff:ffff"));
        assert_ne!(place("2001:db8::"), place("2001:db8:0:1::"));
    }

    #[test]
    fn a_neighbourhood_is_what_one_attacker_can_have() {
        let around = |address| place(address).neighbourhood();
        assert_eq!(around("192.0.2.1"), around("192.0.255.1"));
        assert_ne!(around("192.0.2.1"), around("192.1.2.1"));
        assert_eq!(around("2001:db8::"), around("2001:db8:ffff:ffff::"));
        assert_ne!(around("2001:db8::"), around("2001:db9::"));
    }
}
