//! The rule `postgres-grant-unusable`.

use crate::authorize::ObjectKind;
use crate::facts::{Facts, Function, NOBODY, PUBLIC, Privilege, Relation, Rights, RoleId, quoted};
use crate::lower::{GROUP, ROLE, SCHEMA, Usability, Usable, held, of_system};
use foursee_core::document::Place;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use std::collections::BTreeMap;

foursee_core::rule! {
    /// A grant cannot be used, for want of USAGE on the schema or CONNECT on the database.
    ///
    /// ## Why
    /// Without USAGE on the schema nobody finds the table or function by its name, and without CONNECT nobody gets as far.
    /// The grant looks like a privilege, does nothing, and comes to life when somebody grants the missing half for another
    /// table's sake.
    ///
    /// ## Evidence
    /// The ACLs with the grants, and the schema's or database's ACL without the other half.
    ///
    /// ## Fix
    /// REVOKE the grants; or GRANT USAGE ON the schema, if they are to be used.
    pub GrantUnusable: "postgres-grant-unusable", Low, needs ["catalog"]
}

/// What a role was granted in a schema.
type Grants<'f> = BTreeMap<(&'f str, RoleId), Vec<Grant<'f>>>;

/// One grant that needs a name in a schema.
struct Grant<'f> {
    place: Place,
    rights: Rights,
    on: On<'f>,
}

/// What it is on.
enum On<'f> {
    Relation(&'f Relation),
    Column(&'f Relation, &'f str),
    Function(&'f Function),
}

impl Grant<'_> {
    fn says(&self) -> String {
        let rights = self.rights;
        match self.on {
            On::Relation(one) => format!("{rights} on {}", one.qualified()),
            On::Column(one, column) => format!("{rights} on {} ({})", one.qualified(), quoted(column)),
            On::Function(one) => format!("{rights} on {}", one.qualified()),
        }
    }
}

/// The grants of a database that need a name in a schema: those on tables, columns and functions, but the owner's own.
fn grants<'f>(facts: &'f Facts, database: &str) -> Grants<'f> {
    let mut all: Grants<'f> = BTreeMap::new();
    let Some(captured) = facts.captured.get(database) else {
        return all;
    };
    let mut note = |schema: &'f str, role: RoleId, place, rights, on| {
        if role != NOBODY && !facts.closures.superuser(role) {
            let grant = Grant { place, rights, on };
            all.entry((schema, role)).or_default().push(grant);
        }
    };
    for one in captured
        .relations
        .iter()
        .filter(|one| !one.is_sequence() && !of_system(&one.schema))
    {
        if one.owned.acl.is_some() {
            for (role, held) in held(ObjectKind::Relation, &one.owned, facts.major()) {
                if role != one.owned.owner_id && !held.rights.is_empty() {
                    note(&one.schema, role, one.owned.place, held.rights, On::Relation(one));
                }
            }
        }
        for column in &one.column_rows {
            for item in column
                .acl
                .iter()
                .flatten()
                .filter(|item| item.role != one.owned.owner_id)
            {
                let on = On::Column(one, &column.name);
                note(&one.schema, item.role, column.place, item.rights, on);
            }
        }
    }
    for one in captured.functions.iter().filter(|one| !of_system(&one.schema)) {
        if one.owned.acl.is_none() {
            continue;
        }
        for (role, held) in held(ObjectKind::Function, &one.owned, facts.major()) {
            // What every function has by default is no grant of somebody's.
            if role != one.owned.owner_id && role != PUBLIC && held.rights.has(Privilege::Execute) {
                note(&one.schema, role, one.owned.place, held.rights, On::Function(one));
            }
        }
    }
    all
}

impl Rule<Facts> for GrantUnusable {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let mut usability = Usability::new(facts);
        for (database, captured) in &facts.captured {
            for ((schema, role), grants) in grants(facts, database) {
                if usability.of(database, schema, role) != Usable::Through(Vec::new()) {
                    continue;
                }
                let who = if role == PUBLIC {
                    "PUBLIC"
                } else {
                    facts.closures.name(role).unwrap_or_default()
                };
                let name = format!("{}.{}", quoted(database), quoted(schema));
                let connects = usability.connects(database, role);
                let lacks = if connects {
                    format!("USAGE on schema {}", quoted(schema))
                } else {
                    format!("CONNECT on database {}", quoted(database))
                };
                let Some((grant, others)) = grants.split_first() else {
                    continue;
                };
                let mut finding = Finding::new(
                    &Self::META,
                    format!("grants to {who} in {name}"),
                    grant.place,
                    grant.says(),
                )
                .title(format!(
                    "what {who} was granted in {name} cannot be used: it lacks {lacks}"
                ))
                .identity(if role == PUBLIC { GROUP.name } else { ROLE.name }, who)
                .resource(SCHEMA.name, &name)
                .fix(format!(
                    "REVOKE the grants from {who}; or GRANT {lacks} TO {who}, if they are to be used."
                ));
                for grant in others {
                    finding = finding.evidence(grant.place, grant.says());
                }
                let other = if connects {
                    captured.schemas.get(schema).map(|row| row.place)
                } else {
                    facts.databases.get(database).map(|row| row.owned.place)
                };
                if let Some(place) = other {
                    finding = finding.evidence(place, format!("no {lacks} for {who}"));
                }
                out.push(finding);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{causes, document, found};
    use serde_json::json;

    const RULE: &str = "postgres-grant-unusable";

    #[test]
    fn a_grant_without_usage_fires() {
        let text = document(|all| all["relations"][0]["acl"] = json!(["own=arwdDxt/own", "ops=r/own"]));
        assert_eq!(causes(RULE, &text), ["grants to ops in shop.app"]);
        assert!(
            found(RULE, &text)[0]
                .title
                .ends_with("it lacks USAGE on schema app")
        );
    }

    #[test]
    fn a_grant_with_usage_is_silent() {
        let text = document(|all| all["relations"][0]["acl"] = json!(["own=arwdDxt/own", "web=r/own"]));
        assert!(causes(RULE, &text).is_empty());
    }

    /// The twin: the role lacks USAGE, and one that inherits it has it.
    #[test]
    fn a_grant_that_a_member_can_use_is_silent() {
        let grant = |all: &mut serde_json::Value| {
            all["relations"][0]["acl"] = json!(["own=arwdDxt/own", "team=r/own"]);
        };
        let with = document(|all| {
            grant(all);
            all["memberships"] = json!([{"role": "team", "member": "web"}]);
        });
        assert!(causes(RULE, &with).is_empty());
        assert_eq!(causes(RULE, &document(grant)), ["grants to team in shop.app"]);
    }

    #[test]
    fn a_grant_without_connect_fires() {
        let text = document(|all| {
            all["databases"][0]["acl"] = json!(["postgres=CTc/postgres", "ops=c/postgres"]);
            all["relations"][0]["acl"] = json!(["own=arwdDxt/own", "web=r/own"]);
        });
        assert!(
            found(RULE, &text)[0]
                .title
                .ends_with("it lacks CONNECT on database shop")
        );
    }
}
