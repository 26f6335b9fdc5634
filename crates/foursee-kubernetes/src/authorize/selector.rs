//! Field selectors: what a request asks of the fields of the objects that it lists.
//!
//! Source: apimachinery pkg/fields, pkg/registry/authorization/util/helpers.go.

use foursee_core::document::{Many, Str};
use serde::Deserialize;

/// `fieldSelector` of a SubjectAccessReview: `rawSelector`, as in a URL, or `requirements`, which win.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SelectorShape<'a> {
    #[serde(borrow)]
    raw_selector: Str<'a>,
    #[serde(borrow)]
    requirements: Many<RequirementShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RequirementShape<'a> {
    #[serde(borrow)]
    key: Str<'a>,
    #[serde(borrow)]
    operator: Str<'a>,
    #[serde(borrow)]
    values: Many<Str<'a>>,
}

impl SelectorShape<'_> {
    /// The equalities that it asks for: field and value.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        if self.requirements.is_empty() {
            return parse(&self.raw_selector).unwrap_or_default();
        }
        self.requirements
            .iter()
            .filter_map(|one| match (&*one.operator, &*one.values) {
                ("In", [value]) => Some((one.key.to_string(), value.to_string())),
                _ => None,
            })
            .collect()
    }
}

/// The equalities of a selector as it stands in a URL: `a=b,c==d,e!=f`, with `\\`, `\,` and `\=` for themselves in
/// values. None where upstream does not read it.
pub(super) fn parse(selector: &str) -> Option<Vec<(String, String)>> {
    let mut terms = vec![String::new()];
    let mut escaped = false;
    for one in selector.chars() {
        if one == ',' && !escaped {
            terms.push(String::new());
        } else if let Some(last) = terms.last_mut() {
            last.push(one);
        }
        escaped = one == '\\' && !escaped;
    }
    terms.sort_unstable();
    let mut all = Vec::new();
    for term in terms.iter().filter(|term| !term.is_empty()) {
        let at = term.find('=')?;
        let at = term.find("!=").map_or(at, |not| not.min(at));
        let (field, rest) = term.split_at(at);
        let (equal, value) = match (rest.strip_prefix("!="), rest.strip_prefix("==")) {
            (Some(value), _) => (false, value),
            (None, Some(value)) => (true, value),
            (None, None) => (true, rest.strip_prefix('=')?),
        };
        let value = unescape(value)?;
        if equal {
            all.push((field.to_owned(), value));
        }
    }
    Some(all)
}

fn unescape(value: &str) -> Option<String> {
    let mut plain = String::with_capacity(value.len());
    let mut all = value.chars();
    while let Some(one) = all.next() {
        match one {
            '\\' => plain.push(all.next().filter(|next| matches!(next, '\\' | ',' | '='))?),
            ',' | '=' => return None,
            other => plain.push(other),
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn selectors_are_read_as_upstream_reads_them() {
        let pair = |one: &str, two: &str| (one.to_owned(), two.to_owned());
        assert_eq!(parse(""), Some(vec![]));
        assert_eq!(
            parse("b=2,a==1,c!=3,"),
            Some(vec![pair("a", "1"), pair("b", "2")])
        );
        assert_eq!(parse(r"a=x\,y\=z\\"), Some(vec![pair("a", r"x,y=z\")]));
        assert_eq!(parse("a!b=1"), Some(vec![pair("a!b", "1")]));
        for bad in ["a", "a=b=c", r"a=\x", r"a=b\"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
