//! What is known of a request: its condition keys. A key that is not in here is not known, which is not the same as
//! absent: unknown keys make an answer "possible", never a silent yes or no.

use std::collections::BTreeMap;

/// What is known of one condition key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// The request does not have it.
    Absent,
    /// A single-valued key.
    One(String),
    /// A multi-valued key, possibly empty.
    Many(Vec<String>),
    /// Two keys that differ only by case; which one is compared is not said.
    Ambiguous,
}

/// The condition keys of a request, by lower-case name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Context {
    values: BTreeMap<String, Value>,
    /// Prefixes of keys of which every one that is not given is known to be absent.
    closed: Vec<String>,
}

/// Global keys that are multi-valued. Source: IAM User Guide, reference_policies_condition-keys.
const MULTI_VALUED: [&str; 7] = [
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:vpceorgpaths",
    "aws:principalservicenameslist",
    "aws:tagkeys",
];

impl Context {
    /// Nothing is known.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            values: BTreeMap::new(),
            closed: Vec::new(),
        }
    }

    /// Whether a key is known to be multi-valued by its name.
    #[must_use]
    pub fn multi_valued(key: &str) -> bool {
        MULTI_VALUED.iter().any(|one| one.eq_ignore_ascii_case(key))
    }

    /// What is known of a key; none where nothing is.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        let key = key.to_ascii_lowercase();
        if let Some(found) = self.values.get(&key) {
            return Some(found);
        }
        self.closed
            .iter()
            .any(|prefix| key.starts_with(&**prefix))
            .then_some(&Value::Absent)
    }

    /// Sets a key, replacing what was known.
    pub fn set(&mut self, key: &str, value: Value) {
        self.values.insert(key.to_ascii_lowercase(), value);
    }

    /// Sets a key to one value.
    pub fn one(&mut self, key: &str, value: impl Into<String>) {
        self.set(key, Value::One(value.into()));
    }

    /// Sets a key unless something is known of it already.
    pub fn unless_set(&mut self, key: &str, value: Value) {
        self.values.entry(key.to_ascii_lowercase()).or_insert(value);
    }

    /// Says that every key of that prefix that is not given is absent.
    pub fn close(&mut self, prefix: &str) {
        self.closed.push(prefix.to_ascii_lowercase());
    }
}
