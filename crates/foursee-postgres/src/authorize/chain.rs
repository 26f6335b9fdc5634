//! Why something is granted: the statement that decided, and the memberships that lead to it.

use super::{Ask, ObjectKind};
use crate::facts::{AclItem, Flow, PUBLIC, RoleId};

/// What decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why<'f> {
    /// The subject is a superuser.
    Superuser,
    /// The subject is the owner, or has what the owner has.
    Owner(RoleId),
    /// PUBLIC has it, because nobody changed the object's grants.
    PublicDefault(ObjectKind),
    /// An item of the ACL.
    Item(&'f AclItem),
    /// Membership of a predefined role.
    Predefined(RoleId),
    /// Membership itself, along that flow.
    Membership(RoleId, Flow),
    /// ADMIN OPTION over memberships.
    Admin(RoleId),
}

impl Ask<'_> {
    /// The chain, from the subject to the statement, on `object` ("table public.customers").
    #[must_use]
    pub fn chain(&self, why: Why<'_>, object: &str) -> Vec<String> {
        let name = |id: RoleId| match id {
            PUBLIC => "PUBLIC".to_owned(),
            id => self.facts.closures.name(id).unwrap_or("?").to_owned(),
        };
        match why {
            Why::Superuser => vec![format!("{} is a superuser", name(self.subject))],
            Why::Owner(owner) => {
                let mut chain = self.way(owner, Flow::Privileges);
                chain.push(format!("{} owns {object}", name(owner)));
                chain
            }
            Why::PublicDefault(kind) => vec![format!(
                "PUBLIC has {} on every {} whose grants nobody changed",
                kind.public_rights(),
                kind.as_str()
            )],
            Why::Item(item) => {
                let mut chain = if item.role == PUBLIC {
                    Vec::new()
                } else {
                    self.way(item.role, Flow::Privileges)
                };
                chain.push(format!("{item} on {object}"));
                chain
            }
            Why::Predefined(role) => {
                let mut chain = self.way(role, Flow::Privileges);
                chain.push(format!("{} has it on all", name(role)));
                chain
            }
            Why::Membership(role, flow) => self.way(role, flow),
            Why::Admin(role) => {
                let holder = self
                    .facts
                    .closures
                    .reached(self.subject, Flow::Member)
                    .iter()
                    .copied()
                    .find(|id| self.facts.closures.admin_directly(*id, role));
                let mut chain = holder.map_or_else(Vec::new, |id| self.way(id, Flow::Member));
                chain.push(format!(
                    "{} holds ADMIN OPTION on {}",
                    holder.map_or_else(String::new, name),
                    name(role)
                ));
                chain
            }
        }
    }

    /// The memberships from the subject to a role, as sentences.
    fn way(&self, to: RoleId, flow: Flow) -> Vec<String> {
        let closures = &self.facts.closures;
        let says = match flow {
            Flow::Privileges => "inherits",
            Flow::Set => "may SET ROLE to",
            Flow::Member => "is a member of",
        };
        let name = |id: RoleId| closures.name(id).unwrap_or("?");
        let sentences = |way: &[RoleId]| -> Vec<String> {
            way.iter()
                .zip(way.iter().skip(1))
                .map(|(from, to)| format!("{} {says} {}", name(*from), name(*to)))
                .collect()
        };
        let way = closures.way(self.subject, to, flow);
        if !way.is_empty() {
            return sentences(&way);
        }
        let owner = self.facts.owner_of(self.database);
        let way = closures.way(self.subject, owner, flow);
        if way.is_empty() {
            return Vec::new();
        }
        let mut all = sentences(&way);
        all.push(format!(
            "{} owns database {} and so is a member of {}",
            name(owner),
            self.database,
            name(to)
        ));
        all
    }
}
