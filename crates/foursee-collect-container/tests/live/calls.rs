//! Which calls are made: GET alone, and as many at a time as was allowed; and what becomes of calls that fail.

use crate::proxy::{Proxy, Verdict, deny};
use crate::{engine, estate};
use foursee_capture::{CollectError, Collector, Terms};
use foursee_collect_container::{ContainerEngine, PERMISSIONS, grant};
use foursee_kept::{Kept, collect, collect_with};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A permission's form of a call: `GET /containers/{id}/json`.
pub fn form(method: &str, path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    let path = match parts[..] {
        ["", kind @ ("containers" | "images"), _, "json"] => format!("/{kind}/{{id}}/json"),
        _ => path.to_owned(),
    };
    format!("{method} {path}")
}

fn through(proxy: &Proxy, config: &str) -> ContainerEngine {
    ContainerEngine::new(Some(&proxy.target()))
        .unwrap()
        .configuration(config)
}

#[test]
fn only_gets_are_sent_and_just_those_that_the_permissions_name() {
    let server = estate();
    let proxy = Proxy::before(server.env("HOST"), |_, _| Verdict::Pass);
    let (kept, ended) = collect(&through(&proxy, server.env("CONFIG")));
    ended.unwrap();
    let calls = proxy.calls();
    assert!(calls.iter().all(|(method, _)| method == "GET"), "{calls:?}");
    let forms: BTreeSet<String> = calls
        .iter()
        .map(|(method, path)| form(method, path.split('?').next().unwrap()))
        .collect();
    let named: BTreeSet<String> = PERMISSIONS
        .iter()
        .map(|one| one.name.to_owned())
        .filter(|name| name.starts_with("GET "))
        .collect();
    assert_eq!(forms, named);
    // Each object once: the lists, 12 containers, 2 images.
    assert_eq!(calls.len(), 4 + 12 + 2);
    assert_eq!(kept.json("containers.json").as_array().unwrap().len(), 12);
}

/// Whether a path is what a grant says: its regular expression has hexadecimal digits in one place at most.
fn granted(grant: &str, path: &str) -> bool {
    match grant.split_once("[a-f0-9]+") {
        None => path == grant,
        Some((before, behind)) => path
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(behind))
            .is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| b"0123456789abcdef".contains(&byte))),
    }
}

#[test]
fn with_just_what_is_printed_to_be_granted_everything_is_read() {
    let server = estate();
    let printed = grant();
    let paths = printed.lines().next().unwrap();
    let paths = paths
        .strip_prefix("-allowGET='(/v[0-9.]+)?/(")
        .unwrap()
        .strip_suffix(")'")
        .unwrap();
    let paths: Vec<String> = paths.split('|').map(|path| format!("/{path}")).collect();
    assert_eq!(paths.len(), PERMISSIONS.len() - 1, "all but daemon.json");
    let proxy = Proxy::before(server.env("HOST"), move |method, path| {
        let allowed = method == "GET" && paths.iter().any(|grant| granted(grant, path));
        if allowed { Verdict::Pass } else { deny() }
    });
    let (kept, ended) = collect(&through(&proxy, server.env("CONFIG")));
    ended.unwrap();
    assert_eq!(kept.gaps(), []);
    let want = [
        "info.json",
        "containers.json",
        "images.json",
        "volumes.json",
        "daemon.json",
    ];
    assert_eq!(kept.files(), want);
}

#[test]
fn progress_counts_to_the_end() {
    let (kept, _) = collect(&engine(&estate()));
    let steps = kept.steps.lock().unwrap();
    let last = steps.iter().rev().find(|step| step.what == "containers").unwrap();
    assert_eq!((last.done, last.of), (12, Some(12)));
}

#[test]
fn no_more_calls_at_a_time_than_allowed_and_several_if_so() {
    let server = estate();
    for limit in [1, 4] {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let seen = Arc::clone(&most);
        let proxy = Proxy::before(server.env("HOST"), move |_, path| {
            if path.starts_with("/containers/") && path != "/containers/json" {
                seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(50));
                now.fetch_sub(1, Ordering::SeqCst);
            }
            Verdict::Pass
        });
        let mut terms = Terms::default();
        terms.concurrency = limit.try_into().unwrap();
        let (_, ended) = collect_with(&through(&proxy, server.env("CONFIG")), &terms);
        ended.unwrap();
        assert_eq!(most.load(Ordering::SeqCst), limit);
    }
}

#[test]
fn a_container_that_vanishes_between_list_and_inspect_is_a_gap() {
    let server = estate();
    let gone = crate::docker(&server, &["inspect", "--format", "{{.Id}}", "privileged"]);
    let gone = format!("/containers/{}/json", gone.trim());
    let proxy = Proxy::before(server.env("HOST"), move |_, path| {
        if path == gone {
            Verdict::Answer(404, r#"{"message":"No such container"}"#.to_owned())
        } else {
            Verdict::Pass
        }
    });
    let (kept, ended) = collect(&through(&proxy, server.env("CONFIG")));
    ended.unwrap();
    assert_eq!(kept.json("containers.json").as_array().unwrap().len(), 11);
    let gaps = kept.gaps();
    assert_eq!(gaps.len(), 1);
    assert_eq!(
        gaps[0].target,
        format!("container privileged of {}", proxy.target())
    );
    assert_eq!(
        (gaps[0].reason.as_str(), gaps[0].facet.as_str()),
        ("not-captured", "it was removed while the engine was read")
    );
    assert!(!gaps[0].hides.is_empty() && !gaps[0].closes.is_empty());
}

#[test]
fn what_is_not_read_by_the_deadline_is_a_gap_and_what_was_read_is_kept() {
    let server = estate();
    let proxy = Proxy::before(server.env("HOST"), |_, path| {
        if path.starts_with("/images/") {
            Verdict::Late(Duration::from_secs(60))
        } else {
            Verdict::Pass
        }
    });
    let mut terms = Terms::default();
    terms.deadline = Duration::from_secs(3);
    let began = Instant::now();
    let (kept, ended) = collect_with(&through(&proxy, server.env("CONFIG")), &terms);
    ended.unwrap();
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(kept.files(), ["info.json", "containers.json", "daemon.json"]);
    let late: BTreeSet<String> = kept
        .gaps()
        .into_iter()
        .filter(|gap| gap.facet == "the deadline came before it was read")
        .map(|gap| gap.target.split(" of ").next().unwrap().to_owned())
        .collect();
    // The list of images, both images that containers use, and all that came after them.
    assert_eq!(late.len(), 4, "{late:?}");
    assert!(late.contains("images") && late.contains("volumes"));
    // Before anything was read there is nothing to keep.
    let proxy = Proxy::before(server.env("HOST"), |_, _| Verdict::Late(Duration::from_secs(60)));
    terms.deadline = Duration::from_millis(300);
    let (_, ended) = collect_with(&through(&proxy, server.env("CONFIG")), &terms);
    assert!(matches!(ended, Err(CollectError::Deadline { .. })), "{ended:?}");
}

#[test]
fn dropped_in_the_middle_it_stops_and_what_it_gave_is_whole() {
    let server = estate();
    let proxy = Proxy::before(server.env("HOST"), |_, path| {
        if path.starts_with("/images/") {
            Verdict::Late(Duration::from_secs(2))
        } else {
            Verdict::Pass
        }
    });
    let (kept, terms) = (Kept::default(), Terms::default());
    let engine = through(&proxy, server.env("CONFIG"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let cancel = async {
            while kept.files().len() < 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            ended = engine.collect(&kept, &terms) => panic!("it ended: {ended:?}"),
            () = cancel => {}
        }
    });
    assert_eq!(kept.files(), ["info.json", "containers.json"]);
    assert_eq!(kept.json("containers.json").as_array().unwrap().len(), 12);
    let calls = proxy.calls().len();
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(proxy.calls().len(), calls, "nothing is asked any more");
}

#[test]
fn nonsense_from_an_engine_is_a_gap_that_names_the_call() {
    let server = estate();
    type Answer = fn() -> Verdict;
    let answers: [(&str, Answer); 6] = [
        ("malformed", || Verdict::Answer(200, "{\"Id\":".to_owned())),
        ("malformed", || Verdict::Answer(200, "\u{1b}[31mhello".to_owned())),
        ("malformed", || Verdict::Answer(200, "[".repeat(10_000))),
        ("malformed", || Verdict::Answer(200, String::new())),
        ("not-captured", || {
            Verdict::Answer(500, "{\"message\":\"\u{1b}[2Jdriver failed\"}".to_owned())
        }),
        ("not-captured", || Verdict::Cut),
    ];
    for (reason, answer) in answers {
        for call in ["/info", "/containers/json", "/images/json", "/volumes"] {
            let proxy = Proxy::before(server.env("HOST"), move |_, path| {
                if path == call { answer() } else { Verdict::Pass }
            });
            let (kept, ended) = collect(&through(&proxy, server.env("CONFIG")));
            if call == "/info" && ended.is_err() {
                // An engine that breaks off its first answer is not there.
                assert!(
                    matches!(ended, Err(CollectError::Unreachable { .. })),
                    "{ended:?}"
                );
                continue;
            }
            ended.unwrap();
            let gaps = kept.gaps();
            assert!(gaps.iter().any(|gap| gap.reason == reason), "{call}: {gaps:?}");
            assert!(gaps.iter().all(|gap| !gap.facet.contains('\u{1b}')), "{gaps:?}");
        }
    }
}

#[test]
fn an_answer_without_end_is_not_held() {
    let server = estate();
    let proxy = Proxy::before(server.env("HOST"), |_, path| {
        if path == "/volumes" {
            Verdict::Answer(200, " ".repeat(65 << 20))
        } else {
            Verdict::Pass
        }
    });
    let (kept, ended) = collect(&through(&proxy, server.env("CONFIG")));
    ended.unwrap();
    let reasons: Vec<String> = kept.gaps().into_iter().map(|gap| gap.reason).collect();
    assert_eq!(reasons, ["too-large"]);
}

#[test]
fn identifiers_that_are_none_are_never_sent() {
    let server = estate();
    let listed =
        r#"[{"Id":"../info","Names":["/evil\u001b[2J"]},{"Id":"a?b","Names":null},{"Id":"","Names":[]}]"#;
    let proxy = Proxy::before(server.env("HOST"), move |_, path| {
        if path == "/containers/json" {
            Verdict::Answer(200, listed.to_owned())
        } else {
            Verdict::Pass
        }
    });
    let (kept, ended) = collect(&through(&proxy, server.env("CONFIG")));
    ended.unwrap();
    let gaps = kept.gaps();
    assert_eq!(gaps.len(), 3);
    assert!(
        gaps.iter()
            .all(|gap| gap.reason == "malformed" && !gap.target.contains('\u{1b}')),
        "{gaps:?}"
    );
    assert!(
        proxy
            .calls()
            .iter()
            .all(|(_, path)| !path.starts_with("/containers/") || path.starts_with("/containers/json"))
    );
}

/// What Podman 4.3.1 answers, cut short: its own calls have what its answers to Docker's lack.
#[test]
fn of_podman_its_own_calls_are_asked() {
    let proxy = Proxy::before("unix:///nonexistent/engine.sock", |_, path| {
        let body = match path {
            "/info" => r#"{"ID":"02fa","ServerVersion":"4.3.1","BuildahVersion":"1.28.2"}"#,
            "/v4.0.0/libpod/info" => {
                r#"{"host":{"hostname":"h","kernel":"6.1.0","security":{"rootless":false}},"store":{"graphRoot":"/var/lib/containers/storage"},"version":{"Version":"4.3.1"}}"#
            }
            "/v4.0.0/libpod/containers/json" => r#"[{"Id":"50c5","Names":["caps"],"ImageID":"223f"}]"#,
            "/v4.0.0/libpod/containers/50c5/json" => {
                r#"{"Id":"50c5","Name":"caps","Image":"223f","ImageName":"base:1","EffectiveCaps":["CAP_SYS_ADMIN"],"BoundingCaps":["CAP_SYS_ADMIN"],"Config":{"User":"5"},"HostConfig":{"CapAdd":["CAP_SYS_ADMIN"]},"State":{"Status":"running","Running":true}}"#
            }
            "/v4.0.0/libpod/images/json" => r#"[{"Id":"223f","RepoTags":["base:1"]}]"#,
            "/v4.0.0/libpod/images/223f/json" => {
                r#"{"Id":"223f","RepoTags":["base:1"],"Architecture":"amd64","RootFS":{"Type":"layers"},"Config":{}}"#
            }
            "/v4.0.0/libpod/volumes/json" => "[]",
            _ => return deny(),
        };
        Verdict::Answer(200, body.to_owned())
    });
    let (kept, ended) = collect(&ContainerEngine::new(Some(&proxy.target())).unwrap());
    ended.unwrap();
    assert_eq!(kept.gaps(), [], "{:?}", proxy.calls());
    assert_eq!(kept.files(), ["info.json", "containers.json", "images.json"]);
    // A user who is not root has the capability that was added: by Docker's rule it would have none.
    let rules: Vec<&str> = kept.audit().findings.iter().map(|one| one.rule).collect();
    assert!(rules.contains(&"container-cap-dangerous"), "{rules:?}");
}

#[test]
fn who_is_not_let_in_is_told_so() {
    let server = estate();
    let proxy = Proxy::before(server.env("HOST"), |_, _| deny());
    let (kept, ended) = collect(&through(&proxy, server.env("CONFIG")));
    assert!(matches!(ended, Err(CollectError::Refused { .. })), "{ended:?}");
    assert_eq!(kept.files(), [""; 0]);
    let nothing = ContainerEngine::new(Some("/nonexistent/engine.sock")).unwrap();
    assert!(matches!(
        collect(&nothing).1,
        Err(CollectError::Unreachable { .. })
    ));
}
