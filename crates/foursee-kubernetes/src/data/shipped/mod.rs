//! The roles and bindings that Kubernetes makes by itself, by version. Source and form: the head of each file.

pub(crate) mod vendors;

use crate::facts::{PolicyRule, RoleKind};
use hashbrown::HashMap;
use std::sync::OnceLock;

/// The first version that the tables know.
pub(crate) const FIRST: u32 = 30;
/// The last version that the tables know.
pub(crate) const LAST: u32 = 37;

/// A right of a role, and the versions in which it may and must be there: bits, the lowest is [`FIRST`].
pub(crate) struct Right {
    pub rule: PolicyRule,
    pub allowed: u16,
    pub required: u16,
}

/// A role.
#[derive(Default)]
pub(crate) struct Role {
    /// Its rules are those of others.
    pub aggregated: bool,
    pub rights: Vec<Right>,
}

/// A binding.
pub(crate) struct Binding {
    pub role_kind: &'static str,
    pub role_name: &'static str,
    /// "Group:system:masters", "ServiceAccount:kube-system/attachdetach-controller", with its versions.
    pub subjects: Vec<(&'static str, u16)>,
}

/// "KIND NAMESPACE NAME", with - for no namespace, as the files begin their lines.
type Key = String;

fn key(kind: &str, namespace: &str, name: &str) -> Key {
    let namespace = if namespace.is_empty() { "-" } else { namespace };
    format!("{kind} {namespace} {name}")
}

/// A role that Kubernetes makes by itself.
pub(crate) fn role(kind: RoleKind, namespace: &str, name: &str) -> Option<&'static Role> {
    static ROLES: OnceLock<HashMap<Key, Role>> = OnceLock::new();
    let all = ROLES.get_or_init(|| roles(include_str!("roles.txt")));
    all.get(&key(kind.as_str(), namespace, name))
}

/// A binding that Kubernetes makes by itself.
pub(crate) fn binding(kind: &str, namespace: &str, name: &str) -> Option<&'static Binding> {
    static BINDINGS: OnceLock<HashMap<Key, Binding>> = OnceLock::new();
    let all = BINDINGS.get_or_init(|| bindings(include_str!("bindings.txt")));
    all.get(&key(kind, namespace, name))
}

/// Lines with those below them, without the head.
fn sections(text: &'static str) -> impl Iterator<Item = (Vec<&'static str>, Vec<&'static str>)> {
    let mut all: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match (line.strip_prefix(' '), all.last_mut()) {
            (Some(below), Some((_, lines))) => lines.push(below),
            _ => all.push((line.split(' ').collect(), Vec::new())),
        }
    }
    all.into_iter()
}

fn begins(head: &[&str]) -> Option<Key> {
    Some(head.get(..3)?.join(" "))
}

/// A line without its "@..." and that.
fn versions(line: &'static str) -> (&'static str, Option<&'static str>) {
    match line.rsplit_once(" @") {
        Some((rest, versions)) => (rest, Some(versions)),
        None => (line, None),
    }
}

fn bits(word: &str) -> u16 {
    u16::from_str_radix(word, 16).unwrap_or(0)
}

fn roles(text: &'static str) -> HashMap<Key, Role> {
    sections(text)
        .filter_map(|(head, lines)| {
            let role = Role {
                aggregated: head.get(3) == Some(&"aggregated"),
                rights: lines.into_iter().filter_map(right).collect(),
            };
            Some((begins(&head)?, role))
        })
        .collect()
}

fn right(line: &'static str) -> Option<Right> {
    let (line, versions) = versions(line);
    let (allowed, required) = versions
        .and_then(|versions| versions.split_once('/'))
        .map_or((u16::MAX, u16::MAX), |(allowed, required)| {
            (bits(allowed), bits(required))
        });
    let list = |words: &str| -> Vec<Box<str>> { words.split(',').map(Into::into).collect() };
    let mut words = line.split(' ');
    let (verbs, group, things) = (words.next()?, words.next()?, words.next()?);
    let mut rule = PolicyRule {
        verbs: list(verbs),
        ..PolicyRule::default()
    };
    if group == "url" {
        rule.urls = list(things);
    } else {
        rule.groups = list(if group == "-" { "" } else { group });
        rule.resources = list(things);
    }
    if let Some(names) = words.next() {
        rule.names = list(names.strip_prefix('=')?);
    }
    Some(Right {
        rule,
        allowed,
        required,
    })
}

fn bindings(text: &'static str) -> HashMap<Key, Binding> {
    sections(text)
        .filter_map(|(head, lines)| {
            let binding = Binding {
                role_kind: head.get(3)?,
                role_name: head.get(4)?,
                subjects: lines
                    .into_iter()
                    .map(|line| {
                        let (subject, versions) = versions(line);
                        (subject, versions.map_or(u16::MAX, bits))
                    })
                    .collect(),
            };
            Some((begins(&head)?, binding))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read() {
        let lines = |text: &str| text.lines().filter(|line| line.starts_with(' ')).count();
        let text = include_str!("roles.txt");
        let all = roles(text);
        assert_eq!(
            all.values().map(|one| one.rights.len()).sum::<usize>(),
            lines(text)
        );
        assert!(
            all.values()
                .flat_map(|one| &one.rights)
                .all(|one| one.allowed != 0)
        );
        let text = include_str!("bindings.txt");
        let bound = bindings(text);
        assert_eq!(
            bound.values().map(|one| one.subjects.len()).sum::<usize>(),
            lines(text)
        );
        for (name, one) in &bound {
            let namespace = name.split(' ').nth(1).filter(|_| one.role_kind == "Role");
            let role = key(one.role_kind, namespace.unwrap_or(""), one.role_name);
            assert!(all.contains_key(&role), "{name}: {role}");
        }
        assert!(role(RoleKind::ClusterRole, "", "admin").is_some_and(|one| one.aggregated));
    }
}
