//! Where a cluster is and how to log in: from a properties file, kcat's configuration and the environment.

mod jaas;
mod login;
mod properties;
mod stores;

use foursee_capture::CollectError;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How to talk to one cluster.
#[derive(Clone)]
pub(crate) struct Settings {
    /// `HOST:PORT,...`.
    pub(crate) servers: String,
    /// librdkafka's settings. They hold secrets.
    pub(crate) client: BTreeMap<&'static str, String>,
    /// The principal, `User:NAME`, where the login alone says it.
    pub(crate) principal: Option<String>,
    /// The token of OAUTHBEARER.
    pub(crate) token: Option<Token>,
    /// Every secret value, so that none is ever shown.
    pub(crate) secrets: Vec<String>,
}

/// Where an OAUTHBEARER token comes from.
#[derive(Clone)]
pub(crate) enum Token {
    /// The token itself.
    Static(String),
    /// A file that holds it.
    File(PathBuf),
    /// One without a signature, for a subject: brokers take it only where they were told to, for tests.
    Unsigned(String),
}

/// The settings of a target; none: the usual places.
pub(crate) fn find(target: Option<&str>) -> Result<Settings, CollectError> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    Places {
        variable: &|name| std::env::var(name).ok().filter(|value| !value.is_empty()),
        home: home.as_deref(),
    }
    .find(target)
}

/// What surrounds the process.
struct Places<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    home: Option<&'a Path>,
}

impl Places<'_> {
    fn find(&self, target: Option<&str>) -> Result<Settings, CollectError> {
        // Before the last `@` of an address stands a password.
        let shown = target.map_or("kafka", |target| target.rsplit('@').next().unwrap_or_default());
        let wrong = |why: String| CollectError::Settings {
            target: shown.to_owned(),
            why,
        };
        let mut given = match target {
            Some(file) if Path::new(file).is_file() => {
                let mut given = load(Path::new(file)).map_err(&wrong)?;
                if !given.contains_key("bootstrap.servers") {
                    given.extend(self.servers().map(|list| ("bootstrap.servers".to_owned(), list)));
                }
                given
            }
            _ => self.surroundings().map_err(&wrong)?,
        };
        if let Some(list) = target.filter(|target| !Path::new(target).is_file()) {
            if !list.contains(':') {
                return Err(wrong("no such file, and no HOST:PORT".to_owned()));
            }
            given.insert("bootstrap.servers".to_owned(), list.to_owned());
        }
        let servers = given.get("bootstrap.servers").ok_or_else(|| {
            wrong(
                "no address: name HOST:PORT, or set bootstrap.servers in the file or KAFKA_BOOTSTRAP_SERVERS"
                    .to_owned(),
            )
        })?;
        let servers = addresses(servers).map_err(&wrong)?;
        login::settings(servers, &given).map_err(wrong)
    }

    fn servers(&self) -> Option<String> {
        (self.variable)("KAFKA_BOOTSTRAP_SERVERS").or_else(|| (self.variable)("KAFKA_BROKERS"))
    }

    /// kcat's configuration, and the environment over it.
    fn surroundings(&self) -> Result<BTreeMap<String, String>, String> {
        let file = match (self.variable)("KCAT_CONFIG") {
            Some(file) => Some(PathBuf::from(file)),
            None => self
                .home
                .map(|home| home.join(".config/kcat.conf"))
                .filter(|file| file.is_file()),
        };
        let mut given = match file {
            Some(file) => load(&file)?,
            None => BTreeMap::new(),
        };
        for key in login::KEYS.iter().chain(login::SAME) {
            let variable = format!("KAFKA_{}", key.replace('.', "_").to_uppercase());
            given.extend((self.variable)(&variable).map(|value| ((*key).to_owned(), value)));
        }
        given.extend(self.servers().map(|list| ("bootstrap.servers".to_owned(), list)));
        Ok(given)
    }
}

fn load(file: &Path) -> Result<BTreeMap<String, String>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut given = properties::read(&text);
    // librdkafka's other names for the same.
    for (alias, key) in [
        ("metadata.broker.list", "bootstrap.servers"),
        ("sasl.mechanisms", "sasl.mechanism"),
    ] {
        if let Some(value) = given.remove(alias) {
            given.entry(key.to_owned()).or_insert(value);
        }
    }
    Ok(given)
}

/// A list of addresses, each with its port.
fn addresses(list: &str) -> Result<String, String> {
    let mut all = Vec::new();
    for one in list.split(',').map(str::trim).filter(|one| !one.is_empty()) {
        if one.contains("://") || one.contains('@') {
            return Err(
                "an address is HOST:PORT alone; protocol and login are settings (KAFKA_SECURITY_PROTOCOL, KAFKA_SASL_USERNAME ...)"
                    .to_owned(),
            );
        }
        let port = one.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        if port
            .and_then(|(_, port)| port.parse::<u16>().ok())
            .is_none_or(|port| port == 0)
        {
            return Err(format!("`{one}` is no HOST:PORT"));
        }
        all.push(one);
    }
    if all.is_empty() {
        return Err("no address: name HOST:PORT".to_owned());
    }
    Ok(all.join(","))
}

#[cfg(test)]
mod tests;
