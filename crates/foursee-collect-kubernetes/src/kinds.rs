//! What is read: one row a kind of objects, and two documents of the server itself. Each row is one permission.

use foursee_capture::Permission;
use k8s_openapi::api::{apps, batch, core, networking, rbac};
use k8s_openapi::{ListableResource, Resource};

/// How much of an object is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Read {
    /// All of it.
    Whole,
    /// Its metadata and the type that `kubectl get` shows.
    Metadata,
    /// All of the one with this name in kube-system.
    Named(&'static str),
}

/// A kind of objects.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// `Role`.
    pub kind: &'static str,
    /// `RoleList`.
    pub list: &'static str,
    /// `rbac.authorization.k8s.io/v1`.
    pub api_version: &'static str,
    group: &'static str,
    version: &'static str,
    /// `roles`.
    pub plural: &'static str,
    /// The kind of documents that its objects are read from.
    pub document: &'static str,
    pub read: Read,
    pub permission: Permission,
}

impl Kind {
    const fn of<T: ListableResource + Resource>(document: &'static str, permission: Permission) -> Self {
        Self {
            kind: T::KIND,
            list: T::LIST_KIND,
            api_version: T::API_VERSION,
            group: T::GROUP,
            version: T::VERSION,
            plural: T::URL_PATH_SEGMENT,
            document,
            read: Read::Whole,
            permission,
        }
    }

    const fn read(mut self, read: Read) -> Self {
        self.read = read;
        self
    }

    /// Where all of its objects are listed.
    pub(crate) fn path(&self) -> String {
        let root = if self.group.is_empty() {
            format!("/api/{}", self.version)
        } else {
            format!("/apis/{}/{}", self.group, self.version)
        };
        match self.read {
            Read::Named(_) => format!("{root}/namespaces/kube-system/{}", self.plural),
            Read::Whole | Read::Metadata => format!("{root}/{}", self.plural),
        }
    }
}

macro_rules! list {
    ($group:literal, $plural:literal, $reads:literal, $hides:literal) => {
        Permission::new(
            concat!("list ", $plural),
            concat!(
                "- {apiGroups: [\"",
                $group,
                "\"], resources: [",
                $plural,
                "], verbs: [list]}"
            ),
            $reads,
            $hides,
        )
    };
}

macro_rules! get {
    ($url:literal, $reads:literal, $hides:literal) => {
        Permission::new(
            concat!("get ", $url),
            concat!("- {nonResourceURLs: [", $url, "], verbs: [get]}"),
            $reads,
            $hides,
        )
    };
}

/// The namespaces: first, since the uid of kube-system names the cluster.
pub(crate) const NAMESPACES: Kind = Kind::of::<core::v1::Namespace>(
    "namespaces",
    list!(
        "",
        "namespaces",
        "the namespaces and their labels",
        "labels of namespaces, Pod Security levels among them, and the cluster's own name"
    ),
);

/// Every kind.
pub(crate) const KINDS: &[Kind] = &[
    NAMESPACES,
    Kind::of::<rbac::v1::ClusterRole>(
        "clusterroles",
        list!(
            "rbac.authorization.k8s.io",
            "clusterroles",
            "the rules of ClusterRoles",
            "what the subjects of every binding to a ClusterRole may do"
        ),
    ),
    Kind::of::<rbac::v1::ClusterRoleBinding>(
        "clusterrolebindings",
        list!(
            "rbac.authorization.k8s.io",
            "clusterrolebindings",
            "who has which ClusterRole everywhere",
            "who may do what in the whole cluster"
        ),
    ),
    Kind::of::<rbac::v1::Role>(
        "roles",
        list!(
            "rbac.authorization.k8s.io",
            "roles",
            "the rules of Roles",
            "what the subjects of every binding to a Role may do"
        ),
    ),
    Kind::of::<rbac::v1::RoleBinding>(
        "rolebindings",
        list!(
            "rbac.authorization.k8s.io",
            "rolebindings",
            "who has which role in a namespace",
            "who may do what in each namespace"
        ),
    ),
    Kind::of::<core::v1::ServiceAccount>(
        "serviceaccounts",
        list!(
            "",
            "serviceaccounts",
            "the service accounts",
            "which service accounts exist, their cloud roles, and whether pods get their tokens"
        ),
    ),
    Kind::of::<core::v1::Pod>(
        "pods",
        list!(
            "",
            "pods",
            "the pods",
            "what runs: its host access, its service account, its credentials, and the ways out of it"
        ),
    ),
    Kind::of::<apps::v1::Deployment>(
        "controllers",
        list!(
            "apps",
            "deployments",
            "the Deployments",
            "the pods that Deployments make, and everything that these may do"
        ),
    ),
    Kind::of::<apps::v1::StatefulSet>(
        "controllers",
        list!(
            "apps",
            "statefulsets",
            "the StatefulSets",
            "the pods that StatefulSets make, and everything that these may do"
        ),
    ),
    Kind::of::<apps::v1::DaemonSet>(
        "controllers",
        list!(
            "apps",
            "daemonsets",
            "the DaemonSets",
            "the pods that DaemonSets make, and everything that these may do"
        ),
    ),
    Kind::of::<apps::v1::ReplicaSet>(
        "controllers",
        list!(
            "apps",
            "replicasets",
            "the ReplicaSets",
            "the pods that ReplicaSets make, and everything that these may do"
        ),
    ),
    Kind::of::<core::v1::ReplicationController>(
        "controllers",
        list!(
            "",
            "replicationcontrollers",
            "the ReplicationControllers",
            "the pods that ReplicationControllers make, and everything that these may do"
        ),
    ),
    Kind::of::<batch::v1::Job>(
        "jobs",
        list!(
            "batch",
            "jobs",
            "the Jobs",
            "the pods that Jobs make, and everything that these may do"
        ),
    ),
    Kind::of::<batch::v1::CronJob>(
        "jobs",
        list!(
            "batch",
            "cronjobs",
            "the CronJobs",
            "the pods that CronJobs make, and everything that these may do"
        ),
    ),
    Kind::of::<core::v1::Node>("nodes", list!("", "nodes", "the nodes", "which nodes there are")),
    Kind::of::<core::v1::Secret>(
        "secrets",
        list!(
            "",
            "secrets",
            "names, types, labels and annotations of Secrets; never their values, which this permission would give too",
            "which Secrets exist, and which hold tokens of accounts"
        ),
    )
    .read(Read::Metadata),
    Kind::of::<core::v1::Service>(
        "services",
        list!("", "services", "the Services", "which workloads the internet reaches"),
    ),
    Kind::of::<networking::v1::Ingress>(
        "services",
        list!(
            "networking.k8s.io",
            "ingresses",
            "the Ingresses",
            "which workloads the internet reaches through an Ingress"
        ),
    ),
    Kind::of::<core::v1::ConfigMap>(
        "aws-auth",
        Permission::new(
            "list configmaps named aws-auth",
            "- {apiGroups: [\"\"], resources: [configmaps], resourceNames: [aws-auth], verbs: [list]}",
            "kube-system/aws-auth, where the cluster is EKS's",
            "which AWS principals enter the cluster as which users and groups",
        ),
    )
    .read(Read::Named("aws-auth")),
];

/// A document of the server itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said {
    pub path: &'static str,
    pub file: &'static str,
    pub document: &'static str,
    pub permission: Permission,
}

/// What the server says of itself.
pub(crate) const SAID: &[Said] = &[
    Said {
        path: "/version",
        file: "version.json",
        document: "version",
        permission: get!(
            "/version",
            "the server's version",
            "the server's version, and what that version allows"
        ),
    },
    Said {
        path: "/.well-known/openid-configuration",
        file: "openid-configuration.json",
        document: "oidc",
        permission: get!(
            "/.well-known/openid-configuration",
            "the issuer of service accounts' tokens",
            "which clouds and services trust this cluster's tokens"
        ),
    },
];

const fn all() -> [Permission; KINDS.len() + SAID.len()] {
    let mut all = [NAMESPACES.permission; KINDS.len() + SAID.len()];
    let (mut rest, mut at) = (all.as_mut_slice(), 0);
    while let Some((first, more)) = rest.split_first_mut() {
        *first = if at < KINDS.len() {
            let (_, from) = KINDS.split_at(at);
            match from {
                [kind, ..] => kind.permission,
                [] => *first,
            }
        } else {
            let (_, from) = SAID.split_at(at - KINDS.len());
            match from {
                [said, ..] => said.permission,
                [] => *first,
            }
        };
        rest = more;
        at += 1;
    }
    all
}

/// All that the collector uses. Each grant is a rule of the ClusterRole that [`grant`] prints.
pub const PERMISSIONS: &[Permission] = &all();

/// The ClusterRole to apply. What only `foursee verify kubernetes --live` needs is in it as a comment.
#[must_use]
pub fn grant() -> String {
    let rules: Vec<&str> = PERMISSIONS.iter().map(|one| one.grant).collect();
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: foursee
rules:
{}
# Only for `foursee verify kubernetes --live`, which asks the server what others may do:
# - {{apiGroups: [authorization.k8s.io], resources: [subjectaccessreviews], verbs: [create]}}
# kubectl create clusterrolebinding foursee --clusterrole=foursee --user=NAME
",
        rules.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_permission_is_that_of_its_kind() {
        for kind in KINDS {
            let permission = kind.permission;
            let named = match kind.read {
                Read::Named(name) => format!("list {} named {name}", kind.plural),
                Read::Whole | Read::Metadata => format!("list {}", kind.plural),
            };
            assert_eq!(permission.name, named);
            let rule = format!(
                "- {{apiGroups: [\"{}\"], resources: [{}], ",
                kind.group, kind.plural
            );
            assert!(permission.grant.starts_with(&rule), "{}", permission.grant);
        }
        let names: Vec<&str> = PERMISSIONS.iter().map(|one| one.name).collect();
        assert_eq!(names.len(), KINDS.len() + SAID.len());
        assert_eq!(names.first(), Some(&"list namespaces"));
        assert_eq!(names.last(), Some(&"get /.well-known/openid-configuration"));
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len());
    }

    #[test]
    fn paths_are_those_of_the_api() {
        let path = |kind: &str| KINDS.iter().find(|one| one.kind == kind).unwrap().path();
        assert_eq!(path("Pod"), "/api/v1/pods");
        assert_eq!(path("CronJob"), "/apis/batch/v1/cronjobs");
        assert_eq!(path("ConfigMap"), "/api/v1/namespaces/kube-system/configmaps");
    }

    #[test]
    fn what_is_printed_is_a_cluster_role_that_only_reads() {
        let printed = grant();
        assert!(printed.starts_with("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n"));
        for line in printed.lines().filter(|line| line.starts_with("- {")) {
            assert!(
                line.ends_with("verbs: [list]}") || line.ends_with("verbs: [get]}"),
                "{line}"
            );
        }
        let rules = printed.lines().filter(|line| line.starts_with("- {")).count();
        assert_eq!(rules, PERMISSIONS.len());
    }
}
