//! Roles as vendors ship them, by digests of their rules. Source and form: the head of vendors.txt, which the script
//! `vendors` beside it makes of manifests.

use crate::facts::{PolicyRule, RoleKind};
use hashbrown::HashMap;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// A role that a vendor ships.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Shipped {
    pub vendor: &'static str,
    /// The versions in which it was read so, with commas between.
    pub versions: &'static str,
    digest: &'static str,
}

/// Whose a role is: of a vendor's name for it, and with no other rules than the vendor gives it.
pub(crate) fn of<'r>(
    kind: RoleKind,
    name: &str,
    rules: impl Iterator<Item = &'r PolicyRule>,
) -> Option<Shipped> {
    static ROLES: OnceLock<HashMap<(&str, &str), Vec<Shipped>>> = OnceLock::new();
    let all = ROLES.get_or_init(|| rows(include_str!("vendors.txt")));
    let named = all.get(&(kind.as_str(), name))?;
    let digest = digest(rules);
    named.iter().find(|one| one.digest == digest).copied()
}

/// The rows of a table by the kind and name of their role.
fn rows(text: &'static str) -> HashMap<(&'static str, &'static str), Vec<Shipped>> {
    let mut all: HashMap<_, Vec<Shipped>> = HashMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        if let (Some(vendor), Some(versions), Some(kind), Some(name), Some(digest)) = (
            words.next(),
            words.next(),
            words.next(),
            words.next(),
            words.next(),
        ) {
            all.entry((kind, name)).or_default().push(Shipped {
                vendor,
                versions,
                digest,
            });
        }
    }
    all
}

/// Half of the SHA-256 of rules, in hexadecimal: the same however rules and what is in them are ordered or repeated.
pub(crate) fn digest<'r>(rules: impl Iterator<Item = &'r PolicyRule>) -> String {
    let all: BTreeSet<[BTreeSet<&str>; 5]> = rules
        .map(|rule| {
            [
                &rule.verbs,
                &rule.groups,
                &rule.resources,
                &rule.names,
                &rule.urls,
            ]
            .map(|field| field.iter().map(|one| &**one).collect())
        })
        .collect();
    let text = serde_json::to_vec(&all).unwrap_or_default();
    let hash = Sha256::digest(text);
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Role;
    use crate::tests::read;
    use std::collections::BTreeMap;
    use std::fmt::Write;
    use std::path::{Path, PathBuf};

    const TABLE: &str = include_str!("vendors.txt");

    fn folders(of: &Path) -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> = std::fs::read_dir(of)
            .unwrap()
            .map(|one| one.unwrap().path())
            .collect();
        all.sort();
        all
    }

    fn name(of: &Path) -> String {
        of.file_name().unwrap().to_str().unwrap().to_owned()
    }

    /// The table of the manifests in `FOLDER/VENDOR/VERSION/`.
    fn table(folder: &Path) -> String {
        // By vendor, kind, name and digest: the versions.
        let mut all: BTreeMap<[String; 4], Vec<String>> = BTreeMap::new();
        for vendor in folders(folder) {
            for version in folders(&vendor) {
                let texts = folders(&version)
                    .into_iter()
                    .map(|file| std::fs::read_to_string(file).unwrap());
                let facts = read(&[&texts.collect::<Vec<_>>().join("\n---\n")]).0;
                for Role {
                    kind, meta, rules, ..
                } in &facts.roles
                {
                    if rules.is_empty() {
                        continue;
                    }
                    let digest = digest(rules.iter().map(|(rule, _)| rule));
                    let row = [
                        name(&vendor),
                        kind.as_str().to_owned(),
                        meta.name.to_string(),
                        digest,
                    ];
                    let versions = all.entry(row).or_default();
                    if !versions.contains(&name(&version)) {
                        versions.push(name(&version));
                    }
                }
            }
        }
        let mut text: String =
            TABLE
                .lines()
                .filter(|line| line.starts_with('#'))
                .fold(String::new(), |mut text, line| {
                    writeln!(text, "{line}").unwrap();
                    text
                });
        for ([vendor, kind, name, digest], versions) in &all {
            writeln!(text, "{vendor} {} {kind} {name} {digest}", versions.join(",")).unwrap();
        }
        text
    }

    /// With FOURSEE_VENDORS the table is made anew; see the script `vendors`.
    #[test]
    fn every_line_is_read_once() {
        if let Ok(folder) = std::env::var("FOURSEE_VENDORS") {
            let to = concat!(env!("CARGO_MANIFEST_DIR"), "/src/data/shipped/vendors.txt");
            std::fs::write(to, table(Path::new(&folder))).unwrap();
            return;
        }
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.is_sorted_by(|one, other| one.split(' ').next() <= other.split(' ').next()));
        let all = rows(TABLE);
        assert_eq!(all.values().map(Vec::len).sum::<usize>(), lines.len());
        for one in all.values().flatten() {
            assert_eq!(one.digest.len(), 32, "{one:?}");
            assert!(one.versions.starts_with('v'), "{one:?}");
        }
        let vendors: BTreeSet<&str> = all.values().flatten().map(|one| one.vendor).collect();
        assert!(vendors.len() >= 6, "{vendors:?}");
    }

    #[test]
    fn order_and_repetition_make_no_difference_and_everything_else_does() {
        let of = |rules: &str| {
            let text = format!(
                "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: r}}\nrules: [{rules}]\n"
            );
            let (facts, _) = read(&[&text]);
            digest(facts.roles[0].rules.iter().map(|(rule, _)| rule))
        };
        let one = of(
            "{verbs: [get, list], apiGroups: [''], resources: [pods]}, {verbs: [get], nonResourceURLs: [/a]}",
        );
        let other = of(
            "{verbs: [get], nonResourceURLs: [/a]}, {verbs: [list, get, get], apiGroups: [''], resources: [pods]}, {verbs: [get], nonResourceURLs: [/a]}",
        );
        assert_eq!(one, other);
        for changed in [
            "{verbs: [get, list], apiGroups: [''], resources: [pods]}, {verbs: [get], nonResourceURLs: [/b]}",
            "{verbs: [get, list], apiGroups: [''], resources: [pods], resourceNames: [a]}, {verbs: [get], nonResourceURLs: [/a]}",
            "{verbs: [get, list], apiGroups: [apps], resources: [pods]}, {verbs: [get], nonResourceURLs: [/a]}",
            "{verbs: [get, list], apiGroups: [''], resources: [pods]}",
        ] {
            assert_ne!(one, of(changed), "{changed}");
        }
    }
}
