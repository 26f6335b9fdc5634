//! The rule `postgres-definer-search-path-missing`.

use crate::authorize::Ask;
use crate::facts::{Captured, Facts, Flow, Function, PUBLIC, Privilege, RoleId, quoted};
use crate::lower::{FUNCTION, GROUP, ROLE, of_system};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Severity;

foursee_core::rule! {
    /// A SECURITY DEFINER function runs under its caller's search_path.
    ///
    /// ## Why
    /// The function has its owner's rights, and looks names up where its caller says. A caller that may create in any schema
    /// puts a function or operator of the same name there and that schema before pg_catalog, and its code runs as the
    /// owner: even `lower(text)` is found there first. Where the owner is a superuser, so is the caller, in three statements.
    ///
    /// ## Evidence
    /// The function's row: SECURITY DEFINER, no search_path among its settings, and who may call it.
    ///
    /// ## Fix
    /// ALTER FUNCTION ... SET search_path = the schemas that it needs, pg_temp; and REVOKE EXECUTE ... FROM PUBLIC.
    pub DefinerSearchPathMissing: "postgres-definer-search-path-missing", Medium, needs ["catalog"]
}

/// Who may call a function, but its owner, those who have the owner's rights, and superusers.
fn callers(facts: &Facts, database: &str, function: &Function) -> Vec<RoleId> {
    std::iter::once(PUBLIC)
        .chain(facts.role_ids())
        .filter(|id| {
            let ask = Ask {
                facts,
                database,
                subject: *id,
            };
            !ask.superuser()
                && !ask.has_privileges_of(function.owned.owner_id)
                && ask.function(function, Privilege::Execute.into()).is_some()
        })
        .collect()
}

/// A caller that may create in some schema of the database.
fn creator(
    facts: &Facts,
    database: &str,
    captured: &Captured,
    callers: &[RoleId],
) -> Option<(RoleId, String)> {
    callers.iter().find_map(|id| {
        let ask = Ask {
            facts,
            database,
            subject: *id,
        };
        let schema = captured
            .schemas
            .iter()
            .find(|(_, row)| ask.schema(row, Privilege::Create.into()).is_some())
            .map(|(name, _)| format!("schema {}", quoted(name)));
        let own = || {
            let row = facts.databases.get(database)?;
            ask.owned(
                crate::authorize::ObjectKind::Database,
                &row.owned,
                Privilege::Create.into(),
            )?;
            Some(format!("database {}", quoted(database)))
        };
        Some((*id, schema.or_else(own)?))
    })
}

/// Whether a role is a superuser, or may become one.
fn like_superuser(facts: &Facts, id: RoleId) -> bool {
    facts
        .closures
        .reached(id, Flow::Set)
        .iter()
        .any(|one| facts.closures.superuser(*one))
}

impl Rule<Facts> for DefinerSearchPathMissing {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for (database, captured) in &facts.captured {
            for one in &captured.functions {
                // Compiled functions look nothing up by themselves; a body that was parsed when it was made, nothing more.
                let looks_up = !matches!(&*one.language, "internal" | "c") && !one.atomic;
                if !one.definer || one.search_path().is_some() || !looks_up || of_system(&one.schema) {
                    continue;
                }
                let callers = callers(facts, database, one);
                if callers.is_empty() {
                    continue;
                }
                let name = format!("{}.{}", quoted(database), one.qualified());
                let planted = creator(facts, database, captured, &callers);
                let over = like_superuser(facts, one.owned.owner_id);
                let mut finding = Finding::new(
                    &Self::META,
                    format!("function {name} sets no search_path"),
                    one.owned.place,
                    format!(
                        "definer: true, owner: {}, config without search_path",
                        one.owned.owner
                    ),
                )
                .title(match &planted {
                    Some((_, at)) => format!(
                        "{name} runs as {} under its caller's search_path, and a caller may create in {at}",
                        one.owned.owner
                    ),
                    None => format!(
                        "{name} runs as {} under its caller's search_path",
                        one.owned.owner
                    ),
                })
                .severity(if over && planted.is_some() {
                    Severity::Critical
                } else {
                    Severity::Medium
                })
                .resource(FUNCTION.name, &name)
                .fix(format!(
                    "ALTER FUNCTION {} SET search_path = {}, pg_temp;",
                    one.qualified(),
                    quoted(&one.schema)
                ));
                // Those who have it as everybody has are PUBLIC.
                if callers.contains(&PUBLIC) {
                    finding = finding.identity(GROUP.name, "PUBLIC");
                } else {
                    for id in callers {
                        finding = finding.identity(ROLE.name, facts.closures.name(id).unwrap_or_default());
                    }
                }
                out.push(finding);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{affected, causes, document, found};
    use foursee_core::model::Severity;
    use serde_json::json;

    const RULE: &str = "postgres-definer-search-path-missing";

    #[test]
    fn a_function_that_others_call_fires() {
        let text = document(|all| all["functions"][0]["acl"] = json!(["own=X/own", "web=X/own"]));
        assert_eq!(causes(RULE, &text), ["function shop.app.f() sets no search_path"]);
        let all = found(RULE, &text);
        assert_eq!(
            (affected(&all[0]), all[0].severity),
            (vec!["role web".to_owned()], Severity::Medium)
        );
    }

    #[test]
    fn it_is_critical_where_the_owner_is_a_superuser_and_a_caller_can_plant() {
        let text = document(|all| {
            all["functions"][0]["owner"] = "postgres".into();
            all["functions"][0]["acl"] = json!(null);
            all["schemas"][0]["acl"] = json!(["own=UC/own", "web=UC/own"]);
        });
        let all = found(RULE, &text);
        assert_eq!(
            (affected(&all[0]), all[0].severity),
            (vec!["group PUBLIC".to_owned()], Severity::Critical)
        );
    }

    #[test]
    fn a_function_that_its_owner_alone_calls_is_silent() {
        assert!(causes(RULE, &document(|_| {})).is_empty());
    }

    /// The twins: a path that is set, a body that was parsed when it was made, and an invoker's function.
    #[test]
    fn a_pinned_path_is_silent() {
        for (field, value) in [
            ("config", json!(["search_path=app, pg_temp"])),
            ("atomic", json!(true)),
            ("definer", json!(false)),
            ("language", json!("c")),
        ] {
            let text = document(|all| {
                all["functions"][0]["acl"] = json!(null);
                all["functions"][0][field] = value;
            });
            assert!(causes(RULE, &text).is_empty(), "{field}");
        }
    }

    #[test]
    fn another_setting_pins_nothing() {
        let text = document(|all| {
            all["functions"][0]["acl"] = json!(null);
            all["functions"][0]["config"] = json!(["work_mem"]);
        });
        assert_eq!(causes(RULE, &text).len(), 1);
    }
}
