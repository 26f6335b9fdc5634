//! Selectors in doubt: what the server would refuse, as an operator that is none, decides nothing.
//!
//! Source: apimachinery pkg/apis/meta/v1/validation/validation.go:ValidateLabelSelectorRequirement.

use crate::facts::{LabelSelector, Requirement};

/// Labels of an object.
pub(crate) type Labels = [(Box<str>, Box<str>)];

/// Whether the server takes a requirement.
pub(crate) fn readable(one: &Requirement) -> bool {
    match &*one.operator {
        "In" | "NotIn" => !one.values.is_empty(),
        "Exists" | "DoesNotExist" => one.values.is_empty(),
        _ => false,
    }
}

/// Whether a selector selects what has these labels; none where what cannot be read decides.
pub(crate) fn selects(selector: &LabelSelector, labels: &Labels) -> Option<bool> {
    let (read, unread): (Vec<_>, Vec<_>) = selector.0.iter().partition(|one| readable(one));
    if !read.iter().all(|one| one.holds(labels)) {
        return Some(false);
    }
    unread.is_empty().then_some(true)
}
