//! Documents that run into each other, or stand one in another.

use crate::{audited, changed, document};
use foursee::core::judge::Policy;
use foursee_tests::{report, shop};
use std::panic::{AssertUnwindSafe, catch_unwind};

#[test]
fn documents_that_run_into_each_other_panic_nowhere() {
    let documents = shop();
    let mut panics = Vec::new();
    for pair in documents.windows(2) {
        let (first, second) = (&pair[0], &pair[1]);
        for text in [
            format!("{}{}", first.text, second.text),
            format!("{}\n{}", second.text, first.text),
            first.text.replace('\n', "\r\n"),
            first.text.replace(['\n', ' '], ""),
            format!("\u{feff}{}", first.text),
            first.text.replace('"', "'"),
            first.text.to_uppercase(),
        ] {
            let what = format!("{} with {}", first.name, second.name);
            audited(&[changed(first, text)], &what, &mut panics);
        }
    }
    assert!(panics.is_empty(), "{}", panics.join("\n"));
}

/// A document of one layer within another's: as a text, as an item of a list, under a key that nobody reads.
#[test]
fn a_document_within_another_of_another_layer_is_read_as_neither_or_named() {
    let documents = shop();
    let mut one_of_each: Vec<(String, String)> = Vec::new();
    for input in &documents {
        let folder = input.name.split('/').next().unwrap_or_default().to_owned();
        if !one_of_each.iter().any(|(known, _)| *known == folder) {
            one_of_each.push((folder, input.text.clone()));
        }
    }
    let mut panics = Vec::new();
    for (outer_name, outer) in &one_of_each {
        for (inner_name, inner) in &one_of_each {
            let quoted = serde_json::to_string(inner).unwrap();
            let texts = [
                format!("{{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{inner},{outer}]}}"),
                format!("{{\"acls\":[{inner}],\"RoleDetailList\":{outer}}}"),
                format!(
                    "{{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{{\"name\":\"x\",\"namespace\":\"n\"}},\"data\":{{\"d\":{quoted}}}}}"
                ),
                format!("[{inner},{outer}]"),
                outer.replacen('{', &format!("{{\"Extra\":{quoted},"), 1),
                outer.replace(": null", &format!(": {inner}")),
                format!("# {}\n{outer}", inner.replace('\n', "\n# ")),
            ];
            for (number, text) in texts.into_iter().enumerate() {
                let what = format!("{inner_name} in {outer_name}, {number}");
                audited(&[document("d.json", text)], &what, &mut panics);
            }
        }
    }
    assert!(panics.is_empty(), "{}", panics.join("\n"));
}

/// Text that says more than one thing: the same bytes are recognised as one, whatever the file is called.
#[test]
fn a_file_s_name_changes_nothing_of_what_it_is() {
    let documents = shop();
    for input in documents.iter().step_by(5) {
        let whole = report(std::slice::from_ref(input), &Policy::default());
        for name in [
            "x",
            "x.tar",
            "acls.txt",
            "\u{1b}[2J.json",
            "foursee.toml.json",
            "a\nb",
        ] {
            let mut renamed = input.clone();
            name.clone_into(&mut renamed.name);
            let ran = catch_unwind(AssertUnwindSafe(|| report(&[renamed], &Policy::default())));
            let other = ran.unwrap_or_else(|_| panic!("{} as {name:?}", input.name));
            assert_eq!(
                whole.findings.len(),
                other.findings.len(),
                "{} as {name:?}",
                input.name
            );
        }
    }
}
