//! Who has what other roles have, who may become them, and who may hand them on.
//!
//! Up to 15, privileges flow through a membership where the *member* is INHERIT (asked at every hop), and SET ROLE
//! follows every membership. From 16 on each grant has its options, several grants of one pair add up, and the two are
//! closures of their own. Source: src/backend/utils/adt/acl.c, `roles_is_member_of`.

use super::{Membership, NOBODY, Role, RoleId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Along which memberships to go.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Flow {
    /// Those that give privileges.
    Privileges,
    /// Those that allow SET ROLE.
    Set,
    /// All of them.
    Member,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Arc {
    to: RoleId,
    inherit: bool,
    set: bool,
    admin: bool,
}

/// Roles by number, and what they get through memberships. `pg_database_owner`, whose one member depends on the
/// database, is not in here.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Closures {
    names: Vec<String>,
    ids: BTreeMap<String, RoleId>,
    superusers: Vec<bool>,
    arcs: Vec<Vec<Arc>>,
    privileges: Vec<Vec<RoleId>>,
    set: Vec<Vec<RoleId>>,
    member: Vec<Vec<RoleId>>,
}

fn index(id: RoleId) -> usize {
    id as usize
}

impl Closures {
    pub(super) fn build(
        roles: &BTreeMap<String, Role>,
        memberships: &BTreeMap<(String, String, String), Membership>,
        major: u32,
    ) -> Self {
        // Number 0 is PUBLIC: no role has its name here.
        let mut all = Self {
            names: vec![String::new()],
            superusers: vec![false],
            ..Self::default()
        };
        for (at, role) in roles.values().enumerate() {
            all.ids
                .insert(role.name.clone(), RoleId::try_from(at + 1).unwrap_or(NOBODY));
            all.names.push(role.name.clone());
            all.superusers.push(role.superuser);
        }
        all.arcs = vec![Vec::new(); all.names.len()];
        for one in memberships.values() {
            let (member, to) = (all.id(&one.member), all.id(&one.role));
            if to == NOBODY {
                continue;
            }
            let by_attribute = roles.get(&one.member).is_some_and(|role| role.inherit);
            let arc = Arc {
                to,
                inherit: if major >= 16 {
                    one.inherit.unwrap_or(by_attribute)
                } else {
                    by_attribute
                },
                set: major < 16 || one.set.unwrap_or(true),
                admin: one.admin,
            };
            if let Some(row) = all.arcs.get_mut(index(member)) {
                row.push(arc);
            }
        }
        let ids = 0..all.names.len();
        let every = |flow: Flow| -> Vec<Vec<RoleId>> {
            ids.clone()
                .map(|id| all.walk(RoleId::try_from(id).unwrap_or(NOBODY), flow))
                .collect()
        };
        let (privileges, set, member) = (every(Flow::Privileges), every(Flow::Set), every(Flow::Member));
        (all.privileges, all.set, all.member) = (privileges, set, member);
        all
    }

    fn arcs(&self, id: RoleId) -> impl Iterator<Item = &Arc> {
        self.arcs.get(index(id)).into_iter().flatten()
    }

    fn walk(&self, from: RoleId, flow: Flow) -> Vec<RoleId> {
        let mut seen = BTreeSet::from([from]);
        let mut work = vec![from];
        while let Some(id) = work.pop() {
            for arc in self.arcs(id).filter(|arc| arc.goes(flow)) {
                if seen.insert(arc.to) {
                    work.push(arc.to);
                }
            }
        }
        seen.into_iter().collect()
    }

    /// A role's number; [`NOBODY`] where there is none of that name.
    #[must_use]
    pub fn id(&self, name: &str) -> RoleId {
        self.ids.get(name).copied().unwrap_or(NOBODY)
    }

    /// A role's name.
    #[must_use]
    pub fn name(&self, id: RoleId) -> Option<&str> {
        self.names
            .get(index(id))
            .map(String::as_str)
            .filter(|name| !name.is_empty())
    }

    /// Whether it is a superuser.
    #[must_use]
    pub fn superuser(&self, id: RoleId) -> bool {
        self.superusers.get(index(id)).copied().unwrap_or(false)
    }

    /// What a role gets to along memberships, itself among them, in order.
    #[must_use]
    pub fn reached(&self, from: RoleId, flow: Flow) -> &[RoleId] {
        let table = match flow {
            Flow::Privileges => &self.privileges,
            Flow::Set => &self.set,
            Flow::Member => &self.member,
        };
        table.get(index(from)).map_or(&[], Vec::as_slice)
    }

    /// Whether a role gets to another along memberships.
    #[must_use]
    pub fn reaches(&self, from: RoleId, to: RoleId, flow: Flow) -> bool {
        self.reached(from, flow).binary_search(&to).is_ok()
    }

    /// Whether a role holds ADMIN OPTION on another, over memberships of any kind.
    #[must_use]
    pub fn admin(&self, from: RoleId, of: RoleId) -> bool {
        self.reached(from, Flow::Member)
            .iter()
            .any(|id| self.admin_directly(*id, of))
    }

    /// Whether one of a role's own memberships has ADMIN OPTION on another.
    #[must_use]
    pub fn admin_directly(&self, from: RoleId, of: RoleId) -> bool {
        self.arcs(from).any(|arc| arc.to == of && arc.admin)
    }

    /// The roles on the shortest way from one to another, both among them; empty where there is none.
    #[must_use]
    pub fn way(&self, from: RoleId, to: RoleId, flow: Flow) -> Vec<RoleId> {
        let mut before: BTreeMap<RoleId, RoleId> = BTreeMap::from([(from, from)]);
        let mut work = VecDeque::from([from]);
        while let Some(id) = work.pop_front() {
            if id == to {
                break;
            }
            for arc in self.arcs(id).filter(|arc| arc.goes(flow)) {
                before.entry(arc.to).or_insert_with(|| {
                    work.push_back(arc.to);
                    id
                });
            }
        }
        let mut way = vec![to];
        let mut at = to;
        while let Some(prior) = before.get(&at) {
            if *prior == at {
                way.reverse();
                return way;
            }
            way.push(*prior);
            at = *prior;
        }
        Vec::new()
    }

    /// The direct memberships of a role along a flow: the roles that it is a member of.
    #[must_use]
    pub fn direct(&self, from: RoleId, flow: Flow) -> BTreeSet<RoleId> {
        self.arcs(from)
            .filter(|arc| arc.goes(flow))
            .map(|arc| arc.to)
            .collect()
    }
}

impl Arc {
    const fn goes(self, flow: Flow) -> bool {
        match flow {
            Flow::Privileges => self.inherit,
            Flow::Set => self.set,
            Flow::Member => true,
        }
    }
}
