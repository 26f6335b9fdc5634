//! Where AWS's grants stand on the spectrum, and what an IAM policy cannot say.

use foursee_core::model::{Ladder, Rung, step};

/// As `lower/privileges.rs` decides, statement by statement.
pub(crate) const LADDER: Ladder = Ladder {
    steps: &[
        step(
            Rung::Unbounded,
            "every action on everything: `*` on `*`, NotAction on `*`",
        ),
        step(Rung::ServiceWide, "a whole service on everything: `s3:*` on `*`"),
        step(
            Rung::Broad,
            "a whole service on one resource (`s3:*` on a bucket), or named actions on `*` or on all of a type",
        ),
        step(
            Rung::Scoped,
            "named actions on a named resource and all that is in it: s3:GetObject on bucket/*",
        ),
        step(
            Rung::Narrow,
            "the same on a part of it (bucket/images/*.jpg), or under a condition",
        ),
    ],
    limits: &crate::data::LIMITS,
};
