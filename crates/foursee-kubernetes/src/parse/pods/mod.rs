//! How pods and pod templates are filed.

mod container;
mod posture;

use super::file::meta;
use super::shapes::*;
use super::{Source, api_server, references};
use crate::facts::*;
use container::container;
use foursee_core::document::{Notes, Place};
use posture::posture;

/// Files a Pod, or a controller with the template that it makes pods of.
pub(super) fn workload(
    source: Source<'_>,
    kind: &'static str,
    from: &MetaShape<'_>,
    pod: Option<&PodShape<'_>>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
    let meta = meta(source, from, true, &mut facts.pool, notes);
    let live = meta.live;
    let owner = from
        .owner_references
        .iter()
        .find(|owner| owner.controller.unwrap_or(false))
        .map(|owner| (facts.pool.text(&owner.kind), facts.pool.text(&owner.name)));
    let place = meta.place;
    if kind == "Pod" {
        facts
            .api_servers
            .extend(pod.and_then(|pod| api_server::of_pod(pod, &meta)));
    }
    let none = PodShape::default();
    let shape = pod.unwrap_or(&none);
    let pod_labels = facts.pool.labels(&shape.metadata.labels.0);
    let pod_annotations = shape
        .metadata
        .annotations
        .0
        .iter()
        .filter(|(key, _)| key.starts_with("eks.amazonaws.com/"))
        .filter_map(|(key, raw)| Some(((&**key).into(), (&*text_of(raw)?).into())))
        .collect();
    let pod = pod_spec(source, kind, shape, place, &mut facts.pool, notes);
    facts.workloads.push(Workload {
        kind,
        meta,
        owner,
        pod_labels,
        pod_annotations,
        pod,
    });
    live
}

fn pod_spec(
    source: Source<'_>,
    kind: &str,
    shape: &PodShape<'_>,
    place: Place,
    pool: &mut Pool,
    notes: &mut Notes,
) -> PodSpec {
    let from = &shape.spec;
    let account = [&*from.service_account_name, &*from.service_account, "default"]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or("default");
    let mut volumes = Vec::new();
    for (number, volume) in (0..).zip(from.volumes.iter()) {
        let mut push = |what: VolumeSource| {
            volumes.push(Volume {
                number,
                name: (&*volume.name).into(),
                source: what,
                place: source.place(&volume.name),
            });
        };
        if let Some(path) = &volume.host_path {
            push(VolumeSource::HostPath((&*path.path).into()));
        }
        if let Some(claim) = &volume.persistent_volume_claim {
            push(VolumeSource::Claim((&*claim.claim_name).into()));
        }
        // The claim that is made for the pod, by the pod's name.
        if volume.ephemeral.is_some() && !shape.metadata.name.is_empty() {
            let claim = format!("{}-{}", &*shape.metadata.name, &*volume.name);
            push(VolumeSource::Claim(claim.into()));
        }
        if let Some(secret) = &volume.secret {
            push(VolumeSource::Secret((&*secret.secret_name).into()));
        }
        if let Some(projected) = &volume.projected {
            let tokens: Vec<Token> = projected
                .sources
                .iter()
                .filter_map(|one| one.service_account_token.as_ref())
                .map(|token| Token {
                    audience: (&*token.audience).into(),
                    seconds: token.expiration_seconds.unwrap_or(3600),
                })
                .collect();
            if !tokens.is_empty() {
                push(VolumeSource::Tokens(tokens));
            }
            for secret in projected.sources.iter().filter_map(|one| one.secret.as_ref()) {
                push(VolumeSource::Secret((&*secret.name).into()));
            }
        }
    }
    let containers = from
        .containers
        .iter()
        .chain(from.init_containers.iter())
        .chain(from.ephemeral_containers.iter())
        .map(|one| Placed {
            container: pool.container(container(source, one, shape, notes)),
            place: source.place(&one.name),
        })
        .collect();
    PodSpec {
        account: pool.text(account),
        automount: from.automount_service_account_token,
        node: (!from.node_name.is_empty()).then(|| pool.text(&from.node_name)),
        host_pid: from.host_pid.unwrap_or(false),
        host_ipc: from.host_ipc.unwrap_or(false),
        host_network: from.host_network.unwrap_or(false),
        own_users: from.host_users == Some(false),
        shared_processes: from.share_process_namespace.unwrap_or(false),
        security: pool.text(&posture(shape, kind == "Pod")),
        volumes: volumes.into(),
        containers,
        references: pool.references(references::of_pod(shape)),
        place,
    }
}
