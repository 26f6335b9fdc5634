//! Kinds of nodes. A layer declares its own; core knows only their class.

/// What a kind of nodes is to foursee; decides in which table its nodes stand.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// Somebody that requests are authorised as: a user, a role, a service account, a login, a principal.
    Identity,
    /// Code that runs with an identity: a pod, a container, a function.
    Workload,
    /// Members share its privileges: a group, a nested role.
    Group,
    /// A statement of a platform that several holders share: a policy, a (role, namespace), an ACL pattern.
    Grant,
    /// Something that privileges are over: a bucket, a secret, a table, a topic, a host.
    Resource,
    /// Whoever is not part of what was audited: the internet, a foreign account, a code-hosting service.
    Outside,
    /// A credential's subject, where what is presented meets what is accepted. Core makes these.
    Credential,
}

impl Class {
    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Workload => "workload",
            Self::Group => "group",
            Self::Grant => "grant",
            Self::Resource => "resource",
            Self::Outside => "outside",
            Self::Credential => "credential",
        }
    }

    /// Whether nodes of this class act: they stand in the identities table.
    #[must_use]
    pub const fn acts(self) -> bool {
        matches!(self, Self::Identity | Self::Workload | Self::Outside)
    }
}

/// A kind of nodes, declared once as a `static` of its layer: `static POD: Kind = Kind::new("pod", Class::Workload)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Kind {
    /// The platform's own word, lower case: "pod", "role", "table".
    pub name: &'static str,
    /// What it is to foursee.
    pub class: Class,
}

impl Kind {
    /// A kind by that name.
    #[must_use]
    pub const fn new(name: &'static str, class: Class) -> Self {
        Self { name, class }
    }
}
