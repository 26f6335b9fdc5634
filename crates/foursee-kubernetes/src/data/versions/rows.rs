//! The rows.

use super::{Change, Moved, Of, gains, loses};

/// `get` on pods/exec, attach and portforward asks `create` too.
pub(crate) const EXEC_ASKS_CREATE: Change = Change {
    id: "AuthorizePodWebsocketUpgradeCreatePermission",
    what: "a WebSocket to pods/exec, pods/attach or pods/portforward asks create too, not get alone",
    of: Of::Server,
    alpha: None,
    beta: Some(35),
    on: 35,
    stable: None,
    rights: &[
        loses(
            ("get", "", "pods/exec"),
            ("create", "", "pods/exec"),
            "runs commands in pods",
        ),
        loses(
            ("get", "", "pods/attach"),
            ("create", "", "pods/attach"),
            "attaches to pods",
        ),
        loses(
            ("get", "", "pods/portforward"),
            ("create", "", "pods/portforward"),
            "reaches ports of pods",
        ),
    ],
};

/// The kubelet asks for nodes/pods, nodes/healthz and nodes/configz before nodes/proxy.
pub(crate) const KUBELET_FINE_GRAINED: Change = Change {
    id: "KubeletFineGrainedAuthz",
    what: "the kubelet asks nodes/pods, nodes/healthz and nodes/configz first, and nodes/proxy only else",
    of: Of::Kubelet,
    alpha: Some(32),
    beta: Some(33),
    on: 33,
    stable: Some(36),
    rights: &[
        Moved {
            gains: true,
            right: ("get", "", "nodes/pods"),
            unless: Some(("get", "", "nodes/proxy")),
            does: "reads the pods of a node from its kubelet",
        },
        Moved {
            gains: true,
            right: ("get", "", "nodes/configz"),
            unless: Some(("get", "", "nodes/proxy")),
            does: "reads the configuration of a kubelet",
        },
    ],
};

/// No token Secrets are made by themselves any more.
pub(crate) const NO_TOKEN_SECRETS: Change = Change {
    id: "LegacyServiceAccountTokenNoAutoGeneration",
    what: "a new service account gets no token Secret by itself",
    of: Of::Server,
    alpha: None,
    beta: Some(24),
    on: 24,
    stable: Some(26),
    rights: &[],
};

/// Unused token Secrets are marked, refused and deleted.
pub(crate) const TOKEN_SECRETS_CLEANED: Change = Change {
    id: "LegacyServiceAccountTokenCleanUp",
    what: "token Secrets that were made by themselves and not used for a year are labelled, refused, and a year later deleted",
    of: Of::Server,
    alpha: Some(28),
    beta: Some(29),
    on: 29,
    stable: Some(30),
    rights: &[],
};

/// Tokens name their node.
pub(crate) const TOKEN_NAMES_NODE: Change = Change {
    id: "ServiceAccountTokenPodNodeInfo",
    what: "the token in a pod names its node and has an id of its own (jti)",
    of: Of::Server,
    alpha: Some(29),
    beta: Some(30),
    on: 30,
    stable: Some(32),
    rights: &[],
};

/// Tokens can be bound to nodes.
pub(crate) const TOKEN_BOUND_TO_NODE: Change = Change {
    id: "ServiceAccountTokenNodeBinding",
    what: "a token can be asked for that ends with a Node",
    of: Of::Server,
    alpha: Some(29),
    beta: Some(31),
    on: 31,
    stable: Some(33),
    rights: &[],
};

/// Nodes get tokens only for audiences that their pods use.
pub(crate) const NODE_AUDIENCES: Change = Change {
    id: "ServiceAccountNodeAudienceRestriction",
    what: "a node gets tokens only for audiences that volumes of its pods name, or that it is granted",
    of: Of::Server,
    alpha: None,
    beta: Some(32),
    on: 33,
    stable: None,
    rights: &[gains(
        ("request-serviceaccounts-token-audience", "", "*"),
        "lets nodes ask tokens for audiences that no pod uses",
    )],
};

/// impersonate:MODE and impersonate-on:MODE:VERB.
pub(crate) const CONSTRAINED_IMPERSONATION: Change = Change {
    id: "ConstrainedImpersonation",
    what: "impersonate:MODE and impersonate-on:MODE:VERB are asked before impersonate",
    of: Of::Server,
    alpha: Some(35),
    beta: Some(36),
    on: 36,
    stable: None,
    rights: &[
        gains(
            ("impersonate:user-info", "authentication.k8s.io", "users"),
            "impersonates users for some verbs",
        ),
        gains(
            (
                "impersonate:serviceaccount",
                "authentication.k8s.io",
                "serviceaccounts",
            ),
            "impersonates service accounts for some verbs",
        ),
        gains(
            ("impersonate:arbitrary-node", "authentication.k8s.io", "nodes"),
            "impersonates nodes for some verbs",
        ),
        gains(
            ("impersonate:associated-node", "authentication.k8s.io", "nodes"),
            "impersonates its own node for some verbs",
        ),
    ],
};

/// A device for administrators.
pub(crate) const DRA_ADMIN_ACCESS: Change = Change {
    id: "DRAAdminAccess",
    what: "a resource claim may ask for admin access to devices in use, in namespaces that a label admits",
    of: Of::Server,
    alpha: Some(32),
    beta: Some(34),
    on: 34,
    stable: Some(36),
    rights: &[gains(
        ("create", "resource.k8s.io", "resourceclaims"),
        "takes devices of others, where the namespace is labelled for it",
    )],
};

/// Policies that rewrite.
pub(crate) const MUTATING_POLICY: Change = Change {
    id: "MutatingAdmissionPolicy",
    what: "policies rewrite what is admitted, without a webhook",
    of: Of::Server,
    alpha: Some(32),
    beta: Some(34),
    on: 36,
    stable: Some(36),
    rights: &[
        gains(
            (
                "create",
                "admissionregistration.k8s.io",
                "mutatingadmissionpolicies",
            ),
            "rewrites whatever is created",
        ),
        gains(
            (
                "update",
                "admissionregistration.k8s.io",
                "mutatingadmissionpolicies",
            ),
            "rewrites whatever is created",
        ),
    ],
};

/// Policies that refuse.
pub(crate) const VALIDATING_POLICY: Change = Change {
    id: "ValidatingAdmissionPolicy",
    what: "policies refuse what is admitted, without a webhook",
    of: Of::Server,
    alpha: Some(26),
    beta: Some(28),
    on: 30,
    stable: Some(30),
    rights: &[gains(
        (
            "delete",
            "admissionregistration.k8s.io",
            "validatingadmissionpolicies",
        ),
        "turns policies off",
    )],
};

/// Trust anchors for pods.
pub(crate) const TRUST_BUNDLE: Change = Change {
    id: "ClusterTrustBundle",
    what: "ClusterTrustBundles hold trust anchors that pods project",
    of: Of::Server,
    alpha: Some(27),
    beta: Some(33),
    on: 37,
    stable: Some(37),
    rights: &[gains(
        ("update", "certificates.k8s.io", "clustertrustbundles"),
        "swaps trust anchors of pods",
    )],
};

/// Certificates for pods.
pub(crate) const POD_CERTIFICATE: Change = Change {
    id: "PodCertificateRequest",
    what: "certificates are made out to pods",
    of: Of::Server,
    alpha: Some(34),
    beta: Some(35),
    on: 37,
    stable: Some(37),
    rights: &[gains(
        ("create", "certificates.k8s.io", "podcertificaterequests"),
        "gets certificates of other pods' identities",
    )],
};

/// Selectors are seen by authorizers.
pub(crate) const SELECTORS: Change = Change {
    id: "AuthorizeWithSelectors",
    what: "field and label selectors are seen by authorizers, and nodes are limited by them to their own pods",
    of: Of::Server,
    alpha: Some(31),
    beta: Some(32),
    on: 32,
    stable: Some(34),
    rights: &[],
};

/// Anonymous requests by path.
pub(crate) const ANONYMOUS_BY_PATH: Change = Change {
    id: "AnonymousAuthConfigurableEndpoints",
    what: "anonymous requests can be limited to some paths, in a file that no export shows",
    of: Of::Server,
    alpha: Some(31),
    beta: Some(32),
    on: 32,
    stable: Some(34),
    rights: &[],
};

/// AuthenticationConfiguration.
pub(crate) const AUTHENTICATION_FILE: Change = Change {
    id: "StructuredAuthenticationConfiguration",
    what: "who is who can be said in a file (AuthenticationConfiguration) that no export shows",
    of: Of::Server,
    alpha: Some(29),
    beta: Some(30),
    on: 30,
    stable: Some(34),
    rights: &[],
};

/// AuthorizationConfiguration.
pub(crate) const AUTHORIZATION_FILE: Change = Change {
    id: "StructuredAuthorizationConfiguration",
    what: "the chain of authorizers can be said in a file (AuthorizationConfiguration) that no export shows",
    of: Of::Server,
    alpha: Some(29),
    beta: Some(30),
    on: 30,
    stable: Some(32),
    rights: &[],
};

/// User namespaces.
pub(crate) const USER_NAMESPACES: Change = Change {
    id: "UserNamespacesSupport",
    what: "hostUsers: false gives a pod users of its own",
    of: Of::Server,
    alpha: Some(25),
    beta: Some(30),
    on: 33,
    stable: Some(36),
    rights: &[],
};

/// procMount.
pub(crate) const PROC_MOUNT: Change = Change {
    id: "ProcMountType",
    what: "procMount: Unmasked is kept, where the pod has users of its own",
    of: Of::Server,
    alpha: Some(12),
    beta: Some(31),
    on: 33,
    stable: Some(36),
    rights: &[],
};

/// Image volumes.
pub(crate) const IMAGE_VOLUMES: Change = Change {
    id: "ImageVolume",
    what: "a pod mounts the files of an image",
    of: Of::Server,
    alpha: Some(31),
    beta: Some(33),
    on: 35,
    stable: Some(36),
    rights: &[],
};

/// Pods are resized while they run.
pub(crate) const POD_RESIZE: Change = Change {
    id: "InPlacePodVerticalScaling",
    what: "pods/resize changes the resources of pods that run",
    of: Of::Server,
    alpha: Some(27),
    beta: Some(33),
    on: 33,
    stable: Some(35),
    rights: &[gains(
        ("patch", "", "pods/resize"),
        "changes the resources of running pods",
    )],
};

/// AppArmor profiles as fields.
pub(crate) const APPARMOR_FIELDS: Change = Change {
    id: "AppArmorFields",
    what: "AppArmor profiles are fields of the security context, and Pod Security reads them",
    of: Of::Server,
    alpha: None,
    beta: Some(30),
    on: 30,
    stable: Some(31),
    rights: &[],
};

/// Nodes read the accounts of their pods.
pub(crate) const NODE_READS_ACCOUNTS: Change = Change {
    id: "KubeletServiceAccountTokenForCredentialProviders",
    what: "a node reads the service accounts of its pods, for image pulls with their tokens",
    of: Of::Server,
    alpha: Some(33),
    beta: Some(34),
    on: 34,
    stable: None,
    rights: &[],
};
