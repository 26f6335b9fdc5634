//! `decide`: questions and answers in the shapes of SimulateCustomPolicy and SimulatePrincipalPolicy.
//!
//! Beside AWS's own fields a question may have ServiceControlPolicies and ResourceControlPolicies (levels of documents),
//! SessionPolicies and VpcEndpointPolicies; beside AWS's, an answer has `Decision` (with "possible" as a fourth word),
//! `Layers`, `BlockedBy` and `Conditions`. Source: the IAM API model, SimulateCustomPolicy.

mod shape;

use super::{Answer, Caller, Decision, Layers, Request, Source, Sources, authorize};
use crate::facts::{Facts, Holder};
use crate::policy::{Context, Policy, Tri, Value, parse, text_of};
use foursee_core::document::Place;
use foursee_core::layer::QuestionError;
use foursee_core::model::DocId;
use serde_json::value::RawValue;
use shape::{
    Answers, ByBoundary, ByOrganizations, Entry, Exclusion, Matched, Originals, Question, Result_, Specific,
};
use std::collections::BTreeMap;

fn malformed(why: impl Into<String>) -> QuestionError {
    QuestionError::Malformed {
        layer: "aws",
        why: why.into(),
    }
}

/// The documents of a question: parsed, with the names that answers call them by.
type Documents = Vec<(String, Policy)>;

fn documents(field: &str, all: &[&RawValue]) -> Result<Documents, QuestionError> {
    let nowhere = Place {
        doc: DocId(u32::MAX),
        at: 0,
    };
    all.iter()
        .enumerate()
        .map(|(at, raw)| {
            let name = format!("{field}.{}", at + 1);
            let policy = parse(raw.get(), None, nowhere)
                .map_err(|flaw| malformed(format!("{name} is no policy document: {}", flaw.0)))?;
            Ok((name, policy))
        })
        .collect()
}

fn levels(field: &str, all: &[Vec<&RawValue>]) -> Result<Vec<Documents>, QuestionError> {
    all.iter()
        .enumerate()
        .map(|(at, level)| documents(&format!("{field}.{}", at + 1), level))
        .collect()
}

fn sources<'p>(all: &'p Documents, kind: &'static str) -> Sources<'p> {
    Sources(
        all.iter()
            .map(|(id, policy)| Source {
                id,
                kind,
                policy: Some(policy),
            })
            .collect(),
    )
}

/// Answers one question.
pub(crate) fn decide(facts: &Facts, question: &str, out: &mut Vec<u8>) -> Result<(), QuestionError> {
    let asked: Question<'_> = serde_json::from_str(question).map_err(|error| malformed(error.to_string()))?;
    if asked.action_names.is_empty() {
        return Err(malformed(
            "it has no ActionNames; name at least one, such as \"s3:GetObject\"",
        ));
    }
    if let Some(bad) = asked
        .action_names
        .iter()
        .find(|one| !one.contains(':') || one.contains(['*', '?']))
    {
        return Err(malformed(format!(
            "`{}` in ActionNames is not one action, such as s3:GetObject",
            &**bad
        )));
    }
    if asked.policy_source_arn.is_empty()
        && asked.policy_input_list.is_empty()
        && asked.resource_policy.is_none()
    {
        return Err(malformed(
            "it has neither PolicyInputList, ResourcePolicy nor PolicySourceArn",
        ));
    }
    let boundaries = asked.permissions_boundary_policy_input_list.as_deref();
    if boundaries.is_some_and(|all| all.len() > 1) {
        return Err(malformed(
            "PermissionsBoundaryPolicyInputList takes one document at most",
        ));
    }
    let own = documents("PolicyInputList", &asked.policy_input_list)?;
    let boundary = boundaries
        .map(|all| documents("PermissionsBoundaryPolicyInputList", all))
        .transpose()?;
    let resource = asked
        .resource_policy
        .map(|raw| documents("ResourcePolicy", &[raw]))
        .transpose()?;
    let session = asked
        .session_policies
        .as_deref()
        .map(|all| documents("SessionPolicies", all))
        .transpose()?;
    let endpoint = asked
        .vpc_endpoint_policies
        .as_deref()
        .map(|all| documents("VpcEndpointPolicies", all))
        .transpose()?;
    let ordered = asked.ordered_organization_policy_input_list.as_ref().map(|all| {
        all.iter()
            .map(|level| level.service_control_policy_input_list.clone())
            .collect::<Vec<_>>()
    });
    let scps = match (&ordered, &asked.service_control_policies) {
        (Some(all), _) => Some(levels("OrderedOrganizationPolicyInputList", all)?),
        (None, Some(all)) => Some(levels("ServiceControlPolicies", all)?),
        (None, None) => None,
    };
    let rcps = asked
        .resource_control_policies
        .as_deref()
        .map(|all| levels("ResourceControlPolicies", all))
        .transpose()?;

    let mut originals = Originals::default();
    let lists = [
        ("PolicyInputList", asked.policy_input_list.as_slice()),
        (
            "PermissionsBoundaryPolicyInputList",
            boundaries.unwrap_or_default(),
        ),
    ];
    for (field, list) in lists {
        for (at, raw) in list.iter().enumerate() {
            if let Some(text) = text_of(raw.get()) {
                originals.0.insert(format!("{field}.{}", at + 1), text);
            }
        }
    }
    if let Some(text) = asked.resource_policy.and_then(|raw| text_of(raw.get())) {
        originals.0.insert("ResourcePolicy".to_owned(), text);
    }

    let mut context = Context::default();
    let mut layers = Layers::default();
    let mut caller = Caller::Nobody;
    if !asked.policy_source_arn.is_empty() {
        let holder = facts
            .holder(&asked.policy_source_arn)
            .ok_or_else(|| QuestionError::Unknown {
                what: asked.policy_source_arn.to_string(),
                scope: facts.account().unwrap_or_default().to_owned(),
            })?;
        layers = facts.layers(&holder);
        exclude(&mut layers, &holder, &asked.policy_exclusion_list);
        context = facts.context(&holder);
        caller = holder.caller();
    }
    if !asked.caller_arn.is_empty() {
        caller = Caller::parse(&asked.caller_arn)
            .or_else(|| asked.caller_arn.contains(":group/").then_some(Caller::Nobody))
            .ok_or_else(|| {
                malformed(format!(
                    "CallerArn `{}` names no user, role, session or account",
                    &*asked.caller_arn
                ))
            })?;
        if *asked.caller_arn != *asked.policy_source_arn {
            context = facts
                .holder(&asked.caller_arn)
                .map_or_else(Context::default, |holder| facts.context(&holder));
        }
    }
    entries(&asked.context_entries, &mut context);
    layers.identity.0.extend(sources(&own, "IAM Policy").0);
    if let Some(boundary) = &boundary {
        layers.boundary = Some(sources(boundary, "IAM Policy"));
    }
    if let Some(all) = &resource {
        layers.resource = all.first().map(|(_, policy)| Source {
            id: "ResourcePolicy",
            kind: "Resource Policy",
            policy: Some(policy),
        });
    }
    if let Some(all) = &session {
        layers.session = Some(sources(all, "Session Policy"));
    }
    if let Some(all) = &endpoint {
        layers.endpoint = Some(sources(all, "VPC Endpoint Policy"));
    }
    if let Some(all) = &scps {
        layers.scps = Some(all.iter().map(|level| sources(level, "SCP")).collect());
        layers.unplaced = Sources::default();
        layers.management_account = false;
    }
    if let Some(all) = &rcps {
        layers.rcps = Some(all.iter().map(|level| sources(level, "RCP")).collect());
    }
    let owner = match &*asked.resource_owner {
        "" => caller.account(),
        text if text.len() == 12 => Some(text),
        arn => super::account_of(arn),
    };
    let resources: Vec<&str> = match asked.resource_arns.0.as_slice() {
        [] => vec!["*"],
        all => all.iter().map(|one| &**one).collect(),
    };
    let evaluation_results = asked
        .action_names
        .iter()
        .map(|action| {
            let specific: Vec<Specific<'_>> = resources
                .iter()
                .map(|resource| {
                    let request = Request {
                        caller: &caller,
                        action,
                        resource,
                        owner,
                        context: &context,
                    };
                    specific(resource, authorize(&request, &layers), &layers, &originals)
                })
                .collect();
            result(action, specific, &layers, asked.resource_arns.is_empty())
        })
        .collect();
    serde_json::to_writer(
        out,
        &Answers {
            evaluation_results,
            is_truncated: false,
        },
    )
    .map_err(|error| malformed(format!("the answer cannot be written: {error}")))
}

fn exclude(layers: &mut Layers<'_>, holder: &Holder<'_>, exclusions: &[Exclusion<'_>]) {
    for one in exclusions {
        let grants = holder.grants();
        match &*one.policy_type {
            "inline" => layers
                .identity
                .0
                .retain(|source| !grants.inline.iter().any(|inline| *inline.name == *source.id)),
            "aws-managed" => {
                let own = |id: &str| {
                    grants
                        .attached
                        .iter()
                        .any(|a| a.arn.contains("::aws:") && a.arn.ends_with(&format!("/{id}")))
                };
                layers.identity.0.retain(|source| !own(source.id));
            }
            "user-managed" => {
                let own = |id: &str| {
                    grants
                        .attached
                        .iter()
                        .any(|a| !a.arn.contains("::aws:") && a.arn.ends_with(&format!("/{id}")))
                };
                layers.identity.0.retain(|source| !own(source.id));
            }
            "permission-boundary" => layers.boundary = None,
            "scp" => layers.scps = None,
            _ => {}
        }
        if !one.policy_arn.is_empty() {
            let name = one.policy_arn.rsplit('/').next().unwrap_or_default();
            layers.identity.0.retain(|source| source.id != name);
        }
    }
}

fn entries(all: &[Entry<'_>], context: &mut Context) {
    let mut given: BTreeMap<String, &str> = BTreeMap::new();
    for entry in all {
        let key = &*entry.context_key_name;
        // Two names that differ by case: which one is compared is not said.
        if given
            .insert(key.to_ascii_lowercase(), key)
            .is_some_and(|before| before != key)
        {
            context.set(key, Value::Ambiguous);
            continue;
        }
        let values: Vec<String> = entry
            .context_key_values
            .iter()
            .map(|one| one.to_string())
            .collect();
        let list = entry.context_key_type.ends_with("List");
        let value = match (values.as_slice(), list) {
            ([], false) => Value::Absent,
            ([one], false) => Value::One(one.clone()),
            _ => Value::Many(values),
        };
        context.set(key, value);
    }
}

/// AWS's word: what is possible is an implicit deny with missing context values.
const fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Possible => Decision::ImplicitDeny.as_str(),
        other => other.as_str(),
    }
}

const fn says(allows: Tri, denies: Tri) -> &'static str {
    match (denies, allows) {
        (Tri::Yes, _) => "explicitDeny",
        (_, Tri::No) => "implicitDeny",
        (Tri::No, Tri::Yes) => "allowed",
        _ => "possible",
    }
}

fn specific<'a>(
    resource: &'a str,
    answer: Answer<'a>,
    layers: &Layers<'a>,
    originals: &Originals<'_>,
) -> Specific<'a> {
    let blocked_by: Vec<&'static str> = answer.blocked_by().collect();
    let said = |layer: &str| {
        answer
            .layers
            .iter()
            .find(|one| one.layer == layer)
            .map(|one| says(one.allows, one.denies))
    };
    let by_scp = said("scp").is_some_and(|word| word == "explicitDeny");
    let details = if answer.cross_account {
        let word = |layer| match said(layer) {
            Some("possible") | None => "implicitDeny",
            Some(word) => word,
        };
        Some(BTreeMap::from([
            ("IAM Policy", word("identity")),
            ("Resource Policy", word("resource")),
        ]))
    } else {
        (resource != "*").then(BTreeMap::new)
    };
    Specific {
        eval_resource_name: resource,
        eval_resource_decision: word(answer.decision),
        matched_statements: answer
            .matched
            .iter()
            .map(|(source, statement)| Matched {
                source_policy_id: source.id,
                source_policy_type: source.kind,
                start_position: originals.position(source.id, statement.span.0),
                end_position: originals.position(source.id, statement.span.1),
                sid: &statement.sid,
            })
            .collect(),
        missing_context_values: answer.missing.iter().cloned().collect(),
        eval_decision_details: details.filter(|_| !by_scp),
        permissions_boundary_decision_detail: layers.boundary.as_ref().map(|_| ByBoundary {
            allowed_by_permissions_boundary: said("boundary") == Some("allowed"),
        }),
        decision: answer.decision.as_str(),
        layers: answer
            .layers
            .iter()
            .map(|one| (one.layer, says(one.allows, one.denies)))
            .collect(),
        blocked_by,
        conditions: answer.conditions,
    }
}

/// How restrictive a decision is, for the aggregate over several resources.
fn weight(word: &str) -> u8 {
    match word {
        "allowed" => 0,
        "possible" => 1,
        "implicitDeny" => 2,
        _ => 3,
    }
}

fn result<'a>(
    action: &'a str,
    specific: Vec<Specific<'a>>,
    layers: &Layers<'_>,
    no_resources: bool,
) -> Result_<'a> {
    let worst = specific.iter().max_by_key(|one| weight(one.decision));
    let mut all: Vec<Matched<'a>> = Vec::new();
    let mut missing = std::collections::BTreeSet::new();
    let mut merged: BTreeMap<&'static str, &'static str> = BTreeMap::new();
    for one in &specific {
        for matched in &one.matched_statements {
            if !all.contains(matched) {
                all.push(matched.clone());
            }
        }
        missing.extend(one.missing_context_values.iter().cloned());
        for (layer, word) in &one.layers {
            let slot = merged.entry(*layer).or_insert(*word);
            if weight(word) > weight(slot) {
                *slot = *word;
            }
        }
    }
    let one_resource = match specific.as_slice() {
        [one] => one.eval_resource_name,
        _ => "*",
    };
    Result_ {
        eval_action_name: action,
        eval_resource_name: one_resource,
        eval_decision: worst.map_or("implicitDeny", |one| one.eval_resource_decision),
        matched_statements: all,
        missing_context_values: missing.into_iter().collect(),
        organizations_decision_detail: layers.scps.as_ref().map(|_| ByOrganizations {
            allowed_by_organizations: merged.get("scp").is_none_or(|word| *word == "allowed"),
        }),
        permissions_boundary_decision_detail: layers.boundary.as_ref().map(|_| ByBoundary {
            allowed_by_permissions_boundary: merged.get("boundary") == Some(&"allowed"),
        }),
        eval_decision_details: worst.and_then(|one| one.eval_decision_details.clone()),
        decision: worst.map_or("implicitDeny", |one| one.decision),
        blocked_by: worst.map(|one| one.blocked_by.clone()).unwrap_or_default(),
        conditions: worst.map(|one| one.conditions.clone()).unwrap_or_default(),
        layers: merged,
        resource_specific_results: if no_resources { Vec::new() } else { specific },
    }
}
