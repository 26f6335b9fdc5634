//! The demo organisation's documents with some of their values changed, moved, doubled or taken away: what bytes alone
//! would rarely become.

use crate::{Choices, documents, written};
use foursee::core::judge::Policy;
use serde_json::Value;
use std::path::Path;
use std::sync::OnceLock;

/// Lists are kept this short, so that a run is quick.
const KEPT: usize = 3;

/// Texts that mean something somewhere, or nothing anywhere.
const WORDS: [&str; 40] = [
    "",
    "*",
    "**",
    "?",
    "a*",
    "*:*",
    "s3:*",
    "iam:PassRole",
    "sts:AssumeRole",
    "arn:aws:iam::111122223333:root",
    "arn:aws:s3:::*",
    "${aws:username}",
    "${",
    "${*}",
    "%",
    "%7B%22",
    "User:*",
    "Group:x",
    "0.0.0.0/0",
    "::1",
    "/8",
    "/",
    "/../..",
    "/var/run/docker.sock",
    "ALL",
    "SYS_ADMIN",
    "CAP_SYS_ADMIN",
    "\"",
    "\u{0}",
    "\u{202e}",
    "=1+1",
    "system:masters",
    "system:serviceaccount:a:b",
    "kube-system",
    "=r*w/\"a\"\"b\"",
    "PUBLIC",
    "18446744073709551616",
    "2026-13-45T99:00:00Z",
    "999999999999999999999",
    "{\"a\":[",
];

enum Shape {
    Json(Value),
    Lines(String),
}

/// The documents, with short lists, by name.
fn originals() -> &'static [(String, Shape)] {
    static ALL: OnceLock<Vec<(String, Shape)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
        let reading = foursee_capture::read(&[shop], &foursee_capture::Limits::default(), &mut |_| {});
        let mut all: Vec<(String, Shape)> = reading
            .inputs
            .into_iter()
            .map(|input| match serde_json::from_str::<Value>(&input.text) {
                Ok(mut value) => {
                    shorten(&mut value);
                    (input.name, Shape::Json(value))
                }
                Err(_) => (input.name, Shape::Lines(input.text)),
            })
            .collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        assert!(all.len() > 20, "examples/shop is there");
        all
    })
}

fn shorten(value: &mut Value) {
    match value {
        Value::Array(all) => {
            all.truncate(KEPT);
            all.iter_mut().for_each(shorten);
        }
        Value::Object(all) => all.values_mut().for_each(shorten),
        _ => {}
    }
}

/// Somewhere in a value: down some choices.
fn somewhere<'v>(value: &'v mut Value, choices: &mut Choices<'_>) -> &'v mut Value {
    let children = match value {
        Value::Array(all) => all.len(),
        Value::Object(all) => all.len(),
        _ => 0,
    };
    if children == 0 || choices.below(6) == 5 {
        return value;
    }
    let at = choices.below(children);
    let next = match value {
        Value::Array(all) => all.get_mut(at),
        Value::Object(all) => all.values_mut().nth(at),
        _ => None,
    };
    somewhere(next.expect("a child below their number"), choices)
}

fn replacement(choices: &mut Choices<'_>) -> Value {
    match choices.below(9) {
        0 => Value::Null,
        1 => Value::Bool(choices.below(2) == 0),
        2 => choices.pick(&[-1_i64, 0, 1, 65_536, i64::MAX, i64::MIN]).into(),
        3 => choices.pick(&[u64::MAX as f64, -0.0, 1e300, 0.1]).into(),
        4 => Value::Array(Vec::new()),
        5 => Value::Object(serde_json::Map::new()),
        6 => choices.text(16).into(),
        _ => choices.pick(&WORDS).into(),
    }
}

/// Changes one thing.
fn edit(value: &mut Value, moved: &mut Value, choices: &mut Choices<'_>) {
    let here = somewhere(value, choices);
    match choices.below(8) {
        0 | 1 => *here = replacement(choices),
        2 => *moved = here.clone(),
        3 => *here = moved.clone(),
        4 => std::mem::swap(here, moved),
        5 => *here = Value::Array(vec![here.clone(); 1 + choices.below(3)]),
        6 => match here {
            Value::Array(all) => {
                let one = all.first().cloned().unwrap_or_default();
                all.push(one);
            }
            Value::Object(all) => {
                let key = all
                    .keys()
                    .nth(choices.below(all.len()))
                    .cloned()
                    .unwrap_or_default();
                let old = all.remove(&key).unwrap_or_default();
                if choices.below(2) == 0 {
                    all.insert(choices.pick(&WORDS).to_owned(), old);
                }
            }
            other => *other = Value::String(other.to_string()),
        },
        _ => {
            for _ in 0..choices.below(200) {
                *here = Value::Array(vec![std::mem::take(here)]);
            }
        }
    }
}

fn edit_lines(text: &str, choices: &mut Choices<'_>) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=choices.below(4) {
        if lines.is_empty() {
            break;
        }
        let (at, other) = (choices.below(lines.len()), choices.below(lines.len()));
        match choices.below(5) {
            0 => {
                lines.remove(at);
            }
            1 => lines.insert(at, lines[other].clone()),
            2 => {
                let words: Vec<&str> = lines[at].split(['=', ',', ':', ' ']).collect();
                let old = words[choices.below(words.len())].to_owned();
                if !old.is_empty() {
                    lines[at] = lines[at].replacen(&old, choices.pick(&WORDS), 1);
                }
            }
            3 => lines[at] = choices.text(40),
            _ => lines.swap(at, other),
        }
    }
    lines.join("\n")
}

/// Some of the documents, edited.
pub fn edits(data: &[u8]) {
    let mut choices = Choices::new(data);
    let all = originals();
    let mut moved = Value::Null;
    let mut texts: Vec<(String, String)> = Vec::new();
    for _ in 0..=choices.below(4) {
        let (name, shape) = &all[choices.below(all.len())];
        let text = match shape {
            Shape::Json(value) => {
                let mut value = value.clone();
                for _ in 0..=choices.below(5) {
                    edit(&mut value, &mut moved, &mut choices);
                }
                value.to_string()
            }
            Shape::Lines(text) => edit_lines(text, &mut choices),
        };
        texts.push((name.clone(), text));
    }
    let report = documents::report(written::built_in(), &texts, &Policy::default());
    written::check(&report);
    // Whatever they have become, each is read, or a gap names it.
    for (name, _) in &texts {
        let read = report.summary.documents > 0;
        let named = report.gaps.iter().any(|gap| gap.target.contains(name.as_str()));
        assert!(read || named, "{name} is nowhere");
    }
}
