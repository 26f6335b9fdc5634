//! Where a cluster is and how to log in: what libpq would do with the same target, environment and files.
//!
//! A setting comes from the first of: the target, the service file, the environment, the default. Settings that libpq
//! has and this client lacks are an error where leaving them out would trust or reach something else than was meant;
//! the others (keepalives, statistics, GSS encryption that is only preferred) are passed over.

mod conninfo;
mod files;

use conninfo::Pairs;
use foursee_capture::CollectError;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long one address may take to answer, where `connect_timeout` does not say.
const PATIENCE: Duration = Duration::from_secs(15);

/// The settings that are used, and the variable of the environment for each.
const KNOWN: &[(&str, &str)] = &[
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
    ("dbname", "PGDATABASE"),
    ("user", "PGUSER"),
    ("password", "PGPASSWORD"),
    ("passfile", "PGPASSFILE"),
    ("service", "PGSERVICE"),
    ("sslmode", "PGSSLMODE"),
    ("sslnegotiation", "PGSSLNEGOTIATION"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("channel_binding", "PGCHANNELBINDING"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("application_name", "PGAPPNAME"),
    ("options", "PGOPTIONS"),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
];

/// Settings without which something else would be trusted or reached: refused.
const REFUSED: &[(&str, &str)] = &[
    ("requirepeer", "PGREQUIREPEER"),
    ("require_auth", "PGREQUIREAUTH"),
    ("sslcrl", "PGSSLCRL"),
    ("sslcrldir", "PGSSLCRLDIR"),
    ("sslpassword", ""),
    ("sslcertmode", "PGSSLCERTMODE"),
    ("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"),
    ("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION"),
    ("gssdelegation", "PGGSSDELEGATION"),
    ("replication", ""),
];

/// Settings that change nothing of what is read, and from whom.
const PASSED_OVER: &[&str] = &[
    "client_encoding",
    "fallback_application_name",
    "gssencmode",
    "gsslib",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "max_protocol_version",
    "min_protocol_version",
    "sslcompression",
    "sslsni",
    "tcp_user_timeout",
];

/// A password: it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Password(pub(crate) String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a password")
    }
}

/// libpq's `sslmode`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum SslMode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// libpq's `target_session_attrs`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Attributes {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

/// One address of the cluster.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Address {
    /// A host name, an IP address, or the folder of a socket. A server's certificate has to be for it.
    pub(crate) host: String,
    /// Where to connect instead of looking the name up.
    pub(crate) numeric: Option<IpAddr>,
    /// Its port.
    pub(crate) port: u16,
    /// What to ask of TLS here.
    pub(crate) mode: SslMode,
}

impl Address {
    /// Whether it is a socket in the file system.
    pub(crate) fn is_socket(&self) -> bool {
        self.host.starts_with(['/', '@'])
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Everything about a login.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Settings {
    pub(crate) addresses: Vec<Address>,
    pub(crate) user: String,
    pub(crate) password: Option<Password>,
    pub(crate) passfile: Option<PathBuf>,
    /// The database that was named, if one was.
    pub(crate) dbname: Option<String>,
    /// Whether `sslmode` was said, rather than taken.
    pub(crate) mode_said: bool,
    pub(crate) direct: bool,
    /// A file of CAs; `system` for those of the machine; none for these too.
    pub(crate) root: Option<PathBuf>,
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
    pub(crate) binding: tokio_postgres::config::ChannelBinding,
    pub(crate) patience: Duration,
    pub(crate) application: String,
    pub(crate) options: Option<String>,
    pub(crate) attributes: Attributes,
}

/// What a program finds around it.
pub(crate) struct Surroundings<'a> {
    pub(crate) variable: &'a dyn Fn(&str) -> Option<String>,
    pub(crate) home: Option<PathBuf>,
    pub(crate) user: Option<String>,
}

impl Settings {
    /// Settles every setting for a target: a connection string, the name of a service, or none.
    pub(crate) fn resolve(target: Option<&str>, around: &Surroundings<'_>) -> Result<Self, CollectError> {
        let name = target
            .filter(|target| !conninfo::is_one(target))
            .unwrap_or("PostgreSQL");
        settle(target, around).map_err(|why| CollectError::Settings {
            target: name.to_owned(),
            why,
        })
    }

    /// The password for a database at an address, and why a password file was not used.
    pub(crate) fn password_for(
        &self,
        address: &Address,
        database: &str,
    ) -> (Option<Password>, Option<String>) {
        if self.password.is_some() {
            return (self.password.clone(), None);
        }
        let Some(path) = &self.passfile else {
            return (None, None);
        };
        match files::is_private(path) {
            Ok(true) => {}
            Ok(false) => {
                let why = format!(
                    "{} is not used: others have permissions on it (chmod 600)",
                    path.display()
                );
                return (None, Some(why));
            }
            Err(_) => return (None, None),
        }
        let host = if address.is_socket() {
            "localhost"
        } else {
            &address.host
        };
        let port = address.port.to_string();
        let found = std::fs::read_to_string(path)
            .ok()
            .and_then(|text| files::password(&text, [host, &port, database, &self.user]));
        (found.map(Password), None)
    }
}

fn settle(target: Option<&str>, around: &Surroundings<'_>) -> Result<Settings, String> {
    let mut pairs = match target {
        Some(text) if conninfo::is_one(text) => conninfo::parse(text)?,
        Some(name) => Pairs::from([("service".to_owned(), name.to_owned())]),
        None => Pairs::new(),
    };
    let variable = |name: &str| {
        Some(name)
            .filter(|name| !name.is_empty())
            .and_then(|name| (around.variable)(name))
            .filter(|value| !value.is_empty())
    };
    let service = pairs.get("service").cloned().or_else(|| variable("PGSERVICE"));
    if let Some(name) = service {
        for (key, value) in of_service(&name, around)? {
            pairs.entry(key).or_insert(value);
        }
    }
    for key in pairs.keys() {
        let known = KNOWN.iter().any(|(name, _)| name == key) || PASSED_OVER.contains(&key.as_str());
        if REFUSED.iter().any(|(name, _)| name == key) {
            return Err(format!(
                "the setting `{key}` is not supported here: leave it out, or export with psql"
            ));
        }
        if !known {
            return Err(format!("there is no setting `{key}`"));
        }
    }
    for (key, name) in KNOWN {
        if let Some(value) = variable(name) {
            pairs.entry((*key).to_owned()).or_insert(value);
        }
    }
    for (key, name) in REFUSED {
        if variable(name).is_some() {
            return Err(format!(
                "`{key}` ({name}) is not supported here: unset it, or export with psql"
            ));
        }
    }
    let encrypted = pairs
        .get("gssencmode")
        .cloned()
        .or_else(|| variable("PGGSSENCMODE"));
    if encrypted.is_some_and(|mode| mode == "require") {
        return Err("gssencmode=require is not supported here: TLS is".to_owned());
    }
    from_pairs(&pairs, around)
}

fn of_service(name: &str, around: &Surroundings<'_>) -> Result<Pairs, String> {
    let own = (around.variable)("PGSERVICEFILE")
        .map(PathBuf::from)
        .or_else(|| Some(around.home.as_ref()?.join(".pg_service.conf")));
    let system = (around.variable)("PGSYSCONFDIR").map_or_else(
        || {
            vec![
                PathBuf::from("/etc/pg_service.conf"),
                PathBuf::from("/etc/postgresql-common/pg_service.conf"),
            ]
        },
        |folder| vec![Path::new(&folder).join("pg_service.conf")],
    );
    let mut looked = Vec::new();
    for path in own.into_iter().chain(system) {
        let Ok(text) = std::fs::read_to_string(&path) else {
            looked.push(path.display().to_string());
            continue;
        };
        let found = files::service(&text, name).map_err(|why| format!("{}: {why}", path.display()))?;
        match found {
            Some(pairs) => return Ok(pairs),
            None => looked.push(path.display().to_string()),
        }
    }
    Err(format!(
        "no service of that name in {}. A target is a service, a URL (postgresql://USER@HOST/DATABASE) or a list (host=... user=...)",
        looked.join(", ")
    ))
}

fn from_pairs(pairs: &Pairs, around: &Surroundings<'_>) -> Result<Settings, String> {
    let text = |key: &str| pairs.get(key).cloned();
    let home = |name: &str| around.home.as_ref().map(|home| home.join(name));
    let there = |name: &str| home(name).filter(|path| path.exists());
    let unknown = |key: &str| format!("`{key}` has a value that is not known");

    let root = text("sslrootcert")
        .map(PathBuf::from)
        .or_else(|| there(".postgresql/root.crt"));
    let system = root.as_deref() == Some(Path::new("system"));
    let said = match text("sslmode").as_deref() {
        None => None,
        Some("disable") => Some(SslMode::Disable),
        Some("allow" | "prefer") => Some(SslMode::Prefer),
        // With a file of CAs at hand libpq's `require` checks against it.
        Some("require") if root.is_some() && !system => Some(SslMode::VerifyCa),
        Some("require") => Some(SslMode::Require),
        Some("verify-ca") => Some(SslMode::VerifyCa),
        Some("verify-full") => Some(SslMode::VerifyFull),
        Some(_) => return Err(unknown("sslmode")),
    };
    if system && said.is_some_and(|mode| mode != SslMode::VerifyFull) {
        return Err("sslrootcert=system needs sslmode=verify-full".to_owned());
    }
    let direct = match text("sslnegotiation").as_deref() {
        None | Some("postgres") => false,
        Some("direct") if said.is_some_and(|mode| mode < SslMode::Require) => {
            return Err("sslnegotiation=direct needs sslmode=require or stronger".to_owned());
        }
        Some("direct") => true,
        Some(_) => return Err(unknown("sslnegotiation")),
    };
    let binding = match text("channel_binding").as_deref() {
        Some("disable") => tokio_postgres::config::ChannelBinding::Disable,
        None | Some("prefer") => tokio_postgres::config::ChannelBinding::Prefer,
        Some("require") => tokio_postgres::config::ChannelBinding::Require,
        Some(_) => return Err(unknown("channel_binding")),
    };
    let attributes = match text("target_session_attrs").as_deref() {
        None | Some("any") => Attributes::Any,
        Some("read-write") => Attributes::ReadWrite,
        Some("read-only") => Attributes::ReadOnly,
        Some("primary") => Attributes::Primary,
        Some("standby") => Attributes::Standby,
        Some("prefer-standby") => Attributes::PreferStandby,
        Some(_) => return Err(unknown("target_session_attrs")),
    };
    let patience = match text("connect_timeout") {
        None => PATIENCE,
        Some(seconds) => match seconds.trim().parse::<i64>() {
            Ok(seconds) => u64::try_from(seconds)
                .ok()
                .filter(|seconds| *seconds > 0)
                .map_or(PATIENCE, Duration::from_secs),
            Err(_) => return Err(unknown("connect_timeout")),
        },
    };
    Ok(Settings {
        addresses: addresses(pairs, said, system || direct)?,
        user: text("user")
            .or_else(|| around.user.clone())
            .ok_or("which user? Say `user`, or set PGUSER")?,
        password: text("password").map(Password),
        passfile: text("passfile").map(PathBuf::from).or_else(|| home(".pgpass")),
        dbname: text("dbname"),
        mode_said: said.is_some(),
        direct,
        root,
        certificate: text("sslcert")
            .map(PathBuf::from)
            .or_else(|| there(".postgresql/postgresql.crt")),
        key: text("sslkey")
            .map(PathBuf::from)
            .or_else(|| there(".postgresql/postgresql.key")),
        binding,
        patience,
        application: text("application_name").unwrap_or_else(|| "foursee".to_owned()),
        options: text("options"),
        attributes,
    })
}

/// The addresses, each with what it asks of TLS: what was said, else everything of other machines and nothing of this.
fn addresses(pairs: &Pairs, said: Option<SslMode>, strict: bool) -> Result<Vec<Address>, String> {
    let split = |key: &str| -> Vec<String> {
        pairs
            .get(key)
            .map(|all| all.split(',').map(|one| one.trim().to_owned()).collect())
            .unwrap_or_default()
    };
    let (names, numeric, ports) = (split("host"), split("hostaddr"), split("port"));
    let count = names.len().max(numeric.len()).max(1);
    let fits = |all: &[String]| all.is_empty() || all.len() == count;
    if !fits(&names) || !fits(&numeric) || (ports.len() > 1 && ports.len() != count) {
        return Err("`host`, `hostaddr` and `port` list different numbers of addresses".to_owned());
    }
    (0..count)
        .map(|at| {
            let port = match ports.get(at).or(ports.first()).map(String::as_str) {
                None | Some("") => 5432,
                Some(text) => text
                    .parse::<u16>()
                    .ok()
                    .filter(|port| *port > 0)
                    .ok_or("`port` is no port")?,
            };
            let numeric = match numeric.get(at).filter(|text| !text.is_empty()) {
                None => None,
                Some(text) => Some(
                    text.parse::<IpAddr>()
                        .map_err(|_| "`hostaddr` is no IP address")?,
                ),
            };
            let host = names
                .get(at)
                .filter(|name| !name.is_empty())
                .cloned()
                .or_else(|| numeric.map(|address| address.to_string()))
                .unwrap_or_else(|| socket_folder(port));
            let here = host.starts_with(['/', '@'])
                || host == "localhost"
                || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
            let otherwise = if here && !strict {
                SslMode::Prefer
            } else {
                SslMode::VerifyFull
            };
            Ok(Address {
                host,
                numeric,
                port,
                mode: said.unwrap_or(otherwise),
            })
        })
        .collect()
}

/// Where servers put their sockets: Debian's folder, then PostgreSQL's own; without a socket, this machine's loopback.
fn socket_folder(port: u16) -> String {
    ["/var/run/postgresql", "/tmp"]
        .into_iter()
        .find(|folder| Path::new(folder).join(format!(".s.PGSQL.{port}")).exists())
        .unwrap_or("localhost")
        .to_owned()
}

#[cfg(test)]
mod tests;
