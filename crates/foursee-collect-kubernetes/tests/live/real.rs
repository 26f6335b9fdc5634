//! Against a real API server: what is read is what kubectl prints, under exactly the role that is printed, by reads
//! alone; and without each rule of that role a gap names what is gone.

use foursee::core::audit::Documents;
use foursee::core::report::Report;
use foursee_capture::Terms;
use foursee_collect_kubernetes::{KubernetesCluster, PERMISSIONS, grant};
use foursee_kept::{Kept, audit, collect};
use foursee_servers::Server;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::num::NonZeroU32;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The user who has the whole role.
const WHOLE: &str = "whole";

/// The one without a permission, by its number.
fn without(number: usize) -> String {
    format!("without-{number}")
}

/// What kubectl prints.
fn kubectl(server: &Server, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(server.env("KUBECTL"))
        .args(["--kubeconfig", server.env("KUBECONFIG")])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "kubectl {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn collector(server: &Server, user: &str) -> KubernetesCluster {
    let file = server.env(&format!("KUBECONFIG_{}", user.replace('-', "_")));
    KubernetesCluster::from_file(Path::new(file), None)
        .unwrap()
        .chunk(NonZeroU32::new(10).unwrap())
}

/// The printed role under a user's name and without one rule, and its binding.
fn role(user: &str, left_out: Option<&str>) -> String {
    let whole = grant();
    let lines = whole.lines().filter(|line| Some(*line) != left_out);
    let role = lines.map(|line| line.replace("name: foursee", &format!("name: {user}")));
    format!(
        "{}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {{name: {user}}}\nroleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {user}}}\nsubjects: [{{kind: User, apiGroup: rbac.authorization.k8s.io, name: {user}}}]\n",
        role.collect::<Vec<_>>().join("\n")
    )
}

/// A server with the world of world.yaml, a user with the printed role, and one without each permission. Whatever else
/// everybody may read is taken away.
fn cluster() -> Server {
    let users: Vec<String> = std::iter::once(WHOLE.to_owned())
        .chain((0..PERMISSIONS.len()).map(without))
        .collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let server = Server::start("kubernetes", &users).unwrap_or_else(|error| panic!("{error}"));
    for everybody in [
        "system:public-info-viewer",
        "system:discovery",
        "system:basic-user",
    ] {
        kubectl(&server, &["delete", "clusterrolebinding", everybody], "");
    }
    // Objects of a namespace follow it at once; the account that its pods need, a moment later.
    kubectl(&server, &["create", "namespace", "shop"], "");
    let until = Instant::now() + Duration::from_secs(30);
    let accounts = |namespace: &str| {
        kubectl(
            &server,
            &["get", "serviceaccounts", "-n", namespace, "-o", "name"],
            "",
        )
    };
    while !["shop", "kube-system", "default"]
        .iter()
        .all(|one| accounts(one).contains("/default"))
    {
        assert!(Instant::now() < until, "no default account");
        std::thread::sleep(Duration::from_millis(100));
    }
    kubectl(&server, &["apply", "-f", "-"], include_str!("gateways.yaml"));
    let established = [
        "wait",
        "--for=condition=Established",
        "customresourcedefinition",
        "--all",
        "--timeout=60s",
    ];
    kubectl(&server, &established, "");
    kubectl(&server, &["apply", "-f", "-"], include_str!("world.yaml"));
    let mut roles = vec![role(WHOLE, None)];
    for (number, one) in PERMISSIONS.iter().enumerate() {
        roles.push(role(&without(number), Some(one.grant)));
    }
    kubectl(&server, &["apply", "-f", "-"], &roles.join("---\n"));
    server
}

/// What a user reads, once the server knows their role: it hears of new roles a moment later.
fn read(server: &Server, user: &str, gaps: usize) -> Kept {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let (kept, ended) = collect(&collector(server, user));
        if ended.is_ok() && kept.gaps().len() == gaps {
            return kept;
        }
        assert!(Instant::now() < until, "{user}: {ended:?}, {:?}", kept.gaps());
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// An object without what kubectl prints and the collector leaves out.
fn bare(mut object: Value) -> Value {
    let meta = object["metadata"].as_object_mut().unwrap();
    meta.remove("managedFields");
    if let Some(all) = meta.get_mut("annotations") {
        all.as_object_mut()
            .unwrap()
            .remove("kubectl.kubernetes.io/last-applied-configuration");
    }
    if object["kind"] == "Secret" {
        object.as_object_mut().unwrap().remove("data");
    }
    object
}

/// Objects by kind, namespace and name.
fn objects(lists: impl Iterator<Item = Value>) -> BTreeMap<String, Value> {
    let items = lists.flat_map(|mut list| match list["items"].take() {
        Value::Array(items) => items,
        other => panic!("{other}"),
    });
    let mut all = BTreeMap::new();
    for item in items {
        let name = format!(
            "{} {}/{}",
            item["kind"], item["metadata"]["namespace"], item["metadata"]["name"]
        );
        assert!(all.insert(name.clone(), bare(item)).is_none(), "{name} twice");
    }
    all
}

const LISTED: &str = "namespaces,clusterroles,clusterrolebindings,roles,rolebindings,serviceaccounts,pods,deployments,statefulsets,daemonsets,replicasets,replicationcontrollers,jobs,cronjobs,nodes,secrets,services,ingresses,gatewayclasses,gateways,listenersets,xlistenersets,httproutes,grpcroutes,tlsroutes,tcproutes,udproutes,referencegrants,networkpolicies,persistentvolumes,volumeattachments,resourceslices,podcertificaterequests";

/// What a user would export by hand.
fn exported(server: &Server) -> Vec<(&'static str, String)> {
    let raw = |path: &str| kubectl(server, &["get", "--raw", path], "");
    vec![
        (
            "cluster.json",
            kubectl(server, &["get", LISTED, "-A", "-o", "json"], ""),
        ),
        (
            "aws-auth.json",
            kubectl(
                server,
                &["get", "configmap", "-n", "kube-system", "aws-auth", "-o", "json"],
                "",
            ),
        ),
        ("version.json", raw("/version")),
        ("openid.json", raw("/.well-known/openid-configuration")),
    ]
}

/// Each finding by rule and cause, with whom it concerns.
fn findings(report: &Report) -> BTreeSet<String> {
    let plain = |one: &foursee::core::report::JudgedFinding| {
        format!(
            "{} {} {} {:?} {:?}",
            one.fingerprint, one.rule, one.title, one.severity, one.identities
        )
    };
    report.findings.iter().map(plain).collect()
}

#[test]
fn under_the_printed_role_all_is_read_as_kubectl_prints_it_and_each_rule_that_is_missing_is_a_gap() {
    let server = cluster();
    let whole = read(&server, WHOLE, 0);
    as_kubectl_prints_it(&server, &whole);
    by_reads_alone(&server);
    each_missing_rule_is_a_gap(&server, &whole);
    the_server_says_what_foursee_says(&server, &whole);
}

fn as_kubectl_prints_it(server: &Server, whole: &Kept) {
    let exported = exported(server);
    let live = whole
        .files()
        .into_iter()
        .filter(|file| !matches!(file.as_str(), "version.json" | "openid-configuration.json"));
    let live = objects(live.map(|file| whole.json(&file)));
    let mut lists: Vec<Value> = vec![serde_json::from_str(&exported[0].1).unwrap()];
    lists.push(json!({ "items": [serde_json::from_str::<Value>(&exported[1].1).unwrap()] }));
    let by_hand = objects(lists.into_iter());
    let names = |all: &BTreeMap<String, Value>| all.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&live), names(&by_hand));
    for (name, object) in &by_hand {
        assert_eq!(&live[name], object, "{name}");
    }
    assert!(live.len() > 100, "{}", live.len());
    // Several chunks, and not a value of a Secret or another ConfigMap.
    assert!(
        whole.files().contains(&"clusterroles-2.json".to_owned()),
        "{:?}",
        whole.files()
    );
    for one in whole.documents.lock().unwrap().iter() {
        assert!(
            !one.text.contains("planted-in-a-secret") && !one.text.contains("planted-in-a-configmap"),
            "{}",
            one.file
        );
        assert!(!one.text.contains("cGxhbnRlZC1pbi1hLXNlY3JldA"), "{}", one.file);
    }
    let mut documents = Documents::new();
    for (name, text) in exported {
        documents.push_text(name, text);
    }
    let (by_hand, live) = (audit(documents), whole.audit());
    assert_eq!(findings(&live), findings(&by_hand));
    assert_eq!(live.scopes.len(), 1);
    let gaps = |report: &Report| -> BTreeSet<(String, String)> {
        report
            .gaps
            .iter()
            .map(|gap| (gap.target.clone(), gap.facet.clone()))
            .collect()
    };
    assert_eq!(gaps(&live), gaps(&by_hand));
    let rules: BTreeSet<&str> = live.findings.iter().map(|one| one.rule).collect();
    assert!(rules.len() >= 8, "{rules:?}");
}

/// The server's own log of what the collector's user did.
fn by_reads_alone(server: &Server) {
    let log = std::fs::read_to_string(server.env("AUDIT_LOG")).unwrap();
    let events = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let own: Vec<Value> = events
        .filter(|event| event["user"]["username"] == WHOLE)
        .collect();
    assert!(own.len() >= PERMISSIONS.len(), "{}", own.len());
    let verbs: BTreeSet<&str> = own.iter().map(|event| event["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs, BTreeSet::from(["get", "list"]));
    for event in &own {
        let uri = event["requestURI"].as_str().unwrap();
        assert!(!uri.contains("watch"), "{uri}");
    }
}

/// A sample of the answers, put to the server by its administrator.
fn the_server_says_what_foursee_says(server: &Server, whole: &Kept) {
    let ask = |opened: &foursee::Opened| {
        let questions = foursee::live::Questions::new(opened, "kubernetes", None, 1_500).unwrap();
        let admin = KubernetesCluster::from_file(Path::new(server.env("KUBECONFIG")), None).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let answers = runtime
            .block_on(admin.review(questions.texts(), &Terms::default()))
            .unwrap();
        questions.compare(answers).unwrap()
    };
    let verified = ask(&whole.open(|_, text| text));
    assert_eq!(verified.disagreements, []);
    assert_eq!(verified.unanswered, []);
    assert!(
        verified.answered > 300 && verified.allowed > 100,
        "{} of {}",
        verified.allowed,
        verified.answered
    );
    // Documents that say something else are found out, with both reasons.
    let wrong = ask(&whole.open(|file, text| {
        if file.starts_with("clusterrolebindings") {
            text.replace("\"everything\"", "\"nobody-has-it\"")
        } else {
            text
        }
    }));
    let told = wrong
        .disagreements
        .iter()
        .find(|one| one.question.contains("system:serviceaccount:shop:deployer"));
    let told = told.unwrap_or_else(|| panic!("{:?}", wrong.disagreements));
    assert!(
        !told.ours.0 && told.theirs.0 && told.theirs.1.contains("everything-deployer"),
        "{told:?}"
    );
    // Who may not ask is told what it takes.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let asked = [
        "{\"apiVersion\":\"authorization.k8s.io/v1\",\"kind\":\"SubjectAccessReview\",\"spec\":{}}"
            .to_owned(),
    ];
    let refused = runtime
        .block_on(collector(server, WHOLE).review(&asked, &Terms::default()))
        .unwrap();
    let why = refused[0].as_ref().unwrap_err();
    assert!(
        why.starts_with("create subjectaccessreviews.authorization.k8s.io was refused"),
        "{why}"
    );
}

fn each_missing_rule_is_a_gap(server: &Server, whole: &Kept) {
    let all = whole.audit();
    let mut disappeared = 0;
    for (number, permission) in PERMISSIONS.iter().enumerate() {
        let kept = read(server, &without(number), 1);
        let gap = &kept.gaps()[0];
        assert_eq!(gap.reason, "denied", "{gap:?}");
        assert!(
            gap.facet.contains(permission.name) && gap.closes.contains(permission.name),
            "{gap:?}"
        );
        assert_eq!(gap.hides, permission.hides);
        let less = kept.audit();
        let shown = |row: &foursee::core::report::GapRow| {
            row.target.starts_with(&gap.target) && row.hides == gap.hides
        };
        assert!(
            less.gaps.iter().any(shown),
            "{gap:?} is not in the report: {:?}",
            less.gaps
        );
        // Without namespaces the scope has another name; what is found is the same.
        let cause = |one: &foursee::core::report::JudgedFinding| (one.rule, one.cause.clone());
        let left: BTreeSet<_> = less.findings.iter().map(cause).collect();
        let gone: Vec<_> = all
            .findings
            .iter()
            .filter(|one| !left.contains(&cause(one)))
            .collect();
        disappeared += gone.len();
        for finding in gone {
            // The kind that is not read is the one that the rule reads, or the finding's own words are of it.
            let named = less
                .gaps
                .iter()
                .any(|row| row.rules.iter().any(|rule| rule == finding.rule))
                || speaks_of(finding, permission.name);
            assert!(
                named,
                "without {}: {} {}",
                permission.name, finding.rule, finding.title
            );
        }
    }
    assert!(disappeared > 20, "{disappeared}");
}

/// Whether a finding is about an object of the kind that a permission lists.
fn speaks_of(finding: &foursee::core::report::JudgedFinding, permission: &str) -> bool {
    let plural = permission.trim_start_matches("list ");
    let kind = plural.trim_end_matches('s');
    let text = format!(
        "{} {} {:?} {:?} {:?}",
        finding.title, finding.cause, finding.identities, finding.resource, finding.evidence
    );
    text.to_lowercase().contains(kind)
}
