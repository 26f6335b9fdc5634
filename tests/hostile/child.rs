//! An audit as a process of its own, so that a test can limit its memory: reads the named paths (`-` is standard input),
//! writes the report in every format to nowhere, and prints the gaps and what was found, a line each.
//!
//! With `question LAYER` before the paths, it answers the question that standard input gives.

use foursee::report::tables::TABLES;
use foursee::report::{csv, json, jsonl, text};
use foursee::{Audit, core::judge::Policy};
use std::io::{Read, sink, stdin};

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut audit = Audit::new().policy(Policy::default()).threads(1);
    if arguments.first().is_some_and(|one| one == "question") {
        let layer = arguments.remove(1);
        for path in arguments.into_iter().skip(1) {
            audit = audit.path(path);
        }
        let opened = audit.open().expect("the documents open");
        let mut question = String::new();
        stdin().read_to_string(&mut question).expect("a question");
        let mut answer = Vec::new();
        match opened.decide(&layer, None, &question, &mut answer) {
            Ok(()) => println!("answer {}", answer.len()),
            Err(error) => println!("error {:.200}", error.to_string()),
        }
        return;
    }
    for path in arguments {
        audit = audit.path(path);
    }
    let report = audit.run().expect("no configuration is read");
    let style = text::Style {
        all: true,
        ..text::Style::default()
    };
    text::write(&report, style, sink()).expect("nowhere takes all");
    json::write(&report, sink()).expect("nowhere takes all");
    jsonl::write(&report, sink()).expect("nowhere takes all");
    for table in &TABLES {
        csv::write(table, &report, sink()).expect("nowhere takes all");
    }
    println!("documents {}", report.summary.documents);
    println!("findings {}", report.findings.len());
    println!("gaps {}", report.gaps.len());
    for gap in report.gaps.iter().take(2_000) {
        let place = gap.place.as_ref().map_or("", |place| &place.document);
        println!(
            "gap {}: {:.300}: {:.300} [{:.100}]",
            gap.reason.as_str(),
            gap.target,
            gap.facet,
            place
        );
    }
}
