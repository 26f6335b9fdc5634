//! Connections named in settings: which database or broker, as whom. Passwords are looked at by nobody.
//!
//! Read are libpq's URLs and keyword strings, JDBC and Npgsql strings, the PG* and *_HOST/*_USER groups, Kafka's bootstrap
//! servers with `sasl.username` or `sasl.jaas.config`. Where a setting looks like a connection and its host or user is not
//! in the text, no login is made up: the setting's name and the reason are given instead. No value is ever repeated there.

mod kafka;
mod names;
mod postgres;
mod reader;
#[cfg(test)]
mod tests;

use names::{ends_with_word, normal};
use postgres::{keywords, npgsql};
use std::collections::BTreeSet;

/// What a workload's settings (environment variables, arguments) say it connects to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Connection {
    /// "postgres-login" or "sasl": the sort of credential.
    pub kind: &'static str,
    /// Where: "host:port", lower case.
    pub realm: String,
    /// As whom.
    pub subject: String,
    /// The database, where it is a database.
    pub audience: Option<String>,
    /// Which of the settings says so, by index.
    pub setting: usize,
}

/// The connections that settings (name, value) speak of, in the settings' order, each once; and for every setting that looks
/// like a connection but cannot be read as one, "NAME: why". An argument is a setting too, under any name the caller likes:
/// `--name=value` and `-Dname=value` are understood.
///
/// `$(NAME)` is replaced by an earlier setting of that name, as Kubernetes does before a container starts; every other
/// reference stays unread.
#[must_use]
pub fn connections(settings: &[(&str, &str)]) -> (Vec<Connection>, Vec<String>) {
    if !settings.iter().any(|(name, value)| concerns(name, value)) {
        return (Vec::new(), Vec::new());
    }
    let (mut found, missed) = reader::read(settings);
    found.sort_by_key(|c| c.setting);
    let mut seen = BTreeSet::new();
    found.retain(|c| seen.insert((c.kind, c.realm.clone(), c.subject.clone(), c.audience.clone())));
    (found, missed.into_iter().collect())
}

/// Whether a setting may be one of a connection: a quick look, since few of a cluster's settings are. Every form that is
/// read has an `=`, a reference or PostgreSQL's name in its value, or one of these words in its name.
fn concerns(name: &str, value: &str) -> bool {
    let (name, value) = (name.as_bytes(), value.as_bytes());
    let begins = |text: &[u8], at: usize, word: &str| {
        let part = text.get(at..at + word.len());
        part.is_some_and(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    memchr::memchr3(b'=', b'$', b'{', value).is_some()
        || memchr::memchr2_iter(b'p', b'P', value).any(|at| begins(value, at, "postgres"))
        || name.iter().enumerate().any(|(at, byte)| match byte | 0x20 {
            b'h' => begins(name, at, "host"),
            b's' => begins(name, at, "server") || begins(name, at, "sasl"),
            b'a' => begins(name, at, "addr"),
            b'p' => begins(name, at, "pguser"),
            b'k' => begins(name, at, "kafka"),
            _ => false,
        })
}

/// Why a setting is not a connection. Never holds a part of a value.
type Why = &'static str;

const REFERENCE: Why = "refers to another variable, which is not here";
const NO_USER: Why = "names no user";
const NO_HOST: Why = "names no host";
const BAD_HOST: Why = "its host cannot be read";
const BAD_PORT: Why = "its port is not a number";
const BAD_TEXT: Why = "is not text that can be read";

/// The parts of a connection to PostgreSQL, as far as one setting names them.
#[derive(Default)]
struct Target {
    hosts: String,
    ports: String,
    user: Option<String>,
    database: Option<String>,
}

fn is_reference(text: &str) -> bool {
    ["$(", "${", "{{"].iter().any(|open| text.contains(open))
}

/// A name as a login: no reference, no control characters, not empty.
fn checked(text: &str) -> Result<String, Why> {
    if text.is_empty() {
        Err(NO_USER)
    } else if is_reference(text) {
        Err(REFERENCE)
    } else if text.chars().any(char::is_control) || text.len() > 1024 {
        Err(BAD_TEXT)
    } else {
        Ok(text.to_owned())
    }
}

/// "host:port" in lower case from `host`, `host:port`, `[v6]:port`; a port of its own before the given one before the default.
fn endpoint(host: &str, port: &str, default: &str) -> Result<String, Why> {
    if is_reference(host) || is_reference(port) {
        return Err(REFERENCE);
    }
    if host.starts_with('/') || host.starts_with('@') {
        return Err("is a socket file, not a host");
    }
    let (host, own) = if let Some(inner) = host.strip_prefix('[') {
        let (inner, after) = inner.split_once(']').ok_or(BAD_HOST)?;
        match after.strip_prefix(':') {
            Some(port) => (inner, port),
            None if after.is_empty() => (inner, ""),
            None => return Err(BAD_HOST),
        }
    } else {
        match host.split_once(':') {
            Some((_, rest)) if rest.contains(':') => (host, ""),
            Some((host, port)) => (host, port),
            None => (host, ""),
        }
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.is_empty() {
        return Err(NO_HOST);
    }
    let six = host.contains(':');
    let fine = |b: u8| {
        if six {
            b.is_ascii_hexdigit() || b == b':' || b == b'.'
        } else {
            b.is_ascii_alphanumeric() || b"-_.".contains(&b)
        }
    };
    if host.len() > 255 || !host.bytes().all(fine) {
        return Err(BAD_HOST);
    }
    let port = [own, port, default]
        .into_iter()
        .find(|p| !p.is_empty())
        .unwrap_or(default);
    let number: u16 = port.parse().map_err(|_| BAD_PORT)?;
    if number == 0 {
        return Err(BAD_PORT);
    }
    let host = host.to_ascii_lowercase();
    Ok(if six {
        format!("[{host}]:{number}")
    } else {
        format!("{host}:{number}")
    })
}

/// Whether a text is a connection string of libpq's or Npgsql's sort.
pub(crate) fn is_connection_string(text: &str) -> bool {
    keywords(text).or_else(|| npgsql(text)).is_some()
}

/// Whether a setting is a JAAS entry.
pub(crate) fn is_jaas(name: &str, text: &str) -> bool {
    ends_with_word(&normal(name), "SASL_JAAS_CONFIG") || (text.contains("LoginModule") && text.contains('='))
}
