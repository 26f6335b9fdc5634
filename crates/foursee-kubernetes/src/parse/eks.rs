//! What `aws eks` prints of a cluster: its access entries, their access policies, its Pod Identity associations.

use super::Source;
use super::file::{boxed, shape};
use super::shapes::*;
use crate::facts::{AccessEntry, Facts, PodIdentity, PolicyAssociation};
use foursee_core::document::{Head, Notes};
use foursee_core::layer::{Claim, ScopeClaim};
use foursee_core::model::{Gap, Reason};

/// Which of the commands printed a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Printed {
    Entry,
    Entries,
    Policies,
    Associations,
}

impl Printed {
    /// The command whose output has that key at its top.
    pub(super) fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "accessEntry" => Self::Entry,
            "accessEntries" => Self::Entries,
            "associatedAccessPolicies" => Self::Policies,
            "associations" | "association" => Self::Associations,
            _ => return None,
        })
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Entry | Self::Entries => "eks-access-entries",
            Self::Policies => "eks-access-policies",
            Self::Associations => "eks-pod-identities",
        }
    }
}

/// Whether a document is the output of one of the commands.
pub(super) fn recognise(head: &Head<'_>) -> Option<Claim> {
    let ours = |arn: Option<&str>, part: &str| arn.is_some_and(|arn| arn.contains(part));
    let printed = if ours(head.get("/accessEntry/principalArn"), ":iam:") {
        Printed::Entry
    } else if head.has_key("accessEntries") {
        Printed::Entries
    } else if head.has_key("associatedAccessPolicies") {
        Printed::Policies
    } else if ours(
        head.get("/associations/0/associationArn")
            .or_else(|| head.get("/association/associationArn")),
        ":podidentityassociation/",
    ) || empty_associations(head)
    {
        Printed::Associations
    } else {
        return None;
    };
    Some(Claim::state(printed.kind(), ScopeClaim::Unsaid))
}

/// `{"associations": []}`, which says that there are none.
fn empty_associations(head: &Head<'_>) -> bool {
    let text = head.text();
    head.has_key("associations")
        && text.len() < 200
        && text
            .chars()
            .filter(|one| !one.is_whitespace())
            .collect::<String>()
            == r#"{"associations":[]}"#
}

/// Files one document.
pub(super) fn read(source: Source<'_>, text: &str, printed: Printed, facts: &mut Facts, notes: &mut Notes) {
    let kind = printed.kind();
    let read = match printed {
        Printed::Entry => {
            shape::<EntryDocument<'_>>(text).map(|one| entry(source, &one.access_entry, facts, notes))
        }
        Printed::Entries => shape::<EntriesDocument<'_>>(text).map(|one| {
            more(source, &one.next_token, "aws eks list-access-entries", notes);
            let listed = one.access_entries.iter().filter(|arn| !arn.is_empty());
            let listed = listed.map(|arn| ((&**arn).into(), source.place(arn)));
            facts.aws.listed.extend(listed);
            facts.kinds.insert("AccessEntry".into(), true);
        }),
        Printed::Policies => {
            shape::<PoliciesDocument<'_>>(text).map(|one| policies(source, &one, facts, notes))
        }
        Printed::Associations => shape::<AssociationsDocument<'_>>(text).map(|one| {
            more(
                source,
                &one.next_token,
                "aws eks list-pod-identity-associations",
                notes,
            );
            if one.association.is_none() {
                facts.kinds.insert("PodIdentityAssociation".into(), true);
            }
            for one in one.associations.iter().chain(&one.association) {
                association(source, one, facts, notes);
            }
        }),
    };
    if read.is_err() {
        notes.gap(
            Gap::new(Reason::Malformed, format!("a document of kind {kind}"))
                .hides("what AWS says of the cluster there")
                .closes("the same aws eks command again, with --output json")
                .at(source.document.at(source.base)),
        );
    }
}

fn more(source: Source<'_>, token: &str, command: &str, notes: &mut Notes) {
    if !token.is_empty() {
        notes.gap(
            Gap::new(Reason::Truncated, format!("further pages of {command}"))
                .hides("what they list")
                .closes(format!("{command} without --max-items"))
                .at(source.place(token)),
        );
    }
}

fn incomplete(what: &str, lacks: &str) -> Gap {
    Gap::new(Reason::Malformed, what)
        .facet(format!("one without {lacks}"))
        .hides("whom it lets in, or to what")
        .closes("the same aws eks command again, with --output json")
}

fn entry(source: Source<'_>, one: &EntryShape<'_>, facts: &mut Facts, notes: &mut Notes) {
    if one.principal_arn.is_empty() {
        notes.gap(incomplete("an access entry", "principalArn").at(source.document.at(source.base)));
        return;
    }
    facts.aws.entries.push(AccessEntry {
        principal: (&*one.principal_arn).into(),
        cluster: (&*one.cluster_name).into(),
        sort: if one.sort.is_empty() {
            "STANDARD"
        } else {
            &one.sort
        }
        .into(),
        username: (&*one.username).into(),
        groups: one
            .kubernetes_groups
            .iter()
            .map(|group| ((&**group).into(), source.place(group)))
            .collect(),
        place: source.place(&one.principal_arn),
    });
}

fn policies(source: Source<'_>, one: &PoliciesDocument<'_>, facts: &mut Facts, notes: &mut Notes) {
    more(
        source,
        &one.next_token,
        "aws eks list-associated-access-policies",
        notes,
    );
    let principal = &*one.principal_arn;
    if principal.is_empty() {
        notes.gap(
            incomplete("associated access policies", "principalArn").at(source.document.at(source.base)),
        );
        return;
    }
    facts.aws.asked.push((principal.into(), source.place(principal)));
    for policy in one.associated_access_policies.iter() {
        let place = source.place(&policy.policy_arn);
        let within = match &*policy.access_scope.sort {
            "cluster" => None,
            "namespace" => Some(boxed(&policy.access_scope.namespaces)),
            _ => {
                notes.gap(incomplete("an associated access policy", "a known accessScope").at(place));
                continue;
            }
        };
        if policy.policy_arn.is_empty() {
            notes.gap(incomplete("an associated access policy", "policyArn").at(place));
            continue;
        }
        facts.aws.policies.push(PolicyAssociation {
            principal: principal.into(),
            cluster: (&*one.cluster_name).into(),
            policy: (&*policy.policy_arn).into(),
            within,
            place,
        });
    }
}

fn association(source: Source<'_>, one: &AssociationShape<'_>, facts: &mut Facts, notes: &mut Notes) {
    let said = |text: &str| (!text.is_empty()).then(|| Box::<str>::from(text));
    let arn = said(&one.association_arn).or_else(|| said(&one.association_id));
    let (Some(arn), false, false) = (arn, one.namespace.is_empty(), one.service_account.is_empty()) else {
        notes.gap(
            incomplete(
                "a Pod Identity association",
                "its id, namespace or serviceAccount",
            )
            .at(source.document.at(source.base)),
        );
        return;
    };
    facts.aws.pod_identities.push(PodIdentity {
        cluster: (&*one.cluster_name).into(),
        account: format!("{}/{}", &*one.namespace, &*one.service_account).into(),
        role: said(&one.role_arn),
        target: said(&one.target_role_arn),
        tagged: !one.disable_session_tags.unwrap_or(false),
        narrowed: one.policy.is_some(),
        place: source.place(&arn),
        arn,
    });
}
