//! The authorizers of a cluster, in their order: system:masters, then what the API server was started with.
//!
//! A cluster whose API server runs as a static pod says it; elsewhere Node and RBAC are assumed, and no answer but
//! system:masters' is whole: a webhook or a cloud's own authorizer may allow more, and one before RBAC may refuse.
//! Source: pkg/kubeapiserver/authorizer/reload.go: the first that allows or denies decides; Node and RBAC never deny.

use crate::facts::Facts;

/// Which authorizers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    /// The Node authorizer.
    pub(crate) node: bool,
    /// RBAC.
    pub(crate) rbac: bool,
    /// AlwaysAllow.
    pub(crate) always: bool,
    /// There are no others, which the documents themselves say.
    pub(crate) whole: bool,
    /// Whether the NodeRestriction admission plugin is on, where it is known.
    pub(crate) node_restriction: Option<bool>,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            node: true,
            rbac: true,
            always: false,
            whole: false,
            node_restriction: None,
        }
    }
}

impl Chain {
    pub(super) fn new(facts: &Facts) -> Self {
        let Some((first, rest)) = facts.api_servers.split_first() else {
            return Self::default();
        };
        let restricts =
            |one: &crate::facts::ApiServer| one.plugins.iter().any(|one| &**one == "NodeRestriction");
        let agree = rest.iter().all(|one| restricts(one) == restricts(first));
        let node_restriction = agree.then(|| restricts(first));
        if first.configured || rest.iter().any(|one| one.modes != first.modes || one.configured) {
            return Self {
                node_restriction,
                ..Self::default()
            };
        }
        let has = |mode: &str| first.modes.iter().any(|one| &**one == mode);
        Self {
            node: has("Node"),
            rbac: has("RBAC"),
            always: has("AlwaysAllow"),
            whole: first
                .modes
                .iter()
                .all(|one| matches!(&**one, "Node" | "RBAC" | "AlwaysAllow" | "AlwaysDeny")),
            node_restriction,
        }
    }
}
