//! Names that terminals and spreadsheets would obey, that are empty, or that do not end.

use crate::{audited, is_json};
use foursee::core::audit::Input;
use foursee::core::report::Report;
use foursee::report::tables::TABLES;
use foursee::report::{csv, jsonl, text};
use foursee_tests::{json, report, shop, shop_policy};
use serde_json::Value;

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
