//! Values as condition operators compare them: numbers, dates, addresses, base64 text. What cannot be read as one
//! matches nothing.

use std::cmp::Ordering;
use std::net::IpAddr;

/// An integer or decimal, of any length; no exponents.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Number {
    negative: bool,
    whole: String,
    fraction: String,
}

impl Number {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let (whole, fraction) = (
            whole.trim_start_matches('0').to_owned(),
            fraction.trim_end_matches('0').to_owned(),
        );
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self {
            negative: negative && !zero,
            whole,
            fraction,
        })
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let size = |a: &Self, b: &Self| {
            (a.whole.len().cmp(&b.whole.len()))
                .then_with(|| a.whole.cmp(&b.whole))
                .then_with(|| a.fraction.cmp(&b.fraction))
        };
        match (self.negative, other.negative) {
            (false, false) => size(self, other),
            (true, true) => size(other, self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

/// A point in time: seconds since 1970 and nanoseconds.
pub(super) fn date(text: &str) -> Option<(i64, u32)> {
    let text = text.trim();
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let dashed = date.len() >= 7 && !date.starts_with('-') && date.contains('-');
    if time.is_none() && !dashed && date.len() != 4 {
        return epoch(text);
    }
    let mut parts = date.split('-');
    let mut number = |len: usize| -> Option<Option<i64>> {
        let Some(part) = parts.next() else {
            return Some(None);
        };
        (part.len() == len && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())
    };
    let (year, month, day) = (number(4)??, number(2)?, number(2)?);
    if parts.next().is_some() || (time.is_some() && day.is_none()) {
        return None;
    }
    let (month, day) = (month.unwrap_or(1), day.unwrap_or(1));
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let longest = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=longest).contains(&day) {
        return None;
    }
    // Days since 1970 of a day of the proleptic Gregorian calendar.
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let (seconds, nanos) = match time {
        Some(time) => clock(time)?,
        None => (0, 0),
    };
    Some((days * 86_400 + seconds, nanos))
}

fn epoch(text: &str) -> Option<(i64, u32)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    Some((whole, nanos(fraction)?))
}

fn nanos(fraction: &str) -> Option<u32> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    digits.parse().ok()
}

/// `hh:mm[:ss[.s]]` and a zone, as seconds of the day in UTC.
fn clock(text: &str) -> Option<(i64, u32)> {
    let at = text.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = text.split_at_checked(at)?;
    let two = |part: &str, most: i64| -> Option<i64> {
        let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        let number: i64 = digits.then(|| part.parse().ok())??;
        (number <= most).then_some(number)
    };
    let mut parts = time.split(':');
    let (hour, minute) = (two(parts.next()?, 23)?, two(parts.next()?, 59)?);
    let (second, nanos) = match parts.next() {
        None => (0, 0),
        Some(part) => {
            let (whole, fraction) = part.split_once('.').unwrap_or((part, ""));
            (two(whole, 60)?, nanos(fraction)?)
        }
    };
    if parts.next().is_some() {
        return None;
    }
    let offset = if zone.eq_ignore_ascii_case("z") {
        0
    } else {
        let sign = if zone.starts_with('-') { -1 } else { 1 };
        let digits = zone.get(1..)?;
        let (hours, minutes) = match digits.split_once(':') {
            Some(parts) => parts,
            None => digits.split_at_checked(2)?,
        };
        sign * (two(hours, 23)? * 3_600 + two(minutes, 59)? * 60)
    };
    Some((hour * 3_600 + minute * 60 + second - offset, nanos))
}

/// A network: an address and how many leading bits count. An address alone is one address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Network {
    bits: u128,
    prefix: u32,
    v6: bool,
}

impl Network {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let (bits, size, v6) = match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32, false),
            IpAddr::V6(v6) => (u128::from(v6), 128, true),
        };
        let prefix = match prefix {
            None => size,
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse::<u32>().ok().filter(|prefix| *prefix <= size)?
            }
            Some(_) => return None,
        };
        Some(Self {
            bits: shifted(bits, size - prefix),
            prefix,
            v6,
        })
    }

    /// Whether every address of the other is one of this one's.
    pub(super) fn contains(&self, other: &Self) -> bool {
        self.v6 == other.v6
            && self.prefix <= other.prefix
            && shifted(other.bits, other.prefix - self.prefix) == self.bits
    }

    /// Whether it lies within the ranges that never reach AWS as a source address.
    pub(super) fn private(&self) -> bool {
        ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]
            .iter()
            .filter_map(|text| Self::parse(text))
            .any(|range| range.contains(self))
    }
}

fn shifted(bits: u128, by: u32) -> u128 {
    bits.checked_shr(by).unwrap_or(0)
}

/// The bytes of base64 text, padded or not; line breaks are skipped.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in text.trim_end_matches(['=', '\n', '\r', ' ']).bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\n' | b'\r' => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).unwrap_or(0));
        }
    }
    (count < 6).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_size_and_not_by_text() {
        let cmp = |a: &str, b: &str| Number::parse(a).unwrap().compare(&Number::parse(b).unwrap());
        assert_eq!(cmp("10", "9.99"), Ordering::Greater);
        assert_eq!(cmp("-2", "-1"), Ordering::Less);
        assert_eq!(cmp("1.50", "1.5"), Ordering::Equal);
        assert_eq!(cmp("-0", "0"), Ordering::Equal);
        assert_eq!(cmp("9007199254740993", "9007199254740992"), Ordering::Greater);
        for bad in ["", ".", "1e3", "ten", "0x10", "1.2.3"] {
            assert_eq!(Number::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates_are_read_in_every_form() {
        let base = date("2026-01-01T00:00:00Z").unwrap();
        assert_eq!(base, (1_767_225_600, 0));
        for text in [
            "2026",
            "2026-01",
            "2026-01-01",
            "2026-01-01T00:00Z",
            "2026-01-01T02:00:00+02:00",
            "1767225600",
        ] {
            assert_eq!(date(text), Some(base), "{text}");
        }
        assert_eq!(date("2026-01-01T00:00:00.5Z"), Some((1_767_225_600, 500_000_000)));
        for bad in [
            "2026-13",
            "2026-02-30",
            "2026-01-01T00:00",
            "now",
            "",
            "2026-01-01T24:00Z",
        ] {
            assert_eq!(date(bad), None, "{bad}");
        }
    }

    #[test]
    fn networks_hold_addresses_of_their_own_kind() {
        let holds = |a: &str, b: &str| Network::parse(a).unwrap().contains(&Network::parse(b).unwrap());
        assert!(holds("203.0.113.0/24", "203.0.113.7") && !holds("203.0.113.0/24", "203.0.114.7"));
        assert!(
            holds("0.0.0.0/0", "1.2.3.4")
                && !holds("0.0.0.0/0", "::1")
                && holds("2001:db8::/32", "2001:db8::1")
        );
        assert!(holds("203.0.113.9", "203.0.113.9") && holds("::/0", "::1"));
        assert_eq!(Network::parse("203.0.113.0/33"), None);
        assert_eq!(Network::parse("300.1.1.1"), None);
    }

    #[test]
    fn base64_is_read() {
        assert_eq!(base64("aGVsbG8=").unwrap(), b"hello");
        assert_eq!(base64("aGVsbG8").unwrap(), b"hello");
        assert_eq!(base64("a*b"), None);
    }
}
