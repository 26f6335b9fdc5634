//! The rule `kafka-principal-shared`.

use super::given;
use crate::facts::{ANONYMOUS, Acl, EVERYBODY, Facts, Operation, ResourceType};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Certainty, Sym};
use std::collections::{BTreeMap, BTreeSet};

foursee_core::rule! {
    /// Programs that have nothing in common act as one principal.
    ///
    /// ## Why
    /// Each has the rights of all of them, so whoever gets into one gets what the others read and write; and what one
    /// did cannot be told from what another did. A program of many copies has many hosts too, but they share its
    /// consumer group: here two groups were read from hosts that are all different.
    ///
    /// ## Evidence
    /// An ACL that lets the principal read in one of the groups; the groups and hosts of the authorizer's log.
    ///
    /// ## Fix
    /// Give each program a principal of its own, with the ACLs that it uses.
    pub PrincipalShared: "kafka-principal-shared", Low, needs ["acls", "authorizer-log"]
}

impl Rule<Facts> for PrincipalShared {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let mut read: BTreeMap<Sym, BTreeMap<Sym, BTreeSet<Sym>>> = BTreeMap::new();
        for one in facts.usage.uses.keys() {
            if one.allowed && one.kind == ResourceType::Group && one.operation == Operation::Read {
                let groups = read.entry(one.principal).or_default();
                groups.entry(one.name).or_default().insert(one.host);
            }
        }
        let mut first: BTreeMap<Sym, &Acl> = BTreeMap::new();
        for one in given(facts) {
            if one.acl.kind == ResourceType::Group && one.gives(Operation::Read) {
                first.entry(one.acl.principal).or_insert(one.acl);
            }
        }
        for (principal, groups) in &read {
            let name = facts.word(*principal);
            let Some(acl) = first.get(principal).filter(|_| name != ANONYMOUS && name != EVERYBODY) else { continue };
            let apart = programs(groups);
            if apart.len() < 2 {
                continue;
            }
            let shown: Vec<String> = apart
                .iter()
                .map(|(group, hosts)| {
                    let hosts: Vec<&str> = hosts.iter().take(5).map(|host| facts.word(*host)).collect();
                    format!("{} from {}", facts.word(*group), hosts.join(", "))
                })
                .collect();
            out.push(
                Finding::new(&Self::META, format!("use of {name}"), acl.place, facts.binding(acl))
                    .title(format!("{name} is shared by {} programs: {}", apart.len(), shown.join("; ")))
                    // One machine may be given another address, and one program may read in two groups.
                    .certainty(Certainty::Ask)
                    .identity("principal", name),
            );
        }
    }
}

/// Groups whose hosts no other one of them has, in the order of names: of those that share hosts, the first stands
/// for all.
fn programs(groups: &BTreeMap<Sym, BTreeSet<Sym>>) -> Vec<(Sym, BTreeSet<Sym>)> {
    let mut all: Vec<(Sym, BTreeSet<Sym>)> = Vec::new();
    for (group, hosts) in groups {
        let mut joined = (*group, hosts.clone());
        let mut rest = Vec::new();
        for one in all {
            if one.1.is_disjoint(&joined.1) {
                rest.push(one);
            } else {
                joined.0 = joined.0.min(one.0);
                joined.1.extend(one.1);
            }
        }
        rest.push(joined);
        all = rest;
    }
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes, found};

    const RULE: &str = "kafka-principal-shared";
    const LINES: [&str; 1] = ["User:app ALLOW READ GROUP *"];

    fn log(rows: &[(&str, &str, &str)]) -> String {
        rows.iter()
            .map(|(principal, group, host)| format!("[2026-11-24 04:35:04,356] DEBUG Principal = {principal} is Allowed operation = READ from host = {host} on resource = Group:LITERAL:{group} for request = JoinGroup with resourceRefCount = 1 based on rule MatchingAcl(acl=StandardAcl[]) (kafka.authorizer.logger)\n"))
            .collect()
    }

    #[test]
    fn groups_without_a_common_host_fire() {
        let log = log(&[("User:app", "billing", "10.0.0.1"), ("User:app", "mail", "10.0.0.2"), ("User:app", "mail", "10.0.0.3")]);
        let all = found(RULE, &[("acls.json", &*acls(&LINES)), ("authorizer.log", &*log)]);
        let titles: Vec<&str> = all.iter().map(|one| &*one.title).collect();
        assert_eq!(titles, ["User:app is shared by 2 programs: billing from 10.0.0.1; mail from 10.0.0.2, 10.0.0.3"]);
    }

    #[test]
    fn copies_of_one_program_are_silent() {
        let log = log(&[("User:app", "billing", "10.0.0.1"), ("User:app", "billing", "10.0.0.2")]);
        assert!(causes(RULE, &[("acls.json", &*acls(&LINES)), ("authorizer.log", &*log)]).is_empty());
    }

    #[test]
    fn groups_that_hosts_join_are_silent() {
        // The third has a host of each of the others.
        let log = log(&[
            ("User:app", "a", "10.0.0.1"),
            ("User:app", "b", "10.0.0.2"),
            ("User:app", "c", "10.0.0.1"),
            ("User:app", "c", "10.0.0.2"),
            ("User:other", "d", "10.0.0.9"),
        ]);
        assert!(causes(RULE, &[("acls.json", &*acls(&LINES)), ("authorizer.log", &*log)]).is_empty());
    }
}
