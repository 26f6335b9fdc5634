//! Hosts: what an ACL's host matches, and what never matches anybody.
//!
//! The authorizer compares an ACL's host with the text that Java's `InetAddress.getHostAddress` gives for the client:
//! `10.0.0.1`, or eight groups of IPv6 without leading zeros. Since 4.4.0 (KIP-1276) it takes CIDR blocks as well.

use std::net::{IpAddr, Ipv6Addr};

/// What an ACL's host means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Rule {
    /// `*`: every host.
    Any,
    /// One address, as Java prints it.
    Address(IpAddr),
    /// A block, and how many of its bits count. Matches since 4.4.0 only.
    Block(IpAddr, u8),
    /// Text that is no address as Java prints it: it never matches.
    Dead(Dead),
}

/// Why a host never matches.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub enum Dead {
    /// It is empty.
    Empty,
    /// An address that Java prints in another form.
    Form,
    /// It looks like a block, and is none that Kafka reads.
    Block,
    /// A range or a pattern.
    Range,
    /// A name.
    Name,
    /// 0.0.0.0 or ::, from which nobody connects.
    Unspecified,
}

impl Dead {
    /// Why, in a few words.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::Empty => "it is empty",
            Self::Form => "clients' addresses are written in another form",
            Self::Block => "it is not a CIDR block that Kafka reads",
            Self::Range => "ranges and patterns are compared as text",
            Self::Name => "names are not looked up: clients are compared by address",
            Self::Unspecified => "no client has this address",
        }
    }
}

impl Rule {
    /// What the text of an ACL's host means.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text == "*" {
            return Self::Any;
        }
        if text.is_empty() {
            return Self::Dead(Dead::Empty);
        }
        if let Some((address, bits)) = text.split_once('/') {
            return block(address, bits).map_or(Self::Dead(Dead::Block), |(address, bits)| {
                Self::Block(address, bits)
            });
        }
        match text.parse::<IpAddr>() {
            Ok(address) if address.is_unspecified() => Self::Dead(Dead::Unspecified),
            Ok(address) if java(address) == text => Self::Address(address),
            Ok(_) => Self::Dead(Dead::Form),
            Err(_) if text.contains(['*', '?']) || range(text) => Self::Dead(Dead::Range),
            // A zone stands behind the address of a link: "fe80:0:0:0:0:0:0:1%eth0".
            Err(_) => match text.split_once('%') {
                Some((address, _))
                    if address
                        .parse::<Ipv6Addr>()
                        .is_ok_and(|one| java(IpAddr::V6(one)) == address) =>
                {
                    Self::Address(
                        address
                            .parse::<Ipv6Addr>()
                            .map_or(IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::V6),
                    )
                }
                _ => Self::Dead(Dead::Name),
            },
        }
    }

    /// Whether a broker that takes blocks (4.4.0 and later) or not ever matches it.
    #[must_use]
    pub const fn alive(self, blocks: bool) -> bool {
        match self {
            Self::Any | Self::Address(_) => true,
            Self::Block(..) => blocks,
            Self::Dead(_) => false,
        }
    }
}

fn range(text: &str) -> bool {
    text.split_once('-')
        .is_some_and(|(from, _)| from.trim().parse::<IpAddr>().is_ok())
}

/// An address as Java's `getHostAddress` prints it.
#[must_use]
pub fn java(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => address.segments().map(|group| format!("{group:x}")).join(":"),
    }
}

/// A block as `CidrUtils` of 4.4.0 reads it: decimal octets and bits with leading zeros or not, host bits set or not.
fn block(address: &str, bits: &str) -> Option<(IpAddr, u8)> {
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if address.contains(':') {
        let hex = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
        if !digits(bits, 3) || !address.bytes().all(hex) {
            return None;
        }
        let bits: u16 = bits.parse().ok()?;
        let parsed: Ipv6Addr = address.parse().ok()?;
        // Java takes a mapped address for the IPv4 one, which is not of this family.
        if bits > 128 || parsed.to_ipv4_mapped().is_some() {
            return None;
        }
        return Some((IpAddr::V6(parsed), u8::try_from(bits).ok()?));
    }
    if !digits(bits, 2) {
        return None;
    }
    let mut octets = [0u8; 4];
    let mut parts = address.split('.');
    for slot in &mut octets {
        let part = parts.next().filter(|part| digits(part, 3))?;
        *slot = part.parse().ok()?;
    }
    let bits: u8 = bits.parse().ok()?;
    (parts.next().is_none() && bits <= 32).then_some((IpAddr::from(octets), bits))
}

/// Whether an address is in a block.
#[must_use]
pub fn within(network: IpAddr, bits: u8, address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let shift = 32 - u32::from(bits.min(32));
            shift == 32 || (network.to_bits() ^ address.to_bits()) >> shift == 0
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let shift = 128 - u32::from(bits.min(128));
            shift == 128 || (network.to_bits() ^ address.to_bits()) >> shift == 0
        }
        _ => false,
    }
}

/// Whether every client that the inner host matches is matched by the outer one.
#[must_use]
pub fn covers(outer: Rule, inner: Rule, blocks: bool) -> bool {
    if !outer.alive(blocks) || !inner.alive(blocks) {
        return false;
    }
    match (outer, inner) {
        (Rule::Any, _) => true,
        (Rule::Address(a), Rule::Address(b)) => a == b,
        (Rule::Address(a), Rule::Block(b, bits)) => a == b && bits == if a.is_ipv4() { 32 } else { 128 },
        (Rule::Block(network, bits), Rule::Address(address)) => within(network, bits, address),
        (Rule::Block(network, bits), Rule::Block(inside, more)) => {
            more >= bits && within(network, bits, inside)
        }
        _ => false,
    }
}

/// A client's address, as a question names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Client {
    /// As Java prints it; empty for one that no ACL names.
    pub text: String,
    /// As an address, where it is one.
    pub address: Option<IpAddr>,
}

impl Client {
    /// The client of that address: any form of it, with Java's slash before it or not. `*` and nothing stand for a
    /// client whose host no ACL names.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text = text.trim().trim_start_matches('/');
        match text.parse::<IpAddr>() {
            Ok(IpAddr::V6(six)) => {
                let address = six.to_ipv4_mapped().map_or(IpAddr::V6(six), IpAddr::V4);
                Self {
                    text: java(address),
                    address: Some(address),
                }
            }
            Ok(address) => Self {
                text: java(address),
                address: Some(address),
            },
            Err(_) => {
                let zoned = text.split_once('%').and_then(|(address, zone)| {
                    let address: Ipv6Addr = address.parse().ok()?;
                    Some((
                        format!("{}%{zone}", java(IpAddr::V6(address))),
                        IpAddr::V6(address),
                    ))
                });
                match zoned {
                    Some((text, address)) => Self {
                        text,
                        address: Some(address),
                    },
                    None if text == "*" => Self::unnamed(),
                    None => Self {
                        text: text.to_owned(),
                        address: None,
                    },
                }
            }
        }
    }

    /// A client whose host no ACL names.
    #[must_use]
    pub const fn unnamed() -> Self {
        Self {
            text: String::new(),
            address: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_mean_what_the_broker_makes_of_them() {
        let dead = |text: &str| match Rule::of(text) {
            Rule::Dead(why) => why,
            other => panic!("{text} is {other:?}"),
        };
        assert_eq!(Rule::of("*"), Rule::Any);
        assert!(matches!(Rule::of("10.0.0.1"), Rule::Address(_)));
        assert!(matches!(Rule::of("0:0:0:0:0:0:0:1"), Rule::Address(_)));
        for (text, why) in [
            ("", Dead::Empty),
            ("::1", Dead::Form),
            ("FE80:0:0:0:0:0:0:1", Dead::Form),
            ("localhost", Dead::Name),
            ("010.0.0.1", Dead::Name),
            ("10.0.0.*", Dead::Range),
            ("10.0.0.0-10.0.0.9", Dead::Range),
            ("0.0.0.0", Dead::Unspecified),
            ("10/8", Dead::Block),
            ("/8", Dead::Block),
            ("10.0.0.0/", Dead::Block),
            ("127.0.0.0/33", Dead::Block),
            ("127.0.0.300/8", Dead::Block),
            ("::1/129", Dead::Block),
            ("10.0.0.0/255.0.0.0", Dead::Block),
            ("::ffff:10.0.0.0/104", Dead::Block),
        ] {
            assert_eq!(dead(text), why, "{text}");
        }
    }

    #[test]
    fn blocks_match_as_in_4_4() {
        for (block, address, want) in [
            ("10.0.0.0/8", "10.255.255.255", true),
            ("10.0.0.1/8", "10.200.0.0", true),
            ("010.0.0.0/08", "10.0.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("0.0.0.0/0", "127.0.0.1", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "::1", true),
            ("::/0", "10.0.0.1", false),
            ("::/0", "::ffff:10.0.0.1", false),
            ("FE80::/10", "fe80::1", true),
            ("::1/128", "::1", true),
            ("::/127", "::1", true),
        ] {
            let Rule::Block(network, bits) = Rule::of(block) else {
                panic!("{block} is no block")
            };
            let client = Client::new(address).address.unwrap();
            assert_eq!(within(network, bits, client), want, "{address} in {block}");
        }
        assert_eq!(Client::new("/::1").text, "0:0:0:0:0:0:0:1");
        assert_eq!(Client::new("::ffff:10.0.0.1").text, "10.0.0.1");
    }
}
