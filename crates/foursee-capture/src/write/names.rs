//! Names of files that are safe on every disk, one for each name that a collector gives.
//!
//! A collector's names hold what strangers chose: a database may be called `../../etc/x`, `README.md` or `a\u{1b}[2J`.
//! [`encode`] is injective and its results have no upper case, so that two names never meet on any file system.

use crate::manifest;
use crate::walk::passed_over;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// How long one part of an encoded name may be; a longer one ends in its digest.
const LONGEST: usize = 200;
/// How many parts a name may have; those of a longer one become one.
const DEEPEST: usize = 32;

/// The name below the capture's folder for a document `file` of one target.
pub(crate) fn encode(layer: &str, target: &str, file: &str) -> String {
    let parts: Vec<&str> = file.split('/').collect();
    let inner = if parts.len() > DEEPEST {
        part(file)
    } else {
        let parts: Vec<String> = parts.into_iter().map(part).collect();
        parts.join("/")
    };
    seen(format!("{}/{}/{inner}", part(layer), part(target)))
}

/// The name below the capture's folder for an export of somebody's: as it is, where that is safe. Letters of both sorts
/// stay: the folder that it came from told them apart.
pub(crate) fn export(file: &str) -> String {
    let parts: Vec<String> = file.split('/').map(|one| encoded(one, true)).collect();
    seen(parts.join("/"))
}

/// The same document in one part, for where a folder stands in its way.
pub(crate) fn flat(layer: &str, target: &str, file: &str) -> String {
    seen(format!("{}/{}/{}", part(layer), part(target), part(file)))
}

/// One part: small letters, digits and `-_.@+=` as they are, every other byte as `%xx`.
pub(crate) fn part(raw: &str) -> String {
    encoded(raw, false)
}

fn encoded(raw: &str, export: bool) -> String {
    if raw.is_empty() {
        // A `%` of the name itself is `%25`, so this one is no other name's.
        return "%".to_owned();
    }
    let mut out = String::with_capacity(raw.len());
    for (at, byte) in raw.bytes().enumerate() {
        let inner = at > 0 && at + 1 < raw.len();
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'@' | b'+' | b'=' => out.push(char::from(byte)),
            b'.' if inner => out.push('.'),
            b'A'..=b'Z' | b'#' | b' ' | b'(' | b')' | b',' if export && inner => out.push(char::from(byte)),
            b'A'..=b'Z' if export => out.push(char::from(byte)),
            _ => escape(&mut out, byte),
        }
    }
    if out.len() > LONGEST {
        let digest = hex(&Sha256::digest(raw.as_bytes()));
        out.truncate(LONGEST - 40);
        out.push('~');
        out.push_str(digest.get(..32).unwrap_or(&digest));
    }
    out
}

/// A name that reading does not pass over, and that is not the manifest's.
fn seen(name: String) -> String {
    let last = name.rsplit('/').next().unwrap_or_default();
    if !passed_over(&name) && last != manifest::NAME {
        return name;
    }
    let mut out = name.get(..name.len() - last.len()).unwrap_or_default().to_owned();
    for (at, byte) in last.bytes().enumerate() {
        if at == 0 || at + 1 == last.len() {
            escape(&mut out, byte);
        } else {
            out.push(char::from(byte));
        }
    }
    out
}

fn escape(out: &mut String, byte: u8) {
    let _ = write!(out, "%{byte:02x}");
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ordinary_names_stay_and_others_cannot_climb_hide_or_meet() {
        for (raw, want) in [
            ("docker/containers.json", "docker/containers.json"),
            ("../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd"),
            ("/etc/passwd", "%/etc/passwd"),
            ("a//b", "a/%/b"),
            (".git/config", "%2egit/config"),
            ("a\u{1b}[2J\0.json", "a%1b%5b2%4a%00.json"),
            ("Shop.json", "%53hop.json"),
            ("a\\..\\b", "a%5c..%5cb"),
            ("con:x", "con%3ax"),
            ("100%", "100%25"),
            ("end.", "end%2e"),
            ("readme.md", "%72eadme.m%64"),
            ("foursee.toml", "%66oursee.tom%6c"),
            ("foursee-capture.json", "%66oursee-capture.jso%6e"),
            ("\u{202e}x", "%e2%80%aex"),
        ] {
            assert_eq!(encode("l", "t", raw), format!("l/t/{want}"), "{raw:?}");
        }
        assert_eq!(
            part("unix:///var/run/docker.sock"),
            "unix%3a%2f%2f%2fvar%2frun%2fdocker.sock"
        );
    }

    #[test]
    fn no_two_names_become_one() {
        let raw = [
            "a",
            "A",
            "a/b",
            "a%2fb",
            "a%2Fb",
            "a//b",
            "",
            "%",
            "%25",
            ".",
            "..",
            "%2e",
            "a.",
            "a~",
            "readme",
            "%72eadm%65",
            "README",
            "\0",
            "a/%/b",
            "%00",
        ];
        let long = [
            "x".repeat(300),
            "x".repeat(301),
            format!("{}/y", "x".repeat(300)),
            "a/".repeat(100),
            "a/".repeat(101),
        ];
        let all: Vec<&str> = raw.into_iter().chain(long.iter().map(String::as_str)).collect();
        let names: BTreeSet<String> = all
            .iter()
            .flat_map(|one| [encode("l", "t", one), flat("l", "t", one)])
            .map(|name| name.to_ascii_lowercase())
            .collect();
        // Those of one short part have one name; the others two.
        let two = all
            .iter()
            .filter(|one| encode("l", "t", one) != flat("l", "t", one))
            .count();
        assert_eq!(names.len(), all.len() + two);
        for name in names {
            assert!(
                name.split('/')
                    .all(|part| !part.is_empty() && part.len() <= LONGEST && !part.starts_with('.'))
            );
            assert!(
                name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\'),
                "{name}"
            );
        }
    }
}
