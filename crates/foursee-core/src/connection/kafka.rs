//! How Kafka's clients write their brokers and users: bootstrap servers and JAAS configuration.

use super::{BAD_TEXT, Why};

/// The servers of a comma-separated list, without schemes; a JSON array of strings is one too.
pub(super) fn servers_in(text: &str) -> Vec<&str> {
    let json = text
        .strip_prefix('[')
        .and_then(|t| t.strip_suffix(']'))
        .filter(|t| t.contains('"'));
    json.unwrap_or(text)
        .split(',')
        .map(|s| s.trim().trim_matches(['"', '\'']))
        .map(|s| {
            s.split_once("://")
                .map_or(s, |(_, after)| after)
                .trim_end_matches('/')
        })
        .filter(|s| !s.is_empty())
        .collect()
}

/// The `username` of a JAAS entry: `Module required username="x" password="y";`, with C-like escapes in the quotes. Quotes that
/// were escaped for a shell (`\"x\"`) are read as quotes.
pub(super) fn jaas_user(text: &str) -> Result<String, Why> {
    let mut chars = text.chars().peekable();
    let mut words: Vec<String> = Vec::new();
    while let Some(c) = chars.next() {
        if c.is_whitespace() || matches!(c, ';' | '{' | '}') {
            continue;
        }
        if c == '=' {
            words.push("=".to_owned());
            continue;
        }
        let shell = c == '\\' && chars.peek().is_some_and(|n| matches!(n, '"' | '\''));
        let open = if shell { chars.next().unwrap_or(c) } else { c };
        let mut word = String::new();
        if matches!(open, '"' | '\'') {
            loop {
                match chars.next() {
                    None => return Err("has a quote that is not closed"),
                    Some(c) if c == open && !shell => break,
                    Some('\\') if shell && chars.peek() == Some(&open) => {
                        chars.next();
                        break;
                    }
                    Some('\\') => word.extend(chars.next().map(|c| match c {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        other => other,
                    })),
                    Some(c) => word.push(c),
                }
            }
            // A whole entry inside one pair of quotes, as shells and YAML leave it.
            if words.is_empty() && word.contains('=') {
                return jaas_inner(&word);
            }
            words.push(word);
            continue;
        }
        word.push(c);
        while let Some(c) =
            chars.next_if(|c| !c.is_whitespace() && !matches!(c, '=' | ';' | '"' | '\'' | '\\'))
        {
            word.push(c);
        }
        words.push(word);
    }
    let mut windows = words.windows(3);
    windows
        .find_map(|w| match w {
            [name, sign, value] if name == "username" && sign == "=" => Some(value.clone()),
            _ => None,
        })
        .ok_or("its JAAS entry names no `username`")
}

/// The one level of wrapping quotes that [`jaas_user`] looks through.
pub(super) fn jaas_inner(text: &str) -> Result<String, Why> {
    if text.starts_with(['"', '\'', '\\']) {
        return Err(BAD_TEXT);
    }
    jaas_user(text)
}
