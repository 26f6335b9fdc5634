//! How much is printed, and how: colours, counts, what is cut.

use crate::plain;
use foursee_core::document::Shown;
use foursee_core::model::Severity;

/// How much is printed, and how.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// With colours (ANSI escapes).
    pub color: bool,
    /// Everything: each gap, each identity, each place, every way.
    pub all: bool,
    /// The summary alone.
    pub brief: bool,
    /// How wide the terminal is; none where that is not known, or it is none: then no line is broken.
    pub width: Option<usize>,
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.color {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// A text as one line of at most so many characters, and no wider than the terminal behind an indent.
    pub(super) fn shorten(self, text: &str, indent: usize, most: usize) -> String {
        let room = self.width.map_or(most, |width| width.saturating_sub(indent));
        shorten(text, most.min(room.max(20)))
    }

    /// Breaks a text at blanks where it is wider than the terminal behind an indent; what follows is indented too.
    pub(super) fn fold(self, indent: usize, text: &str) -> String {
        let Some(width) = self.width.filter(|width| *width >= indent + 20) else {
            return text.to_owned();
        };
        let (mut out, mut column) = (String::with_capacity(text.len()), indent);
        for (at, word) in text.split(' ').enumerate() {
            let long = visible(word);
            if at > 0 && column + 1 + long > width {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', indent));
                column = indent;
            } else if at > 0 {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += long;
        }
        out
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub(super) fn severity(self, severity: Severity, text: &str) -> String {
        self.paint(
            match severity {
                Severity::Critical => "1;31",
                Severity::High => "31",
                Severity::Medium => "33",
                Severity::Low => "36",
                Severity::Info => "2",
            },
            text,
        )
    }
}

pub(super) fn count(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) if !noun.ends_with("ay") => format!("{number} {stem}ies"),
        _ => format!("{number} {noun}s"),
    }
}

/// How many characters of a text are seen: its colours are not.
fn visible(text: &str) -> usize {
    let parts = text.split('\u{1b}').enumerate();
    let seen = parts.map(|(at, part)| match part.split_once('m') {
        Some((_, rest)) if at > 0 => rest.chars().count(),
        _ => part.chars().count(),
    });
    seen.sum()
}

/// A place: document, line, and pointer where there is one; empty for none.
pub(super) fn at(place: &Shown) -> String {
    if place.document.is_empty() {
        return String::new();
    }
    let at = format!(
        "{}:{} {}",
        plain(&place.document),
        place.line,
        plain(&place.pointer)
    );
    at.trim_end().to_owned()
}

pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

pub(super) fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_blanks_and_lose_nothing() {
        let narrow = Style {
            width: Some(30),
            ..Style::default()
        };
        let text = "one two three four five six averyveryverylongwordindeed seven";
        let folded = narrow.fold(4, text);
        assert_eq!(folded.split_whitespace().collect::<Vec<_>>().join(" "), text);
        let longest = folded.lines().skip(1).map(|line| line.chars().count()).max();
        assert!(longest <= Some(31) && folded.lines().skip(1).all(|line| line.starts_with("    ")));
        assert_eq!(Style::default().fold(4, text), text);
        let coloured = Style {
            color: true,
            ..narrow
        };
        assert_eq!(visible(&coloured.bold("six")), 3);
        assert_eq!(
            narrow.shorten("abcdefghijklmnopqrstuvwxyz", 10, 100),
            "abcdefghijklmnopqrs…"
        );
        assert_eq!(Style::default().shorten("abc", 10, 2), "a…");
    }

    #[test]
    fn counts_are_in_english() {
        let words = [
            count(1, "identity"),
            count(2, "identity"),
            count(2, "way"),
            count(0, "day"),
        ];
        assert_eq!(words, ["1 identity", "2 identities", "2 ways", "0 days"]);
    }
}
