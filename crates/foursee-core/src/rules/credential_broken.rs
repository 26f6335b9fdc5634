//! The rule `core-credential-broken`.

use crate::estate::Verdict;
use crate::finding::{Finding, Findings, Meta};
use crate::layer::{Rule, View};

crate::rule! {
    /// A credential is meant for an identity that refuses it.
    ///
    /// ## Why
    /// An annotation or association says that a workload becomes an identity, and that identity's trust does not
    /// accept the workload's credential. The workload fails, or works through another, wider way; and a trust that is
    /// mended in a hurry is often opened too far.
    ///
    /// ## Evidence
    /// The statement that presents the credential, and what it is meant for.
    ///
    /// ## Fix
    /// Name this subject, issuer and audience in the identity's trust, or remove the annotation.
    pub CredentialBroken: "core-credential-broken", Low, needs []
}

impl Rule for CredentialBroken {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, ()>, out: &mut Findings) {
        for bond in see
            .estate
            .bonds
            .iter()
            .filter(|bond| bond.verdict == Verdict::Broken)
        {
            let (Some(presenter), Some(acceptor), Some(place)) =
                (bond.presenter, bond.acceptor, bond.presented_at)
            else {
                continue;
            };
            let cause = format!("{} meant for {}", bond.credential(), see.estate.name(acceptor));
            let mut finding = Finding::new(
                &Self::META,
                cause,
                place,
                format!("presents {}", bond.credential()),
            )
            .title(format!(
                "{} presents {}, which {} refuses",
                see.estate.show(presenter),
                bond.credential(),
                see.estate.show(acceptor)
            ));
            finding.scope = see.estate.node(presenter).map(|node| node.scope);
            if let Some(kind) = see.estate.kind(presenter) {
                finding = finding.identity(&kind.name, see.estate.name(presenter));
            }
            if let Some(kind) = see.estate.kind(acceptor) {
                finding = finding.resource(&kind.name, see.estate.name(acceptor));
            }
            out.push(finding);
        }
    }
}
