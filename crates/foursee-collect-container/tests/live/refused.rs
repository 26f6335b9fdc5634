//! Each permission taken away in turn: a gap names it, the rest is read, and no finding disappears unnamed.

use crate::calls::form;
use crate::proxy::{Proxy, Verdict, deny};
use crate::{engine, estate};
use foursee::core::report::{JudgedFinding, Report};
use foursee_collect_container::{ContainerEngine, PERMISSIONS};
use foursee_kept::{Kept, collect};
use std::collections::BTreeSet;

/// What a finding is, whichever scope it is in: an engine that does not say its ID is named by its address.
fn cause(finding: &JudgedFinding) -> (&'static str, String) {
    (finding.rule, finding.cause.clone())
}

/// Whether a gap of the capture names what is gone: all of a sort, or the very container or image.
fn named(finding: &JudgedFinding, kept: &Kept) -> bool {
    kept.gaps().iter().any(|gap| {
        let object = gap.target.split(" of ").next().unwrap_or_default();
        let text = format!(
            "{} {} {:?} {:?}",
            finding.title, finding.cause, finding.identities, finding.resource
        );
        match object.split_once(' ') {
            Some((_, name)) => text.contains(name),
            None => true,
        }
    })
}

fn without(denied: &'static str) -> (Kept, Proxy) {
    let server = estate();
    let proxy = Proxy::before(server.env("HOST"), move |method, path| {
        if form(method, path) == denied {
            deny()
        } else {
            Verdict::Pass
        }
    });
    let engine = ContainerEngine::new(Some(&proxy.target()))
        .unwrap()
        .configuration(server.env("CONFIG"));
    let (kept, ended) = collect(&engine);
    ended.unwrap();
    (kept, proxy)
}

#[test]
fn a_refused_call_is_a_gap_that_names_the_permission_and_the_rest_goes_on() {
    let server = estate();
    let whole: Report = collect(&engine(&server)).0.audit();
    let mut disappeared = 0;
    for permission in PERMISSIONS.iter().filter(|one| one.name.starts_with("GET ")) {
        let (kept, _proxy) = without(permission.name);
        let gaps = kept.gaps();
        assert!(!gaps.is_empty(), "{}", permission.name);
        for gap in &gaps {
            assert_eq!(gap.reason, "denied", "{gap:?}");
            assert!(
                gap.facet.contains(permission.name) && gap.closes.contains(permission.name),
                "{gap:?}"
            );
            assert_eq!(gap.hides, permission.hides);
        }
        assert!(kept.files().len() >= 3, "{}: {:?}", permission.name, kept.files());
        let less = kept.audit();
        let left: BTreeSet<_> = less.findings.iter().map(cause).collect();
        for gone in whole.findings.iter().filter(|one| !left.contains(&cause(one))) {
            disappeared += 1;
            assert!(
                named(gone, &kept),
                "without {}: {} {}",
                permission.name,
                gone.rule,
                gone.title
            );
        }
        // The gap is in the report, too.
        for gap in &gaps {
            assert!(
                less.gaps.iter().any(|row| row.target.starts_with(&gap.target)),
                "{gap:?}"
            );
        }
    }
    assert!(disappeared > 20, "{disappeared}");
}

#[test]
fn without_one_object_everything_else_is_found_still() {
    let server = estate();
    let whole = collect(&engine(&server)).0.audit();
    let id = crate::docker(&server, &["inspect", "--format", "{{.Id}}", "socket"]);
    let path = format!("/containers/{}/json", id.trim());
    let proxy = Proxy::before(server.env("HOST"), move |_, at| {
        if at == path { deny() } else { Verdict::Pass }
    });
    let one = ContainerEngine::new(Some(&proxy.target()))
        .unwrap()
        .configuration(server.env("CONFIG"));
    let (kept, ended) = collect(&one);
    ended.unwrap();
    assert_eq!(kept.gaps().len(), 1);
    let left: BTreeSet<_> = kept.audit().findings.iter().map(cause).collect();
    let gone: Vec<_> = whole
        .findings
        .iter()
        .filter(|one| !left.contains(&cause(one)))
        .collect();
    assert!(!gone.is_empty());
    for finding in gone {
        assert!(named(finding, &kept), "{} {}", finding.rule, finding.title);
    }
}

#[test]
fn an_unreadable_or_broken_daemon_json_is_a_gap() {
    let server = estate();
    let folder = server.folder().join("configurations");
    std::fs::create_dir_all(&folder).unwrap();
    let broken = folder.join("broken.json");
    std::fs::write(&broken, "{\"hosts\": [").unwrap();
    let missing = folder.join("missing.json");
    for (file, reason) in [
        (&broken, "malformed"),
        (&missing, "not-captured"),
        (&folder, "not-captured"),
    ] {
        let (kept, ended) = collect(&engine(&server).configuration(file));
        ended.unwrap();
        let gaps = kept.gaps();
        assert_eq!((gaps.len(), gaps[0].reason.as_str()), (1, reason), "{gaps:?}");
        assert!(gaps[0].target.starts_with("daemon.json of ") && !gaps[0].closes.is_empty());
    }
}
