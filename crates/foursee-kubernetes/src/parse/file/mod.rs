//! How an item is filed: from a borrowed shape into the facts' tables.

mod gateways;
mod meta;
mod policy;
mod rbac;
mod redact;
mod rest;

pub(in crate::parse) use meta::{boxed, meta};
pub(in crate::parse) use policy::number;
pub(crate) use rbac::policy_rule;
pub(in crate::parse) use redact::{hold, redact, redact_all};

use super::pods::workload;
use super::references::{TiedShape, tied};
use super::shapes::*;
use super::stream::Rest;
use super::{Source, peek, refused, survey};
use crate::facts::*;
use crate::network;
use crate::version;
use foursee_core::document::{Notes, Str};
use foursee_core::model::{Gap, Reason};
use gateways::{gateway, gateway_class, listener_set, reference_grant, route};
use policy::network_policy;
use rbac::{account, binding, role};
use rest::{config_map, ingress, secret, service};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::fmt;

/// An object about to be filed.
pub(in crate::parse) struct Filing<'d, 'x> {
    pub source: Source<'d>,
    pub kind: &'x str,
    pub facts: &'x mut Facts,
    pub notes: &'x mut Notes,
}

/// Files the object that a map holds; says whether it is live. Nothing of it is filed unless all of it was read.
pub(in crate::parse) fn filed<'de, A: MapAccess<'de>>(
    filing: Filing<'_, '_>,
    map: A,
) -> Result<bool, A::Error> {
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
        "NetworkPolicy" => network_policy(source, &NetworkPolicyShape::deserialize(from)?, facts, notes),
        "GatewayClass" => gateway_class(source, &GatewayClassShape::deserialize(from)?, facts, notes),
        "Gateway" => gateway(source, &GatewayShape::deserialize(from)?, facts, notes),
        "ListenerSet" => {
            let one = ListenerSetShape::deserialize(from)?;
            listener_set(source, "ListenerSet", &one, facts, notes)
        }
        "XListenerSet" => {
            let one = ListenerSetShape::deserialize(from)?;
            listener_set(source, "XListenerSet", &one, facts, notes)
        }
        "ReferenceGrant" => reference_grant(source, &ReferenceGrantShape::deserialize(from)?, facts, notes),
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
        "Node" => {
            let one = NodeShape::deserialize(from)?;
            let meta = meta(source, &one.metadata, false, &mut facts.pool, notes);
            let live = meta.live;
            let kubelet = version::minor(&one.status.node_info.kubelet_version);
            // `aws:///eu-west-1a/i-0123456789abcdef0`
            let instance = one
                .spec
                .provider_id
                .strip_prefix("aws://")
                .and_then(|rest| rest.rsplit('/').next())
                .filter(|id| id.starts_with("i-"))
                .map(Into::into);
            facts.nodes.push(Node {
                meta,
                kubelet,
                instance,
            });
            live
        }
        "Status" => {
            let one = StatusShape::deserialize(from)?;
            notes.gap(refused(&one.message, &one.reason).at(source.document.at(source.base)));
            false
        }
        _ => {
            if let Some(kind) = CONTROLLERS.iter().find(|one| **one == kind) {
                let one = ControllerShape::deserialize(from)?;
                let template = one.spec.template.as_ref();
                workload(source, kind, &one.metadata, template, facts, notes)
            } else if let Some(kind) = ROUTES.iter().find(|one| **one == kind) {
                route(source, kind, &RouteShape::deserialize(from)?, facts, notes)
            } else {
                let one = AnyShape::deserialize(from)?;
                let meta = meta(source, &one.metadata, false, &mut facts.pool, notes);
                let live = meta.live;
                if kind == "Namespace" {
                    survey::kube_system(notes, &meta.name, &one.metadata.uid);
                    facts.namespaces.push(Plain { meta });
                }
                live
            }
        }
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
pub(in crate::parse) fn done(
    source: Source<'_>,
    kind: &str,
    live: bool,
    facts: &mut Facts,
    notes: &mut Notes,
) {
    survey::saw(notes, kind);
    match facts.kinds.get_mut(kind) {
        Some(known) => *known |= live,
        None => {
            let known = survey::document_kind(kind).is_some() || matches!(kind, "ConfigMap" | "Status");
            // Policies of network plugins are one gap a cluster.
            if !known && !network::other_kind(kind) {
                notes.gap(unsupported(kind).at(source.document.at(source.base)));
            }
            facts.kinds.insert(kind.into(), live);
        }
    }
}

/// Files one object of which the text is in hand. `of_list` is its kind where it does not say it itself.
pub(in crate::parse) fn item(
    source: Source<'_>,
    text: &str,
    of_list: Option<&str>,
    facts: &mut Facts,
    notes: &mut Notes,
) {
    let (own, api) = peek(text);
    let own = own.as_deref().map(|kind| survey::kind_of(kind, &api));
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

pub(in crate::parse) fn shape<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text)
}
