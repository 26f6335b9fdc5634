//! The head of a document: enough of its beginning to say what it is, whatever its name.

use std::borrow::Cow;

/// What a text looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Format {
    /// Begins as a JSON object.
    JsonObject,
    /// Begins as a JSON array.
    JsonArray,
    /// Anything else: YAML, CSV, properties, a listing, an error text.
    Text,
    /// Nothing but white space.
    Empty,
}

/// How many bytes of a document are looked at for its [`Head`].
const LOOKED_AT: usize = 256 * 1024;
/// How many scalars of it are kept.
const KEPT: usize = 4_000;
/// How many bytes their pointers may have together: a long key stands in the pointer of all that is below it.
const POINTERS: usize = 1024 * 1024;

/// The beginning of a document, as [`Layer::recognise`](crate::layer::Layer::recognise) sees it.
pub struct Head<'a> {
    name: &'a str,
    text: &'a str,
    format: Format,
    scalars: Vec<(String, Cow<'a, str>)>,
    keys: Vec<Cow<'a, str>>,
}

impl<'a> Head<'a> {
    /// Looks at a document.
    #[must_use]
    pub fn new(name: &'a str, text: &'a str) -> Self {
        let format = match text.trim_start().as_bytes().first() {
            None => Format::Empty,
            Some(b'{') => Format::JsonObject,
            Some(b'[') => Format::JsonArray,
            Some(_) => Format::Text,
        };
        let mut head = Self {
            name,
            text,
            format,
            scalars: Vec::new(),
            keys: Vec::new(),
        };
        if matches!(format, Format::JsonObject | Format::JsonArray) {
            let mut scan = super::place::Scan::new(text, 0, String::new());
            let mut pointers = 0;
            while head.scalars.len() < KEPT && pointers < POINTERS && scan.offset() < LOOKED_AT {
                let Some(event) = scan.step() else { break };
                if let Some(key) = event.key
                    && event.depth == 1
                {
                    head.keys.push(key);
                }
                if let Some(value) = event.scalar {
                    pointers += scan.pointer().len();
                    head.scalars.push((scan.pointer().to_owned(), value));
                }
                if event.closed && event.depth == 0 {
                    break;
                }
            }
        }
        head
    }

    /// The document's name. A hint for people; recognise by content.
    #[must_use]
    pub const fn name(&self) -> &str {
        self.name
    }

    /// The whole text.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// What it looks like.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Whether the first JSON text is an object with that key at its top, among the first 256 KiB.
    #[must_use]
    pub fn has_key(&self, key: &str) -> bool {
        self.format == Format::JsonObject && self.keys.iter().any(|one| one == key)
    }

    /// A scalar of the first JSON text by its JSON pointer ("/items/0/kind"), text without its quotes, if it stands
    /// in the first 256 KiB.
    #[must_use]
    pub fn get(&self, pointer: &str) -> Option<&str> {
        self.scalars
            .iter()
            .find(|(at, _)| at == pointer)
            .map(|(_, value)| &**value)
    }

    /// The scalars of the first JSON text's beginning, with their JSON pointers, in order.
    pub fn scalars(&self) -> impl Iterator<Item = (&str, &str)> {
        self.scalars.iter().map(|(at, value)| (at.as_str(), &**value))
    }

    /// The first lines of the text.
    pub fn lines(&self) -> impl Iterator<Item = &'a str> {
        self.text.lines().take(2_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_keys_are_not_repeated_without_end() {
        let text = format!("{{\"{}\":[{}0]}}", "k".repeat(200_000), "0,".repeat(4_000));
        let head = Head::new("x", &text);
        let kept: usize = head.scalars().map(|(at, _)| at.len()).sum();
        assert!(kept < 2_000_000, "{kept}");
        assert_eq!(head.scalars().count(), 6);
    }

    #[test]
    fn a_head_tells_what_a_listing_holds() {
        let head = Head::new(
            "x",
            "\n{\"apiVersion\":\"v1\",\"items\":[{\"kind\":\"Ro\\u006ce\",\"n\":1,\"rules\":[{\"verbs\":[\"get\",\"*\"]}]}],\"kind\":\"List\"}",
        );
        assert_eq!(head.format(), Format::JsonObject);
        assert!(head.has_key("items") && head.has_key("kind") && !head.has_key("n"));
        assert_eq!(head.get("/items/0/kind"), Some("Role"));
        assert_eq!(head.get("/items/0/rules/0/verbs/1"), Some("*"));
        assert_eq!(head.get("/kind"), Some("List"));
        let cut = Head::new("x", "{\"items\":[{\"kind\":\"Role\",\"met");
        assert_eq!(cut.get("/items/0/kind"), Some("Role"));
        assert_eq!(Head::new("x", " \n").format(), Format::Empty);
        assert_eq!(Head::new("x", "kind: List").format(), Format::Text);
    }
}
