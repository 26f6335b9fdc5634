//! What a pod refers to, and what else ties an object to a node: what the Node authorizer lets a node read.
//!
//! Source: kubernetes/kubernetes 1.37, pkg/api/v1/pod/util.go, pkg/api/v1/persistentvolume/util.go,
//! plugin/pkg/auth/authorizer/node/graph.go.

use super::Source;
use super::file::meta;
use super::shapes::*;
use crate::facts::*;
use foursee_core::document::{Many, Notes, Str};
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AzureFileShape<'a> {
    #[serde(borrow)]
    secret_name: Str<'a>,
    #[serde(borrow)]
    secret_namespace: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct StorageShape<'a> {
    #[serde(borrow)]
    secret_ref: SecretRefShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SecretRefShape<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    namespace: Str<'a>,
}

/// The secrets of a CSI volume that a kubelet is let see; a pod's own names the first alone.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CsiShape<'a> {
    #[serde(borrow)]
    node_publish_secret_ref: SecretRefShape<'a>,
    #[serde(borrow)]
    node_stage_secret_ref: SecretRefShape<'a>,
    #[serde(borrow)]
    node_expand_secret_ref: SecretRefShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ClaimVolumeShape<'a> {
    #[serde(borrow)]
    pub claim_name: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ResourceClaimShape<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    resource_claim_name: Option<Str<'a>>,
    #[serde(borrow)]
    resource_claim_template_name: Option<Str<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PodStatusShape<'a> {
    #[serde(borrow)]
    resource_claim_statuses: Many<ResourceClaimShape<'a>>,
    #[serde(borrow)]
    extended_resource_claim_status: Option<ResourceClaimShape<'a>>,
}

/// A PersistentVolume, a VolumeAttachment, a ResourceSlice or a PodCertificateRequest.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct TiedShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    spec: TiedSpecShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct TiedSpecShape<'a> {
    #[serde(borrow)]
    node_name: Str<'a>,
    #[serde(borrow)]
    claim_ref: Option<SecretRefShape<'a>>,
    host_path: Option<PathShape<'a>>,
    #[serde(borrow)]
    local: Option<PathShape<'a>>,
    #[serde(borrow)]
    azure_file: Option<AzureFileShape<'a>>,
    #[serde(borrow)]
    cephfs: Option<StorageShape<'a>>,
    #[serde(borrow)]
    cinder: Option<StorageShape<'a>>,
    #[serde(borrow)]
    flex_volume: Option<StorageShape<'a>>,
    #[serde(borrow)]
    rbd: Option<StorageShape<'a>>,
    #[serde(borrow, rename = "scaleIO")]
    scale_io: Option<StorageShape<'a>>,
    #[serde(borrow)]
    iscsi: Option<StorageShape<'a>>,
    #[serde(borrow)]
    storageos: Option<StorageShape<'a>>,
    #[serde(borrow)]
    csi: Option<CsiShape<'a>>,
}

/// Names without the empty ones, each once.
fn names<'s>(all: impl Iterator<Item = &'s str>) -> Vec<Box<str>> {
    let mut all: Vec<&str> = all.filter(|one| !one.is_empty()).collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter().map(Into::into).collect()
}

fn named<'s>(one: &'s Option<RefShape<'_>>) -> Option<&'s str> {
    one.as_ref().map(|one| &*one.name)
}

/// What a pod refers to. A mirror pod stands for one that a node has made: it gives its node nothing.
pub(super) fn of_pod(pod: &PodShape<'_>) -> References {
    let mirror = pod
        .metadata
        .annotations
        .0
        .iter()
        .any(|(key, _)| &**key == "kubernetes.io/config.mirror");
    let spec = &pod.spec;
    if mirror || spec.node_name.is_empty() {
        return References {
            mirror,
            ..References::default()
        };
    }
    let containers = || {
        spec.containers
            .iter()
            .chain(spec.init_containers.iter())
            .chain(spec.ephemeral_containers.iter())
    };
    let env = || {
        containers()
            .flat_map(|one| one.env.iter())
            .filter_map(|one| one.value_from.as_ref())
    };
    let env_from = || containers().flat_map(|one| one.env_from.iter());
    let projected = || {
        spec.volumes
            .iter()
            .filter_map(|one| one.projected.as_ref())
            .flat_map(|one| one.sources.iter())
    };
    let volume_secrets = spec.volumes.iter().flat_map(|one| {
        let storage = [
            &one.cephfs,
            &one.cinder,
            &one.flex_volume,
            &one.rbd,
            &one.scale_io,
            &one.iscsi,
            &one.storageos,
        ]
        .into_iter()
        .flatten()
        .map(|one| &*one.secret_ref.name);
        let azure = one.azure_file.iter().map(|one| &*one.secret_name);
        let csi = one.csi.iter().map(|one| &*one.node_publish_secret_ref.name);
        let secret = one.secret.iter().map(|one| &*one.secret_name);
        storage.chain(azure).chain(csi).chain(secret)
    });
    let secrets = env()
        .filter_map(|one| named(&one.secret_key_ref))
        .chain(env_from().filter_map(|one| named(&one.secret_ref)))
        .chain(projected().filter_map(|one| named(&one.secret)))
        .chain(spec.image_pull_secrets.iter().map(|one| &*one.name));
    let config_maps = env()
        .filter_map(|one| named(&one.config_map_key_ref))
        .chain(env_from().filter_map(|one| named(&one.config_map_ref)))
        .chain(projected().filter_map(|one| named(&one.config_map)))
        .chain(spec.volumes.iter().filter_map(|one| named(&one.config_map)));
    let claims: Vec<Cow<'_, str>> = spec
        .volumes
        .iter()
        .filter_map(|one| match &one.persistent_volume_claim {
            Some(claim) => Some(Cow::Borrowed(&*claim.claim_name)),
            None => one
                .ephemeral
                .is_some()
                .then(|| Cow::Owned(format!("{}-{}", &*pod.metadata.name, &*one.name))),
        })
        .collect();
    References {
        secrets: names(volume_secrets.chain(secrets)),
        config_maps: names(config_maps),
        claims: names(claims.iter().map(|one| &**one)),
        resource_claims: names(resource_claims(pod)),
        mirror,
    }
}

/// The ResourceClaims of a pod: those it names, those made for it, and the one for extended resources.
fn resource_claims<'s>(pod: &'s PodShape<'_>) -> impl Iterator<Item = &'s str> {
    let made = &pod.status.resource_claim_statuses;
    let named = pod.spec.resource_claims.iter().filter_map(|claim| {
        match (&claim.resource_claim_name, &claim.resource_claim_template_name) {
            (Some(name), _) => Some(&**name),
            (None, Some(_)) => made
                .iter()
                .find(|one| *one.name == *claim.name)
                .and_then(|one| one.resource_claim_name.as_deref()),
            (None, None) => None,
        }
    });
    let extended = pod
        .status
        .extended_resource_claim_status
        .as_ref()
        .and_then(|one| one.resource_claim_name.as_deref());
    named.chain(extended)
}

/// Files a PersistentVolume, or what stands for one node; says whether it is live.
pub(super) fn tied(
    source: Source<'_>,
    kind: &'static str,
    from: &TiedShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
    let meta = meta(
        source,
        &from.metadata,
        kind == "PodCertificateRequest",
        &mut facts.pool,
        notes,
    );
    let live = meta.live;
    let spec = &from.spec;
    if kind != "PersistentVolume" {
        facts.node_objects.push(NodeObject {
            kind,
            meta,
            node: (&*spec.node_name).into(),
        });
        return live;
    }
    let claim = spec.claim_ref.as_ref();
    let of_claim = claim.map_or("", |one| &*one.namespace);
    let mut secrets: Vec<(Box<str>, Box<str>)> = Vec::new();
    let mut add = |namespace: &str, name: &str| {
        if !name.is_empty() {
            secrets.push((namespace.into(), name.into()));
        }
    };
    let or_claims = |own: &'_ str| {
        if own.is_empty() {
            of_claim.to_owned()
        } else {
            own.to_owned()
        }
    };
    if let Some(one) = &spec.azure_file {
        add(&or_claims(&one.secret_namespace), &one.secret_name);
    }
    for one in [
        &spec.cephfs,
        &spec.flex_volume,
        &spec.rbd,
        &spec.scale_io,
        &spec.iscsi,
    ]
    .into_iter()
    .flatten()
    {
        add(&or_claims(&one.secret_ref.namespace), &one.secret_ref.name);
    }
    for one in [&spec.cinder, &spec.storageos].into_iter().flatten() {
        add(&one.secret_ref.namespace, &one.secret_ref.name);
    }
    if let Some(one) = &spec.csi {
        for secret in [
            &one.node_publish_secret_ref,
            &one.node_stage_secret_ref,
            &one.node_expand_secret_ref,
        ] {
            add(&secret.namespace, &secret.name);
        }
    }
    facts.volumes.push(PersistentVolume {
        meta,
        claim: claim.map(|one| ((&*one.namespace).into(), (&*one.name).into())),
        path: spec
            .host_path
            .as_ref()
            .or(spec.local.as_ref())
            .map(|one| (&*one.path).into()),
        secrets,
    });
    live
}
