//! What is counted of logs, in whatever form, order and number they come.

use super::*;

fn watch(id: &str, stage: &str) -> Value {
    let mut one = event(
        "watch",
        "/api/v1/namespaces/shop/secrets?watch=1",
        json!({"resource": "secrets", "namespace": "shop"}),
        "01-01",
    );
    one["stage"] = json!(stage);
    one["auditID"] = json!(id);
    one
}

/// How many requests were counted, of everybody.
fn counted(facts: &Facts) -> u64 {
    let all = facts
        .usage()
        .everybody()
        .flat_map(|(_, requests)| requests.values());
    all.map(|seen| seen.requests(None, &(i32::MIN..=i32::MAX))).sum()
}

/// Facts of several logs, read one by one, in that order.
fn logs(all: &[&[Value]]) -> Facts {
    let mut facts = Kubernetes.parse(&document(0, &list(admin())), &mut Notes::default());
    for log in all {
        let mut part = Facts::default();
        for event in *log {
            Kubernetes.observe(&event.to_string(), &mut part).unwrap();
        }
        Kubernetes.merge(&mut facts, part);
    }
    Kubernetes.seal(&mut facts, &[]);
    facts
}

fn unnamed(facts: &Facts) -> bool {
    let gaps = facts.usage().gaps();
    gaps.iter().any(|gap| gap.target == "events without an auditID")
}

#[test]
fn a_watch_counts_once_with_both_its_stages() {
    let stages = [
        "RequestReceived",
        "ResponseStarted",
        "ResponseComplete",
        "ResponseStarted",
    ];
    let of = |id: &str| stages.map(|stage| watch(id, stage));
    assert_eq!(counted(&world(&list(admin()), &of("a"))), 1);
    let (a, b) = (of("a"), of("b"));
    let turned: Vec<Value> = a
        .iter()
        .zip(b.iter().rev())
        .flat_map(|(a, b)| [a.clone(), b.clone()])
        .collect();
    assert_eq!(counted(&world(&list(admin()), &turned)), 2);
    // One that began before the log, and one that has not ended.
    let apart = [watch("a", "ResponseComplete"), watch("b", "ResponseStarted")];
    assert_eq!(counted(&world(&list(admin()), &apart)), 2);
}

#[test]
fn what_stands_in_several_logs_counts_once_in_any_order() {
    let events: Vec<Value> = (0..60)
        .map(|at| {
            let mut one = get("secrets", &format!("x{}", at % 5), "01-01");
            one["auditID"] = json!(format!("id{at}"));
            one
        })
        .collect();
    let whole = logs(&[&events]);
    assert_eq!(counted(&whole), 60);
    for all in [
        [&events[..], &events[..]],
        [&events[..40], &events[20..]],
        [&events[20..], &events[..40]],
    ] {
        let many = logs(&all);
        assert_eq!(counted(&many), 60);
        let names = |facts: &Facts| propose(facts).proposals[0].grants.clone();
        assert_eq!(names(&many), names(&whole));
        assert!(!unnamed(&many));
    }
    // Names beyond what is kept count too, on whichever side there were too many.
    let many: Vec<Value> = (0..200)
        .map(|at| get("configmaps", &format!("y{at}"), "01-01"))
        .collect();
    for all in [
        [&many[..], &many[..10]],
        [&many[..10], &many[..]],
        [&many[..150], &many[50..]],
    ] {
        assert_eq!(counted(&logs(&all)), 200);
    }
}

/// A client may choose the auditID: what else is counted of an event tells two of one id apart.
#[test]
fn one_audit_id_hides_no_other_request() {
    let mut two = [get("secrets", "a", "01-01"), get("secrets", "b", "01-01")];
    assert_eq!(counted(&logs(&[&two])), 2);
    two[1] = two[0].clone();
    two[1]["requestReceivedTimestamp"] = json!("2026-01-01T10:00:00.000001Z");
    assert_eq!(counted(&logs(&[&two])), 2);
    two[1] = two[0].clone();
    two[1]["user"]["username"] = json!("mallory");
    assert_eq!(counted(&logs(&[&two])), 2);
}

#[test]
fn without_an_audit_id_every_reading_counts_and_that_is_said() {
    let mut one = get("secrets", "a", "01-01");
    one.as_object_mut().unwrap().remove("auditID");
    let facts = logs(&[&[one.clone()], &[one]]);
    assert_eq!(counted(&facts), 2);
    assert!(unnamed(&facts));
    let stages = ["ResponseStarted", "ResponseComplete"].map(|stage| watch("", stage));
    assert_eq!(counted(&logs(&[&stages[..1], &stages[1..]])), 1);
}

#[test]
fn every_form_of_export_says_the_same() {
    let events = [
        get("configmaps", "a", "01-01"),
        get("secrets", "b", "02-20"),
        get("configmaps", "a", "02-20"),
    ];
    let record = |one: &Value| json!({"logStreamName": "kube-apiserver-audit-1", "timestamp": 1, "message": one.to_string()});
    let mut other = record(&json!({"other": 1}));
    other["message"] = json!("I0101 authenticator started");
    let forms = [
        lines(&events),
        json!({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": events}).to_string(),
        serde_json::to_string_pretty(&json!({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": events})).unwrap(),
        serde_json::to_string_pretty(&json!({"events": [other, record(&events[0]), record(&events[1]), record(&events[2])], "searchedLogStreams": []})).unwrap(),
        events.iter().map(|one| format!("2026-11-24T04:35:04.356Z {one}\n")).collect(),
    ];
    let state = list(admin());
    let report = |log: &str| {
        let texts = [("state.json", state.as_str()), ("log", log)];
        let (all, gaps) = conformance::findings(Kubernetes, &texts, Default::default()).unwrap();
        let mut all: Vec<String> = all
            .into_iter()
            .map(|one| format!("{} {} {}", one.rule.id, one.cause, one.title))
            .collect();
        all.sort();
        let gaps: Vec<String> = gaps
            .iter()
            .map(|gap| format!("{} {}", gap.target, gap.facet))
            .collect();
        (all, gaps)
    };
    let first = report(&forms[0]);
    assert!(
        first
            .1
            .iter()
            .any(|gap| gap.contains("2026-01-01T10:00:00Z to 2026-02-20T10:00:00Z")),
        "{:?}",
        first.1
    );
    for form in &forms {
        assert_eq!(report(form), first, "{form}");
    }
}

#[test]
fn order_and_splits_change_nothing_and_broken_lines_are_gaps() {
    let events: Vec<Value> = (0..40)
        .map(|at| {
            get(
                ["configmaps", "secrets", "pods"][at % 3],
                &format!("x{}", at % 7),
                &format!("0{}-{:02}", 1 + at % 2, 1 + at % 28),
            )
        })
        .collect();
    let mut text = lines(&events);
    let state = list(admin());
    let texts = [("state.json", state.as_str()), ("audit.log", text.as_str())];
    let wrong = conformance::check(&Kubernetes, &texts).unwrap();
    assert_eq!(wrong, Vec::<String>::new());
    text.push_str("{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"verb\":\"hunter2\n{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"user\":7}\nplain text\n{\"other\":1}\n");
    let texts = [("state.json", state.as_str()), ("audit.log", text.as_str())];
    let (_, gaps) = conformance::findings(Kubernetes, &texts, Default::default()).unwrap();
    let said: Vec<String> = gaps
        .iter()
        .filter(|gap| gap.target.starts_with("line"))
        .map(|gap| format!("{}: {}", gap.target, gap.facet))
        .collect();
    assert_eq!(
        said,
        [
            "line 41 of audit.log: it is not JSON to its end",
            "line 42 of audit.log: an audit event with a field of another type"
        ]
    );
    assert!(!format!("{gaps:?}").contains("hunter2"));
}

#[test]
fn names_without_end_are_not_kept_in_any_order() {
    let events: Vec<Value> = (0..200)
        .map(|at| get("configmaps", &format!("x{at}"), "01-01"))
        .collect();
    let forward = world(&list(admin()), &events);
    let backward = world(&list(admin()), &events.iter().rev().cloned().collect::<Vec<_>>());
    assert_eq!(forward.usage(), backward.usage());
    let (_, requests) = forward.usage().everybody().next().unwrap();
    let seen = requests.values().next().unwrap();
    assert!(seen.names().is_none());
    assert_eq!(seen.requests(None, &(i32::MIN..=i32::MAX)), 200);
    let found = propose(&forward);
    assert_eq!(
        found.proposals[0].grants,
        ["in shop: verbs: [get], resources: [configmaps], apiGroups: [\"\"]"]
    );
}

#[test]
fn a_narrow_right_that_is_used_stands_as_used() {
    let state = json!([
        role(
            "shop",
            "r",
            json!([{"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["a", "b"], "verbs": ["get"]}])
        ),
        binding("shop", "b", "Role/r", web()),
    ]);
    let rungs = |last: &str| {
        let log = lines(&[get("configmaps", "a", "01-01"), get("configmaps", "a", last)]);
        let state = list(state.clone());
        let texts = [("state.json", state.as_str()), ("log", log.as_str())];
        let (_, mapped) = conformance::opened(Kubernetes, &texts).unwrap();
        let mut rungs: Vec<u8> = mapped
            .estate
            .privileges
            .iter()
            .map(|one| one.rung.number())
            .collect();
        rungs.retain(|rung| *rung > 0);
        rungs.sort_unstable();
        rungs
    };
    assert_eq!(rungs("01-10"), [4, 4]);
    assert_eq!(rungs("02-20"), [4, 5]);
}
