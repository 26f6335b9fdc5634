//! Values of secrets are overwritten, and what redacted copies may say of a value.

use crate::parse::Source;
use crate::parse::shapes::text_of;
use foursee_core::document::{Held, Notes};
use foursee_core::secret;
use serde_json::value::RawValue;

/// Overwrites the whole of a text of which nobody knows what it holds.
pub(in crate::parse) fn redact_all(source: Source<'_>, text: &str, notes: &mut Notes) {
    // Line by line, so that the lines behind it keep their numbers.
    for line in source.yaml.unwrap_or(text).lines() {
        notes.redact(source.document, line.trim());
    }
}

/// Overwrites the value of a secret: in JSON between its quotes, in YAML wherever its lines stand.
pub(in crate::parse) fn redact(source: Source<'_>, raw: &RawValue, held: Option<Held>, notes: &mut Notes) {
    if source.yaml.is_none() {
        let part = bare(raw);
        notes.redact(source.document, part);
        if let Some(held) = held {
            notes.hold(source.document, part, held);
        }
        return;
    }
    let spots = spots(source, raw);
    if spots.is_empty() && text_of(raw).is_some_and(|value| !value.trim().is_empty()) {
        // YAML writes it in a way that is not looked for: nothing of the document is kept.
        redact_all(source, source.yaml.unwrap_or_default(), notes);
    }
    for (part, _) in &spots {
        notes.redact(source.document, part);
    }
    if let Some(held) = held {
        hold_at(source, &spots, &held, notes);
    }
}

/// Says what a value holds, for redacted copies of the document.
pub(in crate::parse) fn hold(source: Source<'_>, raw: &RawValue, held: Held, notes: &mut Notes) {
    hold_at(source, &spots(source, raw), &held, notes);
}

fn hold_at(source: Source<'_>, spots: &[(&str, bool)], held: &Held, notes: &mut Notes) {
    for (part, certain) in spots {
        let elsewhere = match held {
            // The same word somewhere else in a manifest is that setting's value only if it is a secret.
            Held::Setting(name) => !certain && secret::secret(name, part).is_none(),
            _ => false,
        };
        let held = if elsewhere { Held::Open } else { held.clone() };
        notes.hold(source.document, part, held);
    }
}

/// What stands between its quotes, or the whole of what has none.
fn bare(raw: &RawValue) -> &str {
    let inside = raw.get();
    let bare = inside.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    bare.unwrap_or(inside)
}

/// Where a value stands in the document's text: in JSON between its quotes; in YAML wherever its lines stand, and
/// whether each place is one where values stand.
fn spots<'a>(source: Source<'a>, raw: &'a RawValue) -> Vec<(&'a str, bool)> {
    let Some(text) = source.yaml else {
        return vec![(bare(raw), true)];
    };
    let Some(value) = text_of(raw) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for line in value.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let escaped = serde_json::to_string(line).unwrap_or_default();
        let forms = [
            line.to_owned(),
            escaped.trim_matches('"').to_owned(),
            line.replace('\'', "''"),
        ];
        let before = found.len();
        for form in &forms {
            found.extend(matches_of(text, form));
            if found.len() > before {
                break;
            }
        }
        if found.len() == before {
            return Vec::new();
        }
    }
    found
}

/// Where a line of a value stands in YAML. Whole words only: a value "web" must not overwrite the half of a name.
fn matches_of<'a>(text: &'a str, line: &str) -> Vec<(&'a str, bool)> {
    let ends = |one: Option<char>| one.is_none_or(|one| !one.is_alphanumeric());
    let spot = |at: usize| {
        let head = text.get(..at)?;
        let after = text.get(at + line.len()..).and_then(|part| part.chars().next());
        if line.len() <= 24 && !(ends(head.chars().next_back()) && ends(after)) {
            return None;
        }
        let head = head
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .trim()
            .trim_end_matches(['"', '\'']);
        let certain = head.is_empty()
            || head == "-"
            || head.ends_with("value:")
            || head.contains('[')
            || head.contains('{');
        Some((text.get(at..at + line.len())?, certain))
    };
    text.match_indices(line).filter_map(|(at, _)| spot(at)).collect()
}
