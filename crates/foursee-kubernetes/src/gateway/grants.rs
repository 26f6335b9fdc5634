//! References to another namespace: what a ReferenceGrant there lets through.

use super::GROUP;
use super::attach::Attached;
use super::index::Index;
use super::stand::Stand;
use crate::facts::{Reference, Route, Word};

/// Whether an object of the API may refer to one of the core group, by kind and name.
pub(super) fn granted(
    index: &Index<'_>,
    (kind, from): (&str, &str),
    (target, namespace, name): (&str, &str, &str),
) -> Stand {
    if namespace == from {
        return Stand::sure();
    }
    let lets = index.grants(namespace).iter().any(|grant| {
        let by = grant
            .from
            .iter()
            .any(|one| *one.group == *GROUP && *one.kind == *kind && *one.namespace == *from);
        let to = grant.to.iter().any(|one| {
            one.group.is_empty()
                && *one.kind == *target
                && one.name.as_deref().is_none_or(|only| only == name)
        });
        by && to
    });
    if lets || index.facts.listed("ReferenceGrant") {
        return Stand::of(lets);
    }
    Stand::doubt(format!(
        "a ReferenceGrant of namespace {namespace}, of which none were listed, lets {kind}s of namespace {from} refer to {target} {name}"
    ))
}

/// Whether a route may refer to a Service. Where nobody listed ReferenceGrants, its status may say that it does.
pub(super) fn backend(
    index: &Index<'_>,
    route: &Route,
    parents: &[&Attached<'_>],
    namespace: &str,
    name: &str,
) -> Stand {
    let stand = granted(
        index,
        (route.kind, &route.meta.namespace),
        ("Service", namespace, name),
    );
    let said = || parents.iter().any(|one| one.resolved == Some(Word::Taken));
    match stand {
        Stand::If(all) if !all.is_empty() && said() => Stand::sure(),
        other => other,
    }
}

/// Whether a listener has something to end TLS with.
pub(super) fn certificates(
    index: &Index<'_>,
    (kind, namespace): (&str, &str),
    certificates: &[Reference],
) -> Stand {
    let secrets = |one: &&Reference| one.group.is_empty() && *one.kind == *"Secret";
    if certificates.is_empty() || !certificates.iter().all(|one| secrets(&one)) {
        return Stand::sure();
    }
    let all = certificates.iter().map(|one| {
        let within = one.namespace.as_deref().unwrap_or(namespace);
        match granted(index, (kind, namespace), ("Secret", within, &one.name)) {
            // A controller may still serve what it ends with a certificate of its own.
            Stand::Not => Stand::doubt(format!(
                "it is served though no ReferenceGrant of namespace {within} lets {kind}s of namespace {namespace} refer to Secret {}",
                one.name
            )),
            other => other,
        }
    });
    Stand::any(all)
}
