//! What a document is: by its head whether it is of Kubernetes, and then by its objects what it holds and whose it is.

use super::yaml;
use crate::gateway::{EXPERIMENTAL, GROUP};
use foursee_core::document::{Format, Head, Notes};
use foursee_core::layer::{Claim, ScopeClaim};
use std::borrow::Cow;

/// The kind of documents that a kind of objects belongs to; none for kinds that the layer does not read.
pub(super) fn document_kind(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "Role" => "roles",
        "ClusterRole" => "clusterroles",
        "RoleBinding" => "rolebindings",
        "ClusterRoleBinding" => "clusterrolebindings",
        "ServiceAccount" => "serviceaccounts",
        "Pod" => "pods",
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" => "controllers",
        "Job" | "CronJob" => "jobs",
        "Namespace" => "namespaces",
        "Node" => "nodes",
        "Secret" => "secrets",
        "Service" | "Ingress" => "services",
        "GatewayClass" | "Gateway" | "ListenerSet" | "XListenerSet" | "HTTPRoute" | "GRPCRoute"
        | "TLSRoute" | "TCPRoute" | "UDPRoute" | "ReferenceGrant" => "gateways",
        "NetworkPolicy" => "networkpolicies",
        "PersistentVolume" | "VolumeAttachment" | "ResourceSlice" | "PodCertificateRequest" => "volumes",
        _ => return None,
    })
}

/// Whether a text is kubectl's or the server's word instead of a listing.
pub(super) fn is_error(text: &str) -> bool {
    text.starts_with("Error from server") || text.starts_with("error: You must be logged in to the server")
}

/// A document without what kubectl wrote to its standard error before the listing.
pub(super) struct Body<'t> {
    /// What the server refused, one line each.
    pub errors: Vec<&'t str>,
    /// The listing itself.
    pub rest: &'t str,
}

pub(super) fn body(text: &str) -> Body<'_> {
    let mut errors = Vec::new();
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start();
        // JSON may be one line of any length.
        if trimmed.starts_with(['{', '[']) {
            return Body { errors, rest };
        }
        let line = trimmed.lines().next().unwrap_or_default();
        if is_error(line) {
            errors.push(line);
        } else if !(line.starts_with("Warning: ") || line.starts_with("No resources found")) {
            return Body { errors, rest };
        }
        rest = trimmed.get(line.len()..).unwrap_or_default();
    }
}

/// The API groups of the kinds that the layer reads; core is "".
const GROUPS: &[(&[&str], &[&str])] = &[
    (
        &["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"],
        &["rbac.authorization.k8s.io"],
    ),
    (
        &[
            "ServiceAccount",
            "Pod",
            "ReplicationController",
            "Namespace",
            "Node",
            "Secret",
            "ConfigMap",
            "Service",
            "Status",
            "PersistentVolume",
        ],
        &[""],
    ),
    (&["VolumeAttachment"], &["storage.k8s.io"]),
    (&["ResourceSlice"], &["resource.k8s.io"]),
    (&["PodCertificateRequest"], &["certificates.k8s.io"]),
    (
        &["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"],
        &["apps", "extensions"],
    ),
    (&["Job", "CronJob"], &["batch"]),
    (
        &["Ingress", "NetworkPolicy"],
        &["networking.k8s.io", "extensions"],
    ),
    (
        &[
            "GatewayClass",
            "Gateway",
            "ListenerSet",
            "HTTPRoute",
            "GRPCRoute",
            "TLSRoute",
            "TCPRoute",
            "UDPRoute",
            "ReferenceGrant",
        ],
        &[GROUP],
    ),
    (&["XListenerSet"], &[EXPERIMENTAL]),
];

/// The kind as the layer knows it: with its API group behind it where somebody else's has the name of one of the
/// platform's own, such as Knative's Service. Where no `apiVersion` is said the name is believed.
pub(super) fn kind_of<'k>(kind: &'k str, api_version: &str) -> Cow<'k, str> {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let own = GROUPS.iter().find(|(kinds, _)| kinds.contains(&kind));
    match own {
        Some((_, groups)) if !api_version.is_empty() && !groups.contains(&group) => {
            let group = if group.is_empty() { "core" } else { group };
            Cow::Owned(format!("{kind}.{group}"))
        }
        _ => Cow::Borrowed(kind),
    }
}

/// Notes that the document holds an object of the kind.
pub(super) fn saw(notes: &mut Notes, kind: &str) {
    notes.kinds.extend(document_kind(kind));
}

/// A cluster is named by the uid of its namespace kube-system.
pub(super) fn kube_system(notes: &mut Notes, name: &str, uid: &str) {
    if name == "kube-system" && !uid.is_empty() {
        notes.scope.get_or_insert_with(|| uid.to_owned());
    }
}

/// Whether a document is this layer's. Which kinds of objects it holds and whose they are, parsing says.
pub(crate) fn recognise(head: &Head<'_>) -> Option<Claim> {
    match head.format() {
        Format::Empty => return None,
        Format::JsonObject if head.get("/cluster/arn").is_some_and(|arn| arn.contains(":eks:")) => {
            return Some(Claim::state("eks-cluster", ScopeClaim::Unsaid));
        }
        Format::JsonObject if head.has_key("issuer") && head.has_key("jwks_uri") => {
            return Some(Claim::state("oidc", ScopeClaim::Unsaid));
        }
        Format::JsonObject if of_version(head) => {
            return Some(Claim::state("version", ScopeClaim::Unsaid));
        }
        _ => {}
    }
    if head.format() == Format::JsonObject
        && let Some(claim) = super::eks::recognise(head)
    {
        return Some(claim);
    }
    let body = body(head.text());
    let ours = match body.rest.trim_start().as_bytes().first() {
        _ if !body.errors.is_empty() => true,
        Some(b'{' | b'[') if head.format() == Format::Text => {
            begins_as_ours(&Head::new(head.name(), body.rest))
        }
        Some(b'{' | b'[') => begins_as_ours(head),
        Some(_) => yaml::looks_ours(body.rest),
        None => false,
    };
    ours.then(|| Claim {
        kinds: Vec::new(),
        scope: ScopeClaim::Unsaid,
        events: false,
    })
}

/// Whether it is what `kubectl version -o json` or the server under /version prints.
fn of_version(head: &Head<'_>) -> bool {
    let git = |pointer: &str| head.get(pointer).is_some_and(|one| one.starts_with("v1."));
    git("/serverVersion/gitVersion")
        || (git("/clientVersion/gitVersion") && head.has_key("kustomizeVersion"))
        || (git("/gitVersion") && head.has_key("minor"))
}

/// Whether a JSON text is an object of Kubernetes, or a list of them.
fn begins_as_ours(head: &Head<'_>) -> bool {
    let said = |pointer: &str| {
        head.get(pointer)
            .is_some_and(|kind| !kind.is_empty() && kind != "null")
    };
    match head.format() {
        Format::JsonArray => said("/0/kind") && said("/0/apiVersion"),
        // `kind` may stand behind more than the head holds; `apiVersion` is always among the first keys.
        _ => {
            head.has_key("apiVersion")
                && (said("/kind") || said("/items/0/kind") || super::peek_kind(head.text()).is_some())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use foursee_core::layer::Layer;

    /// What `kinds` says to export is all that is read: what a capture leaves out it leaves out by this list.
    #[test]
    fn every_kind_that_is_read_is_one_to_export() {
        let kinds = crate::Kubernetes.kinds();
        for kind in GROUPS.iter().flat_map(|(kinds, _)| *kinds) {
            let Some(name) = document_kind(kind) else {
                // One is read by its name, the other is no listing.
                assert!(matches!(*kind, "ConfigMap" | "Status"), "{kind}");
                continue;
            };
            let made_by = kinds.iter().find(|one| one.name == name).unwrap().made_by;
            let plural = match kind.to_lowercase() {
                one if one.ends_with('s') => one + "es",
                one if one.ends_with("cy") => one.trim_end_matches('y').to_owned() + "ies",
                one => one + "s",
            };
            let listed = made_by.trim_start_matches("kubectl get ").split([' ', ',']);
            assert!(listed.into_iter().any(|one| *one == *plural), "{kind}: {made_by}");
        }
    }
}
