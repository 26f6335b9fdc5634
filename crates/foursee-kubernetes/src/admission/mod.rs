//! Pod Security admission over what was read: what each namespace asks of pods, which workloads it would refuse, and
//! what somebody who may create pods there can still run.
//!
//! Source: kubernetes/pod-security-admission 1.37, api/helpers.go (labels) and admission/admission.go. The cluster's own
//! defaults and its exemptions (users, namespaces, runtime classes) stand in a file of the server and in no export: none
//! are assumed, and an inherent gap says so.

mod policy;
mod powers;
mod question;
mod verdict;

#[cfg(test)]
pub(crate) use policy::Said;
pub(crate) use policy::{Mode, Policy, policy};
pub(crate) use powers::still;
pub(crate) use question::{Asked, answer};
pub(crate) use verdict::Judge;

use crate::authorize::pod_security::{Failing, Level};

/// The word of a level, as labels say it.
pub(crate) const fn word(level: Level) -> &'static str {
    match level {
        Level::Privileged => "privileged",
        Level::Baseline => "baseline",
        Level::Restricted => "restricted",
    }
}

/// A version as labels say it.
pub(crate) fn version_word(minor: u32) -> String {
    match minor {
        u32::MAX => "latest".to_owned(),
        minor => format!("v1.{minor}"),
    }
}

/// What fails, as text: "hostNamespaces: spec.hostPID, spec.hostIPC; privileged: ...".
pub(crate) fn fields(failing: &[Failing]) -> String {
    failing
        .iter()
        .map(|one| format!("{}: {}", one.check, one.fields.join(", ")))
        .collect::<Vec<_>>()
        .join("; ")
}
