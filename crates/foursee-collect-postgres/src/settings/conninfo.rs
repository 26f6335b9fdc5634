//! Connection strings: `postgresql://...` URLs and `key=value` lists, as libpq reads them.
//!
//! Nothing of the string stands in an error but names of settings: any of its values may be a password.

use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// Settings by libpq's names.
pub(super) type Pairs = BTreeMap<String, String>;

const SCHEMES: [&str; 2] = ["postgresql://", "postgres://"];

/// Whether a text is a connection string rather than the name of a service.
pub(super) fn is_one(text: &str) -> bool {
    SCHEMES.iter().any(|scheme| text.starts_with(scheme)) || text.contains('=')
}

/// Reads a connection string.
pub(super) fn parse(text: &str) -> Result<Pairs, String> {
    match SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme)) {
        Some(rest) => url(rest),
        None => list(text),
    }
}

fn url(text: &str) -> Result<Pairs, String> {
    let mut pairs = Pairs::new();
    let (text, query) = text.split_once('?').unwrap_or((text, ""));
    let (text, database) = text.split_once('/').unwrap_or((text, ""));
    let (login, hosts) = text.rsplit_once('@').unwrap_or(("", text));
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let mut set = |key: &str, value: &str| -> Result<(), String> {
        if !value.is_empty() {
            pairs.insert(key.to_owned(), decoded(key, value)?);
        }
        Ok(())
    };
    set("user", user)?;
    set("password", password)?;
    set("dbname", database)?;
    let (names, ports) = addresses(hosts)?;
    set("host", &names)?;
    set("port", &ports)?;
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (key, value) = part
            .split_once('=')
            .ok_or("a setting after `?` in the URL has no `=`")?;
        let key = decoded("a setting's name", key)?;
        let (key, value) = match (key.as_str(), value) {
            // What JDBC says.
            ("ssl", "true") => ("sslmode", "require"),
            _ => (key.as_str(), value),
        };
        set(key, value)?;
    }
    Ok(pairs)
}

/// `host:port,[::1]:port` as two lists, each with a comma between.
fn addresses(hosts: &str) -> Result<(String, String), String> {
    let (mut names, mut ports) = (Vec::new(), Vec::new());
    for one in hosts.split(',') {
        let (name, port) = match one.strip_prefix('[') {
            Some(rest) => {
                let (name, rest) = rest
                    .split_once(']')
                    .ok_or("an IPv6 address in the URL has no `]`")?;
                (name, rest.strip_prefix(':').unwrap_or(rest))
            }
            None => one.split_once(':').unwrap_or((one, "")),
        };
        names.push(name);
        ports.push(port);
    }
    let said = |all: &[&str]| all.iter().any(|one| !one.is_empty());
    let joined = |all: Vec<&str>| if said(&all) { all.join(",") } else { String::new() };
    Ok((joined(names), joined(ports)))
}

fn decoded(what: &str, text: &str) -> Result<String, String> {
    let whole = text.split('%').skip(1).all(|rest| {
        let mut digits = rest.bytes();
        matches!((digits.next(), digits.next()), (Some(a), Some(b)) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
    });
    let text = percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| format!("`{what}` in the URL is not UTF-8"))?;
    if !whole || text.contains('\0') {
        return Err(format!("`{what}` in the URL has a `%` that stands for nothing"));
    }
    Ok(text.into_owned())
}

fn list(text: &str) -> Result<Pairs, String> {
    let mut pairs = Pairs::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, after) = rest
            .split_once('=')
            .ok_or("the connection string ends in a word without `=`")?;
        let key = key.trim_end();
        if key.is_empty() || key.contains(char::is_whitespace) {
            return Err("the connection string has a word without `=`".to_owned());
        }
        let (value, after) = value(key, after.trim_start())?;
        if !value.is_empty() {
            pairs.insert(key.to_owned(), value);
        }
        rest = after.trim_start();
    }
    Ok(pairs)
}

/// A value of a list, with `'...'` around it or without, and `\` before a letter meant as such.
fn value<'a>(key: &str, text: &'a str) -> Result<(String, &'a str), String> {
    let (quoted, text) = text.strip_prefix('\'').map_or((false, text), |rest| (true, rest));
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => value.extend(letters.next().map(|(_, next)| next)),
            '\'' if quoted => return Ok((value, text.get(at + 1..).unwrap_or_default())),
            space if space.is_whitespace() && !quoted => {
                return Ok((value, text.get(at..).unwrap_or_default()));
            }
            other => value.push(other),
        }
    }
    if quoted {
        return Err(format!("`{key}` in the connection string has no closing quote"));
    }
    Ok((value, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        match parse(text) {
            Ok(pairs) => pairs
                .iter()
                .map(|(key, value)| format!("{key}={value}|"))
                .collect(),
            Err(why) => format!("error: {why}"),
        }
    }

    #[test]
    fn urls() {
        for (text, want) in [
            ("postgresql://", ""),
            ("postgres://a@db.shop", "host=db.shop|user=a|"),
            (
                "postgres://a%40b:p%3A%2F@db.shop:5433/orders%20x?sslmode=verify-ca&application_name=f",
                "application_name=f|dbname=orders x|host=db.shop|password=p:/|port=5433|sslmode=verify-ca|user=a@b|",
            ),
            ("postgresql://[::1]:1,b:2/d", "dbname=d|host=::1,b|port=1,2|"),
            (
                "postgresql:///d?host=/run/pg&ssl=true",
                "dbname=d|host=/run/pg|sslmode=require|",
            ),
            ("postgresql://%2Frun%2Fpg/d", "dbname=d|host=/run/pg|"),
            (
                "postgresql://a:se%zzcret@h",
                "error: `password` in the URL has a `%` that stands for nothing",
            ),
            (
                "postgresql://a:%ff@h",
                "error: `password` in the URL is not UTF-8",
            ),
            (
                "postgresql://[::1",
                "error: an IPv6 address in the URL has no `]`",
            ),
            (
                "postgresql://h/d?secret",
                "error: a setting after `?` in the URL has no `=`",
            ),
        ] {
            assert_eq!(said(text), want, "{text}");
        }
    }

    #[test]
    fn lists() {
        for (text, want) in [
            (
                "host=a  port = 5433 user='o\\'k x' password=a\\ b",
                "host=a|password=a b|port=5433|user=o'k x|",
            ),
            ("host='' dbname=d", "dbname=d|"),
            (
                "password='never closed",
                "error: `password` in the connection string has no closing quote",
            ),
            (
                "host=a secret",
                "error: the connection string ends in a word without `=`",
            ),
            (
                "secret host=a",
                "error: the connection string has a word without `=`",
            ),
        ] {
            assert_eq!(said(text), want, "{text}");
        }
        assert!(is_one("host=a") && is_one("postgres://") && !is_one("shop"));
    }
}
