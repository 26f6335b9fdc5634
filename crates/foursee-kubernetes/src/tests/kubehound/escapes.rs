//! Out of a container, to its node.

use super::*;

/// A pod that mounts a claim, and the volume of a node's path that the claim of that namespace has.
fn claimed(path: &str, namespace: &str) -> String {
    let volume = format!(
        "---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: pv, uid: v}}\nspec: {{hostPath: {{path: {path}}}, claimRef: {{namespace: {namespace}, name: data}}}}\n"
    );
    pod(
        "volumes: [{name: v, persistentVolumeClaim: {claimName: data}}], ",
        ", volumeMounts: [{name: v, mountPath: /m}]",
    ) + &volume
}

/// The same, by a claim that is made for the pod, where the volume is of the claim with that name.
fn made(claim: &str) -> String {
    claimed("/etc", "shop")
        .replace(
            "persistentVolumeClaim: {claimName: data}",
            "ephemeral: {volumeClaimTemplate: {}}",
        )
        .replace("name: data}", &format!("name: {claim}}}"))
}

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
            differs: "what the node runs or obeys, not all but 19 safe paths; through a PersistentVolume too",
            opens: vec![
                (claimed("/etc", "shop"), OUT),
                (made("p-v"), OUT),
                (path("/etc/cron.d", "", ""), OUT),
                (path("/etc/kubernetes/manifests", "", ""), OUT),
                (path("/", "", ""), OUT),
            ],
            shuts: vec![
                (claimed("/etc", "ops"), "escape"),
                (made("v"), "escape"),
                (claimed("/srv/data", "shop"), "escape"),
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
    ]
}
