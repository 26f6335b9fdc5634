//! Roles, bindings and service accounts.

use super::{Meta, value_of};
use foursee_core::document::Place;

/// Which of the two kinds of roles.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RoleKind {
    /// A Role: of one namespace.
    Role,
    /// A ClusterRole.
    ClusterRole,
}

impl RoleKind {
    /// The kind's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::ClusterRole => "ClusterRole",
        }
    }

    /// The resource that RBAC calls it: "roles", "clusterroles".
    #[must_use]
    pub const fn resource(self) -> &'static str {
        match self {
            Self::Role => "roles",
            Self::ClusterRole => "clusterroles",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(kind: &str) -> Option<Self> {
        match kind {
            "Role" => Some(Self::Role),
            "ClusterRole" => Some(Self::ClusterRole),
            _ => None,
        }
    }
}

/// One entry of a role's `rules`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PolicyRule {
    /// `verbs`.
    pub verbs: Vec<Box<str>>,
    /// `apiGroups`.
    pub groups: Vec<Box<str>>,
    /// `resources`.
    pub resources: Vec<Box<str>>,
    /// `resourceNames`.
    pub names: Vec<Box<str>>,
    /// `nonResourceURLs`.
    pub urls: Vec<Box<str>>,
}

impl PolicyRule {
    /// Every verb on every resource of every group.
    #[must_use]
    pub fn everything() -> Self {
        let all = || vec![Box::<str>::from("*")];
        Self {
            verbs: all(),
            groups: all(),
            resources: all(),
            ..Self::default()
        }
    }
}

/// A selector over labels: all of its requirements hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector(pub Vec<Requirement>);

/// One requirement of a label selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The label.
    pub key: Box<str>,
    /// "In", "NotIn", "Exists" or "DoesNotExist"; anything else matches nothing.
    pub operator: Box<str>,
    /// The values.
    pub values: Vec<Box<str>>,
}

impl Requirement {
    /// Whether it holds for an object with these labels.
    #[must_use]
    pub fn holds(&self, labels: &[(Box<str>, Box<str>)]) -> bool {
        let value = value_of(labels, &self.key);
        let named = value.is_some_and(|value| self.values.iter().any(|wanted| **wanted == *value));
        match &*self.operator {
            "In" => named,
            "NotIn" => !named,
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    }
}

impl LabelSelector {
    /// Whether an object with these labels is selected. An empty selector selects everything.
    #[must_use]
    pub fn matches(&self, labels: &[(Box<str>, Box<str>)]) -> bool {
        self.0.iter().all(|one| one.holds(labels))
    }
}

/// A Role or ClusterRole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Which.
    pub kind: RoleKind,
    /// Its metadata.
    pub meta: Meta,
    /// Its rules as stored, each with its place.
    pub rules: Vec<(PolicyRule, Place)>,
    /// `aggregationRule.clusterRoleSelectors`, where there is an aggregationRule.
    pub aggregation: Option<Vec<LabelSelector>>,
    /// Whether it is Kubernetes' own and gives no more than that; known when the facts are sealed.
    pub shipped: bool,
    /// The vendor who ships a role of this name with just these rules, and the versions in which it does so:
    /// "metrics-server (v0.7.2)"; known when the facts are sealed.
    pub vendor: Option<Box<str>>,
}

/// A RoleBinding, or a ClusterRoleBinding where the namespace is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Its metadata.
    pub meta: Meta,
    /// `roleRef.kind`, as it is written.
    pub role_kind: Box<str>,
    /// `roleRef.name`.
    pub role_name: Box<str>,
    /// `subjects`.
    pub subjects: Vec<Subject>,
    /// Whether it is Kubernetes' own and names nobody else; known when the facts are sealed.
    pub shipped: bool,
}

impl Binding {
    /// "ClusterRoleBinding" or "RoleBinding".
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.meta.namespace.is_empty() {
            "ClusterRoleBinding"
        } else {
            "RoleBinding"
        }
    }
}

/// One subject of a binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// "User", "Group" or "ServiceAccount"; anything else is never matched.
    pub kind: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// A ServiceAccount's namespace; empty where it is not said.
    pub namespace: Box<str>,
    /// Where it stands.
    pub place: Place,
}

impl Subject {
    /// The namespace of a ServiceAccount that a binding in `binding_namespace` means; none where it means nobody.
    #[must_use]
    pub fn account_namespace<'a>(&'a self, binding_namespace: &'a str) -> Option<&'a str> {
        let own = if self.namespace.is_empty() {
            binding_namespace
        } else {
            &self.namespace
        };
        (!own.is_empty()).then_some(own)
    }
}

/// A ServiceAccount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Its metadata.
    pub meta: Meta,
    /// `automountServiceAccountToken`.
    pub automount: Option<bool>,
}
