//! What every object has.

use super::redact::redact;
use crate::facts::{Meta, Pool};
use crate::parse::Source;
use crate::parse::shapes::*;
use crate::parse::unsaid::UNSAID;
use foursee_core::document::{Notes, Str};

pub(in crate::parse) fn boxed(all: &[Str<'_>]) -> Vec<Box<str>> {
    all.iter().map(|one| (&**one).into()).collect()
}

pub(in crate::parse) fn pairs(all: &Pairs<'_>) -> Vec<(Box<str>, Box<str>)> {
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
        "azure.workload.identity/",
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

pub(in crate::parse) fn meta(
    source: Source<'_>,
    from: &MetaShape<'_>,
    namespaced: bool,
    pool: &mut Pool,
    notes: &mut Notes,
) -> Meta {
    let mut annotations = Vec::new();
    for (key, raw) in &from.annotations.0 {
        if &**key == LAST_APPLIED {
            redact(source, raw, None, notes);
        } else if pool.keeps(key, kept)
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
        (true, true) => UNSAID,
    };
    Meta {
        namespace: pool.text(namespace),
        name: (&**name).into(),
        live: !from.uid.is_empty(),
        labels: pool.labels(&from.labels.0),
        annotations,
        place: source.place(name),
    }
}
