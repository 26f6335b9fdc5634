//! What this organisation chose: environments, targets, owners, prizes and the baseline, as a plain value.
//!
//! Judging sets a finding's status, owner and age; it never hides one.

mod baseline;
mod fingerprint;
mod owner;
mod target;

pub use baseline::{Baseline, Past, Since};
pub use fingerprint::fingerprint;
pub(crate) use owner::Owners;
pub(crate) use target::status;

use crate::model::{Rung, Severity};
use std::collections::BTreeMap;

/// What this organisation chose. The default chose nothing: every finding is open and new.
#[derive(Clone, Default, Debug)]
#[non_exhaustive]
pub struct Policy {
    /// Scopes that have a title, an environment, endpoints, or documents that do not name them.
    pub scopes: Vec<ScopePolicy>,
    /// The rungs asked for, by environment; "" is every other environment.
    pub targets: BTreeMap<String, Targets>,
    /// The keys of tags, labels and comments that name an owner, the best first.
    pub owner_keys: Vec<String>,
    /// Owners of what has no such tag: a pattern over names, and the owner.
    pub owner_patterns: Vec<(String, String)>,
    /// Tags that mark what somebody would want: (key, value), `*` wild in the value.
    pub prize_tags: Vec<(String, String)>,
    /// Names that do, `*` wild.
    pub prize_names: Vec<String>,
    /// The gate.
    pub gate: Gate,
}

/// What is said of one scope.
#[derive(Clone, Default, Debug)]
#[non_exhaustive]
pub struct ScopePolicy {
    /// The name, as documents say it or as this gives it.
    pub name: String,
    /// Only for this layer, if it says so.
    pub layer: Option<String>,
    /// What people call it.
    pub title: Option<String>,
    /// The environment: "production".
    pub environment: Option<String>,
    /// Where it can be reached: "host:port".
    pub endpoints: Vec<String>,
    /// Documents that are of this scope although they do not say so: names, `*` wild.
    pub files: Vec<String>,
    /// Who owns what nobody else does.
    pub owner: Option<String>,
}

/// The rungs asked for in one environment.
#[derive(Clone, Default, Debug)]
#[non_exhaustive]
pub struct Targets {
    /// For every layer that has none of its own.
    pub default: Option<Rung>,
    /// By layer.
    pub layers: BTreeMap<String, Rung>,
    /// By identity: a pattern over names, `*` wild; the first that matches.
    pub identities: Vec<(String, Rung)>,
}

/// When an audit fails.
#[derive(Clone, Default, Debug)]
#[non_exhaustive]
pub struct Gate {
    /// At open findings that bad; only new ones, if it says so.
    pub fail_on: Option<(Severity, bool)>,
    /// Below that share of rules that could look, in percent.
    pub require_coverage: Option<f64>,
}

impl Policy {
    /// What is said of a scope.
    #[must_use]
    pub fn scope(&self, layer: &str, name: &str) -> Option<&ScopePolicy> {
        self.scopes
            .iter()
            .find(|one| one.name == name && one.layer.as_deref().is_none_or(|only| only == layer))
    }

    /// The rung asked for.
    #[must_use]
    pub fn target(&self, environment: Option<&str>, layer: &str, identity: Option<&str>) -> Option<Rung> {
        let targets = self
            .targets
            .get(environment.unwrap_or_default())
            .or_else(|| self.targets.get(""))?;
        let named = identity.and_then(|name| {
            targets
                .identities
                .iter()
                .find(|(pattern, _)| crate::model::glob(pattern, name))
                .map(|(_, rung)| *rung)
        });
        named
            .or_else(|| targets.layers.get(layer).copied())
            .or(targets.default)
    }
}
