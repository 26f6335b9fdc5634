//! Ranges of addresses.

use crate::facts::Block;
use std::net::IpAddr;

impl Block {
    /// `10.0.0.0/8`, `fd00::/8`. None for what is no range; an IPv4 address in the form of IPv6 is none either.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let most = match address {
            IpAddr::V4(_) => 32,
            IpAddr::V6(one) if one.to_ipv4_mapped().is_some() => return None,
            IpAddr::V6(_) => 128,
        };
        if bits.is_empty() || !bits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let bits: u8 = bits.parse().ok()?;
        (bits <= most).then_some(Self { address, bits })
    }

    /// Whether an address is of the range. None of one family is of a range of the other.
    #[must_use]
    pub fn holds(&self, one: IpAddr) -> bool {
        let shared = |different: u128, width: u32| {
            let rest = width.saturating_sub(u32::from(self.bits));
            different.checked_shr(rest).unwrap_or(0) == 0
        };
        match (self.address, one) {
            (IpAddr::V4(a), IpAddr::V4(b)) => shared(u128::from(a.to_bits() ^ b.to_bits()), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => shared(a.to_bits() ^ b.to_bits(), 128),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_what_they_share_their_bits_with() {
        for (range, address, held) in [
            ("10.0.0.0/8", "10.255.1.2", true),
            ("10.1.2.3/8", "10.9.9.9", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("169.254.169.254/32", "169.254.169.254", true),
            ("169.254.169.254/32", "169.254.169.253", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "fd00:ec2::254", false),
            ("::/0", "fd00:ec2::254", true),
            ("::/0", "10.0.0.1", false),
            ("fd00:ec2::/32", "fd00:ec2::254", true),
            ("fd00:ec2::254/128", "fd00:ec2::255", false),
        ] {
            let block = Block::parse(range).unwrap();
            assert_eq!(block.holds(address.parse().unwrap()), held, "{range} {address}");
        }
        for wrong in [
            "",
            "10.0.0.0",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "::/129",
            "a/8",
            "::ffff:10.0.0.0/104",
        ] {
            assert_eq!(Block::parse(wrong), None, "{wrong}");
        }
    }
}
