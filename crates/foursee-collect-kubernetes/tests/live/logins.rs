//! Logins as kubectl makes them: exec plugins, and what is said of one that fails.

use crate::fake::{Fake, empty};
use foursee_capture::{CollectError, Terms};
use foursee_kept::{collect, collect_with};
use serde_json::{Value, json};
use std::time::Duration;

fn plugin(script: &str) -> Value {
    json!({ "exec": { "apiVersion": "client.authentication.k8s.io/v1", "command": "sh", "args": ["-c", script], "interactiveMode": "Never" } })
}

#[test]
fn an_exec_plugin_gives_the_token() {
    let fake = Fake::cluster(empty());
    let credential = r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"planted-by-plugin"}}"#;
    let file = fake.file("credential.json", credential);
    let (kept, ended) = collect(&fake.as_user("shop", &plugin(&format!("cat {}", file.display()))));
    ended.unwrap();
    assert_eq!(kept.gaps(), []);
    let calls = fake.calls();
    assert!(calls.len() > 20);
    assert!(
        calls
            .iter()
            .all(|call| call.headers["authorization"] == "Bearer planted-by-plugin")
    );
}

#[test]
fn a_plugin_that_fails_is_told_without_what_it_printed() {
    let fake = Fake::cluster(empty());
    for (script, says) in [
        (
            "echo planted-secret; echo planted-secret >&2; exit 3",
            "login command failed with exit status: 3",
        ),
        ("echo '{\"token\": planted-secret'", "gave no credential"),
        ("echo '{\"kind\":\"ExecCredential\"}'", "gave no credential"),
    ] {
        let (kept, ended) = collect(&fake.as_user("shop", &plugin(script)));
        let said = ended.unwrap_err();
        assert!(matches!(said, CollectError::Refused { .. }), "{said}");
        assert!(
            said.to_string().contains(says) && !said.to_string().contains("planted"),
            "{said}"
        );
        assert!(kept.files().is_empty());
    }
    let missing = json!({ "exec": { "apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin-here", "interactiveMode": "Never" } });
    let said = collect(&fake.as_user("shop", &missing))
        .1
        .unwrap_err()
        .to_string();
    assert!(said.contains("cannot be run"), "{said}");
    assert_eq!(fake.calls().len(), 0);
}

#[test]
fn a_plugin_that_does_not_end_is_left_at_the_deadline() {
    let fake = Fake::cluster(empty());
    let mut terms = Terms::default();
    terms.deadline = Duration::from_millis(300);
    let (_, ended) = collect_with(&fake.as_user("shop", &plugin("sleep 5")), &terms);
    assert!(matches!(ended, Err(CollectError::Deadline { .. })), "{ended:?}");
}
