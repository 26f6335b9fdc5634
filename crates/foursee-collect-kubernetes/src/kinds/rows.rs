//! The rows: every kind and document that is read, with its permission.

use super::{Kind, Read, Said};
use foursee_capture::Permission;
use k8s_openapi::api::{apps, batch, certificates, core, networking, rbac, resource, storage};

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
    Kind::installed(
        ["GatewayClass", "GatewayClassList", "gatewayclasses"],
        "gateway.networking.k8s.io/v1",
        "gateways",
        list!("gateway.networking.k8s.io", "gatewayclasses", "the GatewayClasses", "which Gateways a controller takes up"),
    )
    .older(&["gateway.networking.k8s.io/v1beta1"]),
    Kind::installed(
        ["Gateway", "GatewayList", "gateways"],
        "gateway.networking.k8s.io/v1",
        "gateways",
        list!("gateway.networking.k8s.io", "gateways", "the Gateways", "which workloads the internet reaches through Gateways"),
    )
    .older(&["gateway.networking.k8s.io/v1beta1"]),
    Kind::installed(
        ["ListenerSet", "ListenerSetList", "listenersets"],
        "gateway.networking.k8s.io/v1",
        "gateways",
        list!("gateway.networking.k8s.io", "listenersets", "the ListenerSets", "which workloads the internet reaches through listeners that are added to Gateways"),
    ),
    Kind::installed(
        ["HTTPRoute", "HTTPRouteList", "httproutes"],
        "gateway.networking.k8s.io/v1",
        "gateways",
        list!("gateway.networking.k8s.io", "httproutes", "the HTTPRoutes", "which workloads the internet reaches through Gateways by HTTP"),
    )
    .older(&["gateway.networking.k8s.io/v1beta1"]),
    Kind::installed(
        ["GRPCRoute", "GRPCRouteList", "grpcroutes"],
        "gateway.networking.k8s.io/v1",
        "gateways",
        list!("gateway.networking.k8s.io", "grpcroutes", "the GRPCRoutes", "which workloads the internet reaches through Gateways by gRPC"),
    )
    .older(&["gateway.networking.k8s.io/v1alpha2"]),
    Kind::installed(
        ["TLSRoute", "TLSRouteList", "tlsroutes"],
        "gateway.networking.k8s.io/v1",
        "gateways",
        list!("gateway.networking.k8s.io", "tlsroutes", "the TLSRoutes", "which workloads the internet reaches through Gateways by TLS"),
    )
    .older(&["gateway.networking.k8s.io/v1alpha3", "gateway.networking.k8s.io/v1alpha2"]),
    Kind::installed(
        ["TCPRoute", "TCPRouteList", "tcproutes"],
        "gateway.networking.k8s.io/v1",
        "gateways",
        list!("gateway.networking.k8s.io", "tcproutes", "the TCPRoutes", "which workloads the internet reaches through Gateways by TCP"),
    )
    .older(&["gateway.networking.k8s.io/v1alpha2"]),
    Kind::installed(
        ["UDPRoute", "UDPRouteList", "udproutes"],
        "gateway.networking.k8s.io/v1",
        "gateways",
        list!("gateway.networking.k8s.io", "udproutes", "the UDPRoutes", "which workloads the internet reaches through Gateways by UDP"),
    )
    .older(&["gateway.networking.k8s.io/v1alpha2"]),
    Kind::installed(
        ["ReferenceGrant", "ReferenceGrantList", "referencegrants"],
        "gateway.networking.k8s.io/v1",
        "gateways",
        list!("gateway.networking.k8s.io", "referencegrants", "the ReferenceGrants", "which references of routes and Gateways to other namespaces count"),
    )
    .older(&["gateway.networking.k8s.io/v1beta1", "gateway.networking.k8s.io/v1alpha2"]),
    Kind::installed(
        ["XListenerSet", "XListenerSetList", "xlistenersets"],
        "gateway.networking.x-k8s.io/v1alpha1",
        "gateways",
        list!("gateway.networking.x-k8s.io", "xlistenersets", "the XListenerSets", "which workloads the internet reaches through listeners that are added to Gateways"),
    ),
    Kind::of::<networking::v1::NetworkPolicy>(
        "networkpolicies",
        list!(
            "networking.k8s.io",
            "networkpolicies",
            "the NetworkPolicies",
            "which pods are kept from the metadata service of their nodes, and which ports of pods are shut"
        ),
    ),
    Kind::of::<core::v1::PersistentVolume>(
        "volumes",
        list!(
            "",
            "persistentvolumes",
            "the PersistentVolumes",
            "which Secrets of volumes a node may read"
        ),
    ),
    Kind::of::<storage::v1::VolumeAttachment>(
        "volumes",
        list!(
            "storage.k8s.io",
            "volumeattachments",
            "the VolumeAttachments",
            "which VolumeAttachments a node may read"
        ),
    ),
    Kind::of::<resource::v1::ResourceSlice>(
        "volumes",
        list!(
            "resource.k8s.io",
            "resourceslices",
            "the ResourceSlices",
            "which ResourceSlices are of which node"
        ),
    )
    .older(&[
        "resource.k8s.io/v1beta2",
        "resource.k8s.io/v1beta1",
        "resource.k8s.io/v1alpha3",
    ]),
    Kind::of::<certificates::v1::PodCertificateRequest>(
        "volumes",
        list!(
            "certificates.k8s.io",
            "podcertificaterequests",
            "the PodCertificateRequests",
            "which PodCertificateRequests a node may read"
        ),
    )
    .older(&["certificates.k8s.io/v1beta1", "certificates.k8s.io/v1alpha1"]),
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
