//! Roles that EKS Pod Identity hands out: whose sessions a trust lets in.
//!
//! EKS assumes the role with tags that name the pod's cluster, namespace and account, and needs sts:TagSession for it;
//! conditions on `aws:RequestTag/` tell accounts apart, and without them every association of the account is let in. A
//! session of an association that disables tags has none. Source: Amazon EKS User Guide, "Create IAM role with trust
//! policy required by EKS Pod Identity", "Grant pods access to AWS resources based on tags".

use super::trust::{lets_in, open};
use crate::authorize::Caller;
use crate::facts::{Facts, Role};
use crate::policy::{Clause, Context, Operator, Statement, Template, Tri, Value};
use foursee_core::estate::{Accepted, Lowering};
use foursee_core::model::{Certainty, Foothold, NodeId, Pattern};

/// The service.
pub(super) const SERVICE: &str = "pods.eks.amazonaws.com";
/// The kind of the credential.
pub(super) const KIND: &str = "eks-pod-identity";
/// Whether its session has tags.
const TAGGED: &str = "tagged";
const UNTAGGED: &str = "untagged";

/// The tags of a session that the credential's subject says.
const TAGS: [&str; 4] = [
    "aws:requesttag/eks-cluster-arn",
    "aws:requesttag/eks-cluster-name",
    "aws:requesttag/kubernetes-namespace",
    "aws:requesttag/kubernetes-service-account",
];

/// More patterns than this of one statement are one that is asked again.
const MOST: usize = 256;

/// What is known of a session without tags.
fn untagged() -> Context {
    let mut context = super::nobody();
    context.close("aws:RequestTag/");
    context.set("aws:TagKeys", Value::Many(Vec::new()));
    context
}

/// What is known of the session of a subject: `CLUSTER namespace/NS serviceaccount/NAME`.
fn tagged(subject: &str) -> Option<Context> {
    let mut parts = subject.splitn(3, ' ');
    let (cluster, namespace, account) = (parts.next()?, parts.next()?, parts.next()?);
    let name = cluster.split_once(":cluster/").map_or(cluster, |(_, name)| name);
    let mut context = super::nobody();
    let values = [
        cluster,
        name,
        namespace.strip_prefix("namespace/")?,
        account.strip_prefix("serviceaccount/")?,
    ];
    for (tag, value) in TAGS.iter().zip(values) {
        context.one(tag, value);
    }
    Some(context)
}

/// Writes whose sessions a statement lets in.
pub(super) fn accept(
    facts: &Facts,
    role: &Role,
    node: NodeId,
    statement: &Statement,
    out: &mut Lowering<'_>,
) {
    let caller = Caller::Service(SERVICE.to_owned());
    let with_tags = lets_in(facts, role, &caller, "sts:tagsession", &super::nobody()) != Tri::No;
    let without = open(role, statement, "sts:assumerole", &untagged(), out).is_some();
    let mut audience = Vec::new();
    if with_tags {
        audience.push(TAGGED.into());
    }
    if without {
        audience.push(UNTAGGED.into());
    }
    let Some((_, mut certainty)) = open(role, statement, "sts:assumerole", &super::nobody(), out) else {
        return;
    };
    if audience.is_empty() {
        return;
    }
    let read = Tags::of(statement);
    if certainty == Certainty::Conditional && read.others.is_empty() {
        certainty = Certainty::Certain;
    }
    let subjects = read.subjects().unwrap_or_else(|| {
        certainty = certainty.max(Certainty::Ask);
        vec![Pattern::Any]
    });
    if read.unsure {
        certainty = certainty.max(Certainty::Ask);
    }
    let condition = out.condition(&read.others.join(" and "));
    for subject in subjects {
        out.accept(Accepted {
            by: node,
            gives: Foothold::Acts,
            kind: KIND.into(),
            realm: "aws".into(),
            subject,
            audience: audience.clone(),
            certainty,
            condition,
            place: statement.place,
        });
    }
}

/// Whether a role's trust lets a session in.
pub(super) fn accepts(facts: &Facts, role: &Role, subject: &str, audience: &str) -> Tri {
    let caller = Caller::Service(SERVICE.to_owned());
    let context = match (audience, tagged(subject)) {
        (UNTAGGED, _) => untagged(),
        (_, Some(context)) => context,
        (_, None) => return Tri::No,
    };
    let assume = lets_in(facts, role, &caller, "sts:assumerole", &context);
    if audience == UNTAGGED {
        return assume;
    }
    assume.and(lets_in(facts, role, &caller, "sts:tagsession", &context))
}

/// What a statement asks of the tags.
#[derive(Default)]
struct Tags {
    /// The texts with wildcards of each of [`TAGS`]; empty where nothing is asked.
    asked: [Vec<String>; 4],
    /// Further conditions, as text.
    others: Vec<String>,
    /// Whether the patterns mean more than the statement does.
    unsure: bool,
}

impl Tags {
    fn of(statement: &Statement) -> Self {
        let mut read = Self::default();
        for clause in &statement.conditions {
            let tag = TAGS.iter().position(|tag| tag.eq_ignore_ascii_case(&clause.key));
            let slot = tag.and_then(|at| read.asked.get_mut(at));
            match (slot, texts(clause)) {
                (Some(slot), Some(texts)) => {
                    read.unsure |= !slot.is_empty();
                    slot.extend(texts);
                }
                _ => read.others.push(clause.to_string()),
            }
        }
        read.unsure |= read.asked.iter().take(2).all(|one| !one.is_empty());
        read
    }

    /// The subjects that have such tags; none where there are too many.
    fn subjects(&self) -> Option<Vec<Pattern>> {
        let [arns, names, namespaces, accounts] = &self.asked;
        if [arns, names, namespaces, accounts]
            .iter()
            .all(|one| one.is_empty())
        {
            return Some(vec![Pattern::Any]);
        }
        let any = |all: &[String]| {
            if all.is_empty() {
                vec!["*".to_owned()]
            } else {
                all.to_vec()
            }
        };
        let clusters = if arns.is_empty() && !names.is_empty() {
            names.iter().map(|name| format!("*:cluster/{name}")).collect()
        } else {
            any(arns)
        };
        let (namespaces, accounts) = (any(namespaces), any(accounts));
        let count = clusters
            .len()
            .saturating_mul(namespaces.len())
            .saturating_mul(accounts.len());
        if count > MOST {
            return None;
        }
        let mut all = Vec::new();
        for cluster in &clusters {
            for namespace in &namespaces {
                for account in &accounts {
                    all.push(Pattern::from_glob(&format!(
                        "{cluster} namespace/{namespace} serviceaccount/{account}"
                    )));
                }
            }
        }
        all.sort();
        all.dedup();
        Some(all)
    }
}

/// A positive clause over text, as texts with wildcards.
fn texts(clause: &Clause) -> Option<Vec<String>> {
    let plain = !clause.negated && !clause.if_exists && !clause.values.is_empty();
    if !plain || clause.values.iter().any(Template::has_variables) {
        return None;
    }
    let texts = clause.values.iter().map(|value| value.text().to_owned());
    match clause.operator {
        // A literal wildcard is in no name.
        Operator::StringEquals => Some(texts.filter(|text| !text.contains(['*', '?'])).collect()),
        Operator::StringLike => Some(texts.collect()),
        _ => None,
    }
    .filter(|all: &Vec<String>| !all.is_empty())
}
