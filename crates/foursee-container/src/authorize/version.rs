//! Versions, as far as the equation depends on them.

/// Major, minor and patch of an engine or a kernel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Version(pub u32, pub u32, pub u32);

impl Version {
    /// The version at the beginning of a text: "20.10.24+dfsg1", "6.1.0-40-amd64".
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().trim_start_matches('v').splitn(3, '.').map(|part| {
            let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            part.get(..end).and_then(|digits| digits.parse().ok())
        });
        let major = numbers.next()??;
        Some(Self(
            major,
            numbers.next().flatten().unwrap_or(0),
            numbers.next().flatten().unwrap_or(0),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(Version::parse("20.10.24+dfsg1"), Some(Version(20, 10, 24)));
        assert_eq!(Version::parse("29.0.0-rc.1"), Some(Version(29, 0, 0)));
        assert_eq!(Version::parse("6.1.0-40-amd64"), Some(Version(6, 1, 0)));
        assert_eq!(Version::parse("27"), Some(Version(27, 0, 0)));
        assert_eq!(Version::parse("dev"), None);
    }
}
