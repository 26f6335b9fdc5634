//! What the tests of this crate share, and the tests of the layer as a whole.

use super::*;
use foursee_core::conformance;
use foursee_core::finding::Finding;
use foursee_core::model::{DocId, ScopeId, Time};

pub(crate) fn document(name: &str, kind: &'static str, text: &str) -> Document {
    Document {
        id: DocId(0),
        name: name.into(),
        scope: ScopeId(0),
        kind,
        text: std::sync::Arc::new(text.to_owned()),
    }
}

/// A container by its name, HostConfig and Config.
pub(crate) fn one(name: &str, host: &str, config: &str) -> String {
    format!(r#"{{"Id":"id-{name}","Name":"/{name}","HostConfig":{host},"Config":{config}}}"#)
}

/// The sealed facts of some containers and, where it is not empty, of the fields of `docker info`.
pub(crate) fn facts(containers: &[&str], info: &str) -> Facts {
    let mut notes = Notes::default();
    let mut facts = parse::parse(
        &document("c", "containers", &format!("[{}]", containers.join(","))),
        &mut notes,
    );
    if !info.is_empty() {
        facts.merge(parse::parse(
            &document("i", "info", &format!("{{{info}}}")),
            &mut notes,
        ));
    }
    assert!(notes.gaps.is_empty(), "{:?}", notes.gaps);
    facts.seal();
    facts
}

/// `docker info` of a plain engine.
pub(crate) const INFO: &str = r#"{"ID":"ENG1","Name":"box","ServerVersion":"27.3.1","KernelVersion":"6.12.0","DockerRootDir":"/var/lib/docker","CgroupVersion":"2","SecurityOptions":["name=seccomp,profile=builtin"]}"#;

/// The findings of one rule over containers (a list's inside) and `docker info`: "SEVERITY CAUSE".
pub(crate) fn fired(rule: &str, containers: &str, info: &str) -> Vec<String> {
    found(
        rule,
        &[
            ("containers.json", &format!("[{containers}]")),
            ("info.json", info),
        ],
    )
    .iter()
    .map(|f| format!("{} {}", f.severity.as_str(), f.cause))
    .collect()
}

pub(crate) fn found(rule: &str, texts: conformance::Texts<'_>) -> Vec<Finding> {
    let (all, _) = conformance::findings(Container, texts, Time::default()).unwrap();
    let mut all: Vec<Finding> = all.into_iter().filter(|f| f.rule.id == rule).collect();
    all.sort_by(|a, b| a.cause.cmp(&b.cause));
    all
}

const RICH: &str = r#"[
 {"Id":"aaa1","Name":"/agent","State":{"Running":true},"HostConfig":{"Privileged":true,"PidMode":"host"},"Mounts":[{"Type":"bind","Source":"/","Destination":"/host","RW":true}],"Config":{"Image":"agent:1","Env":["A=b"]}},
 {"Id":"bbb1","Name":"/web","State":{"Running":true},"HostConfig":{"CapAdd":["SYS_ADMIN"],"PortBindings":{"443/tcp":[{"HostIp":"","HostPort":"443"}]}},"NetworkSettings":{"Ports":{"443/tcp":[{"HostIp":"0.0.0.0","HostPort":"443"},{"HostIp":"::","HostPort":"443"}]}},"Config":{"User":"1000","Image":"web:2","Env":["DATABASE_URL=postgres://web:hunter2@db/shop","KAFKA_BROKERS=k:9094","KAFKA_SASL_USERNAME=web","KAFKA_SASL_PASSWORD=hunter3","AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE","AWS_SECRET_ACCESS_KEY=hunter\"4"],"Labels":{"owner":"shop","team":"x"}}},
 {"Id":"ccc1","Name":"/side","State":{"Running":false},"HostConfig":{"PidMode":"container:bbb1","SecurityOpt":["no-new-privileges"]},"Config":{"User":"app"},"Mounts":[{"Type":"bind","Source":"/var/run/docker.sock","Destination":"/s","RW":true}]}
]"#;

#[test]
fn conformance_holds() {
    let images = r#"[{"Id":"sha256:1","RepoTags":["web:2"],"RootFS":{"Type":"layers"},"Config":{"User":"","Env":["A=b"]}}]"#;
    let daemon = r#"{"live-restore":true,"no-new-privileges":false}"#;
    let texts = [
        ("c.json", RICH),
        ("d.json", daemon),
        ("i.json", INFO),
        ("m.json", images),
    ];
    assert_eq!(
        conformance::check(&Container, &texts).unwrap(),
        Vec::<String>::new()
    );
    // Whatever a container may of the technique table, an edge covers (L1).
    let table = [conformance::Means::new(
        "container-host-path",
        "read host-path",
        "host-path",
    )];
    let compared = conformance::complete(Container, &texts, &table).unwrap();
    assert_eq!(compared.wrong, Vec::<String>::new());
    assert!(compared.allowed > 1, "{compared:?}");
}

#[test]
fn logins_entries_and_the_host() {
    let (_, mapped) = conformance::opened(Container, &[("c.json", RICH), ("i.json", INFO)]).unwrap();
    let estate = &mapped.estate;
    let presented: Vec<String> = estate
        .presented
        .iter()
        .map(|p| format!("{} {} {} {}", estate.name(p.by), p.kind, p.realm, p.subject))
        .collect();
    for want in [
        "web postgres-login db:5432 web",
        "web sasl k:9094 web",
        "web aws-access-key aws AKIAIOSFODNN7EXAMPLE",
    ] {
        assert!(presented.iter().any(|p| p == want), "{want}: {presented:?}");
    }
    let entries: Vec<String> = estate
        .entries
        .iter()
        .map(|e| format!("{} {}", estate.name(e.node), e.why))
        .collect();
    assert_eq!(entries, ["web published port 0.0.0.0:443"]);
    let host = estate
        .find(foursee_core::model::ScopeId(0), "container", "host", "box")
        .unwrap();
    assert!(estate.edges.iter().any(|e| estate.name(e.from) == "agent"
        && e.to == host
        && e.certainty == foursee_core::model::Certainty::Certain));
    assert!(
        estate
            .tags
            .iter()
            .any(|t| &*t.key == "owner" && &*t.value == "shop")
    );
}

/// A container that does not run presents its logins once it is started, and not before.
#[test]
fn a_stopped_containers_login_is_conditional() {
    let stopped = RICH.replace(
        r#""Running":true},"HostConfig":{"CapAdd""#,
        r#""Running":false},"HostConfig":{"CapAdd""#,
    );
    assert_ne!(stopped, RICH);
    for (text, want) in [
        (RICH, ""),
        (&*stopped, "the container is started: it does not run"),
    ] {
        let (opened, mapped) = conformance::opened(Container, &[("c.json", text), ("i.json", INFO)]).unwrap();
        let estate = &mapped.estate;
        let all: Vec<_> = estate
            .presented
            .iter()
            .filter(|one| estate.name(one.by) == "web")
            .collect();
        assert_eq!(all.len(), 3);
        for one in all {
            assert_eq!(estate.condition(one.condition), want);
            assert_eq!(
                one.certainty == foursee_core::model::Certainty::Certain,
                want.is_empty()
            );
            let hop = foursee_core::layer::Hop {
                technique: "core-presents",
                from: Who {
                    kind: "container",
                    name: "web",
                },
                to: Who {
                    kind: "credential",
                    name: "",
                },
                place: one.place,
                credential: Some(foursee_core::layer::CredentialRef {
                    kind: &one.kind,
                    realm: &one.realm,
                    subject: &one.subject,
                    audience: if &*one.kind == "postgres-login" {
                        "shop"
                    } else {
                        ""
                    },
                }),
            };
            let said = if want.is_empty() {
                Holds::Yes
            } else {
                Holds::If(want.to_owned())
            };
            assert_eq!(opened.loaded()[0].holds(&hop), said, "{}", one.kind);
        }
    }
}

/// Each row of the privileges table is what the authorizer says when it is asked in the row's own words.
#[test]
fn rows_are_the_authorizers_answers() {
    use foursee_core::model::Certainty;
    let (opened, mapped) = conformance::opened(Container, &[("c.json", RICH), ("i.json", INFO)]).unwrap();
    let estate = &mapped.estate;
    assert!(estate.privileges.len() > 10);
    for row in &estate.privileges {
        let who = Who {
            kind: "container",
            name: estate.name(row.holder),
        };
        let said = opened.loaded()[0].may(&who, &row.action, estate.name(row.over));
        let fits = match said {
            Holds::Yes => row.certainty == Certainty::Certain || &*row.action == "run",
            Holds::If(_) => row.certainty == Certainty::Conditional,
            Holds::Unknown(_) => row.certainty == Certainty::Unknown,
            Holds::No(_) => false,
        };
        assert!(
            fits,
            "{} {} {}: {said:?} {:?}",
            who.name,
            row.action,
            estate.name(row.over),
            row.certainty
        );
    }
}

#[test]
fn no_secret_value_leaves_the_parser() {
    let text = RICH.replace("\"Env\":[\"A=b\"]", r#""Env":["A=hunter5"],"Cmd":["run","--password=hunter6","--token","hunter7"],"Labels":{"traefik.auth.users":"u:$apr1$hunter8"}"#);
    let doc = document("c", "containers", &text);
    let mut notes = Notes::default();
    let facts = parse::parse(&doc, &mut notes);
    let mut bytes = text.clone().into_bytes();
    for range in &notes.redact {
        bytes[range.start as usize..range.end as usize].fill(b'*');
    }
    let left = String::from_utf8(bytes).unwrap();
    assert!(!left.contains("hunter"), "{left}");
    assert!(serde_json::from_str::<serde_json::Value>(&left).is_ok());
    assert!(!format!("{facts:?}{:?}", notes.gaps).contains("hunter"));
}

#[test]
fn a_shares_password_is_overwritten() {
    let text = r#"[{"Name":"v","Mountpoint":"/m","Options":{"type":"cifs","o":"addr=h,username=u,password=hunter2","device":"//h/s"}}]"#;
    let doc = document("v", "volumes", text);
    let mut notes = Notes::default();
    let facts = parse::parse(&doc, &mut notes);
    assert_eq!((facts.volumes.len(), &facts.volumes[0].device), (1, &None));
    assert_eq!(notes.redact.len(), 1);
}

#[test]
fn what_is_broken_keeps_no_secret_either() {
    let cut = r#"[{"Id":"1","Name":"/a","HostConfig":{"CapAdd":7},"Config":{"Env":["A=hun\"ter1"],"Cmd":["--token","hunter2"]}},
        {"Id":"2","Config":{"Env":["A=hunter3","B=hun\"#;
    for text in [cut, &format!("{cut}\"ter4"), &cut.replace("[{", "{")] {
        let doc = document("c", "containers", text);
        let mut notes = Notes::default();
        let _ = parse::parse(&doc, &mut notes);
        let mut bytes = text.to_owned().into_bytes();
        for range in &notes.redact {
            bytes[range.start as usize..range.end as usize].fill(b'*');
        }
        let left = String::from_utf8(bytes).unwrap();
        assert!(!left.contains("hun") && !left.contains("ter"), "{left}");
        assert!(!notes.gaps.is_empty());
    }
}

#[test]
fn parts_merge_in_any_split() {
    let items: Vec<serde_json::Value> = serde_json::from_str(RICH).unwrap();
    let lines: String = items.iter().map(|item| format!("{item}\n")).collect();
    let mut notes = Notes::default();
    let mut whole = parse::parse(&document("c", "containers", RICH), &mut notes);
    let mut by_line = parse::parse(&document("c", "containers", &lines), &mut notes);
    let mut parts = Facts::default();
    for item in &items {
        parts.merge(parse::parse(
            &document("c", "containers", &item.to_string()),
            &mut notes,
        ));
    }
    for all in [&mut whole, &mut by_line, &mut parts] {
        all.seal();
    }
    let names = |f: &Facts| {
        f.containers
            .iter()
            .map(|c| (c.node.clone(), authorize::equation(f, c)))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&whole), names(&by_line));
    assert_eq!(names(&whole), names(&parts));
    assert!(notes.gaps.is_empty(), "{:?}", notes.gaps);
}

#[test]
fn refused_and_broken_exports_are_gaps() {
    for text in [
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get \"http://x\": dial unix",
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        "Error response from daemon: no such container",
        r#"[{"Id":"1","Name":"/a","HostConfig":{"Privileged":true},"Conf"#,
        r#"[{"Id":"1","Name":"/a","HostConfig":{"CapAdd":7}}, {"Id":"2","Name":"/b","HostConfig":{"Privileged":true}}]"#,
        r#"{"ID":"","ServerErrors":["permission denied while trying to connect"],"ClientInfo":{}}"#,
        r#"[{"Id":"2","Name":"/b","HostConfig":{"Privileged":true}}] Error: No such object: c"#,
    ] {
        let (_, gaps) = conformance::findings(Container, &[("x", text)], Time::default()).unwrap();
        assert!(
            gaps.iter()
                .any(|g| &*g.layer == "container" && g.target != "docker info"),
            "{text}: {gaps:?}"
        );
    }
}

#[test]
fn two_containers_of_one_name_are_two_nodes() {
    let facts = facts(
        &[
            r#"{"Id":"1111111111111","Name":"/a","HostConfig":{}}"#,
            r#"{"Id":"2222222222222","Name":"/a","HostConfig":{}}"#,
        ],
        "",
    );
    assert_eq!(
        facts
            .containers
            .iter()
            .map(|c| c.node.as_str())
            .collect::<Vec<_>>(),
        ["a/111111111111", "a/222222222222"]
    );
    assert!(facts.find("a").is_none() && facts.find("2222").is_some());
}

/// The directory agrees with the list of rules.
#[test]
fn every_rule_is_listed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules");
    let files: std::collections::BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|e| {
            e.unwrap()
                .file_name()
                .to_str()
                .and_then(|n| n.strip_suffix(".rs"))
                .map(str::to_owned)
        })
        .filter(|n| n != "mod")
        .map(|n| format!("container-{}", n.replace('_', "-")))
        .collect();
    let listed: std::collections::BTreeSet<String> =
        rules::all().iter().map(|r| r.meta().id.to_owned()).collect();
    assert_eq!(files, listed);
}
