//! Kafka's own `StandardAuthorizer`, asked in a JVM, against this crate's: random policies and questions, as `decide`
//! takes them.
//!
//! tests/servers/kafka/install gets the class. `FOURSEE_ANCHOR_SEED` and `FOURSEE_ANCHOR_POLICIES` (200 questions each)
//! choose another sample, or a larger one; `FOURSEE_ANCHOR_RULES` how many settings of mapping rules are tried.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use foursee_core::document::{Document, Head, Notes};
use foursee_core::layer::Layer;
use foursee_core::model::{DocId, ScopeId};
use foursee_kafka::Kafka;
use foursee_kafka::facts::Facts;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// The version of the class: tests/servers/kafka/anchor/pom.xml.
const VERSION: &str = "4.4.0";

fn variable(name: &str, otherwise: u64) -> u64 {
    let set = std::env::var(name).ok();
    set.map_or(otherwise, |text| {
        text.parse().unwrap_or_else(|_| panic!("{name} is no number"))
    })
}

/// A policy as the documents that say it.
fn read(supers: &str, everyone: &str, acls: &[serde_json::Value]) -> Facts {
    let list = serde_json::json!({"acls": acls, "version": VERSION}).to_string();
    let broker = format!("super.users={supers}\nallow.everyone.if.no.acl.found={everyone}\n");
    let mut all = Facts::default();
    for (number, (name, text)) in [("acls.json", list), ("server.properties", broker)]
        .into_iter()
        .enumerate()
    {
        let kind = Kafka.recognise(&Head::new(name, &text)).unwrap().kinds[0];
        let document = Document {
            id: DocId(u32::try_from(number).unwrap()),
            name: Arc::from(name),
            scope: ScopeId(0),
            kind,
            text: Arc::new(text),
        };
        let mut notes = Notes::default();
        let part = Kafka.parse(&document, &mut notes);
        assert!(notes.gaps.is_empty(), "{:?}", notes.gaps);
        Kafka.merge(&mut all, part);
    }
    Kafka.seal(&mut all, &[]);
    all
}

#[test]
fn the_class_itself_agrees_on_random_questions() {
    let class = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/servers/kafka/anchor");
    assert!(
        class.join("Anchor.class").is_file(),
        "Kafka's authorizer is not there: tests/servers/kafka/install gets it"
    );
    let seed = variable("FOURSEE_ANCHOR_SEED", 20_261_128);
    let policies = variable("FOURSEE_ANCHOR_POLICIES", 200);
    let path = format!("{0}:{0}/*", class.display());
    let output = Command::new("java")
        .args([
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            &path,
            "Anchor",
            "sample",
        ])
        .args([seed.to_string(), policies.to_string()])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let (mut supers, mut everyone) = (String::new(), String::new());
    let mut acls = Vec::new();
    let mut sealed: Option<Facts> = None;
    let (mut asked, mut any, mut allowed, mut wrong) = (0_u64, 0_u64, 0_u64, Vec::new());
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let f: Vec<&str> = line.split('\t').collect();
        match f[0] {
            "new" => {
                (supers, everyone) = (f[1].to_owned(), f[2].to_owned());
                acls.clear();
                sealed = None;
            }
            "acl" => acls.push(
                serde_json::json!({"resourceType": f[1], "patternType": f[2], "resourceName": f[3],
                "principal": f[4], "host": f[5], "operation": f[6], "permissionType": f[7]}),
            ),
            _ => {
                let facts = sealed.get_or_insert_with(|| read(&supers, &everyone, &acls));
                let mut question = serde_json::json!({"principal": format!("{}:{}", f[1], f[2]), "host": f[3],
                    "operation": f[4], "resourceType": f[5]});
                if f[0] == "ask" {
                    question["resourceName"] = f[6].into();
                } else {
                    any += 1;
                }
                let mut answer = Vec::new();
                Kafka.decide(facts, &question.to_string(), &mut answer).unwrap();
                let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
                let theirs = *f.last().unwrap() == "ALLOWED";
                asked += 1;
                allowed += u64::from(theirs);
                if answer["allowed"] != theirs || !answer["undefined"].is_null() {
                    wrong.push(format!("{line}: {answer}\n{acls:?}"));
                }
            }
        }
    }
    println!(
        "seed {seed}: {asked} questions ({any} by resource type), {allowed} allowed, {} disagreements",
        wrong.len()
    );
    assert!(wrong.is_empty(), "{:#?}", &wrong[..wrong.len().min(3)]);
    assert_eq!(asked, policies * 200);
    assert!(
        allowed * 10 > asked && allowed * 10 < asked * 9,
        "{allowed} of {asked}"
    );
}

/// Numbers that look random (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).unwrap()).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// A pattern: the ways of Java's that people write, and some that Java alone understands.
    fn pattern(&mut self, depth: usize) -> String {
        let mut all = String::new();
        for _ in 0..=self.below(4) {
            let item = match self.below(if depth == 0 { 8 } else { 11 }) {
                0 | 1 => self
                    .pick(&["CN=", "OU=", "O=x", ",", "a", "b", "é", " "])
                    .to_owned(),
                2 | 3 => self
                    .pick(&[".*", ".*?", "(.*)", "(.*?)", "(.+)", ".", "(a|b)*", "([^,]+)"])
                    .to_owned(),
                4 => self
                    .pick(&[
                        "[a-c]",
                        "[^,]",
                        "[a-zA-Z0-9._-]",
                        r"[\w.]",
                        r"[^\d]",
                        "[b-]",
                        "[-b]",
                        "[a&&b]",
                        "[]a]",
                        "[a[b]]",
                    ])
                    .to_owned(),
                5 => self
                    .pick(&[
                        r"\w", r"\d", r"\s", r"\W", r"\D", r"\S", r"\.", r"\,", r"\=", r"\b", r"\1", r"\x41",
                    ])
                    .to_owned(),
                6 => self.pick(&["^", "$", "", ""]).to_owned(),
                7 => self
                    .pick(&[
                        "a|b", "|", "a|ab|", "]", "}", "a{2}", "b{1,}", "(?i)", "(?=a)", "(?:)",
                    ])
                    .to_owned(),
                8 => format!("({})", self.pattern(depth - 1)),
                9 => format!("(?:{}|{})", self.pattern(depth - 1), self.pattern(depth - 1)),
                _ => {
                    format!("({})", self.pattern(depth - 1))
                        + self.pick(&["*", "+", "?", "??", "*?", "{2}", "{0,2}?"])
                }
            };
            all += &item;
            if self.below(4) == 0 {
                all += self.pick(&[
                    "*", "+", "?", "*?", "+?", "??", "{1,2}", "{2,}?", "++", "{2,1}", "{x}",
                ]);
            }
        }
        all
    }

    fn rules(&mut self) -> String {
        let mut all: Vec<String> = Vec::new();
        for _ in 0..=self.below(3) {
            all.push(match self.below(12) {
                0 => "DEFAULT".to_owned(),
                1 => self
                    .pick(&[
                        "",
                        "NONE",
                        "RULE:",
                        "RULE:a",
                        "RULE:a/b",
                        "RULE:/x/",
                        "DEFAULTS",
                        "RULE:.*/a/X",
                    ])
                    .to_owned(),
                _ => format!(
                    "RULE:{}{}{}/{}{}/{}",
                    self.pick(&["^", "", "", "^CN="]),
                    self.pattern(2),
                    self.pick(&["$", "", ".*", ".*$"]),
                    self.pick(&["$1", "$1", "x", "$0", "", "$2@$1", "u-$1"]),
                    self.pick(&[
                        "", "", "", "$2", "$9", "$12", "$01", r"\.", r"\$", "$", "é", "$9$8"
                    ]),
                    self.pick(&["", "", "L", "U", "L ", "LU"]),
                ),
            });
        }
        all.join(self.pick(&[",", ", ", " ,", ",,"]))
    }

    fn name(&mut self) -> String {
        let mut all = String::new();
        for _ in 0..self.below(5) {
            all += self.pick(&[
                "CN=", "OU=", "O=x", ",", "a", "b", "ab", "é", "ß", " ", "A1", ".", "-", "=",
            ]);
        }
        self.pick(&["CN=", "CN=a,", "", "CN=ab,OU=b,"]).to_owned() + &all
    }
}

#[test]
fn the_class_itself_agrees_on_who_a_certificate_is() {
    use std::io::Write;
    let class = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/servers/kafka/anchor");
    assert!(
        class.join("Anchor.class").is_file(),
        "Kafka's classes are not there: tests/servers/kafka/install gets them"
    );
    let mut random = Random(variable("FOURSEE_ANCHOR_SEED", 20_261_128));
    let asked: Vec<(String, String)> = (0..variable("FOURSEE_ANCHOR_RULES", 300))
        .flat_map(|_| {
            let rules = random.rules();
            [(); 5].map(|()| (rules.clone(), random.name()))
        })
        .collect();
    let path = format!("{0}:{0}/*", class.display());
    let mut java = Command::new("java")
        .args(["-XX:+UseSerialGC", "-cp", &path, "Anchor", "names"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = java.stdin.take().unwrap();
    let lines: String = asked
        .iter()
        .map(|(rules, name)| format!("{rules}\t{name}\n"))
        .collect();
    let feed = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = java.wait_with_output().unwrap();
    feed.join().unwrap();
    assert!(output.status.success());
    let theirs = String::from_utf8(output.stdout).unwrap();
    let theirs: Vec<&str> = theirs.lines().collect();
    assert_eq!(theirs.len(), asked.len());
    let (mut named, mut refused, mut errors, mut not_told, mut wrong) = (0, 0, 0, 0, Vec::new());
    for ((rules, name), theirs) in asked.iter().zip(theirs) {
        if name.is_empty() {
            continue;
        }
        let written = rules.replace('\\', r"\\");
        let broker = format!("super.users=User:root\nssl.principal.mapping.rules={written}\n");
        let ours = certificate(&broker, name);
        let expected = match theirs.strip_prefix("NAME\t") {
            Some(name) => {
                named += 1;
                Ok(Some(format!("User:{name}")))
            }
            None if theirs == "REFUSED" => {
                refused += 1;
                Ok(None)
            }
            None => {
                errors += 1;
                Err(())
            }
        };
        match (&ours, &expected) {
            // What Java understands and this does not is said, and not told.
            (Err(()), Ok(_)) => not_told += 1,
            _ if ours == expected => {}
            _ => wrong.push(format!("{rules:?} {name:?}: {ours:?}, Kafka: {theirs}")),
        }
    }
    println!(
        "{named} named, {refused} refused, {errors} errors, of the first two {not_told} not told, {} disagreements",
        wrong.len()
    );
    assert!(wrong.is_empty(), "{:#?}", &wrong[..wrong.len().min(8)]);
    assert!(named > 100 && refused > 100 && named + refused - not_told > 100);
}

/// As whom a certificate acts; none where the login fails, an error where that is not told.
fn certificate(broker: &str, name: &str) -> Result<Option<String>, ()> {
    let document = Document {
        id: DocId(0),
        name: Arc::from("server.properties"),
        scope: ScopeId(0),
        kind: Kafka
            .recognise(&Head::new("server.properties", broker))
            .unwrap()
            .kinds[0],
        text: Arc::new(broker.to_owned()),
    };
    let mut facts = Facts::default();
    Kafka.merge(&mut facts, Kafka.parse(&document, &mut Notes::default()));
    Kafka.seal(&mut facts, &[]);
    let question = serde_json::json!({"certificate": name, "host": "10.0.0.1", "operation": "READ",
        "resourceType": "TOPIC", "resourceName": "t"});
    let mut out = Vec::new();
    Kafka
        .decide(&facts, &question.to_string(), &mut out)
        .map_err(|_| ())?;
    let answer: serde_json::Value = serde_json::from_slice(&out).unwrap();
    Ok(answer["principal"].as_str().map(str::to_owned))
}
