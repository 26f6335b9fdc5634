//! Who is let in, and how, as pg_hba.conf says: the first line that matches decides, and where none does nobody gets in.
//!
//! Source: src/backend/libpq/hba.c (`check_hba`, `check_db`, `check_role`) of 13 to 18. What only the server can tell
//! (a host's name, its own networks, a list in another file, a regular expression of more than names and `.*`) may match.

use crate::facts::hba::{Connections, From, Hba, Line, Word};
use crate::facts::{Facts, Flow, NOBODY, PUBLIC, RoleId};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Whether a line is for a connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Match {
    No,
    Maybe,
    Yes,
}

impl Match {
    fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// How a connection comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum By {
    /// By the socket.
    Socket,
    /// By TCP from an address, in TLS or not.
    Tcp(IpAddr, bool),
}

/// A connection, as the file is asked about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection<'a> {
    pub(crate) database: &'a str,
    pub(crate) role: RoleId,
    pub(crate) by: By,
}

/// The lines that may decide a connection, the last of them for certain; `None` is the end of the file, which refuses.
pub(crate) fn deciding<'f>(facts: &'f Facts, hba: &'f Hba, one: &Connection<'_>) -> Vec<Option<&'f Line>> {
    let all = hba.lines.iter().map(|line| {
        let whom = names(facts, line, one.database, one.role);
        (line, whom.min(comes(line, one.by)))
    });
    first(all)
}

fn first<'f>(lines: impl Iterator<Item = (&'f Line, Match)>) -> Vec<Option<&'f Line>> {
    let mut may = Vec::new();
    for (line, matches) in lines {
        if matches != Match::No {
            may.push(Some(line));
        }
        if matches == Match::Yes {
            return may;
        }
    }
    may.push(None);
    may
}

/// How a login of a role to a database stands with its password, over the network.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Way {
    /// From every address.
    Open,
    /// As these lines let it in.
    Lines(Vec<String>),
    /// From nowhere.
    Shut,
}

/// What the file says of a role and a database.
pub(crate) fn way(facts: &Facts, hba: &Hba, role: RoleId, database: &str) -> Way {
    let lines: Vec<(&Line, Match)> = hba
        .lines
        .iter()
        .filter(|line| line.connections != Connections::Local)
        .map(|line| (line, names(facts, line, database, role)))
        .filter(|(_, whom)| *whom != Match::No)
        .collect();
    let (mut open, mut letting) = ([true, true], BTreeSet::new());
    for (family, address) in edges(&lines) {
        let mut always = false;
        for tls in [true, false] {
            let by = By::Tcp(address, tls);
            let may = first(
                lines
                    .iter()
                    .map(|(line, whom)| (*line, (*whom).min(comes(line, by)))),
            );
            always |= may
                .iter()
                .all(|line| line.is_some_and(|line| by_password(&line.method)));
            letting.extend(
                may.iter()
                    .flatten()
                    .filter(|line| line.method != "reject")
                    .map(|line| line.number),
            );
        }
        if let Some(open) = open.get_mut(family) {
            *open &= always;
        }
    }
    if open.contains(&true) {
        return Way::Open;
    }
    if letting.is_empty() {
        return Way::Shut;
    }
    let said = lines.iter().filter(|(line, _)| letting.contains(&line.number));
    Way::Lines(
        said.map(|(line, _)| format!("line {}, {}", line.number, line.text))
            .collect(),
    )
}

/// Whether whoever has the role's password is let in by it.
fn by_password(method: &str) -> bool {
    matches!(method, "trust" | "password" | "md5" | "scram-sha-256")
}

/// One address of every part that the lines' networks cut the world into, and which of the two it is of.
fn edges(lines: &[(&Line, Match)]) -> Vec<(usize, IpAddr)> {
    let (mut v4, mut v6) = (BTreeSet::from([0_u32]), BTreeSet::from([0_u128]));
    for (line, _) in lines {
        match line.from {
            From::Network(IpAddr::V4(ip), IpAddr::V4(mask)) => {
                let (first, mask) = (ip.to_bits() & mask.to_bits(), mask.to_bits());
                v4.insert(first);
                v4.extend((first | !mask).checked_add(1));
            }
            From::Network(IpAddr::V6(ip), IpAddr::V6(mask)) => {
                let (first, mask) = (ip.to_bits() & mask.to_bits(), mask.to_bits());
                v6.insert(first);
                v6.extend((first | !mask).checked_add(1));
            }
            _ => {}
        }
    }
    let v4 = v4.into_iter().map(|bits| (0, IpAddr::V4(bits.into())));
    v4.chain(v6.into_iter().map(|bits| (1, IpAddr::V6(bits.into()))))
        .collect()
}

fn comes(line: &Line, by: By) -> Match {
    let kind = match (line.connections, by) {
        (Connections::Unknown, _) => return Match::Maybe,
        (Connections::Local, By::Socket) => return Match::Yes,
        (Connections::Local, By::Tcp(..)) | (_, By::Socket) => false,
        (Connections::Host | Connections::NoGss, By::Tcp(..)) => true,
        (Connections::Tls, By::Tcp(_, tls)) => tls,
        (Connections::NoTls, By::Tcp(_, tls)) => !tls,
        // Kerberos' own encryption: a way that no password takes.
        (Connections::Gss, By::Tcp(..)) => false,
    };
    let By::Tcp(address, _) = by else { return Match::No };
    let from = match (&line.from, address) {
        (From::All, _) => Match::Yes,
        (From::AskServer, _) => Match::Maybe,
        (From::Network(IpAddr::V4(ip), IpAddr::V4(mask)), IpAddr::V4(address)) => {
            Match::of((ip.to_bits() ^ address.to_bits()) & mask.to_bits() == 0)
        }
        (From::Network(IpAddr::V6(ip), IpAddr::V6(mask)), IpAddr::V6(address)) => {
            Match::of((ip.to_bits() ^ address.to_bits()) & mask.to_bits() == 0)
        }
        _ => Match::No,
    };
    Match::of(kind).min(from)
}

/// Whether a line is for that database and that role.
fn names(facts: &Facts, line: &Line, database: &str, role: RoleId) -> Match {
    let any = |words: &[Word], one: &dyn Fn(&str, bool) -> Match| {
        let each = words.iter().map(|word| match word {
            Word::Elsewhere => Match::Maybe,
            Word::Name { text, quoted } => one(text, *quoted),
        });
        each.max().unwrap_or(Match::No)
    };
    let name = facts.closures.name(role).unwrap_or_default();
    // Memberships of any kind, and no superuser's by being one.
    let member = |of: &str| match facts.closures.id(of) {
        NOBODY | PUBLIC => Match::No,
        of => Match::of(of == role || facts.closures.reaches(role, of, Flow::Member)),
    };
    let of_database = |text: &str, quoted: bool| match text {
        "all" if !quoted => Match::Yes,
        "sameuser" if !quoted => Match::of(name == database),
        "samerole" | "samegroup" if !quoted => member(database),
        "replication" if !quoted => Match::No,
        _ => named(facts, text, database),
    };
    let of_role = |text: &str, quoted: bool| match text.strip_prefix('+') {
        Some(of) if !quoted => member(of),
        _ if text == "all" && !quoted => Match::Yes,
        _ => named(facts, text, name),
    };
    any(&line.databases, &of_database).min(any(&line.roles, &of_role))
}

/// A name, or from 16 on a regular expression behind a slash.
fn named(facts: &Facts, text: &str, name: &str) -> Match {
    match text.strip_prefix('/') {
        Some(expression) if facts.major() >= 16 => expressed(expression, name),
        _ => Match::of(text == name),
    }
}

/// An expression of letters, `.*` and the two anchors.
fn expressed(expression: &str, name: &str) -> Match {
    let (begins, rest) = match expression.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, expression),
    };
    let (ends, rest) = match rest.strip_suffix('$') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let parts: Vec<&str> = rest.split(".*").collect();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '@' | ',');
    if rest.is_empty() || !parts.iter().all(|part| part.chars().all(plain)) {
        return Match::Maybe;
    }
    let last = parts.len() - 1;
    let mut left = name;
    for (at, part) in parts.iter().enumerate() {
        let found = match (at == 0 && begins, at == last && ends) {
            (true, true) => (left == *part).then_some(""),
            (true, false) => left.strip_prefix(part),
            (false, true) => left.strip_suffix(part),
            (false, false) => left.find(part).and_then(|found| left.get(found + part.len()..)),
        };
        match found {
            Some(rest) => left = rest,
            None => return Match::No,
        }
    }
    Match::Yes
}

#[cfg(test)]
mod tests {
    use super::{Match, expressed};

    #[test]
    fn expressions_of_names_are_matched_and_others_may_match() {
        for (expression, name, matches) in [
            ("^app_.*$", "app_web", Match::Yes),
            ("^app_.*$", "my_app_web", Match::No),
            ("app", "my_app_web", Match::Yes),
            ("^app$", "app", Match::Yes),
            ("^app$", "apps", Match::No),
            ("_ro$", "a_ro_ro", Match::Yes),
            ("^a.*b.*c$", "aXbYc", Match::Yes),
            ("^a.*b.*c$", "acb", Match::No),
            ("^ab.*bc$", "abc", Match::No),
            ("^(a|b)$", "a", Match::Maybe),
            ("^a\\d$", "a1", Match::Maybe),
        ] {
            assert_eq!(expressed(expression, name), matches, "{expression} {name}");
        }
    }
}
