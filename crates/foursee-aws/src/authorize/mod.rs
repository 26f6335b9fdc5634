//! The exact authorizer: may this caller do this action to this resource, and which layers say so.
//!
//! The order is AWS's: an explicit deny in any layer ends it; else each layer that is there must allow: RCPs, SCPs,
//! resource policy, identity policies, boundary, session policies, endpoint policy. What is not known of the request
//! makes an answer possible, never a silent yes or no. Nothing here reads the estate: the caller brings the layers.
//!
//! Sources: IAM User Guide, reference_policies_evaluation-logic_policy-eval-denyallow,
//! reference_policies_evaluation-logic-cross-account, access_policies_boundaries; Organizations guide,
//! orgs_manage_policies_scps and orgs_manage_policies_rcps.

mod caller;
mod layers;
mod question;
mod region;

pub use caller::{Caller, Strength};
pub use layers::{Layers, Source, Sources};
pub(crate) use question::decide;
pub(crate) use region::{Cell, Meet, Region, covers, meet};

use crate::data;
use crate::policy::{Asked, Context, Effect, Statement, Tri};
use layers::{Tally, tally, tally_resource};
use std::cell::LazyCell;
use std::collections::BTreeSet;
use std::ops::Deref;

/// A request.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Who.
    pub caller: &'a Caller,
    /// What, in any case.
    pub action: &'a str,
    /// On what: an ARN, or `*`.
    pub resource: &'a str,
    /// The account that owns the resource, where its ARN does not say.
    pub owner: Option<&'a str>,
    /// What is known of the rest.
    pub context: &'a Context,
}

/// The answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// Yes.
    Allowed,
    /// Yes or no, by what is not known.
    Possible,
    /// No: a statement denies it.
    ExplicitDeny,
    /// No: nothing allows it.
    ImplicitDeny,
}

impl Decision {
    /// The word; AWS's own for all but "possible".
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Possible => "possible",
            Self::ExplicitDeny => "explicitDeny",
            Self::ImplicitDeny => "implicitDeny",
        }
    }
}

/// What one layer says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// The layer: "identity", "boundary", "resource", "session", "scp", "rcp", "endpoint".
    pub layer: &'static str,
    /// Whether it allows.
    pub allows: Tri,
    /// Whether it denies.
    pub denies: Tri,
}

/// An answer with its reasons.
#[derive(Clone, Debug)]
pub struct Answer<'p> {
    /// The decision.
    pub decision: Decision,
    /// What each layer that is there says.
    pub layers: Vec<Said>,
    /// The statements that decided: those that allow, or those that deny.
    pub matched: Vec<(Source<'p>, &'p Statement)>,
    /// The keys whose values would matter and are not known; those that only SCPs name are left out, as AWS does.
    pub missing: BTreeSet<String>,
    /// Under which conditions a possible answer would be allowed.
    pub conditions: Vec<String>,
    /// Caller and resource are of two accounts.
    pub cross_account: bool,
}

impl Answer<'_> {
    /// The layers that stand in the way, in AWS's order.
    pub fn blocked_by(&self) -> impl Iterator<Item = &'static str> + '_ {
        let silent_layers = ["resource", "identity", "boundary", "session"];
        let allowed = self.decision == Decision::Allowed;
        self.layers
            .iter()
            .filter(move |said| {
                let optional = silent_layers.contains(&said.layer) && allowed;
                said.denies == Tri::Yes || (said.allows == Tri::No && !optional)
            })
            .map(|said| said.layer)
    }
}

/// The account that an ARN names, if it names one.
#[must_use]
pub fn account_of(arn: &str) -> Option<&str> {
    let account = arn.split(':').nth(4)?;
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

/// Decides a request.
#[must_use]
pub fn authorize<'p>(request: &Request<'_>, layers: &Layers<'p>) -> Answer<'p> {
    let action = request.action.to_ascii_lowercase();
    let owner = account_of(request.resource).or(request.owner);
    // Most statements mean another action, or ask for nothing of the request: then it is never put together.
    let context = LazyCell::new(|| {
        let mut context = request.context.clone();
        request.caller.describe(&mut context);
        if let Some(owner) = owner {
            context.unless_set("aws:ResourceAccount", crate::policy::Value::One(owner.to_owned()));
        }
        context
    });
    let asked = Asked::new(&action, request.resource, &context);
    let strict = asked.strict();
    let cross = match (request.caller.account(), owner) {
        (Some(own), Some(owner)) => own != owner,
        _ => false,
    };
    let mut work = Work::new(cross);
    let bounded = layers.boundary.is_some();

    let identity = work.take("identity", tally(&layers.identity, &asked), false);
    let boundary = layers
        .boundary
        .as_ref()
        .map(|all| work.take("boundary", tally(all, &asked), false));
    let session = layers
        .session
        .as_ref()
        .map(|all| work.take("session", tally(all, &strict), false));
    let linked = request.caller.service_linked();
    let member = request.caller.has_identity() && !linked && !layers.management_account;
    let mut organization = Tri::Yes;
    for level in layers.scps.iter().flatten().filter(|_| member) {
        let said = work.take("scp", tally(level, &asked), true);
        organization = organization.and(said.allows);
    }
    if member && !layers.unplaced.0.is_empty() {
        let mut said = tally(&layers.unplaced, &asked);
        said.allows = Tri::Yes;
        said.denies = said.denies.and(Tri::Maybe);
        said.hits
            .retain(|(_, _, statement)| statement.effect == Effect::Deny);
        for (tri, source, _) in &mut said.hits {
            *tri = Tri::Maybe;
            work.binds.insert(unless_bound(source.id));
        }
        work.take("scp", said, true);
    }
    let service = action.split_once(':').map_or("", |(service, _)| service);
    let rcp_binds = layers.rcps.is_some()
        && !linked
        && !asked.wildcard_only()
        && data::rcp_binds(service)
        && action != "kms:retiregrant";
    for level in layers
        .rcps
        .iter()
        .flatten()
        .filter(|_| rcp_binds && !layers.owner_is_management)
    {
        let mut said = tally_resource(level, &asked, request.caller, bounded, &|_| None);
        // RCPFullAWSAccess is always attached: only the denies matter.
        said.allows = Tri::Yes;
        said.ways.clear();
        work.take("rcp", said, false);
    }
    let mut endpoint = Tri::Yes;
    if let Some(all) = &layers.endpoint {
        endpoint = work
            .take(
                "endpoint",
                tally_resource(all, &strict, request.caller, bounded, &|id| layers.arn_of(id)),
                false,
            )
            .allows;
    }
    let resource = layers.resource.as_ref().map(|source| {
        let one = Sources(vec![*source]);
        work.take(
            "resource",
            tally_resource(&one, &strict, request.caller, bounded, &|id| layers.arn_of(id)),
            false,
        )
    });

    let own = Own {
        identity: if matches!(request.caller, Caller::Root { .. }) {
            Tri::Yes
        } else {
            identity.allows
        },
        boundary: boundary.as_ref().map_or(Tri::Yes, |said| said.allows),
        session: match (&session, request.caller) {
            (Some(said), _) => said.allows,
            // Without a session policy, a session of GetFederationToken may do nothing but what names it.
            (None, Caller::Federated { .. }) => Tri::No,
            (None, _) => Tri::Yes,
        },
    };
    let trust = action.starts_with("sts:assumerole") && request.resource.contains(":role/");
    let explicit = (trust || service == "kms") && resource.is_some();
    let mut allows = match &resource {
        None if cross || !request.caller.has_identity() => Tri::No,
        None => own.all(),
        Some(said) if !request.caller.has_identity() => said.allows,
        Some(_) if cross && never_across_accounts(&action) => Tri::No,
        Some(said) if cross => own.all().and(said.allows),
        Some(said) => {
            let mut any = if explicit { Tri::No } else { own.all() };
            for (granted, how) in &said.ways {
                any = any.or((*granted).and(own.beside(*how, trust)));
            }
            any
        }
    };
    if trust && matches!(request.caller, Caller::Root { .. }) {
        allows = Tri::No;
    }
    if action == "sts:getsessiontoken" {
        allows = Tri::Yes;
    }
    allows = allows.and(organization).and(endpoint);
    work.finish(allows, &action, &context)
}

/// The condition that an organisation policy, of which it is not known whether it binds the account, does not.
pub(crate) fn unless_bound(policy: &str) -> String {
    format!("organization policy {policy} does not bind the account")
}

/// Calls that a queue's policy cannot grant to another account. Source: Amazon SQS developer guide,
/// sqs-customer-managed-policy-examples, limitations of custom policies.
fn never_across_accounts(action: &str) -> bool {
    const CALLS: [&str; 12] = [
        "addpermission",
        "cancelmessagemovetask",
        "createqueue",
        "deletequeue",
        "listmessagemovetasks",
        "listqueues",
        "listqueuetags",
        "removepermission",
        "setqueueattributes",
        "startmessagemovetask",
        "tagqueue",
        "untagqueue",
    ];
    action
        .strip_prefix("sqs:")
        .is_some_and(|name| CALLS.contains(&name))
}

/// What the caller's own side says.
struct Own {
    identity: Tri,
    boundary: Tri,
    session: Tri,
}

impl Own {
    fn all(&self) -> Tri {
        self.identity.and(self.boundary).and(self.session)
    }

    /// What a grant of a resource policy of the same account needs beside it.
    fn beside(&self, how: Strength, trust: bool) -> Tri {
        match how {
            Strength::Account => self.all(),
            Strength::Role | Strength::FederatedUser => self.boundary.and(self.session),
            // IAM User Guide, id_roles_update-role-trust-policy.
            Strength::User if trust => self.boundary,
            Strength::User | Strength::Session | Strength::Outside | Strength::Everyone => Tri::Yes,
        }
    }
}

/// What is gathered while the layers are asked.
struct Work<'p> {
    layers: Vec<Said>,
    allowing: Vec<(Source<'p>, &'p Statement)>,
    denying: Vec<(Source<'p>, &'p Statement)>,
    unsure: Vec<(Source<'p>, &'p Statement)>,
    missing: BTreeSet<String>,
    /// Conditions about organisation policies.
    binds: BTreeSet<String>,
    cross: bool,
}

impl<'p> Work<'p> {
    fn new(cross: bool) -> Self {
        Self {
            layers: Vec::with_capacity(4),
            allowing: Vec::new(),
            denying: Vec::new(),
            unsure: Vec::new(),
            missing: BTreeSet::new(),
            binds: BTreeSet::new(),
            cross,
        }
    }

    fn take(&mut self, layer: &'static str, mut said: Tally<'p>, organization: bool) -> Tally<'p> {
        let row = Said {
            layer,
            allows: said.allows,
            denies: said.denies,
        };
        // The levels of an organization are one layer.
        match self.layers.iter_mut().find(|one| one.layer == layer) {
            Some(one) => {
                one.allows = one.allows.and(row.allows);
                one.denies = one.denies.or(row.denies);
            }
            None => self.layers.push(row),
        }
        for (tri, source, statement) in &said.hits {
            match (tri, statement.effect) {
                (Tri::Maybe, _) => self.unsure.push((*source, *statement)),
                (_, Effect::Deny) if !organization => self.denying.push((*source, *statement)),
                (_, Effect::Allow) if matches!(layer, "identity" | "resource") => {
                    self.allowing.push((*source, *statement));
                }
                _ => {}
            }
        }
        if !organization {
            self.missing.append(&mut said.missing);
        }
        said
    }

    fn finish(self, allows: Tri, action: &str, context: &dyn Deref<Target = Context>) -> Answer<'p> {
        let denies = Tri::any(self.layers.iter().map(|said| said.denies));
        let decision = match (denies, allows) {
            _ if action == "sts:getcalleridentity" => Decision::Allowed,
            (Tri::Yes, _) => Decision::ExplicitDeny,
            (_, Tri::No) => Decision::ImplicitDeny,
            (Tri::No, Tri::Yes) => Decision::Allowed,
            _ => Decision::Possible,
        };
        let mut conditions: Vec<String> = Vec::new();
        if decision == Decision::Possible {
            for (_, statement) in &self.unsure {
                let open = statement.open_conditions(context);
                let open = if open.is_empty() {
                    vec![statement.label()]
                } else {
                    open
                };
                let text = open.join(" and ");
                conditions.push(match statement.effect {
                    Effect::Allow => text,
                    Effect::Deny => format!("not ({text})"),
                });
            }
            conditions.extend(self.binds);
            conditions.sort();
            conditions.dedup();
        }
        let matched = match decision {
            Decision::Allowed => self.allowing,
            Decision::ExplicitDeny => self.denying,
            Decision::Possible | Decision::ImplicitDeny => Vec::new(),
        };
        Answer {
            decision,
            layers: self.layers,
            matched,
            missing: self.missing,
            conditions,
            cross_account: self.cross,
        }
    }
}
