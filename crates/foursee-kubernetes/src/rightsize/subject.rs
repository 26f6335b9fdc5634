//! Subjects of bindings, as the authorizer tells them apart.

use crate::facts::Facts;
use crate::usage::key;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A user, or a group. A service account is the user whose name spells it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Key {
    pub group: bool,
    pub name: String,
}

/// Which bindings name somebody: (binding, which of its subjects).
pub(super) type Held = Vec<(usize, usize)>;

/// Everybody whom bindings name.
pub(super) fn all(facts: &Facts) -> BTreeMap<Key, Held> {
    let mut all: BTreeMap<Key, Held> = BTreeMap::new();
    for (at, binding) in facts.bindings.iter().enumerate() {
        for (which, subject) in binding.subjects.iter().enumerate() {
            if let Some((group, name)) = key(subject, &binding.meta.namespace) {
                all.entry(Key { group, name }).or_default().push((at, which));
            }
        }
    }
    all
}

impl Key {
    /// The namespace and name of a service account.
    pub fn account(&self) -> Option<(&str, &str)> {
        let rest = self.name.strip_prefix("system:serviceaccount:")?;
        rest.split_once(':').filter(|_| !self.group)
    }

    /// As the tables print it.
    pub fn node(&self) -> (String, String) {
        match self.account() {
            Some((namespace, name)) => ("serviceaccount".to_owned(), format!("{namespace}/{name}")),
            None if self.group => ("group".to_owned(), self.name.clone()),
            None => ("user".to_owned(), self.name.clone()),
        }
    }

    /// Whether somebody who asks for one means this: "NAME", "KIND:NAME", or its user name.
    pub fn meant(&self, text: &str) -> bool {
        let (kind, name) = self.node();
        let behind = text
            .strip_prefix(&*kind)
            .and_then(|rest| rest.strip_prefix([':', ' ']));
        text == name || text == self.name || behind == Some(&*name)
    }

    /// As a subject of a binding.
    pub fn subject(&self) -> Value {
        match self.account() {
            Some((namespace, name)) => {
                json!({"kind": "ServiceAccount", "name": name, "namespace": namespace})
            }
            None => json!({
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": if self.group { "Group" } else { "User" },
                "name": self.name,
            }),
        }
    }

    /// What its own roles are called: a path segment, which no other subject has.
    pub fn role_name(&self) -> String {
        let (kind, name) = self.node();
        let plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '.' | '_' | '-' | ':' | '@');
        let text: String = name
            .replace('/', ":")
            .chars()
            .map(|one| if plain(one) { one } else { '-' })
            .take(180)
            .collect();
        // What was changed gets its own text's hash.
        if text == name || self.account().is_some() && text.len() == name.len() {
            return format!("as-used:{kind}:{text}");
        }
        let hash = self.name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        format!("as-used:{kind}:{text}-{hash:016x}")
    }
}
