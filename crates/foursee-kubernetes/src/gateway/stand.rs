//! Whether something holds: surely, under conditions, or not.

use std::collections::BTreeSet;

/// Whether something holds. The fewer conditions, the better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// It does, if all of these do.
    If(BTreeSet<String>),
    /// It does not.
    Not,
}

impl Stand {
    /// Surely.
    pub(super) const fn sure() -> Self {
        Self::If(BTreeSet::new())
    }

    /// Under one condition.
    pub(super) fn doubt(condition: String) -> Self {
        Self::If(BTreeSet::from([condition]))
    }

    pub(super) fn of(holds: bool) -> Self {
        if holds { Self::sure() } else { Self::Not }
    }

    /// Both; the other one is only asked where this one holds.
    pub(super) fn and(self, other: impl FnOnce() -> Self) -> Self {
        let Self::If(mut all) = self else {
            return Self::Not;
        };
        match other() {
            Self::Not => Self::Not,
            Self::If(more) => {
                all.extend(more);
                Self::If(all)
            }
        }
    }

    /// The best of them.
    pub(super) fn any(all: impl IntoIterator<Item = Self>) -> Self {
        let mut best = Self::Not;
        for one in all {
            if one.rank() < best.rank() {
                best = one;
            }
            if best == Self::sure() {
                break;
            }
        }
        best
    }

    fn rank(&self) -> (bool, usize, Option<&BTreeSet<String>>) {
        match self {
            Self::If(all) => (false, all.len(), Some(all)),
            Self::Not => (true, 0, None),
        }
    }

    /// What has to hold; none where it does not.
    pub(super) fn conditions(self) -> Option<BTreeSet<String>> {
        match self {
            Self::If(all) => Some(all),
            Self::Not => None,
        }
    }
}
