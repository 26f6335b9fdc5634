//! The examples of the help, run as they are printed.

use crate::{code, foursee, shop, text};
use std::path::Path;
use std::process::Command;

const SUBCOMMANDS: [&str; 8] = [
    "audit",
    "path",
    "who-can",
    "can",
    "decide",
    "rightsize",
    "rules",
    "explain",
];

/// The lines of a subcommand's help that are commands.
fn examples(subcommand: &str) -> Vec<String> {
    let help = text(&foursee(&[subcommand, "--help"], "").stdout);
    let (_, examples) = help.split_once("Examples").unwrap();
    let lines = examples.lines().map(str::trim);
    lines
        .filter(|line| line.contains("foursee "))
        .map(str::to_owned)
        .collect()
}

/// What a line prints in the demo organisation's folder.
fn run(line: &str) -> String {
    let bin = Path::new(env!("CARGO_BIN_EXE_foursee")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let ran = Command::new("sh")
        .args(["-c", line])
        .env("PATH", path)
        .current_dir(shop())
        .output()
        .unwrap();
    assert_eq!((code(&ran), text(&ran.stderr)), (0, String::new()), "{line}");
    text(&ran.stdout)
}

#[test]
fn every_subcommand_has_examples_that_work() {
    for subcommand in SUBCOMMANDS.into_iter().filter(|one| *one != "who-can") {
        let examples = examples(subcommand);
        assert!(!examples.is_empty(), "{subcommand}");
        for line in examples {
            assert!(run(&line).lines().count() > 0, "{line}");
        }
    }
}

#[test]
fn who_can_answers_in_the_words_of_every_layer() {
    let expected = [
        ("s3:GetObject", "role arn:aws:iam::111122223333:role/shop-web"),
        ("s3:ListBucket", "role arn:aws:iam::111122223333:role/bastion"),
        ("get secrets", "user platform-admin:{{SessionName}}"),
        ("use engine-socket", "container ci-runner"),
        ("SELECT", "role shop_web"),
        ("READ", "principal User:worker"),
    ];
    let examples = examples("who-can");
    assert_eq!(examples.len(), expected.len());
    for (line, (action, who)) in examples.iter().zip(expected) {
        let answer = run(line);
        assert!(line.contains(action) && answer.contains(who), "{line}:\n{answer}");
        // The kind narrows, and the plain name finds the same where only one kind has it.
        let (command, resource) = line.rsplit_once(' ').unwrap();
        let (kind, name) = resource.split_once(':').unwrap();
        if kind != "arn" {
            assert_eq!(run(&format!("{command} {name}")), answer, "{line}");
        }
    }
}

#[test]
fn a_topic_and_a_group_of_one_name_are_two() {
    let acl = |kind: &str, who: &str| {
        format!(
            "Current ACLs for resource `ResourcePattern(resourceType={kind}, name=app, patternType=LITERAL)`:\n \t(principal=User:{who}, host=*, operation=READ, permissionType=ALLOW)\n\n"
        )
    };
    let folder = crate::Folder::new();
    folder.file("acls.txt", &(acl("TOPIC", "reader") + &acl("GROUP", "member")));
    let ask = |resource: &str| {
        let ran = foursee(
            &["who-can", "READ", resource, "--in", folder.0.to_str().unwrap()],
            "",
        );
        text(&ran.stdout)
    };
    let (topic, group, both) = (ask("topic:app"), ask("group-id:app"), ask("app"));
    assert!(
        topic.contains("User:reader") && !topic.contains("User:member"),
        "{topic}"
    );
    assert!(
        group.contains("User:member") && !group.contains("User:reader"),
        "{group}"
    );
    assert!(
        both.contains("User:reader") && both.contains("User:member"),
        "{both}"
    );
    assert_eq!(both.lines().count(), 2, "{both}");
}
