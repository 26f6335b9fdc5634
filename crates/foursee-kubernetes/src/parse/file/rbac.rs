//! Roles, bindings and service accounts.

use super::meta::{boxed, meta};
use crate::facts::*;
use crate::parse::shapes::*;
use crate::parse::{Source, yaml};
use foursee_core::document::Notes;

/// `matchLabels` and `matchExpressions`, as one list of requirements.
pub(super) fn label_selector(from: &SelectorShape<'_>) -> LabelSelector {
    let labels = from.match_labels.0.iter().map(|(key, value)| Requirement {
        key: (&**key).into(),
        operator: "In".into(),
        values: vec![(&**value).into()],
    });
    let expressions = from.match_expressions.iter().map(|one| Requirement {
        key: (&*one.key).into(),
        operator: (&*one.operator).into(),
        values: boxed(&one.values),
    });
    LabelSelector(labels.chain(expressions).collect())
}

pub(super) fn role(
    source: Source<'_>,
    kind: RoleKind,
    from: &RoleShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
    let meta = meta(
        source,
        &from.metadata,
        kind == RoleKind::Role,
        &mut facts.pool,
        notes,
    );
    let live = meta.live;
    let rules = from
        .rules
        .iter()
        .enumerate()
        .map(|(number, rule)| {
            let place = match source
                .yaml
                .and_then(|text| yaml::item_offset(text, "rules", number))
            {
                Some(at) => source.document.at(source.base + at),
                None => source.place(
                    rule.verbs
                        .first()
                        .or_else(|| rule.resources.first())
                        .or_else(|| rule.non_resource_urls.first())
                        .map_or("", |text| text),
                ),
            };
            (policy_rule(rule), place)
        })
        .collect();
    let aggregation = from
        .aggregation_rule
        .as_ref()
        .map(|rule| rule.cluster_role_selectors.iter().map(label_selector).collect());
    facts.roles.push(Role {
        kind,
        meta,
        rules,
        aggregation,
        shipped: false,
        vendor: None,
    });
    live
}

pub(crate) fn policy_rule(rule: &RuleShape<'_>) -> PolicyRule {
    PolicyRule {
        verbs: boxed(&rule.verbs),
        groups: boxed(&rule.api_groups),
        resources: boxed(&rule.resources),
        names: boxed(&rule.resource_names),
        urls: boxed(&rule.non_resource_urls),
    }
}

pub(super) fn binding(
    source: Source<'_>,
    namespaced: bool,
    from: &BindingShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
    let meta = meta(source, &from.metadata, namespaced, &mut facts.pool, notes);
    let live = meta.live;
    let subjects = from
        .subjects
        .iter()
        .enumerate()
        .map(|(number, subject)| Subject {
            kind: (&*subject.kind).into(),
            name: (&*subject.name).into(),
            namespace: (&*subject.namespace).into(),
            place: match source
                .yaml
                .and_then(|text| yaml::item_offset(text, "subjects", number))
            {
                Some(at) => source.document.at(source.base + at),
                None => source.place(&subject.name),
            },
        })
        .collect();
    facts.bindings.push(Binding {
        meta,
        role_kind: (&*from.role_ref.kind).into(),
        role_name: (&*from.role_ref.name).into(),
        subjects,
        shipped: false,
    });
    live
}

pub(super) fn account(
    source: Source<'_>,
    from: &AccountShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
    let meta = meta(source, &from.metadata, true, &mut facts.pool, notes);
    let live = meta.live;
    facts.accounts.push(ServiceAccount {
        meta,
        automount: from.automount_service_account_token,
    });
    live
}
