//! The rule `core-credential-dormant`.

use crate::estate::{Presented, Verdict};
use crate::finding::{Finding, Findings, Meta};
use crate::layer::{Rule, View};
use crate::model::Foothold;
use std::collections::BTreeSet;

crate::rule! {
    /// An identity accepts a credential that nobody presents yet.
    ///
    /// ## Why
    /// Whoever may create that subject (a service account of that name) gets in, and nobody would notice a change of
    /// the trust. Such trusts are left over from workloads that have gone, or wait for some that never came. Only
    /// credentials count that an audited scope makes out by itself: a login with a password waits for nobody.
    ///
    /// ## Evidence
    /// The trust statement that accepts the credential.
    ///
    /// ## Fix
    /// Remove the statement, or narrow it to the subject that is to use it.
    pub CredentialDormant: "core-credential-dormant", Medium, needs []
}

impl Rule for CredentialDormant {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, ()>, out: &mut Findings) {
        // Issuers: where some identity could have a credential made out for itself.
        let mints = |one: &&Presented| one.at == Foothold::Spawns;
        let issuers: BTreeSet<(&str, String)> = see
            .estate
            .presented
            .iter()
            .filter(mints)
            .map(|one| (&*one.kind, one.realm.to_lowercase()))
            .collect();
        for bond in see
            .estate
            .bonds
            .iter()
            .filter(|bond| bond.verdict == Verdict::Dormant)
        {
            if !issuers.contains(&(&*bond.kind, bond.realm.to_lowercase())) {
                continue;
            }
            let (Some(acceptor), Some(place)) = (bond.acceptor, bond.accepted_at) else {
                continue;
            };
            let name = see.estate.name(acceptor);
            let mut finding = Finding::new(
                &Self::META,
                format!("{} accepted by {name}", bond.credential()),
                place,
                format!("accepts {}", bond.credential()),
            )
            .title(format!(
                "{} accepts {}, which nobody presents",
                see.estate.show(acceptor),
                bond.credential()
            ));
            finding.scope = see.estate.node(acceptor).map(|node| node.scope);
            if let Some(kind) = see.estate.kind(acceptor) {
                finding = finding.identity(&kind.name, name);
            }
            out.push(finding);
        }
    }
}
