//! Row security in edges: from whose node on a privilege on a table is over all its rows, or over some.
//!
//! What is granted to a role all have who inherit it; a policy, the owner's exemption and BYPASSRLS may be for some of
//! these alone, who then have an edge of their own.

use super::Scope;
use crate::authorize::{Rows, inherited_rows};
use crate::facts::{PUBLIC, Privilege, Relation, RoleId};
use foursee_core::model::NodeId;
use std::collections::BTreeMap;

/// The nodes from which a privilege that these roles were granted shows rows, and how many. None of them sees none.
pub(super) fn seers(
    scope: &mut Scope<'_, '_, '_>,
    database: &str,
    one: &Relation,
    granted: &[RoleId],
    privilege: Privilege,
) -> BTreeMap<NodeId, Rows> {
    let facts = scope.facts;
    let mut all = BTreeMap::new();
    let mut see = |node: NodeId, rows: Rows| {
        let most = all.entry(node).or_insert(rows);
        *most = rows.max(*most);
    };
    for role in granted {
        let handed = inherited_rows(&scope.ask(database, *role), one, privilege);
        if handed != Rows::None {
            see(scope.holder(*role, database), handed);
        }
        if handed == Rows::All {
            continue;
        }
        let heirs: Vec<RoleId> = facts
            .role_ids()
            .filter(|id| !facts.closures.superuser(*id) && scope.usability.connects(database, *id))
            .filter(|id| *role == PUBLIC || scope.ask(database, *id).has_privileges_of(*role))
            .collect();
        let more: Vec<(RoleId, Rows)> = heirs
            .iter()
            .map(|id| (*id, inherited_rows(&scope.ask(database, *id), one, privilege)))
            .filter(|(_, rows)| *rows > handed)
            .collect();
        for (id, rows) in &more {
            // Those that inherit another of them have it through that one.
            let through = more.iter().any(|(other, others)| {
                let down = scope.ask(database, *id).has_privileges_of(*other);
                let back = scope.ask(database, *other).has_privileges_of(*id);
                other != id && others >= rows && down && (!back || other < id)
            });
            if !through {
                see(scope.holder(*id, database), *rows);
            }
        }
        for id in heirs {
            if facts.role(id).is_some_and(|one| one.bypassrls) {
                see(scope.role(id), Rows::All);
            }
        }
    }
    all
}
