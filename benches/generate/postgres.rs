//! What the capture script prints of one database.
//!
//! Shapes: a schema for every hundredth table, a role for every fiftieth; of each schema one role owns it, one reads and
//! one writes its tables; of ten roles one is a team and nine its members; tables have ten columns, and one in forty is
//! granted to a role that lacks the schema; a function for every third table, of which one in fifty runs as its definer.

use super::Dice;
use serde_json::{Value, json};
use std::io::{BufWriter, Write};
use std::path::Path;

/// Writes the document.
pub fn write(folder: &Path, tables: usize) -> std::io::Result<u64> {
    let path = folder.join("shop.json");
    let mut out = BufWriter::new(std::fs::File::create(&path)?);
    let mut dice = Dice(13);
    let (schemas, roles) = (tables / 100 + 1, tables / 50 + 8);
    write!(
        out,
        "{{\"foursee_postgres\":1,\"server_version_num\":150018,\"server_version\":\"15.18\",\"current_database\":\"shop\",\"current_user\":\"auditor\"\n,\"system_identifier\":\"7574512209183026774\"\n"
    )?;
    member(&mut out, "roles", roles + 1, |at| {
        let name = if at == roles {
            "postgres".to_owned()
        } else {
            format!("role_{at}")
        };
        json!({"name": name, "oid": 16_384 + at, "super": at == roles, "inherit": true, "createrole": at % 500 == 1, "createdb": false, "login": at % 2 == 0, "replication": false, "bypassrls": false, "conn_limit": -1, "comment": format!("owner: team-{}", at % 40)})
    })?;
    member(
        &mut out,
        "memberships",
        roles / 10 * 9,
        |at| json!({"role": format!("role_{}", at / 9 * 10), "member": format!("role_{}", member_of_team(at)), "grantor": "postgres", "admin": at % 100 == 0}),
    )?;
    member(
        &mut out,
        "databases",
        1,
        |_| json!({"name": "shop", "owner": "postgres", "acl": null, "allow_connections": true, "template": false, "comment": null}),
    )?;
    member(
        &mut out,
        "tablespaces",
        1,
        |_| json!({"name": "pg_default", "owner": "postgres", "acl": null}),
    )?;
    member(&mut out, "schemas", schemas, |at| {
        let owner = format!("role_{}", at % roles);
        let uses = |role: usize| format!("role_{role}=U/{owner}");
        json!({"name": format!("s{at}"), "owner": owner, "acl": [format!("{owner}=UC/{owner}"), uses(reader(at, roles)), uses(writer(at, roles))], "comment": null})
    })?;
    member(&mut out, "relations", tables, |at| {
        let schema = at / 100;
        let owner = format!("role_{}", schema % roles);
        let mut acl = vec![
            format!("{owner}=arwdDxt/{owner}"),
            format!("role_{}=r/{owner}", reader(schema, roles)),
            format!("role_{}=arw/{owner}", writer(schema, roles)),
        ];
        if at % 40 == 0 {
            acl.push(format!("role_{}=r/{owner}", other(schema, dice.roll(3), roles)));
        }
        json!({"schema": format!("s{schema}"), "name": format!("table_{at}"), "kind": "r", "oid": 100_000 + at, "owner": owner,
            "acl": acl,
            "row_security": at % 20 == 0, "force_row_security": false, "security_invoker": false, "columns": ["id", "customer_id", "created_at", "updated_at", "status", "amount", "currency", "country", "note", "version"], "extension": null, "comment": "owner: payments; data-class: customer"})
    })?;
    member(&mut out, "columns", tables / 50, |at| {
        let schema = at / 2;
        let owner = format!("role_{}", schema % roles);
        json!({"schema": format!("s{schema}"), "relation": format!("table_{}", at * 50), "name": "id", "number": 1, "acl": [format!("role_{}=r/{owner}", other(schema, 3, roles))], "comment": null})
    })?;
    member(
        &mut out,
        "functions",
        tables / 3,
        |at| json!({"schema": format!("s{}", at / 34), "name": format!("refund_{at}"), "kind": "f", "owner": format!("role_{}", (at / 34) % roles), "arguments": ["bigint", "text"], "acl": null, "definer": at % 50 == 0, "language": "plpgsql", "leakproof": false, "config": null, "atomic": false, "extension": null, "comment": null}),
    )?;
    member(
        &mut out,
        "languages",
        1,
        |_| json!({"name": "plpgsql", "owner": "postgres", "acl": null, "trusted": true}),
    )?;
    for name in [
        "types",
        "foreign_data_wrappers",
        "foreign_servers",
        "parameters",
        "default_acls",
        "policies",
        "inheritance",
        "view_uses",
        "extensions",
    ] {
        member(&mut out, name, 0, |_| Value::Null)?;
    }
    write!(
        out,
        ",\"settings\":{{\"listen_addresses\":\"*\",\"port\":\"5432\",\"password_encryption\":\"scram-sha-256\"}}\n,\"denied\":[]}}\n"
    )?;
    out.flush()?;
    Ok(std::fs::metadata(&path)?.len())
}

/// The number of a role that is a member of another: every tenth is a team, and the nine behind it are of it.
const fn member_of_team(at: usize) -> usize {
    at / 9 * 10 + 1 + at % 9
}

/// One of four roles that have nothing to do with a schema, unless its readers or writers are of their team.
const fn other(schema: usize, which: usize, roles: usize) -> usize {
    (reader(schema, roles) + 13 + which * 10) % roles
}

/// The role that reads a schema's tables.
const fn reader(schema: usize, roles: usize) -> usize {
    (schema * 7 + 1) % roles
}

/// The role that writes them.
const fn writer(schema: usize, roles: usize) -> usize {
    (schema * 11 + 3) % roles
}

/// A member as the script prints it: its rows with a blank behind each comma.
fn member(
    out: &mut impl Write,
    name: &str,
    count: usize,
    mut row: impl FnMut(usize) -> Value,
) -> std::io::Result<()> {
    write!(out, ",\"{name}\":[")?;
    for at in 0..count {
        write!(out, "{}{}", if at == 0 { "" } else { ", \n " }, row(at))?;
    }
    writeln!(out, "]")
}
