//! What may not change a report: the order of documents, threads, and how lines of events are split and ordered.

use super::{Texts, documents};
use crate::audit::{Options, audit};
use crate::document::Head;
use crate::judge::Policy;
use crate::registry::Registry;
use crate::report::Report;

pub(super) fn check(registry: &Registry, texts: Texts<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    let whole = print(&run(registry, texts, 1));
    if print(&run(registry, texts, 1)) != whole {
        wrong.push("the same documents give another report".to_owned());
    }
    let reversed: Vec<(&str, &str)> = texts.iter().rev().copied().collect();
    if print(&run(registry, &reversed, 1)) != whole {
        wrong.push("shuffled documents give another report".to_owned());
    }
    if print(&run(registry, texts, 4)) != whole {
        wrong.push("four threads give another report".to_owned());
    }
    wrong.extend(events(registry, texts));
    wrong
}

/// Whether the lines of each document of events mean the same however they are ordered, and in whichever of two
/// documents they stand. Gaps name lines by their places, and so are left out.
fn events(registry: &Registry, texts: Texts<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (at, (name, text)) in texts.iter().enumerate() {
        let claimed = |text: &str| registry.recognise(&Head::new(name, text)).map(|(_, claim)| claim);
        let Some(claim) = claimed(text).filter(|claim| claim.events) else {
            continue;
        };
        let lines: Vec<&str> = text.lines().collect();
        let half = lines.len() / 2;
        let pick = |wanted: &dyn Fn(usize) -> bool| -> String {
            let kept = lines.iter().enumerate().filter(|(number, _)| wanted(*number));
            kept.map(|(_, line)| format!("{line}\n")).collect()
        };
        let backwards: String = lines.iter().rev().map(|line| format!("{line}\n")).collect();
        let splits = [
            (pick(&|number| number < half), pick(&|number| number >= half)),
            (pick(&|number| number >= half), pick(&|number| number < half)),
            (pick(&|number| number % 2 == 0), pick(&|number| number % 2 == 1)),
            (pick(&|number| number % 2 == 1), pick(&|number| number % 2 == 0)),
        ];
        let second = format!("{name}.2");
        let with = |parts: &[(&str, &str)]| {
            let mut all: Vec<(&str, &str)> = texts.to_vec();
            all.splice(at..=at, parts.iter().copied());
            print_facts(&run(registry, &all, 1))
        };
        if with(&[(name, &backwards)]) != with(&[(name, text)]) {
            wrong.push(format!(
                "`{name}`: its events in another order give another report"
            ));
        }
        // A part that is too small to be recognised is no split of these events.
        let same_claim = |text: &String| claimed(text).as_ref() == Some(&claim);
        let mut reports = splits
            .iter()
            .filter(|(a, b)| same_claim(a) && same_claim(b))
            .map(|(a, b)| with(&[(name, a), (&second, b)]));
        if let Some(first) = reports.next()
            && reports.any(|other| other != first)
        {
            wrong.push(format!(
                "`{name}`: its events split in another way give another report"
            ));
        }
    }
    wrong
}

pub(super) fn run(registry: &Registry, texts: Texts<'_>, threads: usize) -> Report {
    let options = Options {
        threads,
        ..Options::default()
    };
    audit(
        documents(texts),
        registry,
        &Policy::default(),
        &options,
        &mut |_| {},
    )
}

/// Everything that a report says, as text to compare.
fn print(report: &Report) -> String {
    format!("{}\n{:#?}", print_facts(report), report.gaps)
}

fn print_facts(report: &Report) -> String {
    let estate = &*report.estate;
    format!(
        "{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}",
        report.findings, report.paths, report.identities, estate.nodes, estate.edges, estate.privileges
    )
}
