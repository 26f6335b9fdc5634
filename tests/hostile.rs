//! Hostile input, through the whole audit: documents cut off anywhere, nested without end, of the wrong types, with
//! numbers that are none and names that terminals and spreadsheets would obey. Nothing panics, nothing is silent.

use foursee::core::audit::Input;
use foursee::core::judge::Policy;
use foursee::core::report::Report;
use foursee::report::tables::TABLES;
use foursee::report::{csv, jsonl, text};
use foursee_tests::{json, report, shop, shop_policy};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Deeper than any stack that recursed would bear.
const DEEP: usize = 10_000;

/// The report over these, or which of them made it panic.
fn audited(inputs: &[Input], what: &str, panics: &mut Vec<String>) -> Option<Report> {
    let ran = catch_unwind(AssertUnwindSafe(|| report(inputs, &Policy::default())));
    if ran.is_err() {
        panics.push(what.to_owned());
    }
    ran.ok()
}

/// Whether a gap says of which file it is.
fn names(report: &Report, file: &str) -> bool {
    report.gaps.iter().any(|gap| {
        gap.place.as_ref().is_some_and(|place| place.document == file)
            || gap.target.contains(file)
            || gap.facet.contains(file)
    })
}

fn changed(input: &Input, text: String) -> Input {
    let mut input = input.clone();
    input.text = text;
    input
}

fn is_json(input: &Input) -> bool {
    input.text.trim_start().starts_with(['{', '['])
}

#[test]
fn a_document_that_is_cut_off_is_a_gap_that_names_it() {
    let (mut panics, mut silent) = (Vec::new(), Vec::new());
    for input in shop() {
        let whole = input.text.trim_end().len();
        let step = (whole / 24).max(1);
        for end in (0..whole).step_by(step).chain([whole - 1]) {
            let Some(cut) = input.text.get(..end) else {
                continue;
            };
            let what = format!("{} cut after {end} bytes", input.name);
            let report = audited(&[changed(&input, cut.to_owned())], &what, &mut panics);
            // A list of lines that ends early is a shorter list; JSON that ends early is not JSON.
            if is_json(&input) && report.is_some_and(|report| !names(&report, &input.name)) {
                silent.push(what);
            }
        }
    }
    assert!(panics.is_empty(), "panics:\n{}", panics.join("\n"));
    assert!(silent.is_empty(), "no gap:\n{}", silent.join("\n"));
}

#[test]
fn a_document_that_is_cut_off_leaves_the_others_their_findings() {
    let (documents, policy) = (shop(), shop_policy());
    let of_scope = |report: &Report, layer: &str, scope: &str| -> BTreeSet<String> {
        let own = report
            .findings
            .iter()
            .filter(|one| one.layer == layer && one.scope.as_deref() == Some(scope));
        own.map(|one| one.fingerprint.clone()).collect()
    };
    let whole = report(&documents, &policy);
    let folder = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    let mut seen = BTreeSet::new();
    for (at, input) in documents.iter().enumerate().filter(|(_, input)| is_json(input)) {
        // One of each folder: an audit of the whole shop each.
        if !seen.insert(folder(&input.name)) {
            continue;
        }
        let mut middle = input.text.len() / 2;
        while !input.text.is_char_boundary(middle) {
            middle -= 1;
        }
        let mut documents = documents.clone();
        documents[at] = changed(input, input.text[..middle].to_owned());
        let cut = report(&documents, &policy);
        assert!(names(&cut, &input.name), "{}", input.name);
        let mut kept = 0;
        for scope in &whole.scopes {
            let before = of_scope(&whole, &scope.layer, &scope.name);
            kept += usize::from(before == of_scope(&cut, &scope.layer, &scope.name));
        }
        // The document's own scope may differ, and one that it tells something about.
        assert!(
            kept + 2 >= whole.scopes.len(),
            "{}: {kept} scopes of {}",
            input.name,
            whole.scopes.len()
        );
    }
}

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

/// A document of that name.
fn document(name: &str, text: String) -> Input {
    let mut documents = foursee::core::audit::Documents::new();
    documents.push_text(name, text);
    documents.inputs()[0].clone()
}

#[test]
fn nesting_without_end_at_the_top_and_in_other_formats() {
    let encoded = |text: &str| {
        text.replace('{', "%7B")
            .replace('"', "%22")
            .replace('}', "%7D")
            .replace('[', "%5B")
    };
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  namespace: shop\nspec: ";
    let deep_in = |open: &str, close: &str| format!("{}{}", open.repeat(DEEP), close.repeat(DEEP));
    let policy = format!("{{\"Version\":\"2012-10-17\",\"Statement\":{}", "[".repeat(DEEP));
    let role = |policy: &str| {
        format!(
            r#"{{"UserDetailList":[],"GroupDetailList":[],"Policies":[],"RoleDetailList":[{{"Path":"/","RoleName":"x",
            "RoleId":"A","Arn":"arn:aws:iam::111122223333:role/x","CreateDate":"2026-01-01T00:00:00Z",
            "AssumeRolePolicyDocument":"{policy}","RolePolicyList":[],"AttachedManagedPolicies":[],
            "InstanceProfileList":[]}}]}}"#
        )
    };
    let laughs: String = (0..40)
        .map(|level| {
            format!(
                "a{level}: &a{level} [{}]\n",
                vec![format!("*a{}", level - 1); 9].join(", ")
            )
        })
        .skip(1)
        .fold("a0: &a0 [x]\n".to_owned(), |all, line| all + &line);
    let annotation = "{\\\"a\\\":".repeat(DEEP);
    let texts = [
        ("open.json", "[".repeat(DEEP)),
        ("lists.json", deep_in("[", "]")),
        ("objects.json", "{\"a\":".repeat(DEEP)),
        (
            "items.json",
            format!(
                "{{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":{}",
                "[".repeat(DEEP)
            ),
        ),
        (
            "nested-lists.json",
            "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[".repeat(DEEP),
        ),
        (
            "annotation.json",
            format!(
                r#"{{"apiVersion":"v1","kind":"ServiceAccount","metadata":{{"name":"x","namespace":"shop","annotations":{{"kubectl.kubernetes.io/last-applied-configuration":"{annotation}"}}}}}}"#
            ),
        ),
        ("flow.yaml", format!("{pod}{}", deep_in("[", "]"))),
        ("maps.yaml", format!("{pod}{}", deep_in("{a: ", "}"))),
        ("dashes.yaml", format!("{pod}\n  {}x\n", "- ".repeat(DEEP))),
        ("keys.yaml", format!("{pod}{}", "? ".repeat(DEEP))),
        (
            "laughs.yaml",
            format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\n{laughs}"),
        ),
        ("documents.yaml", "---\n".repeat(DEEP)),
        ("policy.json", role(&policy.replace('"', "\\\""))),
        ("encoded.json", role(&encoded(&policy))),
        ("percent.json", role("%25%7B%2%zz%")),
        ("acls.json", format!("{{\"acls\":{}", "[".repeat(DEEP))),
        (
            "server.properties",
            format!("authorizer.class.name=x\nsuper.users={}\n", ";User:".repeat(DEEP)),
        ),
        (
            "continued.properties",
            format!("super.users=User:a{}\n", "\\\n".repeat(DEEP)),
        ),
        (
            "acls.txt",
            format!("Current ACLs for resource `{}", "ResourcePattern(".repeat(DEEP)),
        ),
        (
            "quotes.csv",
            format!("user,arn,user_creation_time\n{}", "\"".repeat(DEEP + 1)),
        ),
    ];
    let (mut panics, mut silent) = (Vec::new(), Vec::new());
    let mut all = Vec::new();
    for (name, text) in texts {
        let input = document(name, text);
        let report = audited(std::slice::from_ref(&input), name, &mut panics);
        let quiet = [
            "annotation.json",
            "documents.yaml",
            "server.properties",
            "continued.properties",
        ]
        .contains(&name);
        if report.is_some_and(|report| !quiet && !names(&report, name)) {
            silent.push(name);
        }
        all.push(input);
    }
    audited(&all, "all of them", &mut panics);
    assert!(panics.is_empty(), "{}", panics.join("\n"));
    assert!(silent.is_empty(), "no gap: {}", silent.join(", "));
}

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

/// What a terminal would obey: it clears, sets a title, moves, turns text around or hides it.
const ESCAPES: &str =
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}1A\r\u{8}\u{202e}\u{2066}\u{200b}\u{feff}<script>alert(1)</script>";
/// What a spreadsheet would run, at the beginning of a name.
const FORMULAS: [&str; 5] = ["=cmd|' /C calc'!A0,", "+1+cmd|x!A0", "-2+3", "@SUM(1)", "\t=1"];

/// The shop with these names of roles, accounts, containers, logins, topics and buckets changed, wherever they stand.
fn renamed(change: impl Fn(&str) -> String) -> Vec<Input> {
    let words = [
        "shop-web",
        "ci-legacy",
        "reporter",
        "shop_web",
        "customers",
        "clicks",
        "payments",
        "shop-customer-data",
    ];
    let mut documents = shop();
    for input in &mut documents {
        for word in words {
            let new = change(word);
            let new = if is_json(input) {
                let quoted = serde_json::to_string(&new).unwrap();
                quoted[1..quoted.len() - 1].to_owned()
            } else {
                new
            };
            input.text = input.text.replace(word, &new);
        }
    }
    documents
}

/// A table's cells.
type Rows = Vec<Vec<String>>;

/// A report in every format that people open: text, and the tables.
fn printed(report: &Report) -> (String, Vec<(&'static str, Rows)>) {
    let mut out = Vec::new();
    text::write(
        report,
        text::Style {
            color: false,
            all: true,
            brief: false,
            width: None,
        },
        &mut out,
    )
    .unwrap();
    let tables = TABLES.iter().map(|table| {
        let mut out = Vec::new();
        csv::write(table, report, &mut out).unwrap();
        (table.name, cells(&String::from_utf8(out).unwrap()))
    });
    (String::from_utf8(out).unwrap(), tables.collect())
}

/// RFC 4180, read back.
fn cells(text: &str) -> Rows {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut rest = text.chars().peekable();
    while let Some(one) = rest.next() {
        match one {
            '"' if quoted && rest.peek() == Some(&'"') => {
                rest.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    rows
}

fn obeyed(text: &str) -> Option<char> {
    let hides = |one: char| matches!(one, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    text.chars()
        .find(|one| *one != '\n' && (one.is_control() || hides(*one)))
}

#[test]
fn names_that_a_terminal_would_obey_are_escaped_in_text_and_tables() {
    let report = report(&renamed(|word| format!("{word}{ESCAPES}")), &shop_policy());
    let (text, tables) = printed(&report);
    assert!(text.contains("\\u{1b}[2J"), "the names are printed");
    let bad: Vec<&str> = text.lines().filter(|line| obeyed(line).is_some()).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    let mut hostile = 0;
    for (table, rows) in &tables {
        for cell in rows.iter().flatten() {
            assert_eq!(obeyed(cell), None, "{table}: {cell:?}");
            hostile += usize::from(cell.contains("<script>"));
        }
    }
    assert!(hostile > 100, "{hostile} cells");
    // Formats for programs give names as they are, and stay what they are.
    let whole: Value = serde_json::from_str(&json(&report)).unwrap();
    assert!(whole.is_object());
    let mut lines = Vec::new();
    jsonl::write(&report, &mut lines).unwrap();
    for line in String::from_utf8(lines).unwrap().lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
    }
}

#[test]
fn names_that_a_spreadsheet_would_run_are_no_formulas() {
    for formula in FORMULAS {
        let report = report(&renamed(|word| format!("{formula}{word}")), &shop_policy());
        let (text, tables) = printed(&report);
        assert!(text.lines().all(|line| obeyed(line).is_none()), "{formula:?}");
        let mut hostile = 0;
        for (table, rows) in &tables {
            let columns = rows.first().map_or(0, Vec::len);
            for row in rows {
                assert_eq!(row.len(), columns, "{table}: {row:?}");
                for cell in row {
                    assert!(
                        !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']),
                        "{table}: {cell:?}"
                    );
                    hostile += usize::from(
                        cell.starts_with(&format!("'{}", formula.trim_start()))
                            || cell.contains(formula.trim_start()),
                    );
                }
            }
        }
        assert!(hostile > 10, "{formula:?}: {hostile} cells");
    }
}

#[test]
fn names_without_end_are_read() {
    let mut panics = Vec::new();
    let long = renamed(|word| word.repeat(20_000 / word.len()));
    let report = audited(&long, "long names", &mut panics).unwrap();
    assert!(!report.findings.is_empty());
    let empty = renamed(|_| String::new());
    audited(&empty, "names that are empty", &mut panics);
    assert!(panics.is_empty(), "{}", panics.join("\n"));
}
