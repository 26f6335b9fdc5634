//! Comments as tags: `owner: team-x; data-class: customer`.

use super::Scope;
use foursee_core::document::Place;
use foursee_core::model::NodeId;

/// The pairs of a comment: `key: value` or `key=value`, apart by `;`, `,` or a line's end. Other text is no tag.
pub(crate) fn pairs(comment: &str) -> impl Iterator<Item = (String, &str)> {
    comment.split([';', ',', '\n']).filter_map(|part| {
        let (key, value) = part.split_once([':', '='])?;
        let (key, value) = (key.trim(), value.trim());
        let word = !key.is_empty()
            && key.len() <= 64
            && key
                .bytes()
                .all(|one| one.is_ascii_alphanumeric() || matches!(one, b'-' | b'_' | b'.' | b'/'));
        (word && !value.is_empty()).then(|| (key.to_ascii_lowercase(), value))
    })
}

/// Whether a pair marks data that somebody would want.
pub(crate) fn wanted(key: &str, value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    match key {
        "data-class" | "data_class" | "dataclass" | "classification" | "data-classification" => {
            matches!(&*value, "customer" | "pii" | "critical" | "sensitive" | "secret")
        }
        "pii" => matches!(&*value, "true" | "yes" | "1"),
        _ => false,
    }
}

impl Scope<'_, '_, '_> {
    /// Writes a comment's pairs as tags of a node, and marks a prize where they say so.
    pub(super) fn tags(&mut self, node: NodeId, comment: Option<&String>, place: Place, prize: bool) {
        for (key, value) in comment.into_iter().flat_map(|text| pairs(text)) {
            self.out.tag(node, &key, value, place);
            if prize && wanted(&key, value) {
                self.out.prize(node, format!("comment says {key}={value}"), place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_and_prose_is_not() {
        let all = |text: &str| -> Vec<String> { pairs(text).map(|(k, v)| format!("{k}={v}")).collect() };
        assert_eq!(
            all("Owner: team-x; data-class: customer"),
            ["owner=team-x", "data-class=customer"]
        );
        assert_eq!(all("pii=true\nold table, kept for: audits"), ["pii=true"]);
        assert!(all("nothing here").is_empty());
        assert!(wanted("data-class", "PII") && wanted("pii", "true") && !wanted("owner", "customer"));
    }
}
