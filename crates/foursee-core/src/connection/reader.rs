//! Reads settings one after the other: references, URLs, groups of names, Kafka's.

use super::kafka::{jaas_user, servers_in};
use super::names::{
    HOSTS, assignment, ends_with_word, names_brokers, names_database, names_host, normal, shared,
};
use super::postgres::{jdbc_url, keywords, logins, npgsql, postgres_url, urls_in};
use super::{Connection, NO_HOST, NO_USER, REFERENCE, Target, Why, checked, endpoint, is_reference};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Longer values are not looked into: no connection is that long.
const LONGEST: usize = 64 * 1024;

/// The connections that settings speak of, in no order and with repetitions; and those that cannot be read.
pub(super) fn read(settings: &[(&str, &str)]) -> (Vec<Connection>, BTreeSet<String>) {
    let mut reader = Reader {
        given: settings,
        ..Reader::default()
    };
    reader.collect(settings);
    reader.urls();
    reader.groups();
    reader.kafka();
    (reader.found, reader.missed)
}

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
    /// The last entry of each name, as it is written.
    by_exact: BTreeMap<&'a str, usize>,
    found: Vec<Connection>,
    missed: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn collect(&mut self, settings: &'a [(&'a str, &'a str)]) {
        for (setting, (name, value)) in settings.iter().enumerate() {
            if value.len() > LONGEST {
                self.by_exact.remove(name);
                continue;
            }
            let value = self.expand(value);
            let inner = assignment(&value).map(|(n, v)| (normal(n), v.to_owned()));
            self.by_exact.insert(name, self.entries.len());
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
        let entry = self.entries.get(*self.by_exact.get(name)?)?;
        Some(&entry.value)
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
            let value = entry.value.trim();
            let texts = urls_in(value);
            let all: Vec<_> = if !texts.is_empty() {
                texts
                    .into_iter()
                    .map(|(jdbc, text)| if jdbc { jdbc_url(text) } else { postgres_url(text) })
                    .collect()
            } else if let Some(read) = keywords(value).or_else(|| npgsql(value)) {
                vec![read]
            } else if names_database(&entry.name) && is_reference(value) {
                vec![Err(REFERENCE)]
            } else {
                continue;
            };
            let (name, value, setting) = (entry.name.clone(), value.to_owned(), entry.setting);
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
            if !names_host(&entry.name) {
                continue;
            }
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
        let stem = HOSTS.iter().find_map(|end| name.strip_suffix(end))?;
        let plain = name.ends_with("_HOST");
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
