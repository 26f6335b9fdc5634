//! Where the engine is: what the docker command would do, and the sockets that stand where it finds none.

use crate::client::innermost;
use bollard::{API_DEFAULT_VERSION, Docker};
use foursee_capture::CollectError;
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SYSTEM: &str = "/var/run/docker.sock";
const PODMAN: &str = "/run/podman/podman.sock";
/// No configuration of the docker command is larger.
const LARGEST: u64 = 1 << 20;

/// An engine's address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Address {
    /// A socket of this machine.
    Socket(PathBuf),
    /// "host:port", in clear.
    Clear(String),
    /// "host:port", and the folder of ca.pem, cert.pem and key.pem.
    Tls(String, PathBuf),
}

/// An engine, and its daemon.json if it is known which one that is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Found {
    pub(crate) address: Address,
    pub(crate) configuration: Option<PathBuf>,
}

/// What is around the process: its environment, and which paths there are.
pub(crate) struct Surroundings<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    exists: &'a dyn Fn(&Path) -> bool,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(path) => write!(f, "unix://{}", path.display()),
            Self::Clear(at) | Self::Tls(at, _) => write!(f, "tcp://{at}"),
        }
    }
}

impl Address {
    /// A client of it; nothing is sent yet.
    pub(crate) fn connect(&self, deadline: Duration) -> Result<Docker, CollectError> {
        let target = self.to_string();
        let seconds = deadline.as_secs().saturating_add(1);
        let connected = match self {
            #[cfg(unix)]
            Self::Socket(path) => {
                Docker::connect_with_unix(&path.to_string_lossy(), seconds, API_DEFAULT_VERSION)
            }
            #[cfg(not(unix))]
            Self::Socket(_) => {
                return Err(settings(&target, "sockets need a Unix; give tcp://HOST:PORT"));
            }
            Self::Clear(at) => {
                Docker::connect_with_http(&format!("tcp://{at}"), seconds, API_DEFAULT_VERSION)
            }
            Self::Tls(at, folder) => {
                let file = |name: &str| {
                    let path = folder.join(name);
                    std::fs::metadata(&path)
                        .map(|_| path.clone())
                        .map_err(|error| settings(&target, &format!("{}: {error}", path.display())))
                };
                let (ca, cert, key) = (file("ca.pem")?, file("cert.pem")?, file("key.pem")?);
                // The process may have chosen another provider; then that one serves.
                let _ = rustls::crypto::ring::default_provider().install_default();
                Docker::connect_with_ssl(
                    &format!("tcp://{at}"),
                    &key,
                    &cert,
                    &ca,
                    seconds,
                    API_DEFAULT_VERSION,
                )
            }
        };
        connected.map_err(|error| match error {
            bollard::errors::Error::SocketNotFoundError(_) => CollectError::Unreachable {
                target,
                why: "there is no such socket".to_owned(),
            },
            other => settings(&target, &innermost(&other).0),
        })
    }
}

fn settings(target: &str, why: &str) -> CollectError {
    CollectError::Settings {
        target: target.to_owned(),
        why: why.to_owned(),
    }
}

impl Surroundings<'static> {
    pub(crate) fn of_process() -> Self {
        Self {
            variable: &|name| std::env::var(name).ok(),
            exists: &|path| std::fs::metadata(path).is_ok(),
        }
    }
}

impl Surroundings<'_> {
    /// The engine that a target names, or the one that the surroundings do.
    pub(crate) fn find(&self, target: Option<&str>) -> Result<Found, CollectError> {
        let address = match target {
            Some(target) => self.named(target)?,
            None => self.usual()?,
        };
        let configuration = self.configuration(&address);
        Ok(Found {
            address,
            configuration,
        })
    }

    fn set(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    fn home(&self) -> PathBuf {
        PathBuf::from(self.set("HOME").unwrap_or_default())
    }

    /// The docker command's folder.
    fn docker(&self) -> PathBuf {
        self.set("DOCKER_CONFIG")
            .map_or_else(|| self.home().join(".docker"), PathBuf::from)
    }

    fn runtime(&self, file: &str) -> Option<PathBuf> {
        Some(Path::new(&self.set("XDG_RUNTIME_DIR")?).join(file))
    }

    fn usual(&self) -> Result<Address, CollectError> {
        if let Some(host) = self.set("DOCKER_HOST") {
            return self.address(&host, self.certificates());
        }
        if let Some(context) = self.set("DOCKER_CONTEXT").or_else(|| self.current())
            && context != "default"
        {
            return self.context(&context);
        }
        if let Some(host) = self.set("CONTAINER_HOST") {
            return self.address(&host, None);
        }
        let sockets = [
            Some(PathBuf::from(SYSTEM)),
            self.runtime("docker.sock"),
            self.runtime("podman/podman.sock"),
            Some(PathBuf::from(PODMAN)),
        ];
        let mut there = sockets.into_iter().flatten().filter(|path| (self.exists)(path));
        Ok(Address::Socket(
            there.next().unwrap_or_else(|| PathBuf::from(SYSTEM)),
        ))
    }

    fn named(&self, target: &str) -> Result<Address, CollectError> {
        if target.contains("://") {
            return self.address(target, self.certificates());
        }
        if target.contains('/') {
            return Ok(Address::Socket(PathBuf::from(target)));
        }
        if target == "default" {
            return Ok(Address::Socket(PathBuf::from(SYSTEM)));
        }
        self.context(target)
    }

    /// Where the certificates are, if the environment asks for TLS.
    fn certificates(&self) -> Option<PathBuf> {
        match self.set("DOCKER_CERT_PATH") {
            Some(folder) => Some(PathBuf::from(folder)),
            None => self.set("DOCKER_TLS_VERIFY").map(|_| self.docker()),
        }
    }

    fn address(&self, host: &str, certificates: Option<PathBuf>) -> Result<Address, CollectError> {
        let (scheme, rest) = host.split_once("://").unwrap_or(("", host));
        // A user's name or password is of no use to an engine, and stays out of every message.
        let at = rest.rsplit('@').next().unwrap_or(rest);
        let shown = format!("{scheme}://{at}");
        let network = |port: &str| {
            let at = at.trim_end_matches('/');
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
            if at.is_empty() || !at.bytes().all(plain) {
                return Err(settings(&shown, "the address is not of the form tcp://HOST:PORT"));
            }
            let ported = at
                .rsplit_once(':')
                .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
            Ok(if ported {
                at.to_owned()
            } else {
                format!("{at}:{port}")
            })
        };
        match scheme {
            "unix" if !rest.is_empty() => Ok(Address::Socket(PathBuf::from(rest))),
            "https" => Ok(Address::Tls(
                network("2376")?,
                certificates.unwrap_or_else(|| self.docker()),
            )),
            "tcp" | "http" => Ok(match certificates {
                Some(folder) if scheme == "tcp" => Address::Tls(network("2376")?, folder),
                _ => Address::Clear(network("2375")?),
            }),
            "ssh" => Err(settings(
                &shown,
                "an engine behind SSH is read through a forwarded socket: ssh -nNT -L ./engine.sock:/var/run/docker.sock HOST, then the target ./engine.sock",
            )),
            _ => Err(settings(
                &shown,
                "the target is a socket's path, unix://PATH, tcp://HOST:PORT or a docker context",
            )),
        }
    }

    /// `currentContext` of the docker command's configuration.
    fn current(&self) -> Option<String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Configuration {
            current_context: Option<String>,
        }
        let text = text(&self.docker().join("config.json"))?;
        let configuration: Configuration = serde_json::from_str(&text).ok()?;
        configuration.current_context.filter(|name| !name.is_empty())
    }

    /// A docker context, by its name. Its files are in a folder named by the name's digest; the name is in them too.
    fn context(&self, name: &str) -> Result<Address, CollectError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Meta {
            name: String,
            #[serde(default)]
            endpoints: std::collections::BTreeMap<String, Endpoint>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Endpoint {
            #[serde(default)]
            host: String,
        }
        let contexts = self.docker().join("contexts");
        let folders = std::fs::read_dir(contexts.join("meta"))
            .into_iter()
            .flatten()
            .flatten();
        for folder in folders {
            let meta = text(&folder.path().join("meta.json"))
                .and_then(|text| serde_json::from_str::<Meta>(&text).ok());
            let Some(meta) = meta.filter(|meta| meta.name == name) else {
                continue;
            };
            let Some(endpoint) = meta.endpoints.get("docker").filter(|one| !one.host.is_empty()) else {
                return Err(settings(name, "the docker context names no engine"));
            };
            let certificates = contexts.join("tls").join(folder.file_name()).join("docker");
            let certificates = (self.exists)(&certificates).then_some(certificates);
            return self.address(&endpoint.host, certificates);
        }
        Err(settings(
            name,
            "there is no docker context of that name: `docker context ls` lists them; a socket is named by its path",
        ))
    }

    /// The daemon.json of the engine behind a socket, where the socket's place says which.
    fn configuration(&self, address: &Address) -> Option<PathBuf> {
        let Address::Socket(socket) = address else {
            return None;
        };
        let one = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if one(socket) == one(Path::new(SYSTEM)) {
            return Some(PathBuf::from("/etc/docker/daemon.json"));
        }
        let rootless = self
            .runtime("docker.sock")
            .is_some_and(|path| one(&path) == one(socket));
        rootless.then(|| {
            let configuration = self.set("XDG_CONFIG_HOME");
            let folder = configuration.map_or_else(|| self.home().join(".config"), PathBuf::from);
            folder.join("docker/daemon.json")
        })
    }
}

/// A file of the docker command, if there is a readable one of a sane size.
fn text(path: &Path) -> Option<String> {
    let small = std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() <= LARGEST);
    small.then(|| std::fs::read_to_string(path).ok()).flatten()
}

#[cfg(test)]
mod tests;
