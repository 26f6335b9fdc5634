//! What an HTTP request asks of the authorizers.

use crate::ask::Program;
use crate::sample::{Dice, seeds};
use crate::world::{facts, try_decide};
use serde_json::{Value, json};

const METHODS: &[&str] = &[
    "GET", "GET", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get",
];
const PARTS: &[&str] = &[
    "namespaces",
    "namespaces",
    "pods",
    "secrets",
    "n1",
    "a",
    "status",
    "finalize",
    "exec",
    "watch",
    "proxy",
    "nodes",
    "v1",
    "apps",
    "api",
    "a%2Fb",
    "a%20b",
    "",
];
const QUERIES: &[&str] = &[
    "watch=1",
    "watch=true",
    "watch=0",
    "watch=False",
    "watch",
    "watch=",
    "limit=500",
    "limit=x",
    "limit=",
    "timeoutSeconds=5",
    "timeoutSeconds=1.5",
    "fieldSelector=metadata.name%3Da",
    "fieldSelector=metadata.name=a",
    "fieldSelector=metadata.name==b,spec.nodeName=n1",
    "fieldSelector=metadata.name!=a",
    "fieldSelector=spec.nodeName=n1",
    "fieldSelector=metadata.name=..",
    "fieldSelector=metadata.name=a/b",
    "fieldSelector=metadata.name",
    "fieldSelector=",
    "fieldSelector=metadata.name=a%5C,b",
    "fieldSelector=metadata.name=a%5Cb",
    "fieldSelector=x=y,metadata.name=z,metadata.name=b",
    "labelSelector=a=b",
    "dryRun=All",
    "fieldSelector=metadata.name%3Da+b",
    "resourceVersion=0",
    "allowWatchBookmarks=true",
    "fieldSelector=metadata.name=%zz",
    "a;b=c",
];

#[test]
fn requests() {
    const EACH: usize = 200;
    let seeds = seeds(100_000, EACH);
    let mut oracle = Program::oracle();
    let none = facts(&[]);
    let (mut all, mut resources, mut refused, mut bad) = (0, 0, 0, 0);
    for seed in seeds.clone() {
        let mut dice = Dice::new(seed);
        let asked: Vec<(&str, String)> = (0..EACH)
            .map(|_| {
                let mut url = dice
                    .pick(&[
                        "/api/v1",
                        "/apis/apps/v1",
                        "/apis/rbac.authorization.k8s.io/v1",
                        "/api",
                        "/apis",
                        "/apis/apps",
                        "/healthz",
                        "",
                        "//api/v1",
                    ])
                    .to_owned();
                for _ in 0..dice.roll(7) {
                    url = format!("{url}/{}", dice.pick(PARTS));
                }
                if url.is_empty() {
                    url.push('/');
                }
                for at in 0..dice.roll(4) {
                    url = format!("{url}{}{}", if at == 0 { '?' } else { '&' }, dice.pick(QUERIES));
                }
                (dice.pick(METHODS), url)
            })
            .collect();
        let questions: Vec<Value> = asked
            .iter()
            .map(|(method, url)| json!({"op": "request", "method": method, "url": url}))
            .collect();
        for ((method, url), mut theirs) in asked.into_iter().zip(oracle.ask_or_fail(&questions)) {
            let ours = try_decide(
                &none,
                &json!({"user": "u", "request": {"method": method, "url": url}}),
            );
            let ours = ours.map_or(Value::Null, |answer| answer["attributes"].clone());
            if theirs["error"].is_string() {
                theirs = Value::Null;
                assert_eq!(ours, theirs, "{method} {url}");
                refused += 1;
                continue;
            }
            let fields = theirs.as_object_mut().unwrap();
            fields.retain(|key, value| key == "verb" || (key != "version" && value != ""));
            all += 1;
            resources += usize::from(theirs["resource"].is_string());
            if ours != theirs {
                bad += 1;
                if bad < 8 {
                    println!("seed {seed}: {method} {url}\n  ours   {ours}\n  theirs {theirs}");
                }
            }
        }
    }
    println!(
        "requests: {all} ({resources} for resources) and {refused} refused, seeds {seeds:?}, {bad} differ"
    );
    assert!(bad == 0 && resources * 3 > all);
}
