//! What cannot be known of a cluster from the documents at hand.

use super::Scope;
use crate::parse::{HBA_MADE_BY, MADE_BY};
use foursee_core::model::{Gap, Reason};

/// Writes the gaps.
pub(super) fn write(scope: &mut Scope<'_, '_, '_>) {
    let facts = scope.facts;
    for (name, row) in &facts.databases {
        if row.allow_connections && name != "template1" && !facts.captured.contains_key(name) {
            scope.out.gap(
                Gap::new(Reason::NotCaptured, format!("database {name}"))
                    .facet("its schemas, tables and functions")
                    .hides("who may do what in it")
                    .closes(MADE_BY.replace("DATABASE", name))
                    .at(row.owned.place),
            );
        }
    }
    for name in &facts.repeated {
        scope.out.gap(
            Gap::new(Reason::Ambiguous, format!("database {name}"))
                .facet("it was captured more than once")
                .hides("what changed between: the first document counts")
                .closes("one document for each database")
                .at(scope.place),
        );
    }
    if facts.hba.is_none() {
        scope.out.gap(
            Gap::new(Reason::NotCaptured, "pg_hba.conf of the server")
                .facet("from where, and how, each login is let in")
                .hides("which logins need no password, and which may come from outside: every login is taken to be let in with its password")
                .closes(format!("{HBA_MADE_BY}, beside the other documents"))
                .at(scope.place),
        );
    }
    if facts.hba_repeated {
        scope.out.gap(
            Gap::new(Reason::Ambiguous, "pg_hba.conf of the server")
                .facet("there is more than one: the first counts")
                .hides("how logins are let in, if another is the server's")
                .closes("the file that SHOW hba_file names, and no other")
                .at(scope.place),
        );
    }
    let silent = scope.out.scope_row().is_some_and(|row| row.endpoints.is_empty());
    if silent {
        let name = scope
            .out
            .scope_row()
            .map_or_else(String::new, |row| row.name.to_string());
        scope.out.gap(
            Gap::new(Reason::NotCaptured, "addresses of the server")
                .facet("host names and ports that clients use")
                .hides("which workloads log in here")
                .closes(format!(
                    "[scope.\"{name}\"] endpoints = [\"db.internal:5432\"] in foursee.toml"
                ))
                .at(scope.place),
        );
    }
}
