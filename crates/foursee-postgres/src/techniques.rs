//! The ways by which one role uses, becomes or empowers another in PostgreSQL.
//!
//! A row says what the privilege is for whoever holds it; whether somebody holds it is the authorizer's word. All of them
//! take statements in the holder's session, and give statements as the target; two end in code on the server's host.

use foursee_core::model::{Foothold, Technique, Verb};

macro_rules! technique {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $verb:ident, $gives:ident, $says:literal, $source:literal;)*) => {
        $(
            $(#[$doc])*
            pub static $name: Technique = Technique {
                id: $id,
                verb: Verb::$verb,
                needs: Foothold::Queries,
                gives: Foothold::$gives,
                says: $says,
                source: $source,
            };
        )*
        /// All of them.
        pub static ALL: &[&Technique] = &[$(&$name),* , &SERVER_PROCESS];
    };
}

technique! {
    /// SELECT on a table or on columns of it.
    SELECT = "postgres-select", Read, Queries, "reads", "PostgreSQL documentation, Privileges";
    /// INSERT.
    INSERT = "postgres-insert", Write, Queries, "inserts into", "PostgreSQL documentation, Privileges";
    /// UPDATE.
    UPDATE = "postgres-update", Write, Queries, "updates", "PostgreSQL documentation, Privileges";
    /// DELETE.
    DELETE = "postgres-delete", Delete, Queries, "deletes from", "PostgreSQL documentation, Privileges";
    /// TRUNCATE.
    TRUNCATE = "postgres-truncate", Delete, Queries, "truncates", "PostgreSQL documentation, Privileges";
    /// What a view shows, it reads as its owner.
    VIEW = "postgres-view", Read, Queries, "shows rows of", "PostgreSQL documentation, CREATE VIEW: Notes";
    /// EXECUTE on a function that runs as its owner.
    EXECUTE = "postgres-execute", Execute, Queries, "calls", "PostgreSQL documentation, Privileges";
    /// What a SECURITY DEFINER function does, it does as its owner.
    EXECUTE_DEFINER = "postgres-execute-definer", Become, Queries, "runs as",
        "PostgreSQL documentation, CREATE FUNCTION: SECURITY DEFINER";
    /// A membership that allows SET ROLE; a superuser may become anybody.
    SET_ROLE = "postgres-set-role", Become, Queries, "may SET ROLE to", "PostgreSQL documentation, SET ROLE";
    /// ADMIN OPTION on a role: to hand it on, to oneself too.
    ADMIN_OPTION = "postgres-admin-option", Delegate, Queries, "may grant itself",
        "PostgreSQL documentation, GRANT on Roles";
    /// CREATEROLE before 16: any role that is no superuser.
    CREATEROLE = "postgres-createrole", Delegate, Queries, "may grant itself",
        "PostgreSQL 15 documentation, Role Attributes";
    /// Ownership: every grant, and what no grant gives.
    OWNER = "postgres-owner", Delegate, Queries, "owns", "PostgreSQL documentation, Privileges";
    /// WITH GRANT OPTION.
    GRANT_OPTION = "postgres-grant-option", Delegate, Queries, "may grant what it has on",
        "PostgreSQL documentation, GRANT";
    /// SUPERUSER, or pg_execute_server_program: COPY ... PROGRAM.
    EXECUTE_PROGRAM = "postgres-execute-program", Become, Runs, "runs programs on",
        "PostgreSQL documentation, COPY, Predefined Roles";
    /// pg_read_server_files: any file that the server's user may read.
    READ_FILES = "postgres-read-server-files", Read, Queries, "reads files of",
        "PostgreSQL documentation, Predefined Roles";
    /// pg_write_server_files: any file that the server's user may write, its configuration and libraries too.
    WRITE_FILES = "postgres-write-server-files", Write, Runs, "writes files of",
        "PostgreSQL documentation, Predefined Roles";
}

/// Whoever runs code as the server's user has all its files: single-user mode asks nobody.
pub static SERVER_PROCESS: Technique = Technique {
    id: "postgres-server-process",
    verb: Verb::Become,
    needs: Foothold::Runs,
    gives: Foothold::Acts,
    says: "holds the files of",
    source: "PostgreSQL documentation, postgres: single-user mode",
};
