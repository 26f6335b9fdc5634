//! What Kubernetes says about who may do what, exactly what it means, and what is wrong with it. No network client.
//!
//! Reads what `kubectl get KIND -A -o json` prints (Lists of one or mixed kinds, single objects), manifests in YAML and
//! JSON (Helm's output too), `kubectl version -o json`, the server's `/version`, the issuer's
//! `/.well-known/openid-configuration`, and of EKS `aws eks describe-cluster`, its access entries, access policies and Pod
//! Identity associations. Audit logs are folded into counts:
//!
//! - [`facts`]: the tables, as Kubernetes says them. Values of Secrets are never kept.
//! - [`authorize`]: Node, RBAC and EKS's access policies, exactly, and the questions of `decide`.
//! - [`techniques`]: the ways by which one identity becomes another.
//! - [`usage`]: what audit logs show, and from it the smaller roles that rightsize proposes.
//! - rules: what is wrong.
//!
//! Absent on purpose: authorizers that no export shows (webhooks, those of clouds beside EKS), which every cluster's
//! inherent gap names; admission policies beside Pod Security; policies of network plugins beside NetworkPolicy.

mod admission;
pub mod authorize;
mod data;
mod escape;
pub mod facts;
mod gateway;
mod holds;
mod ladder;
mod lower;
mod network;
mod noted;
mod observe;
mod parse;
mod reach;
mod rightsize;
mod rules;
mod shipped;
pub mod techniques;
pub mod usage;
mod version;
mod workloads;

use facts::Facts;
use foursee_core::document::{Document, Head, Notes};
use foursee_core::estate::Lowering;
use foursee_core::layer::{Asked, Claim, DocumentKind, Granted, Holds, Hop, Layer, QuestionError, Rule, Who};
use foursee_core::model::Ladder;
use foursee_core::rightsize::{Ask, Proposals};

/// The Kubernetes layer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kubernetes;

/// Puts one table behind another, with room for little more: the largest tables are most of a cluster.
fn append<T>(into: &mut Vec<T>, part: Vec<T>) {
    if into.is_empty() {
        *into = part;
    } else {
        into.reserve_exact(part.len().max(into.len() / 8));
        into.extend(part);
    }
}

impl Layer for Kubernetes {
    type Facts = Facts;

    fn id(&self) -> &'static str {
        "kubernetes"
    }

    fn recognise(&self, head: &Head<'_>) -> Option<Claim> {
        observe::recognise(head).or_else(|| parse::recognise(head))
    }

    fn parse(&self, document: &Document, notes: &mut Notes) -> Facts {
        // A log is folded line by line, and comes here only to be written again without its secrets.
        if document.kind == observe::LOG {
            observe::secrets(document, notes);
            return Facts::default();
        }
        parse::parse(document, notes)
    }

    fn observe(&self, line: &str, facts: &mut Facts) -> Result<(), &'static str> {
        observe::observe(line, facts)
    }

    fn wraps(&self) -> &'static [&'static str] {
        observe::WRAPS
    }

    fn rightsize(&self, facts: &Facts, used: &Facts, ask: &Ask) -> Option<Proposals> {
        Some(rightsize::rightsize(facts, used.usage(), ask))
    }

    fn merge(&self, into: &mut Facts, part: Facts) {
        into.usage.merge(part.usage);
        append(&mut into.roles, part.roles);
        append(&mut into.bindings, part.bindings);
        append(&mut into.accounts, part.accounts);
        append(&mut into.workloads, part.workloads);
        append(&mut into.namespaces, part.namespaces);
        append(&mut into.nodes, part.nodes);
        append(&mut into.secrets, part.secrets);
        append(&mut into.services, part.services);
        append(&mut into.gateway_classes, part.gateway_classes);
        append(&mut into.gateways, part.gateways);
        append(&mut into.listener_sets, part.listener_sets);
        append(&mut into.routes, part.routes);
        append(&mut into.reference_grants, part.reference_grants);
        append(&mut into.network_policies, part.network_policies);
        append(&mut into.volumes, part.volumes);
        append(&mut into.node_objects, part.node_objects);
        append(&mut into.api_servers, part.api_servers);
        append(&mut into.aws_auth, part.aws_auth);
        append(&mut into.eks, part.eks);
        into.aws.extend(part.aws);
        append(&mut into.issuers, part.issuers);
        append(&mut into.versions, part.versions);
        for (kind, live) in part.kinds {
            *into.kinds.entry(kind).or_default() |= live;
        }
        into.first = into.first.into_iter().chain(part.first).min();
    }

    fn assume(&self, facts: &mut Facts, version: &str) -> Result<(), String> {
        let minor = version::minor(version).ok_or_else(|| "give it as `1.34`".to_owned())?;
        facts.assumed = Some(minor);
        Ok(())
    }

    fn seal(&self, facts: &mut Facts, _texts: &[Document]) {
        facts.pool = facts::Pool::default();
        authorize::Index::build(facts);
        authorize::eks::seal(facts);
        shipped::seal(facts);
        escape::seal(facts);
        facts.groups = workloads::Groups::new(facts);
        facts.network = network::Index::new(facts);
        facts.usage.seal();
    }

    fn lower(&self, facts: &Facts, out: &mut Lowering<'_>) {
        lower::lower(facts, out);
    }

    fn holds(&self, facts: &Facts, hop: &Hop<'_>) -> Holds {
        holds::holds(facts, hop)
    }

    fn may(&self, facts: &Facts, who: &Who<'_>, action: &str, resource: &str) -> Holds {
        holds::may(facts, who, action, resource)
    }

    fn concerns(&self, action: &str, asked: &Asked<'_>) -> bool {
        authorize::concerns(action, asked)
    }

    fn covers(&self, row: &Granted<'_>, asked: &Asked<'_>) -> bool {
        authorize::covers(row, asked)
    }

    fn decide(&self, facts: &Facts, question: &str, answer: &mut Vec<u8>) -> Result<(), QuestionError> {
        authorize::answer(facts, question, answer)
    }

    fn rules(&self) -> Vec<Box<dyn Rule<Facts>>> {
        rules::all().into_iter().map(noted::noted).collect()
    }

    fn ladder(&self) -> Ladder {
        ladder::LADDER
    }

    fn kinds(&self) -> &'static [DocumentKind] {
        const fn kind(name: &'static str, made_by: &'static str) -> DocumentKind {
            DocumentKind { name, made_by }
        }
        const KINDS: &[DocumentKind] = &[
            kind("roles", "kubectl get roles -A -o json"),
            kind("clusterroles", "kubectl get clusterroles -o json"),
            kind("rolebindings", "kubectl get rolebindings -A -o json"),
            kind("clusterrolebindings", "kubectl get clusterrolebindings -o json"),
            kind("serviceaccounts", "kubectl get serviceaccounts -A -o json"),
            kind("pods", "kubectl get pods -A -o json"),
            kind(
                "controllers",
                "kubectl get deployments,statefulsets,daemonsets,replicasets,replicationcontrollers -A -o json",
            ),
            kind("jobs", "kubectl get jobs,cronjobs -A -o json"),
            kind("namespaces", "kubectl get namespaces -o json"),
            kind("nodes", "kubectl get nodes -o json"),
            kind("secrets", "kubectl get secrets -A -o json"),
            kind("services", "kubectl get services,ingresses -A -o json"),
            kind(
                "gateways",
                "kubectl get gatewayclasses,gateways,listenersets,xlistenersets,httproutes,grpcroutes,tlsroutes,tcproutes,udproutes,referencegrants -A -o json",
            ),
            kind("networkpolicies", "kubectl get networkpolicies -A -o json"),
            kind(
                "volumes",
                "kubectl get persistentvolumes,volumeattachments,resourceslices,podcertificaterequests -A -o json",
            ),
            kind(
                "aws-auth",
                "kubectl get configmap -n kube-system aws-auth -o json",
            ),
            kind("eks-cluster", "aws eks describe-cluster --name NAME"),
            kind(
                "eks-access-entries",
                "aws eks list-access-entries --cluster-name NAME, and describe-access-entry for each",
            ),
            kind(
                "eks-access-policies",
                "aws eks list-associated-access-policies --cluster-name NAME --principal-arn ARN, for each",
            ),
            kind(
                "eks-pod-identities",
                "aws eks list-pod-identity-associations --cluster-name NAME, and describe-pod-identity-association for each",
            ),
            kind("version", "kubectl version -o json"),
            kind(
                observe::LOG,
                "the API server's --audit-log-path, or aws logs filter-log-events --log-group-name /aws/eks/NAME/cluster --log-stream-name-prefix kube-apiserver-audit",
            ),
            kind("oidc", "kubectl get --raw /.well-known/openid-configuration"),
        ];
        KINDS
    }
}

#[cfg(test)]
mod tests;
