//! Where PostgreSQL's grants stand on the spectrum, and what GRANT cannot say.

use foursee_core::model::{Ladder, Limit, Rung, step};

/// As `lower/` decides, role by role, after memberships.
pub(crate) const LADDER: Ladder = Ladder {
    steps: &[
        step(Rung::Unbounded, "superuser"),
        step(
            Rung::ServiceWide,
            "owner of a schema or database, ALL on every table of a schema, pg_read_all_data and its like, the server's files and programs, CREATEROLE before 16",
        ),
        step(Rung::Broad, "owner of a table, ALL on a table"),
        step(
            Rung::Scoped,
            "named privileges on a table, a schema, a function; membership in a role",
        ),
        step(
            Rung::Narrow,
            "columns of a table, rows that row security lets through",
        ),
    ],
    limits: &[
        Limit {
            id: "table-delete-truncate-columns",
            actions: "DELETE, TRUNCATE, TRIGGER",
            wish: "a limit to some columns",
            attainable: Rung::Scoped,
            instead: "row security for DELETE, a view or a function for the rest",
            source: "PostgreSQL documentation, GRANT: column privileges are SELECT, INSERT, UPDATE and REFERENCES",
        },
        Limit {
            id: "truncate-rows",
            actions: "TRUNCATE",
            wish: "a limit to some rows",
            attainable: Rung::Scoped,
            instead: "DELETE under a row security policy",
            source: "PostgreSQL documentation, Row Security Policies: TRUNCATE and REFERENCES are not subject to row security",
        },
        Limit {
            id: "statement-shape",
            actions: "SELECT",
            wish: "a limit on how many rows, or only with a WHERE",
            attainable: Rung::Narrow,
            instead: "a SECURITY DEFINER function or a security-barrier view as the only way in",
            source: "PostgreSQL documentation, GRANT: no privilege is about a statement's form or result",
        },
    ],
};
