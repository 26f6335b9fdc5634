//! Documents whose values are of other types, no numbers, or nested without end.

use crate::{DEEP, audited, changed, names};
use foursee::core::audit::Input;
use foursee_tests::shop;
use serde_json::Value;
use std::collections::BTreeMap;

/// Every value of the JSON documents, one of each shape: the document and the pointer, list indexes made alike.
fn values(documents: &[Input]) -> Vec<(usize, String)> {
    fn walk(value: &Value, at: &str, shape: &str, found: &mut BTreeMap<String, String>) {
        found.entry(shape.to_owned()).or_insert_with(|| at.to_owned());
        let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
        match value {
            Value::Array(all) => {
                for (index, one) in all.iter().enumerate() {
                    walk(one, &format!("{at}/{index}"), &format!("{shape}/*"), found);
                }
            }
            Value::Object(all) => {
                for (key, one) in all {
                    let key = escape(key);
                    walk(one, &format!("{at}/{key}"), &format!("{shape}/{key}"), found);
                }
            }
            _ => {}
        }
    }
    let mut all = Vec::new();
    for (number, input) in documents.iter().enumerate() {
        if let Ok(value) = serde_json::from_str::<Value>(&input.text) {
            let mut found = BTreeMap::new();
            walk(&value, "", "", &mut found);
            all.extend(found.into_values().map(|pointer| (number, pointer)));
        }
    }
    all
}

const HERE: &str = "@@here@@";

/// The document with the values at those pointers replaced by a text, which need not be JSON.
fn replaced(input: &Input, pointers: &[&str], by: &str) -> Option<Input> {
    let mut value: Value = serde_json::from_str(&input.text).ok()?;
    let mut any = false;
    // The longest first: what is replaced has nothing in it any more.
    for pointer in pointers.iter().rev() {
        if let Some(slot) = value.pointer_mut(pointer) {
            *slot = Value::String(HERE.to_owned());
            any = true;
        }
    }
    let text = serde_json::to_string(&value).ok()?;
    any.then(|| changed(input, text.replace(&format!("\"{HERE}\""), by)))
}

/// Every value is changed in one of these: those near the top one by one, deeper ones several at a time.
fn batches(documents: &[Input]) -> Vec<(usize, Vec<String>)> {
    let (mut all, values): (Vec<(usize, Vec<String>)>, _) = (Vec::new(), values(documents));
    for number in 0..documents.len() {
        let own = values.iter().filter(|(of, _)| *of == number);
        let mut own: Vec<String> = own.map(|(_, pointer)| pointer.clone()).collect();
        own.sort_by_key(|pointer| pointer.matches('/').count());
        let top = own
            .iter()
            .take_while(|pointer| pointer.matches('/').count() < 2)
            .count();
        let deep = own.split_off(top);
        all.extend(own.into_iter().map(|one| (number, vec![one])));
        let several = deep.len().div_ceil(12).max(1);
        all.extend((0..several).filter_map(|first| {
            let some: Vec<String> = deep.iter().skip(first).step_by(several).cloned().collect();
            (!some.is_empty()).then_some((number, some))
        }));
    }
    all
}

/// Audits the shop's documents with every value changed to some of these texts, `each` of them a batch.
fn with_values(texts: &[&str], each: usize) -> (Vec<String>, Vec<String>) {
    let documents = shop();
    let (mut panics, mut silent) = (Vec::new(), Vec::new());
    for (number, (document, pointers)) in batches(&documents).into_iter().enumerate() {
        let pointers: Vec<&str> = pointers.iter().map(String::as_str).collect();
        for text in texts.iter().cycle().skip(number).take(each) {
            let Some(input) = replaced(&documents[document], &pointers, text) else {
                continue;
            };
            let what = format!("{} with {text:.20} at {}", input.name, pointers.join(" "));
            let report = audited(std::slice::from_ref(&input), &what, &mut panics);
            if report.is_some_and(|report| !names(&report, &input.name)) {
                silent.push(what);
            }
        }
    }
    (panics, silent)
}

#[test]
fn a_value_of_another_type_anywhere_panics_nowhere() {
    let others = [
        "null",
        "true",
        "7",
        "-1e999",
        "18446744073709551616",
        "0.1e-7",
        "\"\"",
        "\"%\"",
        "[]",
        "{}",
        "[[null]]",
        "[{\"\":[]}]",
        "\"a\\u0000b\\ud83d\\ude00\"",
        "{\"Fn::Sub\":\"x\"}",
    ];
    let (panics, _) = with_values(&others, 3);
    assert!(panics.is_empty(), "{}", panics.join("\n"));
}

#[test]
fn what_is_no_number_is_a_gap_that_names_the_file() {
    let (panics, silent) = with_values(&["NaN", "-", "01", "1.", "0x10", "+1", "1e", "--1"], 1);
    assert!(panics.is_empty(), "{}", panics.join("\n"));
    assert!(silent.is_empty(), "no gap:\n{}", silent.join("\n"));
}

#[test]
fn nesting_without_end_overflows_nothing() {
    let lists = format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP));
    let objects = format!("{}1{}", "{\"a\":".repeat(DEEP), "}".repeat(DEEP));
    let (panics, _) = with_values(&[&lists, &objects], 1);
    assert!(panics.is_empty(), "{}", panics.join("\n"));
}
