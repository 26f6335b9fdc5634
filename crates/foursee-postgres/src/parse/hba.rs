//! pg_hba.conf, as the server reads it. Source: src/backend/libpq/hba.c (`next_token`, `next_field_expand`,
//! `parse_hba_line`) of 13 to 18.

use crate::facts::hba::{Connections, From, Hba, Line, Word};
use foursee_core::document::{Document, Notes, Place};
use foursee_core::model::{DocId, Gap, Reason};
use std::net::IpAddr;

/// The methods that there are in 13 to 18.
const METHODS: &[&str] = &[
    "trust",
    "reject",
    "scram-sha-256",
    "md5",
    "password",
    "gss",
    "sspi",
    "ident",
    "peer",
    "ldap",
    "radius",
    "cert",
    "pam",
    "bsd",
    "oauth",
];
const INCLUDES: &[&str] = &["include", "include_if_exists", "include_dir"];
const HIDES: &str = "from where, and how, the logins that it is for are let in: it is taken as a line that may be for anybody";

const NOWHERE: Place = Place { doc: DocId(0), at: 0 };

fn connections(word: &str) -> Option<Connections> {
    Some(match word {
        "local" => Connections::Local,
        "host" => Connections::Host,
        "hostssl" => Connections::Tls,
        "hostnossl" => Connections::NoTls,
        "hostgssenc" => Connections::Gss,
        "hostnogssenc" => Connections::NoGss,
        _ => return None,
    })
}

/// Whether a text begins as such a file: some line that is one, before any that is none.
pub(super) fn recognised(text: &str) -> bool {
    let mut lines = logical(text).filter_map(|(_, line)| fields(&line)).take(1);
    lines
        .next()
        .is_some_and(|fields| line_of(&fields, NOWHERE).is_some())
}

/// Reads the file.
pub(super) fn parse(document: &Document, notes: &mut Notes) -> Hba {
    let text = document.text.as_str();
    for secret in secrets(text) {
        notes.redact(document, secret);
    }
    let mut hba = Hba::default();
    let mut starts: Vec<usize> = vec![0];
    starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
    for (number, line) in logical(text) {
        let Some(fields) = fields(&line) else { continue };
        let place = document.at(starts.get(number - 1).copied().unwrap_or(0));
        let include = fields
            .first()
            .and_then(|field| field.first())
            .is_some_and(|word| !word.quoted && INCLUDES.contains(&&*word.text));
        let known = line_of(&fields, place);
        let mut say = |reason, facet: &str, closes: &str| {
            notes.gap(
                Gap::new(reason, format!("pg_hba.conf, line {number}"))
                    .facet(facet)
                    .hides(HIDES)
                    .closes(closes)
                    .at(place),
            );
        };
        match &known {
            None if include => say(
                Reason::NotCaptured,
                "the file that it includes",
                "one file, with the lines of the included ones in their place",
            ),
            None => say(
                Reason::Malformed,
                "it is no line of such a file; a server does not take a file with it",
                "SELECT * FROM pg_hba_file_rules WHERE error IS NOT NULL",
            ),
            Some(one) => {
                if one
                    .databases
                    .iter()
                    .chain(&one.roles)
                    .any(|word| *word == Word::Elsewhere)
                {
                    say(
                        Reason::NotCaptured,
                        "the list that it takes from another file by `@`",
                        "the names of that file in the line itself",
                    );
                }
                if one.from == From::AskServer {
                    say(
                        Reason::NotCaptured,
                        "which addresses it is for: a host's name, samehost or samenet",
                        "a network in its place",
                    );
                }
            }
        }
        let unknown = Line {
            number: 0,
            text: String::new(),
            connections: Connections::Unknown,
            databases: vec![Word::Elsewhere],
            roles: vec![Word::Elsewhere],
            from: From::AskServer,
            method: String::new(),
            place,
        };
        hba.lines.push(Line {
            number,
            text: said(&fields, known.as_ref().map_or("", |line| &line.method)),
            ..known.unwrap_or(unknown)
        });
    }
    hba
}

/// The values of the options that hold passwords; what stands in a comment too.
fn secrets(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    for option in ["ldapbindpasswd=", "radiussecrets="] {
        for (at, _) in text.match_indices(option) {
            let before = text.get(..at).unwrap_or_default();
            let value = text.get(at + option.len()..).unwrap_or_default();
            let (value, quoted) = match value.strip_prefix('"') {
                Some(value) => (value, true),
                None => (value, before.ends_with('"')),
            };
            let ends = |c: char| {
                if quoted {
                    matches!(c, '"' | '\n')
                } else {
                    c.is_whitespace()
                }
            };
            all.extend(value.split(ends).next().filter(|value| !value.is_empty()));
        }
    }
    all
}

/// The lines with their numbers; one that ends in a backslash goes on in the next.
fn logical(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut lines = text.lines().enumerate();
    std::iter::from_fn(move || {
        let (at, line) = lines.next()?;
        let mut whole = line.to_owned();
        while whole.ends_with('\\') {
            whole.pop();
            match lines.next() {
                Some((_, more)) => whole.push_str(more),
                None => break,
            }
        }
        Some((at + 1, whole))
    })
}

struct Token {
    text: String,
    quoted: bool,
}

/// The fields of a line, each a list; none where there is nothing but a comment.
fn fields(line: &str) -> Option<Vec<Vec<Token>>> {
    let mut rest = line.chars().peekable();
    let mut fields = Vec::new();
    loop {
        let mut field = Vec::new();
        while let Some((token, goes_on)) = token(&mut rest) {
            field.push(token);
            if !goes_on {
                break;
            }
        }
        if field.is_empty() {
            break;
        }
        fields.push(field);
    }
    (!fields.is_empty()).then_some(fields)
}

const fn blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r')
}

/// The next token, and whether a comma ended it.
fn token(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<(Token, bool)> {
    while rest.next_if(|c| blank(*c) || *c == ',').is_some() {}
    let mut text = String::new();
    let (mut in_quote, mut was_quote, mut saw, mut quoted, mut comma) = (false, false, false, false, false);
    while let Some(c) = rest.next_if(|c| !blank(*c) || in_quote) {
        if c == '#' && !in_quote {
            rest.by_ref().for_each(drop);
            break;
        }
        if c == ',' && !in_quote {
            comma = true;
            break;
        }
        if c != '"' || was_quote {
            text.push(c);
        }
        was_quote = in_quote && c == '"' && !was_quote;
        if c == '"' {
            in_quote = !in_quote;
            saw = true;
            quoted |= text.is_empty();
        }
    }
    (saw || !text.is_empty()).then_some((Token { text, quoted }, comma))
}

/// A line as it is said: to its method, without options, which may hold passwords.
fn said(fields: &[Vec<Token>], method: &str) -> String {
    let mut all = Vec::new();
    for field in fields {
        let each = field.iter().map(|one| match one.quoted {
            true => format!("\"{}\"", one.text.replace('"', "\"\"")),
            false => one.text.clone(),
        });
        all.push(each.collect::<Vec<_>>().join(","));
        if all.len() > 3 && all.last().is_some_and(|last| last == method) {
            break;
        }
    }
    if method.is_empty() {
        all.into_iter().take(1).collect()
    } else {
        all.join(" ")
    }
}

fn words(field: &[Token]) -> Vec<Word> {
    let elsewhere = |one: &Token| !one.quoted && one.text.len() > 1 && one.text.starts_with('@');
    let word = |one: &Token| {
        if elsewhere(one) {
            Word::Elsewhere
        } else {
            Word::Name {
                text: one.text.clone(),
                quoted: one.quoted,
            }
        }
    };
    field.iter().map(word).collect()
}

/// A line of rules, if it is one; its number and text are the caller's.
fn line_of(fields: &[Vec<Token>], place: Place) -> Option<Line> {
    let one = |at: usize| match fields.get(at).map(Vec::as_slice) {
        Some([one]) => Some(one),
        _ => None,
    };
    let connections = connections(&one(0)?.text)?;
    let (databases, roles) = (words(fields.get(1)?), words(fields.get(2)?));
    let (from, method) = if connections == Connections::Local {
        (From::All, one(3)?)
    } else {
        let address = one(3)?;
        match from(address, one(4)) {
            (Some(from), false) => (from, one(4)?),
            (Some(from), true) => (from, one(5)?),
            (None, _) => return None,
        }
    };
    METHODS.contains(&&*method.text).then(|| Line {
        number: 0,
        text: String::new(),
        connections,
        databases,
        roles,
        from,
        method: method.text.clone(),
        place,
    })
}

/// The addresses, and whether the next field is their mask.
fn from(address: &Token, next: Option<&Token>) -> (Option<From>, bool) {
    let text = &*address.text;
    if !address.quoted && text == "all" {
        return (Some(From::All), false);
    }
    if !address.quoted && matches!(text, "samehost" | "samenet") {
        return (Some(From::AskServer), false);
    }
    if let Some((ip, bits)) = text.split_once('/') {
        let network = ip.parse().ok().zip(bits.parse().ok());
        return (network.and_then(|(ip, bits)| network_of(ip, bits)), false);
    }
    match text.parse::<IpAddr>() {
        Ok(ip) => {
            let mask = next.and_then(|mask| mask.text.parse::<IpAddr>().ok());
            let same = mask.filter(|mask| mask.is_ipv4() == ip.is_ipv4());
            (same.map(|mask| From::Network(ip, mask)), true)
        }
        Err(_) => (Some(From::AskServer), false),
    }
}

fn network_of(ip: IpAddr, bits: u32) -> Option<From> {
    let mask = match ip {
        IpAddr::V4(_) if bits <= 32 => {
            IpAddr::from(u32::MAX.checked_shl(32 - bits).unwrap_or(0).to_be_bytes())
        }
        IpAddr::V6(_) if bits <= 128 => {
            IpAddr::from(u128::MAX.checked_shl(128 - bits).unwrap_or(0).to_be_bytes())
        }
        _ => return None,
    };
    Some(From::Network(ip, mask))
}

#[cfg(test)]
mod tests {
    use super::{fields, line_of, logical, recognised, said, secrets};
    use crate::facts::hba::{Connections, From};

    fn read(line: &str) -> Option<(Connections, From, String, String)> {
        let fields = fields(line)?;
        let one = line_of(&fields, super::NOWHERE)?;
        Some((
            one.connections,
            one.from,
            one.method.clone(),
            said(&fields, &one.method),
        ))
    }

    #[test]
    fn lines_are_read_as_the_server_reads_them() {
        let network = |ip: &str, mask: &str| From::Network(ip.parse().unwrap(), mask.parse().unwrap());
        for (line, connections, from, method) in [
            ("local all all peer map=m", Connections::Local, From::All, "peer"),
            ("host all all all md5", Connections::Host, From::All, "md5"),
            (
                "hostssl a, b  +c 10.1.0.0/16 cert # why",
                Connections::Tls,
                network("10.1.0.0", "255.255.0.0"),
                "cert",
            ),
            (
                "hostnossl \"all\",x \"a b\" 10.1.2.3 255.255.255.0 reject",
                Connections::NoTls,
                network("10.1.2.3", "255.255.255.0"),
                "reject",
            ),
            (
                "host\tall\tall\t::/0\ttrust",
                Connections::Host,
                network("::", "::"),
                "trust",
            ),
            (
                "hostgssenc all all 0.0.0.0/0 gss",
                Connections::Gss,
                network("0.0.0.0", "0.0.0.0"),
                "gss",
            ),
            (
                "host all all .example.org scram-sha-256",
                Connections::Host,
                From::AskServer,
                "scram-sha-256",
            ),
            (
                "host all all samenet scram-sha-256",
                Connections::Host,
                From::AskServer,
                "scram-sha-256",
            ),
        ] {
            let (own, address, how, _) = read(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!((own, address, &*how), (connections, from, method), "{line}");
        }
        for line in [
            "host all all 10.0.0.0/33 md5",
            "host all all 10.0.0.1 md5",
            "host all all 10.0.0.1 ffff:: md5",
            "host all all md5",
            "hosts all all all md5",
            "host all all all magic",
            "local all peer",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
        assert_eq!(read("# host all all all md5"), None);
    }

    #[test]
    fn a_line_goes_on_behind_a_backslash_and_options_are_not_said() {
        let text =
            "host all \\\n  all all \\\nldap ldapserver=x ldapbindpasswd=planted\nlocal all all peer\n";
        let all: Vec<(usize, String)> = logical(text).collect();
        assert_eq!(all.iter().map(|one| one.0).collect::<Vec<_>>(), [1, 4]);
        assert_eq!(read(&all[0].1).unwrap().3, "host all all all ldap");
        assert!(recognised(text) && !recognised("hosts of all kinds\n") && !recognised(""));
    }

    #[test]
    fn passwords_of_options_are_found() {
        let text = "host a b all radius radiussecrets=\"one two\"\nhost a b all ldap \"ldapbindpasswd=three four\" # ldapbindpasswd=five\n";
        assert_eq!(secrets(text), ["three four", "five", "one two"]);
    }
}
