//! Captured live and exported by hand, the same engine says the same.

use crate::{docker, engine, estate};
use foursee::core::audit::Documents;
use foursee::core::report::{JudgedFinding, Report};
use foursee_collect_container::ContainerEngine;
use foursee_kept::{audit, collect};
use foursee_servers::Server;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What the docker command exports, under the names that the collector gives.
fn exported(server: &Server) -> Vec<(&'static str, String)> {
    let each = |list: &[&str], inspect: &[&str]| {
        let ids = docker(server, list);
        let all: Vec<&str> = inspect.iter().copied().chain(ids.split_whitespace()).collect();
        docker(server, &all)
    };
    vec![
        ("containers.json", each(&["ps", "-aq"], &["inspect"])),
        ("images.json", each(&["images", "-q"], &["image", "inspect"])),
        (
            "volumes.json",
            each(&["volume", "ls", "-q"], &["volume", "inspect"]),
        ),
        ("info.json", docker(server, &["info", "--format", "{{json .}}"])),
        (
            "daemon.json",
            std::fs::read_to_string(server.env("CONFIG")).unwrap(),
        ),
    ]
}

/// An engine gives a container's mounts in another order each time.
fn steady(mut one: Value) -> Value {
    if let Some(mounts) = one["Mounts"].as_array_mut() {
        mounts.sort_by_key(|mount| mount["Destination"].to_string());
    }
    one
}

/// Whether two listings hold the same objects, value for value.
fn same(live: &Value, said: &Value) {
    let by_name = |value: &Value| {
        let all = value.as_array().unwrap().iter();
        let named = all.map(|one| (format!("{} {}", one["Id"], one["Name"]), steady(one.clone())));
        named.collect::<BTreeMap<String, Value>>()
    };
    let (live, said) = (by_name(live), by_name(said));
    assert!(live.keys().eq(said.keys()), "{:?} {:?}", live.keys(), said.keys());
    for (name, value) in &live {
        let keys = value
            .as_object()
            .unwrap()
            .keys()
            .chain(said[name].as_object().unwrap().keys());
        for key in keys {
            assert_eq!(value.get(key), said[name].get(key), "{name}: {key}");
        }
    }
}

#[test]
fn documents_are_value_for_value_what_the_docker_command_prints() {
    let server = estate();
    let (kept, ended) = collect(&engine(&server));
    ended.unwrap();
    assert_eq!(kept.gaps(), []);
    for (file, text) in exported(&server) {
        let (live, said): (Value, Value) = (kept.json(file), serde_json::from_str(&text).unwrap());
        if file == "info.json" {
            // The command adds itself, and these change from call to call.
            let moving = [
                "ClientInfo",
                "NFd",
                "NGoroutines",
                "SystemTime",
                "NEventsListener",
            ];
            // A newer command prints its own form of what an older engine says.
            let (live, said) = (live.as_object().unwrap(), said.as_object().unwrap());
            let same = live
                .iter()
                .filter(|(key, value)| said.get(*key) == Some(value))
                .count();
            let differ: Vec<_> = live
                .iter()
                .filter(|(key, value)| !moving.contains(&key.as_str()) && said.get(*key) != Some(value))
                .map(|(key, _)| key.as_str())
                .collect();
            assert!(same > 50, "{same}");
            for key in [
                "ID",
                "Name",
                "ServerVersion",
                "KernelVersion",
                "SecurityOptions",
                "DockerRootDir",
                "CgroupVersion",
                "Labels",
            ] {
                assert!(live.contains_key(key) && !differ.contains(&key), "{differ:?}");
            }
        } else if file == "daemon.json" {
            assert_eq!(live, said);
        } else {
            same(&live, &said);
        }
    }
    assert_eq!(kept.json("containers.json").as_array().unwrap().len(), 12);
    for document in kept.documents.lock().unwrap().iter() {
        assert_eq!(document.scope.as_deref(), Some(server.env("ID")));
    }
}

/// A finding without the bytes at which its evidence stands, since the command indents what it prints, and without
/// the places in lists: the command sorts images, and an engine gives mounts in another order each time.
fn plain(finding: &JudgedFinding) -> String {
    let evidence: BTreeSet<String> = finding
        .evidence
        .iter()
        .map(|one| {
            let pointer = one.place.pointer.replace(|c: char| c.is_ascii_digit(), "");
            format!("{} {pointer} {}", one.place.document, one.says)
        })
        .collect();
    let mut finding = finding.clone();
    finding.evidence.clear();
    format!("{finding:?} {evidence:?}")
}

fn findings(report: &Report) -> Vec<String> {
    report.findings.iter().map(plain).collect()
}

/// The audit of an engine's exports.
fn audit_of_exports(server: &Server) -> Report {
    let mut documents = Documents::new();
    for (file, text) in exported(server) {
        documents.push_text(file, text);
    }
    audit(documents)
}

fn live_equals_exported(server: &Server) -> Report {
    let (kept, ended) = collect(&engine(server));
    ended.unwrap();
    let (live, exported) = (kept.audit(), audit_of_exports(server));
    for (one, other) in findings(&live).iter().zip(&findings(&exported)) {
        assert_eq!(one, other);
    }
    assert_eq!(live.findings.len(), exported.findings.len());
    assert_eq!(live.identities, exported.identities);
    let gaps = |report: &Report| -> Vec<String> {
        let said = report
            .gaps
            .iter()
            .map(|gap| format!("{} {} {} {}", gap.target, gap.facet, gap.hides, gap.closes));
        said.collect()
    };
    assert_eq!(gaps(&live), gaps(&exported));
    assert_eq!(live.scopes, exported.scopes);
    assert_eq!(live.paths.len(), exported.paths.len());
    live
}

#[test]
fn live_and_exported_give_the_same_findings() {
    let report = live_equals_exported(&estate());
    let rules: BTreeSet<&str> = report.findings.iter().map(|one| one.rule).collect();
    for rule in [
        "container-privileged",
        "container-runtime-socket",
        "container-cap-dangerous",
        "container-env-secret",
        "container-host-mount-sensitive",
        "container-device-block",
        "container-port-sensitive",
        "container-runtime-api-env",
        "container-seccomp-unconfined",
    ] {
        assert!(rules.contains(rule), "{rule} is not among {rules:?}");
    }
}

#[test]
fn an_engine_that_remaps_users_and_forbids_new_privileges_is_read_alike() {
    let server = Server::start("container", &["estate", "userns-remap", "no-new-privileges"]);
    let server = server.unwrap_or_else(|error| panic!("{error}"));
    let strict = live_equals_exported(&server);
    let usual = collect(&engine(&estate())).0.audit();
    let count = |report: &Report, rule: &str| report.findings.iter().filter(|one| one.rule == rule).count();
    // The engine's settings were read: they decide.
    let rule = "container-no-new-privileges-missing";
    assert!(count(&usual, rule) > 0 && count(&strict, rule) < count(&usual, rule));
}

#[test]
fn over_tls_an_engine_says_the_same_but_for_its_configuration() {
    let server = estate();
    let engine = ContainerEngine::new(Some(server.env("TCP"))).unwrap();
    let engine = engine.certificates(server.env("CERTS"));
    let (kept, ended) = collect(&engine);
    ended.unwrap();
    let (direct, _) = collect(&crate::engine(&server));
    same(&kept.json("containers.json"), &direct.json("containers.json"));
    let gaps = kept.gaps();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(
        gaps[0].target.starts_with("daemon.json of tcp://127.0.0.1:")
            && gaps[0].facet.contains("another machine")
    );
    // Without a certificate nobody comes in, and nobody is told who else might.
    let clear = ContainerEngine::new(Some(server.env("TCP"))).unwrap();
    let (nothing, ended) = collect(&clear);
    assert!(ended.unwrap_err().to_string().contains("HTTPS"));
    assert_eq!(nothing.files(), [""; 0]);
}
