//! Knowledge as rows. About resources: `kubectl api-resources` of Kubernetes 1.37.

pub(crate) mod eks_policies;
pub(crate) mod shipped;
pub(crate) mod versions;

/// The API group of a resource of the platform's own that is written without one; empty for core and unknown ones.
#[must_use]
pub(crate) fn group_of(plural: &str) -> &'static str {
    GROUPS
        .iter()
        .find(|(_, all)| all.contains(&plural))
        .map_or("", |(group, _)| group)
}

/// Whether objects of that resource have no namespace.
#[must_use]
pub(crate) fn cluster_scoped(plural: &str) -> bool {
    CLUSTER_SCOPED.contains(&plural)
}

const GROUPS: &[(&str, &[&str])] = &[
    (
        "apps",
        &[
            "deployments",
            "statefulsets",
            "daemonsets",
            "replicasets",
            "controllerrevisions",
        ],
    ),
    ("batch", &["jobs", "cronjobs"]),
    (
        "rbac.authorization.k8s.io",
        &["roles", "rolebindings", "clusterroles", "clusterrolebindings"],
    ),
    (
        "networking.k8s.io",
        &["ingresses", "networkpolicies", "ingressclasses"],
    ),
    (
        "admissionregistration.k8s.io",
        &[
            "mutatingwebhookconfigurations",
            "validatingwebhookconfigurations",
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
            "mutatingadmissionpolicies",
            "mutatingadmissionpolicybindings",
        ],
    ),
    (
        "certificates.k8s.io",
        &["certificatesigningrequests", "signers", "clustertrustbundles"],
    ),
    (
        "authentication.k8s.io",
        &["tokenreviews", "selfsubjectreviews", "uids", "userextras"],
    ),
    (
        "authorization.k8s.io",
        &[
            "subjectaccessreviews",
            "localsubjectaccessreviews",
            "selfsubjectaccessreviews",
        ],
    ),
    ("apiextensions.k8s.io", &["customresourcedefinitions"]),
    ("apiregistration.k8s.io", &["apiservices"]),
    (
        "storage.k8s.io",
        &["storageclasses", "csidrivers", "csinodes", "volumeattachments"],
    ),
    ("scheduling.k8s.io", &["priorityclasses"]),
    ("policy", &["poddisruptionbudgets"]),
    ("autoscaling", &["horizontalpodautoscalers"]),
    ("coordination.k8s.io", &["leases"]),
    ("discovery.k8s.io", &["endpointslices"]),
];

const CLUSTER_SCOPED: &[&str] = &[
    "namespaces",
    "nodes",
    "persistentvolumes",
    "componentstatuses",
    "clusterroles",
    "clusterrolebindings",
    "users",
    "groups",
    "uids",
    "userextras",
    "mutatingwebhookconfigurations",
    "validatingwebhookconfigurations",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
    "customresourcedefinitions",
    "apiservices",
    "tokenreviews",
    "selfsubjectreviews",
    "subjectaccessreviews",
    "selfsubjectaccessreviews",
    "selfsubjectrulesreviews",
    "certificatesigningrequests",
    "signers",
    "clustertrustbundles",
    "ingressclasses",
    "storageclasses",
    "csidrivers",
    "csinodes",
    "volumeattachments",
    "priorityclasses",
    "runtimeclasses",
    "flowschemas",
    "prioritylevelconfigurations",
];
