//! Row security, as far as it can be told without rows: who is exempt, and for whom there is a permissive policy.
//!
//! Source: src/backend/rewrite/rowsecurity.c (`get_row_security_policies`, `check_role_for_policy`) and
//! src/backend/utils/misc/rls.c (`check_enable_rls`) of 13 to 18.

use super::Ask;
use crate::facts::{Policy, Privilege, Relation};

/// How many rows of a table a privilege is over; the more, the greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Rows {
    /// None: no permissive policy is for it.
    None,
    /// Those that policies let through.
    Some,
    /// All: there is no row security, or not for it.
    All,
}

/// For a role as it acts: its attributes count.
pub(crate) fn rows(ask: &Ask<'_>, relation: &Relation, privilege: Privilege) -> Rows {
    if ask.superuser() || ask.facts.role(ask.subject).is_some_and(|role| role.bypassrls) {
        return Rows::All;
    }
    inherited_rows(ask, relation, privilege)
}

/// For what whoever inherits the role has by it: BYPASSRLS and SUPERUSER are not inherited.
pub(crate) fn inherited_rows(ask: &Ask<'_>, relation: &Relation, privilege: Privilege) -> Rows {
    let owns = || !relation.force_row_security && ask.has_privileges_of(relation.owned.owner_id);
    if !relation.row_security || !by_row(privilege) || owns() {
        return Rows::All;
    }
    let for_it = |one: &Policy| {
        let named = |role: &String| ask.has_privileges_of(ask.facts.closures.id(role));
        one.roles.is_empty() || one.roles.iter().any(named)
    };
    if permissive(relation, privilege).any(for_it) {
        Rows::Some
    } else {
        Rows::None
    }
}

/// Whether row security knows the privilege; TRUNCATE and REFERENCES are over the whole table.
const fn by_row(privilege: Privilege) -> bool {
    matches!(
        privilege,
        Privilege::Select | Privilege::Insert | Privilege::Update | Privilege::Delete
    )
}

fn permissive(relation: &Relation, privilege: Privilege) -> impl Iterator<Item = &Policy> {
    relation
        .policies
        .iter()
        .filter(move |one| one.permissive && for_command(one.command, privilege))
}

const fn for_command(command: char, privilege: Privilege) -> bool {
    command == '*'
        || matches!(
            (command, privilege),
            ('r', Privilege::Select)
                | ('a', Privilege::Insert)
                | ('w', Privilege::Update)
                | ('d', Privilege::Delete)
        )
}

/// The condition of a privilege under row security.
pub(crate) fn policies(relation: &Relation, privilege: Privilege) -> String {
    let names: Vec<&str> = permissive(relation, privilege).map(|one| &*one.name).collect();
    if names.is_empty() {
        format!(
            "row security of {} has no permissive policy for it: no rows",
            relation.qualified()
        )
    } else {
        format!(
            "rows that row security of {} lets through: {}",
            relation.qualified(),
            names.join(", ")
        )
    }
}
