//! A policy document, compiled once: what its statements say, before anybody asks.
//!
//! Nothing here decides: see [`crate::authorize`]. Sources: IAM User Guide, reference_policies_grammar and the pages of
//! its elements.

mod condition;
mod context;
mod parse;
mod pattern;
mod template;
mod tri;
mod value;

pub use condition::{Clause, Operator, Quantifier};
pub use context::{Context, Value};
pub(crate) use parse::text_of;
pub use parse::{Flaw, parse};
pub use pattern::{ActionPattern, ResourcePattern};
pub use template::{Filled, Template};
pub use tri::Tri;
pub(crate) use value::base64;

use crate::data;
use foursee_core::document::Place;
use std::collections::BTreeSet;
use std::ops::Deref;

/// A policy document.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Policy {
    /// Whether it is of version 2012-10-17: only these have variables. A missing version is 2008-10-17.
    pub variables: bool,
    /// Its statements, in order.
    pub statements: Vec<Statement>,
    /// The beginnings of each statement's actions, side by side: a request reads these of all statements.
    beginnings: Vec<u64>,
    /// What is wrong with the document as a whole, in words; where there is anything, what it grants is possible only.
    pub flaws: Vec<String>,
}

/// What a statement does where it applies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// It grants.
    Allow,
    /// It refuses, whatever else grants.
    Deny,
}

/// One statement.
#[derive(Clone, PartialEq, Debug)]
pub struct Statement {
    /// Its Sid, or empty.
    pub sid: Box<str>,
    /// Allow or Deny.
    pub effect: Effect,
    /// Its principals; none where the element is absent, as in identity policies.
    pub principals: Option<Principals>,
    /// Its actions.
    pub actions: Actions,
    /// Its resources; none where the element is absent, as in role trusts.
    pub resources: Option<Resources>,
    /// Its conditions: all must hold.
    pub conditions: Vec<Clause>,
    /// What is wrong with it, in words; where there is anything, it is possible only.
    pub flaws: Vec<String>,
    /// Where it stands.
    pub place: Place,
    /// The bytes of the policy's own text that it takes, from its opening brace on.
    pub span: (u32, u32),
}

/// The element Action or NotAction.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Actions {
    /// It is NotAction.
    pub not: bool,
    /// The patterns.
    pub list: Vec<ActionPattern>,
    /// With which beginnings of actions the list can have to do, as a bit each.
    beginnings: u64,
}

/// The element Resource or NotResource.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Resources {
    /// It is NotResource.
    pub not: bool,
    /// The patterns.
    pub list: Vec<ResourcePattern>,
}

/// The element Principal or NotPrincipal.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Principals {
    /// It is NotPrincipal.
    pub not: bool,
    /// The principals.
    pub list: Vec<Principal>,
}

/// One principal of a resource policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Principal {
    /// `*` or `{"AWS": "*"}`: everyone, the anonymous too.
    Everyone,
    /// An account, by its number or its root's ARN: it delegates to that account's own policies.
    Account(Box<str>),
    /// A user, role or session, by its ARN.
    Arn(Box<str>),
    /// `AIDA...` or `AROA...`: what AWS leaves in place of an identity that was deleted.
    Id(Box<str>),
    /// A service, by its principal's name.
    Service(Box<str>),
    /// An OIDC or SAML provider.
    Federated(Box<str>),
    /// An S3 canonical user.
    Canonical(Box<str>),
    /// Text that can match nobody, such as an ARN with a wildcard.
    Invalid(Box<str>),
}

impl Principal {
    /// As a policy would have it.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Everyone => "*",
            Self::Account(text)
            | Self::Arn(text)
            | Self::Id(text)
            | Self::Service(text)
            | Self::Federated(text)
            | Self::Canonical(text)
            | Self::Invalid(text) => text,
        }
    }
}

impl Policy {
    /// A document of which nothing could be read, and why.
    pub(crate) fn unread(why: String) -> Self {
        Self {
            flaws: vec![why],
            ..Self::default()
        }
    }

    fn push(&mut self, statement: Statement) {
        self.beginnings.push(statement.actions.beginnings);
        self.statements.push(statement);
    }

    /// The statements that can mean the request's action.
    pub(crate) fn about(&self, asked: &Asked<'_>) -> impl Iterator<Item = &Statement> {
        let beginning = asked.beginning;
        let all = self.beginnings.iter().zip(&self.statements);
        all.filter(move |(own, _)| *own & beginning != 0)
            .map(|(_, statement)| statement)
    }
}

impl Actions {
    /// The element with its patterns.
    #[must_use]
    pub fn new(not: bool, list: Vec<ActionPattern>) -> Self {
        let beginnings = list.iter().fold(0, |all, one| all | one.beginnings());
        // What is not in a NotAction's list is meant, whatever it begins with.
        let beginnings = if not { u64::MAX } else { beginnings };
        Self {
            not,
            list,
            beginnings,
        }
    }

    /// Whether the action (lower case) is meant. An empty list means nothing, negated too.
    #[must_use]
    pub fn matches(&self, lower_action: &str) -> bool {
        pattern::beginning(lower_action.as_bytes()) & self.beginnings != 0 && self.means(lower_action)
    }

    fn means(&self, lower_action: &str) -> bool {
        !self.list.is_empty() && self.list.iter().any(|one| one.matches(lower_action)) != self.not
    }
}

impl Resources {
    /// Whether the resource is meant. An empty list means nothing, negated too.
    #[must_use]
    pub fn matches(&self, resource: &str, context: &Context, missing: &mut BTreeSet<String>) -> Tri {
        if self.list.is_empty() {
            return Tri::No;
        }
        if self.list.iter().any(ResourcePattern::all) {
            return if self.not { Tri::No } else { Tri::Yes };
        }
        let mut keys = BTreeSet::new();
        let mut any = Tri::No;
        for one in &self.list {
            any = any.or(one.matches(resource, context, &mut keys));
            if any == Tri::Yes {
                break;
            }
        }
        if any == Tri::Maybe {
            missing.extend(keys);
        }
        if self.not { any.not() } else { any }
    }
}

impl Statement {
    /// Whether it applies to the action (lower case) and resource under the context, whoever asks. An action
    /// without resources is not meant by a statement that names one. Keys whose values would matter go to `missing`.
    #[must_use]
    pub fn applies(&self, asked: &Asked<'_>, missing: &mut BTreeSet<String>) -> Tri {
        if self.actions.beginnings & asked.beginning == 0 || !self.actions.means(asked.action) {
            return Tri::No;
        }
        let mut keys = BTreeSet::new();
        let mut holds = Tri::Yes;
        if let Some(resources) = &self.resources {
            let resource = if asked.wildcard_only() {
                "*"
            } else {
                asked.resource
            };
            // What is known of the request is gathered only for who reads it.
            let context: &Context = if resources.list.iter().any(ResourcePattern::has_variables) {
                asked.context
            } else {
                &NOTHING
            };
            holds = resources.matches(resource, context, &mut keys);
            if holds == Tri::Yes
                && !asked.fills
                && !resources.not
                && resources.list.iter().all(ResourcePattern::short)
            {
                holds = Tri::Maybe;
            }
        }
        for clause in &self.conditions {
            if holds == Tri::No {
                return Tri::No;
            }
            holds = holds.and(clause.holds(asked.context, &mut keys));
        }
        if !self.flaws.is_empty() {
            holds = holds.and(Tri::Maybe);
        }
        if holds == Tri::Maybe {
            missing.extend(keys);
        }
        holds
    }

    /// The conditions that depend on what is not known, as text; with what is wrong with the statement.
    #[must_use]
    pub fn open_conditions(&self, context: &Context) -> Vec<String> {
        let mut ignored = BTreeSet::new();
        let clauses = self
            .conditions
            .iter()
            .filter(|clause| clause.holds(context, &mut ignored) == Tri::Maybe);
        let mut all: Vec<String> = clauses.map(ToString::to_string).collect();
        all.extend(self.flaws.iter().cloned());
        all
    }

    /// How people would name it: its Sid, or what it says.
    #[must_use]
    pub fn label(&self) -> String {
        let list = |name: &str, not: bool, all: &mut dyn Iterator<Item = &str>| {
            format!(
                "{}{name} [{}]",
                if not { "Not" } else { "" },
                all.collect::<Vec<_>>().join(", ")
            )
        };
        let effect = match self.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        let mut text = format!(
            "{effect} {}",
            list(
                "Action",
                self.actions.not,
                &mut self.actions.list.iter().map(ActionPattern::text)
            )
        );
        if let Some(resources) = &self.resources {
            text.push(' ');
            text += &list(
                "Resource",
                resources.not,
                &mut resources.list.iter().map(ResourcePattern::text),
            );
        }
        if let Some(principals) = &self.principals {
            text.push(' ');
            text += &list(
                "Principal",
                principals.not,
                &mut principals.list.iter().map(Principal::text),
            );
        }
        if !self.conditions.is_empty() {
            text += " under conditions";
        }
        text
    }
}

static NOTHING: Context = Context::new();

/// What a statement is asked about.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    action: &'a str,
    /// How the action begins.
    beginning: u64,
    resource: &'a str,
    context: &'a dyn Deref<Target = Context>,
    /// Short resource patterns are filled with `*` for certain.
    fills: bool,
}

impl<'a> Asked<'a> {
    /// Of an action (lower case), a resource, and what is known of the request.
    #[must_use]
    pub fn new(action: &'a str, resource: &'a str, context: &'a dyn Deref<Target = Context>) -> Self {
        Self {
            action,
            beginning: pattern::beginning(action.as_bytes()),
            resource,
            context,
            fills: true,
        }
    }

    /// Whether the action has no resource: it is authorised over `*`.
    #[must_use]
    pub fn wildcard_only(&self) -> bool {
        data::wildcard_only(self.action)
    }

    /// The same of policies that are not an identity's: nothing says that short resource patterns are filled there.
    #[must_use]
    pub fn strict(self) -> Self {
        Self { fills: false, ..self }
    }
}
