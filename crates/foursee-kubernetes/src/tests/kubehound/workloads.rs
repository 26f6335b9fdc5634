//! What workloads and nodes hold, and who gets to them.

use super::*;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row {
            id: "VOLUME_DISCOVER",
            differs: "a workload is one identity: what any of its containers is given",
            opens: vec![(
                pod(
                    "volumes: [{name: v, secret: {secretName: db}}], ",
                    ", volumeMounts: [{name: v, mountPath: /m}]",
                ),
                "pod shop/p -kubernetes-pod-secret-> secret shop/db",
            )],
            shuts: vec![(
                pod(
                    "volumes: [{name: v, emptyDir: {}}], ",
                    ", volumeMounts: [{name: v, mountPath: /m}]",
                ),
                "pod-secret",
            )],
        },
        Row {
            id: "VOLUME_ACCESS",
            differs: "from the node's files by what its pods mount",
            opens: vec![(
                pod(
                    "volumes: [{name: v, secret: {secretName: db}}], ",
                    ", volumeMounts: [{name: v, mountPath: /m}]",
                ),
                "pod shop/p -kubernetes-held-secret-> secret shop/db",
            )],
            shuts: vec![(
                pod(
                    "",
                    ", env: [{name: P, valueFrom: {secretKeyRef: {name: db, key: p}}}]",
                ),
                "held-secret",
            )],
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
                    service("ClusterIP", "web")
                        + "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, namespace: shop}\nautomountServiceAccountToken: false\n",
                    "pod-token",
                ),
                (pod("", ""), "pod-token"),
            ],
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
    ]
}
