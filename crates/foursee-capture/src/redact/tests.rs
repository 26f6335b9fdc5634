use super::*;
use crate::{Memory, Options};
use foursee_core::document::Held;

fn key() -> LinkKey {
    LinkKey::given("a key that only these tests have").unwrap()
}

/// A text with some of its parts to go, by what stands there.
fn cut(text: &str, redact: &[&str], held: &[(&str, Held)]) -> String {
    let range = |part: &str| {
        let at = u32::try_from(text.find(part).unwrap()).unwrap();
        at..at + u32::try_from(part.len()).unwrap()
    };
    let redact: Vec<_> = redact.iter().map(|part| range(part)).collect();
    let held: Vec<_> = held
        .iter()
        .map(|(part, held)| (range(part), held.clone()))
        .collect();
    let key = key();
    Edits::of(text, &redact, &held, &key).apply(text)
}

/// The same with the links left out.
fn shown(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in text.split("redacted:").enumerate() {
        match part.split_once(":k1:").filter(|_| at > 0) {
            Some((sort, rest)) => out.push_str(&format!("<{sort}>{}", rest.get(20..).unwrap())),
            None => out.push_str(part),
        }
    }
    out
}

#[test]
fn json_stays_json_whatever_is_cut() {
    let setting = |name: &str| Held::Setting(name.into());
    for (text, redact, held, want) in [
        (
            r#"{"a":"x\"y","b":1}"#,
            vec![r#"x\"y"#],
            vec![],
            r#"{"a":"<secret>","b":1}"#,
        ),
        (r#"{"a":7}"#, vec!["7"], vec![], r#"{"a":"<secret>"}"#),
        (
            r#"{"a":{"b":"c","d":[1,true]}}"#,
            vec![r#"{"b":"c","d":[1,true]}"#],
            vec![],
            r#"{"a":{"b":"<secret>","d":[0,true]}}"#,
        ),
        (
            r#"{"e":"U=postgres:\/\/u:p\u0041@h\/d"}"#,
            vec![],
            vec![(r"U=postgres:\/\/u:p\u0041@h\/d", setting("U"))],
            r#"{"e":"U=postgres:\/\/u:<password>@h\/d"}"#,
        ),
        (
            r#"{"a":"aGk="}"#,
            vec!["aGk="],
            vec![("aGk=", Held::Base64)],
            r#"{"a":"<secret>"}"#,
        ),
        (
            r#"{"a":"roles"}"#,
            vec!["roles"],
            vec![("roles", Held::Open)],
            r#"{"a":"roles"}"#,
        ),
        (r#"{"a":"cut of"#, vec!["cut of"], vec![], r#"{"a":"<secret>"#),
    ] {
        assert_eq!(shown(&cut(text, &redact, &held)), want);
    }
}

#[test]
fn yaml_and_properties_stay_what_they_are() {
    for (text, redact, want) in [
        (
            "a: |\n  x y\n  z\nb: 1\n",
            vec!["|", "x y", "z"],
            "a: |\n  <secret>\n  <secret>\nb: 1\n",
        ),
        ("a: \"x\" # c\n", vec!["\"x\""], "a: \"<secret>\" # c\n"),
        ("data: {a: b}\n", vec!["{a: b}"], "data: {}\n"),
        (
            "k=one \\\n  two\nl=3\n",
            vec!["one \\\n  two"],
            "k=<secret> \\\n  <secret>\nl=3\n",
        ),
        ("# db.password=x1\n", vec![], "# db.password=<password>\n"),
    ] {
        assert_eq!(shown(&cut(text, &redact, &[])), want);
    }
}

#[test]
fn a_secret_goes_wherever_else_it_stands() {
    let text = r#"{"env":"hunter2-hunter2","note":"it is hunter2-hunter2!","user":"u"}"#;
    let got = cut(
        text,
        &["hunter2-hunter2"],
        &[("hunter2-hunter2", Held::Setting("DB_PASSWORD".into()))],
    );
    assert_eq!(
        shown(&got),
        r#"{"env":"<password>","note":"it is <secret>!","user":"u"}"#
    );
    let links: Vec<&str> = got.split(":k1:").skip(1).map(|rest| &rest[..20]).collect();
    assert_eq!(links[0], links[1]);
}

#[test]
fn a_link_tells_nothing_without_its_key() {
    let (one, two) = (key(), LinkKey::given("another key of sixteen").unwrap());
    assert_eq!(one.mark("API key", b"x"), one.mark("API key", b" x\n"));
    assert_ne!(one.mark("API key", b"x"), two.mark("API key", b"x"));
    assert_ne!(
        LinkKey::random().unwrap().mark("a", b"x"),
        LinkKey::random().unwrap().mark("a", b"x")
    );
    assert!(matches!(LinkKey::given("0123456789abcde"), Err(KeyError::Short)));
}

#[test]
fn what_nobody_recognises_is_a_gap_unless_its_collector_says_so() {
    let (registry, key, memory) = (
        Registry::new(),
        LinkKey::random().unwrap(),
        Memory::new(Options::default()),
    );
    let sink = memory.sink("postgres", "db");
    let through = Redacting::new(&sink, Redactor::new(&registry, &key));
    through
        .document(Collected::new("raw.json", "x", "{\"a\":\"hunter2\"}"))
        .unwrap();
    let open = Collected::new("version.txt", "version", "17.1 password=hunter2").open();
    through.document(open).unwrap();
    through.gap(NotCollected {
        target: "postgres://u:hunter2@h/d".into(),
        reason: "denied".into(),
        ..NotCollected::default()
    });
    let reading = memory.finish(true);
    let names: Vec<&str> = reading.inputs.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["postgres/db/version.txt"]);
    assert!(
        reading.inputs[0]
            .text
            .starts_with("17.1 password=redacted:password:r1:")
    );
    let gaps: Vec<&str> = reading.gaps.iter().map(|gap| gap.target.as_str()).collect();
    assert_eq!(gaps[..2], ["raw.json", "links of redacted secrets"]);
    assert!(gaps[2].starts_with("postgres://u:redacted:password:r1:") && gaps[2].ends_with("@h/d"));
    assert!(!format!("{reading:?}").contains("hunter2"));
}
