//! Access control lists, as PostgreSQL prints them: `"role name"=arw*/grantor`.
//!
//! Source: src/backend/utils/adt/acl.c, `aclitemout` and `putid`; the letters are those of the "Privileges" chapter.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// A privilege, with its letter in an ACL.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Privilege {
    /// `a`.
    Insert = b'a',
    /// `r`.
    Select = b'r',
    /// `w`.
    Update = b'w',
    /// `d`.
    Delete = b'd',
    /// `D`.
    Truncate = b'D',
    /// `x`.
    References = b'x',
    /// `t`.
    Trigger = b't',
    /// `X`.
    Execute = b'X',
    /// `U`.
    Usage = b'U',
    /// `C`.
    Create = b'C',
    /// `T`.
    Temporary = b'T',
    /// `c`.
    Connect = b'c',
    /// `s`.
    Set = b's',
    /// `A`.
    AlterSystem = b'A',
    /// `m`, from 17 on.
    Maintain = b'm',
}

impl Privilege {
    /// All of them, in the order in which PostgreSQL prints their letters.
    pub const ALL: [Self; 15] = [
        Self::Insert,
        Self::Select,
        Self::Update,
        Self::Delete,
        Self::Truncate,
        Self::References,
        Self::Trigger,
        Self::Execute,
        Self::Usage,
        Self::Create,
        Self::Temporary,
        Self::Connect,
        Self::Set,
        Self::AlterSystem,
        Self::Maintain,
    ];

    /// The word in statements.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Select => "SELECT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Truncate => "TRUNCATE",
            Self::References => "REFERENCES",
            Self::Trigger => "TRIGGER",
            Self::Execute => "EXECUTE",
            Self::Usage => "USAGE",
            Self::Create => "CREATE",
            Self::Temporary => "TEMPORARY",
            Self::Connect => "CONNECT",
            Self::Set => "SET",
            Self::AlterSystem => "ALTER SYSTEM",
            Self::Maintain => "MAINTAIN",
        }
    }

    /// The privilege of a word, whatever its case; `TEMP` is TEMPORARY.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        if word.eq_ignore_ascii_case("TEMP") {
            return Some(Self::Temporary);
        }
        Self::ALL
            .into_iter()
            .find(|one| one.as_str().eq_ignore_ascii_case(word))
    }

    const fn bit(self) -> u32 {
        // The place of the letter among those of ALL.
        1 << match self {
            Self::Insert => 0,
            Self::Select => 1,
            Self::Update => 2,
            Self::Delete => 3,
            Self::Truncate => 4,
            Self::References => 5,
            Self::Trigger => 6,
            Self::Execute => 7,
            Self::Usage => 8,
            Self::Create => 9,
            Self::Temporary => 10,
            Self::Connect => 11,
            Self::Set => 12,
            Self::AlterSystem => 13,
            Self::Maintain => 14,
        }
    }
}

/// A set of privileges.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Rights(u32);

impl Rights {
    /// These.
    #[must_use]
    pub const fn of(all: &[Privilege]) -> Self {
        let mut bits = 0;
        let mut rest = all;
        while let [first, after @ ..] = rest {
            bits |= first.bit();
            rest = after;
        }
        Self(bits)
    }

    /// Whether the privilege is in the set.
    #[must_use]
    pub const fn has(self, one: Privilege) -> bool {
        self.0 & one.bit() != 0
    }

    /// Whether all of the other set are in this one.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The privileges of the set, in the order of their letters.
    pub fn iter(self) -> impl Iterator<Item = Privilege> {
        Privilege::ALL.into_iter().filter(move |one| self.has(*one))
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for one in self.iter() {
            if !first {
                out.write_str(", ")?;
            }
            first = false;
            out.write_str(one.as_str())?;
        }
        Ok(())
    }
}

/// A role by its number within sealed facts.
pub type RoleId = u32;
/// `PUBLIC`, where a role's number stands.
pub const PUBLIC: RoleId = 0;
/// A role that is named and does not exist (any more).
pub const NOBODY: RoleId = u32::MAX;

/// One item of an ACL.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AclItem {
    /// Who has it; empty for PUBLIC.
    pub grantee: Arc<str>,
    /// Who gave it.
    pub grantor: Arc<str>,
    /// What was given.
    pub rights: Rights,
    /// What of it may be given on.
    pub options: Rights,
    /// The grantee's number, once the facts are sealed.
    pub role: RoleId,
}

/// Why a text is no item of an ACL.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotAcl(pub String);

impl AclItem {
    /// Reads one item.
    ///
    /// # Errors
    /// When the text is not one, or has a letter that is not known: newer servers may have some.
    pub fn parse(text: &str) -> Result<Self, NotAcl> {
        Self::read(text, |name| name.into())
    }

    /// The same, with names as they are known already.
    pub(crate) fn read(text: &str, mut word: impl FnMut(&str) -> Arc<str>) -> Result<Self, NotAcl> {
        let (grantee, rest) = identifier(text)?;
        let rest = rest
            .strip_prefix('=')
            .ok_or_else(|| NotAcl("it has no `=` behind the grantee".to_owned()))?;
        let end = rest.find('/').unwrap_or(rest.len());
        let (letters, rest) = rest.split_at(end);
        let (mut rights, mut options) = (0, 0);
        let mut last = 0;
        for letter in letters.chars() {
            if letter == '*' {
                options |= last;
                continue;
            }
            let one = Privilege::ALL
                .into_iter()
                .find(|one| char::from(*one as u8) == letter)
                .ok_or_else(|| NotAcl(format!("its letter `{letter}` is not known")))?;
            last = one.bit();
            rights |= last;
        }
        let grantor = match rest.strip_prefix('/') {
            Some(rest) => {
                let (name, after) = identifier(rest)?;
                if !after.is_empty() {
                    return Err(NotAcl("something follows the grantor".to_owned()));
                }
                name
            }
            None => return Err(NotAcl("it has no grantor".to_owned())),
        };
        Ok(Self {
            grantee: word(&grantee),
            grantor: word(&grantor),
            rights: Rights(rights),
            options: Rights(options),
            role: NOBODY,
        })
    }

    /// Who has it, as people read it.
    #[must_use]
    pub fn who(&self) -> &str {
        if self.grantee.is_empty() {
            "PUBLIC"
        } else {
            &self.grantee
        }
    }
}

impl fmt::Display for AclItem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&put(&self.grantee))?;
        out.write_str("=")?;
        for one in self.rights.iter() {
            write!(out, "{}", char::from(one as u8))?;
            if self.options.has(one) {
                out.write_str("*")?;
            }
        }
        write!(out, "/{}", put(&self.grantor))
    }
}

/// A name as `putid` prints it.
fn put(name: &str) -> String {
    if name
        .chars()
        .all(|one| one.is_ascii_alphanumeric() || one == '_' || !one.is_ascii())
    {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// A name and what follows it: bare up to `=` or the end, or in double quotes, in which two stand for one.
fn identifier(text: &str) -> Result<(Cow<'_, str>, &str), NotAcl> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find(['=', '/']).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        return Ok((Cow::Borrowed(name), rest));
    };
    let mut name = String::new();
    loop {
        let Some(at) = rest.find('"') else {
            return Err(NotAcl("a quoted name does not end".to_owned()));
        };
        let (before, from) = rest.split_at(at);
        name.push_str(before);
        rest = from.strip_prefix('"').unwrap_or(from);
        match rest.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Ok((Cow::Owned(name), rest)),
        }
    }
}

/// A name as it stands in a statement and in nodes' names: bare where it is a simple lower-case one, else in double
/// quotes. (Keywords stay bare: nothing becomes ambiguous by them here.)
#[must_use]
pub fn quoted(name: &str) -> String {
    let mut chars = name.chars();
    let simple = chars
        .next()
        .is_some_and(|one| one.is_ascii_lowercase() || one == '_')
        && chars.all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_' || one == '$');
    if simple {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_exactly() {
        for (text, grantee, rights, options, grantor) in [
            (
                "app=arw/postgres",
                "app",
                "INSERT, SELECT, UPDATE",
                "",
                "postgres",
            ),
            ("=r/postgres", "", "SELECT", "", "postgres"),
            ("app=r*w/own", "app", "SELECT, UPDATE", "SELECT", "own"),
            ("\"a b\"=U/\"x=\"\"y/\"", "a b", "USAGE", "", "x=\"y/"),
            ("Ünï=m*/p", "Ünï", "MAINTAIN", "MAINTAIN", "p"),
            ("16400=sA/p", "16400", "SET, ALTER SYSTEM", "", "p"),
            ("app=/p", "app", "", "", "p"),
        ] {
            let item = AclItem::parse(text).unwrap();
            assert_eq!((&*item.grantee, &*item.grantor), (grantee, grantor), "{text}");
            assert_eq!(
                (item.rights.to_string(), item.options.to_string()),
                (rights.to_owned(), options.to_owned()),
                "{text}"
            );
            assert_eq!(AclItem::parse(&item.to_string()).unwrap(), item);
        }
        for text in ["", "app", "app=Q/p", "app=r", "\"app=r/p", "app=r/\"p\"x"] {
            assert!(AclItem::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_are_quoted_where_they_must() {
        for (name, want) in [
            ("a_1", "a_1"),
            ("A", "\"A\""),
            ("a.b", "\"a.b\""),
            ("1a", "\"1a\""),
            ("a\"b", "\"a\"\"b\""),
        ] {
            assert_eq!(quoted(name), want);
        }
    }
}
