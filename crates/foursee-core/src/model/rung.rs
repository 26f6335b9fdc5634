//! The least-privilege spectrum: six rungs, from unbounded to as used.

/// Where a grant, and so an identity, stands. A smaller number is wider.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Rung {
    /// 0: everything there is (`*:*`, cluster-admin, privileged, superuser, super.users).
    Unbounded = 0,
    /// 1: all of one service or namespace (`s3:*` on `*`).
    ServiceWide = 1,
    /// 2: one resource wholly, or named actions on everything (`s3:*` on one bucket).
    Broad = 2,
    /// 3: named actions on named resources (GetObject on bucket/*).
    Scoped = 3,
    /// 4: named actions on part of a resource (the same on bucket/images/*.jpg).
    Narrow = 4,
    /// 5: nothing that is never used; needs evidence of use.
    AsUsed = 5,
}

impl Rung {
    /// All of them, widest first.
    pub const ALL: [Self; 6] = [
        Self::Unbounded,
        Self::ServiceWide,
        Self::Broad,
        Self::Scoped,
        Self::Narrow,
        Self::AsUsed,
    ];

    /// The number in reports, 0 to 5.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The rung of a number 0 to 5.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Unbounded,
            1 => Self::ServiceWide,
            2 => Self::Broad,
            3 => Self::Scoped,
            4 => Self::Narrow,
            5 => Self::AsUsed,
            _ => return None,
        })
    }

    /// The name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unbounded => "unbounded",
            Self::ServiceWide => "service-wide",
            Self::Broad => "broad",
            Self::Scoped => "scoped",
            Self::Narrow => "narrow",
            Self::AsUsed => "as used",
        }
    }
}
