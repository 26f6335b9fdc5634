//! KubeHound's 26 edges, one row each: by which techniques foursee draws it, worlds in which it opens, and worlds in which
//! a precondition that is missing keeps it shut.
//!
//! Source: DataDog/KubeHound, pkg/kubehound/graph/edge and docs/reference/attacks of 2025-11. What upstream really needs
//! stands beside each row where KubeHound's own answer is another.

use super::lowering::{edges, has, lacks, open, role};
use super::read;
use crate::Kubernetes;
use crate::facts::PolicyRule;
use crate::lower::rewrites_by_policy;
use crate::techniques::ALL;
use foursee_core::conformance::check;
use foursee_core::layer::Layer;
use std::collections::BTreeSet;

/// The ids of KubeHound's attacks.
const EDGES: [&str; 26] = [
    "CE_MODULE_LOAD",
    "CE_NSENTER",
    "CE_PRIV_MOUNT",
    "CE_SYS_PTRACE",
    "CE_UMH_CORE_PATTERN",
    "CE_VAR_LOG_SYMLINK",
    "CONTAINER_ATTACH",
    "ENDPOINT_EXPLOIT",
    "EXPLOIT_CONTAINERD_SOCK",
    "EXPLOIT_HOST_READ",
    "EXPLOIT_HOST_TRAVERSE",
    "EXPLOIT_HOST_WRITE",
    "IDENTITY_ASSUME",
    "IDENTITY_IMPERSONATE",
    "PERMISSION_DISCOVER",
    "POD_ATTACH",
    "POD_CREATE",
    "POD_EXEC",
    "POD_PATCH",
    "ROLE_BIND",
    "SHARE_PS_NAMESPACE",
    "TOKEN_BRUTEFORCE",
    "TOKEN_LIST",
    "TOKEN_STEAL",
    "VOLUME_ACCESS",
    "VOLUME_DISCOVER",
];

/// One of them.
pub(super) struct Row {
    pub(super) id: &'static str,
    /// What foursee answers otherwise, and why; empty where it is the same.
    differs: &'static str,
    /// Worlds, and an edge that each has.
    pub(super) opens: Vec<(String, &'static str)>,
    /// Worlds, and what no edge of each says.
    shuts: Vec<(String, &'static str)>,
}

/// A pod that runs on node n1: settings of its spec, and of its one container.
pub(super) fn pod(spec: &str, container: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: shop, uid: u}}\nspec: {{nodeName: n1, serviceAccountName: web, {spec}containers: [{{name: c, image: i{container}}}]}}\n"
    )
}

/// A pod with a path of its node, mounted so, in a container with these settings.
fn path(path: &str, mount: &str, container: &str) -> String {
    pod(
        &format!("volumes: [{{name: v, hostPath: {{path: {path}}}}}], "),
        &format!(", volumeMounts: [{{name: v, mountPath: /m{mount}}}]{container}"),
    )
}

fn context(text: &str) -> String {
    format!(", securityContext: {{{text}}}")
}

fn escape(spec: &str, text: &str) -> String {
    pod(spec, &context(text))
}

/// A pod with a projected token for the API server, in its one container or (not `mounted`) in none.
pub(super) fn with_token(audience: &str, mounted: bool) -> String {
    let mount = if mounted {
        ", volumeMounts: [{name: t, mountPath: /t}]"
    } else {
        ""
    };
    pod(
        &format!(
            "volumes: [{{name: t, projected: {{sources: [{{serviceAccountToken: {{path: t{audience}}}}}]}}}}], "
        ),
        mount,
    )
}

fn alice(rules: &str, namespace: &str) -> String {
    role("r", rules, namespace, "{kind: User, name: alice}")
}

fn rule(verbs: &str, group: &str, resources: &str) -> String {
    format!("{{verbs: [{verbs}], apiGroups: ['{group}'], resources: [{resources}]}}")
}

fn namespace(level: &str) -> String {
    let labels = if level.is_empty() {
        String::new()
    } else {
        format!(", labels: {{pod-security.kubernetes.io/enforce: {level}}}")
    };
    format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, uid: u1{labels}}}\n")
}

fn secret(extra: &str, kind: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Secret\ntype: {kind}\nmetadata: {{name: web-token-x, namespace: shop, uid: s, annotations: {{kubernetes.io/service-account.name: web}}{extra}}}\n"
    )
}

fn service(sort: &str, app: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop}}\nspec: {{type: {sort}, selector: {{app: {app}}}}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec: {{template: {{metadata: {{labels: {{app: web}}}}, spec: {{containers: [{{name: c, image: i}}]}}}}}}\n"
    )
}

const TOKEN: &str = "kubernetes.io/service-account-token";
const LOCKED: &str = "runAsUser: 1000, allowPrivilegeEscalation: false";
const OUT: &str = "pod shop/p -kubernetes-escape-> node n1";
const RBAC: &str = "rbac.authorization.k8s.io";

pub(super) fn rows() -> Vec<Row> {
    let locked = |text: &str| format!("{text}, {LOCKED}");
    vec![
        Row {
            id: "CE_MODULE_LOAD",
            differs: "runtimes upper-case capabilities, and ALL counts; root and no user namespace are needed",
            opens: vec![
                (escape("", "capabilities: {add: [sys_module]}"), OUT),
                (escape("", "capabilities: {add: [CAP_SYS_MODULE]}"), OUT),
                (escape("", "capabilities: {add: [ALL]}"), OUT),
            ],
            shuts: vec![
                (escape("hostUsers: false, ", "capabilities: {add: [SYS_MODULE]}"), "escape"),
                (escape("", &locked("capabilities: {add: [SYS_MODULE]}")), "escape"),
                (escape("", "capabilities: {add: [SYS_TIME]}"), "escape"),
            ],
        },
        Row {
            id: "CE_NSENTER",
            differs: "a privileged container is out without hostPID too",
            opens: vec![(escape("hostPID: true, ", "privileged: true"), OUT)],
            shuts: vec![
                (escape("hostPID: true, ", "privileged: false"), "escape"),
                (escape("hostUsers: false, ", "privileged: true"), "escape"),
            ],
        },
        Row {
            id: "CE_PRIV_MOUNT",
            differs: "one that starts as another user needs a setuid program of its image",
            opens: vec![
                (escape("", "privileged: true"), OUT),
                (
                    escape("", "privileged: true, runAsUser: 1000"),
                    "pod shop/p -kubernetes-escape-> node n1 (conditional)",
                ),
                (
                    pod("", ", securityContext: {windowsOptions: {hostProcess: true}}"),
                    OUT,
                ),
            ],
            shuts: vec![(escape("hostUsers: false, ", "privileged: true"), "escape")],
        },
        Row {
            id: "CE_SYS_PTRACE",
            differs: "AppArmor confines wherever the node has it, by annotation before 1.30 too; SYS_ADMIN is not needed",
            opens: vec![
                (
                    escape(
                        "hostPID: true, ",
                        "capabilities: {add: [SYS_PTRACE]}, appArmorProfile: {type: Unconfined}",
                    ),
                    OUT,
                ),
                (
                    escape("hostPID: true, ", "capabilities: {add: [SYS_PTRACE]}"),
                    "pod shop/p -kubernetes-escape-> node n1 (conditional)",
                ),
            ],
            shuts: vec![
                (
                    escape(
                        "hostPID: true, ",
                        "capabilities: {add: [SYS_PTRACE]}, appArmorProfile: {type: RuntimeDefault}",
                    ),
                    "escape",
                ),
                (
                    escape("hostPID: true, ", "capabilities: {add: [SYS_PTRACE]}").replace(
                        "namespace: shop,",
                        "namespace: shop, annotations: {container.apparmor.security.beta.kubernetes.io/c: runtime/default},",
                    ),
                    "escape",
                ),
                (escape("", "capabilities: {add: [SYS_PTRACE]}"), "escape"),
            ],
        },
        Row {
            id: "CE_UMH_CORE_PATTERN",
            differs: "root by the image's default counts; the mount must be this container's, and writable",
            opens: vec![
                (path("/proc/sys/kernel", "", ""), OUT),
                (path("/proc", "", &context("runAsUser: 0")), OUT),
                (path("/", ", subPath: proc/sys", ""), OUT),
            ],
            shuts: vec![
                (path("/proc/sys/kernel", ", readOnly: true", ""), "escape"),
                (path("/proc/sys/kernel", "", &context(LOCKED)), "escape"),
                // The root of one container, the mount of another.
                (
                    pod(
                        "volumes: [{name: v, hostPath: {path: /proc/sys/kernel}}], ",
                        ", securityContext: {runAsUser: 0}}, {name: d, image: i, securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false}, volumeMounts: [{name: v, mountPath: /m}]",
                    ),
                    "escape",
                ),
                (path("/", ", subPath: srv/data", ""), "escape"),
            ],
        },
        Row {
            id: "CE_VAR_LOG_SYMLINK",
            differs: "the mount must be writable; any identity that reads logs will do, and the own account makes it certain",
            opens: vec![
                (
                    path("/var/log", "", ""),
                    "pod shop/p -kubernetes-log-symlink-> user system:node:n1 (conditional)",
                ),
                (
                    path("/var/log", "", "").replace(
                        "volumes: [",
                        "volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: t}}]}}, ",
                    )
                    .replace("volumeMounts: [", "volumeMounts: [{name: t, mountPath: /t}, ")
                        + &role(
                            "logs",
                            &rule("get", "", "pods/log"),
                            "shop",
                            "{kind: ServiceAccount, name: web, namespace: shop}",
                        ),
                    "pod shop/p -kubernetes-log-symlink-> user system:node:n1",
                ),
            ],
            shuts: vec![
                (path("/var/log", ", readOnly: true", ""), "log-symlink"),
                (path("/var/log", "", &context(LOCKED)), "log-symlink"),
                (path("/var/logs", "", ""), "log-symlink"),
            ],
        },
        Row {
            id: "EXPLOIT_HOST_READ",
            differs: "the kubelet's keys are its credential; a person's key or password may let in, which is said; the mount must be a root container's",
            opens: vec![
                (
                    path("/var/lib/kubelet/pki", ", readOnly: true", ""),
                    "pod shop/p -kubernetes-host-kubelet-credential-> user system:node:n1",
                ),
                (
                    path("/etc", ", readOnly: true", ""),
                    "pod shop/p -kubernetes-escape-> node n1 (conditional)",
                ),
            ],
            shuts: vec![
                (path("/etc", ", readOnly: true", &context(LOCKED)), "escape"),
                (path("/var/lib/misc", ", readOnly: true", ""), "pod shop/p -kubernetes-host"),
            ],
        },
        Row {
            id: "EXPLOIT_HOST_WRITE",
            differs: "what the node runs or obeys, not all but 19 safe paths",
            opens: vec![
                (path("/etc/cron.d", "", ""), OUT),
                (path("/etc/kubernetes/manifests", "", ""), OUT),
                (path("/", "", ""), OUT),
            ],
            shuts: vec![
                (path("/etc/cron.d", ", readOnly: true", ""), "escape"),
                (path("/mnt/data", "", ""), "escape"),
                (
                    pod("volumes: [{name: v, hostPath: {path: /etc}}], ", ""),
                    "escape",
                ),
            ],
        },
        Row {
            id: "EXPLOIT_HOST_TRAVERSE",
            differs: "the tokens and Secrets that the node's pods mount, not every projected volume; hostPID reads processes of the same user",
            opens: vec![
                (
                    path("/var/lib/kubelet/pods", ", readOnly: true", ""),
                    "pod shop/p -kubernetes-host-tokens-> node n1",
                ),
                (
                    pod("hostPID: true, ", ""),
                    "pod shop/p -kubernetes-host-tokens-> node n1 (conditional)",
                ),
                (
                    with_token("", true),
                    "node n1 -kubernetes-node-holds-> pod shop/p",
                ),
            ],
            shuts: vec![
                (
                    path("/var/lib/kubelet/pods", "", &context(LOCKED)),
                    "host-tokens",
                ),
                (
                    path("/var/lib/kubelet/device-plugins", "", ""),
                    "host-tokens",
                ),
                (with_token("", false), "held-token"),
            ],
        },
        Row {
            id: "EXPLOIT_CONTAINERD_SOCK",
            differs: "KubeHound has no code for it; a read-only mount connects too, and the socket's folder holds it",
            opens: vec![
                (path("/run/containerd/containerd.sock", ", readOnly: true", ""), OUT),
                (path("/var/run", ", readOnly: true", ""), OUT),
            ],
            shuts: vec![
                (path("/run/containerd/containerd.sock", "", &context(LOCKED)), "escape"),
                (path("/run/secrets", "", ""), "escape"),
            ],
        },
        Row {
            id: "VOLUME_DISCOVER",
            differs: "a workload is one identity: what any of its containers is given",
            opens: vec![(
                pod("volumes: [{name: v, secret: {secretName: db}}], ", ", volumeMounts: [{name: v, mountPath: /m}]"),
                "pod shop/p -kubernetes-pod-secret-> secret shop/db",
            )],
            shuts: vec![(
                pod("volumes: [{name: v, emptyDir: {}}], ", ", volumeMounts: [{name: v, mountPath: /m}]"),
                "pod-secret",
            )],
        },
        Row {
            id: "VOLUME_ACCESS",
            differs: "from the node's files by what its pods mount",
            opens: vec![(
                pod("volumes: [{name: v, secret: {secretName: db}}], ", ", volumeMounts: [{name: v, mountPath: /m}]"),
                "pod shop/p -kubernetes-held-secret-> secret shop/db",
            )],
            shuts: vec![
                (
                    pod("", ", env: [{name: P, valueFrom: {secretKeyRef: {name: db, key: p}}}]"),
                    "held-secret",
                ),
            ],
        },
        Row {
            id: "TOKEN_STEAL",
            differs: "only a token whose audience is the API server's is one for it",
            opens: vec![(
                with_token("", true),
                "pod shop/p -kubernetes-pod-token-> serviceaccount shop/web",
            )],
            shuts: vec![
                (with_token(", audience: vault", true), "pod-token"),
                (with_token("", false), "pod-token"),
            ],
        },
        Row {
            id: "IDENTITY_ASSUME",
            differs: "automount of the pod, then of the account, then yes; a node needs no RBAC",
            opens: vec![
                (
                    service("ClusterIP", "web"),
                    "pod shop/web -kubernetes-pod-token-> serviceaccount shop/default",
                ),
                (
                    "---\napiVersion: v1\nkind: Node\nmetadata: {name: n1, uid: u1}\n".to_owned(),
                    "node n1 -kubernetes-kubelet-credential-> user system:node:n1",
                ),
            ],
            shuts: vec![
                (
                    service("ClusterIP", "web") + "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, namespace: shop}\nautomountServiceAccountToken: false\n",
                    "pod-token",
                ),
                (pod("", ""), "pod-token"),
            ],
        },
        Row {
            id: "PERMISSION_DISCOVER",
            differs: "a subject of another namespace, one without a namespace, implicit groups, and users that spell an account",
            opens: vec![
                (
                    role("r", &rule("get", "", "secrets"), "shop", "{kind: ServiceAccount, name: ci, namespace: ops}"),
                    "serviceaccount ops/ci -core-member-> grant shop/ClusterRole/r",
                ),
                (
                    role("r", &rule("get", "", "secrets"), "shop", "{kind: User, name: 'system:serviceaccount:ops:ci'}"),
                    "serviceaccount ops/ci -core-member-> grant shop/ClusterRole/r",
                ),
            ],
            shuts: vec![(
                role("r", &rule("get", "", "secrets"), "", "{kind: ServiceAccount, name: ci}"),
                "core-member",
            )],
        },
        Row {
            id: "POD_ATTACH",
            differs: "",
            opens: vec![(pod("", ""), "node n1 -kubernetes-node-runs-> pod shop/p")],
            shuts: vec![(pod("", "").replace("nodeName: n1, ", ""), "node-runs")],
        },
        Row {
            id: "CONTAINER_ATTACH",
            differs: "a workload is one identity: who is in the pod is in its containers",
            opens: vec![(pod("", ""), "node n1 -kubernetes-node-runs-> pod shop/p")],
            shuts: vec![(pod("", "").replace("n1", "n2"), "node n1 ")],
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
                    alice(&(rule("create", "", "pods") + ", " + &rule("patch", "", "namespaces")), "shop")
                        + &namespace("baseline"),
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
                    alice(&(rule("create", "", "pods") + ", " + &rule("get", "", "namespaces")), "shop")
                        + &namespace("baseline"),
                    "turn-off",
                ),
                (
                    alice(&rule("create", "", "pods, persistentvolumes, persistentvolumeclaims"), "")
                        + &namespace("restricted"),
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
                (alice(&rule("patch", "apps", "deployments/scale"), "shop"), "change-workload"),
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
                    secret(", labels: {kubernetes.io/legacy-token-invalid-since: '2026-01-01'}", TOKEN),
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
                    alice("{verbs: [list], apiGroups: [''], resources: [secrets], resourceNames: [tls]}", "shop"),
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
                        &(rule("bind", RBAC, "clusterroles") + ", " + &rule("create", RBAC, "clusterrolebindings")),
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
                (alice(&rule("create", RBAC, "clusterrolebindings"), ""), "bind-role"),
                (alice(&rule("bind", RBAC, "clusterroles"), ""), "bind-role"),
                (
                    alice(
                        &(rule("bind", RBAC, "clusterroles") + ", " + &rule("create", RBAC, "clusterrolebindings")),
                        "shop",
                    ),
                    "bind-role",
                ),
            ],
        },
        Row {
            id: "SHARE_PS_NAMESPACE",
            differs: "a workload is one identity, so what one container is given is the pod's; the rule kubernetes-shared-processes says where a shared process namespace makes it so",
            opens: vec![(
                pod(
                    "shareProcessNamespace: true, volumes: [{name: v, secret: {secretName: db}}], ",
                    ", volumeMounts: [{name: v, mountPath: /m}]}, {name: d, image: i",
                ),
                "pod shop/p -kubernetes-pod-secret-> secret shop/db",
            )],
            shuts: vec![(
                pod("shareProcessNamespace: true, ", "}, {name: d, image: i"),
                "pod-secret",
            )],
        },
        Row {
            id: "ENDPOINT_EXPLOIT",
            differs: "an entry of the workload, where the internet reaches a Service or Ingress; a declared containerPort opens nothing, and NetworkPolicies are not read",
            opens: vec![],
            shuts: vec![],
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
                (alice(&rule("impersonate", "", "users, groups"), "shop"), "kubernetes-impersonate"),
                (alice(&rule("impersonate", RBAC, "users"), ""), "kubernetes-impersonate"),
            ],
        },
    ]
}

#[test]
fn all_26_are_there_once() {
    let rows = rows();
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.id).collect();
    assert_eq!(ids, BTreeSet::from(EDGES));
    assert_eq!(rows.len(), EDGES.len());
    let entry = "ENDPOINT_EXPLOIT";
    for row in rows.iter().filter(|row| row.id != entry) {
        assert!(!row.opens.is_empty() && !row.shuts.is_empty(), "{}", row.id);
    }
    assert!(rows.iter().filter(|row| !row.differs.is_empty()).count() > 20);
}

#[test]
fn each_opens_where_it_should_and_stays_shut_where_it_should() {
    for row in rows() {
        for (world, line) in &row.opens {
            let all = edges(world);
            assert!(
                all.iter().any(|one| one == line),
                "{}: no `{line}` in\n{}\n{world}",
                row.id,
                all.join("\n")
            );
            let technique = line
                .split(" -")
                .nth(1)
                .and_then(|rest| rest.split("->").next())
                .unwrap();
            assert!(
                technique.starts_with("core-") || ALL.iter().any(|one| one.id == technique),
                "{technique}"
            );
        }
        for (world, part) in &row.shuts {
            let all = edges(world);
            assert!(
                !all.iter().any(|one| one.contains(part)),
                "{}: `{part}` in\n{}\n{world}",
                row.id,
                all.join("\n")
            );
        }
    }
}

/// Every edge of every world is confirmed, for every member, and none for a stranger.
#[test]
fn every_world_keeps_the_contract() {
    for row in rows() {
        for (world, _) in row.opens.iter().chain(&row.shuts) {
            let wrong = check(&Kubernetes, &[("world.yaml", world)]).unwrap();
            assert!(wrong.is_empty(), "{}: {}\n{world}", row.id, wrong.join("\n"));
        }
    }
}

#[test]
fn an_endpoint_is_an_entry_where_the_internet_reaches_it() {
    let entries = |world: &str| -> Vec<String> {
        let (_, mapped) = open(world);
        let estate = &mapped.estate;
        estate
            .entries
            .iter()
            .map(|one| format!("{} {} {}", estate.show(one.node), one.foothold.as_str(), one.why))
            .collect()
    };
    assert_eq!(
        entries(&service("LoadBalancer", "web")),
        ["pod shop/web runs internet-facing service shop/web"]
    );
    for shut in [service("ClusterIP", "web"), service("LoadBalancer", "other")] {
        assert_eq!(entries(&shut), Vec::<String>::new());
    }
}

#[test]
fn the_control_plane_rewrites_and_enrols() {
    let admission = "admissionregistration.k8s.io";
    let policies = rule(
        "create",
        admission,
        "mutatingadmissionpolicies, mutatingadmissionpolicybindings",
    );
    let line = "grant */ClusterRole/r -kubernetes-mutating-admission-policy-> cluster cluster (conditional)";
    has(&edges(&alice(&policies, "")), line);
    for (version, rewrites) in [("1.35", false), ("1.36", true)] {
        let (mut facts, _) = read(&[&alice(&policies, "")]);
        Kubernetes.assume(&mut facts, version).unwrap();
        let rules: Vec<&PolicyRule> = facts.roles[0].rules.iter().map(|one| &one.0).collect();
        assert_eq!(
            rewrites_by_policy(&facts, &rules).is_some(),
            rewrites,
            "{version}"
        );
    }
    lacks(&edges(&alice(&policies, "shop")), "mutating-admission-policy");
    // Half of it does nothing.
    let half = rule("create", admission, "mutatingadmissionpolicies");
    lacks(&edges(&alice(&half, "")), "mutating-admission-policy");
    has(
        &edges(&alice(&rule("patch", admission, "mutatingadmissionpolicies"), "")),
        line,
    );
    let certificates = "certificates.k8s.io";
    let enrols = rule(
        "create",
        certificates,
        "certificatesigningrequests, certificatesigningrequests/nodeclient",
    );
    let line = "user alice -kubernetes-node-certificate-> any user system:node:* (conditional)";
    has(&edges(&alice(&enrols, "")), line);
    // As kubeadm has it: the halves in two roles, for who has a bootstrap token; and who makes these.
    let group = "{kind: Group, name: 'system:bootstrappers:kubeadm:default-node-token'}";
    let request = rule("create", certificates, "certificatesigningrequests");
    let approved = rule("create", certificates, "certificatesigningrequests/nodeclient");
    let halves = role("a", &request, "", group) + &role("b", &approved, "", group);
    let makes = alice(&rule("create", "", "secrets"), "kube-system");
    let all = edges(&(halves.clone() + &makes));
    has(
        &all,
        &line.replace(
            "user alice",
            "group system:bootstrappers:kubeadm:default-node-token",
        ),
    );
    has(
        &all,
        "grant kube-system/ClusterRole/r -kubernetes-bootstrap-token-> any group system:bootstrappers* (conditional)",
    );
    lacks(
        &edges(&alice(&rule("create", "", "secrets"), "shop")),
        "bootstrap-token",
    );
    lacks(&edges(&role("a", &request, "", group)), "node-certificate");
    let wrong = check(&Kubernetes, &[("world.yaml", &(halves + &makes))]).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let own = enrols.replace("nodeclient", "selfnodeclient");
    lacks(&edges(&alice(&own, "")), "node-certificate");
}

#[test]
fn a_server_that_allows_all_is_everybodys() {
    let server = |mode: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: kube-apiserver-n1, namespace: kube-system, uid: a, labels: {{component: kube-apiserver}}}}\nspec: {{nodeName: n1, containers: [{{name: kube-apiserver, image: i, command: [kube-apiserver, '--authorization-mode={mode}']}}]}}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: web, namespace: shop}}\n"
        )
    };
    let all = edges(&server("AlwaysAllow"));
    has(
        &all,
        "group system:authenticated -kubernetes-admin-> cluster cluster",
    );
    has(
        &all,
        "any serviceaccount * -core-member-> group system:authenticated",
    );
    // Its keys stand on its node.
    has(&all, "node n1 -kubernetes-control-plane-keys-> cluster cluster");
    let all = edges(&server("Node,RBAC"));
    lacks(&all, "kubernetes-admin");
    lacks(&edges(&pod("", "")), "control-plane-keys");
    let wrong = check(&Kubernetes, &[("world.yaml", &server("AlwaysAllow"))]).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The patch that makes an existing token Secret another account's.
#[test]
fn a_token_secret_that_exists_is_refilled() {
    let line = "grant shop/ClusterRole/r -kubernetes-mint-token-secret-> any serviceaccount shop/*";
    let named = |verbs: &str, name: &str| {
        format!("{{verbs: [{verbs}], apiGroups: [''], resources: [secrets], resourceNames: [{name}]}}")
    };
    let account = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: admin, namespace: shop}\n";
    let there = secret("", TOKEN) + account;
    has(
        &edges(&(alice(&named("get, patch", "web-token-x"), "shop") + &there)),
        line,
    );
    let wide = alice(&rule("list, update", "", "secrets"), "") + &there;
    has(
        &edges(&wide),
        "grant */ClusterRole/r -kubernetes-mint-token-secret-> any serviceaccount * (ask)",
    );
    for shut in [
        alice(&named("get, patch", "web-token-x"), "shop"),
        alice(&named("get, patch", "other"), "shop") + &there,
        alice(&named("patch", "web-token-x"), "shop") + &there,
        alice(&named("get, patch", "web-token-x"), "shop") + &secret("", "Opaque"),
    ] {
        lacks(&edges(&shut), "mint-token");
    }
    let wrong = check(&Kubernetes, &[("world.yaml", &wide)]).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
