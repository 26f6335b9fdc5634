//! What is asked for and kept: chunks, nothing but reads, and what becomes of a listing that the server forgets.

use crate::fake::{Fake, Verdict, empty, pod, status, with_pods};
use foursee_capture::{Collector, Terms};
use foursee_collect_kubernetes::PERMISSIONS;
use foursee_kept::{Kept, collect, collect_with};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const PODS: &str = "/api/v1/pods";

/// The names of the pods that were kept, in their order.
fn pods(kept: &Kept) -> Vec<String> {
    let mut files: Vec<String> = kept
        .files()
        .into_iter()
        .filter(|file| file.starts_with("pods"))
        .collect();
    files.sort_by_key(|file| (file.len(), file.clone()));
    let items = files
        .iter()
        .flat_map(|file| match kept.json(file)["items"].take() {
            Value::Array(items) => items,
            other => panic!("{other}"),
        });
    items
        .map(|one| one["metadata"]["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_cluster_is_read_in_chunks_by_reads_alone() {
    let fake = Fake::cluster(with_pods(7));
    let (kept, ended) = collect(&fake.collector());
    ended.unwrap();
    assert_eq!(kept.gaps(), []);
    assert_eq!(pods(&kept), ["p0", "p1", "p2", "p3", "p4", "p5", "p6"]);
    // Every kind and what the server says of itself; the pods are three documents.
    assert_eq!(kept.files().len(), PERMISSIONS.len() + 2);
    let asked: Vec<Option<String>> = fake
        .calls_of(PODS)
        .iter()
        .map(|call| call.query.get("continue").cloned())
        .collect();
    assert_eq!(asked, [None, Some("3".to_owned()), Some("6".to_owned())]);
    for call in fake.calls() {
        assert_eq!(call.method, "GET", "{call:?}");
        assert!(!call.query.contains_key("watch"), "{call:?}");
        assert_eq!(call.headers["authorization"], "Bearer planted-token");
        let listing = call.query.contains_key("limit");
        assert_eq!(
            call.headers["accept"].contains("as=Table"),
            call.path.ends_with("/secrets"),
            "{call:?}"
        );
        assert!(
            listing || !call.path.ends_with("s") || call.query.contains_key("fieldSelector"),
            "{call:?}"
        );
    }
    // Every document says whose it is.
    for one in kept.documents.lock().unwrap().iter() {
        assert_eq!(one.scope.as_deref(), Some("uid-of-kube-system"));
        assert_eq!(one.context.as_deref(), Some("shop"));
        assert!(!one.text.contains("managedFields") && !one.text.contains("planted-token"));
    }
    let report = kept.audit();
    assert_eq!(report.scopes.len(), 1);
    let unread: Vec<_> = report
        .gaps
        .iter()
        // A log is a file of the server's.
        .filter(|gap| gap.reason.as_str() == "not-captured" && gap.target != "documents of kind audit-log")
        .collect();
    assert!(unread.is_empty(), "{unread:?}");
}

#[test]
fn progress_counts_to_the_end_and_knows_how_many_there_are() {
    let fake = Fake::cluster(with_pods(7));
    let (kept, _) = collect(&fake.collector());
    let steps = kept.steps.lock().unwrap();
    let pods: Vec<_> = steps
        .iter()
        .filter(|step| step.what == "pods")
        .map(|step| (step.done, step.of))
        .collect();
    assert_eq!(pods, [(3, Some(7)), (6, Some(7)), (7, None), (7, Some(7))]);
}

#[test]
fn a_chunk_is_kept_while_the_next_ones_are_not_there_yet() {
    let kept = Arc::new(Kept::default());
    let seen = Arc::clone(&kept);
    let fake = Fake::of(with_pods(7), move |call| {
        if call.path != PODS || call.query.get("continue").is_none_or(|from| from != "6") {
            return Verdict::Pass;
        }
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if seen.files().contains(&"pods.json".to_owned()) {
                return Verdict::Pass;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        status(400, "BadRequest", "the first chunk was not kept")
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime
        .block_on(fake.collector().collect(&*kept, &Terms::default()))
        .unwrap();
    assert_eq!(kept.gaps(), []);
}

#[test]
fn a_listing_that_the_server_forgot_begins_anew_and_gives_nothing_twice() {
    let forgot = AtomicUsize::new(0);
    let fake = Fake::of(with_pods(7), move |call| {
        let late = call.path == PODS && call.query.get("continue").is_some_and(|from| from == "6");
        if late && forgot.fetch_add(1, Ordering::SeqCst) < 2 {
            return status(410, "Expired", "The provided continue parameter is too old");
        }
        Verdict::Pass
    });
    let (kept, ended) = collect(&fake.collector());
    ended.unwrap();
    assert_eq!(kept.gaps(), []);
    assert_eq!(pods(&kept), ["p0", "p1", "p2", "p3", "p4", "p5", "p6"]);
    let begun = fake
        .calls_of(PODS)
        .iter()
        .filter(|call| !call.query.contains_key("continue"))
        .count();
    assert_eq!(begun, 3);
    let report = kept.audit();
    assert!(
        !report
            .gaps
            .iter()
            .any(|gap| gap.facet.contains("describe it differently"))
    );
}

#[test]
fn a_listing_that_is_forgotten_again_and_again_is_a_gap_behind_what_was_read() {
    let fake = Fake::of(with_pods(7), |call| {
        if call.path == PODS && call.query.contains_key("continue") {
            return status(410, "Expired", "too old");
        }
        Verdict::Pass
    });
    let (kept, ended) = collect(&fake.collector());
    ended.unwrap();
    assert_eq!(pods(&kept), ["p0", "p1", "p2"]);
    let gaps = kept.gaps();
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0].target, "the rest of pods of shop");
    assert!(
        gaps[0].facet.contains("forgot") && gaps[0].hides.contains("what runs"),
        "{gaps:?}"
    );
}

#[test]
fn no_more_calls_at_a_time_than_allowed_and_several_if_so() {
    for limit in [1, 4] {
        let (now, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
        let seen = Arc::clone(&most);
        let fake = Fake::of(empty(), move |call| {
            if call.query.contains_key("limit") {
                seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(50));
                now.fetch_sub(1, Ordering::SeqCst);
            }
            Verdict::Pass
        });
        let mut terms = Terms::default();
        terms.concurrency = limit.try_into().unwrap();
        let (_, ended) = collect_with(&fake.collector(), &terms);
        ended.unwrap();
        assert_eq!(most.load(Ordering::SeqCst), limit);
    }
}

#[test]
fn of_secrets_neither_value_nor_applied_object_is_kept() {
    let mut world = empty();
    world.get_mut("/api/v1/secrets").unwrap().1 = vec![json!({
        "metadata": { "name": "ci-token", "namespace": "default", "uid": "u", "annotations": {
            "kubernetes.io/service-account.name": "ci",
            "kubectl.kubernetes.io/last-applied-configuration": "{\"stringData\":{\"a\":\"planted-value\"}}" } },
        "type": "kubernetes.io/service-account-token", "data": { "token": "cGxhbnRlZC12YWx1ZQ==" }
    })];
    let fake = Fake::cluster(world);
    let (kept, ended) = collect(&fake.collector());
    ended.unwrap();
    let secret = &kept.json("secrets.json")["items"][0];
    assert_eq!(
        *secret,
        json!({ "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token", "metadata": {
            "name": "ci-token", "namespace": "default", "uid": "u",
            "annotations": { "kubernetes.io/service-account.name": "ci" } } })
    );
    let rules: BTreeSet<&str> = kept.audit().findings.iter().map(|one| one.rule).collect();
    assert!(rules.contains("kubernetes-token-secret-kept"), "{rules:?}");
}

#[test]
fn contexts_are_read_side_by_side_into_one_capture_without_secrets() {
    let mut world = with_pods(2);
    let mut loud = pod(9);
    loud["spec"]["containers"][0]["env"] = json!([{ "name": "DB_PASSWORD", "value": "planted-value" }]);
    world.get_mut(PODS).unwrap().1.push(loud);
    let slow = |call: &crate::fake::Call| match call.path.as_str() {
        "/version" => Verdict::Late(Duration::from_millis(300)),
        _ => Verdict::Pass,
    };
    let mut other = world.clone();
    other.get_mut("/api/v1/namespaces").unwrap().1[1]["metadata"]["uid"] = json!("another-uid");
    let (one, two) = (Fake::of(world, slow), Fake::of(other, slow));
    let user = json!({ "token": "planted-token" });
    let capture = foursee::live::Capture::new()
        .key(foursee::live::LinkKey::given("a key of sixteen or more").unwrap())
        .collector(Box::new(one.as_user("prod", &user)))
        .collector(Box::new(two.as_user("staging", &user)));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let (captured, reading) = runtime
        .block_on(capture.hold(std::future::pending(), &|_| {}))
        .unwrap();
    assert!(captured.complete);
    let targets: Vec<_> = captured
        .targets
        .iter()
        .map(|one| (one.target.as_str(), one.gaps.len()))
        .collect();
    assert_eq!(targets, [("prod", 0), ("staging", 0)]);
    let scopes: BTreeSet<&str> = reading
        .inputs
        .iter()
        .filter_map(|one| one.scope.as_deref())
        .collect();
    assert_eq!(scopes, BTreeSet::from(["another-uid", "uid-of-kube-system"]));
    assert!(reading.inputs.iter().all(|one| !one.text.contains("planted")));
    assert!(reading.inputs.iter().any(|one| one.text.contains("redacted:")));
    let report = foursee::Audit::new().reading(reading).run().unwrap();
    assert_eq!(report.scopes.len(), 2);
}

/// What the layer reads and what is listed for it are one list.
#[test]
fn every_kind_that_the_layer_reads_is_listed() {
    let registry = foursee::built_in().unwrap();
    let mut read = BTreeSet::new();
    for one in registry.kinds("kubernetes") {
        let words: Vec<&str> = one.made_by.split(' ').collect();
        match words.as_slice() {
            ["kubectl", "get", "--raw", path] => {
                read.insert(format!("get {path}"));
            }
            ["kubectl", "version", ..] => {
                read.insert("get /version".to_owned());
            }
            ["kubectl", "get", "configmap", "-n", "kube-system", name, ..] => {
                read.insert(format!("list configmaps named {name}"));
            }
            ["kubectl", "get", plurals, ..] => {
                read.extend(plurals.split(',').map(|plural| format!("list {plural}")));
            }
            // What a cloud says of its clusters is no matter of the cluster's, and its logs are files.
            _ => assert!(
                one.made_by.starts_with("aws eks ") || one.made_by.contains("--audit-log-path"),
                "{}",
                one.made_by
            ),
        }
    }
    let listed: BTreeSet<String> = PERMISSIONS.iter().map(|one| one.name.to_owned()).collect();
    assert_eq!(read, listed);
}
