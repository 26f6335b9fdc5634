//! Whether a hop really holds: the authorizer is asked again, for the one who takes it and what it leads to.

use super::{ACCOUNT, Actor, BUCKET, GROUP, OUTSIDE, TRUST, access, admin, iam_row, trust};
use super::{metadata, pod_identity};
use crate::authorize::{Answer, Caller, Decision, Layers, Region, Request, authorize};
use crate::facts::{Facts, Holder, bucket_of};
use crate::policy::Tri;
use crate::techniques::{
    ADD_TO_GROUP, ADMINISTERS, ASSUME_ROLE, BUCKET as WAYS, IS_ADMIN, PASS, SAML, SELF_ADMIN, WEB_IDENTITY,
};
use foursee_core::layer::{CredentialRef, Holds, Hop, Who};
use foursee_core::model::{Certainty, NodeId};

fn no(why: impl Into<String>) -> Holds {
    Holds::No(why.into())
}

fn from_answer(answer: &Answer<'_>) -> Holds {
    match answer.decision {
        Decision::Allowed => Holds::Yes,
        Decision::Possible if answer.conditions.is_empty() => {
            Holds::Unknown("a policy document that would decide was not read".to_owned())
        }
        Decision::Possible => Holds::If(answer.conditions.join(" and ")),
        Decision::ExplicitDeny | Decision::ImplicitDeny => {
            let blocked: Vec<&str> = answer.blocked_by().collect();
            no(format!(
                "{} by {}",
                answer.decision.as_str(),
                if blocked.is_empty() {
                    "every layer".to_owned()
                } else {
                    blocked.join(", ")
                }
            ))
        }
    }
}

fn from_tri(tri: Tri, condition: &str) -> Holds {
    match tri {
        Tri::Yes => Holds::Yes,
        Tri::Maybe => Holds::If(condition.to_owned()),
        Tri::No => no("the trust does not let it in"),
    }
}

/// An identity of the tables, as lowering has it.
fn actor<'a>(facts: &'a Facts, holder: Holder<'a>) -> Actor<'a> {
    let mut layers = facts.layers(&holder);
    layers.rcps = facts.levels(crate::facts::OrganizationKind::Rcp, facts.account());
    if holder.caller().service_linked() {
        layers.scps = None;
        layers.unplaced = crate::authorize::Sources::default();
        layers.rcps = None;
    }
    Actor {
        context: super::context_of(facts, &holder),
        holder,
        node: NodeId(u32::MAX),
        layers,
    }
}

/// May an identity do an action to a resource?
pub(crate) fn may(facts: &Facts, who: &Who<'_>, action: &str, resource: &str) -> Holds {
    if !action.contains(':') {
        return no(format!(
            "`{action}` is no action of AWS; it is written service:Name, such as s3:GetObject"
        ));
    }
    if let Some(why) = unchangeable(action, resource) {
        return no(why);
    }
    let (caller, mut layers, context) = match (facts.holder(who.name), who.kind) {
        (Some(holder), _) => (
            holder.caller(),
            facts.layers(&holder),
            super::context_of(facts, &holder),
        ),
        (None, kind) if kind == OUTSIDE.name => match outside(who.name) {
            Some(caller) => (caller, Layers::default(), super::nobody()),
            None => return Holds::Unknown(format!("what {} may do elsewhere", who.name)),
        },
        (None, kind) if kind == ACCOUNT.name => match Caller::parse(who.name) {
            Some(caller) => {
                let levels = facts.levels(crate::facts::OrganizationKind::Scp, facts.account());
                (
                    caller,
                    Layers {
                        scps: levels,
                        ..Layers::default()
                    },
                    super::nobody(),
                )
            }
            None => return no(format!("there is no account `{}`", who.name)),
        },
        (None, _) => return Holds::Unknown(format!("{} was not read", who.name)),
    };
    facts.add_resource(action, resource, &mut layers);
    let request = Request {
        caller: &caller,
        action,
        resource,
        owner: facts.account(),
        context: &context,
    };
    from_answer(&authorize(&request, &layers))
}

/// Why nobody may change what is AWS's own, whatever policies say. Sources: IAM User Guide,
/// access_policies_managed-vs-inline and id_roles_create-service-linked-role.
fn unchangeable(action: &str, resource: &str) -> Option<&'static str> {
    let lower = action.to_ascii_lowercase();
    let name = lower.strip_prefix("iam:")?;
    if resource.contains(":iam::aws:policy/") {
        let changes = [
            "createpolicyversion",
            "deletepolicy",
            "deletepolicyversion",
            "setdefaultpolicyversion",
            "tagpolicy",
            "untagpolicy",
        ];
        return changes
            .contains(&name)
            .then_some("AWS's own policies cannot be changed");
    }
    let own = resource.contains(":role/aws-service-role/") || resource.contains(":role/aws-reserved/");
    let reads = [
        "get",
        "list",
        "pass",
        "generate",
        "simulate",
        "deleteservicelinkedrole",
    ];
    (own && !reads.iter().any(|word| name.starts_with(word))).then_some("AWS's own roles cannot be changed")
}

/// The caller behind an outside node.
fn outside(name: &str) -> Option<Caller> {
    if name == trust::INTERNET {
        return Some(Caller::Anonymous);
    }
    name.strip_prefix("account ").and_then(Caller::parse)
}

/// Whether a hop holds.
pub(crate) fn holds(facts: &Facts, hop: &Hop<'_>) -> Holds {
    match hop.technique {
        "core-member" => member(facts, hop),
        "core-presents" => presents(facts, hop),
        "core-accepts" => accepts(facts, hop),
        id if id == ASSUME_ROLE.id => assumes(facts, hop),
        id if id == WEB_IDENTITY.id => by_token(facts, hop),
        id if id == SAML.id => match facts.role(hop.to.name) {
            Some(role) => {
                let provider = hop
                    .from
                    .name
                    .strip_prefix("anyone whom ")
                    .and_then(|rest| rest.strip_suffix(" vouches for"));
                let caller = Caller::Provider(provider.unwrap_or_default().to_owned());
                from_tri(
                    trust::lets_in(facts, role, &caller, "sts:assumerolewithsaml", &super::nobody()),
                    "what the trust asks of the assertion",
                )
            }
            None => no("there is no such role"),
        },
        id if id == ADMINISTERS.id => Holds::Yes,
        id if id == ADD_TO_GROUP.id => own(facts, hop, "iam:AddUserToGroup"),
        id if id == IS_ADMIN.id || id == SELF_ADMIN.id => administers(facts, hop),
        id => {
            if let Some(row) = iam_row(id) {
                return own(facts, hop, row.action);
            }
            if let Some(row) = PASS.iter().find(|row| row.technique.id == id) {
                return passes(facts, hop, row);
            }
            match WAYS.iter().find(|row| row.technique.id == id) {
                Some(row) => uses_bucket(facts, hop, row.action),
                None => no(format!("there is no technique `{id}`")),
            }
        }
    }
}

fn own(facts: &Facts, hop: &Hop<'_>, action: &str) -> Holds {
    may(facts, &hop.from, action, hop.to.name)
}

fn member(facts: &Facts, hop: &Hop<'_>) -> Holds {
    let (from, to) = (hop.from, hop.to);
    if from.kind == TRUST.name {
        return if facts.role(from.name).is_some_and(|_| from.name == to.name) {
            Holds::Yes
        } else {
            no("another role")
        };
    }
    if trust::is_given(from.kind) {
        let row = PASS
            .iter()
            .find(|row| super::passed_kind(row.service).name == from.kind);
        let given = facts
            .role(from.name)
            .zip(row)
            .is_some_and(|(role, row)| admin::trusts_service(role, row));
        return if given && from.name == to.name {
            Holds::Yes
        } else {
            no("the service is not trusted")
        };
    }
    let Some(holder) = facts.holder(from.name) else {
        return no("it was not read");
    };
    if to.kind == GROUP.name {
        let Holder::User(user) = holder else {
            return no("only users are in groups");
        };
        let found = facts.groups_of(user).any(|group| &*group.arn == to.name);
        return if found {
            Holds::Yes
        } else {
            no("it is not in the group")
        };
    }
    let found = holder.grants().attached.iter().any(|one| &*one.arn == to.name);
    if found {
        Holds::Yes
    } else {
        no("the policy is not attached to it")
    }
}

fn presents(facts: &Facts, hop: &Hop<'_>) -> Holds {
    let Some(credential) = hop.credential else {
        return no("no credential is named");
    };
    let own = hop.from.name == credential.subject && facts.holder(hop.from.name).is_some();
    match credential.kind {
        "aws-principal" if own => Holds::Yes,
        "aws-session"
            if facts.holder(hop.from.name).is_some()
                && super::session_arn(hop.from.name) == credential.subject =>
        {
            Holds::Yes
        }
        "aws-call" if own => {
            let Some(holder) = facts.holder(hop.from.name) else {
                return no("it was not read");
            };
            let actor = actor(facts, holder);
            match admin::anywhere(&actor.layers, credential.realm, &actor.context) {
                Some((conditions, Certainty::Certain)) if conditions.is_empty() => Holds::Yes,
                Some((_, Certainty::Unknown)) => {
                    Holds::Unknown("a policy document that would decide was not read".to_owned())
                }
                Some((conditions, _)) if conditions.is_empty() => Holds::Yes,
                Some((conditions, _)) => Holds::If(conditions.into_iter().collect::<Vec<_>>().join(" and ")),
                None => no("its own policies do not allow the call"),
            }
        }
        _ => no("it does not present that"),
    }
}

fn accepts(facts: &Facts, hop: &Hop<'_>) -> Holds {
    let Some(credential) = hop.credential else {
        return no("no credential is named");
    };
    match credential.kind {
        "aws-access-key" => {
            let user = facts.user(hop.to.name);
            let found = facts.access_keys.iter().any(|key| {
                key.active && &*key.id == credential.subject && user.is_some_and(|user| user.name == key.user)
            });
            if found {
                Holds::Yes
            } else {
                no("the key is not the user's, or not active")
            }
        }
        "aws-call" => accepts_call(facts, hop, credential),
        metadata::KIND => metadata::accepts(facts, hop.to.name, credential),
        pod_identity::KIND => match facts.role(hop.to.name) {
            Some(role) => from_tri(
                pod_identity::accepts(facts, role, credential.subject, credential.audience),
                "what the trust asks beside the session's tags",
            ),
            None => no("there is no such role"),
        },
        "web-identity" => {
            let Some(role) = facts.role(hop.to.name) else {
                return no("there is no such role");
            };
            accepts_token(facts, role, credential)
        }
        _ => no("it does not accept that"),
    }
}

fn accepts_call(facts: &Facts, hop: &Hop<'_>, credential: CredentialRef<'_>) -> Holds {
    let Some(caller) = Caller::parse(credential.subject) else {
        return no("the subject is no caller");
    };
    if let Some(role) = facts.role(hop.to.name) {
        let tri = trust::lets_in(facts, role, &caller, "sts:assumerole", &super::nobody());
        return from_tri(tri, "what the role's trust asks");
    }
    if hop.to.kind == BUCKET.name {
        let resource = format!("{}/*", hop.to.name);
        let mut layers = Layers::default();
        facts.add_resource(credential.realm, &resource, &mut layers);
        let context = super::nobody();
        let request = Request {
            caller: &caller,
            action: credential.realm,
            resource: &resource,
            owner: facts.account(),
            context: &context,
        };
        let answer = authorize(&request, &layers);
        let said = answer.layers.iter().find(|said| said.layer == "resource");
        let tri = said.map_or(Tri::No, |said| said.allows.and(said.denies.not()));
        // A part of the bucket is enough: the statement says which.
        return if tri == Tri::No {
            Holds::If("only some objects".to_owned())
        } else {
            from_tri(tri, "what the bucket's policy asks")
        };
    }
    no("nothing of that name accepts calls")
}

fn accepts_token(facts: &Facts, role: &crate::facts::Role, credential: CredentialRef<'_>) -> Holds {
    use crate::policy::{Principal, Value};
    let providers = role
        .trust
        .statements
        .iter()
        .filter_map(|one| one.principals.as_ref())
        .flat_map(|all| &all.list);
    let mut best = Tri::No;
    for provider in providers {
        let Principal::Federated(name) = provider else {
            continue;
        };
        let issuer = super::claims::issuer_of(name);
        if !issuer.eq_ignore_ascii_case(credential.realm) {
            continue;
        }
        let mut context = super::nobody();
        context.one(&format!("{issuer}:sub"), credential.subject);
        if !credential.audience.is_empty() {
            context.set(
                &format!("{issuer}:aud"),
                Value::One(credential.audience.to_owned()),
            );
        }
        let caller = Caller::Provider(name.to_string());
        best = best.or(trust::lets_in(
            facts,
            role,
            &caller,
            "sts:assumerolewithwebidentity",
            &context,
        ));
    }
    from_tri(best, "what the trust asks beside subject and audience")
}

fn by_token(facts: &Facts, hop: &Hop<'_>) -> Holds {
    let Some(role) = facts.role(hop.to.name) else {
        return no("there is no such role");
    };
    for statement in &role.trust.statements {
        for provider in statement.principals.iter().flat_map(|all| &all.list) {
            let crate::policy::Principal::Federated(name) = provider else {
                continue;
            };
            let claims = super::claims::Claims::of(statement, super::claims::issuer_of(name));
            let site = claims
                .anybody()
                .map(|public| format!("anyone on {}", public.site));
            if site.as_deref() == Some(hop.from.name) {
                let others = claims.others.join(" and ");
                return if others.is_empty() {
                    Holds::Yes
                } else {
                    Holds::If(others)
                };
            }
        }
    }
    no("the trust names a tenant")
}

fn assumes(facts: &Facts, hop: &Hop<'_>) -> Holds {
    let Some(role) = facts.role(hop.to.name) else {
        return no("there is no such role");
    };
    if hop.from.kind == OUTSIDE.name {
        let Some(caller) = outside(hop.from.name) else {
            return no("nobody of that name");
        };
        // Somebody of that account: which of its identities, its own side says.
        let caller = match caller {
            Caller::Root { account } => {
                let named = role
                    .trust
                    .statements
                    .iter()
                    .filter_map(|one| one.principals.as_ref())
                    .flat_map(|all| &all.list);
                let mut arns = named
                    .map(crate::policy::Principal::text)
                    .filter(|arn| arn.contains(&*account));
                arns.find_map(Caller::parse).unwrap_or(Caller::Root { account })
            }
            other => other,
        };
        return from_tri(
            trust::lets_in(facts, role, &caller, "sts:assumerole", &super::nobody()),
            "what the role's trust asks",
        );
    }
    if hop.to.kind == TRUST.name {
        // The caller's side alone; the role's own follows with the next hop.
        let Some(holder) = facts.holder(hop.from.name) else {
            return no("it was not read");
        };
        let actor = actor(facts, holder);
        let header = facts.iam(facts.account().unwrap_or_default());
        let region = Region::of(&actor.layers, "sts:AssumeRole", &header, &actor.context);
        let cell = region
            .0
            .iter()
            .filter(|cell| cell.means(hop.to.name))
            .min_by_key(|cell| cell.certainty());
        let Some(cell) = cell else {
            return no("its own policies do not allow it");
        };
        return match own(facts, hop, "sts:AssumeRole") {
            Holds::If(_) if cell.certainty() == Certainty::Certain => Holds::Yes,
            said => said,
        };
    }
    own(facts, hop, "sts:AssumeRole")
}

fn administers(facts: &Facts, hop: &Hop<'_>) -> Holds {
    let Some(holder) = facts.holder(hop.from.name) else {
        return no("it was not read");
    };
    let account = facts.account().unwrap_or_default();
    match admin::administers(facts, account, &actor(facts, holder)) {
        Some(way) if way.certainty == Certainty::Unknown => {
            Holds::Unknown("a policy document that would decide was not read".to_owned())
        }
        Some(way) if way.condition.is_empty() => Holds::Yes,
        Some(way) => Holds::If(way.condition),
        None => no("it neither is an administrator nor makes itself one"),
    }
}

fn passes(facts: &Facts, hop: &Hop<'_>, row: &crate::techniques::PassRow) -> Holds {
    let Some(holder) = facts.holder(hop.from.name) else {
        return no("it was not read");
    };
    let Some(role) = facts.role(hop.to.name) else {
        return no("there is no such role");
    };
    if !admin::trusts_service(role, row) {
        return no("the role does not trust the service");
    }
    let actor = actor(facts, holder);
    let Some((conditions, certainty)) = admin::launch(&actor.layers, row, &actor.context) else {
        return no("it may not launch anything there");
    };
    let context = admin::passing(&actor.context, row.service);
    let caller = actor.holder.caller();
    let request = Request {
        caller: &caller,
        action: "iam:PassRole",
        resource: hop.to.name,
        owner: facts.account(),
        context: &context,
    };
    let answer = from_answer(&authorize(&request, &actor.layers));
    let open = conditions.into_iter().collect::<Vec<_>>().join(" and ");
    match answer {
        Holds::Yes if certainty == Certainty::Unknown => {
            Holds::Unknown("a policy document that would decide was not read".to_owned())
        }
        Holds::Yes if open.is_empty() => Holds::Yes,
        Holds::Yes => Holds::If(open),
        Holds::If(more) if !open.is_empty() => Holds::If(format!("{more} and {open}")),
        other => other,
    }
}

fn uses_bucket(facts: &Facts, hop: &Hop<'_>, action: &str) -> Holds {
    if hop.from.kind == OUTSIDE.name {
        let Some(caller) = outside(hop.from.name) else {
            return no("nobody of that name");
        };
        let Some(bucket) = bucket_of(hop.to.name).and_then(|name| facts.bucket(name)) else {
            return no("its policy was not read");
        };
        let granted = bucket
            .policy
            .iter()
            .flat_map(|policy| &policy.statements)
            .any(|one| {
                one.effect == crate::policy::Effect::Allow
                    && one.actions.matches(&action.to_ascii_lowercase())
                    && one.principals.as_ref().is_some_and(|all| {
                        !caller.allowed_by(all, &|id| facts.arn_of(id)).is_empty()
                            || all.list.iter().any(|principal| {
                                crate::authorize::account_of(principal.text()) == caller.account()
                            })
                    })
            });
        return if granted {
            Holds::Yes
        } else {
            no("the bucket's policy does not let it in")
        };
    }
    let Some(holder) = facts.holder(hop.from.name) else {
        return no("it was not read");
    };
    let actor = actor(facts, holder);
    let cells = access::cells(facts, &actor, action);
    let found = cells
        .iter()
        .filter(|cell| cell.means(hop.to.name))
        .min_by_key(|cell| cell.certainty());
    match found {
        Some(cell) => match cell.certainty() {
            Certainty::Certain => Holds::Yes,
            Certainty::Unknown => {
                Holds::Unknown("a policy document that would decide was not read".to_owned())
            }
            Certainty::Conditional => Holds::If(cell.condition()),
            Certainty::Ask => may(facts, &hop.from, action, &format!("{}/*", hop.to.name)),
        },
        None => may(facts, &hop.from, action, &format!("{}/*", hop.to.name)),
    }
}
