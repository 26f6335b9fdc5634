//! What is recognised, what is kept, what becomes a gap, and what is overwritten.

use super::{document, read};
use crate::Kubernetes;
use foursee_core::document::Head;
use foursee_core::layer::{Layer, ScopeClaim};
use foursee_core::model::Reason;

/// The claim to a document, as parsing completes it.
fn claim(text: &str) -> Option<(Vec<&'static str>, ScopeClaim)> {
    let claim = Kubernetes.recognise(&Head::new("x", text))?;
    let (_, notes) = read(&[text]);
    let kinds = claim.kinds.into_iter().chain(notes[0].kinds.iter().copied());
    let scope = notes[0].scope.clone().map_or(claim.scope, ScopeClaim::One);
    Some((kinds.collect(), scope))
}

#[test]
fn a_claim_lists_every_kind_and_the_scope() {
    let list = r#"{"apiVersion":"v1","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"}},{"kind":"Role"},{"kind":"Widget"},
        {"kind":"ConfigMap","metadata":{"name":"aws-auth","namespace":"kube-system"}},
        {"kind":"Namespace","metadata":{"name":"kube-system","uid":"u-1"}}],"kind":"List"}"#;
    assert_eq!(
        claim(list),
        Some((
            vec!["aws-auth", "namespaces", "pods", "roles"],
            ScopeClaim::One("u-1".into())
        ))
    );
    let raw = r#"{"kind":"NamespaceList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"kube-system","uid":"u-2"}}]}"#;
    assert_eq!(
        claim(raw),
        Some((vec!["namespaces"], ScopeClaim::One("u-2".into())))
    );
    let kinds = |text: &str| claim(text).map(|claim| claim.0);
    assert_eq!(
        kinds("# Source: x\napiVersion: v1\nkind: Secret\n---\napiVersion: v1\nkind: Service\n"),
        Some(vec!["secrets", "services"])
    );
    assert_eq!(
        kinds("apiVersion: v1\nitems:\n- kind: Role\n- kind: Node\nkind: List\n"),
        Some(vec!["nodes", "roles"])
    );
    assert_eq!(
        kinds(r#"{"cluster":{"name":"a","arn":"arn:aws:eks:eu-west-1:1:cluster/a"}}"#),
        Some(vec!["eks-cluster"])
    );
    assert_eq!(
        kinds(r#"{"issuer":"https://x","jwks_uri":"https://x/keys"}"#),
        Some(vec!["oidc"])
    );
    assert_eq!(
        kinds(r#"{"major":"1","minor":"37+","gitVersion":"v1.37.2-eks-1","platform":"linux/amd64"}"#),
        Some(vec!["version"])
    );
    assert_eq!(
        kinds("Error from server (Forbidden): secrets is forbidden"),
        Some(vec![])
    );
    assert_eq!(
        kinds(r#"{"kind":"Status","apiVersion":"v1","status":"Failure"}"#),
        Some(vec![])
    );
    for text in [
        "",
        "services:\n  web: {}\n",
        "[]",
        "{}",
        r#"{"Roles":[]}"#,
        "a,b\n1,2\n",
    ] {
        assert_eq!(claim(text), None, "{text}");
    }
}

#[test]
fn what_was_refused_is_a_gap() {
    for text in [
        "Error from server (Forbidden): secrets is forbidden: User \"auditor\" cannot list resource \"secrets\" in API group \"\" at the cluster scope\n",
        r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"secrets is forbidden: User \"a\" cannot list resource \"secrets\" in API group \"\" at the cluster scope","reason":"Forbidden","code":403}"#,
        "Error from server (Forbidden): secrets is forbidden: User \"a\" cannot list resource \"secrets\" in API group \"\" at the cluster scope\n{\"apiVersion\":\"v1\",\"items\":[{\"kind\":\"Role\",\"metadata\":{\"name\":\"r\",\"namespace\":\"n\"}}],\"kind\":\"List\"}",
    ] {
        let (facts, notes) = read(&[text]);
        let gap = &notes[0].gaps[0];
        assert_eq!(
            (gap.reason, gap.target.as_str()),
            (Reason::Denied, "secrets"),
            "{text}"
        );
        assert!(gap.closes.contains("kubectl get secrets"), "{}", gap.closes);
        assert_eq!(facts.roles.len(), usize::from(text.contains("Role")));
    }
}

#[test]
fn a_broken_list_keeps_what_came_before_and_one_bad_item_does_not_end_it() {
    let cut = r#"{"apiVersion":"v1","items":[{"kind":"Role","metadata":{"name":"r","namespace":"n"}},{"kind":"Secret","data":{"k":"c2Vj"#;
    let (facts, notes) = read(&[cut]);
    assert_eq!(facts.roles.len(), 1);
    assert_eq!(notes[0].gaps[0].reason, Reason::Truncated);
    let hidden = &notes[0].redact[0];
    assert!(cut[hidden.start as usize..hidden.end as usize].contains("c2Vj"));
    let bad = r#"{"apiVersion":"v1","items":[{"kind":"Role","metadata":{"name":"r","namespace":"n"},"rules":7},{"kind":"Role","metadata":{"name":"s","namespace":"n"}}],"kind":"List"}"#;
    let (facts, notes) = read(&[bad]);
    assert_eq!(facts.roles.len(), 1);
    assert_eq!(
        (notes[0].gaps[0].reason, notes[0].gaps[0].target.as_str()),
        (Reason::Malformed, "Role n/r")
    );
}

#[test]
fn unknown_kinds_are_noted_once_each() {
    let text = r#"{"apiVersion":"v1","items":[{"kind":"Widget"},{"kind":"Widget"},{"kind":"Gadget"}],"kind":"List"}"#;
    let (_, notes) = read(&[text]);
    let said: Vec<&str> = notes[0].gaps.iter().map(|gap| gap.target.as_str()).collect();
    assert_eq!(said, ["objects of kind Widget", "objects of kind Gadget"]);
}

/// What is left of a text when everything that parsing asked for is overwritten.
fn overwritten(text: &str) -> String {
    let (_, notes) = read(&[text]);
    let mut bytes = text.as_bytes().to_vec();
    for range in &notes[0].redact {
        bytes[range.start as usize..range.end as usize].fill(b'*');
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn values_of_secrets_are_overwritten_in_json() {
    let text = r#"{"apiVersion":"v1","kind":"List","items":[
    {"kind":"Secret","metadata":{"name":"keepname","namespace":"n","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"stringData\":{\"p\":\"hunter1\"}}\n"}},
     "data":{"keepkey":"aHVudGVyMg=="},"stringData":{"p":"hunter\"3\n"}},
    {"kind":"ConfigMap","metadata":{"name":"c"},"data":{"x":"hunter4"}},
    {"kind":"Widget","metadata":{"name":"w","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"hunter5"}}},
    {"kind":"Pod","metadata":{"name":"p","namespace":"n"},"spec":{"containers":[{"name":"c","env":[{"name":"DATABASE_URL","value":"postgres://app:hunter6@db:5432/shop"},{"name":"X","value":"hunter7\n"}],"args":["--password=hunter8"]}]}}
    ]}"#;
    let left = overwritten(text);
    assert!(!left.contains("hunter") && !left.contains("aHVudGVyMg"), "{left}");
    assert!(left.contains("keepname") && left.contains("keepkey") && left.contains("DATABASE_URL"));
    serde_json::from_str::<serde_json::Value>(&left).unwrap();
    let (facts, _) = read(&[text]);
    let connection = &facts.workloads[0].pod.containers[0].connections[0].0;
    assert_eq!(
        (
            connection.realm.as_str(),
            connection.subject.as_str(),
            connection.audience.as_deref()
        ),
        ("db:5432", "app", Some("shop"))
    );
}

#[test]
fn values_of_secrets_are_overwritten_in_yaml() {
    let text = "apiVersion: v1
kind: Secret
metadata:
  name: keepname
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {\"stringData\": \"hunter1\"}
stringData:
  keepkey: hunter2
  long: |
    first hunter3
    second: hunter4
type: Opaque
---
apiVersion: v1
kind: Secret
metadata: {name: flow}
data: {a: hunter5}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      containers:
      - name: c
        env:
        - name: PASSWORD
          value: \"hunter 6\"
---
apiVersion: v1
kind: Secret
metadata: {name: broken
stringData: {p: hunter7}
";
    let left = overwritten(text);
    assert!(!left.contains("hunter"), "{left}");
    assert!(left.contains("keepname") && left.contains("keepkey") && left.contains("type: Opaque"));
    assert_eq!(left.lines().count(), text.lines().count());
}

#[test]
fn helm_output_and_yaml_lists_are_read_with_places() {
    let text = "---
# Source: shop/templates/rbac.yaml
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: reader
  namespace: shop
rules:
- apiGroups: [\"\"]
  resources: [pods]
  verbs: [get]
- apiGroups: [\"\"]
  resources: [secrets]
  verbs: [get]
---
# nothing here
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
---
kind: {{ .Values.kind }}
apiVersion: v1
";
    let (facts, notes) = read(&[text]);
    assert_eq!(facts.roles.len(), 1);
    let places: Vec<&str> = facts.roles[0]
        .rules
        .iter()
        .map(|(_, place)| &text[place.at as usize..])
        .collect();
    assert!(places[0].starts_with("- apiGroups: [\"\"]\n  resources: [pods]"));
    assert!(places[1].starts_with("- apiGroups: [\"\"]\n  resources: [secrets]"));
    assert!(text[facts.roles[0].meta.place.at as usize..].starts_with("reader"));
    assert_eq!(facts.accounts[0].meta.full_name(), "default/web");
    let reasons: Vec<Reason> = notes[0].gaps.iter().map(|gap| gap.reason).collect();
    assert_eq!(reasons, [Reason::Malformed, Reason::Ambiguous]);
}

#[test]
fn parts_merge_in_any_split() {
    let one = r#"{"kind":"List","apiVersion":"v1","items":[{"kind":"Role","metadata":{"name":"a","namespace":"n"}},{"kind":"Pod","metadata":{"name":"p","namespace":"n"}}]}"#;
    let two = r#"{"kind":"List","apiVersion":"v1","items":[{"kind":"Role","metadata":{"name":"b","namespace":"n"}},{"kind":"Role","metadata":{"name":"a","namespace":"n","uid":"live"}}]}"#;
    let print = |texts: &[&str]| {
        let (facts, _) = read(texts);
        let roles: Vec<(String, bool)> = facts
            .roles
            .iter()
            .map(|one| (one.meta.full_name(), one.meta.live))
            .collect();
        (roles, facts.workloads.len(), facts.kinds)
    };
    assert_eq!(print(&[one, two]), print(&[two, one]));
    assert_eq!(print(&[&format!("{one}\n{two}")]), print(&[one, two]));
    assert_eq!(
        print(&[one, two]).0,
        [("n/a".to_owned(), true), ("n/b".to_owned(), false)]
    );
}

#[test]
fn aws_auth_lines_are_read_singly() {
    let text = r#"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"aws-auth","namespace":"kube-system","uid":"u"},
        "data":{"mapRoles":"- RoleARN: arn:aws:iam::1:role/admin\n  username: admin:{{SessionName}}\n  groups: [system:masters]\n- 7\n- rolearn: arn:aws:iam::1:role/admin\n  username: last\n","mapUsers":"{"}}"#;
    let (facts, notes) = read(&[text]);
    assert_eq!(facts.aws_auth.len(), 1);
    assert_eq!(
        (&*facts.aws_auth[0].username, facts.aws_auth[0].groups.len()),
        ("last", 0)
    );
    assert_eq!(notes[0].gaps.len(), 2);
}

#[test]
fn nothing_panics_on_any_prefix() {
    let texts = [
        r#"{"kind":"List","apiVersion":"v1","items":[{"kind":"Pod","metadata":{"name":"é","ownerReferences":[{"controller":true,"kind":"ReplicaSet","name":"x"}]},"spec":{"volumes":[{"name":"v","projected":{"sources":[{"serviceAccountToken":{"audience":"a"}}]}}]}}]}"#,
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: é\ndata:\n  a: |\n    b\n--- # x\n- kind: Role\n",
    ];
    for text in texts {
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            let _ = document(0, &text[..end]);
            let _ = claim(&text[..end]);
            let _ = read(&[&text[..end]]);
        }
    }
}

/// What was read of a text, without where it stands.
fn said(text: &str) -> Vec<String> {
    let (facts, notes) = read(&[text]);
    let mut all: Vec<String> = facts
        .workloads
        .iter()
        .map(|one| {
            format!(
                "{:?}",
                (
                    one.kind,
                    one.meta.full_name(),
                    &one.meta.labels,
                    &one.owner,
                    one.meta.live,
                    &one.pod.account,
                    one.pod.containers.len()
                )
            )
        })
        .collect();
    all.extend(
        facts
            .roles
            .iter()
            .map(|one| format!("{} {:?}", one.meta.full_name(), one.rules.len())),
    );
    all.extend(facts.bindings.iter().map(|one| {
        format!(
            "{} {} {}",
            one.meta.full_name(),
            one.role_name,
            one.subjects.len()
        )
    }));
    all.extend(facts.accounts.iter().map(|one| one.meta.full_name()));
    all.extend(
        facts
            .services
            .iter()
            .map(|one| format!("{} {:?}", one.meta.full_name(), one.backends)),
    );
    all.extend(
        facts
            .network_policies
            .iter()
            .map(|one| format!("{} {:?} {:?}", one.meta.full_name(), one.pods, one.egress)),
    );
    all.push(format!(
        "{:?} {:?} {:?}",
        facts.kinds, notes[0].kinds, notes[0].scope
    ));
    all.extend(
        notes[0]
            .gaps
            .iter()
            .map(|gap| format!("{:?} {} {}", gap.reason, gap.target, gap.facet)),
    );
    all.extend(
        notes[0]
            .redact
            .iter()
            .map(|range| text[range.start as usize..range.end as usize].to_owned()),
    );
    all
}

#[test]
fn one_pass_reads_what_reading_object_by_object_reads() {
    for text in [
        include_str!("../../../../examples/shop/cluster-prod/pods.json"),
        include_str!("../../../../examples/shop/cluster-prod/roles.json"),
        include_str!("../../../../examples/shop/cluster-prod/deployments.json"),
        include_str!("../../../../examples/shop/cluster-prod/cronjobs.json"),
        include_str!("../../../../examples/shop/cluster-prod/services.json"),
        include_str!("../../../../examples/shop/cluster-staging/namespaces.json"),
        include_str!("../../../../examples/shop/cluster-staging/secrets.json"),
    ] {
        assert!(text.contains("\"items\": ["));
        // An object that says its kind last, in front or in the middle: those behind it are read one by one.
        let odd =
            r#"{"metadata": {"name": "odd", "namespace": "n"}, "kind": "ConfigMap", "apiVersion": "v1"}"#;
        let front = text.replacen("\"items\": [", &format!("\"items\": [{odd},"), 1);
        let second = text.replacen(
            "        },\n        {\n            \"apiVersion\"",
            &format!("        }},\n{odd},{{\n            \"apiVersion\""),
            1,
        );
        let with_odd = |text: &str| {
            said(&text.replacen(
                "\"items\": [",
                &format!(
                    "\"items\": [{},",
                    r#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "odd", "namespace": "n"}}"#
                ),
                1,
            ))
        };
        assert_eq!(said(&front), with_odd(text));
        if second != text {
            assert_eq!(said(&second), with_odd(text));
        }
        // Several texts in one document, of which one is odd.
        let twice = format!("{text}\n{odd}\n{text}");
        let (once, _) = read(&[text]);
        let (both, notes) = read(&[&twice]);
        assert_eq!(
            (once.workloads.len(), once.roles.len()),
            (both.workloads.len(), both.roles.len())
        );
        assert!(
            notes[0]
                .kinds
                .iter()
                .all(|kind| said(text).iter().any(|line| line.contains(kind)))
        );
    }
}

#[test]
fn items_of_a_typed_list_say_their_kind_or_not() {
    let list = |item: &str| {
        format!(
            r#"{{"kind":"RoleList","apiVersion":"rbac.authorization.k8s.io/v1","items":[{item},{{"metadata":{{"name":"b","namespace":"n"}}}}]}}"#
        )
    };
    for (item, roles) in [
        (r#"{"metadata":{"name":"a","namespace":"n"}}"#, 2),
        (r#"{"metadata":{"name":"a","namespace":"n"},"kind":"Role"}"#, 2),
        (
            r#"{"metadata":{"name":"a","namespace":"n"},"kind":"ClusterRole"}"#,
            2,
        ),
        (r#"{"metadata":{"name":"a","namespace":"n"},"kind":"Pod"}"#, 1),
        (
            r#"{"k\u0069nd":"Pod","metadata":{"name":"a","namespace":"n"}}"#,
            1,
        ),
        (r#"{"kind":"","metadata":{"name":"a","namespace":"n"}}"#, 2),
        (r"{}", 2),
        (r"7", 1),
    ] {
        let (facts, notes) = read(&[&list(item)]);
        assert_eq!(facts.roles.len(), roles, "{item}");
        assert_eq!(
            notes[0].gaps.len(),
            usize::from(matches!(item, "7" | "{}")),
            "{item}: {:?}",
            notes[0].gaps
        );
    }
    // A break behind regular objects: what was filed is not filed again.
    let cut = list(r#"{"metadata":{"name":"a","namespace":"n"}}"#);
    let (facts, notes) = read(&[&cut[..cut.len() - 20]]);
    assert_eq!((facts.roles.len(), notes[0].gaps.len()), (1, 1));
}

#[test]
fn somebody_elses_kind_of_a_core_name_is_none_of_the_platforms() {
    let knative = r#""apiVersion":"serving.knative.dev/v1","kind":"Service","metadata":{"name":"s","namespace":"shop"}"#;
    let server_first =
        r#""kind":"Role","apiVersion":"iam.example.com/v1","metadata":{"name":"r"},"rules":"none""#;
    let late = r#""kind":"Ingress","metadata":{"name":"i"},"apiVersion":"config.openshift.io/v1""#;
    let pod = r#""apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"shop"}"#;
    let list = format!(
        r#"{{"apiVersion":"v1","kind":"List","items":[{{{knative}}},{{{pod}}},{{{server_first}}},{{{late}}}]}}"#
    );
    let typed =
        r#"{"kind":"ServiceList","apiVersion":"serving.knative.dev/v1","items":[{"metadata":{"name":"s"}}]}"#;
    let yaml = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: s}\n";
    let tied = r#"{"apiVersion":"v1","kind":"List","items":[
        {"apiVersion":"storage.example.com/v1","kind":"PersistentVolume","metadata":{"name":"v"},"spec":{"claimRef":{"name":"c","namespace":"shop"}}},
        {"apiVersion":"compute.example.com/v1","kind":"ResourceSlice","metadata":{"name":"s"},"spec":{"nodeName":"n1"}}]}"#;
    for (text, kinds) in [
        (
            list.as_str(),
            &[
                "Ingress.config.openshift.io",
                "Role.iam.example.com",
                "Service.serving.knative.dev",
            ][..],
        ),
        (typed, &["Service.serving.knative.dev"][..]),
        (yaml, &["Service.serving.knative.dev"][..]),
        (
            tied,
            &[
                "PersistentVolume.storage.example.com",
                "ResourceSlice.compute.example.com",
            ][..],
        ),
    ] {
        let (facts, notes) = read(&[text]);
        assert!(facts.services.is_empty() && facts.roles.is_empty(), "{text}");
        assert!(
            facts.volumes.is_empty() && facts.node_objects.is_empty(),
            "{text}"
        );
        let mut told: Vec<&str> = notes[0]
            .gaps
            .iter()
            .filter_map(|gap| gap.target.strip_prefix("objects of kind "))
            .collect();
        told.sort_unstable();
        assert_eq!(told, kinds, "{text}");
        assert!(notes[0].gaps.iter().all(|gap| gap.place.is_some()));
    }
    let (facts, _) = read(&[&list]);
    assert_eq!(facts.workloads.len(), 1, "the rest is read");
}

#[test]
fn what_is_there_twice_is_read_once_and_a_contradiction_is_a_gap() {
    let role = |verb: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: r, namespace: shop}}\nrules: [{{verbs: [{verb}], apiGroups: [''], resources: [pods]}}]\n"
        )
    };
    let (facts, _) = read(&[&role("get"), &role("get")]);
    assert_eq!((facts.roles.len(), facts.index.conflicts.len()), (1, 0));
    let (facts, _) = read(&[&role("get"), &role("delete")]);
    assert_eq!((facts.roles.len(), facts.index.conflicts.len()), (1, 1));
    assert_eq!(&*facts.roles[0].rules[0].0.verbs[0], "get", "the first is read");
}

#[test]
fn a_status_in_place_of_a_list_hides_that_kind_and_nothing_else() {
    let status = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"secrets is forbidden: User \"x\" cannot list resource \"secrets\" in API group \"\" at the cluster scope","reason":"Forbidden","code":403}"#;
    let roles =
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r, namespace: shop}\n";
    let (facts, notes) = read(&[status, roles]);
    assert_eq!(facts.roles.len(), 1);
    assert_eq!(
        (&*notes[0].gaps[0].target, notes[0].gaps[0].place.is_some()),
        ("secrets", true)
    );
    let half = r#"{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"shop"}},{"apiVersion":"v1","kind":"Pod","metadata":{"na"#;
    let (facts, notes) = read(&[half]);
    assert_eq!((facts.workloads.len(), notes[0].gaps.len()), (1, 1));
}
