//! What changed with the server's version: one table for every rule, technique and question.
//!
//! Source: the feature gates that 1.37.2 registers, to which a test holds the table, and of gates that are gone by then
//! pkg/features/kube_features.go of 1.36.1, 1.31.0 and 1.28.0; where a row names one, the code that asks the gate. Read
//! 2026-11.

mod rows;
#[cfg(test)]
mod tests;

pub(crate) use rows::*;

/// Of whose version it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Of {
    /// The API server.
    Server,
    /// The kubelet.
    Kubelet,
}

/// A change: a feature gate, or what a version does without one.
#[derive(Debug)]
pub(crate) struct Change {
    /// The gate's name, or what the change is called where it has none.
    pub id: &'static str,
    /// What it does where it is on.
    pub what: &'static str,
    /// Whose version counts.
    pub of: Of,
    /// The minor version from which it is alpha: off, unless switched on.
    pub alpha: Option<u32>,
    /// The minor version from which it is beta.
    pub beta: Option<u32>,
    /// The minor version from which it is on by itself.
    pub on: u32,
    /// The minor version from which it is generally available: most cannot be switched off from then on.
    pub stable: Option<u32>,
    /// Rights that begin to do something (gains) or cease to (loses) where it comes on.
    pub rights: &'static [Moved],
}

/// A right that a change gives or takes.
#[derive(Debug)]
pub(crate) struct Moved {
    /// Whether the change gives it.
    pub gains: bool,
    /// The verb, the API group, the resource (with its subresource).
    pub right: (&'static str, &'static str, &'static str),
    /// A right that its holder must not have for the change to matter: who has it is moved by nothing.
    pub unless: Option<(&'static str, &'static str, &'static str)>,
    /// What the right does.
    pub does: &'static str,
}

const fn gains(right: (&'static str, &'static str, &'static str), does: &'static str) -> Moved {
    Moved {
        gains: true,
        right,
        unless: None,
        does,
    }
}

const fn loses(
    right: (&'static str, &'static str, &'static str),
    unless: (&'static str, &'static str, &'static str),
    does: &'static str,
) -> Moved {
    Moved {
        gains: false,
        right,
        unless: Some(unless),
        does,
    }
}

/// The newest version that the table knows; later ones are taken for it.
pub(crate) const NEWEST: u32 = 37;

/// All of them.
pub(crate) const CHANGES: &[&Change] = &[
    &EXEC_ASKS_CREATE,
    &KUBELET_FINE_GRAINED,
    &NO_TOKEN_SECRETS,
    &TOKEN_SECRETS_CLEANED,
    &TOKEN_NAMES_NODE,
    &TOKEN_BOUND_TO_NODE,
    &NODE_AUDIENCES,
    &CONSTRAINED_IMPERSONATION,
    &DRA_ADMIN_ACCESS,
    &MUTATING_POLICY,
    &VALIDATING_POLICY,
    &TRUST_BUNDLE,
    &POD_CERTIFICATE,
    &SELECTORS,
    &ANONYMOUS_BY_PATH,
    &AUTHENTICATION_FILE,
    &AUTHORIZATION_FILE,
    &USER_NAMESPACES,
    &PROC_MOUNT,
    &IMAGE_VOLUMES,
    &POD_RESIZE,
    &APPARMOR_FIELDS,
    &NODE_READS_ACCOUNTS,
];
