//! The rule `core-identity-shared`.

use crate::document::Place;
use crate::estate::Verdict;
use crate::finding::{Finding, Findings, Meta};
use crate::layer::{Rule, View};
use crate::model::{Class, NodeId, Verb};
use std::collections::BTreeMap;

crate::rule! {
    /// Several workloads act as one identity.
    ///
    /// ## Why
    /// Who gets into one of them has what all of them need; no grant can be removed without asking every owner, and
    /// the platform's log cannot tell which of them did something. It is the commonest reason why an identity cannot
    /// go down a rung.
    ///
    /// ## Evidence
    /// The statement by which each workload has the identity. Of what a rule of its own layer reports, as
    /// `kubernetes-account-shared` does of service accounts that are granted something, this one is silent.
    ///
    /// ## Fix
    /// Give each workload an identity of its own, with the part of the grants that it uses.
    pub IdentityShared: "core-identity-shared", Low, needs []
}

impl Rule for IdentityShared {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, ()>, out: &mut Findings) {
        let estate = see.estate;
        let class = |id: NodeId| estate.kind(id).map(|kind| kind.class);
        // Identity -> the workloads that are it, each with the statement that says so.
        let mut users: BTreeMap<NodeId, BTreeMap<NodeId, Place>> = BTreeMap::new();
        let mut uses = |workload: NodeId, identity: NodeId, place: Place| {
            let real = estate.node(identity).is_some_and(|node| !node.selector);
            if real && class(workload) == Some(Class::Workload) && class(identity) == Some(Class::Identity) {
                users
                    .entry(identity)
                    .or_default()
                    .entry(workload)
                    .or_insert(place);
            }
        };
        for edge in &estate.edges {
            if estate
                .technique(edge.technique)
                .is_some_and(|row| row.verb == Verb::Become)
            {
                uses(edge.from, edge.to, edge.place);
            }
        }
        for bond in estate.bonds.iter().filter(|bond| bond.verdict == Verdict::Works) {
            if let (Some(presenter), Some(acceptor), Some(place)) =
                (bond.presenter, bond.acceptor, bond.presented_at)
            {
                uses(presenter, acceptor, place);
            }
        }
        for (identity, workloads) in users.iter().filter(|(_, workloads)| workloads.len() > 1) {
            let (Some(kind), Some((first, place))) = (estate.kind(*identity), workloads.first_key_value())
            else {
                continue;
            };
            let name = estate.name(*identity);
            let mut finding = Finding::new(
                &Self::META,
                format!("{} {name}", kind.name),
                *place,
                format!("{} has it", estate.show(*first)),
            )
            .title(format!(
                "{} workloads act as {} {name}",
                workloads.len(),
                kind.name
            ))
            .resource(&kind.name, name);
            for (workload, place) in workloads {
                if let Some(kind) = estate.kind(*workload) {
                    finding = finding.identity(&kind.name, estate.name(*workload));
                }
                finding = finding.evidence(*place, format!("{} has it", estate.show(*workload)));
            }
            finding.scope = estate.node(*identity).map(|node| node.scope);
            out.push(finding);
        }
    }
}
