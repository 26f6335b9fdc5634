//! The rule `postgres-public-table-grant`.

use crate::authorize::{Ask, ObjectKind};
use crate::facts::{Facts, PUBLIC, Relation, Rights, quoted};
use crate::lower::{GROUP, TABLE, attainable, held, of_system};
use foursee_core::document::Place;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Rung, Severity};

foursee_core::rule! {
    /// A table is granted to PUBLIC.
    ///
    /// ## Why
    /// PUBLIC is every role that there is and every role that will be made, whatever it was made for. A grant to it shows
    /// in no role's own list of grants, and revoking from the roles one by one changes nothing. Where PUBLIC lacks USAGE on
    /// the schema, the grant waits for whoever has it.
    ///
    /// ## Evidence
    /// The items without grantee in the table's or its columns' ACL.
    ///
    /// ## Fix
    /// REVOKE ALL ON the table FROM PUBLIC, and grant to the roles that use it.
    pub PublicTableGrant: "postgres-public-table-grant", High, needs ["catalog"]
}

fn of_public(relation: &Relation, major: u32) -> Rights {
    held(ObjectKind::Relation, &relation.owned, major)
        .get(&PUBLIC)
        .map_or_else(Rights::default, |held| held.rights)
}

/// PUBLIC's rights on columns, with the column.
fn on_columns(relation: &Relation) -> impl Iterator<Item = (&str, Rights, Place)> {
    relation.column_rows.iter().filter_map(|row| {
        let rights = row
            .acl
            .iter()
            .flatten()
            .filter(|item| item.role == PUBLIC)
            .fold(Rights::default(), |all, item| all.or(item.rights));
        (!rights.is_empty()).then_some((&*row.name, rights, row.place))
    })
}

impl Rule<Facts> for PublicTableGrant {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for (database, captured) in &facts.captured {
            for one in &captured.relations {
                if one.is_sequence() || of_system(&one.schema) {
                    continue;
                }
                let rights = of_public(one, facts.major());
                let columns: Vec<_> = on_columns(one).collect();
                let name = format!("{}.{}", quoted(database), one.qualified());
                let base = |place, says: String| {
                    Finding::new(&Self::META, format!("grants to PUBLIC on {name}"), place, says)
                };
                let mut finding = if !rights.is_empty() {
                    base(one.owned.place, format!("PUBLIC: {rights}"))
                } else if let Some((column, rights, place)) = columns.first() {
                    base(*place, format!("PUBLIC: {rights} ({column})"))
                } else {
                    continue;
                };
                let skip = usize::from(rights.is_empty());
                for (column, rights, place) in columns.iter().skip(skip) {
                    finding = finding.evidence(*place, format!("PUBLIC: {rights} ({column})"));
                }
                let all = columns.iter().fold(rights, |all, (_, more, _)| all.or(*more));
                let rung = if crate::lower::is_all(rights) {
                    Rung::Broad
                } else if rights.is_empty() {
                    Rung::Narrow
                } else {
                    Rung::Scoped
                };
                let tightest = all
                    .iter()
                    .map(|privilege| attainable(privilege, one.row_security))
                    .min()
                    .unwrap_or(Rung::Narrow);
                let ask = Ask {
                    facts,
                    database,
                    subject: PUBLIC,
                };
                let severity = if one.extension.is_some() {
                    Severity::Low
                } else if ask.finds(&one.schema) {
                    Severity::High
                } else {
                    Severity::Medium
                };
                out.push(
                    finding
                        .severity(severity)
                        .title(format!("PUBLIC has {all} on {name}"))
                        .identity(GROUP.name, "PUBLIC")
                        .resource(TABLE.name, &name)
                        .on_rung(rung, tightest)
                        .fix(format!(
                            "REVOKE ALL ON {} FROM PUBLIC; then grant to the roles that use it.",
                            one.qualified()
                        )),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{causes, document, found};
    use foursee_core::model::{Rung, Severity};
    use serde_json::json;

    const RULE: &str = "postgres-public-table-grant";

    #[test]
    fn a_grant_to_public_fires() {
        let text = document(|all| {
            all["relations"][0]["acl"] = json!(["own=arwdDxt/own", "=r/own"]);
            all["schemas"][0]["acl"] = json!(["own=UC/own", "=U/own"]);
        });
        let all = found(RULE, &text);
        assert_eq!(causes(RULE, &text), ["grants to PUBLIC on shop.app.t"]);
        assert_eq!(
            (all[0].severity, all[0].rung),
            (Severity::High, Some(Rung::Scoped))
        );
    }

    #[test]
    fn a_grant_to_a_role_is_silent() {
        let text = document(|all| all["relations"][0]["acl"] = json!(["own=arwdDxt/own", "web=r/own"]));
        assert!(causes(RULE, &text).is_empty());
    }

    /// The twin: a role whose name is `public` in capitals, or quoted, is a role like others.
    #[test]
    fn a_role_called_public_is_a_role() {
        let text = document(|all| {
            all["roles"][4]["name"] = "PUBLIC".into();
            all["relations"][0]["acl"] = json!(["own=arwdDxt/own", "PUBLIC=r/own"]);
        });
        assert!(causes(RULE, &text).is_empty());
    }

    #[test]
    fn without_usage_it_is_milder_and_columns_count() {
        let text = document(|all| {
            all["columns"] =
                json!([{"schema": "app", "relation": "t", "name": "id", "number": 1, "acl": ["=r/own"]}]);
        });
        let all = found(RULE, &text);
        assert_eq!(
            (all[0].severity, all[0].rung),
            (Severity::Medium, Some(Rung::Narrow))
        );
        assert_eq!(all[0].title, "PUBLIC has SELECT on shop.app.t");
    }
}
