//! Where an audit log holds bodies of requests and answers, which may be Secrets: levels Request and RequestResponse.

use foursee_core::document::{Document, Notes};

const KEYS: &[&str] = &["requestObject", "responseObject"];

/// Notes every text in a body as a secret. In a record of CloudWatch Logs a body is within a text itself, and its quotes
/// are escaped.
pub(crate) fn secrets(document: &Document, notes: &mut Notes) {
    let text = &*document.text;
    for quote in ["\"", "\\\""] {
        for key in KEYS {
            let named = format!("{quote}{key}{quote}");
            let mut from = 0;
            while let Some(at) = text.get(from..).and_then(|rest| rest.find(&named)) {
                from += at + named.len();
                from = body(text, from, quote, notes);
            }
        }
    }
    notes.redact.sort_by_key(|range| (range.start, range.end));
    notes.redact.dedup();
}

/// Notes the texts of the value that begins behind a key; gives where it ends.
fn body(text: &str, from: usize, quote: &str, notes: &mut Notes) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (from, 0usize);
    while let Some(byte) = bytes.get(at) {
        if text.get(at..).is_some_and(|rest| rest.starts_with(quote)) {
            let begin = at + quote.len();
            let end = text_end(text, begin, quote);
            at = (end + quote.len()).min(text.len());
            let after = text.get(at..).unwrap_or_default().trim_start();
            if let (false, Ok(begin), Ok(end)) =
                (after.starts_with(':'), u32::try_from(begin), u32::try_from(end))
            {
                notes.redact.push(begin..end);
            }
            if depth == 0 {
                return at;
            }
            continue;
        }
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' if depth == 0 => return at,
            b'\n' if depth == 0 => return at,
            // The text that held an escaped body ends.
            b'"' => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// Where a text ends that begins here: before the next quote that is not escaped within it.
fn text_end(text: &str, begin: usize, quote: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = begin;
    // Within an escaped text an escape is two backslashes, and a quote or a backslash that it escapes has its own before.
    let escape = "\\".repeat(quote.len());
    while at < bytes.len() {
        let rest = text.get(at..).unwrap_or_default();
        if let Some(after) = rest.strip_prefix(&*escape) {
            at += escape.len() + if after.starts_with('\\') { escape.len() } else { 1 };
        } else if rest.starts_with(quote) || bytes.get(at) == Some(&b'"') {
            return at;
        } else {
            at += 1;
        }
        while !text.is_char_boundary(at.min(text.len())) {
            at += 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::secrets;
    use crate::tests::document;
    use foursee_core::document::Notes;
    use serde_json::json;

    /// What is left of a text once its secrets are gone.
    fn left(text: &str) -> String {
        let mut notes = Notes::default();
        secrets(&document(0, text), &mut notes);
        let mut left = text.to_owned();
        for range in notes.redact.iter().rev() {
            left.replace_range(range.start as usize..range.end as usize, "*");
        }
        left
    }

    #[test]
    fn texts_of_bodies_are_secrets_and_nothing_else_is() {
        let event = json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "verb": "create",
            "requestObject": {"kind": "Secret", "data": {"a\"b": "aHVudGVy", "c": "hun\"ter\\"}, "n": 1, "list": ["hunter", {"x": "hunter"}]},
            "responseObject": "hunter", "user": {"username": "alice"}});
        let plain = left(&format!("{event}\n{event}\n"));
        assert!(!plain.contains("hun") && !plain.contains("aHV"), "{plain}");
        assert_eq!(plain.matches("alice").count(), 2);
        let back: serde_json::Value = serde_json::from_str(plain.lines().next().unwrap()).unwrap();
        assert_eq!(back["requestObject"]["list"], json!(["*", {"x": "*"}]));
        let record = json!({"events": [{"message": event.to_string()}, {"message": "hunter elsewhere"}]});
        let escaped = left(&record.to_string());
        assert!(
            !escaped.contains("aHV") && escaped.contains("hunter elsewhere"),
            "{escaped}"
        );
        assert_eq!(escaped.matches("hun").count(), 1, "{escaped}");
        assert!(escaped.contains("alice"), "{escaped}");
        let back: serde_json::Value = serde_json::from_str(&escaped).unwrap();
        serde_json::from_str::<serde_json::Value>(back["events"][0]["message"].as_str().unwrap()).unwrap();
        // What breaks off is a secret to its end.
        assert_eq!(
            left("{\"requestObject\":{\"a\":\"hun"),
            "{\"requestObject\":{\"a\":\"*"
        );
    }
}
