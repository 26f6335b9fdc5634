//! The ways in which one Kubernetes identity uses, becomes or empowers another: one row each.
//!
//! What must hold beside the foothold is in `lower`, which emits an edge only where it does, and in
//! `holds`, which asks again.

use foursee_core::model::{Class, Foothold, Kind, Technique, Verb};

/// A ServiceAccount, `namespace/name`.
pub static SERVICEACCOUNT: Kind = Kind::new("serviceaccount", Class::Identity);
/// A user name.
pub static USER: Kind = Kind::new("user", Class::Identity);
/// A group name.
pub static GROUP: Kind = Kind::new("group", Class::Group);
/// A workload, `namespace/name` of its controller, or of the pod that has none.
pub static POD: Kind = Kind::new("pod", Class::Workload);
/// A Secret, `namespace/name`.
pub static SECRET: Kind = Kind::new("secret", Class::Resource);
/// A Node.
pub static NODE: Kind = Kind::new("node", Class::Resource);
/// A Namespace: who gets to it holds everything in it.
pub static NAMESPACE: Kind = Kind::new("namespace", Class::Resource);
/// The cluster: who gets to it is cluster admin.
pub static CLUSTER: Kind = Kind::new("cluster", Class::Resource);
/// A role where it is bound: `namespace/Kind/name`, with `*` for cluster-wide.
pub static GRANT: Kind = Kind::new("grant", Class::Grant);
/// An AWS principal that the cluster lets in by an access entry: its ARN.
pub static ACCESS_ENTRY: Kind = Kind::new("accessentry", Class::Identity);
/// Any other object: `namespace/resource/name`, with `*` for cluster-scoped or all namespaces.
pub static OBJECT: Kind = Kind::new("object", Class::Resource);
/// A path of the API server that is no resource.
pub static URL: Kind = Kind::new("url", Class::Resource);

macro_rules! techniques {
    ($($(#[$doc:meta])* $name:ident: $id:literal, $verb:ident, $needs:ident -> $gives:ident, $says:literal, $source:literal;)*) => {
        $($(#[$doc])* pub static $name: Technique = Technique {
            id: $id,
            verb: Verb::$verb,
            needs: Foothold::$needs,
            gives: Foothold::$gives,
            says: $says,
            source: $source,
        };)*
        /// All of them.
        pub static ALL: &[&Technique] = &[$(&$name),*];
    };
}

techniques! {
    /// get, list or watch secrets.
    READ_SECRET: "kubernetes-read-secret", Read, Acts -> Holds, "reads", "RBAC good practices: listing secrets";
    /// create pods, or a controller's object: a pod that mounts any Secret of the namespace.
    MOUNT_SECRET: "kubernetes-mount-secret", Read, Acts -> Holds, "creates a workload that mounts", "RBAC good practices: workload creation";
    /// create pods, or a controller's object: a pod with any ServiceAccount of the namespace.
    CREATE_WORKLOAD: "kubernetes-create-workload", Become, Acts -> Spawns, "creates a workload as", "RBAC good practices: workload creation";
    /// create pods: a pod with the node's own powers.
    CREATE_PRIVILEGED: "kubernetes-create-privileged-workload", Become, Acts -> Runs, "creates a privileged workload on", "Pod Security Standards: privileged";
    /// update or patch a controller's object: another image, account or volume.
    CHANGE_WORKLOAD: "kubernetes-change-workload", Become, Acts -> Runs, "changes the code of", "API conventions: pod templates";
    /// update or patch a controller's object: any ServiceAccount of the namespace.
    CHANGE_ACCOUNT: "kubernetes-change-account", Become, Acts -> Spawns, "changes a workload to run as", "API conventions: pod templates";
    /// create pods/exec; get pods/exec up to 1.34.
    EXEC: "kubernetes-exec", Become, Acts -> Runs, "executes commands in", "kubelet API: /exec";
    /// create pods/attach.
    ATTACH: "kubernetes-attach", Become, Acts -> Runs, "attaches to", "kubelet API: /attach";
    /// update or patch pods/ephemeralcontainers.
    EPHEMERAL: "kubernetes-ephemeral-container", Become, Acts -> Runs, "adds a container to", "core/v1: ephemeral containers";
    /// update or patch pods/ephemeralcontainers: a container with the node's own powers.
    EPHEMERAL_PRIVILEGED: "kubernetes-privileged-ephemeral-container", Become, Acts -> Runs, "adds a privileged container to a pod on", "Pod Security Standards: privileged";
    /// get or create nodes/proxy: the kubelet's API runs commands in every pod of the node.
    NODE_PROXY: "kubernetes-node-proxy", Become, Acts -> Runs, "runs commands through the kubelet in", "RBAC good practices: access to proxy subresource of Nodes";
    /// create serviceaccounts/token.
    REQUEST_TOKEN: "kubernetes-request-token", Become, Acts -> Holds, "requests a token of", "RBAC good practices: token request";
    /// create secrets of type service-account-token, and read them.
    MINT_TOKEN: "kubernetes-mint-token-secret", Become, Acts -> Acts, "mints a token Secret for", "controller/serviceaccount: tokens_controller.go";
    /// create secrets in kube-system: a bootstrap token.
    BOOTSTRAP: "kubernetes-bootstrap-token", Become, Acts -> Acts, "makes a bootstrap token of", "authentication: bootstrap tokens";
    /// impersonate serviceaccounts, users, groups.
    IMPERSONATE: "kubernetes-impersonate", Become, Acts -> Acts, "impersonates", "RBAC good practices: impersonate verb";
    /// bind a role, and write a binding.
    BIND: "kubernetes-bind-role", Delegate, Acts -> Acts, "binds itself to", "RBAC: privilege escalation prevention, bind";
    /// escalate, and write a role that one is bound to.
    ESCALATE: "kubernetes-escalate-role", Delegate, Acts -> Acts, "widens its own role up to", "RBAC: privilege escalation prevention, escalate";
    /// write the ConfigMap kube-system/aws-auth.
    AWS_AUTH: "kubernetes-edit-aws-auth", Delegate, Acts -> Acts, "maps an AWS principal to", "EKS user guide: aws-auth ConfigMap";
    /// create certificate requests, approve them, and approve for the API server's client signer.
    APPROVE: "kubernetes-approve-certificate", Become, Acts -> Acts, "approves a client certificate of", "RBAC good practices: CSRs and certificate issuing";
    /// write a webhook that rewrites what is admitted.
    WEBHOOK: "kubernetes-mutating-webhook", Administer, Acts -> Acts, "rewrites whatever is created in", "RBAC good practices: control admission webhooks";
    /// every verb on everything.
    ADMIN: "kubernetes-admin", Administer, Acts -> Acts, "administers", "RBAC: cluster-admin";
    /// a pod with its account's token.
    POD_TOKEN: "kubernetes-pod-token", Become, Runs -> Acts, "reads the mounted token of", "admission: ServiceAccount";
    /// a pod whose settings hold a Secret.
    POD_SECRET: "kubernetes-pod-secret", Read, Runs -> Holds, "is given", "core/v1: secretKeyRef, secret volumes";
    /// a token in hand.
    USE_TOKEN: "kubernetes-use-token", Become, Holds -> Acts, "authenticates as", "authentication: service account tokens";
    /// a Secret that holds an account's token.
    TOKEN_SECRET: "kubernetes-token-secret", Become, Holds -> Acts, "is a token of", "core/v1: kubernetes.io/service-account-token";
    /// a pod with the node's own powers.
    ESCAPE: "kubernetes-escape", Become, Runs -> Runs, "breaks out to", "Pod Security Standards: baseline";
    /// the node runs the pod.
    NODE_RUNS: "kubernetes-node-runs", Become, Runs -> Runs, "controls", "kubelet";
    /// the kubelet's credential.
    KUBELET: "kubernetes-kubelet-credential", Become, Runs -> Acts, "reads the kubelet's credential of", "Node authorizer";
    /// a path of the node that holds the kubelet's keys.
    HOST_KUBELET: "kubernetes-host-kubelet-credential", Become, Runs -> Acts, "reads, in a path of its node, the credential of", "kubelet: --cert-dir";
    /// a path of the node that holds its pods' volumes, or its processes.
    HOST_TOKENS: "kubernetes-host-tokens", Read, Runs -> Holds, "reads what is mounted into the pods on", "kubelet: /var/lib/kubelet/pods";
    /// links from /var/log, which the kubelet follows for whoever reads logs.
    LOG_SYMLINK: "kubernetes-log-symlink", Become, Runs -> Acts, "reads, by a link among the node's logs, the credential of", "kubelet API: /logs and /containerLogs";
    /// a node's files hold what its pods mount.
    NODE_HOLDS: "kubernetes-node-holds", Read, Holds -> Holds, "holds what is mounted into", "kubelet: /var/lib/kubelet/pods";
    /// a pod's mounted token, in hand.
    HELD_TOKEN: "kubernetes-held-token", Become, Holds -> Acts, "holds the mounted token of", "admission: ServiceAccount";
    /// a pod's mounted Secret, in hand.
    HELD_SECRET: "kubernetes-held-secret", Read, Holds -> Holds, "mounts", "core/v1: secret volumes";
    /// a kubelet's credential reads what is given to the node's pods.
    NODE_READS: "kubernetes-node-reads", Read, Acts -> Holds, "may read what is given to the pods on", "Node authorizer: pods, their Secrets";
    /// a kubelet's credential asks for tokens of the accounts of the node's pods.
    NODE_TOKEN: "kubernetes-node-token", Become, Acts -> Acts, "may ask for a token of", "Node authorizer: serviceaccounts/token";
    /// a node of the control plane.
    CONTROL_PLANE: "kubernetes-control-plane-keys", Administer, Runs -> Acts, "reads the control plane's keys and administers", "kubeadm: admin.conf, the CA's key, etcd";
    /// update or patch a namespace, and create a workload in it.
    TURN_OFF: "kubernetes-turn-off-pod-security", Become, Acts -> Runs, "turns Pod Security off and creates a privileged workload on", "Pod Security: namespace labels";
    /// create a PersistentVolume of a node's path, a claim, and a workload that mounts it.
    NODE_VOLUME: "kubernetes-persistent-volume-path", Become, Acts -> Runs, "mounts, by a PersistentVolume, any path of", "RBAC good practices: persistent volume creation";
    /// create certificate requests that kube-controller-manager approves for nodes.
    NODE_CERTIFICATE: "kubernetes-node-certificate", Become, Acts -> Acts, "is given the client certificate of", "TLS bootstrapping: nodeclient";
    /// write a policy that rewrites what is admitted, and its binding.
    MUTATING: "kubernetes-mutating-admission-policy", Administer, Acts -> Acts, "rewrites, by a policy, whatever is created in", "MutatingAdmissionPolicy";
}
