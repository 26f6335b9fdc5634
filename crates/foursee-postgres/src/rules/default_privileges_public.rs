//! The rule `postgres-default-privileges-public`.

use crate::facts::{DefaultAcl, Facts, quoted};
use crate::lower::{GROUP, ROLE, SCHEMA, is_all};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Rung, Severity};

foursee_core::rule! {
    /// What a role creates is granted to PUBLIC from the start.
    ///
    /// ## Why
    /// Default privileges act when an object is made: each new table, sequence, schema or large object of that creator
    /// is open to every role that there is and will be, and no GRANT in any migration shows it. Revoking from the objects
    /// of today leaves those of tomorrow open.
    ///
    /// ## Evidence
    /// The item without grantee in pg_default_acl, with its creator, schema and sort of object. What PUBLIC has of new
    /// functions and types without anybody's doing is not counted.
    ///
    /// ## Fix
    /// ALTER DEFAULT PRIVILEGES FOR ROLE ... REVOKE ... FROM PUBLIC, then look at what was made meanwhile.
    pub DefaultPrivilegesPublic: "postgres-default-privileges-public", Medium, needs ["catalog"]
}

/// A sort of object, as ALTER DEFAULT PRIVILEGES says it; none where PUBLIC has it by default anyway.
const fn sort(kind: char) -> Option<&'static str> {
    match kind {
        'r' => Some("TABLES"),
        'S' => Some("SEQUENCES"),
        'n' => Some("SCHEMAS"),
        'L' => Some("LARGE OBJECTS"),
        _ => None,
    }
}

fn one(database: &str, acl: &DefaultAcl) -> Option<Finding> {
    let objects = sort(acl.kind)?;
    let item = acl
        .acl
        .iter()
        .find(|item| item.grantee.is_empty() && !item.rights.is_empty())?;
    let schema = acl
        .schema
        .as_ref()
        .map(|schema| format!("{}.{}", quoted(database), quoted(schema)));
    let within = schema.as_ref().map_or_else(
        || format!("database {database}"),
        |schema| format!("schema {schema}"),
    );
    let clause = acl
        .schema
        .as_ref()
        .map_or_else(String::new, |schema| format!(" IN SCHEMA {}", quoted(schema)));
    let finding = Finding::new(
        &DefaultPrivilegesPublic::META,
        format!(
            "default privileges of {} for {objects} to PUBLIC in {within}",
            acl.creator
        ),
        acl.place,
        item.to_string(),
    )
    .severity(if acl.kind == 'r' {
        Severity::Medium
    } else {
        Severity::Low
    })
    .title(format!(
        "new {} of {} in {within} give PUBLIC {}",
        objects.to_lowercase(),
        acl.creator,
        item.rights
    ))
    .identity(ROLE.name, &acl.creator)
    .identity(GROUP.name, "PUBLIC")
    .on_rung(
        if is_all(item.rights) || schema.is_none() {
            Rung::ServiceWide
        } else {
            Rung::Broad
        },
        Rung::Scoped,
    )
    .fix(format!(
        "ALTER DEFAULT PRIVILEGES FOR ROLE {}{clause} REVOKE ALL ON {objects} FROM PUBLIC;",
        quoted(&acl.creator)
    ));
    Some(match schema {
        Some(schema) => finding.resource(SCHEMA.name, &schema),
        None => finding,
    })
}

impl Rule<Facts> for DefaultPrivilegesPublic {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for (database, captured) in &see.facts.captured {
            for finding in captured.default_acls.iter().filter_map(|acl| one(database, acl)) {
                out.push(finding);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{affected, causes, document, found};
    use foursee_core::model::{Rung, Severity};
    use serde_json::json;

    const RULE: &str = "postgres-default-privileges-public";

    fn with(schema: serde_json::Value, kind: &str, acl: &str) -> String {
        document(|all| {
            all["default_acls"] = json!([{"creator": "own", "schema": schema, "type": kind, "acl": [acl]}])
        })
    }

    #[test]
    fn tables_of_tomorrow_for_everybody_fire() {
        let text = with(json!("app"), "r", "=r/own");
        let all = found(RULE, &text);
        assert_eq!(
            causes(RULE, &text),
            ["default privileges of own for TABLES to PUBLIC in schema shop.app"]
        );
        assert_eq!(
            all[0].title,
            "new tables of own in schema shop.app give PUBLIC SELECT"
        );
        assert_eq!(
            (all[0].severity, all[0].rung),
            (Severity::Medium, Some(Rung::Broad))
        );
        assert_eq!(affected(&all[0]), ["role own", "group PUBLIC"]);
        assert!(
            all[0].fix.ends_with("REVOKE ALL ON TABLES FROM PUBLIC;"),
            "{}",
            all[0].fix
        );
    }

    #[test]
    fn in_every_schema_it_is_wider_and_sequences_are_milder() {
        let text = with(json!(null), "S", "=rwU/own");
        let all = found(RULE, &text);
        assert_eq!(
            (all[0].severity, all[0].rung),
            (Severity::Low, Some(Rung::ServiceWide))
        );
    }

    #[test]
    fn a_role_is_silent() {
        assert!(causes(RULE, &with(json!("app"), "r", "web=r/own")).is_empty());
    }

    /// The twin: PUBLIC may call new functions without anybody's doing, so the same item says nothing of them.
    #[test]
    fn what_public_has_anyway_is_silent() {
        assert!(causes(RULE, &with(json!(null), "f", "=X/own")).is_empty());
    }
}
