//! Smaller grants: what a layer proposes from evidence of use, proven, with the way back. Nothing is applied here.

use crate::model::{Gap, Rung, Time};

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ask {
    /// For whom: "NAME" or "KIND:NAME", as the tables print them; for everybody where it is empty.
    pub identities: Vec<String>,
    /// Whether each proposal is tried on later use.
    pub backtest: Option<Backtest>,
}

/// How the time that was seen is cut in two: proposals are made from the first part and tried on the second.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Backtest {
    /// Days that proposals are made from.
    pub learn: u32,
    /// The days after these, that they are tried on: the last that were seen.
    pub test: u32,
}

impl Backtest {
    /// Reads "60d/30d".
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let days = |word: &str| {
            let days: u32 = word.trim().strip_suffix('d')?.parse().ok()?;
            (1..=3_660).contains(&days).then_some(days)
        };
        let (learn, test) = text.split_once('/')?;
        Some(Self {
            learn: days(learn)?,
            test: days(test)?,
        })
    }
}

/// What a layer proposes for one scope.
#[derive(Clone, Debug, Default)]
pub struct Proposals {
    /// From when to when use was seen.
    pub window: Option<(Time, Time)>,
    /// The proposals, each of which can be applied without the others, in the order of whom they are for.
    pub proposals: Vec<Proposal>,
    /// For whom there is none, and why.
    pub untouched: Vec<Untouched>,
    /// How many different used requests were put to the authorizer over what would be left, all proposals applied.
    pub checked: u64,
    /// Those that it would refuse although it allows them today; empty, else nothing should be applied.
    pub refused: Vec<String>,
    /// What the evidence does not show.
    pub gaps: Vec<Gap>,
}

/// A smaller grant for one identity, or for several that share a grant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposal {
    /// For whom: (kind, name), as the tables print them. None for what only tidies up.
    pub identities: Vec<(String, String)>,
    /// What it does, in a line.
    pub title: String,
    /// The rung that its widest grant stands on today, and the one it would stand on.
    pub rung: Option<(Rung, Rung)>,
    /// What would be granted anew, one statement a line.
    pub grants: Vec<String>,
    /// What would be gone, one statement a line.
    pub drops: Vec<String>,
    /// What to know before it is applied.
    pub notes: Vec<String>,
    /// The steps, in order.
    pub forward: Vec<Step>,
    /// The way back, in order.
    pub back: Vec<Step>,
    /// How it would have done in the part of the time that it was not made from: a line a rung.
    pub tried: Vec<Tried>,
}

/// Something to apply, in the platform's own words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// What it is called, as the end of a file's name: "apply.yaml".
    pub file: &'static str,
    /// The command that takes it, with FILE for it.
    pub command: &'static str,
    /// Its text.
    pub text: String,
}

/// How a proposal would have done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tried {
    /// The rung of the variant.
    pub rung: Rung,
    /// Calls of the test's days that it would have denied: at least, and at most.
    pub denied: (u64, u64),
    /// Different rights that would have been asked for: so many changes.
    pub changes: u64,
    /// Over so many days.
    pub days: u32,
    /// Of these, days of which the log has no event at all.
    pub blank: u32,
}

impl Tried {
    /// The denied calls per 30 days, in tenths: at least, and at most.
    #[must_use]
    pub fn per_30_days(&self) -> (f64, f64) {
        let per = |calls: u64| {
            let tenths = calls.saturating_mul(300) / u64::from(self.days.max(1));
            f64::from(u32::try_from(tenths).unwrap_or(u32::MAX)) / 10.0
        };
        (per(self.denied.0), per(self.denied.1))
    }
}

/// Somebody for whom nothing is proposed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Untouched {
    /// Kind, as the tables print it.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Why.
    pub why: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_two_numbers_of_days() {
        let cut = |learn, test| Some(Backtest { learn, test });
        assert_eq!(Backtest::parse("60d/30d"), cut(60, 30));
        assert_eq!(Backtest::parse("1d/7d"), cut(1, 7));
        for wrong in ["60d", "60/30", "0d/1d", "d/d", "60d/30d/1d", "9999d/1d", ""] {
            assert_eq!(Backtest::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn denials_are_told_per_30_days() {
        let tried = Tried {
            rung: Rung::AsUsed,
            denied: (7, 14),
            changes: 1,
            days: 14,
            blank: 0,
        };
        assert_eq!(tried.per_30_days(), (15.0, 30.0));
    }
}
