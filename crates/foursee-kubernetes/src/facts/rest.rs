//! Namespaces, nodes, Secrets, what leads to pods, and how a cluster is tied to a cloud.

use super::{Backend, Meta, ServicePort};
use foursee_core::document::Place;

/// A Namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain {
    /// Its metadata.
    pub meta: Meta,
}

/// A Node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its metadata.
    pub meta: Meta,
    /// The minor version of its kubelet, as `status.nodeInfo.kubeletVersion` says it.
    pub kubelet: Option<u32>,
    /// The EC2 instance that it is, as `spec.providerID` says it.
    pub instance: Option<Box<str>>,
}

/// A Secret: never its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Its metadata.
    pub meta: Meta,
    /// `type`.
    pub sort: Box<str>,
}

impl Secret {
    /// The name of the account whose token it holds. One that the server has marked as unused for long is refused.
    #[must_use]
    pub fn token_of(&self) -> Option<&str> {
        let refused = self
            .meta
            .label("kubernetes.io/legacy-token-invalid-since")
            .is_some();
        self.meta
            .annotation("kubernetes.io/service-account.name")
            .filter(|_| &*self.sort == "kubernetes.io/service-account-token" && !refused)
    }
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
    /// `spec.ports` of a Service.
    pub ports: Vec<ServicePort>,
    /// Services that an Ingress leads to.
    pub backends: Vec<Backend>,
    /// `spec.loadBalancerSourceRanges`.
    pub source_ranges: Vec<Box<str>>,
    /// `spec.externalIPs`: nodes take what comes to these addresses.
    pub external_ips: Vec<Box<str>>,
}

/// One line of the ConfigMap kube-system/aws-auth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsAuth {
    /// The role's or user's ARN, as it is written; of an `sso` item the pattern that it stands for.
    pub arn: Box<str>,
    /// Whether it is an `sso` item: any role of that permission set.
    pub sso: bool,
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

/// A PersistentVolume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersistentVolume {
    /// Its metadata.
    pub meta: Meta,
    /// `claimRef`: the namespace and name of the claim that it is bound to.
    pub claim: Option<(Box<str>, Box<str>)>,
    /// The path of a node that it is: `hostPath` or `local`.
    pub path: Option<Box<str>>,
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
