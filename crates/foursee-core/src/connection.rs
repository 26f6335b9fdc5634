//! Connections named in settings: which database or broker, as whom. Passwords are looked at by nobody.
//!
//! Read are libpq's URLs and keyword strings, JDBC and Npgsql strings, the PG* and *_HOST/*_USER groups, Kafka's bootstrap
//! servers with `sasl.username` or `sasl.jaas.config`. Where a setting looks like a connection and its host or user is not
//! in the text, no login is made up: the setting's name and the reason are given instead. No value is ever repeated there.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What a workload's settings (environment variables, arguments) say it connects to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
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
    let mut reader = Reader {
        given: settings,
        ..Reader::default()
    };
    reader.collect(settings);
    reader.urls();
    reader.groups();
    reader.kafka();
    reader.found.sort_by_key(|c| c.setting);
    let mut seen = BTreeSet::new();
    reader
        .found
        .retain(|c| seen.insert((c.kind, c.realm.clone(), c.subject.clone(), c.audience.clone())));
    (reader.found, reader.missed.into_iter().collect())
}

/// Why a setting is not a connection. Never holds a part of a value.
type Why = &'static str;

const REFERENCE: Why = "refers to another variable, which is not here";
const NO_USER: Why = "names no user";
const NO_HOST: Why = "names no host";
const BAD_HOST: Why = "its host cannot be read";
const BAD_PORT: Why = "its port is not a number";
const BAD_TEXT: Why = "is not text that can be read";
/// Longer values are not looked into: no connection is that long.
const LONGEST: usize = 64 * 1024;

struct Entry<'a> {
    name: String,
    value: Cow<'a, str>,
    setting: usize,
}

#[derive(Default)]
struct Reader<'a> {
    given: &'a [(&'a str, &'a str)],
    entries: Vec<Entry<'a>>,
    by_name: BTreeMap<String, usize>,
    found: Vec<Connection>,
    missed: BTreeSet<String>,
}

/// The parts of a connection to PostgreSQL, as far as one setting names them.
#[derive(Default)]
struct Target {
    hosts: String,
    ports: String,
    user: Option<String>,
    database: Option<String>,
}

impl<'a> Reader<'a> {
    fn collect(&mut self, settings: &'a [(&'a str, &'a str)]) {
        for (setting, (name, value)) in settings.iter().enumerate() {
            if value.len() > LONGEST {
                continue;
            }
            let value = self.expand(value);
            let inner = assignment(&value).map(|(n, v)| (normal(n), v.to_owned()));
            self.push(normal(name), value, setting);
            if let Some((name, value)) = inner {
                self.push(name, Cow::Owned(value), setting);
            }
        }
    }

    fn push(&mut self, name: String, value: Cow<'a, str>, setting: usize) {
        self.by_name.insert(name.clone(), self.entries.len());
        self.entries.push(Entry { name, value, setting });
    }

    /// `$(NAME)` by what was set before, and `$$(` left alone, as the kubelet does.
    fn expand(&self, value: &'a str) -> Cow<'a, str> {
        if !value.contains("$(") {
            return Cow::Borrowed(value);
        }
        let mut out = String::new();
        let mut rest = value;
        while let Some(at) = rest.find("$(") {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            let inner = from.strip_prefix("$(").unwrap_or(from);
            let known = (!before.ends_with('$'))
                .then(|| inner.split_once(')'))
                .flatten()
                .and_then(|(name, after)| Some((self.exact(name)?, after)))
                .filter(|(text, _)| out.len() + text.len() <= LONGEST);
            match known {
                Some((text, after)) => {
                    out.push_str(text);
                    rest = after;
                }
                None => {
                    out.push_str("$(");
                    rest = inner;
                }
            }
        }
        out.push_str(rest);
        Cow::Owned(out)
    }

    /// The value of an earlier setting by its exact name.
    fn exact(&self, name: &str) -> Option<&str> {
        let before = self.entries.last().map_or(0, |e| e.setting + 1);
        let at = self.given.iter().take(before).rposition(|(n, _)| *n == name)?;
        self.entries.iter().find(|e| e.setting == at).map(|e| &*e.value)
    }

    fn value(&self, name: &str) -> Option<&str> {
        let entry = self.entries.get(*self.by_name.get(name)?)?;
        Some(entry.value.trim()).filter(|v| !v.is_empty())
    }

    fn miss(&mut self, setting: usize, why: Why) {
        let name = self.given.get(setting).map_or("", |(name, _)| *name);
        let name: String = name.chars().filter(|c| !c.is_control()).take(120).collect();
        self.missed.insert(format!("{name}: {why}"));
    }

    // PostgreSQL in one text.

    fn urls(&mut self) {
        for at in 0..self.entries.len() {
            let Some(entry) = self.entries.get(at) else {
                continue;
            };
            let (name, value, setting) = (entry.name.clone(), entry.value.trim().to_owned(), entry.setting);
            let texts = urls_in(&value);
            let all: Vec<_> = if !texts.is_empty() {
                texts
                    .into_iter()
                    .map(|(jdbc, text)| if jdbc { jdbc_url(text) } else { postgres_url(text) })
                    .collect()
            } else if let Some(read) = keywords(&value).or_else(|| npgsql(&value)) {
                vec![read]
            } else if names_database(&name) && is_reference(&value) {
                vec![Err(REFERENCE)]
            } else {
                continue;
            };
            for read in all {
                let done = read.and_then(|target| self.complete(target, &name, &value));
                match done {
                    Ok(target) => self.login(&target, setting),
                    Err(why) => self.miss(setting, why),
                }
            }
        }
    }

    /// What a text leaves out is taken from where its readers take it: `X_USERNAME` beside `X_URL`, then libpq's own variables.
    fn complete(&self, mut target: Target, name: &str, value: &str) -> Result<Target, Why> {
        let jdbc = value.get(..4).is_some_and(|p| p.eq_ignore_ascii_case("jdbc"));
        let libpq = |name: &str| {
            if jdbc {
                None
            } else {
                self.value(name).map(str::to_owned)
            }
        };
        if target.user.is_none() {
            target.user = self
                .user_beside(name)
                .map(str::to_owned)
                .or_else(|| libpq("PGUSER"));
        }
        if target.hosts.is_empty() {
            target.hosts = libpq("PGHOST").unwrap_or_default();
        }
        if target.ports.is_empty() {
            target.ports = libpq("PGPORT").unwrap_or_default();
        }
        if target.database.is_none() {
            target.database = libpq("PGDATABASE");
        }
        Ok(target)
    }

    fn user_beside(&self, name: &str) -> Option<&str> {
        const ENDS: [&str; 8] = [
            "_JDBC_URL",
            "_REACTIVE_URL",
            "_CONNECTION_STRING",
            "_URL",
            "_URI",
            "_DSN",
            "_HOST",
            "_HOSTNAME",
        ];
        let stem = ENDS.iter().find_map(|end| name.strip_suffix(end))?;
        let stems = [Some(stem), stem.strip_suffix("_URL")];
        stems.iter().flatten().find_map(|stem| {
            self.value(&format!("{stem}_USERNAME"))
                .or_else(|| self.value(&format!("{stem}_USER")))
        })
    }

    fn login(&mut self, target: &Target, setting: usize) {
        match logins(target, setting) {
            Ok(found) => self.found.extend(found),
            Err(why) => self.miss(setting, why),
        }
    }

    // PostgreSQL in several settings.

    fn groups(&mut self) {
        if let Some(user) = self.by_name.get("PGUSER").copied()
            && self
                .value("PGHOST")
                .or_else(|| self.value("PGHOSTADDR"))
                .is_none()
            && self.found.is_empty()
        {
            let setting = self.entries.get(user).map_or(0, |e| e.setting);
            self.miss(setting, NO_HOST);
        }
        for at in 0..self.entries.len() {
            let Some(entry) = self.entries.get(at) else {
                continue;
            };
            let (name, setting) = (entry.name.clone(), entry.setting);
            let host = entry.value.trim().to_owned();
            if host.is_empty() || !urls_in(&host).is_empty() {
                continue;
            }
            let Some(group) = self.group(&name) else { continue };
            let target = match host.rsplit_once(':') {
                Some((host, port)) if !host.contains(':') && port.bytes().all(|b| b.is_ascii_digit()) => {
                    Target {
                        hosts: host.to_owned(),
                        ports: port.to_owned(),
                        ..group
                    }
                }
                _ => Target { hosts: host, ..group },
            };
            self.login(&target, setting);
        }
    }

    /// The port, user and database beside a setting that names a host; None where it is no PostgreSQL host.
    fn group(&self, name: &str) -> Option<Target> {
        let owned = |v: Option<&str>| v.map(str::to_owned);
        if matches!(name, "PGHOST" | "PGHOSTADDR") {
            if name == "PGHOSTADDR" && self.value("PGHOST").is_some() {
                return None;
            }
            return Some(Target {
                hosts: String::new(),
                ports: self.value("PGPORT").unwrap_or_default().to_owned(),
                user: owned(self.value("PGUSER")),
                database: owned(self.value("PGDATABASE")),
            });
        }
        let (stem, plain) = match name.strip_suffix("_HOST") {
            Some(stem) => (stem, true),
            None => (
                ["_HOSTNAME", "_SERVER", "_ADDR"]
                    .iter()
                    .find_map(|end| name.strip_suffix(end))?,
                false,
            ),
        };
        let store = stem.strip_suffix("_URL").unwrap_or(stem);
        let last = store.rsplit('_').next().unwrap_or(store);
        if !matches!(
            last,
            "DB" | "DATABASE" | "POSTGRES" | "POSTGRESQL" | "PG" | "PGSQL"
        ) {
            return None;
        }
        let one = |ends: &[&str]| {
            [stem, store]
                .iter()
                .find_map(|s| ends.iter().find_map(|end| self.value(&format!("{s}_{end}"))))
        };
        let sort = one(&[
            "CONNECTION",
            "TYPE",
            "DRIVER",
            "DIALECT",
            "ENGINE",
            "ADAPTER",
            "VENDOR",
            "CLIENT",
        ])
        .or_else(|| self.value(store))
        .map(str::to_ascii_lowercase);
        let port = one(&["PORT"]).map(|p| p.rsplit(':').next().unwrap_or(p));
        let other = sort
            .is_some_and(|s| !s.contains("postgres") && !s.contains("pg") && !s.contains("psycopg"))
            || matches!(
                port,
                Some("3306" | "33060" | "1433" | "1521" | "27017" | "6379" | "9042" | "9200")
            );
        let user = one(&["USERNAME", "USER", "USER_NAME"]);
        if other || (!plain && user.is_none()) {
            return None;
        }
        Some(Target {
            hosts: String::new(),
            ports: port.unwrap_or_default().to_owned(),
            user: owned(user),
            database: owned(one(&[
                "NAME",
                "DATABASE",
                "DBNAME",
                "DB",
                "DB_NAME",
                "DATABASE_NAME",
            ])),
        })
    }

    // Kafka.

    fn kafka(&mut self) {
        let users = self.sasl_users();
        for at in 0..self.entries.len() {
            let Some(entry) = self.entries.get(at) else {
                continue;
            };
            if !names_brokers(&entry.name) || entry.value.trim().is_empty() {
                continue;
            }
            let (name, servers, setting) = (entry.name.clone(), entry.value.trim().to_owned(), entry.setting);
            let near = users
                .iter()
                .map(|(user, _)| shared(user, &name))
                .max()
                .unwrap_or(0);
            let mut mine = users
                .iter()
                .filter(|(user, _)| shared(user, &name) == near)
                .peekable();
            if mine.peek().is_none() {
                if is_reference(&servers) {
                    self.miss(setting, REFERENCE);
                } else if !self.without_sasl() {
                    self.miss(setting, NO_USER);
                }
                continue;
            }
            let realms: Vec<_> = servers_in(&servers)
                .into_iter()
                .map(|s| endpoint(s, "", "9092"))
                .collect();
            for (_, user) in mine {
                for realm in &realms {
                    match (realm, user) {
                        (Ok(realm), Ok(user)) => self.found.push(Connection {
                            kind: "sasl",
                            realm: realm.clone(),
                            subject: user.clone(),
                            audience: None,
                            setting,
                        }),
                        (Err(why), _) => self.miss(setting, why),
                        (_, Err(_)) => {}
                    }
                }
            }
        }
    }

    /// Who the settings say is the SASL user, by the name that says so.
    fn sasl_users(&mut self) -> Vec<(String, Result<String, Why>)> {
        const NAMES: [&str; 7] = [
            "SASL_USERNAME",
            "SASL_USER",
            "SASL_PLAIN_USERNAME",
            "KAFKA_USERNAME",
            "KAFKA_USER",
            "KAFKA_CLIENT_USER",
            "KAFKA_API_KEY",
        ];
        let mut users = Vec::new();
        let mut unread = Vec::new();
        for entry in &self.entries {
            let value = entry.value.trim();
            if value.is_empty() {
                continue;
            }
            let read =
                if ends_with_word(&entry.name, "SASL_JAAS_CONFIG") && !entry.name.contains("LISTENER_NAME") {
                    jaas_user(value)
                } else if NAMES.iter().any(|n| ends_with_word(&entry.name, n)) {
                    Ok(value.to_owned())
                } else {
                    continue;
                };
            let read = read.and_then(|user| checked(&user));
            if let Err(why) = read {
                unread.push((entry.setting, why));
            }
            users.push((entry.name.clone(), read));
        }
        for (setting, why) in unread {
            self.miss(setting, why);
        }
        users
    }

    /// The settings themselves say that no SASL is spoken.
    fn without_sasl(&self) -> bool {
        self.entries.iter().any(|e| {
            ends_with_word(&e.name, "SECURITY_PROTOCOL")
                && matches!(e.value.trim().to_ascii_uppercase().as_str(), "PLAINTEXT" | "SSL")
        })
    }
}

/// `--spring.datasource.url` and `SPRING_DATASOURCE_URL` are one name.
fn normal(name: &str) -> String {
    let name = name.trim().trim_start_matches('-');
    name.chars()
        .take(200)
        .map(|c| {
            if matches!(c, '.' | '-') {
                '_'
            } else {
                c.to_ascii_uppercase()
            }
        })
        .collect()
}

/// `--name=value`, `-Dname=value` or `name=value` as name and value.
fn assignment(value: &str) -> Option<(&str, &str)> {
    let (name, rest) = value.trim().split_once('=')?;
    let bare = name
        .strip_prefix("-D")
        .unwrap_or_else(|| name.trim_start_matches('-'));
    let plain = bare
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    (plain && !bare.is_empty() && bare.len() <= 200).then_some((bare, rest))
}

fn ends_with_word(name: &str, word: &str) -> bool {
    name.strip_suffix(word)
        .is_some_and(|before| before.is_empty() || before.ends_with('_'))
}

/// How many leading words of two names agree.
fn shared(a: &str, b: &str) -> usize {
    a.split('_').zip(b.split('_')).take_while(|(a, b)| a == b).count()
}

fn names_brokers(name: &str) -> bool {
    const NAMES: [&str; 7] = [
        "BOOTSTRAP_SERVERS",
        "BOOTSTRAP_SERVER",
        "KAFKA_BROKERS",
        "KAFKA_BROKER",
        "KAFKA_BROKER_LIST",
        "KAFKA_BROKER_URLS",
        "KAFKA_BOOTSTRAP",
    ];
    NAMES.iter().any(|n| ends_with_word(name, n)) || name == "KAFKA_URL"
}

fn names_database(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        "DATABASE_URL",
        "DATABASE_URI",
        "DATABASE_DSN",
        "DATASOURCE_URL",
        "POSTGRES_URL",
        "POSTGRESQL_URL",
        "POSTGRES_DSN",
        "PG_DSN",
        "DB_URL",
    ];
    NAMES.iter().any(|n| ends_with_word(name, n))
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

/// Every host of a target with its port, as one login each. The database defaults to the user's name, as in libpq and pgjdbc.
fn logins(target: &Target, setting: usize) -> Result<Vec<Connection>, Why> {
    let database = target
        .database
        .as_deref()
        .filter(|d| !d.is_empty())
        .map(checked)
        .transpose()?;
    if target.hosts.trim().is_empty() {
        return Err(NO_HOST);
    }
    let hosts: Vec<&str> = target.hosts.split(',').map(str::trim).collect();
    let ports: Vec<&str> = target.ports.split(',').map(str::trim).collect();
    if ports.len() > 1 && ports.len() != hosts.len() {
        return Err("lists as many ports as it has no hosts for");
    }
    let mut realms = Vec::new();
    for (at, host) in hosts.into_iter().enumerate() {
        let port = ports
            .get(at)
            .or_else(|| ports.first())
            .copied()
            .unwrap_or_default();
        realms.push(endpoint(host, port, "5432")?);
    }
    let subject = checked(target.user.as_deref().unwrap_or_default().trim())?;
    Ok(realms
        .into_iter()
        .map(|realm| Connection {
            kind: "postgres-login",
            realm,
            subject: subject.clone(),
            audience: Some(database.clone().unwrap_or_else(|| subject.clone())),
            setting,
        })
        .collect())
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

/// The PostgreSQL URLs in a text, and whether each is JDBC's. A text that begins with one is one URL to its end.
fn urls_in(text: &str) -> Vec<(bool, &str)> {
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("jdbc:") || lower.starts_with("jdbc-secretsmanager:") {
        return if lower.contains(":postgresql:") {
            vec![(true, text)]
        } else {
            Vec::new()
        };
    }
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = lower.get(from..).and_then(|rest| rest.find("postgres")) {
        let start = from + at;
        from = start + "postgres".len();
        let Some(rest) = text.get(start..) else { break };
        if scheme_end(rest).is_none() {
            if lower.get(..start).is_some_and(|b| b.ends_with("jdbc:"))
                && rest
                    .get(..11)
                    .is_some_and(|p| p.eq_ignore_ascii_case("postgresql:"))
            {
                found.extend(text.get(start - 5..).map(|rest| (true, until_blank(rest))));
            }
            continue;
        }
        let before = lower.get(..start).unwrap_or_default();
        if before.ends_with("jdbc:") {
            found.extend(text.get(start - 5..).map(|rest| (true, until_blank(rest))));
        } else if start == 0 {
            return vec![(false, text)];
        } else if !before.ends_with(|c: char| c.is_ascii_alphanumeric()) {
            found.push((false, until_blank(rest)));
        }
    }
    found
}

fn until_blank(text: &str) -> &str {
    text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`'))
        .next()
        .unwrap_or(text)
}

/// Where the authority begins in `postgres://`, `postgresql://`, `postgresql+driver://`.
fn scheme_end(text: &str) -> Option<usize> {
    let (scheme, _) = text.split_once("://")?;
    let lower = scheme.get(..40.min(scheme.len()))?.to_ascii_lowercase();
    let base = lower.split('+').next()?;
    let driver = lower
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'_'));
    (matches!(base, "postgres" | "postgresql") && driver && scheme.len() <= 40).then(|| scheme.len() + 3)
}

/// libpq's URL: `postgresql://[user[:password]@][host[:port],...][/database][?name=value&...]`.
fn postgres_url(text: &str) -> Result<Target, Why> {
    let rest = scheme_end(text).and_then(|end| text.get(end..)).ok_or(BAD_TEXT)?;
    // libpq ends the user part at the first `@` before a `/`; others at the last one: the host must not hold a password's end.
    let first = rest
        .find(['@', '/'])
        .filter(|at| rest.as_bytes().get(*at) == Some(&b'@'));
    let (who, rest) = match first {
        Some(first) => {
            let end = rest
                .get(first..)
                .and_then(|r| r.find(['/', '?']))
                .map_or(rest.len(), |at| first + at);
            let last = rest.get(..end).and_then(|r| r.rfind('@')).unwrap_or(first);
            (rest.get(..first), rest.get(last + 1..).unwrap_or_default())
        }
        None => (None, rest),
    };
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (hosts, database) = place.split_once('/').unwrap_or((place, ""));
    if database.contains('@') || hosts.contains('@') {
        return Err(
            "its password holds a `/` or `@` that is not written as %2F or %40, so its parts cannot be told apart",
        );
    }
    let user = who
        .map(|who| decoded(who.split(':').next().unwrap_or_default()))
        .transpose()?;
    let mut target = Target {
        hosts: decoded(hosts)?,
        ports: String::new(),
        user: user.filter(|u| !u.is_empty()),
        database: Some(decoded(database)?).filter(|d| !d.is_empty()),
    };
    parameters(query, &mut target)?;
    Ok(target)
}

/// pgjdbc's URL: `jdbc:postgresql:[//host[:port],...][/]database[?user=...]`, behind the wrappers that pass it on.
fn jdbc_url(text: &str) -> Result<Target, Why> {
    let lower = text.to_ascii_lowercase();
    let at = lower.find("postgresql:").ok_or(BAD_TEXT)?;
    if lower
        .get(..at)
        .is_some_and(|wrapper| wrapper.contains("secretsmanager"))
    {
        return Err("takes its user from a secret of AWS Secrets Manager");
    }
    let rest = text.get(at + "postgresql:".len()..).unwrap_or_default();
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (hosts, database) = match place.strip_prefix("//") {
        Some(place) => place.split_once('/').unwrap_or((place, "")),
        None => ("localhost", place.trim_start_matches('/')),
    };
    if hosts.contains('@') || database.contains('@') {
        return Err("has a user before its host, which the JDBC driver does not read");
    }
    let mut target = Target {
        hosts: if hosts.is_empty() {
            "localhost".to_owned()
        } else {
            hosts.to_owned()
        },
        ports: String::new(),
        user: None,
        database: Some(decoded(database)?).filter(|d| !d.is_empty()),
    };
    parameters(query, &mut target)?;
    Ok(target)
}

fn parameters(query: &str, target: &mut Target) -> Result<(), Why> {
    for pair in query.split('&') {
        let Some((name, value)) = pair.split_once('=') else {
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "user" => target.user = Some(decoded(value)?),
            "host" | "hostaddr" => target.hosts = decoded(value)?,
            "port" => target.ports = decoded(value)?,
            "dbname" => target.database = Some(decoded(value)?),
            _ => {}
        }
    }
    Ok(())
}

/// Percent-decoded; a reference such as `%(X)s` or a broken escape is an error.
fn decoded(text: &str) -> Result<String, Why> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
        let (high, low) = (digit(bytes.next()), digit(bytes.next()));
        let whole = high.zip(low).and_then(|(h, l)| u8::try_from(h * 16 + l).ok());
        out.push(whole.filter(|b| *b != 0).ok_or("has a broken percent escape")?);
    }
    String::from_utf8(out).map_err(|_| BAD_TEXT)
}

/// libpq's keyword string: `host=... user='...' dbname=...`. None where it is not one.
fn keywords(text: &str) -> Option<Result<Target, Why>> {
    const KNOWN: [&str; 12] = [
        "host",
        "hostaddr",
        "port",
        "user",
        "password",
        "dbname",
        "sslmode",
        "application_name",
        "connect_timeout",
        "target_session_attrs",
        "passfile",
        "options",
    ];
    let (first, _) = text.split_once('=')?;
    let clear = text.contains("host") && (text.contains("user") || text.contains("dbname"));
    if !clear || !KNOWN.contains(&first.trim()) || text.contains(';') && !text.contains(' ') {
        return None;
    }
    let mut target = Target::default();
    let mut chars = text.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let mut name = String::new();
        while let Some(c) = chars.next_if(|c| *c != '=' && !c.is_whitespace()) {
            name.push(c);
        }
        if name.is_empty() && chars.peek().is_none() {
            break;
        }
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.next() != Some('=') {
            return Some(Err("looks like a libpq connection string, but is none"));
        }
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let quoted = chars.next_if_eq(&'\'').is_some();
        let mut value = String::new();
        loop {
            match chars.next() {
                Some('\\') => value.extend(chars.next()),
                Some('\'') if quoted => break,
                Some(c) if !quoted && c.is_whitespace() => break,
                Some(c) => value.push(c),
                None if quoted => return Some(Err("has a quote that is not closed")),
                None => break,
            }
        }
        match name.as_str() {
            "host" => target.hosts = value,
            "hostaddr" if target.hosts.is_empty() => target.hosts = value,
            "port" => target.ports = value,
            "user" => target.user = Some(value),
            "dbname" => target.database = Some(value),
            _ => {}
        }
    }
    let speaks = target.user.is_some() || target.database.is_some();
    (!target.hosts.is_empty() && speaks).then_some(Ok(target))
}

/// Npgsql's string: `Host=...;Port=...;Username=...;Database=...`. None where it is not one.
fn npgsql(text: &str) -> Option<Result<Target, Why>> {
    let mut target = Target::default();
    let mut pairs = 0;
    for pair in text.split(';').filter(|p| !p.trim().is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']).to_owned();
        pairs += 1;
        match name.trim().to_ascii_lowercase().as_str() {
            "host" => target.hosts = value,
            "port" => target.ports = value,
            "username" | "user name" | "user id" | "userid" | "user" => target.user = Some(value),
            "database" | "db" => target.database = Some(value),
            _ => {}
        }
    }
    let ours = pairs > 1 && !target.hosts.is_empty() && target.user.is_some() && target.ports != "3306";
    ours.then_some(Ok(target))
}

/// The servers of a comma-separated list, without schemes; a JSON array of strings is one too.
fn servers_in(text: &str) -> Vec<&str> {
    let json = text
        .strip_prefix('[')
        .and_then(|t| t.strip_suffix(']'))
        .filter(|t| t.contains('"'));
    json.unwrap_or(text)
        .split(',')
        .map(|s| s.trim().trim_matches(['"', '\'']))
        .map(|s| {
            s.split_once("://")
                .map_or(s, |(_, after)| after)
                .trim_end_matches('/')
        })
        .filter(|s| !s.is_empty())
        .collect()
}

/// The `username` of a JAAS entry: `Module required username="x" password="y";`, with C-like escapes in the quotes. Quotes that
/// were escaped for a shell (`\"x\"`) are read as quotes.
fn jaas_user(text: &str) -> Result<String, Why> {
    let mut chars = text.chars().peekable();
    let mut words: Vec<String> = Vec::new();
    while let Some(c) = chars.next() {
        if c.is_whitespace() || matches!(c, ';' | '{' | '}') {
            continue;
        }
        if c == '=' {
            words.push("=".to_owned());
            continue;
        }
        let shell = c == '\\' && chars.peek().is_some_and(|n| matches!(n, '"' | '\''));
        let open = if shell { chars.next().unwrap_or(c) } else { c };
        let mut word = String::new();
        if matches!(open, '"' | '\'') {
            loop {
                match chars.next() {
                    None => return Err("has a quote that is not closed"),
                    Some(c) if c == open && !shell => break,
                    Some('\\') if shell && chars.peek() == Some(&open) => {
                        chars.next();
                        break;
                    }
                    Some('\\') => word.extend(chars.next().map(|c| match c {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        other => other,
                    })),
                    Some(c) => word.push(c),
                }
            }
            // A whole entry inside one pair of quotes, as shells and YAML leave it.
            if words.is_empty() && word.contains('=') {
                return jaas_inner(&word);
            }
            words.push(word);
            continue;
        }
        word.push(c);
        while let Some(c) =
            chars.next_if(|c| !c.is_whitespace() && !matches!(c, '=' | ';' | '"' | '\'' | '\\'))
        {
            word.push(c);
        }
        words.push(word);
    }
    let mut windows = words.windows(3);
    windows
        .find_map(|w| match w {
            [name, sign, value] if name == "username" && sign == "=" => Some(value.clone()),
            _ => None,
        })
        .ok_or("its JAAS entry names no `username`")
}

/// The one level of wrapping quotes that [`jaas_user`] looks through.
fn jaas_inner(text: &str) -> Result<String, Why> {
    if text.starts_with(['"', '\'', '\\']) {
        return Err(BAD_TEXT);
    }
    jaas_user(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let (found, missed) = connections(settings);
        let line = |c: &Connection| {
            format!(
                "{} {}@{}/{} #{}",
                c.kind,
                c.subject,
                c.realm,
                c.audience.as_deref().unwrap_or("-"),
                c.setting
            )
        };
        (found.iter().map(line).collect(), missed)
    }

    fn found(settings: &[(&str, &str)]) -> Vec<String> {
        let (found, missed) = read(settings);
        assert_eq!(missed, Vec::<String>::new());
        found
    }

    fn missed(settings: &[(&str, &str)]) -> Vec<String> {
        let (found, missed) = read(settings);
        assert_eq!(found, Vec::<String>::new());
        missed
    }

    #[test]
    fn urls() {
        assert_eq!(
            found(&[("DATABASE_URL", "postgres://app:s3@DB.local/shop")]),
            ["postgres-login app@db.local:5432/shop #0"]
        );
        assert_eq!(
            found(&[("X", "postgresql://a%40b:p%2Fw@h1:6432,h2/d%20b?sslmode=require")]),
            [
                "postgres-login a@b@h1:6432/d b #0",
                "postgres-login a@b@h2:5432/d b #0"
            ]
        );
        assert_eq!(
            found(&[("X", "postgresql+asyncpg://u:p@w@db/")]),
            ["postgres-login u@db:5432/u #0"]
        );
        assert_eq!(
            found(&[("X", "postgresql://u@[::1]:5433/d")]),
            ["postgres-login u@[::1]:5433/d #0"]
        );
        assert_eq!(
            found(&[("X", "postgresql:///d?host=h&port=1&user=u")]),
            ["postgres-login u@h:1/d #0"]
        );
        assert_eq!(
            found(&[
                ("arg", "--db=postgres://u:p@h/d"),
                ("arg", "psql 'postgres://v:p@h/d' -c x")
            ]),
            ["postgres-login u@h:5432/d #0", "postgres-login v@h:5432/d #1"]
        );
        assert_eq!(
            found(&[
                ("X", "mysql://u:p@h/d"),
                ("Y", "the postgres manual: see http://x")
            ]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn urls_that_leave_things_out() {
        assert_eq!(
            found(&[("DATABASE_URL", "postgres://db/shop"), ("PGUSER", "app")]),
            ["postgres-login app@db:5432/shop #0"]
        );
        assert_eq!(
            missed(&[("DATABASE_URL", "postgres://db/shop")]),
            ["DATABASE_URL: names no user"]
        );
        assert_eq!(missed(&[("U", "postgres://a:b@/d")]), ["U: names no host"]);
        assert_eq!(
            missed(&[("U", "postgres://a:${P}@${HOST}/d")]),
            [format!("U: {REFERENCE}")]
        );
        assert_eq!(
            missed(&[("DATABASE_URL", "$(X)")]),
            [format!("DATABASE_URL: {REFERENCE}")]
        );
        assert_eq!(
            missed(&[("U", "postgres://a:b@%2Fvar%2Frun/d")]),
            ["U: is a socket file, not a host"]
        );
        assert_eq!(
            missed(&[("U", "postgres://a:b@h:x/d")]),
            [format!("U: {BAD_PORT}")]
        );
        let (all, notes) = read(&[("U", "postgres://user:se/cret@host/d")]);
        assert!(
            all.is_empty() && !format!("{notes:?}").contains("cret"),
            "{notes:?}"
        );
    }

    #[test]
    fn a_password_that_is_a_reference_does_not_matter() {
        assert_eq!(
            found(&[("U", "postgres://a:$(PW)@h/d")]),
            ["postgres-login a@h:5432/d #0"]
        );
    }

    #[test]
    fn kubernetes_expansion_of_earlier_settings() {
        let url = ("U", "postgres://$(WHO):$(PW)@$(WHERE)/d");
        assert_eq!(
            found(&[("WHO", "a"), ("WHERE", "h"), url]),
            ["postgres-login a@h:5432/d #2"]
        );
        assert_eq!(
            missed(&[url, ("WHO", "a"), ("WHERE", "h")]),
            [format!("U: {REFERENCE}")]
        );
    }

    #[test]
    fn jdbc() {
        let url = "jdbc:postgresql://db:6432/shop?ssl=true";
        assert_eq!(
            found(&[
                ("SPRING_DATASOURCE_URL", url),
                ("SPRING_DATASOURCE_USERNAME", "app")
            ]),
            ["postgres-login app@db:6432/shop #0"]
        );
        assert_eq!(
            found(&[(
                "arg",
                "-Dspring.datasource.url=jdbc:postgresql://db/shop?user=u&password=p"
            )]),
            ["postgres-login u@db:5432/shop #0"]
        );
        assert_eq!(
            found(&[("KC_DB_URL", "jdbc:postgresql:kc"), ("KC_DB_USERNAME", "k")]),
            ["postgres-login k@localhost:5432/kc #0"]
        );
        assert_eq!(
            missed(&[("SPRING_DATASOURCE_URL", url), ("PGUSER", "x"), ("PGHOST", "")]).len(),
            2
        );
        assert_eq!(
            found(&[("U", "jdbc:mysql://db/shop?user=u")]),
            Vec::<String>::new()
        );
        assert_eq!(missed(&[("U", "jdbc-secretsmanager:postgresql://db/x")]).len(), 1);
        assert_eq!(
            missed(&[("U", "jdbc:aws-secretsmanager:postgresql://db/x?user=u")]).len(),
            1
        );
    }

    #[test]
    fn keyword_strings() {
        assert_eq!(
            found(&[(
                "DSN",
                "host=db port=5433 user='the app' password='x y' dbname=shop"
            )]),
            ["postgres-login the app@db:5433/shop #0"]
        );
        assert_eq!(
            found(&[("DSN", r"host = db user = it\'s dbname=d")]),
            ["postgres-login it's@db:5432/d #0"]
        );
        assert_eq!(
            missed(&[("DSN", "host=db dbname=d password='x")]),
            ["DSN: has a quote that is not closed"]
        );
        assert_eq!(
            found(&[(
                "ConnectionStrings__Default",
                "Host=Db;Database=shop;Username=app;Password=a;Pooling=true"
            )]),
            ["postgres-login app@db:5432/shop #0"]
        );
        assert_eq!(
            found(&[("X", "user=1 and that is all"), ("Y", "port=8080")]).len(),
            0
        );
    }

    #[test]
    fn groups() {
        assert_eq!(
            found(&[
                ("PGHOST", "db"),
                ("PGUSER", "app"),
                ("PGDATABASE", "shop"),
                ("PGPORT", "6432")
            ]),
            ["postgres-login app@db:6432/shop #0"]
        );
        assert_eq!(
            found(&[("DB_USERNAME", "app"), ("DB_HOST", "db"), ("DB_NAME", "shop")]),
            ["postgres-login app@db:5432/shop #1"]
        );
        assert_eq!(
            found(&[
                ("ORDERS_DB_HOST", "db:5433"),
                ("ORDERS_DB_USER", "o"),
                ("DB_USER", "other")
            ]),
            ["postgres-login o@db:5433/o #0"]
        );
        assert_eq!(
            found(&[("POSTGRES_USER", "postgres"), ("POSTGRES_DB", "x")]),
            Vec::<String>::new()
        );
        assert_eq!(
            found(&[
                ("POSTGRES_USER", "p"),
                ("POSTGRES_HOST", "db"),
                ("POSTGRES_PORT", "tcp://10.0.0.1:5432")
            ]),
            ["postgres-login p@db:5432/p #1"]
        );
        assert_eq!(
            found(&[("DB_HOST", "db"), ("DB_USER", "u"), ("DB_CONNECTION", "mysql")]),
            Vec::<String>::new()
        );
        assert_eq!(
            found(&[("REDIS_HOST", "r"), ("REDIS_USER", "u")]),
            Vec::<String>::new()
        );
        assert_eq!(missed(&[("DB_HOST", "db")]), ["DB_HOST: names no user"]);
        assert_eq!(missed(&[("PGUSER", "me")]), ["PGUSER: names no host"]);
    }

    #[test]
    fn kafka() {
        assert_eq!(
            found(&[
                ("KAFKA_BROKERS", "B1:9093, b2"),
                ("KAFKA_SASL_USERNAME", "orders")
            ]),
            ["sasl orders@b1:9093/- #0", "sasl orders@b2:9092/- #0"]
        );
        let jaas = r#"org.apache.kafka.common.security.scram.ScramLoginModule required username="it\"s \\ me" password="a;b=c";"#;
        assert_eq!(
            found(&[
                ("CONNECT_BOOTSTRAP_SERVERS", "SASL_SSL://b:9094"),
                ("CONNECT_SASL_JAAS_CONFIG", jaas)
            ]),
            [r#"sasl it"s \ me@b:9094/- #0"#]
        );
        assert_eq!(
            found(&[
                ("bootstrap.servers", "b:1"),
                ("arg", r#"sasl.jaas.config=M required password=p username=\"u\";"#)
            ]),
            ["sasl u@b:1/- #0"]
        );
        assert_eq!(
            found(&[
                ("A_BOOTSTRAP_SERVERS", "a:1"),
                ("A_SASL_USERNAME", "ua"),
                ("B_BOOTSTRAP_SERVERS", "b:1"),
                ("B_SASL_USERNAME", "ub")
            ]),
            ["sasl ua@a:1/- #0", "sasl ub@b:1/- #2"]
        );
        assert_eq!(
            missed(&[("KAFKA_BOOTSTRAP_SERVERS", "b:1")]),
            ["KAFKA_BOOTSTRAP_SERVERS: names no user"]
        );
        assert_eq!(
            found(&[
                ("KAFKA_BOOTSTRAP_SERVERS", "b:1"),
                ("KAFKA_SECURITY_PROTOCOL", "SSL")
            ]),
            Vec::<String>::new()
        );
        let bearer = "OAuthBearerLoginModule required oauth.client.id=x;";
        assert_eq!(
            missed(&[("BOOTSTRAP_SERVERS", "b:1"), ("SASL_JAAS_CONFIG", bearer)]),
            ["SASL_JAAS_CONFIG: its JAAS entry names no `username`"]
        );
    }

    #[test]
    fn no_value_is_repeated_and_nothing_panics() {
        let hostile = [
            "postgres://",
            "postgres://@",
            "postgres://:@:/?",
            "postgresql://[::1/d",
            "postgres://u:p@h:99999/d",
            "postgres://u%zz@h",
            "postgres://u%00:hunter2@h",
            "postgres://é%C3:hunter2@hé/d",
            "jdbc:postgresql:",
            "jdbc:postgresql://",
            "jdbc:",
            "jdbc:postgresql://u:hunter2@h/d",
            "host=",
            "host='",
            "host=\\",
            "host=a user",
            "host=a user=b hunter2",
            "=",
            "--=",
            "-D=x",
            "$(",
            "$$(",
            "$()",
            "${",
            "\"",
            "\\",
            "\\\"",
            "'\"'",
            "username=",
            "x required username=\"hunter2",
            "[",
            "[]",
            "[\"",
            ",,,",
            "://",
            "a://:",
            "Host=;Username=",
            "\u{0}",
            "postgrés://x",
            "postgres+://x",
            "POSTGRES://U:hunter2@H:1/D",
            "xpostgres://u:hunter2@h",
            "jdbc:postgresql",
            "postgresjdbc:postgresql:x",
        ];
        let names = [
            "DATABASE_URL",
            "PGHOST",
            "PGUSER",
            "DB_HOST",
            "KAFKA_BROKERS",
            "SASL_JAAS_CONFIG",
            "SASL_USERNAME",
            "",
            "é",
            "arg",
        ];
        for value in hostile {
            for name in names {
                for (other, second) in [
                    ("PGUSER", "u"),
                    ("DB_USER", "u"),
                    ("KAFKA_USERNAME", value),
                    ("X", "$(DATABASE_URL)$(é)$()"),
                ] {
                    let (found, missed) = connections(&[(name, value), (other, second)]);
                    let secrets_as_users =
                        ["SASL_USERNAME", "KAFKA_USERNAME"].contains(&name) || other == "KAFKA_USERNAME";
                    assert!(
                        secrets_as_users || !format!("{found:?}{missed:?}").contains("hunter2"),
                        "{name}={value}: {found:?} {missed:?}"
                    );
                }
            }
        }
        let long = "postgres://u:p@h/".repeat(100);
        let _ = connections(&[
            ("X", &long),
            ("Y", &"(".repeat(70_000)),
            ("Z", &"\\\"".repeat(20_000)),
        ]);
    }
}
