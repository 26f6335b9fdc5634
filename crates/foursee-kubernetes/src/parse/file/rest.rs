//! Secrets, ConfigMaps, and what leads to pods.

use super::meta::{boxed, meta, pairs};
use super::policy::{number, port};
use super::redact::redact;
use crate::facts::*;
use crate::parse::shapes::*;
use crate::parse::{Source, aws_auth};
use foursee_core::document::{Held, Notes};
use serde_json::value::RawValue;

pub(super) fn secret(source: Source<'_>, from: &DataShape<'_>, facts: &mut Facts, notes: &mut Notes) -> bool {
    for (_, raw) in &from.data.0 {
        redact(source, raw, Some(Held::Base64), notes);
    }
    for (_, raw) in &from.string_data.0 {
        redact(source, raw, None, notes);
    }
    let meta = meta(source, &from.metadata, true, &mut facts.pool, notes);
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
    let meta = meta(source, &from.metadata, true, &mut facts.pool, notes);
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
    let meta = meta(source, &from.metadata, true, &mut facts.pool, notes);
    let live = meta.live;
    let ports = from.spec.ports.iter().map(|one| {
        let own = one.port.and_then(number);
        // Without a target, or with an empty one, it is the same port.
        let target = match one.target_port.map(RawValue::get) {
            None | Some("0" | "\"\"" | "null") => own.map(Port::Number),
            Some(_) => one.target_port.and_then(port),
        };
        ServicePort {
            name: (&*one.name).into(),
            port: own,
            target,
            protocol: Protocol::parse(&one.protocol),
            node_port: one.node_port.and_then(number).unwrap_or(0),
        }
    });
    let ports = ports.collect();
    facts.services.push(Service {
        meta,
        ingress: false,
        sort: (&*from.spec.sort).into(),
        selector: pairs(&from.spec.selector),
        ports,
        backends: Vec::new(),
        source_ranges: boxed(&from.spec.load_balancer_source_ranges),
        external_ips: boxed(&from.spec.external_ips),
    });
    live
}

pub(super) fn ingress(
    source: Source<'_>,
    from: &IngressShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
    let meta = meta(source, &from.metadata, true, &mut facts.pool, notes);
    let live = meta.live;
    let paths = from
        .spec
        .rules
        .iter()
        .filter_map(|rule| rule.http.as_ref())
        .flat_map(|http| http.paths.iter().map(|path| &path.backend));
    let mut backends: Vec<Backend> = from
        .spec
        .default_backend
        .iter()
        .chain(paths)
        .map(|backend| match &backend.service {
            Some(service) => Backend {
                service: (&*service.name).into(),
                port: service.port.as_ref().and_then(|one| match one.number {
                    Some(said) => number(said).map(Port::Number),
                    None => (!one.name.is_empty()).then(|| Port::Name((&*one.name).into())),
                }),
            },
            None => Backend {
                service: (&*backend.service_name).into(),
                port: backend.service_port.and_then(port),
            },
        })
        .filter(|one| !one.service.is_empty())
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
        ports: Vec::new(),
        backends,
        source_ranges: Vec::new(),
        external_ips: Vec::new(),
    });
    live
}
