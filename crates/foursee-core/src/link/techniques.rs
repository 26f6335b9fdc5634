//! The hops on both sides of a credential: one technique a foothold, so that a step says where it starts and ends.

use crate::model::{Foothold, Technique, Verb};

macro_rules! per_foothold {
    ($name:ident, $id:literal, $says:literal, $needs:expr, $gives:expr) => {
        static $name: Technique = Technique {
            id: $id,
            verb: Verb::Become,
            needs: $needs,
            gives: $gives,
            says: $says,
            source: "the credential's two sides, as the layers state them",
        };
    };
}

per_foothold!(
    PRESENTS_ACTS,
    "core-presents-acts",
    "presents",
    Foothold::Acts,
    Foothold::Holds
);
per_foothold!(
    PRESENTS_HOLDS,
    "core-presents-holds",
    "presents",
    Foothold::Holds,
    Foothold::Holds
);
per_foothold!(
    PRESENTS_RUNS,
    "core-presents-runs",
    "presents",
    Foothold::Runs,
    Foothold::Holds
);
per_foothold!(
    PRESENTS_SPAWNS,
    "core-presents-spawns",
    "could present",
    Foothold::Spawns,
    Foothold::Holds
);
per_foothold!(
    PRESENTS_QUERIES,
    "core-presents-queries",
    "presents",
    Foothold::Queries,
    Foothold::Holds
);
per_foothold!(
    ACCEPTS_ACTS,
    "core-accepts-acts",
    "is accepted by",
    Foothold::Holds,
    Foothold::Acts
);
per_foothold!(
    ACCEPTS_HOLDS,
    "core-accepts-holds",
    "is accepted by",
    Foothold::Holds,
    Foothold::Holds
);
per_foothold!(
    ACCEPTS_RUNS,
    "core-accepts-runs",
    "is accepted by",
    Foothold::Holds,
    Foothold::Runs
);
per_foothold!(
    ACCEPTS_SPAWNS,
    "core-accepts-spawns",
    "is accepted by",
    Foothold::Holds,
    Foothold::Spawns
);
per_foothold!(
    ACCEPTS_QUERIES,
    "core-accepts-queries",
    "is accepted by",
    Foothold::Holds,
    Foothold::Queries
);

pub(super) const fn presents(at: Foothold) -> &'static Technique {
    match at {
        Foothold::Acts => &PRESENTS_ACTS,
        Foothold::Holds => &PRESENTS_HOLDS,
        Foothold::Runs => &PRESENTS_RUNS,
        Foothold::Spawns => &PRESENTS_SPAWNS,
        Foothold::Queries => &PRESENTS_QUERIES,
    }
}

pub(super) const fn accepts(gives: Foothold) -> &'static Technique {
    match gives {
        Foothold::Acts => &ACCEPTS_ACTS,
        Foothold::Holds => &ACCEPTS_HOLDS,
        Foothold::Runs => &ACCEPTS_RUNS,
        Foothold::Spawns => &ACCEPTS_SPAWNS,
        Foothold::Queries => &ACCEPTS_QUERIES,
    }
}
