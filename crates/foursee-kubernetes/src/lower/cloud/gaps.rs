//! What is not known of how a cloud lets principals in, and of what its workloads are given there.

use crate::authorize::eks::{entries_count, takes_policies};
use crate::data::eks_policies;
use crate::facts::Facts;
use crate::lower::aws_auth_counts;
use foursee_core::estate::Lowering;
use foursee_core::model::{Gap, Reason};
use std::collections::BTreeSet;

pub(super) fn write(facts: &Facts, out: &mut Lowering<'_>) {
    for (what, which, place) in &facts.access.conflicts {
        out.gap(
            Gap::new(Reason::Ambiguous, what.clone())
                .facet(which.clone())
                .hides("which of them is true of this cluster: the first is read, and what is another cluster's is not")
                .closes("one folder a cluster, of one moment")
                .at(*place),
        );
    }
    clusters(facts, out);
    if entries_count(facts) {
        entries(facts, out);
        policies(facts, out);
    }
    for one in facts.aws.pod_identities.iter().filter(|one| one.role.is_none()) {
        out.gap(
            Gap::new(
                Reason::NotCaptured,
                format!("Pod Identity association {}", one.arn),
            )
            .facet("its role, which the listing does not say")
            .hides(format!(
                "which AWS role pods of serviceaccount {} are given",
                one.account
            ))
            .closes("aws eks describe-pod-identity-association --cluster-name NAME --association-id ID")
            .at(one.place),
        );
    }
    if aws_auth_counts(facts) {
        for (account, place) in &facts.aws.accounts {
            out.gap(
                Gap::new(
                    Reason::Inherent,
                    format!("ConfigMap kube-system/aws-auth mapAccounts: {account}"),
                )
                .facet("which of its principals come")
                .hides("who they are: each comes in as a user of its own ARN, in no group")
                .closes("aws iam get-account-authorization-details of that account says which there are")
                .at(*place),
            );
        }
    }
}

/// Of each cluster that EKS describes: what it lets in and no document shows. One whose documents show that it is EKS's,
/// and that is not described, may have anything of this.
fn clusters(facts: &Facts, out: &mut Lowering<'_>) {
    let issuer = facts.issuers.iter().find(|(name, _)| name.contains("oidc.eks."));
    let mapped = facts.aws_auth.iter().map(|line| line.place).next();
    if let (true, Some(place)) = (facts.eks.is_empty(), issuer.map(|one| one.1).or(mapped)) {
        out.gap(
            Gap::new(Reason::NotCaptured, "EKS's description of the cluster")
                .hides("whether it has access entries, access policies and Pod Identity associations, and whether aws-auth counts")
                .closes("aws eks describe-cluster --name NAME")
                .at(place),
        );
    }
    for one in &facts.eks {
        let by_api = matches!(&*one.authentication_mode, "API" | "API_AND_CONFIG_MAP");
        if by_api && !facts.listed("AccessEntry") {
            out.gap(
                Gap::new(Reason::NotCaptured, "EKS access entries")
                    .facet(format!("authenticationMode {}", one.authentication_mode))
                    .hides("which AWS principals enter the cluster by access entries, and with which access policies")
                    .closes("aws eks list-access-entries, then describe-access-entry and list-associated-access-policies for each")
                    .at(one.place),
            );
        }
        if !by_api {
            out.gap(
                Gap::new(Reason::Inherent, "the cluster's creator")
                    .facet("an AWS principal that is in system:masters without a line or an entry")
                    .hides("which principal made the cluster: it may do everything there, and nothing shows it")
                    .closes("authenticationMode API_AND_CONFIG_MAP, which shows it as an access entry; CloudTrail's CreateCluster says who it was")
                    .at(one.place),
            );
        }
        if !facts.listed("PodIdentityAssociation") {
            out.gap(
                Gap::new(Reason::NotCaptured, "EKS Pod Identity associations")
                    .hides("which accounts are given AWS roles that nothing in the cluster names")
                    .closes("aws eks list-pod-identity-associations, then describe-pod-identity-association for each")
                    .at(one.place),
            );
        }
    }
}

fn entries(facts: &Facts, out: &mut Lowering<'_>) {
    for (arn, place) in &facts.aws.listed {
        if facts.access.entry(facts, arn).is_none() {
            out.gap(
                Gap::new(Reason::NotCaptured, format!("access entry {arn}"))
                    .facet("its user name, groups and type")
                    .hides("as whom it enters the cluster, and what it may do there")
                    .closes(format!(
                        "aws eks describe-access-entry --cluster-name NAME --principal-arn {arn}"
                    ))
                    .at(*place),
            );
        }
    }
    for one in &facts.aws.entries {
        let known = |sort: &str| sort == "STANDARD" || eks_policies::TYPES.iter().any(|one| one.name == sort);
        if !known(&one.sort.to_uppercase()) {
            out.gap(
                Gap::new(Reason::Unsupported, format!("access entry {}", one.principal))
                    .facet(format!("its type {}", one.sort))
                    .hides("which user name and groups a type gives that is newer than the rows: it is read as STANDARD")
                    .closes("kubernetesGroups and username of aws eks describe-access-entry, where they are said")
                    .at(one.place),
            );
        }
        if takes_policies(one) && !facts.access.was_asked(&one.principal) {
            out.gap(
                Gap::new(
                    Reason::NotCaptured,
                    format!("access policies of {}", one.principal),
                )
                .hides("what EKS itself lets it do, beside RBAC")
                .closes(format!(
                    "aws eks list-associated-access-policies --cluster-name NAME --principal-arn {}",
                    one.principal
                ))
                .at(one.place),
            );
        }
    }
    if let Some(one) = facts.aws.entries.first() {
        out.gap(
            Gap::new(Reason::Inherent, "the principals of access entries")
                .facet("their ids, which EKS keeps and does not show")
                .hides("whether a principal of that ARN is the one that the entry was made for: one that was deleted and made anew is not let in")
                .closes("nothing that AWS exports; an entry that is made anew takes the principal that there is now")
                .at(one.place),
        );
    }
}

fn policies(facts: &Facts, out: &mut Lowering<'_>) {
    let mut said: BTreeSet<&str> = BTreeSet::new();
    for one in &facts.aws.policies {
        let name = eks_policies::name_of(&one.policy);
        if !said.insert(name) {
            continue;
        }
        let (reason, facet) = match eks_policies::policy(&one.policy) {
            None => (
                Reason::Unsupported,
                "it is not in the table of policies, which was read 2026-11".to_owned(),
            ),
            Some(known) if known.rules.is_none() => (
                Reason::Inherent,
                format!("AWS describes it in words alone, since {}", known.since),
            ),
            Some(known) if !known.open.is_empty() => (Reason::Ambiguous, eks_policies::OPEN.to_owned()),
            Some(_) => continue,
        };
        out.gap(
            Gap::new(reason, format!("access policy {}", one.policy))
                .facet(facet)
                .hides("what the principals that are given it may do")
                .closes(
                    "kubectl auth can-i by such a principal; AWS's page \"Review access policy permissions\"",
                )
                .at(one.place),
        );
    }
    let wild = facts.aws.policies.iter().find_map(|one| {
        let named = one.within.as_deref().unwrap_or_default();
        let pattern = named.iter().find(|name| name.contains('*'))?;
        Some((pattern, one.place))
    });
    if let Some((pattern, place)) = wild {
        out.gap(
            Gap::new(Reason::Inherent, "namespaces that access policies name by a pattern")
                .facet(format!("`{pattern}` and the like"))
                .hides("what they give in namespaces that are made later under such a name: those that there are, are shown")
                .closes("namespaces spelled out in the access scope")
                .at(place),
        );
    }
}
