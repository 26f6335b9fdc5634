//! What AWS says of an EKS cluster: who gets in by access entries, and which roles its accounts are given.

use foursee_core::document::Place;

/// What ties a cluster to AWS beside its own objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aws {
    /// Access entries, as `aws eks describe-access-entry` describes them.
    pub entries: Vec<AccessEntry>,
    /// The principals of `aws eks list-access-entries`.
    pub listed: Vec<(Box<str>, Place)>,
    /// Access policies, as `aws eks list-associated-access-policies` lists them.
    pub policies: Vec<PolicyAssociation>,
    /// The principals whose access policies were listed: of the others nothing is known.
    pub asked: Vec<(Box<str>, Place)>,
    /// Pod Identity associations.
    pub pod_identities: Vec<PodIdentity>,
    /// Accounts of aws-auth's mapAccounts: all of their principals get in.
    pub accounts: Vec<(Box<str>, Place)>,
}

/// An access entry: an AWS principal that the cluster lets in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessEntry {
    /// The principal's ARN, with its path.
    pub principal: Box<str>,
    /// The cluster's name.
    pub cluster: Box<str>,
    /// `type`: "STANDARD" where it is not said.
    pub sort: Box<str>,
    /// The user name; may be a template; empty where it is not said.
    pub username: Box<str>,
    /// `kubernetesGroups`, with their places.
    pub groups: Vec<(Box<str>, Place)>,
    /// Where it stands.
    pub place: Place,
}

/// An access policy that a principal is given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyAssociation {
    /// The principal's ARN.
    pub principal: Box<str>,
    /// The cluster's name.
    pub cluster: Box<str>,
    /// The policy's ARN.
    pub policy: Box<str>,
    /// Namespaces, in which `*` stands for any text; none is the whole cluster.
    pub within: Option<Vec<Box<str>>>,
    /// Where it stands.
    pub place: Place,
}

/// A Pod Identity association: a service account that is given a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PodIdentity {
    /// The association's ARN, or its id where it has none.
    pub arn: Box<str>,
    /// The cluster's name.
    pub cluster: Box<str>,
    /// The service account, `namespace/name`.
    pub account: Box<str>,
    /// `roleArn`; only a description has it.
    pub role: Option<Box<str>>,
    /// `targetRoleArn`: the role that the first one assumes for the pod.
    pub target: Option<Box<str>>,
    /// Whether the pod's session carries the tags that name its cluster, namespace and account.
    pub tagged: bool,
    /// Whether a session policy narrows what the role may do.
    pub narrowed: bool,
    /// Where it stands.
    pub place: Place,
}

impl PodIdentity {
    /// The ARN of the association's cluster: the association's own names region, account and cluster.
    #[must_use]
    pub fn cluster_arn(&self) -> Option<String> {
        let mut parts = self.arn.splitn(6, ':');
        let (arn, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, account) = (parts.next()?, parts.next()?);
        (arn == "arn" && service == "eks" && !self.cluster.is_empty())
            .then(|| format!("arn:{partition}:eks:{region}:{account}:cluster/{}", self.cluster))
    }
}

impl Aws {
    /// Takes in what another document says.
    pub fn extend(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.listed.extend(other.listed);
        self.policies.extend(other.policies);
        self.asked.extend(other.asked);
        self.pod_identities.extend(other.pod_identities);
        self.accounts.extend(other.accounts);
    }
}
