//! The Gateway API. What the server would refuse of a listener is kept as unread, and is a gap.

use super::meta::{boxed, meta, pairs};
use super::policy::number;
use super::rbac::label_selector;
use crate::facts::*;
use crate::gateway::GROUP;
use crate::network::readable;
use crate::parse::Source;
use crate::parse::shapes::*;
use foursee_core::document::{Notes, Str};
use foursee_core::model::{Gap, Reason};

/// So many parts are written out.
const NAMED: usize = 5;

/// What could not be read of an object.
type Unread = Vec<String>;

pub(super) fn gateway_class(
    source: Source<'_>,
    from: &GatewayClassShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
    let meta = meta(source, &from.metadata, false, &mut facts.pool, notes);
    let live = meta.live;
    let word = live.then(|| word(&from.metadata, &from.status.conditions));
    facts.gateway_classes.push(GatewayClass {
        meta,
        controller: (&*from.spec.controller_name).into(),
        word,
    });
    live
}

pub(super) fn gateway(
    source: Source<'_>,
    from: &GatewayShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
    let meta = meta(source, &from.metadata, true, &mut facts.pool, notes);
    let live = meta.live;
    let (spec, status) = (&from.spec, &from.status);
    let mut unread = Unread::new();
    let allowed = spec.allowed_listeners.as_ref();
    let sets = allowed.and_then(|one| one.namespaces.as_ref());
    let sets = sets.map_or(Namespaces::None, |one| {
        namespaces("allowedListeners", one, Namespaces::None, &mut unread)
    });
    let bound = status.addresses.iter().filter(|_| live);
    let mut addresses: Vec<Box<str>> = bound.map(|one| (&*one.value).into()).collect();
    if addresses.is_empty() {
        addresses = spec.addresses.iter().map(|one| (&*one.value).into()).collect();
    }
    let infrastructure = spec.infrastructure.as_ref();
    let listeners = listeners(&from.metadata, &spec.listeners, status, live, &mut unread);
    said("Gateway", &from.metadata, &meta, unread, notes);
    facts.gateways.push(Gateway {
        meta,
        class: (&*spec.gateway_class_name).into(),
        listeners,
        sets,
        default: &*spec.default_scope == "All",
        addresses,
        infrastructure: infrastructure
            .map(|one| pairs(&one.annotations))
            .unwrap_or_default()
            .into_iter()
            .filter(|(key, _)| key.contains("load-balancer"))
            .collect(),
        word: live.then(|| word(&from.metadata, &status.conditions)),
    });
    live
}

pub(super) fn listener_set(
    source: Source<'_>,
    kind: &'static str,
    from: &ListenerSetShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
    let meta = meta(source, &from.metadata, true, &mut facts.pool, notes);
    let live = meta.live;
    let (spec, status) = (&from.spec, &from.status);
    let mut unread = Unread::new();
    let listeners = listeners(&from.metadata, &spec.listeners, status, live, &mut unread);
    said(kind, &from.metadata, &meta, unread, notes);
    facts.listener_sets.push(ListenerSet {
        kind,
        meta,
        parent: reference(&spec.parent_ref, GROUP, "Gateway"),
        listeners,
        word: live.then(|| word(&from.metadata, &status.conditions)),
    });
    live
}

pub(super) fn route(
    source: Source<'_>,
    kind: &'static str,
    from: &RouteShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
    let meta = meta(source, &from.metadata, true, &mut facts.pool, notes);
    let live = meta.live;
    let spec = &from.spec;
    let parents = spec.parent_refs.iter();
    let status = from.status.parents.iter().map(|one| ParentStatus {
        parent: reference(&one.parent_ref, GROUP, "Gateway"),
        controller: (&*one.controller_name).into(),
        accepted: of(&from.metadata, &one.conditions, "Accepted"),
        resolved: of(&from.metadata, &one.conditions, "ResolvedRefs"),
    });
    let mut backends: Vec<Reference> = spec.rules.iter().flat_map(sent).collect();
    backends.sort();
    backends.dedup();
    facts.routes.push(Route {
        kind,
        meta,
        parents: parents.map(|one| reference(one, GROUP, "Gateway")).collect(),
        default: &*spec.use_default_gateways == "All",
        hostnames: boxed(&spec.hostnames),
        backends,
        status: live.then(|| status.collect()),
    });
    live
}

pub(super) fn reference_grant(
    source: Source<'_>,
    from: &ReferenceGrantShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
    let meta = meta(source, &from.metadata, true, &mut facts.pool, notes);
    let live = meta.live;
    let text = |one: &Str<'_>| -> Box<str> { (&**one).into() };
    let by = from.spec.from.iter().map(|one| GrantFrom {
        group: text(&one.group),
        kind: text(&one.kind),
        namespace: text(&one.namespace),
    });
    let to = from.spec.to.iter().map(|one| GrantTo {
        group: text(&one.group),
        kind: text(&one.kind),
        name: one.name.as_ref().map(text),
    });
    facts.reference_grants.push(ReferenceGrant {
        meta,
        from: by.collect(),
        to: to.collect(),
    });
    live
}

/// The gap for what could not be read of listeners.
fn said(kind: &str, object: &MetaShape<'_>, meta: &Meta, mut unread: Unread, notes: &mut Notes) {
    if unread.is_empty() {
        return;
    }
    let more = unread.len().saturating_sub(NAMED);
    unread.truncate(NAMED);
    if more > 0 {
        unread.push(format!("{more} more"));
    }
    let name = full_name(&object.namespace, &meta.name);
    notes.gap(
        Gap::new(Reason::Malformed, format!("{kind} {name}"))
            .facet(unread.join(", "))
            .hides("whom it takes there: it is not taken as what keeps a route away")
            .closes("the object as the server takes it: kubectl apply --dry-run=server says what is wrong")
            .at(meta.place),
    );
}

/// A condition by its name, as it is said of the object as it now is.
fn condition(object: &MetaShape<'_>, all: &[ConditionShape<'_>], sort: &str) -> Option<bool> {
    let current = |one: &&ConditionShape<'_>| {
        *one.sort == *sort
            && match (one.observed_generation, object.generation) {
                (Some(seen), Some(now)) => seen >= now,
                _ => true,
            }
    };
    match &*all.iter().find(current)?.status {
        "True" => Some(true),
        "False" => Some(false),
        _ => None,
    }
}

fn of(object: &MetaShape<'_>, all: &[ConditionShape<'_>], sort: &str) -> Word {
    match condition(object, all, sort) {
        Some(true) => Word::Taken,
        Some(false) => Word::Refused,
        None => Word::Silent,
    }
}

/// What is said of an object. One that is accepted and not programmed may serve all the same: a proxy in the cluster does
/// where its load balancer has no address.
fn word(object: &MetaShape<'_>, all: &[ConditionShape<'_>]) -> Word {
    let is = |sort: &str| condition(object, all, sort);
    match (is("Accepted"), is("Programmed"), is("Conflicted")) {
        (Some(false), _, _) | (_, _, Some(true)) => Word::Refused,
        (_, Some(false), _) | (None, None, _) => Word::Silent,
        _ => Word::Taken,
    }
}

fn listeners(
    object: &MetaShape<'_>,
    all: &[ListenerShape<'_>],
    status: &GatewayStatusShape<'_>,
    live: bool,
    unread: &mut Unread,
) -> Vec<Listener> {
    all.iter()
        .map(|one| {
            let said = status
                .listeners
                .iter()
                .find(|said| live && *said.name == *one.name);
            listener(object, one, said, unread)
        })
        .collect()
}

fn listener(
    object: &MetaShape<'_>,
    from: &ListenerShape<'_>,
    said: Option<&ListenerStatusShape<'_>>,
    unread: &mut Unread,
) -> Listener {
    let place = format!("listener {}", quoted(&from.name));
    let allowed = from.allowed_routes.as_ref();
    let tls = from.tls.as_ref();
    let kinds = |all: &[GroupKindShape<'_>]| -> Vec<(Box<str>, Box<str>)> {
        let group = |one: &GroupKindShape<'_>| one.group.as_deref().unwrap_or(GROUP).into();
        all.iter().map(|one| (group(one), (&*one.kind).into())).collect()
    };
    Listener {
        name: (&*from.name).into(),
        hostname: (!from.hostname.is_empty()).then(|| (&*from.hostname).into()),
        port: from.port.and_then(number),
        protocol: from.protocol.to_ascii_uppercase().into(),
        passthrough: tls.is_some_and(|one| &*one.mode == "Passthrough"),
        certificates: tls
            .iter()
            .flat_map(|one| one.certificate_refs.iter())
            .map(|one| reference(one, "", "Secret"))
            .collect(),
        namespaces: allowed
            .and_then(|one| one.namespaces.as_ref())
            .map_or(Namespaces::Same, |one| {
                namespaces(&place, one, Namespaces::Same, unread)
            }),
        kinds: allowed.map(|one| kinds(&one.kinds)).unwrap_or_default(),
        supported: said.map(|one| kinds(&one.supported_kinds)).unwrap_or_default(),
        word: said.map(|one| word(object, &one.conditions)),
    }
}

fn namespaces(place: &str, from: &FromShape<'_>, unsaid: Namespaces, unread: &mut Unread) -> Namespaces {
    match &*from.from {
        "" => unsaid,
        "Same" => Namespaces::Same,
        "All" => Namespaces::All,
        "None" => Namespaces::None,
        // Without a selector it selects nothing.
        "Selector" => match &from.selector {
            None => Namespaces::None,
            Some(selector) => {
                let all = label_selector(selector);
                let refused = all.0.iter().filter(|one| !readable(one));
                unread.extend(refused.map(|one| {
                    let (operator, key) = (quoted(&one.operator), quoted(&one.key));
                    format!("{place} operator {operator} of {key}")
                }));
                Namespaces::Selector(all)
            }
        },
        other => {
            unread.push(format!("{place} from {}", quoted(other)));
            Namespaces::Unread
        }
    }
}

/// A value as the gap shows it: of its beginning alone.
fn quoted(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    format!("`{short}`")
}

fn reference(from: &ReferenceShape<'_>, group: &str, kind: &str) -> Reference {
    Reference {
        group: from.group.as_deref().unwrap_or(group).into(),
        kind: from.kind.as_deref().unwrap_or(kind).into(),
        namespace: (!from.namespace.is_empty()).then(|| (&*from.namespace).into()),
        name: (&*from.name).into(),
        section: (&*from.section_name).into(),
        port: from.port.and_then(number).map(Port::Number),
    }
}

/// To where a rule sends what comes.
fn sent(rule: &RouteRuleShape<'_>) -> Vec<Reference> {
    let mut all = Vec::new();
    for one in rule.backend_refs.iter().filter(|one| one.weight != Some(0)) {
        all.push(Reference {
            group: one.group.as_deref().unwrap_or("").into(),
            kind: one.kind.as_deref().unwrap_or("Service").into(),
            namespace: (!one.namespace.is_empty()).then(|| (&*one.namespace).into()),
            name: (&*one.name).into(),
            section: "".into(),
            port: one.port.and_then(number).map(Port::Number),
        });
        all.extend(one.filters.iter().flat_map(asked));
    }
    all.extend(rule.filters.iter().flat_map(asked));
    all
}

/// To where a filter sends requests itself: their copies, or the question whether to let them through.
fn asked<'s>(filter: &'s FilterShape<'_>) -> impl Iterator<Item = Reference> + 's {
    let none = |one: &&SendsShape<'_>| {
        let part = one.fraction.as_ref().and_then(|part| part.numerator);
        one.percent == Some(0) || part == Some(0)
    };
    let mirror = filter.request_mirror.as_ref().filter(|one| !none(one));
    mirror
        .into_iter()
        .chain(&filter.external_auth)
        .map(|one| reference(&one.backend_ref, "", "Service"))
}
