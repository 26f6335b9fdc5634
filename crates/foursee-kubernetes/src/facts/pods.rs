//! Pods, and what makes them.

use super::{ContainerPort, Labels, Meta};
use foursee_core::connection::Connection;
use foursee_core::document::Place;
use std::ops::Deref;
use std::sync::Arc;

/// A Pod, or a controller with its pod template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// "Pod", "Deployment" ...
    pub kind: &'static str,
    /// Its metadata.
    pub meta: Meta,
    /// The controller that owns it: kind and name.
    pub owner: Option<(Arc<str>, Arc<str>)>,
    /// The labels of its pods.
    pub pod_labels: Labels,
    /// The annotations of its pods that a cloud's webhook reads.
    pub pod_annotations: Vec<(Box<str>, Box<str>)>,
    /// What its pods are.
    pub pod: PodSpec,
}

/// What foursee reads of a pod's spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodSpec {
    /// `serviceAccountName`, "default" where it is not said.
    pub account: Arc<str>,
    /// `automountServiceAccountToken`.
    pub automount: Option<bool>,
    /// `nodeName`.
    pub node: Option<Arc<str>>,
    /// `hostPID`.
    pub host_pid: bool,
    /// `hostIPC`.
    pub host_ipc: bool,
    /// `hostNetwork`.
    pub host_network: bool,
    /// `hostUsers` is false: the pod has a user namespace.
    pub own_users: bool,
    /// `shareProcessNamespace`.
    pub shared_processes: bool,
    /// What Pod Security looks at, as the JSON of a pod that has nothing else; equal ones are one text.
    pub security: Arc<str>,
    /// `volumes`, of the sorts that matter.
    pub volumes: Box<[Volume]>,
    /// Its containers, init and ephemeral ones too.
    pub containers: Box<[Placed]>,
    /// What a pod that has a node refers to.
    pub references: Arc<References>,
    /// Where the workload's name stands.
    pub place: Place,
}

impl PodSpec {
    /// The volume that a container has there, if it is of a sort that matters.
    #[must_use]
    pub fn mounted(&self, mount: &Mount) -> Option<&Volume> {
        self.volumes.iter().find(|one| one.number == mount.volume)
    }
}

/// One volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Which of `volumes` it is, from 0.
    pub number: u32,
    /// Its name in the pod.
    pub name: Box<str>,
    /// What it is.
    pub source: VolumeSource,
    /// Where it stands.
    pub place: Place,
}

/// What a volume is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VolumeSource {
    /// A path of the node.
    HostPath(Box<str>),
    /// A PersistentVolumeClaim that is not known to be of a node's path; once the facts are sealed, one that is stands
    /// as the path.
    Claim(Box<str>),
    /// A Secret.
    Secret(Box<str>),
    /// Projected tokens of the pod's account.
    Tokens(Vec<Token>),
}

/// A projected token of a pod's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its audience; empty is the API server's own.
    pub audience: Box<str>,
    /// How long it is good, in seconds; an hour where it is not said.
    pub seconds: u64,
}

/// As which user a container starts, by its own word or else the pod's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum User {
    /// `runAsUser: 0`.
    Root,
    /// Nothing says it: the image's, which is root by default.
    Image,
    /// Another, or `runAsNonRoot`.
    Other,
}

/// The AppArmor profile of a container, by its own word or else the pod's, as a field or an annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Armor {
    /// Nothing says it: the runtime's own, where the node has AppArmor.
    Unsaid,
    /// None.
    Unconfined,
    /// The runtime's own.
    Runtime,
    /// One of the node's.
    Local,
}

/// A volume where a container has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mount {
    /// Which of the pod's `volumes`, from 0: their names may differ in pods that are else alike. `u32::MAX` is none of
    /// them.
    pub volume: u32,
    /// The path in the container.
    pub path: Box<str>,
    /// `readOnly`.
    pub read_only: bool,
    /// `subPath`: what of the volume is mounted; empty is all of it.
    pub sub_path: Box<str>,
}

/// A container of a pod, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// What it is; equal ones are one.
    pub container: Arc<Container>,
    /// Where its name stands.
    pub place: Place,
}

impl Placed {
    /// Where a part of it stands.
    #[must_use]
    pub const fn part(&self, at: Within) -> Place {
        Place {
            doc: self.place.doc,
            at: self.place.at.wrapping_add(at.0),
        }
    }
}

impl Deref for Placed {
    type Target = Container;

    fn deref(&self) -> &Container {
        &self.container
    }
}

/// Where a part of a container stands, counted from where the container does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Within(u32);

impl Within {
    /// Of a place in the same document.
    #[must_use]
    pub const fn of(part: Place, container: Place) -> Self {
        Self(part.at.wrapping_sub(container.at))
    }
}

/// What a container of a pod is, wherever it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Container {
    /// Its name.
    pub name: Box<str>,
    /// `securityContext.privileged`.
    pub privileged: bool,
    /// `securityContext.capabilities.add`.
    pub capabilities: Vec<Box<str>>,
    /// As which user it starts.
    pub user: User,
    /// Whether a program of its image may give it more than that: `allowPrivilegeEscalation` is not false.
    pub gains: bool,
    /// What confines it.
    pub armor: Armor,
    /// `windowsOptions.hostProcess`, its own or the pod's.
    pub host_process: bool,
    /// The ports that it declares.
    pub ports: Vec<ContainerPort>,
    /// Mounted volumes.
    pub mounts: Vec<Mount>,
    /// Connections that its environment names, with the place of the variable.
    pub connections: Vec<(Connection, Within)>,
    /// AWS access key ids in its environment, with their places.
    pub access_keys: Vec<(Box<str>, Within)>,
    /// Settings that look like a connection and cannot be read as one: which, and why.
    pub unread: Vec<String>,
    /// Secrets that its environment refers to: the Secret's name, the variable or "" for all, the place.
    pub secrets: Vec<(Box<str>, Box<str>, Within)>,
}

/// What a pod refers to in its namespace: what its node may read. Empty for a mirror pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct References {
    /// Secrets: of pulls, of environments and of volumes.
    pub secrets: Vec<Box<str>>,
    /// ConfigMaps.
    pub config_maps: Vec<Box<str>>,
    /// PersistentVolumeClaims, those made for its ephemeral volumes too.
    pub claims: Vec<Box<str>>,
    /// ResourceClaims.
    pub resource_claims: Vec<Box<str>>,
    /// It stands for a pod that the node itself has made.
    pub mirror: bool,
}
