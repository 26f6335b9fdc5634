//! What rights of the API give.

use super::*;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row {
            id: "PERMISSION_DISCOVER",
            differs: "a subject of another namespace, one without a namespace, implicit groups, and users that spell an account",
            opens: vec![
                (
                    role(
                        "r",
                        &rule("get", "", "secrets"),
                        "shop",
                        "{kind: ServiceAccount, name: ci, namespace: ops}",
                    ),
                    "serviceaccount ops/ci -core-member-> grant shop/ClusterRole/r",
                ),
                (
                    role(
                        "r",
                        &rule("get", "", "secrets"),
                        "shop",
                        "{kind: User, name: 'system:serviceaccount:ops:ci'}",
                    ),
                    "serviceaccount ops/ci -core-member-> grant shop/ClusterRole/r",
                ),
            ],
            shuts: vec![(
                role(
                    "r",
                    &rule("get", "", "secrets"),
                    "",
                    "{kind: ServiceAccount, name: ci}",
                ),
                "core-member",
            )],
        },
        Row {
            id: "POD_CREATE",
            differs: "by any controller; a node only where Pod Security lets an escaping pod in",
            opens: vec![
                (
                    alice(&rule("create", "batch", "cronjobs"), "shop") + &namespace(""),
                    "grant shop/ClusterRole/r -kubernetes-create-privileged-workload-> any node * (conditional)",
                ),
                (
                    alice(&rule("create", "apps", "daemonsets"), "shop") + &namespace("restricted"),
                    "grant shop/ClusterRole/r -kubernetes-create-workload-> any serviceaccount shop/*",
                ),
                (
                    alice(
                        &(rule("create", "", "pods") + ", " + &rule("patch", "", "namespaces")),
                        "shop",
                    ) + &namespace("baseline"),
                    "user alice -kubernetes-turn-off-pod-security-> any node * (conditional)",
                ),
                (
                    alice(
                        &rule("create", "", "pods, persistentvolumes, persistentvolumeclaims"),
                        "",
                    ) + &namespace("baseline"),
                    "user alice -kubernetes-persistent-volume-path-> any node * (conditional)",
                ),
            ],
            shuts: vec![
                // Bound to the whole cluster, of which every namespace refuses it.
                (
                    alice(&rule("create", "", "pods"), "") + &namespace("baseline"),
                    "create-privileged",
                ),
                (
                    alice(&rule("create", "", "pods"), "shop") + &namespace("baseline"),
                    "any node",
                ),
                (
                    alice(&rule("create", "", "pods"), "shop") + &namespace("Baseline"),
                    "any node",
                ),
                (
                    alice(
                        &(rule("create", "", "pods") + ", " + &rule("get", "", "namespaces")),
                        "shop",
                    ) + &namespace("baseline"),
                    "turn-off",
                ),
                (
                    alice(
                        &rule("create", "", "pods, persistentvolumes, persistentvolumeclaims"),
                        "",
                    ) + &namespace("restricted"),
                    "persistent-volume-path",
                ),
                (alice(&rule("create", "apps", "pods"), "shop"), "create-workload"),
            ],
        },
        Row {
            id: "POD_EXEC",
            differs: "names count; get is enough before 1.35; ephemeral containers too",
            opens: vec![
                (
                    alice(&rule("create", "", "pods/exec"), "shop"),
                    "grant shop/ClusterRole/r -kubernetes-exec-> any pod shop/*",
                ),
                (
                    alice(
                        "{verbs: [create], apiGroups: [''], resources: [pods/exec], resourceNames: [p]}",
                        "shop",
                    ) + &pod("", ""),
                    "grant shop/ClusterRole/r -kubernetes-exec-> pod shop/p",
                ),
                (
                    alice(&rule("patch", "", "pods/ephemeralcontainers"), "shop"),
                    "grant shop/ClusterRole/r -kubernetes-ephemeral-container-> any pod shop/*",
                ),
                (
                    alice(&rule("get", "", "nodes/proxy"), ""),
                    "grant */ClusterRole/r -kubernetes-node-proxy-> any pod *",
                ),
            ],
            shuts: vec![
                (alice(&rule("create", "", "'pods/*'"), "shop"), "kubernetes-exec"),
                (alice(&rule("create", "", "pods"), "shop"), "kubernetes-exec"),
                (alice(&rule("get", "", "nodes/proxy"), "shop"), "node-proxy"),
            ],
        },
        Row {
            id: "POD_PATCH",
            differs: "of pods the image alone changes; of controllers also account, Secrets and settings",
            opens: vec![
                (
                    alice(&rule("patch", "", "pods"), "shop"),
                    "grant shop/ClusterRole/r -kubernetes-change-workload-> any pod shop/*",
                ),
                (
                    alice(&rule("update", "apps", "deployments"), "shop"),
                    "grant shop/ClusterRole/r -kubernetes-change-account-> any serviceaccount shop/*",
                ),
                (
                    alice(&rule("update", "apps", "deployments"), "shop"),
                    "grant shop/ClusterRole/r -kubernetes-mount-secret-> any secret shop/*",
                ),
                (
                    alice(&rule("update", "apps", "deployments"), "shop") + &namespace(""),
                    "grant shop/ClusterRole/r -kubernetes-create-privileged-workload-> any node * (conditional)",
                ),
            ],
            shuts: vec![
                (alice(&rule("patch", "", "pods"), "shop"), "change-account"),
                (alice(&rule("patch", "", "pods"), "shop"), "mount-secret"),
                (alice(&rule("patch", "batch", "jobs"), "shop"), "change-account"),
                (
                    alice(&rule("patch", "apps", "deployments/scale"), "shop"),
                    "change-workload",
                ),
                (
                    alice(&rule("update", "apps", "deployments"), "shop") + &namespace("baseline"),
                    "any node",
                ),
            ],
        },
        Row {
            id: "TOKEN_BRUTEFORCE",
            differs: "only token Secrets that exist; tokens that are asked for or minted are today's form",
            opens: vec![
                (
                    secret("", TOKEN),
                    "secret shop/web-token-x -kubernetes-token-secret-> serviceaccount shop/web",
                ),
                (
                    alice(&rule("get", "", "secrets"), "shop"),
                    "grant shop/ClusterRole/r -kubernetes-read-secret-> any secret shop/*",
                ),
                (
                    alice(&rule("create", "", "serviceaccounts/token"), "shop"),
                    "grant shop/ClusterRole/r -kubernetes-request-token-> any serviceaccount shop/*",
                ),
            ],
            shuts: vec![
                (secret("", "Opaque"), "token-secret"),
                (
                    secret(
                        ", labels: {kubernetes.io/legacy-token-invalid-since: '2026-01-01'}",
                        TOKEN,
                    ),
                    "token-secret",
                ),
                (alice(&rule("create", "", "secrets"), "shop"), "mint-token"),
            ],
        },
        Row {
            id: "TOKEN_LIST",
            differs: "as TOKEN_BRUTEFORCE; a list by names is one by field selector",
            opens: vec![
                (
                    alice(&rule("list", "", "secrets"), "shop"),
                    "grant shop/ClusterRole/r -kubernetes-read-secret-> any secret shop/*",
                ),
                (
                    alice(&rule("create, watch", "", "secrets"), "shop"),
                    "grant shop/ClusterRole/r -kubernetes-mint-token-secret-> any serviceaccount shop/*",
                ),
            ],
            shuts: vec![
                (alice(&rule("delete", "", "secrets"), "shop"), "read-secret"),
                (
                    alice(
                        "{verbs: [list], apiGroups: [''], resources: [secrets], resourceNames: [tls]}",
                        "shop",
                    ),
                    "any secret",
                ),
            ],
        },
        Row {
            id: "ROLE_BIND",
            differs: "bind (or the rules themselves, which gains nothing) in the binding's namespace, with the binding's write",
            opens: vec![
                (
                    alice(
                        &(rule("bind", RBAC, "clusterroles")
                            + ", "
                            + &rule("create", RBAC, "clusterrolebindings")),
                        "",
                    ),
                    "user alice -kubernetes-bind-role-> cluster cluster",
                ),
                (
                    alice(
                        &(rule("bind", RBAC, "clusterroles") + ", " + &rule("create", RBAC, "rolebindings")),
                        "shop",
                    ),
                    "user alice -kubernetes-bind-role-> namespace shop",
                ),
            ],
            shuts: vec![
                (
                    alice(&rule("create", RBAC, "clusterrolebindings"), ""),
                    "bind-role",
                ),
                (alice(&rule("bind", RBAC, "clusterroles"), ""), "bind-role"),
                (
                    alice(
                        &(rule("bind", RBAC, "clusterroles")
                            + ", "
                            + &rule("create", RBAC, "clusterrolebindings")),
                        "shop",
                    ),
                    "bind-role",
                ),
            ],
        },
        Row {
            id: "IDENTITY_IMPERSONATE",
            differs: "KubeHound has no code for it; users and groups by ClusterRoleBinding alone, a group only beside somebody",
            opens: vec![
                (
                    alice(&rule("impersonate", "", "serviceaccounts"), "shop"),
                    "grant shop/ClusterRole/r -kubernetes-impersonate-> any serviceaccount shop/*",
                ),
                (
                    alice(&rule("impersonate", "", "users, groups"), ""),
                    "grant */ClusterRole/r -kubernetes-impersonate-> any group *",
                ),
                (
                    alice(&rule("impersonate", "", "groups"), ""),
                    "grant */ClusterRole/r -kubernetes-impersonate-> any group * (conditional)",
                ),
            ],
            shuts: vec![
                (
                    alice(&rule("impersonate", "", "users, groups"), "shop"),
                    "kubernetes-impersonate",
                ),
                (
                    alice(&rule("impersonate", RBAC, "users"), ""),
                    "kubernetes-impersonate",
                ),
            ],
        },
    ]
}
