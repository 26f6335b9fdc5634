//! How an item is filed: from a borrowed shape into the facts' tables.

use super::references::{TiedShape, tied};
use super::shapes::*;
use super::stream::Rest;
use super::workload::workload;
use super::{Source, cloud, peek_kind, refused, survey, yaml};
use crate::facts::*;
use foursee_core::document::{Held, Notes, Str};
use foursee_core::model::{Gap, Reason};
use foursee_core::secret;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// An object about to be filed.
pub(super) struct Filing<'d, 'x> {
    pub source: Source<'d>,
    pub kind: &'x str,
    pub facts: &'x mut Facts,
    pub notes: &'x mut Notes,
}

/// Files the object that a map holds; says whether it is live. Nothing of it is filed unless all of it was read.
pub(super) fn filed<'de, A: MapAccess<'de>>(filing: Filing<'_, '_>, map: A) -> Result<bool, A::Error> {
    let Filing {
        source,
        kind,
        facts,
        notes,
    } = filing;
    let from = MapAccessDeserializer::new(map);
    Ok(match kind {
        "Role" => role(
            source,
            RoleKind::Role,
            &RoleShape::deserialize(from)?,
            facts,
            notes,
        ),
        "ClusterRole" => role(
            source,
            RoleKind::ClusterRole,
            &RoleShape::deserialize(from)?,
            facts,
            notes,
        ),
        "RoleBinding" => binding(source, true, &BindingShape::deserialize(from)?, facts, notes),
        "ClusterRoleBinding" => binding(source, false, &BindingShape::deserialize(from)?, facts, notes),
        "ServiceAccount" => account(source, &AccountShape::deserialize(from)?, facts, notes),
        "Pod" => {
            let one = PodShape::deserialize(from)?;
            workload(source, "Pod", &one.metadata, Some(&one), facts, notes)
        }
        "CronJob" => {
            let one = CronShape::deserialize(from)?;
            let template = one.spec.job_template.spec.template.as_ref();
            workload(source, "CronJob", &one.metadata, template, facts, notes)
        }
        "Secret" => secret(source, &DataShape::deserialize(from)?, facts, notes),
        "ConfigMap" => config_map(source, &DataShape::deserialize(from)?, facts, notes),
        "Service" => service(source, &ServiceShape::deserialize(from)?, facts, notes),
        "Ingress" => ingress(source, &IngressShape::deserialize(from)?, facts, notes),
        "PersistentVolume" => tied(
            source,
            "PersistentVolume",
            &TiedShape::deserialize(from)?,
            facts,
            notes,
        ),
        "VolumeAttachment" => tied(
            source,
            "VolumeAttachment",
            &TiedShape::deserialize(from)?,
            facts,
            notes,
        ),
        "ResourceSlice" => tied(
            source,
            "ResourceSlice",
            &TiedShape::deserialize(from)?,
            facts,
            notes,
        ),
        "PodCertificateRequest" => tied(
            source,
            "PodCertificateRequest",
            &TiedShape::deserialize(from)?,
            facts,
            notes,
        ),
        "Status" => {
            let one = StatusShape::deserialize(from)?;
            notes.gap(refused(&one.message, &one.reason).at(source.document.at(source.base)));
            false
        }
        _ => match CONTROLLERS.iter().find(|one| **one == kind) {
            Some(kind) => {
                let one = ControllerShape::deserialize(from)?;
                workload(
                    source,
                    kind,
                    &one.metadata,
                    one.spec.template.as_ref(),
                    facts,
                    notes,
                )
            }
            None => {
                let one = AnyShape::deserialize(from)?;
                let meta = meta(source, &one.metadata, false, notes);
                let live = meta.live;
                match kind {
                    "Namespace" => {
                        survey::kube_system(notes, &meta.name, &one.metadata.uid);
                        facts.namespaces.push(Plain { meta });
                    }
                    "Node" => facts.nodes.push(Plain { meta }),
                    _ => {}
                }
                live
            }
        },
    })
}

/// What makes pods of a template.
const CONTROLLERS: [&str; 6] = [
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
    "Job",
];

/// Notes that an object of the kind was filed.
pub(super) fn done(source: Source<'_>, kind: &str, live: bool, facts: &mut Facts, notes: &mut Notes) {
    survey::saw(notes, kind);
    match facts.kinds.get_mut(kind) {
        Some(known) => *known |= live,
        None => {
            let known = survey::document_kind(kind).is_some() || matches!(kind, "ConfigMap" | "Status");
            if !known {
                notes.gap(unsupported(kind).at(source.document.at(source.base)));
            }
            facts.kinds.insert(kind.into(), live);
        }
    }
}

/// Files one object of which the text is in hand. `of_list` is its kind where it does not say it itself.
pub(super) fn item(
    source: Source<'_>,
    text: &str,
    of_list: Option<&str>,
    facts: &mut Facts,
    notes: &mut Notes,
) {
    let own = peek_kind(text);
    let Some(kind) = own.as_deref().or(of_list) else {
        redact_all(source, text, notes);
        notes.gap(
            Gap::new(Reason::Malformed, "an object without a kind")
                .hides("whatever it says")
                .closes("the same export again: every object of a List says its kind")
                .at(source.document.at(source.base)),
        );
        return;
    };
    let filing = Filing {
        source,
        kind,
        facts: &mut *facts,
        notes: &mut *notes,
    };
    match serde_json::Deserializer::from_str(text).deserialize_map(filing) {
        Ok(live) => done(source, kind, live, facts, notes),
        Err(_) => {
            survey::saw(notes, kind);
            redact_all(source, text, notes);
            let read = shape::<LiveShape<'_>>(text).unwrap_or_default();
            let meta = &read.metadata;
            if kind == "Namespace" {
                survey::kube_system(notes, &meta.name, &meta.uid);
            }
            let name = full_name(&meta.namespace, &meta.name);
            notes.gap(
                Gap::new(Reason::Malformed, format!("{kind} {name}").trim_end().to_owned())
                    .facet("the object")
                    .hides("everything that it says")
                    .closes("the object as the server prints it: kubectl get -o json")
                    .at(source.document.at(source.base)),
            );
        }
    }
}

impl<'de> Visitor<'de> for Filing<'_, '_> {
    type Value = bool;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<bool, A::Error> {
        filed(self, Rest::whole(map))
    }
}

fn unsupported(kind: &str) -> Gap {
    Gap::new(Reason::Unsupported, format!("objects of kind {kind}"))
        .facet("what they mean")
        .hides("whom they let do something, or what they run, through their own controllers")
        .closes("nothing: this version of foursee does not read the kind")
}

/// An object's uid and name, and nothing else.
#[derive(Deserialize, Default)]
#[serde(default)]
struct LiveShape<'a> {
    #[serde(borrow)]
    metadata: LiveMeta<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct LiveMeta<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    namespace: Str<'a>,
    #[serde(borrow)]
    uid: Str<'a>,
}

pub(super) fn shape<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text)
}

/// Overwrites the whole of a text of which nobody knows what it holds.
pub(super) fn redact_all(source: Source<'_>, text: &str, notes: &mut Notes) {
    // Line by line, so that the lines behind it keep their numbers.
    for line in source.yaml.unwrap_or(text).lines() {
        notes.redact(source.document, line.trim());
    }
}

/// Overwrites the value of a secret: in JSON between its quotes, in YAML wherever its lines stand.
pub(super) fn redact(source: Source<'_>, raw: &RawValue, held: Option<Held>, notes: &mut Notes) {
    let spots = spots(source, raw);
    if spots.is_empty() && text_of(raw).is_some_and(|value| !value.trim().is_empty()) {
        // YAML writes it in a way that is not looked for: nothing of the document is kept.
        redact_all(source, source.yaml.unwrap_or_default(), notes);
    }
    for (part, _) in &spots {
        notes.redact(source.document, part);
    }
    if let Some(held) = held {
        hold_at(source, &spots, &held, notes);
    }
}

/// Says what a value holds, for redacted copies of the document.
pub(super) fn hold(source: Source<'_>, raw: &RawValue, held: Held, notes: &mut Notes) {
    hold_at(source, &spots(source, raw), &held, notes);
}

fn hold_at(source: Source<'_>, spots: &[(&str, bool)], held: &Held, notes: &mut Notes) {
    for (part, certain) in spots {
        let elsewhere = match held {
            // The same word somewhere else in a manifest is that setting's value only if it is a secret.
            Held::Setting(name) => !certain && secret::secret(name, part).is_none(),
            _ => false,
        };
        let held = if elsewhere { Held::Open } else { held.clone() };
        notes.hold(source.document, part, held);
    }
}

/// Where a value stands in the document's text: in JSON between its quotes; in YAML wherever its lines stand, and
/// whether each place is one where values stand.
fn spots<'a>(source: Source<'a>, raw: &'a RawValue) -> Vec<(&'a str, bool)> {
    let inside = raw.get();
    let Some(text) = source.yaml else {
        let bare = inside.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        return vec![(bare.unwrap_or(inside), true)];
    };
    let Some(value) = text_of(raw) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for line in value.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let escaped = serde_json::to_string(line).unwrap_or_default();
        let forms = [
            line.to_owned(),
            escaped.trim_matches('"').to_owned(),
            line.replace('\'', "''"),
        ];
        let before = found.len();
        for form in &forms {
            found.extend(matches_of(text, form));
            if found.len() > before {
                break;
            }
        }
        if found.len() == before {
            return Vec::new();
        }
    }
    found
}

/// Where a line of a value stands in YAML. Whole words only: a value "web" must not overwrite the half of a name.
fn matches_of<'a>(text: &'a str, line: &str) -> Vec<(&'a str, bool)> {
    let ends = |one: Option<char>| one.is_none_or(|one| !one.is_alphanumeric());
    let spot = |at: usize| {
        let head = text.get(..at)?;
        let after = text.get(at + line.len()..).and_then(|part| part.chars().next());
        if line.len() <= 24 && !(ends(head.chars().next_back()) && ends(after)) {
            return None;
        }
        let head = head
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .trim()
            .trim_end_matches(['"', '\'']);
        let certain = head.is_empty()
            || head == "-"
            || head.ends_with("value:")
            || head.contains('[')
            || head.contains('{');
        Some((text.get(at..at + line.len())?, certain))
    };
    text.match_indices(line).filter_map(|(at, _)| spot(at)).collect()
}

pub(super) fn boxed(all: &[Str<'_>]) -> Vec<Box<str>> {
    all.iter().map(|one| (&**one).into()).collect()
}

pub(super) fn pairs(all: &Pairs<'_>) -> Vec<(Box<str>, Box<str>)> {
    all.0
        .iter()
        .map(|(key, value)| ((&**key).into(), (&**value).into()))
        .collect()
}

/// Whether an annotation is kept: who owns the object, its cloud role, how it is exposed.
fn kept(key: &str) -> bool {
    let lower = key.to_lowercase();
    [
        "owner",
        "team",
        "contact",
        "data-class",
        "classification",
        "load-balancer",
        "eks.amazonaws.com/",
        "alb.ingress",
    ]
    .iter()
    .any(|part| lower.contains(part))
        || matches!(
            key,
            "kubernetes.io/service-account.name"
                | "kubernetes.io/ingress.class"
                | "iam.gke.io/gcp-service-account"
                | "rbac.authorization.kubernetes.io/autoupdate"
        )
}

pub(super) fn meta(source: Source<'_>, from: &MetaShape<'_>, namespaced: bool, notes: &mut Notes) -> Meta {
    let mut annotations = Vec::new();
    for (key, raw) in &from.annotations.0 {
        if &**key == LAST_APPLIED {
            redact(source, raw, None, notes);
        } else if kept(key)
            && let Some(value) = text_of(raw)
        {
            annotations.push(((&**key).into(), (&*value).into()));
        }
    }
    let name = if from.name.is_empty() {
        &from.generate_name
    } else {
        &from.name
    };
    let namespace = match (namespaced, from.namespace.is_empty()) {
        (false, _) => "",
        (true, false) => &*from.namespace,
        (true, true) => {
            let known = notes.gaps.iter().any(|gap| gap.target == NO_NAMESPACE);
            if !known {
                notes.gap(
                    Gap::new(Reason::Ambiguous, NO_NAMESPACE)
                        .facet("metadata.namespace")
                        .hides("where they are applied: they are read as of namespace default")
                        .closes("helm template --namespace NS with templates that print it, or an export of the cluster")
                        .at(source.place(name)),
                );
            }
            "default"
        }
    };
    Meta {
        namespace: namespace.into(),
        name: (&**name).into(),
        live: !from.uid.is_empty(),
        labels: pairs(&from.labels),
        annotations,
        place: source.place(name),
    }
}

/// What the gap about manifests without a namespace is about.
const NO_NAMESPACE: &str = "manifests that do not say their namespace";

fn role(
    source: Source<'_>,
    kind: RoleKind,
    from: &RoleShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
    let meta = meta(source, &from.metadata, kind == RoleKind::Role, notes);
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
    let aggregation = from.aggregation_rule.as_ref().map(|rule| {
        rule.cluster_role_selectors
            .iter()
            .map(|selector| {
                let labels = selector.match_labels.0.iter().map(|(key, value)| Requirement {
                    key: (&**key).into(),
                    operator: "In".into(),
                    values: vec![(&**value).into()],
                });
                let expressions = selector.match_expressions.iter().map(|one| Requirement {
                    key: (&*one.key).into(),
                    operator: (&*one.operator).into(),
                    values: boxed(&one.values),
                });
                LabelSelector(labels.chain(expressions).collect())
            })
            .collect()
    });
    facts.roles.push(Role {
        kind,
        meta,
        rules,
        aggregation,
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

fn binding(
    source: Source<'_>,
    namespaced: bool,
    from: &BindingShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
    let meta = meta(source, &from.metadata, namespaced, notes);
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
    });
    live
}

fn account(source: Source<'_>, from: &AccountShape<'_>, facts: &mut Facts, notes: &mut Notes) -> bool {
    let meta = meta(source, &from.metadata, true, notes);
    let live = meta.live;
    facts.accounts.push(ServiceAccount {
        meta,
        automount: from.automount_service_account_token,
    });
    live
}

fn secret(source: Source<'_>, from: &DataShape<'_>, facts: &mut Facts, notes: &mut Notes) -> bool {
    for (_, raw) in &from.data.0 {
        redact(source, raw, Some(Held::Base64), notes);
    }
    for (_, raw) in &from.string_data.0 {
        redact(source, raw, None, notes);
    }
    let meta = meta(source, &from.metadata, true, notes);
    let live = meta.live;
    facts.secrets.push(Secret {
        meta,
        sort: (&*from.sort).into(),
    });
    live
}

fn config_map(source: Source<'_>, from: &DataShape<'_>, facts: &mut Facts, notes: &mut Notes) -> bool {
    let meta = meta(source, &from.metadata, true, notes);
    let live = meta.live;
    let mapping = (&*meta.namespace, &*meta.name) == ("kube-system", "aws-auth");
    for (_, raw) in from.data.0.iter().chain(&from.binary_data.0) {
        redact(source, raw, mapping.then_some(Held::Open), notes);
    }
    if (&*meta.namespace, &*meta.name) != ("kube-system", "aws-auth") {
        return live;
    }
    notes.kinds.insert("aws-auth");
    cloud::aws_auth(source, &from.data, facts, notes);
    live
}

fn service(source: Source<'_>, from: &ServiceShape<'_>, facts: &mut Facts, notes: &mut Notes) -> bool {
    let meta = meta(source, &from.metadata, true, notes);
    let live = meta.live;
    facts.services.push(Service {
        meta,
        ingress: false,
        sort: (&*from.spec.sort).into(),
        selector: pairs(&from.spec.selector),
        backends: Vec::new(),
        source_ranges: boxed(&from.spec.load_balancer_source_ranges),
    });
    live
}

fn ingress(source: Source<'_>, from: &IngressShape<'_>, facts: &mut Facts, notes: &mut Notes) -> bool {
    let meta = meta(source, &from.metadata, true, notes);
    let live = meta.live;
    let paths = from
        .spec
        .rules
        .iter()
        .filter_map(|rule| rule.http.as_ref())
        .flat_map(|http| http.paths.iter().map(|path| &path.backend));
    let mut backends: Vec<Box<str>> = from
        .spec
        .default_backend
        .iter()
        .chain(paths)
        .map(|backend| match &backend.service {
            Some(service) => &*service.name,
            None => &*backend.service_name,
        })
        .filter(|name| !name.is_empty())
        .map(Into::into)
        .collect();
    backends.sort();
    backends.dedup();
    let class = if from.spec.ingress_class_name.is_empty() {
        meta.annotation("kubernetes.io/ingress.class")
            .unwrap_or_default()
            .into()
    } else {
        (&*from.spec.ingress_class_name).into()
    };
    facts.services.push(Service {
        meta,
        ingress: true,
        sort: class,
        selector: Vec::new(),
        backends,
        source_ranges: Vec::new(),
    });
    live
}
