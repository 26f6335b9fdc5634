//! Where Kubernetes' grants stand on the spectrum, and what RBAC cannot say.

use foursee_core::model::{Ladder, Limit, Rung, step};

/// As `lower/rows.rs` decides, rule by rule, with where it is bound.
pub(crate) const LADDER: Ladder = Ladder {
    steps: &[
        step(
            Rung::Unbounded,
            "every verb on every resource of every group, cluster-wide: cluster-admin, system:masters",
        ),
        step(
            Rung::ServiceWide,
            "every verb on every resource of a namespace or of a group; every verb on every URL",
        ),
        step(
            Rung::Broad,
            "named verbs on a whole type cluster-wide, every verb on a type, or named verbs on every type",
        ),
        step(
            Rung::Scoped,
            "named verbs on named types in one namespace; every verb on named objects",
        ),
        step(
            Rung::Narrow,
            "named verbs on named objects (resourceNames) or on named paths; what everybody may ask about themselves; use unknown, without an audit log of 30 days or more",
        ),
        step(
            Rung::AsUsed,
            "the same, where the audit log shows that one of its holders uses it",
        ),
    ],
    limits: &[
        Limit {
            id: "rbac-create-by-name",
            actions: "create, deletecollection",
            wish: "a limit to some names",
            attainable: Rung::Scoped,
            instead: "an admission policy (ValidatingAdmissionPolicy), or a namespace of its own",
            source: "Kubernetes documentation, Using RBAC Authorization, Referring to resources: resourceNames cannot restrict create or deletecollection",
        },
        Limit {
            id: "rbac-list-by-name",
            actions: "list, watch",
            wish: "a limit to some objects",
            attainable: Rung::Scoped,
            instead: "a namespace of its own, or get on named objects: list and watch with resourceNames serve only requests with a matching field selector metadata.name",
            source: "Kubernetes documentation, Using RBAC Authorization, Referring to resources",
        },
        Limit {
            id: "rbac-deny",
            actions: "every verb",
            wish: "everything but one type or name",
            attainable: Rung::Scoped,
            instead: "a list of what is allowed",
            source: "Kubernetes documentation, Using RBAC Authorization: permissions are purely additive, there are no deny rules",
        },
        Limit {
            id: "rbac-fields",
            actions: "update, patch",
            wish: "a limit to some fields of an object",
            attainable: Rung::Narrow,
            instead: "an admission policy",
            source: "Kubernetes API reference, rbac.authorization.k8s.io/v1 PolicyRule: it names verbs, apiGroups, resources, resourceNames and nonResourceURLs, and no fields",
        },
    ],
};
