//! Points in time. Core reads no clock: "now" is the audit's as-of time, which the caller gives.

use std::fmt;

/// A point in time, in whole seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Time(pub i64);

impl Time {
    /// Reads RFC 3339 (`2026-11-25T08:00:00Z`, `...+00:00`) or a date (`2026-11-25`: its first second, UTC).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return Some(Self(time.as_second()));
        }
        let date = text.parse::<jiff::civil::Date>().ok()?;
        Some(Self(
            date.to_zoned(jiff::tz::TimeZone::UTC)
                .ok()?
                .timestamp()
                .as_second(),
        ))
    }

    /// Whole days from `earlier` to this time; negative where `earlier` is later.
    #[must_use]
    pub const fn days_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).div_euclid(86_400)
    }
}

impl fmt::Display for Time {
    /// RFC 3339 in UTC; a time outside the years that it can name is printed as its number.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(time) => write!(out, "{time}"),
            Err(_) => write!(out, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn what_exports_print_is_read() {
        for text in [
            "2026-11-25T08:00:00Z",
            "2026-11-25T08:00:00+00:00",
            "2026-11-25T09:00:00+01:00",
        ] {
            assert_eq!(
                Time::parse(text).unwrap().to_string(),
                "2026-11-25T08:00:00Z",
                "{text}"
            );
        }
        assert_eq!(
            Time::parse("2026-11-25").unwrap().to_string(),
            "2026-11-25T00:00:00Z"
        );
        assert_eq!(Time::parse("N/A"), None);
        assert_eq!(Time(172_800).days_since(Time(86_399)), 1);
        assert_eq!(Time(i64::MAX).to_string(), i64::MAX.to_string());
    }
}
