//! Footholds: who gets into an identity gets in somewhere.
//!
//! A technique says which foothold it needs and which it gives; reach walks positions, that is (identity, foothold).
//! Impersonating an account does not enter its pods; exec into a pod without a token does not act as its account;
//! a SQL injection reaches the login's rows and not the pod's token.

/// Where in an identity somebody stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Foothold {
    /// Requests are authorised as it.
    Acts = 0,
    /// One of its credentials is in hand, with that credential's audience and lifetime.
    Holds = 1,
    /// Code runs in that existing workload.
    Runs = 2,
    /// A new workload with its identity, and none of the old one's files or host powers.
    Spawns = 3,
    /// Statements run in its database session.
    Queries = 4,
}

impl Foothold {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Acts, Self::Holds, Self::Runs, Self::Spawns, Self::Queries];

    /// The word in reports and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Acts => "acts",
            Self::Holds => "holds",
            Self::Runs => "runs",
            Self::Spawns => "spawns",
            Self::Queries => "queries",
        }
    }

    /// The foothold of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// The footholds that this one includes, itself among them. A new workload acts as its identity, and who acts as
    /// a login may also run statements as it; everything else takes an edge, because it takes a credential.
    #[must_use]
    pub const fn includes(self) -> Footholds {
        let own = 1 << self as u8;
        Footholds(match self {
            Self::Spawns => own | 1 << Self::Acts as u8 | 1 << Self::Queries as u8,
            Self::Acts => own | 1 << Self::Queries as u8,
            Self::Holds | Self::Runs | Self::Queries => own,
        })
    }
}

/// A set of footholds, as bits by number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Footholds(pub u8);

impl Footholds {
    /// Whether the foothold is in the set.
    #[must_use]
    pub const fn has(self, one: Foothold) -> bool {
        self.0 & (1 << one as u8) != 0
    }

    /// The footholds of the set, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = Foothold> {
        Foothold::ALL.into_iter().filter(move |one| self.has(*one))
    }
}
