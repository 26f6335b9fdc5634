//! Documents of events (audit logs, servers' logs): folded line by line, and then let go.
//!
//! A layer sees one bounded line at a time. Nothing of a line stays but what the layer counted: a line that cannot be
//! read becomes a gap that says where it stands and why, and never what it says.

use super::records::{Sort, records};
use super::{Document, Landmarks, Notes};
use crate::model::{Gap, Reason};

/// The longest line that a layer is given, in bytes: twice what an API server writes of one request.
pub const LONGEST_LINE: usize = 4 * 1024 * 1024;
/// So many lines that could not be read have a gap of their own; the rest are counted in one more.
const NAMED: usize = 10;
/// What is said of a line of JSON that is no object.
const NO_EVENT: &str = "JSON that is no object, and so no event";

/// Gives every record of a document of events to `observe`, notes those that could not be read, and drops the text.
pub(crate) fn fold(
    document: &mut Document,
    notes: &mut Notes,
    wraps: &[&str],
    mut observe: impl FnMut(&str) -> Result<(), &'static str>,
) {
    let text = std::mem::take(&mut document.text);
    let mut noted: Vec<(u32, u32)> = Vec::new();
    let mut unnamed = 0u64;
    let (mut counted, mut number) = (0usize, 1u32);
    // Whether the last record has a gap; whether some line is an object, and which lines are JSON and none.
    let (mut failed, mut objects) = (false, false);
    let mut others: Option<(usize, u64)> = None;
    records(&text, wraps, |record| {
        let again = record.sort == Sort::Around && failed;
        failed = false;
        objects |= record.text.trim_start().starts_with('{');
        let (reason, why) = if again || record.text.trim().is_empty() {
            return;
        } else if record.text.len() > LONGEST_LINE {
            (Reason::TooLarge, "longer than 4 MiB")
        } else if record.sort == Sort::NoJson {
            let reason = if record.whole {
                Reason::Malformed
            } else {
                Reason::Truncated
            };
            (reason, "it is no JSON")
        } else {
            match observe(record.text) {
                Ok(()) => {
                    if record.sort == Sort::NoObject {
                        others.get_or_insert((record.at, 0)).1 += 1;
                    }
                    return;
                }
                Err(why) if record.whole => (Reason::Malformed, why),
                Err(why) => (Reason::Truncated, why),
            }
        };
        failed = true;
        let begins = u32::try_from(record.at).unwrap_or(u32::MAX);
        if noted.len() <= NAMED {
            let lines = text
                .get(counted..record.at)
                .unwrap_or_default()
                .matches('\n')
                .count();
            number = number.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
            counted = counted.max(record.at);
        }
        match noted.len() {
            ..NAMED => {
                let target = format!("line {number} of {}", document.name);
                notes.gap(unread(reason, target, why, begins, document));
                noted.push((begins, number));
            }
            NAMED => {
                noted.push((begins, number));
                unnamed = 1;
            }
            _ => unnamed += 1,
        }
    });
    noted.sort_unstable();
    if let Some((begins, number)) = noted.get(NAMED) {
        let target = format!(
            "lines of {}: {unnamed} more, from line {number} on",
            document.name
        );
        notes.gap(unread(
            Reason::Malformed,
            target,
            "they cannot be read either",
            *begins,
            document,
        ));
    }
    // Where no line is an object, they are lines of another log.
    if let Some((at, count)) = others.filter(|_| objects) {
        let before = text.get(..at).unwrap_or_default().matches('\n').count();
        let number = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
        let begins = u32::try_from(at).unwrap_or(u32::MAX);
        let target = match count {
            1 => format!("line {number} of {}", document.name),
            _ => format!("lines of {}: {count}, from line {number} on", document.name),
        };
        notes.gap(unread(Reason::Malformed, target, NO_EVENT, begins, document));
        noted.push((begins, number));
        noted.sort_unstable();
    }
    notes.landmarks = Landmarks::folded(text.len() as u64, noted);
}

fn unread(reason: Reason, target: String, why: &str, at: u32, document: &Document) -> Gap {
    let place = super::Place { doc: document.id, at };
    Gap::new(reason, target)
        .facet(why)
        .hides("the event that it records, and so how often and when something was used")
        .closes("the log again, whole")
        .at(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DocId, ScopeId};
    use std::sync::Arc;

    fn folded(text: &str) -> (Vec<String>, Document, Notes) {
        folded_with(text, &[])
    }

    fn folded_with(text: &str, wraps: &[&str]) -> (Vec<String>, Document, Notes) {
        let text = Arc::new(text.to_owned());
        let held = Arc::downgrade(&text);
        let mut document = Document {
            id: DocId(3),
            name: "a.log".into(),
            scope: ScopeId(0),
            kind: "log",
            text,
        };
        let (mut seen, mut notes) = (Vec::new(), Notes::default());
        fold(&mut document, &mut notes, wraps, |line| {
            seen.push(line.to_owned());
            if line.contains("bad") {
                Err("it is bad")
            } else {
                Ok(())
            }
        });
        assert!(held.upgrade().is_none(), "the text is still held");
        (seen, document, notes)
    }

    #[test]
    fn every_line_is_seen_and_the_text_is_dropped() {
        let (seen, document, notes) = folded("one\r\n\n  \ntwo\nthree");
        assert_eq!(seen, ["one", "two", "three"]);
        assert!(document.text.is_empty() && notes.gaps.is_empty());
        assert_eq!(notes.landmarks.bytes_of_folded(), Some(18));
    }

    #[test]
    fn a_line_that_fails_is_a_gap_with_its_place_and_without_its_text() {
        let (_, _, notes) = folded("one\nbad hunter2\ntwo\nbad");
        let said: Vec<(&str, &str, Reason, u32)> = notes
            .gaps
            .iter()
            .map(|gap| (&*gap.target, &*gap.facet, gap.reason, gap.place.unwrap().at))
            .collect();
        assert_eq!(
            said,
            [
                ("line 2 of a.log", "it is bad", Reason::Malformed, 4),
                ("line 4 of a.log", "it is bad", Reason::Truncated, 20)
            ]
        );
        assert!(!format!("{notes:?}").contains("hunter2"));
        assert_eq!(notes.landmarks.folded_line(20), Some(Some(4)));
        assert_eq!(notes.landmarks.folded_line(21), Some(None));
    }

    #[test]
    fn failing_lines_are_capped_and_counted() {
        let (_, _, notes) = folded(&"bad\n".repeat(1_000));
        assert_eq!(notes.gaps.len(), NAMED + 1);
        assert_eq!(
            notes.gaps[NAMED].target,
            "lines of a.log: 990 more, from line 11 on"
        );
        assert_eq!(notes.landmarks.folded_line(40), Some(Some(11)));
        let (_, _, notes) = folded(&"bad\n".repeat(NAMED));
        assert_eq!(notes.gaps.len(), NAMED);
    }

    fn said(text: &str) -> Vec<String> {
        let (_, _, notes) = folded_with(text, &["items"]);
        let all = notes.gaps.iter();
        all.map(|gap| {
            let at = gap.place.unwrap().at;
            assert!(notes.landmarks.folded_line(at).is_some_and(|line| line.is_some()));
            format!("{} {}: {} at {at}", gap.reason.as_str(), gap.target, gap.facet)
        })
        .collect()
    }

    #[test]
    fn a_log_that_breaks_off_is_said_once() {
        assert_eq!(
            said("{\"items\":[{},\n{\"bad\":"),
            ["truncated line 2 of a.log: it is bad at 14"]
        );
        assert_eq!(
            said("[{},\n\"bad"),
            ["truncated line 2 of a.log: it is no JSON at 5"]
        );
        assert_eq!(said("[{},\n"), ["truncated line 1 of a.log: it is no JSON at 0"]);
        // A layer that takes what breaks off as it is hides nothing: what is around it is asked too.
        let (seen, ..) = folded_with("{\"items\":[{},{\"good\":", &["items"]);
        assert_eq!(seen, ["{}", "{\"good\":", "{"]);
    }

    #[test]
    fn lines_of_json_that_are_no_objects_are_counted_in_one_gap() {
        let facet = "JSON that is no object, and so no event";
        assert_eq!(
            said("{}\nnull\n{}\n"),
            [format!("malformed line 2 of a.log: {facet} at 3")]
        );
        assert_eq!(
            said("{}\n{\"bad\":1}\n5\n[{}]\n\"hunter2\"\nword\n"),
            [
                "malformed line 2 of a.log: it is bad at 3".to_owned(),
                format!("malformed lines of a.log: 3, from line 3 on: {facet} at 13")
            ]
        );
        assert_eq!(
            said("{\"items\":[{},\n5,null]}"),
            [format!(
                "malformed lines of a.log: 2, from line 2 on: {facet} at 14"
            )]
        );
        // Lines of a log that is not of JSON.
        assert_eq!(said("12:00 {}\n5\nnull\n"), Vec::<String>::new());
        let (_, _, notes) = folded(&"{}\nnull\n".repeat(3));
        assert_eq!(notes.gaps.len(), 0);
    }

    #[test]
    fn a_line_is_bounded() {
        let (seen, _, notes) = folded(&format!("one\n{}\ntwo\n", "x".repeat(LONGEST_LINE + 1)));
        assert_eq!(seen, ["one", "two"]);
        assert_eq!((notes.gaps.len(), notes.gaps[0].reason), (1, Reason::TooLarge));
    }
}
