//! Which part of a setting's text is its secret, so that host, user and database stay when it goes.
//!
//! Where a text is no URL and no connection string that is known, all of it goes, but for references to other settings.

use super::{access_key, is_reference, names_secret, secret};
use crate::connection::{is_connection_string, is_jaas};
use std::ops::Range;

/// A part of a text that holds, or may hold, a secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Where.
    pub range: Range<usize>,
    /// What sort of secret; "value" where nothing says that it is one.
    pub sort: &'static str,
}

/// Keys of connection strings and parameters of URLs whose values are no secrets.
const OPEN: [&str; 30] = [
    "host",
    "hostaddr",
    "server",
    "data source",
    "port",
    "database",
    "db",
    "dbname",
    "initial catalog",
    "username",
    "user name",
    "user id",
    "userid",
    "user",
    "uid",
    "sslmode",
    "ssl mode",
    "ssl",
    "application_name",
    "connect_timeout",
    "target_session_attrs",
    "pooling",
    "currentschema",
    "search_path",
    "servicename",
    "usekeytab",
    "storekey",
    "debug",
    "replicaset",
    "authsource",
];

/// Last words of settings whose values name a host, a user, a database or a protocol.
const NAMES: [&str; 33] = [
    "HOST",
    "HOSTNAME",
    "HOSTADDR",
    "SERVER",
    "SERVERS",
    "ADDR",
    "ADDRESS",
    "PORT",
    "USER",
    "USERNAME",
    "DATABASE",
    "DB",
    "DBNAME",
    "NAME",
    "TYPE",
    "DRIVER",
    "DIALECT",
    "ENGINE",
    "ADAPTER",
    "VENDOR",
    "CLIENT",
    "CONNECTION",
    "PROTOCOL",
    "MECHANISM",
    "BROKER",
    "BROKERS",
    "LIST",
    "BOOTSTRAP",
    "URLS",
    "REGION",
    "POSTGRES",
    "POSTGRESQL",
    "PG",
];

/// The name of a setting that is an argument without one.
pub const ARGUMENT: &str = "argument";

/// Under which name each argument is looked at; none where it is a flag or a plain word, and stays.
#[must_use]
pub fn arguments_as(all: &[String]) -> Vec<Option<String>> {
    let mut flag: Option<&str> = None;
    let mut names = Vec::with_capacity(all.len());
    for (at, argument) in all.iter().enumerate() {
        let dashed = argument.starts_with('-') && !argument.contains(char::is_whitespace);
        let bare = argument.trim_start_matches('-');
        names.push(match flag {
            _ if dashed && argument.contains('=') => Some(ARGUMENT.to_owned()),
            _ if dashed => None,
            Some(flag) => Some(flag.to_owned()),
            // What is run, and plain words; anything else may hold a secret.
            None if at == 0
                || bare
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b)) =>
            {
                (!embedded(argument).is_empty()).then(|| ARGUMENT.to_owned())
            }
            None => Some(ARGUMENT.to_owned()),
        });
        flag = (dashed && !argument.contains('=')).then_some(bare);
    }
    names
}

/// The parts of a setting's value that must not be kept. Of an argument (`--name=value`, `-Dname=value`) the name is
/// looked at too.
#[must_use]
pub fn parts(name: &str, value: &str) -> Vec<Part> {
    let start = value.len() - value.trim_start().len();
    let text = value.trim();
    let mut found = inside(name, text);
    for part in &mut found {
        part.range = part.range.start + start..part.range.end + start;
    }
    found
}

fn inside(name: &str, text: &str) -> Vec<Part> {
    if text.is_empty() || super::Mark::read(text).is_some() || access_key(text).is_some() {
        return Vec::new();
    }
    if let Some((flag, at)) = assigned(text, name == ARGUMENT) {
        return shifted(parts(flag, text.get(at..).unwrap_or_default()), at);
    }
    let words = || {
        text.split_whitespace()
            .filter(|word| word.starts_with('-') && assigned(word, false).is_some())
    };
    if text.contains(char::is_whitespace) && words().next().is_some() {
        return each_word(text);
    }
    if text.contains("://") {
        return urls(text);
    }
    if is_jaas(name, text) {
        return pairs(text, false);
    }
    if is_connection_string(text) {
        return pairs(text, text.contains(';'));
    }
    if is_name(name, text) {
        return Vec::new();
    }
    all(text, secret(name, text).map_or("value", |found| found.sort))
}

fn shifted(mut found: Vec<Part>, by: usize) -> Vec<Part> {
    for part in &mut found {
        part.range = part.range.start + by..part.range.end + by;
    }
    found
}

/// `--name=value`, `-Dname=value`, `-name=value`: the name, and where the value begins; `name=value`, if that is asked for.
fn assigned(text: &str, bare_too: bool) -> Option<(&str, usize)> {
    let (flag, _) = text.split_once('=')?;
    let bare = flag
        .strip_prefix("-D")
        .unwrap_or_else(|| flag.trim_start_matches('-'));
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    ((bare_too || flag.starts_with('-')) && !bare.is_empty() && bare.bytes().all(plain))
        .then_some((bare, flag.len() + 1))
}

/// Options in one text: `-Da=b -Dc=d`.
fn each_word(text: &str) -> Vec<Part> {
    let mut found = Vec::new();
    let mut at = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let option = bare.starts_with('-') && !bare.contains('=') && bare.len() < 40;
        if !option {
            found.extend(shifted(parts(ARGUMENT, bare), at));
        }
        at += word.len();
    }
    found
}

/// Whether a setting that no other names a secret holds the name of something.
fn is_name(name: &str, text: &str) -> bool {
    let words = super::words(name);
    let last = words.last().map_or("", String::as_str);
    let pg = ["PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGDATABASE"].contains(&last);
    let broker = words.iter().any(|word| word == "KAFKA") && ["URL", "KEY"].contains(&last);
    (pg || broker || NAMES.contains(&last))
        && !names_secret(name)
        && secret("", text).is_none()
        && plain(text)
}

/// Text of which names of hosts, users and databases are made.
pub(super) fn plain(text: &str) -> bool {
    let fine = |one: char| one.is_alphanumeric() || "._-:,/@[]$(){}\"' ".contains(one);
    text.len() <= 1024 && text.chars().all(fine)
}

/// Whether a setting that others refer to may stay: it is no secret by its name or value.
#[must_use]
pub fn named(name: &str, text: &str) -> bool {
    !names_secret(name) && secret("", text).is_none() && plain(text) && text.len() <= 255
}

/// The settings that a value refers to: `$(NAME)`.
pub fn references(value: &str) -> impl Iterator<Item = &str> {
    value
        .split("$(")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(')')?.0))
}

/// All of a text but for its references to others.
fn all(text: &str, sort: &'static str) -> Vec<Part> {
    let mut found = Vec::new();
    let mut push = |range: Range<usize>| {
        // What was redacted already stays as it is.
        let marked = |word: &str| super::Mark::read(word).is_some();
        if text
            .get(range.clone())
            .is_some_and(|part| !part.split_whitespace().all(marked))
        {
            found.push(Part { range, sort });
        }
    };
    let mut from = 0;
    while let Some(rest) = text.get(from..) {
        let open = [("$(", ")"), ("${", "}"), ("{{", "}}")]
            .into_iter()
            .filter_map(|(open, close)| Some((rest.find(open)?, open, close)))
            .min();
        let Some((at, open, close)) = open else { break };
        push(from..from + at);
        let inner = from + at + open.len();
        let end = text
            .get(inner..)
            .and_then(|rest| rest.find(close))
            .map_or(text.len(), |end| inner + end);
        let name = text.get(inner..end).unwrap_or_default();
        if !name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_. ".contains(&b))
        {
            push(inner..end);
        }
        from = (end + close.len()).min(text.len());
        if end == text.len() {
            break;
        }
    }
    push(from..text.len());
    found
}

/// The URLs of a text: passwords, parameters, and the paths of schemes that name no database. Other text goes.
fn urls(text: &str) -> Vec<Part> {
    let mut starts: Vec<usize> = text
        .match_indices("://")
        .filter_map(|(at, _)| {
            let before = text.get(..at)?;
            let scheme = |c: char| c.is_ascii_alphanumeric() || "+.-_:".contains(c);
            Some(before.trim_end_matches(scheme).len())
        })
        .collect();
    starts.dedup();
    let mut found = Vec::new();
    let first = starts.first().copied().unwrap_or(0);
    found.extend(words_of(text.get(..first).unwrap_or_default(), 0));
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([text.len()]).collect();
    for (start, end) in starts.into_iter().zip(ends) {
        let whole = text.get(start..end).unwrap_or_default();
        let one = if start == 0 {
            whole
        } else {
            whole.split(char::is_whitespace).next().unwrap_or(whole)
        };
        let one = one.trim_end_matches([',', ';', ' ', '"', '\'', ']', ')']);
        found.extend(shifted(url(one), start));
        found.extend(words_of(
            whole.get(one.len()..).unwrap_or_default(),
            start + one.len(),
        ));
    }
    found
}

/// What stands between URLs, but for the signs that part it from them.
fn words_of(text: &str, at: usize) -> Vec<Part> {
    let apart = |c: char| !c.is_alphanumeric();
    let lead = text.len() - text.trim_start_matches(apart).len();
    shifted(all(text.trim_matches(apart), "value"), at + lead)
}

/// Where the user part of a URL's rest ends: the `@`. As libpq, else the last `@` before the parameters.
fn user_end(rest: &str) -> Option<usize> {
    let first = rest.find(['@', '/'])?;
    if rest.as_bytes().get(first) == Some(&b'@') {
        let after = rest.get(first..)?;
        let end = after.find(['/', '?']).map_or(rest.len(), |at| first + at);
        // An `@` that follows, in a password with a `/`, would end it later still.
        let last = rest.get(..end)?.rfind('@')?;
        let path = rest.get(end..)?.split('?').next()?;
        return Some(path.rfind('@').map_or(last, |at| end + at));
    }
    rest.split('?').next()?.rfind('@')
}

fn url(text: &str) -> Vec<Part> {
    let Some((scheme, rest)) = text.split_once("://") else {
        return Vec::new();
    };
    let lower = scheme.to_ascii_lowercase();
    let base = scheme.len() + 3;
    let mut found = Vec::new();
    let mut push = |range: Range<usize>, sort: &'static str| {
        let part = text.get(range.clone()).unwrap_or_default();
        found.extend(shifted(all(part, sort), range.start));
    };
    let mut at = 0;
    if let Some(end) = user_end(rest) {
        let who = rest.get(..end).unwrap_or_default();
        match who.split_once(':') {
            Some((user, password)) => {
                // What cannot be told apart stays so: a `/` or `@` in the password is kept.
                let mut from = base + user.len() + 1;
                for piece in password.split(['/', '@']) {
                    push(from..from + piece.len(), "password");
                    from += piece.len() + 1;
                }
            }
            None if lower.starts_with("http") || lower.starts_with("git") || secret("", who).is_some() => {
                push(base..base + end, "token");
            }
            None => {}
        }
        at = end + 1;
    }
    let tail = rest.get(at..).unwrap_or_default();
    let (place, query) = match tail.split_once('?') {
        Some((place, query)) => (place, Some(query)),
        None => (tail, None),
    };
    let keeps = [
        "postgres", "jdbc", "mysql", "mariadb", "mongodb", "amqp", "redis", "unix", "file", "npipe",
    ];
    if let Some(slash) = place
        .find('/')
        .filter(|_| !keeps.iter().any(|one| lower.contains(one)))
    {
        let from = base + at + slash + 1;
        push(
            from..base + at + place.trim_end_matches('/').len().max(slash + 1),
            "value",
        );
    }
    let mut from = base + at + place.len() + 1;
    for pair in query.into_iter().flat_map(|query| query.split('&')) {
        let (key, value) = pair.split_once('=').unwrap_or(("", pair));
        if !OPEN.contains(&key.to_ascii_lowercase().as_str()) {
            let sort = secret(key, value).map_or("value", |one| one.sort);
            push(from + pair.len() - value.len()..from + pair.len(), sort);
        }
        from += pair.len() + 1;
    }
    found
}

/// `key=value` pairs: of libpq and JAAS between blanks, of Npgsql between semicolons. Quotes stay.
fn pairs(text: &str, semicolons: bool) -> Vec<Part> {
    let bytes = text.as_bytes();
    let ends = |b: u8| b == b';' || (!semicolons && (b.is_ascii_whitespace() || b == b','));
    let mut found = Vec::new();
    let mut key_from = 0;
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        if byte != b'=' {
            if ends(byte) || matches!(byte, b'{' | b'}' | b'"' | b'\'') {
                // Blanks may stand before the sign: `user = x`.
                let next = text.get(at..).unwrap_or_default().trim_start();
                if !next.starts_with('=') {
                    key_from = at + 1;
                }
            }
            at += 1;
            continue;
        }
        let key = text
            .get(key_from..at)
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        at += 1;
        while bytes.get(at).is_some_and(|b| b.is_ascii_whitespace()) {
            at += 1;
        }
        let shell = bytes.get(at) == Some(&b'\\') && matches!(bytes.get(at + 1), Some(b'"' | b'\''));
        let quote_at = if shell { at + 1 } else { at };
        let quote = bytes.get(quote_at).copied().filter(|b| matches!(b, b'"' | b'\''));
        let from = if quote.is_some() { quote_at + 1 } else { at };
        let mut end = from;
        while let Some(b) = bytes.get(end).copied() {
            match quote {
                Some(_) if shell && b == b'\\' && bytes.get(end + 1) == quote.as_ref() => break,
                Some(quote) if b == quote && !shell => break,
                Some(_) if b == b'\\' => end += 1,
                None if ends(b) => break,
                _ => {}
            }
            end += 1;
        }
        let end = end.min(text.len());
        let value = text.get(from..end).unwrap_or_default();
        if !OPEN.contains(&key.as_str()) {
            let sort = secret(&key, value).map_or("value", |one| one.sort);
            found.extend(shifted(all(value, sort), from));
        }
        at = match quote {
            Some(_) => end + 1 + usize::from(shell),
            None => end,
        };
        key_from = at;
    }
    found
}

/// Secrets within a longer text of any sort (a comment, a message): passwords of URLs, `password=...`, tokens.
#[must_use]
pub fn embedded(text: &str) -> Vec<Part> {
    let mut found = Vec::new();
    if let Some(at) = text.find("-----BEGIN").filter(|_| text.contains("PRIVATE KEY")) {
        let end = text
            .rfind("-----")
            .map_or(text.len(), |end| end.max(at) + 5)
            .min(text.len());
        return vec![Part {
            range: at..end,
            sort: "private key",
        }];
    }
    let mut at = 0;
    for word in text.split_inclusive(|c: char| c.is_whitespace() || "\"'`<>".contains(c)) {
        let bare = word.trim_end_matches(|c: char| c.is_whitespace() || "\"'`<>,;".contains(c));
        if bare.contains("://") {
            let passwords = urls(bare).into_iter().filter(|part| part.sort != "value");
            found.extend(shifted(passwords.collect(), at));
        } else if let Some(secret) = secret("", bare).filter(|one| one.by_value && access_key(bare).is_none())
        {
            if !secret.sort.starts_with("password") {
                found.push(Part {
                    range: at..at + bare.len(),
                    sort: secret.sort,
                });
            }
        }
        at += word.len();
    }
    found.extend(assignments(text));
    found.extend(bearers(text));
    found.sort_by_key(|part| (part.range.start, part.range.end));
    let mut end = 0;
    found.retain(|part| {
        let free = part.range.start >= end;
        if free {
            end = part.range.end;
        }
        free
    });
    found
}

/// Credentials of HTTP: `Bearer ...`, `Basic ...`.
fn bearers(text: &str) -> Vec<Part> {
    let mut found = Vec::new();
    for scheme in ["Bearer ", "Basic "] {
        for (at, _) in text.match_indices(scheme) {
            let from = at + scheme.len();
            let fine = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
            let rest = text.get(from..).unwrap_or_default();
            let len = rest.find(|c| !fine(c)).unwrap_or(rest.len());
            if len >= 12 {
                found.push(Part {
                    range: from..from + len,
                    sort: "token",
                });
            }
        }
    }
    found
}

/// `name=value` and `name: value` in a text, where the name says that it is a secret.
fn assignments(text: &str) -> Vec<Part> {
    let mut found = Vec::new();
    for (sign, _) in text.match_indices(['=', ':']) {
        let before = text.get(..sign).unwrap_or_default().trim_end();
        let before = before
            .strip_suffix('\\')
            .unwrap_or(before)
            .trim_end_matches(['"', '\'', '\\']);
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        let name = before
            .get(before.trim_end_matches(is_name).len()..)
            .unwrap_or_default();
        if name.is_empty() || !(names_secret(name) || is_secret_key(name)) {
            continue;
        }
        let after = text.get(sign + 1..).unwrap_or_default();
        if after.starts_with("//") {
            continue;
        }
        let lead = after.len() - after.trim_start_matches([' ', '\t', '"', '\'', '\\']).len();
        let quoted = after.get(..lead).unwrap_or_default().contains(['"', '\'']);
        let value = after.get(lead..).unwrap_or_default();
        let stops = |c: char| {
            if quoted {
                matches!(c, '"' | '\'' | '\\' | '\n')
            } else {
                c.is_whitespace() || ";,&\"'})".contains(c)
            }
        };
        let end = value.find(stops).unwrap_or(value.len());
        let value = value.get(..end).unwrap_or_default();
        // A word of prose behind a colon ("the secret: never") is hardly one; behind `=` it is. A mark is none.
        let prose =
            !quoted && text.as_bytes().get(sign) == Some(&b':') && value.chars().all(char::is_alphabetic);
        let lead_in = before.get(..before.len() - name.len()).unwrap_or_default();
        if prose || lead_in.ends_with("redacted:") || value.starts_with("redacted:") || is_reference(value) {
            continue;
        }
        let as_secret = if is_secret_key(name) { "SECRET" } else { name };
        if secret(as_secret, value).is_some() {
            found.extend(shifted(parts(as_secret, value), sign + 1 + lead));
        }
    }
    found
}

/// Names of secrets that are written in one word.
#[must_use]
pub fn is_secret_key(name: &str) -> bool {
    let lower = name.to_ascii_lowercase().replace(['_', '-', '.'], "");
    [
        "secretaccesskey",
        "sessiontoken",
        "clientsecret",
        "privatekey",
        "refreshtoken",
        "accesstoken",
        "bearertoken",
    ]
    .iter()
    .any(|one| lower.ends_with(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, found: &[Part]) -> String {
        let mut out = String::new();
        let mut at = 0;
        for part in found {
            out.push_str(&text[at..part.range.start]);
            out.push_str(&format!("<{}>", part.sort));
            at = part.range.end;
        }
        out + &text[at..]
    }

    #[test]
    fn hosts_users_and_databases_stay() {
        for (name, value, want) in [
            ("DB_PASSWORD", "hunter2", "<password>"),
            ("LOG_LEVEL", "debug", "<value>"),
            (
                "AWS_ACCESS_KEY_ID",
                "AKIAIOSFODNN7EXAMPLE",
                "AKIAIOSFODNN7EXAMPLE",
            ),
            ("AWS_SECRET_ACCESS_KEY", "wJalr/x+y", "<AWS secret access key>"),
            (
                "DATABASE_URL",
                "postgres://u:p@h:5432/d",
                "postgres://u:<password>@h:5432/d",
            ),
            (
                "DATABASE_URL",
                "postgres://u:a/b@h/d",
                "postgres://u:<password>/<password>@h/d",
            ),
            (
                "DATABASE_URL",
                "postgres://u:a@b@h/d?sslmode=require&x=y",
                "postgres://u:<password>@<password>@h/d?sslmode=require&x=<value>",
            ),
            ("DATABASE_URL", "postgres://u:$(PW)@h/d", "postgres://u:$(PW)@h/d"),
            (
                "DATABASE_URL",
                "postgres://h/d?user=u&password=p",
                "postgres://h/d?user=u&password=<password>",
            ),
            (
                "X",
                "jdbc:postgresql://h/d?user=u&password=p",
                "jdbc:postgresql://h/d?user=u&password=<password>",
            ),
            (
                "X",
                "host=h user=u password='a b\\'c' dbname=d",
                "host=h user=u password='<password>' dbname=d",
            ),
            (
                "X",
                "Host=h;Port=1;Username=u;Password=p q;Database=d",
                "Host=h;Port=1;Username=u;Password=<password>;Database=d",
            ),
            (
                "SASL_JAAS_CONFIG",
                "a.b.PlainLoginModule required username=\"u\" password=\"p\" user_u=\"p\";",
                "a.b.PlainLoginModule required username=\"u\" password=\"<password>\" user_u=\"<value>\";",
            ),
            ("PGHOST", "db.internal", "db.internal"),
            ("DB_USER", "orders", "orders"),
            (
                "DB_USER",
                "ghp_0123456789012345678901234567890123",
                "<GitHub token>",
            ),
            ("SECRET_NAME", "x", "x"),
            ("TOKEN", "a${B}c", "<token>${B}<token>"),
            ("TOKEN", "${B:-hunter2}", "${<value>}"),
            (
                "HOOK",
                "https://h.example/services/T0/B0/xyz?key=1",
                "https://h.example/<value>?key=<value>",
            ),
            ("HOOK", "https://tok@h.example/", "https://<token>@h.example/"),
            ("DOCKER_HOST", "tcp://h:2375", "tcp://h:2375"),
            (
                "KAFKA_BROKERS",
                "SASL_SSL://a:9092,SASL_SSL://b:9092",
                "SASL_SSL://a:9092,SASL_SSL://b:9092",
            ),
            ("argument", "--password=x y", "--password=<password>"),
            (
                "argument",
                "--dsn=postgres://u:p@h/d",
                "--dsn=postgres://u:<password>@h/d",
            ),
            (
                "JAVA_OPTS",
                "-Xmx1g -Ddb.user=u -Ddb.password=p",
                "-Xmx1g -Ddb.user=u -Ddb.password=<password>",
            ),
            ("X", "redacted:password:k1:00ff", "redacted:password:k1:00ff"),
        ] {
            assert_eq!(cut(value, &parts(name, value)), want, "{name}");
        }
    }

    #[test]
    fn what_stands_behind_a_flag_is_its_value() {
        let all = [
            "/bin/run",
            "serve",
            "--user",
            "u",
            "--password=p",
            "-c",
            "echo x",
            "a b",
            "--x",
            "--y",
        ];
        let names = arguments_as(&all.map(str::to_owned));
        let names: Vec<&str> = names.iter().map(|one| one.as_deref().unwrap_or("")).collect();
        assert_eq!(
            names,
            ["", "", "", "user", "argument", "", "c", "argument", "", ""]
        );
    }

    #[test]
    fn secrets_in_prose_are_found() {
        for (text, want) in [
            ("owner: payments", "owner: payments"),
            (
                "login with password=hunter2, then go",
                "login with password=<password>, then go",
            ),
            ("see postgres://u:p@h/d.", "see postgres://u:<password>@h/d."),
            (
                "# aws_secret_access_key = abc/def",
                "# aws_secret_access_key = <AWS secret access key>",
            ),
            (
                "\"SecretAccessKey\": \"abc\"",
                "\"SecretAccessKey\": \"<secret>\"",
            ),
            (
                "token ghp_0123456789012345678901234567890123!",
                "token ghp_0123456789012345678901234567890123!",
            ),
            (
                "token ghp_0123456789012345678901234567890123 x",
                "token <GitHub token> x",
            ),
            ("the secret: never told", "the secret: never told"),
            ("arn:aws:iam::1:role/token", "arn:aws:iam::1:role/token"),
        ] {
            assert_eq!(cut(text, &embedded(text)), want);
        }
    }

    #[test]
    fn a_mark_counts_as_the_secret_it_stands_for() {
        for (name, value) in [
            ("DB_PASSWORD", "hunter2"),
            ("X", "ghp_0123456789012345678901234567890123"),
            ("AWS_SECRET_ACCESS_KEY", "abcd"),
            ("API_KEY", "abcd"),
            ("DB_PASSWORD", "/run/secrets/x"),
            ("LOG_LEVEL", "debug"),
            ("X", "a password=b"),
            ("SOME_DSN", "a;password=b"),
        ] {
            let found = parts(name, value);
            assert_eq!(found.len(), 1, "{name}");
            let mark = format!("redacted:{}:k1:00ff", super::super::slug(found[0].sort));
            let mut redacted = value.to_owned();
            redacted.replace_range(found[0].range.clone(), &mark);
            assert_eq!(secret(name, &redacted), secret(name, value), "{name}={redacted}");
        }
    }
}
