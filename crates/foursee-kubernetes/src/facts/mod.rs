//! Typed tables, as Kubernetes says them: one value is one cluster.
//!
//! Nothing here decides anything; the authorizer is [`crate::authorize`]. Values of secrets are never kept: of a
//! Secret its name and type, of an environment the connections that it names.

mod aws;
mod gateways;
mod network;
mod pods;
mod pool;
mod rbac;
mod rest;

pub use aws::*;
pub use gateways::*;
pub use network::*;
pub use pods::*;
pub use pool::Labels;
pub(crate) use pool::Pool;
pub use rbac::*;
pub use rest::*;

use crate::authorize::Index;
use crate::usage::Usage;
use crate::workloads::Groups;
use foursee_core::document::Place;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What every object has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// `metadata.namespace`; empty for cluster-scoped objects.
    pub namespace: Arc<str>,
    /// `metadata.name`.
    pub name: Arc<str>,
    /// Whether the object was read from a server (it has a uid), rather than from a manifest.
    pub live: bool,
    /// `metadata.labels`.
    pub labels: Labels,
    /// `metadata.annotations`, those that say an owner, a cloud role or how something is exposed.
    pub annotations: Vec<(Box<str>, Box<str>)>,
    /// Where the name stands.
    pub place: Place,
}

impl Meta {
    /// `namespace/name`, or the name alone of a cluster-scoped object.
    #[must_use]
    pub fn full_name(&self) -> String {
        full_name(&self.namespace, &self.name)
    }

    /// The value of an annotation that was kept.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<&str> {
        value_of(&self.annotations, key)
    }

    /// The value of a label.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        value_of(&self.labels, key)
    }
}

fn value_of<'a>(pairs: &'a [(Box<str>, Box<str>)], key: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(one, _)| **one == *key)
        .map(|(_, value)| &**value)
}

/// `namespace/name`, or the name alone without a namespace.
#[must_use]
pub fn full_name(namespace: &str, name: &str) -> String {
    if namespace.is_empty() {
        name.to_owned()
    } else {
        format!("{namespace}/{name}")
    }
}

/// One cluster.
#[derive(Default)]
pub struct Facts {
    /// Roles and ClusterRoles.
    pub roles: Vec<Role>,
    /// RoleBindings and ClusterRoleBindings.
    pub bindings: Vec<Binding>,
    /// ServiceAccounts.
    pub accounts: Vec<ServiceAccount>,
    /// Pods and controllers.
    pub workloads: Vec<Workload>,
    /// Namespaces.
    pub namespaces: Vec<Plain>,
    /// Nodes.
    pub nodes: Vec<Node>,
    /// Secrets.
    pub secrets: Vec<Secret>,
    /// Services and Ingresses.
    pub services: Vec<Service>,
    /// GatewayClasses.
    pub gateway_classes: Vec<GatewayClass>,
    /// Gateways.
    pub gateways: Vec<Gateway>,
    /// ListenerSets.
    pub listener_sets: Vec<ListenerSet>,
    /// Routes of the Gateway API.
    pub routes: Vec<Route>,
    /// ReferenceGrants.
    pub reference_grants: Vec<ReferenceGrant>,
    /// NetworkPolicies.
    pub network_policies: Vec<NetworkPolicy>,
    /// PersistentVolumes.
    pub volumes: Vec<PersistentVolume>,
    /// What stands for one node.
    pub node_objects: Vec<NodeObject>,
    /// API servers that run as static pods.
    pub api_servers: Vec<ApiServer>,
    /// Lines of aws-auth.
    pub aws_auth: Vec<AwsAuth>,
    /// What EKS says of the cluster.
    pub eks: Vec<Eks>,
    /// Whom AWS lets into the cluster, and which roles it gives its accounts.
    pub aws: Aws,
    /// The issuers of its service accounts' tokens, without `https://`: one, or a contradiction.
    pub issuers: Vec<(Box<str>, Place)>,
    /// The server's version, as `kubectl version`, `/version` or `aws eks describe-cluster` says it: minor versions,
    /// with places.
    pub versions: Vec<(u32, Place)>,
    /// The minor version that everything is asked as of, whatever documents say.
    pub assumed: Option<u32>,
    /// Kinds of objects that were read, and whether from a server.
    pub kinds: BTreeMap<Box<str>, bool>,
    /// The first place of any document: what statements of the platform itself point to.
    pub first: Option<Place>,
    /// What many objects say alike, while they are read.
    pub(crate) pool: Pool,
    /// What its audit logs show.
    pub(crate) usage: Usage,
    pub(crate) index: Index,
    pub(crate) access: crate::authorize::eks::Index,
    pub(crate) groups: Groups,
    pub(crate) network: crate::network::Index,
}

impl Facts {
    /// Whether that kind was listed by a server, so that what is not there does not exist.
    #[must_use]
    pub fn listed(&self, kind: &str) -> bool {
        self.kinds.get(kind).copied().unwrap_or(false)
    }

    /// Whether a binding is in the cluster: one of a manifest is not, where the cluster's own were listed.
    pub(crate) fn in_cluster(&self, binding: &Binding) -> bool {
        let kind = match &*binding.meta.namespace {
            "" => "ClusterRoleBinding",
            _ => "RoleBinding",
        };
        binding.meta.live || !self.listed(kind)
    }

    /// The rules of a role as they take effect: aggregated ones are computed for manifests.
    pub fn rules_of(&self, role: usize) -> impl Iterator<Item = (&PolicyRule, Place)> {
        self.index.rules_of(self, role)
    }

    /// A role by kind, namespace ("" for ClusterRoles) and name.
    #[must_use]
    pub fn role(&self, kind: RoleKind, namespace: &str, name: &str) -> Option<usize> {
        self.index.role(kind, namespace, name)
    }

    /// The role that a binding refers to, if it is there.
    #[must_use]
    pub fn role_of(&self, binding: &Binding) -> Option<usize> {
        let kind = RoleKind::parse(&binding.role_kind)?;
        let namespace: &str = match kind {
            RoleKind::Role => &binding.meta.namespace,
            RoleKind::ClusterRole => "",
        };
        self.role(kind, namespace, &binding.role_name)
    }

    /// Whether the ServiceAccount's token is put into that workload's pods: the pod's word, else the account's,
    /// else yes; or a projected token for the API server that the pod's spec itself names.
    #[must_use]
    pub fn token_mounted(&self, workload: &Workload) -> bool {
        let pod = &workload.pod;
        let mut mounts = pod.containers.iter().flat_map(|one| &one.mounts);
        let projected = mounts.any(|mount| match pod.mounted(mount).map(|volume| &volume.source) {
            Some(VolumeSource::Tokens(all)) => all.iter().any(|token| token.audience.is_empty()),
            // Before 1.22 the token was a Secret, mounted at the same path.
            Some(VolumeSource::Secret(_)) => {
                mount.path.trim_end_matches('/') == "/var/run/secrets/kubernetes.io/serviceaccount"
            }
            _ => false,
        });
        if projected {
            return true;
        }
        // What runs shows its token volume; a pod that was read from a server without one has none.
        if workload.kind == "Pod" && workload.meta.live {
            return false;
        }
        workload
            .pod
            .automount
            .or_else(|| {
                self.index
                    .account(&workload.meta.namespace, &workload.pod.account)
                    .and_then(|at| self.accounts.get(at))
                    .and_then(|account| account.automount)
            })
            .unwrap_or(true)
    }
}
