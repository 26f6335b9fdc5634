//! Secrets, ConfigMaps, and what leads to pods.

use super::meta::{boxed, meta, pairs};
use super::redact::redact;
use crate::facts::*;
use crate::parse::shapes::*;
use crate::parse::{Source, aws_auth};
use foursee_core::document::{Held, Notes};

pub(super) fn secret(source: Source<'_>, from: &DataShape<'_>, facts: &mut Facts, notes: &mut Notes) -> bool {
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

pub(super) fn config_map(
    source: Source<'_>,
    from: &DataShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
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
    aws_auth::read(source, &from.data, facts, notes);
    live
}

pub(super) fn service(
    source: Source<'_>,
    from: &ServiceShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
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

pub(super) fn ingress(
    source: Source<'_>,
    from: &IngressShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
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
