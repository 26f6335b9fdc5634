//! Kafka's own `StandardAuthorizer`, asked anew: random policies and questions, put to the class in a JVM.
//!
//! tests/servers/kafka/install gets the class. `FOURSEE_ANCHOR_SEED` and `FOURSEE_ANCHOR_POLICIES` (200 questions each)
//! choose another sample, or a larger one.

use super::recorded;
use super::slow::{ADDRESSES, ASKING, OPERATIONS, Random, kind, name, policy};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// The version of the class: tests/servers/kafka/anchor/pom.xml.
const VERSION: &str = "4.4.0";

fn variable(name: &str, otherwise: u64) -> u64 {
    let set = std::env::var(name).ok();
    set.map_or(otherwise, |text| {
        text.parse().unwrap_or_else(|_| panic!("{name} is no number"))
    })
}

/// The questions, in the lines that `Anchor decide` reads.
fn questions(random: &mut Random, policies: u64) -> String {
    let mut out = String::new();
    for _ in 0..policies {
        let policy = policy(random);
        let _ = writeln!(out, "new\t User:root ;User:*;;User:CN=boss\t{}", policy.everyone);
        for acl in &policy.acls {
            let _ = writeln!(
                out,
                "acl\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
                acl.kind, acl.pattern, acl.name, acl.principal, acl.host, acl.operation, acl.permission
            );
        }
        for at in 0..200 {
            let (who, from) = (random.pick(&ASKING), random.pick(&ADDRESSES));
            let (class, who) = who.split_once(':').unwrap();
            let (operation, kind) = (random.pick(&OPERATIONS), kind(random));
            let _ = match at % 5 {
                0 => writeln!(out, "any\t{class}\t{who}\t{from}\t{operation}\t{kind}"),
                _ => writeln!(
                    out,
                    "ask\t{class}\t{who}\t{from}\t{operation}\t{kind}\t{}",
                    name(random)
                ),
            };
        }
    }
    out
}

#[test]
fn the_class_itself_agrees_on_random_questions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let class = root.join("target/servers/kafka/anchor");
    assert!(
        class.join("Anchor.class").is_file(),
        "Kafka's authorizer is not there: tests/servers/kafka/install gets it"
    );
    let seed = variable("FOURSEE_ANCHOR_SEED", 0x9e37_79b9);
    let policies = variable("FOURSEE_ANCHOR_POLICIES", 200);
    let questions = questions(&mut Random(seed.max(1)), policies);
    let path = format!("{}:{}/*", class.display(), class.display());
    let mut java = Command::new("java")
        .args([
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            &path,
            "Anchor",
            "decide",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = java.stdin.take().unwrap();
    let text = questions.clone();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = java.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let answers: String = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| line.chars().next().unwrap())
        .collect();
    let asked = recorded::compare(&questions, &answers, VERSION);
    let allowed = answers.chars().filter(|one| *one == 'A').count();
    let any = questions.lines().filter(|line| line.starts_with("any")).count();
    assert_eq!(asked as u64, policies * 200);
    assert!(
        allowed * 10 > asked && allowed * 10 < asked * 9,
        "{allowed} of {asked}"
    );
    println!("seed {seed}: {asked} questions ({any} by resource type), {allowed} allowed, 0 disagreements");
}
