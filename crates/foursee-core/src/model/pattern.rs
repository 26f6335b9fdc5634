//! Patterns over names, for selectors and for credentials' subjects.

use super::wild::{Wild, wild};
use std::fmt;
use std::sync::Arc;

/// Which names of a kind are meant. Compared byte for byte, case and all.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Pattern {
    /// Every name, those that do not exist yet too.
    Any,
    /// That name and no other.
    Exact(Arc<str>),
    /// Every name that starts so.
    Prefix(Arc<str>),
    /// `*` stands for any text, `?` for one character; everything else for itself.
    Glob(Arc<str>),
}

impl Pattern {
    /// The pattern of a text in which `*` and `?` are wild, in its simplest form.
    #[must_use]
    pub fn from_glob(text: &str) -> Self {
        match text.find(['*', '?']) {
            None => Self::Exact(text.into()),
            Some(0) if text.bytes().all(|byte| byte == b'*') => Self::Any,
            Some(at) if text.get(at..) == Some("*") => {
                Self::Prefix(text.get(..at).unwrap_or_default().into())
            }
            Some(_) => Self::Glob(text.into()),
        }
    }

    /// Whether the name is meant.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(text) => **text == *name,
            Self::Prefix(text) => name.starts_with(&**text),
            Self::Glob(text) => glob(text, name),
        }
    }

    /// The text that every name that is meant starts with.
    #[must_use]
    pub fn literal_prefix(&self) -> &str {
        match self {
            Self::Any => "",
            Self::Exact(text) | Self::Prefix(text) => text,
            Self::Glob(text) => {
                let end = text.find(['*', '?']).unwrap_or(text.len());
                text.get(..end).unwrap_or_default()
            }
        }
    }

    /// The text that every name that is meant ends with, where the pattern is a glob; else nothing is said.
    #[must_use]
    pub(crate) fn literal_ending(&self) -> &str {
        match self {
            Self::Any | Self::Exact(_) | Self::Prefix(_) => "",
            Self::Glob(text) => {
                let begin = text.rfind(['*', '?']).map_or(0, |at| at + 1);
                text.get(begin..).unwrap_or_default()
            }
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => out.write_str("*"),
            Self::Exact(text) | Self::Glob(text) => out.write_str(text),
            Self::Prefix(text) => write!(out, "{text}*"),
        }
    }
}

/// Whether a name is that of a thing or of something in it, where names put the container first and a slash between:
/// a bucket and its objects, a folder and its files.
#[must_use]
pub fn holds(container: &str, name: &str) -> bool {
    name.strip_prefix(container).is_some_and(|rest| {
        rest.is_empty() || (!container.is_empty() && (container.ends_with('/') || rest.starts_with('/')))
    })
}

/// So many fresh starts behind a `*`, and a match is looked for as [`wild`] does.
const PATIENCE: usize = 64;

/// Whether `name` matches `pattern`, in which `*` stands for any text and `?` for one character. Linear in their
/// lengths, whatever they are; where `?` stands behind a `*`, their product by 64 at worst.
#[must_use]
pub fn glob(pattern: &str, name: &str) -> bool {
    let (mut wanted, mut given) = (pattern.chars(), name.chars());
    // Where to go on after a mismatch: the pattern behind the last `*`, and the name it is tried against.
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    let mut patience = PATIENCE;
    loop {
        let given_before = given.clone();
        match (wanted.next(), given.next()) {
            (Some('*'), _) => {
                given = given_before;
                retry = Some((wanted.clone(), given.clone()));
            }
            (Some('?'), Some(_)) => {}
            (Some(a), Some(b)) if a == b => {}
            (None, None) => return true,
            _ => {
                let Some((after_star, tried)) = retry.as_mut() else {
                    return false;
                };
                if tried.next().is_none() {
                    return false;
                }
                if patience == 0 {
                    // What is before the last `*` matches for good: the rest is a pattern of its own.
                    let rest: Vec<Wild> = std::iter::once(Wild::Any)
                        .chain(after_star.clone().map(Wild::from))
                        .collect();
                    let tried: Vec<char> = tried.clone().collect();
                    return wild(&rest, &tried);
                }
                patience -= 1;
                wanted = after_star.clone();
                given = tried.clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_container_holds_begins_with_its_name() {
        for (container, name) in [("a", "a"), ("a", "a/b"), ("/", "/etc"), ("/srv/", "/srv/x")] {
            assert!(holds(container, name), "{container} {name}");
        }
        for (container, name) in [("a", "ab"), ("a/b", "a"), ("", "/etc"), ("/srv", "/srv2/x")] {
            assert!(!holds(container, name), "{container} {name}");
        }
    }

    #[test]
    fn globs_match_as_a_slow_obvious_matcher_does() {
        fn slow(pattern: &[char], name: &[char]) -> bool {
            match pattern.split_first() {
                None => name.is_empty(),
                Some(('*', rest)) => (0..=name.len()).any(|skip| slow(rest, &name[skip..])),
                Some((one, rest)) => name
                    .split_first()
                    .is_some_and(|(first, others)| (*one == '?' || one == first) && slow(rest, others)),
            }
        }
        // Every pattern of up to four and every name of up to five letters over a small alphabet.
        fn words(letters: &[char], longest: usize) -> Vec<String> {
            let mut all = vec![String::new()];
            let mut last = all.clone();
            for _ in 0..longest {
                last = last
                    .iter()
                    .flat_map(|word| letters.iter().map(move |one| format!("{word}{one}")))
                    .collect();
                all.extend(last.clone());
            }
            all
        }
        for pattern in words(&['a', 'b', '*', '?'], 4) {
            for name in words(&['a', 'b', 'é'], 5) {
                let (p, n): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
                assert_eq!(glob(&pattern, &name), slow(&p, &n), "{pattern} {name}");
                assert_eq!(
                    Pattern::from_glob(&pattern).matches(&name),
                    slow(&p, &n),
                    "{pattern} {name}"
                );
            }
        }
    }
}
