//! Facts into edges, privileges and credentials: statements, not answers. Nothing here decides: the authorizer does.
//!
//! A role's trust has two sides. Where it delegates to an account or names a service, the role gets a node of kind
//! `trust` (or of that service's): who may call goes to that node, and from there to the role, so that neither side is
//! multiplied by the other.

mod access;
mod admin;
pub(crate) mod claims;
mod confirm;
mod metadata;
mod pod_identity;
mod privileges;
mod trust;

pub(crate) use confirm::{holds, may};
pub(crate) use privileges::rung_of;

use crate::authorize::{Cell, Layers};
use crate::facts::{Facts, Holder, OrganizationKind};
use crate::policy::Context;
use crate::techniques;
use foursee_core::document::Place;
use foursee_core::estate::{Audience, Lowering, Presented};
use foursee_core::model::{
    Certainty, Class, ConditionId, Foothold, Gap, Kind, NodeId, Pattern, Reason, Technique,
};
use std::collections::BTreeSet;

/// A user, by ARN.
pub(crate) static USER: Kind = Kind::new("user", Class::Identity);
/// A role, by ARN.
pub(crate) static ROLE: Kind = Kind::new("role", Class::Identity);
/// A group, by ARN.
pub(crate) static GROUP: Kind = Kind::new("group", Class::Group);
/// A managed policy, by ARN.
pub(crate) static POLICY: Kind = Kind::new("policy", Class::Grant);
/// A bucket, by ARN.
pub(crate) static BUCKET: Kind = Kind::new("bucket", Class::Resource);
/// Objects, by ARN.
pub(crate) static OBJECT: Kind = Kind::new("object", Class::Resource);
/// Anything else that an ARN names.
pub(crate) static RESOURCE: Kind = Kind::new("resource", Class::Resource);
/// The account as its administrators have it, by its root's ARN.
pub(crate) static ACCOUNT: Kind = Kind::new("account", Class::Resource);
/// Whoever is not of the account.
pub(crate) static OUTSIDE: Kind = Kind::new("outside", Class::Outside);
/// A role as one that its account's own policies may let identities assume, by the role's ARN.
pub(crate) static TRUST: Kind = Kind::new("trust", Class::Grant);
/// A role as one that Lambda may be given, and so on.
pub(crate) static LAMBDA_ROLE: Kind = Kind::new("role for lambda", Class::Grant);
/// A role as one that an EC2 instance may be given.
pub(crate) static EC2_ROLE: Kind = Kind::new("role for ec2", Class::Grant);
/// A role as one that an ECS task may be given.
pub(crate) static ECS_ROLE: Kind = Kind::new("role for ecs", Class::Grant);

/// The kind of a role as one that a service may be given.
pub(crate) fn passed_kind(service: &str) -> &'static Kind {
    match service {
        "lambda.amazonaws.com" => &LAMBDA_ROLE,
        "ec2.amazonaws.com" => &EC2_ROLE,
        _ => &ECS_ROLE,
    }
}

/// What an identity node is made of.
pub(crate) struct Actor<'a> {
    pub(crate) holder: Holder<'a>,
    pub(crate) node: NodeId,
    pub(crate) layers: Layers<'a>,
    pub(crate) context: Context,
}

/// Writes an account's statements.
pub(crate) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    let account = facts.account().unwrap_or_default().to_owned();
    let account = if account.is_empty() {
        // Only what names no account was given: the scope's own name is its account, if anything is.
        out.scope_row()
            .map(|row| row.name.to_string())
            .unwrap_or_default()
    } else {
        account
    };
    identities(facts, out);
    privileges::lower(facts, out);
    trust::lower(facts, &account, out);
    access::buckets(facts, out);
    let rcps = facts.levels(OrganizationKind::Rcp, Some(&account));
    for holder in facts.holders() {
        if matches!(holder, Holder::Group(_)) {
            continue;
        }
        let node = holder_node(&holder, out);
        let mut layers = facts.layers(&holder);
        layers.rcps.clone_from(&rcps);
        if holder.caller().service_linked() {
            layers.scps = None;
            layers.unplaced = crate::authorize::Sources::default();
            layers.rcps = None;
        }
        let actor = Actor {
            context: context_of(facts, &holder),
            holder,
            node,
            layers,
        };
        trust::assume(facts, &account, &actor, out);
        admin::lower(facts, &account, &actor, out);
        access::lower(facts, &actor, out);
    }
    admin::account(facts, &account, out);
    metadata::lower(facts, out);
    gaps(facts, &account, out);
}

/// What is known of every request of a holder that wants to get through: it may choose to come by TLS.
pub(crate) fn context_of(facts: &Facts, holder: &Holder<'_>) -> Context {
    let mut context = facts.context(holder);
    context.one("aws:SecureTransport", "true");
    context
}

/// The same of somebody of whom nothing is known.
pub(crate) fn nobody() -> Context {
    let mut context = Context::default();
    context.one("aws:SecureTransport", "true");
    context
}

/// The node of a holder.
pub(crate) fn holder_node(holder: &Holder<'_>, out: &mut Lowering<'_>) -> NodeId {
    match holder {
        Holder::User(one) => out.node(&USER, &one.arn),
        Holder::Role(one) => out.node(&ROLE, &one.arn),
        Holder::Group(one) => out.node(&GROUP, &one.arn),
    }
}

/// A caller's ARN as its session says it, for those who compare it so: without a role's path, in lower case.
pub(crate) fn session_arn(arn: &str) -> String {
    let session = match arn.split_once(":role/") {
        Some((before, path)) => format!("{before}:role/{}", path.rsplit('/').next().unwrap_or(path)),
        None => arn.to_owned(),
    };
    session.to_lowercase()
}

/// Nodes, tags, memberships, and the credential that every user and role is.
fn identities(facts: &Facts, out: &mut Lowering<'_>) {
    for holder in facts.holders() {
        let node = holder_node(&holder, out);
        let (tags, place) = match holder {
            Holder::User(one) => (one.tags.as_slice(), one.place),
            Holder::Role(one) => (one.tags.as_slice(), one.place),
            Holder::Group(_) => continue,
        };
        for tag in tags {
            out.tag(node, &tag.key, &tag.value, tag.place);
        }
        for (kind, subject) in [
            ("aws-principal", holder.arn().to_owned()),
            ("aws-session", session_arn(holder.arn())),
        ] {
            out.present(Presented {
                by: node,
                at: Foothold::Acts,
                kind: kind.into(),
                realm: "aws".into(),
                subject: subject.into(),
                audience: Audience::None,
                towards: None,
                meant_for: None,
                certainty: Certainty::Certain,
                condition: ConditionId(0),
                place,
            });
        }
        if let Holder::User(user) = holder {
            for name in &user.groups {
                if let Some(group) = facts.groups.iter().find(|group| group.name == name.arn) {
                    let to = out.node(&GROUP, &group.arn);
                    out.member(node, to, name.place);
                }
            }
            for key in facts
                .access_keys
                .iter()
                .filter(|key| key.user == user.name && key.active)
            {
                out.accept(foursee_core::estate::Accepted {
                    by: node,
                    gives: Foothold::Acts,
                    kind: "aws-access-key".into(),
                    realm: "aws".into(),
                    subject: Pattern::Exact(key.id.to_string().into()),
                    audience: Vec::new(),
                    certainty: Certainty::Certain,
                    condition: ConditionId(0),
                    place: key.place,
                });
            }
        }
    }
    // A key of a user that was not read: the user exists, and nothing is known of what it may do.
    for key in facts
        .access_keys
        .iter()
        .filter(|key| !facts.users.iter().any(|user| user.name == key.user))
    {
        out.gap(
            Gap::new(Reason::NotCaptured, format!("user {}", key.user))
                .facet(format!("what it may do; access key {} is its", key.id))
                .hides("what whoever has that key may do")
                .closes("aws iam get-account-authorization-details")
                .at(key.place),
        );
    }
}

/// An edge of a cell: to the one thing that it names, or to everything of the kind that it means.
pub(crate) fn cell_edge(
    out: &mut Lowering<'_>,
    from: NodeId,
    technique: &'static Technique,
    kind: &'static Kind,
    cell: &Cell<'_>,
    place: Place,
) {
    let to = out.select(foursee_core::estate::Over {
        kind,
        pattern: &cell.pattern,
        except: &cell.except,
    });
    if to == from {
        return;
    }
    let condition = out.condition(&cell.condition());
    out.edge(from, technique, to, place)
        .when(condition)
        .certainty(cell.certainty())
        .rung(rung_of(cell.statement));
}

/// Cuts a cell down to the names that begin so; none where it means none of them.
pub(crate) fn within<'p>(cell: &Cell<'p>, prefix: &str) -> Option<Cell<'p>> {
    use crate::authorize::{Meet, meet};
    let all = Pattern::Prefix(prefix.into());
    let mut cell = cell.clone();
    match meet(&all, &cell.pattern) {
        Meet::Nothing => return None,
        Meet::This(both) => cell.pattern = both,
        Meet::Unsure => {}
    }
    cell.except.retain(|one| meet(one, &all) != Meet::Nothing);
    cell.except.sort();
    cell.except.dedup();
    Some(cell)
}

/// What the tables themselves show to be missing.
fn gaps(facts: &Facts, account: &str, out: &mut Lowering<'_>) {
    let (pages, last) = facts.pages;
    if pages > 0 && last == 0 {
        let mut gap = Gap::new(Reason::Truncated, "authorization details")
            .facet("the pages behind the last one given: it says that more follows")
            .hides("the users, groups, roles and policies on them")
            .closes("every page of aws iam get-account-authorization-details; without --no-paginate the CLI fetches all");
        gap.place = facts.first_page;
        out.gap(gap);
    }
    let mut unread: Vec<(&str, Place)> = Vec::new();
    for holder in facts.holders() {
        let grants = holder.grants();
        let named = grants.attached.iter().chain(&grants.boundary);
        unread.extend(
            named
                .filter(|one| facts.managed_policy(&one.arn).is_none())
                .map(|one| (&*one.arn, one.place)),
        );
    }
    unread.sort_by_key(|one| (one.0, one.1));
    unread.dedup_by_key(|one| one.0);
    for (arn, place) in unread {
        out.gap(
            Gap::new(Reason::NotCaptured, arn)
                .facet("its document: the export left it out")
                .hides("what its holders may do: it is taken as one that may allow or deny anything")
                .closes("aws iam get-account-authorization-details without --filter, or with AWSManagedPolicy and LocalManagedPolicy")
                .at(place),
        );
    }
    for user in &facts.users {
        for name in user
            .groups
            .iter()
            .filter(|name| !facts.groups.iter().any(|group| group.name == name.arn))
        {
            out.gap(
                Gap::new(Reason::NotCaptured, format!("group {}", name.arn))
                    .facet("what its members may do")
                    .hides(format!("part of what {} may do", user.arn))
                    .closes("aws iam get-account-authorization-details without --filter, or with Group")
                    .at(name.place),
            );
        }
    }
    without_report_row(facts, out);
    for one in facts.unplaced() {
        out.gap(
            Gap::new(Reason::NotCaptured, format!("organization policy {}", one.name))
                .facet("whether this account is among its targets")
                .hides(format!("whether it binds account {account}"))
                .closes("aws organizations list-targets-for-policy, and list-parents of the account")
                .at(one.place),
        );
    }
    for one in facts
        .organization
        .iter()
        .filter(|one| one.kind == OrganizationKind::Rcp)
    {
        let statements = one.policy.iter().flat_map(|policy| &policy.statements);
        let odd = |one: &&crate::policy::Statement| {
            let everyone = one.principals.as_ref().is_some_and(|all| {
                !all.not
                    && all
                        .list
                        .iter()
                        .all(|one| matches!(one, crate::policy::Principal::Everyone))
            });
            one.effect == crate::policy::Effect::Deny && (one.actions.not || !everyone)
        };
        if let Some(statement) = statements.filter(|_| !one.arn.contains("::aws:")).find(odd) {
            out.gap(
                Gap::new(Reason::Unsupported, format!("organization policy {}", one.name))
                    .facet("a statement that AWS does not take in a resource control policy")
                    .hides("what it would do; it is evaluated as it reads")
                    .closes("Principal `*`, and Action in place of NotAction")
                    .at(statement.place),
            );
        }
    }
    if pages > 0 {
        inherent(out);
    }
}

/// The users that the credential report does not have. It has a row for each: it is older than they are, or cut off
/// between two rows, which no byte of it says.
fn without_report_row(facts: &Facts, out: &mut Lowering<'_>) {
    let Some(first) = facts.credentials.first() else {
        return;
    };
    let rows: BTreeSet<&str> = facts.credentials.iter().map(|row| &*row.arn).collect();
    let mut missing = facts.users.iter().filter(|user| !rows.contains(&*user.arn));
    let Some(user) = missing.next() else { return };
    let names = match missing.count() {
        0 => user.arn.to_string(),
        more => format!("{} and {more} more", user.arn),
    };
    out.gap(
        Gap::new(Reason::Truncated, "credential report")
            .facet(format!(
                "the row of {names}: it is older than they are, or cut off"
            ))
            .hides("the age and use of their passwords and access keys")
            .closes("aws iam generate-credential-report, then aws iam get-credential-report, whole")
            .at(first.place),
    );
}

/// What no export of this kind can show.
fn inherent(out: &mut Lowering<'_>) {
    out.gap(
        Gap::new(Reason::Inherent, "session policies and session tags")
            .facet("what a session was narrowed or tagged by when it was made")
            .hides(
                "that a session may do less than its role; answers are for sessions without session policies",
            )
            .closes("nothing: they live with the session"),
    );
    // No export lists all buckets together with their policies: what was not exported cannot be told from what is not.
    let mut buckets = Gap::new(Reason::Inherent, "policies of buckets that were not exported")
        .hides("whom they let in: only buckets whose policy is among the documents were assessed")
        .closes("aws s3api get-bucket-policy --bucket NAME, for each bucket of aws s3api list-buckets");
    buckets.rules = vec![crate::rules::BUCKET_POLICY_PUBLIC.into()];
    out.gap(buckets);
}

/// The technique that a cell of one IAM action is for.
pub(crate) fn iam_row(id: &str) -> Option<&'static techniques::IamRow> {
    techniques::IAM.iter().find(|row| row.technique.id == id)
}
