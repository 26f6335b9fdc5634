//! Ways, and who can do what: what is confirmed hop by hop.

use super::node::{NodeJson, PlaceJson};
use foursee_core::audit::Answer;
use foursee_core::report::{HopRow, PathRow};
use serde::{Deserialize, Serialize};

/// A way.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PathJson {
    /// certain, conditional, ask, unknown.
    pub certainty: String,
    /// Why somebody comes in there, and under which condition: "ENTRY, if CONDITION".
    pub entry: String,
    /// Why somebody would want it.
    pub prize: String,
    /// The steps.
    pub hops: Vec<HopJson>,
}

/// One step of a way.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HopJson {
    /// From where.
    pub from: NodeJson,
    /// With which foothold.
    pub needs: String,
    /// How.
    pub technique: String,
    /// list, read, write, delete, execute, administer, become, delegate.
    pub verb: String,
    /// How it reads.
    pub says: String,
    /// To where.
    pub to: NodeJson,
    /// With which foothold.
    pub gives: String,
    /// What the statement is over, where that is more than the target.
    pub over: Option<String>,
    /// Under which condition.
    pub condition: String,
    /// certain, conditional, ask, unknown.
    pub certainty: String,
    /// What its layer said.
    pub confirmed: String,
    /// The statement.
    pub evidence: PlaceJson,
}

/// Who can do something, by which privilege.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AnswerJson {
    /// Who.
    pub identity: NodeJson,
    /// Who holds the privilege: the same, or a group or grant that it has.
    pub holder: NodeJson,
    /// list, read, write, delete, execute, administer, become, delegate.
    pub verb: String,
    /// The privilege's action, `*` wild.
    pub action: String,
    /// What it is over.
    pub over: String,
    /// Under which condition; empty for none.
    pub condition: String,
    /// Where the statement stands, 0 to 5.
    pub rung: u8,
    /// What the layer's authorizer says: "yes", "if ...", "unknown: ...".
    pub confirmed: String,
    /// The statement.
    pub evidence: PlaceJson,
}

impl From<&HopRow> for HopJson {
    fn from(hop: &HopRow) -> Self {
        Self {
            from: NodeJson::from(&hop.from),
            needs: hop.needs.as_str().to_owned(),
            technique: hop.technique.clone(),
            verb: hop.verb.as_str().to_owned(),
            says: hop.says.clone(),
            to: NodeJson::from(&hop.to),
            gives: hop.gives.as_str().to_owned(),
            over: hop.over.clone(),
            condition: hop.condition.clone(),
            certainty: hop.certainty.as_str().to_owned(),
            confirmed: hop.confirmed.clone(),
            evidence: PlaceJson::from(&hop.place),
        }
    }
}

impl From<&PathRow> for PathJson {
    fn from(path: &PathRow) -> Self {
        Self {
            certainty: path.certainty.as_str().to_owned(),
            entry: path.entry.clone(),
            prize: path.prize.clone(),
            hops: path.hops.iter().map(HopJson::from).collect(),
        }
    }
}

impl From<&Answer> for AnswerJson {
    fn from(one: &Answer) -> Self {
        Self {
            identity: NodeJson::from(&one.who),
            holder: NodeJson::from(&one.holder),
            verb: one.verb.as_str().to_owned(),
            action: one.action.clone(),
            over: one.over.clone(),
            condition: one.condition.clone(),
            rung: one.rung.number(),
            confirmed: one.confirmed.to_string(),
            evidence: PlaceJson::from(&one.place),
        }
    }
}
