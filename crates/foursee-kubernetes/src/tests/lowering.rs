//! Lowering: who becomes what, and the contract that every edge keeps.

use crate::Kubernetes;
use foursee_core::audit::{Mapped, Opened};
use foursee_core::conformance::{Means, check, complete, opened};
use foursee_core::graph::{Confirm, Position};
use foursee_core::layer::{Holds, Who};
use foursee_core::model::{Certainty, Foothold};

pub(super) fn open(text: &str) -> (Opened, Mapped) {
    opened(Kubernetes, &[("world.yaml", text)]).unwrap()
}

/// Every edge, as text.
pub(super) fn edges(text: &str) -> Vec<String> {
    let (_, mapped) = open(text);
    let estate = &mapped.estate;
    estate
        .edges
        .iter()
        .map(|edge| {
            let technique = estate.technique(edge.technique).map_or("", |row| &row.id);
            let certain = match edge.certainty {
                Certainty::Certain => String::new(),
                other => format!(" ({})", other.as_str()),
            };
            format!(
                "{} -{technique}-> {}{certain}",
                estate.show(edge.from),
                estate.show(edge.to)
            )
        })
        .filter(|line| !line.starts_with("cluster ") && !line.starts_with("group system:masters"))
        .collect()
}

pub(super) fn has(all: &[String], line: &str) {
    assert!(
        all.iter().any(|one| one == line),
        "no `{line}` in\n{}",
        all.join("\n")
    );
}

pub(super) fn lacks(all: &[String], part: &str) {
    assert!(
        !all.iter().any(|one| one.contains(part)),
        "`{part}` in\n{}",
        all.join("\n")
    );
}

pub(super) fn role(name: &str, rules: &str, namespace: &str, subject: &str) -> String {
    let (kind, of) = if namespace.is_empty() {
        ("ClusterRoleBinding", String::new())
    } else {
        ("RoleBinding", format!(", namespace: {namespace}"))
    };
    format!(
        "---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: {name}}}
rules: [{rules}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata: {{name: {name}{of}}}
roleRef: {{kind: ClusterRole, name: {name}}}
subjects: [{subject}]
"
    )
}

const ALICE: &str = "{kind: User, name: alice}";
const RBAC: &str = "apiGroups: [rbac.authorization.k8s.io]";

const PODS: &str = "---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {owner: storefront}}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers: [{name: c, env: [{name: AWS_ACCESS_KEY_ID, value: AKIAABCDEFGHIJKLMNOP}, {name: P, valueFrom: {secretKeyRef: {name: db, key: p}}}]}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {type: LoadBalancer, selector: {app: web}}
";

#[test]
fn techniques_of_a_role_in_a_namespace() {
    let rules = "{verbs: [get], apiGroups: [''], resources: [secrets], resourceNames: [tls]},
        {verbs: [create], apiGroups: [''], resources: [pods/exec, serviceaccounts/token]},
        {verbs: [create], apiGroups: [batch], resources: [jobs]},
        {verbs: [patch], apiGroups: [apps], resources: [deployments]},
        {verbs: [get], apiGroups: [''], resources: [nodes/proxy]},
        {verbs: [impersonate], apiGroups: [''], resources: [users, serviceaccounts]}";
    let all = edges(&(role("r", rules, "shop", ALICE) + PODS));
    let grant = "grant shop/ClusterRole/r";
    has(&all, &format!("user alice -core-member-> {grant}"));
    has(
        &all,
        &format!("{grant} -kubernetes-read-secret-> secret shop/tls"),
    );
    has(&all, &format!("{grant} -kubernetes-exec-> any pod shop/*"));
    has(
        &all,
        &format!("{grant} -kubernetes-request-token-> any serviceaccount shop/*"),
    );
    has(
        &all,
        &format!("{grant} -kubernetes-create-workload-> any serviceaccount shop/*"),
    );
    has(
        &all,
        &format!("{grant} -kubernetes-mount-secret-> any secret shop/*"),
    );
    has(
        &all,
        &format!("{grant} -kubernetes-create-privileged-workload-> any node * (conditional)"),
    );
    has(
        &all,
        &format!("{grant} -kubernetes-change-workload-> any pod shop/* (ask)"),
    );
    has(
        &all,
        &format!("{grant} -kubernetes-impersonate-> any serviceaccount shop/*"),
    );
    // Cluster-scoped things are dead in a RoleBinding.
    lacks(&all, "kubernetes-node-proxy");
    lacks(&all, "kubernetes-impersonate-> any user");
    has(
        &all,
        "pod shop/web -kubernetes-pod-token-> serviceaccount shop/web",
    );
    has(&all, "pod shop/web -kubernetes-pod-secret-> secret shop/db");
    has(
        &all,
        "serviceaccount shop/web -kubernetes-use-token-> serviceaccount shop/web",
    );
}

#[test]
fn the_whole_cluster_and_the_members_of_groups() {
    let rules = "{verbs: ['*'], apiGroups: ['*'], resources: ['*']}";
    let all = edges(&role(
        "r",
        rules,
        "",
        "{kind: Group, name: 'system:serviceaccounts:shop'}",
    ));
    has(
        &all,
        "any serviceaccount shop/* -core-member-> group system:serviceaccounts:shop",
    );
    has(
        &all,
        "group system:serviceaccounts:shop -core-member-> grant */ClusterRole/r",
    );
    has(&all, "grant */ClusterRole/r -kubernetes-admin-> cluster cluster");
    has(&all, "grant */ClusterRole/r -kubernetes-node-proxy-> any pod *");
    has(&all, "grant */ClusterRole/r -kubernetes-impersonate-> any user *");
}

#[test]
fn a_token_that_is_not_mounted_is_no_way() {
    let off = PODS.replace("metadata: {name: web, namespace: shop}\n---\napiVersion: v1\nkind: Service\n", "metadata: {name: web, namespace: shop}\nautomountServiceAccountToken: false\n---\napiVersion: v1\nkind: Service\n");
    assert_ne!(off, PODS);
    lacks(&edges(&off), "kubernetes-pod-token");
    // The pod's own word comes first.
    let on = off.replace(
        "serviceAccountName: web",
        "serviceAccountName: web\n      automountServiceAccountToken: true",
    );
    has(
        &edges(&on),
        "pod shop/web -kubernetes-pod-token-> serviceaccount shop/web",
    );
}

#[test]
fn delegation_needs_both_halves() {
    let bind = format!("{{verbs: [bind], {RBAC}, resources: [clusterroles]}}");
    let write = format!("{{verbs: [create], {RBAC}, resources: [clusterrolebindings, rolebindings]}}");
    lacks(&edges(&role("r", &bind, "", ALICE)), "kubernetes-bind-role");
    lacks(&edges(&role("r", &write, "", ALICE)), "kubernetes-bind-role");
    let both = format!("{bind}, {write}");
    has(
        &edges(&role("r", &both, "", ALICE)),
        "user alice -kubernetes-bind-role-> cluster cluster",
    );
    let all = edges(&role("r", &both, "shop", ALICE));
    has(&all, "user alice -kubernetes-bind-role-> namespace shop");
    has(
        &all,
        "namespace shop -kubernetes-create-workload-> any serviceaccount shop/*",
    );
    // Named roles only.
    let named =
        format!("{{verbs: [bind], {RBAC}, resources: [clusterroles], resourceNames: [view]}}, {write}");
    let view = "{verbs: [list], apiGroups: [''], resources: [secrets]}";
    let all = edges(&(role("r", &named, "", ALICE) + &role("view", view, "shop", "{kind: User, name: bob}")));
    has(
        &all,
        "user alice -kubernetes-bind-role-> grant */ClusterRole/view",
    );
    has(
        &all,
        "grant */ClusterRole/view -kubernetes-read-secret-> any secret *",
    );
    lacks(&all, "user alice -kubernetes-bind-role-> cluster");
    // Halves that come from two roles meet in the holder.
    let all = edges(&(role("r", &bind, "", ALICE) + &role("s", &write, "", ALICE)));
    has(&all, "user alice -kubernetes-bind-role-> cluster cluster");
}

#[test]
fn certificates_need_all_three_and_webhooks_one() {
    let request = "{verbs: [create, update], apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests, certificatesigningrequests/approval]}";
    let signer = "{verbs: [approve], apiGroups: [certificates.k8s.io], resources: [signers], resourceNames: ['kubernetes.io/kube-apiserver-client']}";
    let all = edges(&role("r", &format!("{request}, {signer}"), "", ALICE));
    has(
        &all,
        "grant */ClusterRole/r -kubernetes-approve-certificate-> any user *",
    );
    has(
        &all,
        "grant */ClusterRole/r -kubernetes-approve-certificate-> any group * except system:masters",
    );
    lacks(
        &edges(&role("r", request, "", ALICE)),
        "kubernetes-approve-certificate",
    );
    let other = signer.replace("kube-apiserver-client", "legacy-unknown");
    lacks(
        &edges(&role("r", &format!("{request}, {other}"), "", ALICE)),
        "kubernetes-approve-certificate",
    );
    let webhook = "{verbs: [patch], apiGroups: [admissionregistration.k8s.io], resources: [mutatingwebhookconfigurations]}";
    has(
        &edges(&role("r", webhook, "", ALICE)),
        "grant */ClusterRole/r -kubernetes-mutating-webhook-> cluster cluster (conditional)",
    );
}

#[test]
fn a_literal_star_among_names_is_no_wildcard() {
    let rule = "{verbs: [get], apiGroups: [''], resources: [secrets], resourceNames: ['*']}";
    let all = edges(
        &(role("r", rule, "", ALICE)
            + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: shop}\n"),
    );
    has(&all, "grant */ClusterRole/r -kubernetes-read-secret-> secret */*");
    lacks(&all, "any secret");
}

#[test]
fn escalation_needs_a_role_of_ones_own() {
    let escalate = format!("{{verbs: [escalate, update], {RBAC}, resources: [clusterroles]}}");
    has(
        &edges(&role("r", &escalate, "", ALICE)),
        "user alice -kubernetes-escalate-role-> cluster cluster",
    );
    // On clusterroles through a RoleBinding it is dead.
    lacks(
        &edges(&role("r", &escalate, "shop", ALICE)),
        "kubernetes-escalate-role",
    );
    let other =
        format!("{{verbs: [escalate, update], {RBAC}, resources: [clusterroles], resourceNames: [other]}}");
    lacks(&edges(&role("r", &other, "", ALICE)), "kubernetes-escalate-role");
}

#[test]
fn pods_are_one_workload_with_their_controller() {
    let list = r#"{"kind":"List","apiVersion":"v1","items":[
{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web-5d6-abc","namespace":"shop","uid":"1","labels":{"pod-template-hash":"5d6"},"ownerReferences":[{"kind":"ReplicaSet","name":"web-5d6","controller":true}]},"spec":{"nodeName":"n1","hostPID":true,"serviceAccountName":"web","containers":[{"name":"c","securityContext":{"privileged":true}}]}},
{"kind":"Pod","apiVersion":"v1","metadata":{"name":"nightly-29012345-x","namespace":"shop","uid":"2","ownerReferences":[{"kind":"Job","name":"nightly-29012345","controller":true}]},"spec":{"nodeName":"n2","containers":[{"name":"c"}]}},
{"kind":"CronJob","apiVersion":"batch/v1","metadata":{"name":"web","namespace":"shop","uid":"3"},"spec":{"jobTemplate":{"spec":{"template":{"spec":{"containers":[{"name":"c"}]}}}}}},
{"kind":"Node","apiVersion":"v1","metadata":{"name":"n1","uid":"4"}}
]}"#;
    let (opened, mapped) = opened(Kubernetes, &[("a.json", list)]).unwrap();
    let estate = &mapped.estate;
    let pods: Vec<&str> = estate
        .ids()
        .filter(|id| {
            estate.kind(*id).is_some_and(|kind| &*kind.name == "pod") && !estate.node(*id).unwrap().selector
        })
        .map(|id| estate.name(id))
        .collect();
    assert_eq!(pods, ["shop/nightly", "shop/web", "shop/web.cronjob"]);
    let all = edges(list);
    has(&all, "pod shop/web -kubernetes-escape-> node n1");
    has(&all, "node n1 -kubernetes-node-runs-> pod shop/web");
    has(&all, "node n2 -kubernetes-node-runs-> pod shop/nightly");
    has(
        &all,
        "node n1 -kubernetes-kubelet-credential-> user system:node:n1",
    );
    drop(opened);
}

#[test]
fn credentials_and_entries() {
    let irsa = PODS.replace(
        "metadata: {name: web, namespace: shop}\n---\napiVersion: v1\nkind: Service\n",
        "metadata: {name: web, namespace: shop, annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::1:role/web'}}\n---\napiVersion: v1\nkind: Service\n",
    );
    let issuer = r#"{"issuer":"https://oidc.example/id/A/","jwks_uri":"https://oidc.example/id/A/keys"}"#;
    let (_, mapped) = opened(Kubernetes, &[("a.yaml", &irsa), ("b.json", issuer)]).unwrap();
    let estate = &mapped.estate;
    let said: Vec<String> = estate
        .presented
        .iter()
        .map(|one| {
            format!(
                "{} {} {} {} {:?} {:?}",
                estate.show(one.by),
                one.at.as_str(),
                one.kind,
                one.subject,
                one.audience,
                one.meant_for
            )
        })
        .collect();
    has(
        &said,
        "pod shop/web runs web-identity system:serviceaccount:shop:web Named([\"sts.amazonaws.com\"]) Some(\"arn:aws:iam::1:role/web\")",
    );
    has(
        &said,
        "serviceaccount shop/web spawns web-identity system:serviceaccount:shop:web Any None",
    );
    has(
        &said,
        "pod shop/web runs aws-access-key AKIAABCDEFGHIJKLMNOP None None",
    );
    assert!(
        estate
            .presented
            .iter()
            .all(|one| &*one.kind != "web-identity" || &*one.realm == "oidc.example/id/A")
    );
    let entries: Vec<&str> = estate.entries.iter().map(|mark| estate.name(mark.node)).collect();
    assert_eq!(entries, ["shop/web"]);
    let internal = irsa.replace(
        "metadata: {name: web, namespace: shop}\nspec: {type",
        "metadata: {name: web, namespace: shop, annotations: {service.beta.kubernetes.io/aws-load-balancer-scheme: internal}}\nspec: {type",
    );
    assert_ne!(internal, irsa);
    assert!(open(&internal).1.estate.entries.is_empty());
    assert!(estate.tags.iter().any(
        |tag| estate.name(tag.node) == "shop/web" && (&*tag.key, &*tag.value) == ("owner", "storefront")
    ));
    assert!(!estate.gaps.iter().any(|gap| gap.target.contains("issuer")));
    assert!(open(PODS).1.estate.gaps.iter().any(|gap| {
        gap.closes
            .contains("kubectl get --raw /.well-known/openid-configuration")
    }));
}

#[test]
fn what_a_capture_lacks_is_a_gap_and_a_manifest_lacks_nothing() {
    let live = r#"{"kind":"List","apiVersion":"v1","items":[{"kind":"RoleBinding","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{"name":"b","namespace":"n","uid":"u"},"roleRef":{"kind":"ClusterRole","name":"x"}}]}"#;
    let targets = |text: &str| -> Vec<String> {
        let (_, mapped) = open(text);
        mapped.estate.gaps.iter().map(|gap| gap.target.clone()).collect()
    };
    let said = targets(live);
    for wanted in ["ServiceAccount", "ClusterRoleBinding", "Pod"] {
        has(&said, &format!("objects of kind {wanted}"));
    }
    has(&said, "clusterroles that bindings name");
    has(&said, "the API server's authorizer chain");
    lacks(&said, "kind RoleBinding");
    lacks(&targets(PODS), "objects of kind");
}

#[test]
fn a_token_secret_at_the_usual_path_is_a_mounted_token() {
    let pod = r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","namespace":"n","uid":"u"},"spec":{"serviceAccountName":"a","volumes":[{"name":"v","secret":{"secretName":"a-token-x"}}],"containers":[{"name":"c","volumeMounts":[{"name":"v","mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}]}]}}"#;
    has(&edges(pod), "pod n/p -kubernetes-pod-token-> serviceaccount n/a");
    let elsewhere = pod.replace("/var/run/secrets/kubernetes.io/serviceaccount", "/tmp/x");
    lacks(&edges(&elsewhere), "kubernetes-pod-token");
}

#[test]
fn aws_principals_come_in_as_users_of_groups() {
    let text = "apiVersion: v1
kind: ConfigMap
metadata: {name: aws-auth, namespace: kube-system}
data:
  mapRoles: |
    - rolearn: arn:aws:iam::1:role/admin
      username: admin
      groups: [system:masters]
    - rolearn: arn:aws:iam::1:role/path/dead
      username: dead
";
    let all = edges(text);
    has(&all, "user admin -core-member-> group system:masters");
    let (_, mapped) = open(text);
    let accepted: Vec<String> = mapped
        .estate
        .accepted
        .iter()
        .map(|one| one.subject.to_string())
        .collect();
    assert_eq!(accepted, ["arn:aws:iam::1:role/admin"]);
}

#[test]
fn may_answers_for_one_identity() {
    let rules = "{verbs: [get], apiGroups: [''], resources: [secrets]}, {verbs: [create], apiGroups: [''], resources: [pods/exec]}, {verbs: [create], apiGroups: [apps], resources: [deployments]}";
    let text = role("r", rules, "shop", "{kind: ServiceAccount, name: web}") + PODS;
    let (opened, _) = open(&text);
    let may = |kind: &str, name: &str, action: &str, resource: &str| {
        opened.loaded()[0].may(&Who { kind, name }, action, resource) == Holds::Yes
    };
    for kind in ["serviceaccount", "pod"] {
        assert!(may(kind, "shop/web", "get secrets", "shop/db"));
        assert!(may(kind, "shop/web", "get secrets", "shop"));
        assert!(!may(kind, "shop/web", "get secrets", "*"));
        assert!(!may(kind, "shop/web", "get secrets", "ops/db"));
        assert!(may(kind, "shop/web", "create pods/exec", "shop/any"));
        assert!(may(kind, "shop/web", "create deployments", "shop"));
        assert!(may(kind, "shop/web", "create deployments.apps", "shop"));
        assert!(!may(kind, "shop/web", "delete nodes", "n1"));
    }
    assert!(!may("pod", "shop/gone", "get secrets", "shop"));
    assert!(may("group", "system:masters", "delete nodes", "n1"));
}

/// Every certain edge between named nodes and every member of a certain selector is confirmed, and order, threads and
/// prefixes change nothing.
#[test]
fn the_contract_holds() {
    let rules = "{verbs: ['*'], apiGroups: [''], resources: [secrets, pods, pods/exec, serviceaccounts]}";
    let bind = format!(
        "{{verbs: [bind, create, update, escalate], {RBAC}, resources: [clusterroles, roles, rolebindings]}}"
    );
    let one = role("r", rules, "shop", ALICE) + PODS;
    let two = role("d", &bind, "shop", ALICE)
        + &role(
            "e",
            rules,
            "",
            "{kind: ServiceAccount, name: web, namespace: shop}",
        );
    let wrong = check(&Kubernetes, &[("one.yaml", &one), ("two.yaml", &two)]).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let table = [
        Means::new("kubernetes-read-secret", "get secrets", "secret"),
        Means::new("kubernetes-exec", "create pods/exec", "pod"),
        Means::new(
            "kubernetes-impersonate",
            "impersonate serviceaccounts",
            "serviceaccount",
        ),
    ];
    let compared = complete(Kubernetes, &[("one.yaml", &one), ("two.yaml", &two)], &table).unwrap();
    assert!(compared.wrong.is_empty(), "{}", compared.wrong.join("\n"));
    assert!(compared.allowed > 3, "{compared:?}");
    let (opened, mapped) = opened(Kubernetes, &[("one.yaml", &one), ("two.yaml", &two)]).unwrap();
    members_hold(&opened, &mapped);
}

pub(super) fn members_hold(opened: &Opened, mapped: &Mapped) {
    let (estate, confirm) = (&mapped.estate, opened.confirm());
    for edge in estate
        .edges
        .iter()
        .filter(|edge| edge.certainty <= Certainty::Conditional)
    {
        let ends = |id| match estate.selectors.get(&id) {
            None => vec![id],
            Some(selector) => estate
                .ids()
                .filter(|one| {
                    let (a, b) = (estate.node(*one).unwrap(), estate.node(id).unwrap());
                    !a.selector && (a.scope, a.kind) == (b.scope, b.kind) && selector.matches(&a.name)
                })
                .collect(),
        };
        for from in ends(edge.from) {
            for to in ends(edge.to) {
                let said = confirm.holds(estate, edge, from, to);
                let technique = estate.technique(edge.technique).map_or("", |row| &row.id);
                assert!(
                    !matches!(said, Holds::No(_)),
                    "{} -{technique}-> {}: {said:?}",
                    estate.show(from),
                    estate.show(to)
                );
            }
        }
    }
}

#[test]
fn the_demo_organisation_is_read_whole() {
    for cluster in ["cluster-prod", "cluster-staging"] {
        let folder = format!("{}/../../examples/shop/{cluster}", env!("CARGO_MANIFEST_DIR"));
        let mut texts: Vec<(String, String)> = std::fs::read_dir(folder)
            .unwrap()
            .map(|one| one.unwrap().path())
            .map(|path| {
                (
                    path.file_name().unwrap().to_str().unwrap().to_owned(),
                    std::fs::read_to_string(&path).unwrap(),
                )
            })
            .collect();
        texts.sort();
        let borrowed: Vec<(&str, &str)> = texts
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        let (opened, mapped) = opened(Kubernetes, &borrowed).unwrap();
        assert_eq!(opened.scopes().len(), 1, "{:?}", opened.scopes());
        let bad: Vec<_> = opened
            .gaps()
            .iter()
            .filter(|gap| {
                matches!(
                    gap.reason,
                    foursee_core::model::Reason::Malformed | foursee_core::model::Reason::Truncated
                )
            })
            .collect();
        assert!(bad.is_empty(), "{bad:?}");
        members_hold(&opened, &mapped);
    }
}

/// L1: whatever the authorizer allows for an action of the technique table, a way through the graph covers.
#[test]
fn whatever_is_allowed_is_covered() {
    use super::{Dice, read};
    use crate::authorize::{Asker, Attributes, decide, groups_of_account};
    let mut dice = Dice(11);
    let mut covered = 0;
    for _ in 0..60 {
        let mut text = String::from(
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: n1}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: n1}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, namespace: n1}\n",
        );
        for number in 0..4 {
            let rules: Vec<String> = (0..2)
                .map(|_| {
                    let names = dice.pick(&["", "", ", resourceNames: [a]", ", resourceNames: [b, '']"]);
                    format!(
                        "{{verbs: [{}, {}], apiGroups: ['{}'], resources: ['{}', '{}']{names}}}",
                        dice.pick(&["get", "list", "'*'", "create"]),
                        dice.pick(&["patch", "impersonate", "update", "create"]),
                        dice.pick(&["", "*", "apps"]),
                        dice.pick(&["secrets", "pods/exec", "*", "*/token", "pods"]),
                        dice.pick(&[
                            "serviceaccounts",
                            "deployments",
                            "pods/ephemeralcontainers",
                            "serviceaccounts/token"
                        ]),
                    )
                })
                .collect();
            let subject = dice.pick(&[
                "{kind: ServiceAccount, name: s, namespace: n1}",
                "{kind: Group, name: 'system:serviceaccounts'}",
                "{kind: User, name: 'system:serviceaccount:n1:s'}",
            ]);
            text += &role(
                &format!("r{number}"),
                &rules.join(", "),
                dice.pick(&["", "n1", "n2"]),
                subject,
            );
        }
        let (facts, _) = read(&[&text]);
        let (_, mapped) = open(&text);
        let estate = &mapped.estate;
        let scope = estate.node(estate.ids().next().unwrap()).unwrap().scope;
        let find = |kind: &str, name: &str| estate.find(scope, "kubernetes", kind, name);
        let Some(start) = find("serviceaccount", "n1/s") else {
            continue;
        };
        let start = Position {
            node: start,
            foothold: Foothold::Acts,
        };
        let reach = mapped.graph.reach(estate, &[start], Certainty::Unknown);
        let groups = groups_of_account("n1");
        let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
        for (verb, group, resource, subresource, name, kind, foothold) in [
            ("get", "", "secrets", "", "a", "secret", Foothold::Holds),
            ("list", "", "secrets", "", "", "secret", Foothold::Holds),
            ("create", "", "pods", "exec", "a", "pod", Foothold::Runs),
            (
                "patch",
                "",
                "pods",
                "ephemeralcontainers",
                "a",
                "pod",
                Foothold::Runs,
            ),
            ("update", "", "pods", "", "a", "pod", Foothold::Runs),
            (
                "create",
                "",
                "serviceaccounts",
                "token",
                "a",
                "serviceaccount",
                Foothold::Holds,
            ),
            (
                "impersonate",
                "",
                "serviceaccounts",
                "",
                "a",
                "serviceaccount",
                Foothold::Acts,
            ),
            ("create", "", "pods", "", "", "serviceaccount", Foothold::Spawns),
            (
                "create",
                "apps",
                "deployments",
                "",
                "",
                "serviceaccount",
                Foothold::Spawns,
            ),
        ] {
            let asked = Attributes::Resource {
                verb,
                group,
                resource,
                subresource,
                name,
                namespace: "n1",
            };
            let who = Asker {
                user: "system:serviceaccount:n1:s",
                groups: &groups,
                principal: "",
            };
            if decide(&facts, who, &asked).allowed() {
                let target = find(kind, "n1/a").unwrap();
                assert!(
                    reach.of(target).has(foothold),
                    "{asked:?} is allowed and not covered\n{text}"
                );
                covered += 1;
            }
        }
    }
    assert!(covered > 100, "{covered}");
}
