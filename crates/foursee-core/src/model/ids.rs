//! Small numbers that stand for rows of this process's tables. They never leave the process: what is serialised
//! names things by (scope, kind, name).

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident($of:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
        pub struct $name(pub $of);

        impl $name {
            /// The row this id stands for.
            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

id! {
    /// A document, in the order of names.
    DocId(u32);
    /// A scope (one account, one cluster, one engine ...), in the order of (layer, name).
    ScopeId(u32);
    /// A node of the estate: an identity, a resource, a grant or a selector.
    NodeId(u32);
    /// A word that was interned in a [`Strings`](crate::document::Strings) table.
    Sym(u32);
    /// A kind of nodes, as a layer registered it.
    KindId(u16);
    /// A technique, as a layer registered it.
    TechniqueId(u16);
    /// A condition; 0 is "without condition".
    ConditionId(u32);
}
