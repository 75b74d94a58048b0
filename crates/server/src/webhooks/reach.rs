//! Which network addresses a webhook may be at: those of the public internet, unless the operator allows others. Whoever may
//! make a webhook must not be able to knock on the doors behind our own. Knows nothing of names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far webhooks reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// To public addresses alone.
    Public,
    /// Everywhere: for receivers in networks of one's own.
    Everywhere,
}

impl Reach {
    /// Whether this address may be connected to.
    pub(super) fn includes(self, address: IpAddr) -> bool {
        match self {
            Reach::Everywhere => true,
            Reach::Public => is_public(address),
        }
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// All but what the IANA registry of special-purpose addresses (RFC 6890) keeps from being reached globally.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // "This network".
        [0, ..] => true,
        // Shared by carriers (RFC 6598).
        [100, second, ..] => second & 0b1100_0000 == 64,
        // Protocol assignments (RFC 6890), and relays from IPv6 (RFC 7526).
        [192, 0, 0, _] | [192, 88, 99, _] => true,
        // Measurements (RFC 2544).
        [198, 18 | 19, ..] => true,
        // Multicast, reserved and broadcast.
        [224..=255, ..] => true,
        _ => false,
    };
    !(special || address.is_private() || address.is_loopback() || address.is_link_local() || address.is_documentation())
}

/// Global unicast (RFC 4291: 2000::/3) and of that nothing that leads elsewhere: so neither loopback, unique local, link-local
/// and multicast, nor addresses that hold one of IPv4 (mapped, compatible, NAT64, 6to4, Teredo).
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let special = match (first, second) {
        // Teredo, benchmarking, ORCHID and the other protocol assignments (RFC 2928), and documentation (RFC 3849).
        (0x2001, 0..=0x1ff | 0xdb8) => true,
        // 6to4 (RFC 7526).
        (0x2002, _) => true,
        // Documentation (RFC 9637).
        (0x3fff, 0..=0xfff) => true,
        _ => false,
    };
    first & 0xe000 == 0x2000 && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_reached() {
        for public in
            ["1.1.1.1", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.15.0.1", "2606:4700::1111", "2a00::1"]
        {
            assert!(Reach::Public.includes(public.parse().unwrap()), "{public}");
        }
        for other in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:1.1.1.1",
            "::ffff:127.0.0.1",
            "::1.1.1.1",
            "64:ff9b::101:101",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd00::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "5f00::1",
        ] {
            assert!(!Reach::Public.includes(other.parse().unwrap()), "{other}");
            assert!(Reach::Everywhere.includes(other.parse().unwrap()), "{other}");
        }
    }
}
