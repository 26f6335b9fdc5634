//! Who has what other roles have, who may become them, and who may hand them on.
//!
//! Up to 15, privileges flow through a membership where the *member* is INHERIT (asked at every hop), and SET ROLE
//! follows every membership. From 16 on each grant has its options, several grants of one pair add up, and the two are
//! closures of their own. Source: src/backend/utils/adt/acl.c, `roles_is_member_of`.

use super::{Membership, NOBODY, Role, RoleId};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc as Shared, Mutex, PoisonError};

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
    ids: HashMap<String, RoleId>,
    database_owner: Option<RoleId>,
    superusers: Vec<bool>,
    arcs: Vec<Vec<Arc>>,
    /// The other way: who is a member, and by which of its arcs.
    members: Vec<Vec<(RoleId, Arc)>>,
    /// What each role gets to, written out; none where that would be more than [`WRITTEN`] in all.
    tables: Option<[Vec<Vec<RoleId>>; 3]>,
    gets: Gets,
}

/// So many (role, role) pairs of one flow are written out. A chain of 100,000 roles would be five thousand million.
const WRITTEN: usize = 512 << 10;

/// Roles, as bits by number.
type Bits = Shared<Vec<u64>>;

/// Who gets to a role, for the roles that were asked for last.
#[derive(Default)]
struct Gets(Mutex<BTreeMap<(Flow, RoleId), Bits>>);

/// So many words of these are kept.
const KEPT: usize = 4 << 20;

impl Clone for Gets {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Gets {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Gets {}

impl std::fmt::Debug for Gets {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Gets")
    }
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
        all.database_owner = all.ids.get("pg_database_owner").copied();
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
        all.members = vec![Vec::new(); all.names.len()];
        for (from, row) in all.arcs.iter().enumerate() {
            for arc in row {
                if let Some(slot) = all.members.get_mut(index(arc.to)) {
                    slot.push((RoleId::try_from(from).unwrap_or(NOBODY), *arc));
                }
            }
        }
        all.tables = (|| {
            Some([
                all.written(Flow::Privileges)?,
                all.written(Flow::Set)?,
                all.written(Flow::Member)?,
            ])
        })();
        all
    }

    fn written(&self, flow: Flow) -> Option<Vec<Vec<RoleId>>> {
        let mut pairs = 0_usize;
        (0..self.names.len())
            .map(|id| {
                let row = self.walk(RoleId::try_from(id).unwrap_or(NOBODY), flow);
                pairs += row.len();
                (pairs <= WRITTEN).then_some(row)
            })
            .collect()
    }

    /// Who gets to a role, as bits by number.
    fn gets_to(&self, to: RoleId, flow: Flow) -> Bits {
        let mut known = self.gets.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(&(flow, to)) {
            return Shared::clone(found);
        }
        let words = self.names.len().div_ceil(64);
        let mut bits = vec![0_u64; words];
        let mut add = |id: RoleId| {
            let Some(word) = bits.get_mut(index(id) / 64) else {
                return false;
            };
            let bit = 1 << (id % 64);
            let new = *word & bit == 0;
            *word |= bit;
            new
        };
        add(to);
        let mut work = vec![to];
        while let Some(id) = work.pop() {
            for (from, arc) in self.members.get(index(id)).into_iter().flatten() {
                if arc.goes(flow) && add(*from) {
                    work.push(*from);
                }
            }
        }
        if (known.len() + 1) * words > KEPT {
            known.clear();
        }
        let bits = Shared::new(bits);
        known.insert((flow, to), Shared::clone(&bits));
        bits
    }

    /// Who gets to a role along memberships, itself among them, in order.
    pub(crate) fn getters(&self, to: RoleId, flow: Flow) -> Vec<RoleId> {
        let bits = self.gets_to(to, flow);
        let words = bits.iter().zip((0..).step_by(64));
        words
            .filter(|(word, _)| **word != 0)
            .flat_map(|(word, base)| {
                (0..64)
                    .filter(move |bit| word >> bit & 1 != 0)
                    .map(move |bit| base + bit)
            })
            .collect()
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

    /// The number of `pg_database_owner`; [`NOBODY`] where there is none.
    #[must_use]
    pub fn database_owner(&self) -> RoleId {
        self.database_owner.unwrap_or(NOBODY)
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
    pub fn reached(&self, from: RoleId, flow: Flow) -> Cow<'_, [RoleId]> {
        match &self.tables {
            Some([privileges, set, member]) => {
                let table = match flow {
                    Flow::Privileges => privileges,
                    Flow::Set => set,
                    Flow::Member => member,
                };
                Cow::Borrowed(table.get(index(from)).map_or(&[], Vec::as_slice))
            }
            None if index(from) < self.names.len() => Cow::Owned(self.walk(from, flow)),
            None => Cow::Borrowed(&[]),
        }
    }

    /// Adds what a role gets to along memberships, itself among them, to a set which holds, for each in it, what that
    /// one gets to.
    pub fn add_reached(&self, from: RoleId, flow: Flow, all: &mut BTreeSet<RoleId>) {
        let mut work = Vec::new();
        if index(from) < self.names.len() && all.insert(from) {
            work.push(from);
        }
        while let Some(id) = work.pop() {
            for arc in self.arcs(id).filter(|arc| arc.goes(flow)) {
                if all.insert(arc.to) {
                    work.push(arc.to);
                }
            }
        }
    }

    /// Whether a role gets to another along memberships.
    #[must_use]
    pub fn reaches(&self, from: RoleId, to: RoleId, flow: Flow) -> bool {
        if self.tables.is_some() || index(from) >= self.names.len() || index(to) >= self.names.len() {
            return self.reached(from, flow).binary_search(&to).is_ok();
        }
        self.gets_to(to, flow)
            .get(index(from) / 64)
            .is_some_and(|word| word & 1 << (from % 64) != 0)
    }

    /// Whether a role holds ADMIN OPTION on another, over memberships of any kind.
    #[must_use]
    pub fn admin(&self, from: RoleId, of: RoleId) -> bool {
        let holders = self.members.get(index(of)).into_iter().flatten();
        holders
            .filter(|(_, arc)| arc.admin)
            .any(|(holder, _)| self.reaches(from, *holder, Flow::Member))
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

#[cfg(test)]
mod tests {
    use super::*;
    use foursee_core::document::Place;
    use foursee_core::model::DocId;

    #[test]
    fn what_is_not_written_out_is_found_all_the_same() {
        let mut seed = 7_usize;
        let mut roll = |sides: usize| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % sides
        };
        for _ in 0..200 {
            let count = 1 + roll(9);
            let mut all = Closures {
                names: (0..count).map(|n| n.to_string()).collect(),
                superusers: vec![false; count],
                arcs: vec![Vec::new(); count],
                members: vec![Vec::new(); count],
                ..Closures::default()
            };
            for _ in 0..roll(14) {
                let (from, to) = (roll(count), roll(count));
                let arc = Arc {
                    to: RoleId::try_from(to).unwrap(),
                    inherit: roll(2) == 0,
                    set: roll(2) == 0,
                    admin: roll(3) == 0,
                };
                all.arcs[from].push(arc);
                all.members[to].push((RoleId::try_from(from).unwrap(), arc));
            }
            let ids = || (0..count).map(|id| RoleId::try_from(id).unwrap());
            for flow in [Flow::Privileges, Flow::Set, Flow::Member] {
                for from in ids() {
                    let walked = all.walk(from, flow);
                    assert_eq!(&*all.reached(from, flow), walked);
                    let mut added = BTreeSet::new();
                    all.add_reached(from, flow, &mut added);
                    assert_eq!(added.into_iter().collect::<Vec<_>>(), walked);
                    for to in ids() {
                        assert_eq!(
                            all.reaches(from, to, flow),
                            walked.contains(&to),
                            "{from} {to} {flow:?}"
                        );
                        let admin = all
                            .walk(from, Flow::Member)
                            .into_iter()
                            .any(|id| all.admin_directly(id, to));
                        assert_eq!(all.admin(from, to), admin, "{from} {to}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_chain_of_100_000_roles_is_walked_and_not_written_out() {
        let place = Place { doc: DocId(0), at: 0 };
        let name = |at: usize| format!("r{at:06}");
        let last = 100_000;
        let roles = (0..=last).map(|at| {
            let role = Role {
                name: name(at),
                oid: 0,
                superuser: false,
                inherit: true,
                createrole: false,
                createdb: false,
                login: false,
                replication: false,
                bypassrls: false,
                valid_until: None,
                comment: None,
                place,
            };
            (name(at), role)
        });
        let memberships = (0..last).map(|at| {
            let one = Membership {
                role: name(at + 1),
                member: name(at),
                grantor: String::new(),
                admin: at + 1 == last,
                inherit: None,
                set: None,
                place,
            };
            ((name(at + 1), name(at), String::new()), one)
        });
        let all = Closures::build(&roles.collect(), &memberships.collect(), 15);
        assert!(all.tables.is_none());
        let (first, end) = (all.id(&name(0)), all.id(&name(last)));
        assert!(all.reaches(first, end, Flow::Set) && !all.reaches(end, first, Flow::Set));
        assert!(all.admin(first, end) && !all.admin(end, first));
        assert_eq!(all.way(first, end, Flow::Set).len(), last + 1);
        assert_eq!(all.reached(first, Flow::Member).len(), last + 1);
    }
}
