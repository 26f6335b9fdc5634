//! What a reader needs, one permission at a time.
//!
//! PostgreSQL gives all of it to PUBLIC but the login: the table says what a cluster that took something away has to
//! give back.

use foursee_capture::Permission;

macro_rules! select {
    ($catalog:literal, $reads:literal, $hides:literal) => {
        Permission::new(
            concat!("SELECT ON pg_catalog.", $catalog),
            concat!("GRANT SELECT ON pg_catalog.", $catalog, " TO foursee;"),
            $reads,
            $hides,
        )
    };
}

/// Every permission that is used, the least there is: nothing here lets its holder read a row of a table, a password or
/// the body of a function.
pub const PERMISSIONS: &[Permission] = &[
    Permission::new(
        "LOGIN",
        "CREATE ROLE foursee LOGIN PASSWORD '...';",
        "the cluster",
        "",
    ),
    Permission::new(
        "CONNECT ON DATABASE",
        "GRANT CONNECT ON DATABASE name TO foursee;",
        "that database: its schemas, tables, functions and their grants",
        "who may do what in that database",
    ),
    Permission::new(
        "EXECUTE ON FUNCTION pg_catalog.pg_control_system()",
        "GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO foursee;",
        "the cluster's system identifier",
        "which databases belong to one cluster, however it is reached",
    ),
    select!(
        "pg_roles",
        "roles and their attributes",
        "which roles there are, and which of them are superusers"
    ),
    select!(
        "pg_auth_members",
        "memberships and their options",
        "which roles have what other roles have"
    ),
    select!(
        "pg_database",
        "databases and their grants",
        "who may connect, and every database but the first"
    ),
    select!(
        "pg_tablespace",
        "tablespaces and their grants",
        "who may fill which tablespace"
    ),
    select!(
        "pg_namespace",
        "schemas and their grants",
        "nearly everything in a database: objects stand in schemas"
    ),
    select!(
        "pg_class",
        "tables, views and sequences, and their grants",
        "who may use which table"
    ),
    select!(
        "pg_attribute",
        "columns and their grants",
        "which columns there are, and which have grants of their own"
    ),
    select!(
        "pg_proc",
        "functions and their grants",
        "who may call which function, and which run as their owner"
    ),
    select!(
        "pg_language",
        "languages and their grants",
        "who may write functions in which language"
    ),
    select!("pg_type", "types and their grants", "who may use which type"),
    select!(
        "pg_range",
        "which multirange belongs to which range",
        "who may use which type"
    ),
    select!(
        "pg_foreign_data_wrapper",
        "foreign data wrappers and their grants",
        "who may make foreign servers"
    ),
    select!(
        "pg_foreign_server",
        "foreign servers and their grants",
        "who may reach foreign servers"
    ),
    select!(
        "pg_parameter_acl",
        "grants on settings, from 15 on",
        "who may change which setting"
    ),
    select!(
        "pg_default_acl",
        "default privileges",
        "what new objects will grant"
    ),
    select!(
        "pg_policy",
        "policies of row security, without their expressions",
        "which rows are shown to whom"
    ),
    select!(
        "pg_inherits",
        "partitions and children",
        "which tables are parts of others"
    ),
    select!(
        "pg_rewrite",
        "which relations a view reads, without its text",
        "which tables a view reads as its owner"
    ),
    select!(
        "pg_depend",
        "what belongs to an extension, and what views read",
        "which tables a view reads as its owner, and which objects are an extension's"
    ),
    select!(
        "pg_extension",
        "extensions",
        "which extensions there are, and which objects are theirs"
    ),
    select!(
        "pg_settings",
        "the settings that change what grants mean",
        "settings that change what grants mean"
    ),
    select!(
        "pg_description",
        "comments of objects, where owners and tags may stand",
        "schemas, tables, columns and functions, which are read with their comments"
    ),
    select!(
        "pg_shdescription",
        "comments of roles and databases",
        "roles and databases, which are read with their comments"
    ),
];
