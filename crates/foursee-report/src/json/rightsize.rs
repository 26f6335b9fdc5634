//! Smaller grants that are proposed.

use foursee_core::model::Rung;
use foursee_core::rightsize::{Proposal, Proposals, Step, Tried};
use serde::{Deserialize, Serialize};

/// What is proposed for one scope.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RightsizeJson {
    /// The layer.
    pub layer: String,
    /// The scope's name.
    pub scope: String,
    /// What it is called.
    pub title: String,
    /// The scope in which use was seen.
    pub used: String,
    /// From when to when use was seen, RFC 3339; none without evidence.
    pub window: Option<(String, String)>,
    /// The proposals; each can be applied without the others.
    pub proposals: Vec<ProposalJson>,
    /// For whom there is none, and why.
    pub untouched: Vec<UntouchedJson>,
    /// How many different used requests the authorizer was asked over what would be left.
    pub checked: u64,
    /// Those that it would refuse; empty, else nothing should be applied.
    pub refused: Vec<String>,
    /// What the evidence does not show.
    pub gaps: Vec<UnseenJson>,
}

/// One proposal.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ProposalJson {
    /// For whom; empty for what only tidies up.
    pub identities: Vec<WhoJson>,
    /// What it does.
    pub title: String,
    /// The rung of its widest grant today, 0 to 5.
    pub rung: Option<u8>,
    /// The rung that it would stand on.
    pub proposed_rung: Option<u8>,
    /// What would be granted anew.
    pub grants: Vec<String>,
    /// What would be gone.
    pub drops: Vec<String>,
    /// What to know before.
    pub notes: Vec<String>,
    /// The steps, in order.
    pub forward: Vec<StepJson>,
    /// The way back, in order.
    pub back: Vec<StepJson>,
    /// The back-test: a row a rung.
    pub backtest: Vec<BacktestJson>,
}

/// An identity.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct WhoJson {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// A step.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct StepJson {
    /// What it is called.
    pub file: String,
    /// The command that takes it, with FILE for it.
    pub command: String,
    /// Its text.
    pub text: String,
}

/// How a variant would have done.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct BacktestJson {
    /// The rung of the variant.
    pub rung: u8,
    /// Denied calls: at least.
    pub denied: u64,
    /// Denied calls: at most.
    pub denied_at_most: u64,
    /// Denied calls per 30 days: at least.
    pub denied_per_30_days: f64,
    /// Denied calls per 30 days: at most.
    pub denied_per_30_days_at_most: f64,
    /// Different rights that would have been asked for.
    pub changes: u64,
    /// Over so many days.
    pub days: u32,
    /// Of these, without any event.
    pub days_without_events: u32,
}

/// Somebody for whom nothing is proposed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct UntouchedJson {
    /// Kind; empty where nobody has the name.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Why.
    pub why: String,
}

/// What the evidence does not show.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct UnseenJson {
    /// What.
    pub target: String,
    /// Which part.
    pub facet: String,
    /// Why.
    pub reason: String,
    /// What it keeps us from knowing.
    pub hides: String,
    /// What would close it.
    pub closes: String,
}

impl RightsizeJson {
    /// Of a scope's proposals.
    #[must_use]
    pub fn new(layer: &str, scope: &str, title: &str, used: &str, all: &Proposals) -> Self {
        Self {
            layer: layer.to_owned(),
            scope: scope.to_owned(),
            title: title.to_owned(),
            used: used.to_owned(),
            window: all
                .window
                .map(|(first, last)| (first.to_string(), last.to_string())),
            proposals: all.proposals.iter().map(ProposalJson::from).collect(),
            untouched: all
                .untouched
                .iter()
                .map(|one| UntouchedJson {
                    kind: one.kind.clone(),
                    name: one.name.clone(),
                    why: one.why.clone(),
                })
                .collect(),
            checked: all.checked,
            refused: all.refused.clone(),
            gaps: all
                .gaps
                .iter()
                .map(|gap| UnseenJson {
                    target: gap.target.clone(),
                    facet: gap.facet.clone(),
                    reason: gap.reason.as_str().to_owned(),
                    hides: gap.hides.clone(),
                    closes: gap.closes.clone(),
                })
                .collect(),
        }
    }
}

impl From<&Proposal> for ProposalJson {
    fn from(one: &Proposal) -> Self {
        let who = |(kind, name): &(String, String)| WhoJson {
            kind: kind.clone(),
            name: name.clone(),
        };
        Self {
            identities: one.identities.iter().map(who).collect(),
            title: one.title.clone(),
            rung: one.rung.map(|rung| Rung::number(rung.0)),
            proposed_rung: one.rung.map(|rung| Rung::number(rung.1)),
            grants: one.grants.clone(),
            drops: one.drops.clone(),
            notes: one.notes.clone(),
            forward: one.forward.iter().map(StepJson::from).collect(),
            back: one.back.iter().map(StepJson::from).collect(),
            backtest: one.tried.iter().map(BacktestJson::from).collect(),
        }
    }
}

impl From<&Step> for StepJson {
    fn from(step: &Step) -> Self {
        Self {
            file: step.file.to_owned(),
            command: step.command.to_owned(),
            text: step.text.clone(),
        }
    }
}

impl From<&Tried> for BacktestJson {
    fn from(one: &Tried) -> Self {
        let (least, most) = one.per_30_days();
        Self {
            rung: one.rung.number(),
            denied: one.denied.0,
            denied_at_most: one.denied.1,
            denied_per_30_days: least,
            denied_per_30_days_at_most: most,
            changes: one.changes,
            days: one.days,
            days_without_events: one.blank,
        }
    }
}
