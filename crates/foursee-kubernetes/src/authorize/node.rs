//! The Node authorizer: what a node may do for the pods that run on it, beside RBAC.
//!
//! A node is who is named `system:node:NAME` and is of the group system:nodes. Source: kubernetes/kubernetes 1.37,
//! plugin/pkg/auth/authorizer/node (and 1.31 for what came with selectors). What the NodeRestriction admission plugin
//! narrows afterwards is said beside an answer ([`narrowed`]): it is on only where the server says so.

use super::{Asker, Attributes};
use crate::data::versions;
use crate::facts::{Facts, PersistentVolume, Workload};
use hashbrown::HashMap;
use std::sync::Arc;

/// The group of nodes.
const NODES: &str = "system:nodes";
/// Since this minor version a node lists and reads its own pods and its own Node only.
const SELECTORS: u32 = versions::SELECTORS.on;
/// Since this minor version a node reads the accounts of its pods.
const ACCOUNTS: u32 = versions::NODE_READS_ACCOUNTS.on;
/// Since this minor version there are PodCertificateRequests and ClusterTrustBundles without a gate.
const CERTIFICATES: u32 = versions::POD_CERTIFICATE.on;

/// What every node may do alike: (group, resource, verbs, since).
const RULES: &[(&str, &str, &[&str], u32)] = &[
    ("authentication.k8s.io", "tokenreviews", &["create"], 0),
    ("authorization.k8s.io", "subjectaccessreviews", &["create"], 0),
    (
        "authorization.k8s.io",
        "localsubjectaccessreviews",
        &["create"],
        0,
    ),
    ("", "services", &["get", "list", "watch"], 0),
    ("", "events", &["create", "update", "patch"], 0),
    ("events.k8s.io", "events", &["create", "update", "patch"], 0),
    ("", "endpoints", &["get"], 0),
    (
        "certificates.k8s.io",
        "certificatesigningrequests",
        &["create", "get", "list", "watch"],
        0,
    ),
    ("storage.k8s.io", "csidrivers", &["get", "list", "watch"], 0),
    ("node.k8s.io", "runtimeclasses", &["get", "list", "watch"], 0),
    (
        "certificates.k8s.io",
        "clustertrustbundles",
        &["get", "list", "watch"],
        CERTIFICATES,
    ),
];

/// The pods of every node, and the volumes by which secrets are tied to it.
#[derive(Default)]
pub(super) struct Nodes {
    pods: HashMap<Arc<str>, Vec<u32>>,
    /// Volumes that name secrets.
    secretive: Vec<u32>,
}

impl Nodes {
    pub(super) fn new(facts: &Facts) -> Self {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let mut nodes = Self::default();
        for (at, one) in facts.workloads.iter().enumerate() {
            if let (Some(node), "Pod") = (&one.pod.node, one.kind) {
                nodes.pods.entry(node.clone()).or_default().push(number(at));
            }
        }
        let secretive = facts.volumes.iter().enumerate();
        nodes.secretive = secretive
            .filter(|(_, one)| !one.secrets.is_empty())
            .map(|(at, _)| number(at))
            .collect();
        nodes
    }

    /// The pods of a node in a namespace.
    fn pods<'f>(
        &'f self,
        facts: &'f Facts,
        node: &str,
        namespace: &'f str,
    ) -> impl Iterator<Item = &'f Workload> {
        self.pods
            .get(node)
            .into_iter()
            .flatten()
            .filter_map(|at| facts.workloads.get(*at as usize))
            .filter(move |one| *one.meta.namespace == *namespace)
    }

    fn claimed(&self, facts: &Facts, node: &str, volume: &PersistentVolume) -> bool {
        volume.claim.as_ref().is_some_and(|(namespace, name)| {
            self.pods(facts, node, namespace)
                .any(|pod| pod.pod.references.claims.contains(name))
        })
    }
}

/// The node that somebody is; none for anybody else.
#[must_use]
pub(crate) fn identity<'a>(who: Asker<'a>) -> Option<&'a str> {
    let name = who.user.strip_prefix("system:node:")?;
    (!name.is_empty() && who.groups.contains(&NODES)).then_some(name)
}

/// Whether the Node authorizer lets a node do that. `fields` are the equalities that the request's field selector
/// asks for.
pub(super) fn allows(facts: &Facts, node: &str, asked: &Attributes<'_>, fields: &[(&str, &str)]) -> bool {
    let Attributes::Resource {
        verb,
        group,
        resource,
        subresource: sub,
        name,
        namespace,
    } = *asked
    else {
        return false;
    };
    let minor = crate::version::server(facts).unwrap_or(u32::MAX);
    let nodes = &facts.index.nodes;
    let any = |all: &[&str]| all.contains(&verb);
    let selects = |field: &str| fields.contains(&(field, node));
    let pods = || nodes.pods(facts, node, namespace);
    let object = |kind: &str| {
        // INVARIANT (tables in the order of kind, namespace, name): by seal.
        let found = facts.node_objects.binary_search_by(|one| {
            (one.kind, &*one.meta.namespace, &*one.meta.name).cmp(&(kind, namespace, name))
        });
        !name.is_empty()
            && found
                .ok()
                .and_then(|at| facts.node_objects.get(at))
                .is_some_and(|one| *one.node == *node)
    };
    let reads = any(&["get", "list", "watch"]) && sub.is_empty() && !namespace.is_empty() && !name.is_empty();
    let get = verb == "get" && sub.is_empty() && !name.is_empty();
    match (group, resource) {
        ("", "secrets") => {
            reads
                && (pods().any(|pod| has(&pod.pod.references.secrets, name))
                    || nodes
                        .secretive
                        .iter()
                        .filter_map(|at| facts.volumes.get(*at as usize))
                        .any(|volume| {
                            volume
                                .secrets
                                .iter()
                                .any(|(of, secret)| **of == *namespace && **secret == *name)
                                && nodes.claimed(facts, node, volume)
                        }))
        }
        ("", "configmaps") => reads && pods().any(|pod| has(&pod.pod.references.config_maps, name)),
        ("", "persistentvolumeclaims") => {
            let status = sub == "status" && any(&["update", "patch"]) && !name.is_empty();
            (status || get) && pods().any(|pod| has(&pod.pod.references.claims, name))
        }
        ("", "persistentvolumes") => {
            get && namespace.is_empty()
                && facts
                    .volumes
                    .binary_search_by(|one| (*one.meta.name).cmp(name))
                    .ok()
                    .and_then(|at| facts.volumes.get(at))
                    .is_some_and(|volume| nodes.claimed(facts, node, volume))
        }
        ("resource.k8s.io", "resourceclaims") => {
            get && pods().any(|pod| has(&pod.pod.references.resource_claims, name))
        }
        ("storage.k8s.io", "volumeattachments") => get && object("VolumeAttachment"),
        ("", "serviceaccounts") => {
            let account = get && !namespace.is_empty() && minor >= ACCOUNTS;
            let token = verb == "create" && sub == "token" && !name.is_empty();
            (account || token) && pods().any(|pod| *pod.pod.account == *name && !pod.pod.references.mirror)
        }
        ("coordination.k8s.io", "leases") => {
            any(&["get", "create", "update", "patch", "delete"])
                && namespace == "kube-node-lease"
                && (verb == "create" || name == node)
        }
        ("storage.k8s.io", "csinodes") => {
            any(&["get", "create", "update", "patch", "delete"])
                && sub.is_empty()
                && (verb == "create" || name == node)
        }
        ("resource.k8s.io", "resourceslices") => {
            sub.is_empty()
                && match verb {
                    "create" => true,
                    "get" | "update" | "patch" | "delete" => object("ResourceSlice"),
                    "list" | "watch" | "deletecollection" => minor < SELECTORS || selects("spec.nodeName"),
                    _ => false,
                }
        }
        ("", "nodes") => match sub {
            "" => {
                any(&["create", "update", "patch"])
                    || (any(&["get", "list", "watch"]) && (name == node || minor < SELECTORS))
            }
            "status" => any(&["update", "patch"]),
            _ => false,
        },
        ("", "pods") => match sub {
            "" => match verb {
                "create" | "delete" => true,
                "get" | "list" | "watch" => {
                    minor < SELECTORS
                        || (verb != "get" && selects("spec.nodeName"))
                        || (!name.is_empty() && pods().any(|pod| *pod.meta.name == *name))
                }
                _ => false,
            },
            "status" => any(&["update", "patch"]),
            "eviction" => verb == "create",
            _ => false,
        },
        ("certificates.k8s.io", "podcertificaterequests") => {
            minor >= CERTIFICATES
                && sub.is_empty()
                && match verb {
                    "create" => true,
                    "get" => object("PodCertificateRequest"),
                    "list" | "watch" => selects("spec.nodeName"),
                    _ => false,
                }
        }
        _ => {
            sub.is_empty()
                && RULES.iter().any(|(of, what, verbs, since)| {
                    *of == group && *what == resource && verbs.contains(&verb) && minor >= *since
                })
        }
    }
}

fn has(all: &[Box<str>], name: &str) -> bool {
    all.iter().any(|one| **one == *name)
}

/// Which objects an answer about a node rests on: kinds that were not listed may hide a yes.
pub(super) fn rests_on(asked: &Attributes<'_>) -> &'static [&'static str] {
    match asked {
        Attributes::Resource { group, resource, .. } => match (*group, *resource) {
            ("", "secrets" | "persistentvolumes") => &["Pod", "PersistentVolume"],
            ("", "configmaps" | "persistentvolumeclaims" | "serviceaccounts" | "pods")
            | ("resource.k8s.io", "resourceclaims") => &["Pod"],
            ("storage.k8s.io", "volumeattachments") => &["VolumeAttachment"],
            ("resource.k8s.io", "resourceslices") => &["ResourceSlice"],
            ("certificates.k8s.io", "podcertificaterequests") => &["PodCertificateRequest"],
            _ => &[],
        },
        Attributes::Path { .. } => &[],
    }
}

/// What NodeRestriction, where it is on, leaves of a node's write. Source: plugin/pkg/admission/noderestriction.
#[must_use]
pub(super) fn narrowed(asked: &Attributes<'_>) -> Option<&'static str> {
    let Attributes::Resource {
        verb,
        group,
        resource,
        subresource,
        ..
    } = *asked
    else {
        return None;
    };
    Some(match (group, resource, subresource, verb) {
        ("", "pods", "", "create") => {
            "only mirror pods of its own, owned by its Node, that refer to no other object"
        }
        ("", "pods", "", "delete") | ("", "pods", "eviction", "create") => "only pods bound to itself",
        ("", "pods", "status", "update" | "patch") => {
            "only of pods bound to itself, and neither their labels nor their claims' statuses"
        }
        ("", "nodes", "" | "status", "create" | "update" | "patch") => {
            "only its own Node: neither its taints nor its ownerReferences changed, no label under node-restriction.kubernetes.io, and of kubernetes.io's only those that kubelets set"
        }
        ("", "serviceaccounts", "token", "create") => {
            "only tokens bound to a pod on itself; since 1.33 for audiences that the pod's volumes name or that it is granted"
        }
        ("", "persistentvolumeclaims", "status", "update" | "patch") => "only what a resize reports",
        ("coordination.k8s.io", "leases", _, "create") | ("storage.k8s.io", "csinodes", _, "create") => {
            "only the one that has its own name"
        }
        ("resource.k8s.io", "resourceslices", _, "create" | "deletecollection") => {
            "only those whose nodeName is itself"
        }
        ("certificates.k8s.io", "certificatesigningrequests", _, "create") => {
            "for the kubelet signers only with its own name, since 1.31"
        }
        ("certificates.k8s.io", "podcertificaterequests", _, "create") => "only for a pod on itself",
        _ => return None,
    })
}
