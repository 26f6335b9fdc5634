//! What becomes of calls that fail: what is tried again, what is a gap, and what ends the reading.

use crate::fake::{Call, Fake, Verdict, empty, status, with_pods};
use foursee_capture::{CollectError, Terms};
use foursee_collect_kubernetes::PERMISSIONS;
use foursee_kept::{collect, collect_with};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const PODS: &str = "/api/v1/pods";

/// A fake whose listing of pods is judged so; with the number of the call.
fn with(judge: impl Fn(usize) -> Verdict + Send + Sync + 'static) -> Fake {
    let count = AtomicUsize::new(0);
    Fake::of(with_pods(2), move |call: &Call| {
        if call.path == PODS {
            judge(count.fetch_add(1, Ordering::SeqCst))
        } else {
            Verdict::Pass
        }
    })
}

#[test]
fn a_server_that_is_busy_is_asked_again_when_it_says() {
    let fake = with(|count| match count {
        0 => Verdict::Answer(429, "Retry-After: 2\r\n", "{}".to_owned()),
        1..=5 => Verdict::Answer(429, "Retry-After: 0\r\n", String::new()),
        6 => Verdict::Answer(503, "Retry-After: 1\r\n", "busy".to_owned()),
        _ => Verdict::Pass,
    });
    let begin = Instant::now();
    let (kept, ended) = collect(&fake.collector());
    ended.unwrap();
    assert_eq!(kept.gaps(), []);
    assert!(begin.elapsed() >= Duration::from_secs(3), "{:?}", begin.elapsed());
    assert_eq!(fake.calls_of(PODS).len(), 8);
    assert_eq!(kept.json("pods.json")["items"].as_array().unwrap().len(), 2);
}

#[test]
fn one_that_is_busy_to_the_end_is_a_gap_at_the_deadline() {
    let fake = with(|_| Verdict::Answer(429, "Retry-After: 600\r\n", String::new()));
    let mut terms = Terms::default();
    terms.deadline = Duration::from_secs(2);
    let begin = Instant::now();
    let (kept, ended) = collect_with(&fake.collector(), &terms);
    ended.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(30));
    let gaps = kept.gaps();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!(gaps[0].target, "pods of shop");
    assert!(gaps[0].facet.contains("deadline"), "{gaps:?}");
}

#[test]
fn what_fails_is_tried_again_a_few_times() {
    let fake = with(|count| match count {
        0 => status(500, "InternalError", "etcdserver: leader changed"),
        1 => Verdict::Cut,
        _ => Verdict::Pass,
    });
    let (kept, _) = collect(&fake.collector());
    assert_eq!(kept.gaps(), []);
    let fake = with(|_| status(500, "InternalError", "etcdserver:\u{1b} no leader"));
    let (kept, ended) = collect(&fake.collector());
    ended.unwrap();
    assert_eq!(fake.calls_of(PODS).len(), 4);
    let gaps = kept.gaps();
    assert_eq!(gaps.len(), 1);
    assert_eq!(
        gaps[0].facet,
        "list pods failed with status 500: etcdserver:  no leader"
    );
}

#[test]
fn each_way_to_fail_is_a_gap_of_its_own_and_the_rest_is_read() {
    let page = || Verdict::Answer(200, "", "<html>".to_owned());
    for (number, reason, says) in [
        (
            0,
            "denied",
            "list pods was refused: pods is forbidden: User \"x\"",
        ),
        (1, "not-captured", "not served: this server has no /api/v1/pods"),
        (
            2,
            "malformed",
            "list pods gave what is not of the form that API servers give",
        ),
        (
            3,
            "malformed",
            "list pods gave what is not of the form that API servers give",
        ),
        (4, "not-captured", "list pods was cut off"),
        (5, "not-captured", "list pods failed with status 400: no"),
        (6, "denied", "the login does not count"),
    ] {
        let fake = with(move |_| match number {
            0 => status(
                403,
                "Forbidden",
                "pods is forbidden: User \"x\" cannot list resource \"pods\"",
            ),
            1 => status(
                404,
                "NotFound",
                "the server could not find the requested resource",
            ),
            2 => page(),
            3 => Verdict::Answer(200, "", "{\"kind\":\"NodeList\",\"items\":[]}".to_owned()),
            4 => Verdict::Cut,
            5 => status(400, "BadRequest", "no"),
            _ => status(401, "Unauthorized", "Unauthorized"),
        });
        let (kept, ended) = collect(&fake.collector());
        ended.unwrap();
        let gaps = kept.gaps();
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        assert_eq!(
            (gaps[0].reason.as_str(), gaps[0].target.as_str()),
            (reason, "pods of shop")
        );
        assert!(gaps[0].facet.contains(says), "{gaps:?}");
        assert_eq!(gaps[0].scope.as_deref(), Some("uid-of-kube-system"));
        assert!(
            kept.files().contains(&"nodes.json".to_owned())
                && !kept.files().contains(&"pods.json".to_owned())
        );
    }
}

/// An older server, which has some kinds in older versions and others not at all.
#[test]
fn a_kind_that_a_server_does_not_serve_is_no_gap_about_permission() {
    const SLICES: &str = "/apis/resource.k8s.io/v1beta1/resourceslices";
    let mut world = empty();
    let slice = json!({ "metadata": { "name": "s" }, "spec": { "nodeName": "node-1", "driver": "x.io", "pool": {} } });
    world.insert(SLICES, ("ResourceSliceList", vec![slice.clone(), slice]));
    let fake = Fake::of(world, |call| match call.path.as_str() {
        path if path != SLICES
            && (path.contains("resourceslices") || path.contains("podcertificaterequests")) =>
        {
            status(
                404,
                "NotFound",
                "the server could not find the requested resource",
            )
        }
        _ => Verdict::Pass,
    });
    let (kept, ended) = collect(&fake.collector());
    ended.unwrap();
    let slices = kept.json("resourceslices.json");
    assert_eq!(slices["items"][0]["apiVersion"], "resource.k8s.io/v1beta1");
    assert_eq!(slices["items"][0]["spec"]["nodeName"], "node-1");
    let gaps = kept.gaps();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!(
        (gaps[0].reason.as_str(), gaps[0].target.as_str()),
        ("not-captured", "podcertificaterequests of shop")
    );
    assert!(
        gaps[0].facet.starts_with("not served: ") && gaps[0].hides.starts_with("nothing: "),
        "{gaps:?}"
    );
    assert!(!gaps[0].closes.contains("allow"), "{gaps:?}");
    // Another answer than that there is none ends the search for older versions.
    let denied = Fake::of(empty(), |call| match call.path.as_str() {
        path if path.contains("resourceslices") => status(403, "Forbidden", "no"),
        _ => Verdict::Pass,
    });
    let (kept, _) = collect(&denied.collector());
    assert_eq!(kept.gaps()[0].reason, "denied");
    let asked = denied
        .calls()
        .into_iter()
        .filter(|call| call.path.contains("resourceslices"));
    assert_eq!(asked.count(), 1);
}

/// The Gateway API is there where somebody installed it, in the versions that were installed.
#[test]
fn what_nobody_installed_is_no_gap_and_what_may_not_be_read_of_it_is_one() {
    const OLDER: &str = "/apis/gateway.networking.k8s.io/v1alpha2/tcproutes";
    let absent = |path: &str| path.contains("/gateway.networking.") && path != OLDER;
    let gone = || {
        status(
            404,
            "NotFound",
            "the server could not find the requested resource",
        )
    };
    let mut world = empty();
    let route = json!({ "metadata": { "name": "db", "namespace": "default" }, "spec": { "rules": [] } });
    world.insert(OLDER, ("TCPRouteList", vec![route]));
    let fake = Fake::of(world, move |call| match call.path.as_str() {
        path if absent(path) => gone(),
        _ => Verdict::Pass,
    });
    let (kept, ended) = collect(&fake.collector());
    ended.unwrap();
    assert_eq!(kept.gaps(), []);
    let files = kept.files();
    let of_it: Vec<&String> = files
        .iter()
        .filter(|file| file.contains("route") || file.contains("gateway"))
        .collect();
    assert_eq!(of_it, ["tcproutes.json"]);
    let item = kept.json("tcproutes.json")["items"][0].take();
    assert_eq!(
        (&item["kind"], &item["apiVersion"]),
        (&json!("TCPRoute"), &json!("gateway.networking.k8s.io/v1alpha2"))
    );
    let denied = Fake::of(empty(), |call| match call.path.as_str() {
        path if path.ends_with("/gateways") => status(403, "Forbidden", "no"),
        _ => Verdict::Pass,
    });
    let (kept, _) = collect(&denied.collector());
    let gaps = kept.gaps();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!(
        (gaps[0].reason.as_str(), gaps[0].target.as_str()),
        ("denied", "gateways of shop")
    );
}

#[test]
fn without_namespaces_the_rest_is_read_under_the_contexts_name() {
    let fake = Fake::of(with_pods(1), |call| match call.path.as_str() {
        "/api/v1/namespaces" => status(403, "Forbidden", "namespaces is forbidden"),
        _ => Verdict::Pass,
    });
    let (kept, ended) = collect(&fake.collector());
    ended.unwrap();
    assert_eq!(kept.gaps().len(), 1);
    let documents = kept.documents.lock().unwrap().clone();
    assert!(
        documents
            .iter()
            .all(|one| one.scope.is_none() && one.context.as_deref() == Some("shop"))
    );
    assert_eq!(documents.len(), PERMISSIONS.len() - 1);
}

#[test]
fn where_nothing_is_read_the_target_says_why() {
    let refused = Fake::of(empty(), |_| status(401, "Unauthorized", "Unauthorized"));
    let (kept, ended) = collect(&refused.collector());
    assert!(matches!(ended, Err(CollectError::Refused { .. })), "{ended:?}");
    assert!(kept.files().is_empty());
    let denied = Fake::of(empty(), |_| status(403, "Forbidden", "all is forbidden"));
    let (kept, ended) = collect(&denied.collector());
    assert!(matches!(ended, Err(CollectError::Refused { .. })), "{ended:?}");
    assert_eq!(kept.gaps().len(), PERMISSIONS.len());
    let other = Fake::of(empty(), |_| Verdict::Answer(200, "", "hello".to_owned()));
    let (_, ended) = collect(&other.collector());
    assert!(
        matches!(ended, Err(CollectError::Unreachable { .. })),
        "{ended:?}"
    );
    let mut terms = Terms::default();
    terms.deadline = Duration::from_millis(500);
    let late = Fake::of(empty(), |_| Verdict::Late(Duration::from_secs(5)));
    let (_, ended) = collect_with(&late.collector(), &terms);
    assert!(matches!(ended, Err(CollectError::Deadline { .. })), "{ended:?}");
    let port = late.port;
    let gone = late.collector();
    drop(late);
    terms.deadline = Duration::from_secs(20);
    let (_, ended) = collect_with(&gone, &terms);
    let said = ended.unwrap_err();
    assert!(
        matches!(said, CollectError::Unreachable { .. }),
        "{said} at {port}"
    );
}
