//! The table against the gates that Kubernetes itself registers, as its packages say them (tests/servers/kubernetes).

use super::{CHANGES, Change};
use foursee_servers::Server;
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};

/// Gates of the table that are gone from the newest version, since what they switched is always on.
const GONE: &[&str] = &[
    "AnonymousAuthConfigurableEndpoints",
    "AppArmorFields",
    "AuthorizeWithSelectors",
    "LegacyServiceAccountTokenCleanUp",
    "LegacyServiceAccountTokenNoAutoGeneration",
    "StructuredAuthenticationConfiguration",
    "StructuredAuthorizationConfiguration",
    "ValidatingAdmissionPolicy",
];

/// Every gate of the newest version, with its stages.
fn upstream() -> Value {
    let program = Server::installed("kubernetes").join("oracle");
    let mut child = Command::new(&program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}: tests/servers/kubernetes/install", program.display()));
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"{\"op\":\"gates\"}\n")
        .unwrap();
    let said = child.wait_with_output().unwrap().stdout;
    let mut answer: Value = serde_json::from_slice(&said).unwrap();
    assert!(answer["error"].is_null(), "{answer}");
    answer["gates"].take()
}

/// From which version a gate is alpha, beta, on by itself, and generally available.
type Stages = (Option<u32>, Option<u32>, Option<u32>, Option<u32>);

fn ours(change: &Change) -> Stages {
    (change.alpha, change.beta, Some(change.on), change.stable)
}

fn theirs(specs: &[Value]) -> Stages {
    let first = |is: &dyn Fn(&Value) -> bool| {
        let minors = specs
            .iter()
            .filter(|one| is(one))
            .filter_map(|one| one["minor"].as_u64());
        minors.min().map(|minor| u32::try_from(minor).unwrap())
    };
    let stage = |name: &'static str| first(&move |one: &Value| one["stage"] == name);
    (
        stage("ALPHA"),
        stage("BETA"),
        first(&|one: &Value| one["on"] == true),
        stage("GA"),
    )
}

#[test]
fn every_row_is_as_kubernetes_has_its_gate() {
    let upstream = upstream();
    let (mut compared, mut gone, mut differ) = (0, Vec::new(), Vec::new());
    for change in CHANGES {
        let Some(specs) = upstream[change.id].as_array() else {
            gone.push(change.id);
            continue;
        };
        // What the table calls on stays on.
        let off = |one: &Value| one["on"] == false && one["minor"].as_u64() >= Some(change.on.into());
        if ours(change) != theirs(specs) || specs.iter().any(off) {
            differ.push(format!("{}: {:?}, not {specs:?}", change.id, ours(change)));
        }
        compared += 1;
    }
    gone.sort_unstable();
    println!(
        "version table: {compared} gates compared, {} differ",
        differ.len()
    );
    assert_eq!(differ, [""; 0]);
    assert_eq!(gone, GONE);
}
