//! The access policies of EKS: what each permits, as AWS publishes it.
//!
//! Source: Amazon EKS User Guide, "Review access policy permissions" (awsdocs/amazon-eks-user-guide,
//! latest/ug/manage-access/k8s-access/access-policy-reference.adoc), read 2026-11; its last change is of 2025-11-06. What the
//! page describes in words alone, without a table of rules, has no rules here: an association of such a policy is a gap,
//! and so is one of a policy that has no row.

/// One access policy.
#[derive(Debug)]
pub(crate) struct AccessPolicy {
    /// The last part of its ARN.
    pub name: &'static str,
    /// The day from which the page's list of changes has it.
    pub since: &'static str,
    /// Its rules; none where the page only describes them.
    pub rules: Option<&'static [Row]>,
    /// Rights that the table gives and that AWS says elsewhere it does not give: (resource, subresource), of core.
    pub open: &'static [(&'static str, &'static str)],
}

/// One row of a policy's table: one rule.
#[derive(Debug)]
pub(crate) struct Row {
    /// The API group.
    pub group: &'static str,
    /// The resources; empty where it is about URLs.
    pub resources: &'static [&'static str],
    /// The URLs.
    pub urls: &'static [&'static str],
    /// The verbs.
    pub verbs: &'static [&'static str],
}

/// The policy of an ARN.
#[must_use]
pub(crate) fn policy(arn: &str) -> Option<&'static AccessPolicy> {
    let name = name_of(arn);
    ALL.iter().find(|one| one.name == name)
}

/// The last part of a policy's ARN.
#[must_use]
pub(crate) fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Why what is [`AccessPolicy::open`] is so.
pub(crate) const OPEN: &str = "the table of AmazonEKSAdminViewPolicy gives get on every subresource, and AWS says that only ClusterAdmin, Admin and Edit reach pods/attach, exec, portforward, proxy and nodes/proxy (awsdocs/amazon-eks-user-guide#1116)";

const READ: &[&str] = &["get", "list", "watch"];
const WRITE: &[&str] = &["create", "delete", "deletecollection", "patch", "update"];
const CREATE: &[&str] = &["create"];
const IMPERSONATE: &[&str] = &["impersonate"];
const EVERY: &[&str] = &["*"];

const fn row(group: &'static str, resources: &'static [&'static str], verbs: &'static [&'static str]) -> Row {
    Row {
        group,
        resources,
        urls: &[],
        verbs,
    }
}

const APPS: &[&str] = &[
    "daemonsets",
    "deployments",
    "deployments/rollback",
    "deployments/scale",
    "replicasets",
    "replicasets/scale",
    "statefulsets",
    "statefulsets/scale",
];
const APPS_SEEN: &[&str] = &[
    "controllerrevisions",
    "daemonsets",
    "daemonsets/status",
    "deployments",
    "deployments/scale",
    "deployments/status",
    "replicasets",
    "replicasets/scale",
    "replicasets/status",
    "statefulsets",
    "statefulsets/scale",
    "statefulsets/status",
];
const SCALERS: &[&str] = &["horizontalpodautoscalers"];
const SCALERS_SEEN: &[&str] = &["horizontalpodautoscalers", "horizontalpodautoscalers/status"];
const BATCH: &[&str] = &["cronjobs", "jobs"];
const BATCH_SEEN: &[&str] = &["cronjobs", "cronjobs/status", "jobs", "jobs/status"];
const SLICES: &[&str] = &["endpointslices"];
const EXTENSIONS: &[&str] = &[
    "daemonsets",
    "deployments",
    "deployments/rollback",
    "deployments/scale",
    "ingresses",
    "networkpolicies",
    "replicasets",
    "replicasets/scale",
    "replicationcontrollers/scale",
];
const EXTENSIONS_SEEN: &[&str] = &[
    "daemonsets",
    "daemonsets/status",
    "deployments",
    "deployments/scale",
    "deployments/status",
    "ingresses",
    "ingresses/status",
    "networkpolicies",
    "replicasets",
    "replicasets/scale",
    "replicasets/status",
    "replicationcontrollers/scale",
];
const NETWORKING: &[&str] = &["ingresses", "networkpolicies"];
const NETWORKING_SEEN: &[&str] = &["ingresses", "ingresses/status", "networkpolicies"];
const BUDGETS: &[&str] = &["poddisruptionbudgets"];
const BUDGETS_SEEN: &[&str] = &["poddisruptionbudgets", "poddisruptionbudgets/status"];
const CORE_SEEN: &[&str] = &[
    "configmaps",
    "endpoints",
    "persistentvolumeclaims",
    "persistentvolumeclaims/status",
    "pods",
    "replicationcontrollers",
    "replicationcontrollers/scale",
    "serviceaccounts",
    "services",
    "services/status",
];
const CORE_STATUS_SEEN: &[&str] = &[
    "bindings",
    "events",
    "limitranges",
    "namespaces/status",
    "pods/log",
    "pods/status",
    "replicationcontrollers/status",
    "resourcequotas",
    "resourcequotas/status",
];
const NAMESPACES: &[&str] = &["namespaces"];
const INSIDE_SEEN: &[&str] = &[
    "pods/attach",
    "pods/exec",
    "pods/portforward",
    "pods/proxy",
    "secrets",
    "services/proxy",
];
const CORE: &[&str] = &[
    "configmaps",
    "events",
    "persistentvolumeclaims",
    "replicationcontrollers",
    "replicationcontrollers/scale",
    "secrets",
    "serviceaccounts",
    "services",
    "services/proxy",
];
const PODS: &[&str] = &[
    "pods",
    "pods/attach",
    "pods/exec",
    "pods/portforward",
    "pods/proxy",
];

const ADMIN: &[Row] = &[
    row("apps", APPS, WRITE),
    row("apps", APPS_SEEN, READ),
    row("authorization.k8s.io", &["localsubjectaccessreviews"], CREATE),
    row("autoscaling", SCALERS, WRITE),
    row("autoscaling", SCALERS_SEEN, READ),
    row("batch", BATCH, WRITE),
    row("batch", BATCH_SEEN, READ),
    row("discovery.k8s.io", SLICES, READ),
    row("extensions", EXTENSIONS, WRITE),
    row("extensions", EXTENSIONS_SEEN, READ),
    row("networking.k8s.io", NETWORKING_SEEN, READ),
    row("networking.k8s.io", NETWORKING, WRITE),
    row("policy", BUDGETS, WRITE),
    row("policy", BUDGETS_SEEN, READ),
    row(
        "rbac.authorization.k8s.io",
        &["rolebindings", "roles"],
        &[
            "create",
            "delete",
            "deletecollection",
            "get",
            "list",
            "patch",
            "update",
            "watch",
        ],
    ),
    row("", CORE_SEEN, READ),
    row("", INSIDE_SEEN, READ),
    row("", CORE, WRITE),
    row("", PODS, WRITE),
    row("", &["serviceaccounts"], IMPERSONATE),
    row("", CORE_STATUS_SEEN, READ),
    row("", NAMESPACES, READ),
];

const EDIT: &[Row] = &[
    row("apps", APPS, WRITE),
    row("apps", APPS_SEEN, READ),
    row("autoscaling", SCALERS_SEEN, READ),
    row("autoscaling", SCALERS, WRITE),
    row("batch", BATCH, WRITE),
    row("batch", BATCH_SEEN, READ),
    row("discovery.k8s.io", SLICES, READ),
    row("extensions", EXTENSIONS, WRITE),
    row("extensions", EXTENSIONS_SEEN, READ),
    row("networking.k8s.io", NETWORKING, WRITE),
    row("networking.k8s.io", NETWORKING_SEEN, READ),
    row("policy", BUDGETS, WRITE),
    row("policy", BUDGETS_SEEN, READ),
    row("", NAMESPACES, READ),
    row("", INSIDE_SEEN, READ),
    row("", &["serviceaccounts"], IMPERSONATE),
    row("", PODS, WRITE),
    row("", CORE, WRITE),
    row("", CORE_SEEN, READ),
    row("", CORE_STATUS_SEEN, READ),
];

const VIEW: &[Row] = &[
    row("apps", APPS_SEEN, READ),
    row("autoscaling", SCALERS_SEEN, READ),
    row("batch", BATCH_SEEN, READ),
    row("discovery.k8s.io", SLICES, READ),
    row("extensions", EXTENSIONS_SEEN, READ),
    row("networking.k8s.io", NETWORKING_SEEN, READ),
    row("policy", BUDGETS_SEEN, READ),
    row("", CORE_SEEN, READ),
    row("", CORE_STATUS_SEEN, READ),
    row("", NAMESPACES, READ),
];

const INTRODUCED: &str = "2023-05-29";
const AUTO_MODE: &str = "2024-12-02";

const fn ruled(name: &'static str, since: &'static str, rules: &'static [Row]) -> AccessPolicy {
    AccessPolicy {
        name,
        since,
        rules: Some(rules),
        open: &[],
    }
}

/// One that the page describes without a table.
const fn described(name: &'static str) -> AccessPolicy {
    AccessPolicy {
        name,
        since: AUTO_MODE,
        rules: None,
        open: &[],
    }
}

/// Every policy of the page.
pub(crate) static ALL: &[AccessPolicy] = &[
    ruled("AmazonEKSAdminPolicy", INTRODUCED, ADMIN),
    ruled(
        "AmazonEKSClusterAdminPolicy",
        INTRODUCED,
        &[
            row("*", EVERY, EVERY),
            Row {
                group: "",
                resources: &[],
                urls: EVERY,
                verbs: EVERY,
            },
        ],
    ),
    AccessPolicy {
        open: &[
            ("pods", "attach"),
            ("pods", "exec"),
            ("pods", "portforward"),
            ("pods", "proxy"),
            ("nodes", "proxy"),
        ],
        ..ruled("AmazonEKSAdminViewPolicy", "2024-04-23", &[row("*", EVERY, READ)])
    },
    ruled("AmazonEKSEditPolicy", INTRODUCED, EDIT),
    ruled("AmazonEKSViewPolicy", INTRODUCED, VIEW),
    ruled(
        "AmazonEKSSecretReaderPolicy",
        "2025-11-06",
        &[row("", &["secrets"], READ)],
    ),
    ruled(
        "AmazonEKSHybridPolicy",
        AUTO_MODE,
        &[row("*", &["nodes"], &["list"])],
    ),
    described("AmazonEKSAutoNodePolicy"),
    described("AmazonEKSBlockStoragePolicy"),
    described("AmazonEKSBlockStorageClusterPolicy"),
    described("AmazonEKSLoadBalancingPolicy"),
    described("AmazonEKSLoadBalancingClusterPolicy"),
    described("AmazonEKSNetworkingPolicy"),
    described("AmazonEKSNetworkingClusterPolicy"),
    described("AmazonEKSComputePolicy"),
    described("AmazonEKSComputeClusterPolicy"),
    described("AmazonEKSClusterInsightsPolicy"),
];

/// What an access entry of a type is where it says neither user name nor groups.
#[derive(Debug)]
pub(crate) struct EntryType {
    /// `type`.
    pub name: &'static str,
    /// The user name.
    pub username: &'static str,
    /// The groups that it is in by its type.
    pub groups: &'static [&'static str],
    /// Whether access policies can be associated with it.
    pub policies: bool,
}

/// The types of access entries beside STANDARD, whose user name comes of its principal.
///
/// Source: the same guide, "Create access entries" and "Manage access entries"; the groups as describe-access-entry prints
/// them of EC2_LINUX, of the others as the guide's aws-auth lines for such nodes name them. Read 2026-11.
pub(crate) static TYPES: &[EntryType] = &[
    EntryType {
        name: "EC2_LINUX",
        username: "system:node:{{EC2PrivateDNSName}}",
        groups: &["system:nodes"],
        policies: false,
    },
    EntryType {
        name: "EC2_WINDOWS",
        username: "system:node:{{EC2PrivateDNSName}}",
        groups: &["system:nodes", "eks:kube-proxy-windows"],
        policies: false,
    },
    EntryType {
        name: "FARGATE_LINUX",
        username: "system:node:{{SessionName}}",
        groups: &["system:nodes", "system:node-proxier"],
        policies: false,
    },
    EntryType {
        name: "HYBRID_LINUX",
        username: "system:node:{{SessionName}}",
        groups: &["system:nodes"],
        policies: false,
    },
    EntryType {
        name: "EC2",
        username: "system:node:{{EC2PrivateDNSName}}",
        groups: &["system:nodes"],
        policies: true,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_policy_is_one_row_with_its_date() {
        let names: BTreeSet<&str> = ALL.iter().map(|one| one.name).collect();
        assert_eq!(names.len(), ALL.len());
        for one in ALL {
            let date: Vec<&str> = one.since.split('-').collect();
            assert!(
                matches!(date.as_slice(), [year, _, _] if year.len() == 4 && one.since.len() == 10),
                "{one:?}"
            );
            for row in one.rules.unwrap_or_default() {
                assert!(
                    !row.verbs.is_empty() && row.resources.is_empty() != row.urls.is_empty(),
                    "{row:?}"
                );
            }
        }
    }

    /// What the guide says beside the tables: who may and who may not.
    #[test]
    fn policies_give_what_the_guide_says_they_give() {
        let gives = |policy: &str, verb: &str, group: &str, resource: &str| {
            super::policy(&format!("arn:aws:eks::aws:cluster-access-policy/{policy}"))
                .and_then(|one| one.rules)
                .unwrap()
                .iter()
                .any(|row| {
                    let has = |all: &[&str], one: &str| all.contains(&one) || all.contains(&"*");
                    (row.group == group || row.group == "*")
                        && has(row.resources, resource)
                        && has(row.verbs, verb)
                })
        };
        for policy in ["AmazonEKSAdminPolicy", "AmazonEKSEditPolicy"] {
            assert!(gives(policy, "impersonate", "", "serviceaccounts"));
            assert!(gives(policy, "create", "", "pods/exec"));
            assert!(gives(policy, "get", "", "secrets"));
            for (verb, group, resource) in [
                ("create", "", "serviceaccounts/token"),
                ("create", "", "pods/eviction"),
                ("get", "coordination.k8s.io", "leases"),
            ] {
                assert!(!gives(policy, verb, group, resource), "{policy} {resource}");
            }
        }
        let rbac = "rbac.authorization.k8s.io";
        assert!(gives("AmazonEKSAdminPolicy", "create", rbac, "rolebindings"));
        assert!(!gives("AmazonEKSEditPolicy", "create", rbac, "rolebindings"));
        assert!(gives("AmazonEKSAdminViewPolicy", "get", "", "secrets"));
        assert!(!gives("AmazonEKSViewPolicy", "get", "", "secrets"));
        assert!(gives("AmazonEKSSecretReaderPolicy", "list", "", "secrets"));
        assert!(!gives("AmazonEKSSecretReaderPolicy", "list", "", "pods"));
        assert!(gives("AmazonEKSClusterAdminPolicy", "delete", "any", "thing"));
        assert!(super::policy("arn:aws:eks::aws:cluster-access-policy/AmazonEKSNoSuchPolicy").is_none());
    }
}
