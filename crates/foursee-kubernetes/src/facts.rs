//! Typed tables, as Kubernetes says them: one value is one cluster.
//!
//! Nothing here decides anything; the authorizer is [`crate::authorize`]. Values of secrets are never kept: of a
//! Secret its name and type, of an environment the connections that it names.

use crate::authorize::Index;
use crate::workloads::Groups;
use foursee_core::connection::Connection;
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
    pub labels: Vec<(Box<str>, Box<str>)>,
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

/// Which of the two kinds of roles.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RoleKind {
    /// A Role: of one namespace.
    Role,
    /// A ClusterRole.
    ClusterRole,
}

impl RoleKind {
    /// The kind's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::ClusterRole => "ClusterRole",
        }
    }

    /// The resource that RBAC calls it: "roles", "clusterroles".
    #[must_use]
    pub const fn resource(self) -> &'static str {
        match self {
            Self::Role => "roles",
            Self::ClusterRole => "clusterroles",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(kind: &str) -> Option<Self> {
        match kind {
            "Role" => Some(Self::Role),
            "ClusterRole" => Some(Self::ClusterRole),
            _ => None,
        }
    }
}

/// One entry of a role's `rules`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PolicyRule {
    /// `verbs`.
    pub verbs: Vec<Box<str>>,
    /// `apiGroups`.
    pub groups: Vec<Box<str>>,
    /// `resources`.
    pub resources: Vec<Box<str>>,
    /// `resourceNames`.
    pub names: Vec<Box<str>>,
    /// `nonResourceURLs`.
    pub urls: Vec<Box<str>>,
}

impl PolicyRule {
    /// Every verb on every resource of every group.
    #[must_use]
    pub fn everything() -> Self {
        let all = || vec![Box::<str>::from("*")];
        Self {
            verbs: all(),
            groups: all(),
            resources: all(),
            ..Self::default()
        }
    }
}

/// A selector over labels: all of its requirements hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector(pub Vec<Requirement>);

/// One requirement of a label selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The label.
    pub key: Box<str>,
    /// "In", "NotIn", "Exists" or "DoesNotExist"; anything else matches nothing.
    pub operator: Box<str>,
    /// The values.
    pub values: Vec<Box<str>>,
}

impl LabelSelector {
    /// Whether an object with these labels is selected. An empty selector selects everything.
    #[must_use]
    pub fn matches(&self, labels: &[(Box<str>, Box<str>)]) -> bool {
        self.0.iter().all(|one| {
            let value = value_of(labels, &one.key);
            let named = value.is_some_and(|value| one.values.iter().any(|wanted| **wanted == *value));
            match &*one.operator {
                "In" => named,
                "NotIn" => !named,
                "Exists" => value.is_some(),
                "DoesNotExist" => value.is_none(),
                _ => false,
            }
        })
    }
}

/// A Role or ClusterRole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Which.
    pub kind: RoleKind,
    /// Its metadata.
    pub meta: Meta,
    /// Its rules as stored, each with its place.
    pub rules: Vec<(PolicyRule, Place)>,
    /// `aggregationRule.clusterRoleSelectors`, where there is an aggregationRule.
    pub aggregation: Option<Vec<LabelSelector>>,
}

/// A RoleBinding, or a ClusterRoleBinding where the namespace is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Its metadata.
    pub meta: Meta,
    /// `roleRef.kind`, as it is written.
    pub role_kind: Box<str>,
    /// `roleRef.name`.
    pub role_name: Box<str>,
    /// `subjects`.
    pub subjects: Vec<Subject>,
}

impl Binding {
    /// "ClusterRoleBinding" or "RoleBinding".
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.meta.namespace.is_empty() {
            "ClusterRoleBinding"
        } else {
            "RoleBinding"
        }
    }
}

/// One subject of a binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// "User", "Group" or "ServiceAccount"; anything else is never matched.
    pub kind: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// A ServiceAccount's namespace; empty where it is not said.
    pub namespace: Box<str>,
    /// Where it stands.
    pub place: Place,
}

impl Subject {
    /// The namespace of a ServiceAccount that a binding in `binding_namespace` means; none where it means nobody.
    #[must_use]
    pub fn account_namespace<'a>(&'a self, binding_namespace: &'a str) -> Option<&'a str> {
        let own = if self.namespace.is_empty() {
            binding_namespace
        } else {
            &self.namespace
        };
        (!own.is_empty()).then_some(own)
    }
}

/// A ServiceAccount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Its metadata.
    pub meta: Meta,
    /// `automountServiceAccountToken`.
    pub automount: Option<bool>,
}

/// A Pod, or a controller with its pod template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// "Pod", "Deployment" ...
    pub kind: &'static str,
    /// Its metadata.
    pub meta: Meta,
    /// The controller that owns it: kind and name.
    pub owner: Option<(Box<str>, Box<str>)>,
    /// The labels of its pods.
    pub pod_labels: Vec<(Box<str>, Box<str>)>,
    /// What its pods are.
    pub pod: PodSpec,
}

/// What foursee reads of a pod's spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodSpec {
    /// `serviceAccountName`, "default" where it is not said.
    pub account: Box<str>,
    /// `automountServiceAccountToken`.
    pub automount: Option<bool>,
    /// `nodeName`.
    pub node: Option<Box<str>>,
    /// `hostPID`.
    pub host_pid: bool,
    /// `hostIPC`.
    pub host_ipc: bool,
    /// `hostNetwork`.
    pub host_network: bool,
    /// `hostUsers` is false: the pod has a user namespace.
    pub own_users: bool,
    /// `volumes`, of the sorts that matter.
    pub volumes: Vec<Volume>,
    /// Its containers, init and ephemeral ones too.
    pub containers: Vec<Container>,
    /// What a pod that has a node refers to.
    pub references: References,
    /// Where the workload's name stands.
    pub place: Place,
}

/// One volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
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
    /// A Secret.
    Secret(Box<str>),
    /// Projected tokens of the pod's account, by audience; empty is the API server's own.
    Tokens(Vec<Box<str>>),
}

/// One container of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its name.
    pub name: Box<str>,
    /// `securityContext.privileged`.
    pub privileged: bool,
    /// `securityContext.capabilities.add`.
    pub capabilities: Vec<Box<str>>,
    /// Mounted volumes: name, path in the container, read only.
    pub mounts: Vec<(Box<str>, Box<str>, bool)>,
    /// Connections that its environment names, with the place of the variable.
    pub connections: Vec<(Connection, Place)>,
    /// AWS access key ids in its environment, with their places.
    pub access_keys: Vec<(Box<str>, Place)>,
    /// Settings that look like a connection and cannot be read as one: which, and why.
    pub unread: Vec<String>,
    /// Secrets that its environment refers to: the Secret's name, the variable or "" for all, the place.
    pub secrets: Vec<(Box<str>, Box<str>, Place)>,
    /// Where it stands.
    pub place: Place,
}

/// What a pod refers to in its namespace: what its node may read. Empty for a mirror pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

/// A PersistentVolume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersistentVolume {
    /// Its metadata.
    pub meta: Meta,
    /// `claimRef`: the namespace and name of the claim that it is bound to.
    pub claim: Option<(Box<str>, Box<str>)>,
    /// Secrets that a kubelet needs to mount it: namespace and name.
    pub secrets: Vec<(Box<str>, Box<str>)>,
}

/// A VolumeAttachment, a ResourceSlice or a PodCertificateRequest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeObject {
    /// Which.
    pub kind: &'static str,
    /// Its metadata.
    pub meta: Meta,
    /// The node that it is for; may be empty.
    pub node: Box<str>,
}

/// How an API server was started, as its own static pod says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiServer {
    /// `--authorization-mode`, in order; ["AlwaysAllow"] where it is not said.
    pub modes: Vec<Box<str>>,
    /// `--authorization-config` names a file, which is in no export.
    pub configured: bool,
    /// `--enable-admission-plugins`, without those of `--disable-admission-plugins`.
    pub plugins: Vec<Box<str>>,
    /// Where its pod stands.
    pub place: Place,
}

/// A Namespace or a Node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain {
    /// Its metadata.
    pub meta: Meta,
}

/// A Secret: never its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Its metadata.
    pub meta: Meta,
    /// `type`.
    pub sort: Box<str>,
}

/// A Service or Ingress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its metadata.
    pub meta: Meta,
    /// Whether it is an Ingress.
    pub ingress: bool,
    /// `spec.type` of a Service, the class of an Ingress.
    pub sort: Box<str>,
    /// `spec.selector` of a Service.
    pub selector: Vec<(Box<str>, Box<str>)>,
    /// Services that an Ingress leads to.
    pub backends: Vec<Box<str>>,
    /// `spec.loadBalancerSourceRanges`.
    pub source_ranges: Vec<Box<str>>,
}

/// One line of the ConfigMap kube-system/aws-auth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsAuth {
    /// The role's or user's ARN, as it is written; for an account of mapAccounts, the account id.
    pub arn: Box<str>,
    /// Whether it is a line of mapRoles.
    pub role: bool,
    /// The user name; may be a template.
    pub username: Box<str>,
    /// The groups.
    pub groups: Vec<Box<str>>,
    /// Where it stands.
    pub place: Place,
}

/// What `aws eks describe-cluster` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eks {
    /// `cluster.arn`.
    pub arn: Box<str>,
    /// `cluster.accessConfig.authenticationMode`.
    pub authentication_mode: Box<str>,
    /// Where it stands.
    pub place: Place,
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
    pub nodes: Vec<Plain>,
    /// Secrets.
    pub secrets: Vec<Secret>,
    /// Services and Ingresses.
    pub services: Vec<Service>,
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
    /// The issuers of its service accounts' tokens, without `https://`: one, or a contradiction.
    pub issuers: Vec<(Box<str>, Place)>,
    /// The server's version, as `aws eks describe-cluster` or the server itself says it: minor versions, with places.
    pub versions: Vec<(u32, Place)>,
    /// Kinds of objects that were read, and whether from a server.
    pub kinds: BTreeMap<Box<str>, bool>,
    /// The first place of any document: what statements of the platform itself point to.
    pub first: Option<Place>,
    pub(crate) index: Index,
    pub(crate) groups: Groups,
}

impl Facts {
    /// Whether that kind was listed by a server, so that what is not there does not exist.
    #[must_use]
    pub fn listed(&self, kind: &str) -> bool {
        self.kinds.get(kind).copied().unwrap_or(false)
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
        let projected = pod
            .containers
            .iter()
            .flat_map(|one| &one.mounts)
            .any(|(name, path, _)| {
                let volume = pod.volumes.iter().find(|volume| volume.name == *name);
                match volume.map(|volume| &volume.source) {
                    Some(VolumeSource::Tokens(all)) => all.iter().any(|audience| audience.is_empty()),
                    // Before 1.22 the token was a Secret, mounted at the same path.
                    Some(VolumeSource::Secret(_)) => {
                        path.trim_end_matches('/') == "/var/run/secrets/kubernetes.io/serviceaccount"
                    }
                    _ => false,
                }
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
