//! The three verbs: every privilege of every layer is one of them.

/// What a privilege lets its holder do. The first six are kinds of *access*; see [`Verb::family`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verb {
    /// See that something exists, and its name.
    List,
    /// Read its content.
    Read,
    /// Create it or change its content.
    Write,
    /// Remove it.
    Delete,
    /// Run it.
    Execute,
    /// Change how it works, short of changing who may use it.
    Administer,
    /// Act as another identity.
    Become,
    /// Change who has which privilege.
    Delegate,
}

/// The three verbs proper.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Family {
    /// Use a resource.
    Access,
    /// Act as another identity.
    Become,
    /// Change who has what.
    Delegate,
}

impl Verb {
    /// Which of the three verbs this is.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::List | Self::Read | Self::Write | Self::Delete | Self::Execute | Self::Administer => {
                Family::Access
            }
            Self::Become => Family::Become,
            Self::Delegate => Family::Delegate,
        }
    }

    /// The word in reports and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::Execute => "execute",
            Self::Administer => "administer",
            Self::Become => "become",
            Self::Delegate => "delegate",
        }
    }
}
