//! Text that may be printed to a terminal, whoever chose it.

use std::borrow::Cow;

/// The text with everything that a terminal could act on made visible: control characters (C0, C1, DEL), and the
/// marks that turn text around or hide in it (bidirectional, zero-width), as `\u{..}`.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for one in text.chars() {
        if acts(one) {
            out.extend(one.escape_unicode());
        } else {
            out.push(one);
        }
    }
    Cow::Owned(out)
}

fn acts(one: char) -> bool {
    one.is_control()
        || matches!(one, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn nothing_acts_on_the_terminal() {
        assert_eq!(plain("shop/web é"), "shop/web é");
        assert_eq!(
            plain("a\u{1b}[2Jb\nc\u{202e}d\u{9b}e"),
            "a\\u{1b}[2Jb\\u{a}c\\u{202e}d\\u{9b}e"
        );
    }
}
