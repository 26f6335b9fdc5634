//! Roles of instances, behind their metadata service: who asks it on the instance, or from a container's own network.
//!
//! A container that has a network of its own is a hop away: a token reaches it only where the hop limit is two or more, or
//! where no token is asked for. Source: Amazon EC2 User Guide, "Configure the Instance Metadata Service options".

use super::ROLE;
use crate::facts::{Facts, Instance};
use foursee_core::estate::{Accepted, Lowering};
use foursee_core::layer::{CredentialRef, Holds};
use foursee_core::model::{Certainty, ConditionId, Foothold, Gap, Pattern, Reason};

/// The kind of the credential: its subject is the instance's id, its audience where it is asked from.
pub(super) const KIND: &str = "instance-metadata";
const HOST: &str = "host";
const CONTAINER: &str = "container";
/// Where the metadata options were not in the export.
const UNSAID: &str = "the instance's metadata service answers so far: the export does not say its options";

/// From where an instance's metadata service answers, and whether that is known.
fn answers(one: &Instance) -> (Vec<&'static str>, bool) {
    if one.served == Some(false) {
        return (Vec::new(), true);
    }
    match one.hops {
        Some(hops) if hops < 2 => (vec![HOST], true),
        Some(_) => (vec![HOST, CONTAINER], true),
        None => (vec![HOST, CONTAINER], false),
    }
}

pub(super) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    for one in &facts.instances {
        let Some(role) = facts
            .roles
            .iter()
            .find(|role| role.profiles.contains(&one.profile))
        else {
            out.gap(
                Gap::new(Reason::NotCaptured, format!("instance profile {}", one.profile))
                    .facet("its role")
                    .hides(format!("what whoever gets to instance {} may do", one.id))
                    .closes("aws iam get-account-authorization-details")
                    .at(one.place),
            );
            continue;
        };
        let (from, known) = answers(one);
        if from.is_empty() {
            continue;
        }
        let by = out.node(&ROLE, &role.arn);
        let (certainty, condition) = if known {
            (Certainty::Certain, ConditionId(0))
        } else {
            (Certainty::Conditional, out.condition(UNSAID))
        };
        out.accept(Accepted {
            by,
            gives: Foothold::Acts,
            kind: KIND.into(),
            realm: "aws".into(),
            subject: Pattern::Exact((&*one.id).into()),
            audience: from.into_iter().map(Into::into).collect(),
            certainty,
            condition,
            place: one.place,
        });
    }
}

/// Whether an instance's metadata service hands out a role to whoever asks from there.
pub(super) fn accepts(facts: &Facts, role: &str, credential: CredentialRef<'_>) -> Holds {
    let profiles = facts
        .role(role)
        .map(|role| role.profiles.as_slice())
        .unwrap_or_default();
    let found = facts
        .instances
        .iter()
        .find(|one| *one.id == *credential.subject && profiles.contains(&one.profile));
    match found.map(answers) {
        Some((from, known)) if from.contains(&credential.audience) => {
            if known {
                Holds::Yes
            } else {
                Holds::If(UNSAID.to_owned())
            }
        }
        Some(_) => Holds::No("its metadata service does not answer so far".to_owned()),
        None => Holds::No("no instance of that id has its profile".to_owned()),
    }
}
