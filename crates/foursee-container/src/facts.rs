//! What an engine says, as it says it: containers, images, and the engine itself. No value of a secret is kept.

use crate::authorize::version::Version;
use crate::authorize::{Equation, equation};
use foursee_core::connection::Connection;
use foursee_core::document::Place;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// One engine's facts.
#[derive(Clone, Default, Debug)]
pub struct Facts {
    /// The containers; after sealing, in the order of their node names.
    pub containers: Vec<Container>,
    /// The images.
    pub images: Vec<Image>,
    /// The volumes.
    pub volumes: Vec<Volume>,
    /// What `docker info` (or `podman info`) says.
    pub engine: Option<Engine>,
    /// What daemon.json says.
    pub daemon: Option<Daemon>,
    pub(crate) by_name: BTreeMap<String, usize>,
    pub(crate) by_id: BTreeMap<String, usize>,
    pub(crate) image_by_id: BTreeMap<String, usize>,
    equations: OnceLock<Vec<Equation>>,
}

/// `docker info`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Engine {
    /// The engine's own identifier; the scope's name.
    pub id: String,
    /// The host's name.
    pub name: String,
    /// The engine's version, as it prints it.
    pub server_version: String,
    /// The kernel's version.
    pub kernel_version: String,
    /// `name=seccomp,profile=builtin`, `name=userns` ...
    pub security_options: Vec<String>,
    /// Where the engine keeps its data.
    pub root_dir: String,
    /// Whether control groups are of version 2.
    pub cgroup_two: bool,
    /// Whether it is Podman.
    pub podman: bool,
    /// `key=value` labels of the engine.
    pub labels: Vec<String>,
    /// The statement.
    pub place: Option<Place>,
}

/// daemon.json, as far as it moves the equation.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Daemon {
    /// `userns-remap`.
    pub userns_remap: Option<String>,
    /// `no-new-privileges`.
    pub no_new_privileges: Option<bool>,
    /// `hosts`: where the engine listens.
    pub hosts: Vec<String>,
    /// `tlsverify`: clients must show a certificate.
    pub tls_verify: bool,
    /// `data-root`.
    pub data_root: Option<String>,
    /// `seccomp-profile`.
    pub seccomp_profile: Option<String>,
    /// The statement.
    pub place: Option<Place>,
}

/// An image, as `docker image inspect` prints it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Image {
    /// "sha256:...".
    pub id: String,
    /// Its first tag or digest, else the id.
    pub name: String,
    /// `Config.User`.
    pub user: String,
    /// Where that stands.
    pub user_place: Place,
    /// `Config.Env`.
    pub env: Vec<Env>,
    /// The statement.
    pub place: Place,
}

/// A volume, as `docker volume inspect` prints it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// The host's path or device behind it, where its driver's options name one (`o=bind`); tidy.
    pub device: Option<String>,
    /// Whether the options make it read-only.
    pub read_only: bool,
}

/// A container, as `docker inspect` prints it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Container {
    /// The long identifier.
    pub id: String,
    /// The name without its slash.
    pub name: String,
    /// What its node is called: the name, or name and short identifier where two bear it.
    pub node: String,
    /// Whether it runs.
    pub running: bool,
    /// The image as it was asked for.
    pub image: String,
    /// The image's identifier.
    pub image_id: String,
    /// `HostConfig.Privileged`.
    pub privileged: bool,
    /// `HostConfig.CapAdd`, as it stands there.
    pub cap_add: Vec<String>,
    /// `HostConfig.CapDrop`, as it stands there.
    pub cap_drop: Vec<String>,
    /// Podman's own word on the sets: (effective, bounding). None: the engine is Docker.
    pub podman_caps: Option<(Vec<String>, Vec<String>)>,
    /// `Config.User`.
    pub user: String,
    /// `HostConfig.GroupAdd`.
    pub group_add: Vec<String>,
    /// `HostConfig.SecurityOpt`.
    pub security_opt: Vec<String>,
    /// `AppArmorProfile`.
    pub apparmor: String,
    /// `HostConfig.ReadonlyRootfs`.
    pub read_only: bool,
    /// `HostConfig.PidMode`, `NetworkMode`, `IpcMode`, `UTSMode`, `CgroupnsMode`, `UsernsMode`.
    pub modes: Modes,
    /// Whether MaskedPaths and ReadonlyPaths are empty lists: `systempaths=unconfined`.
    pub unmasked: bool,
    /// Host paths that are mounted; after sealing, those behind a volume's name too.
    pub mounts: Vec<Mount>,
    /// Volumes that are mounted: the name in place of a path.
    pub volumes: Vec<Mount>,
    /// `HostConfig.Devices`.
    pub devices: Vec<Device>,
    /// `HostConfig.DeviceCgroupRules`.
    pub device_rules: Vec<String>,
    /// Published ports.
    pub ports: Vec<Port>,
    /// `Config.Env`, without values.
    pub env: Vec<Env>,
    /// What the settings connect to.
    pub connections: Vec<(Connection, Place)>,
    /// AWS access key identifiers in the environment.
    pub access_keys: Vec<(String, Place)>,
    /// Engines on the network that the environment names: (variable, "host:port").
    pub engine_apis: Vec<(String, String, Place)>,
    /// Labels that hold no secret.
    pub labels: Vec<(String, String, Place)>,
    /// Where each statement stands.
    pub places: Places,
}

/// The namespaces' modes.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Modes {
    /// `PidMode`.
    pub pid: String,
    /// `NetworkMode`.
    pub network: String,
    /// `IpcMode`.
    pub ipc: String,
    /// `UTSMode`.
    pub uts: String,
    /// `CgroupnsMode`.
    pub cgroup: String,
    /// `UsernsMode`.
    pub user: String,
}

/// Where a container's statements stand; the container's own place where one is absent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Places {
    /// The container.
    pub item: Place,
    /// `Privileged`.
    pub privileged: Place,
    /// `CapAdd`, its first entry.
    pub cap_add: Place,
    /// `User`.
    pub user: Place,
    /// `SecurityOpt`, its first entry.
    pub security_opt: Place,
    /// `PidMode`.
    pub pid: Place,
    /// `NetworkMode`.
    pub network: Place,
}

/// One mount of a host path; volumes that the engine keeps are none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mount {
    /// The host's path, without `..`, doubled and trailing slashes.
    pub source: String,
    /// Where it is in the container.
    pub destination: String,
    /// Whether it is writable.
    pub writable: bool,
    /// The statement.
    pub place: Place,
}

/// A device of the host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Device {
    /// `PathOnHost`.
    pub path: String,
    /// `CgroupPermissions`: some of r, w, m.
    pub permissions: String,
    /// The statement.
    pub place: Place,
}

/// A published port.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Port {
    /// The host's address; empty is all of them.
    pub address: String,
    /// The host's port; empty is one that the engine picks.
    pub port: String,
    /// "443/tcp" in the container.
    pub inside: String,
    /// The statement.
    pub place: Place,
}

/// One environment variable. Its value is not kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Env {
    /// Its name.
    pub name: String,
    /// What sort of secret its value is, if it is one.
    pub secret: Option<foursee_core::secret::Secret>,
    /// Tells whether two values are one, in this process only.
    pub(crate) digest: u64,
    /// The statement.
    pub place: Place,
}

impl Daemon {
    /// Where the engine listens on the network without asking for a certificate: "tcp://0.0.0.0:2375".
    pub fn open(&self) -> impl Iterator<Item = &str> {
        let asks = self.tls_verify;
        self.hosts
            .iter()
            .map(String::as_str)
            .filter(move |host| !asks && host.starts_with("tcp://"))
    }
}

impl Facts {
    /// Takes another document's facts in.
    pub fn merge(&mut self, part: Self) {
        self.containers.extend(part.containers);
        self.images.extend(part.images);
        self.volumes.extend(part.volumes);
        self.engine = self.engine.take().or(part.engine);
        self.daemon = self.daemon.take().or(part.daemon);
    }

    /// Removes doubles, names the nodes and builds the indexes.
    pub fn seal(&mut self) {
        self.equations = OnceLock::new();
        let mut seen = std::collections::BTreeSet::new();
        self.containers
            .retain(|c| seen.insert((c.id.clone(), c.name.clone())));
        let devices: BTreeMap<&str, &Volume> = self.volumes.iter().map(|v| (v.name.as_str(), v)).collect();
        for container in &mut self.containers {
            let hidden = container.volumes.iter().filter_map(|mount| {
                let volume = devices.get(mount.source.as_str())?;
                let source = volume.device.clone()?;
                Some(Mount {
                    source,
                    writable: mount.writable && !volume.read_only,
                    ..mount.clone()
                })
            });
            container.mounts.extend(hidden.collect::<Vec<_>>());
        }
        let mut bearers: BTreeMap<String, usize> = BTreeMap::new();
        for container in &self.containers {
            *bearers.entry(container.name.clone()).or_default() += 1;
        }
        for container in &mut self.containers {
            let short: String = container.id.chars().take(12).collect();
            container.node = match (container.name.as_str(), bearers.get(&container.name)) {
                ("", _) => short,
                (name, Some(1)) => name.to_owned(),
                (name, _) => format!("{name}/{short}"),
            };
        }
        self.containers.sort_by(|a, b| a.node.cmp(&b.node));
        self.by_name = self
            .containers
            .iter()
            .enumerate()
            .map(|(at, c)| (c.node.clone(), at))
            .collect();
        self.by_id = self
            .containers
            .iter()
            .enumerate()
            .map(|(at, c)| (c.id.clone(), at))
            .collect();
        let mut seen = std::collections::BTreeSet::new();
        self.images.retain(|image| seen.insert(image.id.clone()));
        self.image_by_id = self
            .images
            .iter()
            .enumerate()
            .map(|(at, i)| (i.id.clone(), at))
            .collect();
    }

    /// A container by its node's name.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<&Container> {
        self.containers.get(*self.by_name.get(name)?)
    }

    /// A container as people call it: by name, with or without the slash, or by an identifier's beginning if it is
    /// the only one.
    #[must_use]
    pub fn find(&self, called: &str) -> Option<&Container> {
        let called = called.strip_prefix('/').unwrap_or(called);
        if let Some(found) = self.node(called) {
            return Some(found);
        }
        if called.is_empty() {
            return None;
        }
        // In the order of identifiers, those that begin so stand together; a whole one is the first of them.
        let mut named = self
            .by_id
            .range(called.to_owned()..)
            .take_while(|(id, _)| id.starts_with(called))
            .map(|(id, at)| (id, self.containers.get(*at)));
        match (named.next(), named.next()) {
            (Some((id, one)), _) if id == called => one,
            (Some((_, one)), None) => one,
            _ => None,
        }
    }

    /// A container's image, if it was read.
    #[must_use]
    pub fn image_of(&self, container: &Container) -> Option<&Image> {
        self.images.get(*self.image_by_id.get(&container.image_id)?)
    }

    /// The containers of sealed facts, each with its equation.
    pub(crate) fn equations(&self) -> impl Iterator<Item = (&Container, &Equation)> {
        let all = self
            .equations
            .get_or_init(|| self.containers.iter().map(|one| equation(self, one)).collect());
        self.containers.iter().zip(all)
    }

    /// What the host's node is called.
    #[must_use]
    pub fn host(&self) -> &str {
        self.engine
            .as_ref()
            .map(|e| e.name.as_str())
            .filter(|n| !n.is_empty())
            .unwrap_or("host")
    }

    /// The engine's version, where it is known.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        self.engine
            .as_ref()
            .and_then(|e| Version::parse(&e.server_version))
    }
}
