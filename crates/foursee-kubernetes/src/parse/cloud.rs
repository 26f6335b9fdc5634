//! How a cluster is tied to a cloud: `aws eks describe-cluster`, the issuer of its tokens.

use super::Source;
use super::file::shape;
use super::shapes::*;
use crate::facts::{Eks, Facts};
use crate::version::minor;
use foursee_core::document::Notes;
use foursee_core::model::{Gap, Reason};

/// Files what `aws eks describe-cluster` prints.
pub(super) fn describe_cluster(source: Source<'_>, text: &str, facts: &mut Facts, notes: &mut Notes) {
    let Ok(one) = shape::<DescribeShape<'_>>(text) else {
        notes.gap(
            Gap::new(Reason::Malformed, "the EKS cluster")
                .hides("its issuer and how AWS principals get in")
                .closes("aws eks describe-cluster --name NAME")
                .at(source.document.at(source.base)),
        );
        return;
    };
    let cluster = &one.cluster;
    if !cluster.identity.oidc.issuer.is_empty() {
        issuer(source, &cluster.identity.oidc.issuer, facts);
    }
    if let Some(minor) = minor(&cluster.version) {
        facts.versions.push((minor, source.place(&cluster.version)));
    }
    facts.eks.push(Eks {
        arn: (&*cluster.arn).into(),
        authentication_mode: (&*cluster.access_config.authentication_mode).into(),
        place: source.place(&cluster.arn),
    });
    facts.kinds.insert("Cluster".into(), true);
}

/// Files the document that the server prints under /.well-known/openid-configuration.
pub(super) fn openid(source: Source<'_>, text: &str, facts: &mut Facts, notes: &mut Notes) {
    match shape::<IssuerShape<'_>>(text) {
        Ok(one) if !one.issuer.is_empty() => issuer(source, &one.issuer, facts),
        _ => notes.gap(
            Gap::new(Reason::Malformed, "the issuer of service accounts' tokens")
                .hides("which clouds trust this cluster's tokens")
                .closes("kubectl get --raw /.well-known/openid-configuration")
                .at(source.document.at(source.base)),
        ),
    }
}

fn issuer(source: Source<'_>, issuer: &str, facts: &mut Facts) {
    let bare = issuer
        .strip_prefix("https://")
        .unwrap_or(issuer)
        .trim_end_matches('/');
    facts.issuers.push((bare.into(), source.place(issuer)));
}

/// Files what `kubectl version -o json` or the server under /version prints.
pub(super) fn version(source: Source<'_>, text: &str, facts: &mut Facts, notes: &mut Notes) {
    let read = shape::<VersionShape<'_>>(text).unwrap_or_default();
    let said = match &read.server_version {
        Some(server) => &server.git_version,
        None => &read.git_version,
    };
    match minor(said) {
        Some(minor) => facts.versions.push((minor, source.place(said))),
        None => notes.gap(
            Gap::new(Reason::Malformed, "the server's version")
                .hides("what depends on it: the newest and the oldest are both assumed")
                .closes("kubectl version -o json, by who reaches the server")
                .at(source.document.at(source.base)),
        ),
    }
}
