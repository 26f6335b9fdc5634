//! The collector of container engines: Docker's API, over a socket or TLS, and Podman's.
//!
//! It only ever sends GET, and keeps the bodies as the engine wrote them, so that a capture holds what
//! `docker inspect $(docker ps -aq)`, `docker image inspect $(docker images -q)`, `docker volume inspect` and
//! `docker info --format '{{json .}}'` print. Of Podman it reads what `podman inspect` and `podman info` print, from
//! the same engine's libpod calls. daemon.json is no part of the API: it is read where the engine is this machine's.
//!
//! The future runs on Tokio, with its timers and I/O on.

mod client;
mod read;
mod target;

use foursee_capture::{CollectError, Collecting, Collector, Permission, Sink, Terms};
use std::path::PathBuf;
use target::{Address, Found, Surroundings};

/// `docker info`.
pub(crate) const INFO: Permission = Permission::new(
    "GET /info",
    "/info",
    "the engine's ID (the scope's name), version and settings",
    "which engine it is, and whether user namespaces, a seccomp profile or no-new-privileges are its defaults",
);
/// `docker ps -aq`.
pub(crate) const CONTAINERS: Permission = Permission::new(
    "GET /containers/json",
    "/containers/json",
    "the list of containers, stopped ones too",
    "every container: what each may do to the host, its mounts, ports and credentials",
);
/// `docker inspect`.
pub(crate) const CONTAINER: Permission = Permission::new(
    "GET /containers/{id}/json",
    "/containers/[a-f0-9]+/json",
    "each container's settings",
    "what the container may do to the host, its mounts, ports and credentials",
);
/// `docker images -q`.
pub(crate) const IMAGES: Permission = Permission::new(
    "GET /images/json",
    "/images/json",
    "the list of images",
    "images that no container uses, and the secrets in them",
);
/// `docker image inspect`.
pub(crate) const IMAGE: Permission = Permission::new(
    "GET /images/{id}/json",
    "/images/sha256:[a-f0-9]+/json",
    "each image's default user and environment",
    "the image's default user, and the secrets in its environment",
);
/// `docker volume inspect`.
pub(crate) const VOLUMES: Permission = Permission::new(
    "GET /volumes",
    "/volumes",
    "the volumes and their drivers' options",
    "which volumes are paths of the host behind a name",
);
/// daemon.json.
pub(crate) const DAEMON: Permission = Permission::new(
    "read daemon.json",
    "setfacl -m u:AUDITOR:r /etc/docker/daemon.json",
    "the engine's configuration, where the engine is this machine's",
    "whether the engine listens on the network without asking for a certificate, and its defaults",
);

/// All that the collector uses. The grants of API calls are the paths to allow, as regular expressions; [`grant`] makes
/// one setting of them.
pub const PERMISSIONS: &[Permission] = &[INFO, CONTAINERS, CONTAINER, IMAGES, IMAGE, VOLUMES, DAEMON];

/// What to paste: the API has no permissions of its own, so a proxy before the socket lets through just these calls. The
/// flag is that of wollomatic/socket-proxy, which matches whole paths and refuses every method that no flag allows.
#[must_use]
pub fn grant() -> String {
    let calls = PERMISSIONS.iter().filter(|one| one.name.starts_with("GET "));
    let paths: Vec<&str> = calls.map(|one| one.grant.trim_start_matches('/')).collect();
    format!(
        "-allowGET='(/v[0-9.]+)?/({})'\n{}\n",
        paths.join("|"),
        DAEMON.grant
    )
}

/// One engine to be read.
#[derive(Clone, Debug)]
pub struct ContainerEngine {
    found: Found,
}

impl ContainerEngine {
    /// The engine that a target names: a socket's path or `unix://` address, `tcp://HOST:PORT`, or the name of a
    /// docker context. Without a target, the one that the docker command would talk to: `DOCKER_HOST`,
    /// `DOCKER_CONTEXT`, the current context of `~/.docker/config.json` (or `DOCKER_CONFIG`), the system's socket, the
    /// user's rootless one; then Podman's: `CONTAINER_HOST`, the user's, the system's. Certificates come from
    /// `DOCKER_CERT_PATH` or the context; with `DOCKER_TLS_VERIFY` alone, from `~/.docker`.
    ///
    /// # Errors
    ///
    /// [`CollectError::Settings`] where the target cannot be followed.
    pub fn new(target: Option<&str>) -> Result<Self, CollectError> {
        Surroundings::of_process()
            .find(target)
            .map(|found| Self { found })
    }

    /// The engine's daemon.json, where it is not at the place that belongs to the socket.
    #[must_use]
    pub fn configuration(mut self, file: impl Into<PathBuf>) -> Self {
        self.found.configuration = Some(file.into());
        self
    }

    /// The engine over TLS, with the ca.pem, cert.pem and key.pem of a folder. A socket stays a socket.
    #[must_use]
    pub fn certificates(mut self, folder: impl Into<PathBuf>) -> Self {
        self.found.address = match self.found.address {
            Address::Clear(at) | Address::Tls(at, _) => Address::Tls(at, folder.into()),
            socket @ Address::Socket(_) => socket,
        };
        self
    }
}

impl Collector for ContainerEngine {
    fn layer(&self) -> &'static str {
        "container"
    }

    fn target(&self) -> String {
        self.found.address.to_string()
    }

    fn collect<'a>(&'a self, into: &'a dyn Sink, terms: &'a Terms) -> Collecting<'a> {
        Box::pin(async move {
            let docker = self.found.address.connect(terms.deadline)?;
            let client = client::Client::new(docker, terms.deadline);
            let local = matches!(self.found.address, Address::Socket(_));
            read::Reading::new(client, into, terms, self.target())
                .all(self.found.configuration.as_deref(), local)
                .await
        })
    }
}

/// The collector of a target; see [`ContainerEngine::new`].
///
/// # Errors
///
/// [`CollectError::Settings`] where the target cannot be followed.
pub fn collector(target: Option<&str>) -> Result<Box<dyn Collector>, CollectError> {
    Ok(Box::new(ContainerEngine::new(target)?))
}
