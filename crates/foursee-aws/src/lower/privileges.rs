//! The rows of the privileges table, and where each statement stands on the spectrum.
//!
//! Rows are declared: a managed policy's stand on its own node, which its holders are members of. A holder that has a
//! permissions boundary gets rows of its own, no wider than the boundary.

use super::{BUCKET, GROUP, OBJECT, POLICY, RESOURCE, ROLE, USER, holder_node};
use crate::data;
use crate::facts::{Attached, Facts};
use crate::policy::{ActionPattern, Context, Effect, Policy, ResourcePattern, Statement, Tri};
use foursee_core::estate::{Basis, Lowering, Over};
use foursee_core::model::{Certainty, Kind, NodeId, Pattern, Rung};
use std::collections::BTreeSet;

/// Where one action over one resource stands.
///
/// `*` on `*` is unbounded; a whole service on `*` service-wide; a whole service on one resource, or named actions on
/// `*`, broad; named actions on named resources (a bucket, all its objects) scoped; the same below a prefix or suffix,
/// or under conditions, narrow.
#[must_use]
fn rung(action: Option<&ActionPattern>, resource: Option<&ResourcePattern>, conditional: bool) -> Rung {
    let everything = resource.is_none_or(whole_service_resource);
    let Some(action) = action else {
        // NotAction: everything but what it names.
        return if everything { Rung::Unbounded } else { Rung::Broad };
    };
    if action.all() {
        return if everything { Rung::Unbounded } else { Rung::Broad };
    }
    if action.whole_service().is_some() {
        return if everything {
            Rung::ServiceWide
        } else {
            Rung::Broad
        };
    }
    let Some(resource) = resource.filter(|_| !everything) else {
        return Rung::Broad;
    };
    match shape(resource.text()) {
        Shape::Type => Rung::Broad,
        Shape::Whole if !conditional => Rung::Scoped,
        Shape::Whole | Shape::Part => Rung::Narrow,
    }
}

/// How much of what is there a resource's ARN means.
enum Shape {
    /// Everything of a type: `role/*`.
    Type,
    /// A named resource, or resources by the beginning of their names, with all that is in them.
    Whole,
    /// A part of a named resource.
    Part,
}

fn shape(text: &str) -> Shape {
    let mut parts = text.splitn(6, ':');
    let service = parts.nth(2).unwrap_or_default();
    let rest = parts.nth(2).unwrap_or_default();
    if service == "s3" {
        return match rest.split_once('/') {
            None | Some((_, "*")) => Shape::Whole,
            Some(_) => Shape::Part,
        };
    }
    let stars = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte == b'*');
    match rest.rsplit_once(['/', ':']) {
        Some((before, last)) if stars(last) && !before.contains(['/', ':']) => Shape::Type,
        _ => Shape::Whole,
    }
}

/// Whether a resource pattern means everything of its service.
fn whole_service_resource(pattern: &ResourcePattern) -> bool {
    let stars = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte == b'*');
    let text = pattern.text();
    pattern.all() || (text.starts_with("arn:") && text.splitn(6, ':').nth(5).is_none_or(stars))
}

/// Where a statement stands: on the rung of its widest part.
#[must_use]
pub(crate) fn rung_of(statement: &Statement) -> Rung {
    let (actions, resources) = parts(statement);
    let conditional = narrows(statement);
    let each = |action| resources.iter().map(move |one| rung(action, *one, conditional));
    actions.into_iter().flat_map(each).min().unwrap_or(Rung::Narrow)
}

/// Whether the conditions can make a difference.
fn narrows(statement: &Statement) -> bool {
    let nothing = Context::default();
    statement
        .conditions
        .iter()
        .any(|clause| clause.holds(&nothing, &mut BTreeSet::new()) != Tri::Yes)
}

/// The actions and the resources of a statement; none stands for NotAction and NotResource.
fn parts(statement: &Statement) -> (Vec<Option<&ActionPattern>>, Vec<Option<&ResourcePattern>>) {
    let actions = if statement.actions.not {
        vec![None]
    } else {
        statement.actions.list.iter().map(Some).collect()
    };
    let resources = match &statement.resources {
        Some(resources) if !resources.not => resources.list.iter().map(Some).collect(),
        _ => vec![None],
    };
    (actions, resources)
}

/// The tightest that can be said of an action: where no resource can be named, named actions are all there is.
#[must_use]
fn attainable(action: Option<&ActionPattern>) -> Rung {
    match action {
        Some(action) if data::wildcard_only(&action.text().to_ascii_lowercase()) => Rung::Broad,
        _ => Rung::Narrow,
    }
}

/// Writes the rows of all holders and managed policies.
pub(super) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    let used: BTreeSet<&str> = facts
        .holders()
        .filter(|holder| holder.grants().boundary.is_none())
        .flat_map(|holder| holder.grants().attached.iter().map(|one| &*one.arn))
        .collect();
    for managed in facts
        .managed
        .iter()
        .filter(|one| used.contains(&*one.arn) || !one.arn.contains("::aws:"))
    {
        let node = out.node(&POLICY, &managed.arn);
        if used.contains(&*managed.arn) {
            rows(&managed.policy, node, None, out);
        }
    }
    for holder in facts.holders() {
        let node = holder_node(&holder, out);
        let grants = holder.grants();
        let floor = grants.boundary.as_ref().map(|boundary| bounded(facts, boundary));
        for inline in &grants.inline {
            rows(&inline.policy, node, floor, out);
        }
        for attached in &grants.attached {
            match (floor, facts.managed_policy(&attached.arn)) {
                (None, Some(_)) => {
                    let policy = out.node(&POLICY, &attached.arn);
                    out.member(node, policy, attached.place);
                }
                (Some(_), Some(found)) => rows(&found.policy, node, floor, out),
                (_, None) => {}
            }
        }
    }
}

/// The widest that a boundary leaves.
fn bounded(facts: &Facts, boundary: &Attached) -> Rung {
    let Some(found) = facts.managed_policy(&boundary.arn) else {
        return Rung::Unbounded;
    };
    let allows = found
        .policy
        .statements
        .iter()
        .filter(|one| one.effect == Effect::Allow);
    allows.map(rung_of).min().unwrap_or(Rung::Narrow)
}

fn rows(policy: &Policy, holder: NodeId, floor: Option<Rung>, out: &mut Lowering<'_>) {
    let basis = if floor.is_some() {
        Basis::Effective
    } else {
        Basis::Declared
    };
    for statement in policy.statements.iter().filter(|one| one.effect == Effect::Allow) {
        let conditional = narrows(statement);
        let condition = if conditional {
            let clauses: Vec<String> = statement.conditions.iter().map(ToString::to_string).collect();
            out.condition(&clauses.join(" and "))
        } else {
            out.condition("")
        };
        let (actions, resources) = parts(statement);
        let actions = actions
            .into_iter()
            .filter(|action| action.is_none_or(ActionPattern::well_formed));
        let mut overs: Option<Vec<(NodeId, bool)>> = None;
        for action in actions {
            let overs =
                overs.get_or_insert_with(|| resources.iter().map(|one| over(statement, *one, out)).collect());
            let text = action.map_or("*", ActionPattern::text);
            let (verb, attainable) = (data::verb(text), attainable(action).max(Rung::Broad));
            for (resource, (over, unsure)) in resources.iter().zip(overs.iter()) {
                let stands = rung(action, *resource, conditional).max(floor.unwrap_or(Rung::Unbounded));
                let certainty = if !statement.flaws.is_empty() || !policy.flaws.is_empty() {
                    Certainty::Unknown
                } else if *unsure || (action.is_none() && !statement.actions.list.is_empty()) {
                    Certainty::Ask
                } else {
                    Certainty::Certain
                };
                out.privilege(holder, verb, text, *over, stands, statement.place)
                    .certainty(certainty)
                    .when(condition)
                    .attainable(attainable)
                    .basis(basis);
            }
        }
    }
}

/// What a resource pattern is over: a bucket, objects, identities, or anything else.
fn over(statement: &Statement, resource: Option<&ResourcePattern>, out: &mut Lowering<'_>) -> (NodeId, bool) {
    let Some(resource) = resource else {
        let except: Vec<(String, bool)> = match &statement.resources {
            Some(resources) => resources.list.iter().map(ResourcePattern::loose).collect(),
            None => Vec::new(),
        };
        let unsure = except.iter().any(|(_, unsure)| *unsure);
        let except: Vec<Pattern> = except
            .iter()
            .filter(|(_, unsure)| !unsure)
            .map(|(text, _)| Pattern::from_glob(text))
            .collect();
        return (
            out.select(Over {
                kind: &RESOURCE,
                pattern: &Pattern::Any,
                except: &except,
            }),
            unsure,
        );
    };
    let (text, unsure) = resource.loose();
    (
        out.select(Over {
            kind: kind_of(&text),
            pattern: &Pattern::from_glob(&text),
            except: &[],
        }),
        unsure,
    )
}

/// The kind of what an ARN, or a pattern over ARNs, names.
pub(crate) fn kind_of(text: &str) -> &'static Kind {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [_, _, service, _, _, rest] = parts.as_slice() else {
        return &RESOURCE;
    };
    match (*service, rest.split('/').next().unwrap_or_default()) {
        ("s3", "") => &RESOURCE,
        ("s3", _) if rest.contains('/') => &OBJECT,
        ("s3", name) if !name.starts_with(['*', '?']) => &BUCKET,
        ("iam", "role") => &ROLE,
        ("iam", "user") => &USER,
        ("iam", "group") => &GROUP,
        ("iam", "policy") => &POLICY,
        _ => &RESOURCE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use foursee_core::document::Place;
    use foursee_core::model::DocId;

    fn stands(statement: &str) -> Rung {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        let policy = crate::policy::parse(&text, None, Place { doc: DocId(0), at: 0 }).unwrap();
        rung_of(&policy.statements[0])
    }

    #[test]
    fn three_policies_over_one_bucket_stand_on_three_rungs() {
        let broad =
            r#"{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::media","arn:aws:s3:::media/*"]}"#;
        let scoped = r#"{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::media/*"}"#;
        let narrow = r#"{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],
            "Resource":["arn:aws:s3:::media/images/*.jpg","arn:aws:s3:::media/images/*.png"]}"#;
        assert_eq!(
            (stands(broad), stands(scoped), stands(narrow)),
            (Rung::Broad, Rung::Scoped, Rung::Narrow)
        );
    }

    #[test]
    fn the_wide_end() {
        for (statement, want) in [
            (
                r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#,
                Rung::Unbounded,
            ),
            (
                r#"{"Effect":"Allow","Action":"*:*","Resource":"*"}"#,
                Rung::Unbounded,
            ),
            (
                r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#,
                Rung::Unbounded,
            ),
            (
                r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#,
                Rung::ServiceWide,
            ),
            (
                r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::*"}"#,
                Rung::ServiceWide,
            ),
            (
                r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#,
                Rung::Broad,
            ),
            (
                r#"{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/*"}"#,
                Rung::Broad,
            ),
            (
                r#"{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/app-*"}"#,
                Rung::Scoped,
            ),
            (
                r#"{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:eu-west-1:111122223333:q",
                "Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}}"#,
                Rung::Narrow,
            ),
        ] {
            assert_eq!(stands(statement), want, "{statement}");
        }
    }
}
