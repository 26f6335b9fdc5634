//! Java's properties files, as `java.util.Properties.load` reads them; librdkafka's are of the same form.

use std::collections::BTreeMap;

/// The settings of a file, each key's last value.
pub(super) fn read(text: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let mut whole = line.trim_start().to_owned();
        if whole.is_empty() || whole.starts_with(['#', '!']) {
            continue;
        }
        while whole.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1 {
            whole.pop();
            match lines.next() {
                Some(next) => whole.push_str(next.trim_start()),
                None => break,
            }
        }
        let (key, value) = pair(&whole);
        all.insert(key, value);
    }
    all
}

/// A logical line's key and value: the first `=`, `:` or blank that is not escaped parts them.
fn pair(line: &str) -> (String, String) {
    let blank = |c: char| matches!(c, ' ' | '\t' | '\u{c}');
    let mut escaped = false;
    let end = line
        .find(|c: char| {
            let parts = !escaped && (blank(c) || matches!(c, '=' | ':'));
            escaped = !escaped && c == '\\';
            parts
        })
        .unwrap_or(line.len());
    let (key, rest) = line.split_at_checked(end).unwrap_or((line, ""));
    let rest = rest.trim_start_matches(blank);
    let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    (unescape(key), unescape(rest.trim_start_matches(blank)))
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('t') => out.push('\t'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('f') => out.push('\u{c}'),
            Some('u') => {
                let digits: String = chars.clone().take(4).collect();
                match u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32) {
                    Some(one) if digits.len() == 4 => {
                        out.push(one);
                        chars = chars.as_str().get(4..).unwrap_or_default().chars();
                    }
                    _ => out.push('u'),
                }
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn keys_values_comments_escapes_and_continued_lines() {
        let all = read(
            "# c\n ! c\na=1\nb : two words \nc three\nd\\=e=f\\u0041\\n\nlong=one, \\\n   two\\\\\nempty=\nA=caf\u{e9}\na=2",
        );
        let shown: Vec<(&str, &str)> = all.iter().map(|(key, value)| (&**key, &**value)).collect();
        assert_eq!(
            shown,
            [
                ("A", "caf\u{e9}"),
                ("a", "2"),
                ("b", "two words "),
                ("c", "three"),
                ("d=e", "fA\n"),
                ("empty", ""),
                ("long", "one, two\\")
            ]
        );
    }
}
