//! Findings, and those of an earlier report.

use super::node::{NamedJson, PlaceJson};
use foursee_core::judge::Past;
use foursee_core::model::Rung;
use foursee_core::report::{EvidenceRow, JudgedFinding};
use serde::{Deserialize, Serialize};

/// A finding: one cause under one rule.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FindingJson {
    /// The rule's name.
    pub rule: String,
    /// The layer.
    pub layer: String,
    /// The scope's name.
    pub scope: Option<String>,
    /// info, low, medium, high, critical.
    pub severity: String,
    /// possible, likely, certain.
    pub confidence: String,
    /// Where it stands, 0 to 5.
    pub rung: Option<u8>,
    /// The tightest that the platform can express.
    pub attainable: Option<u8>,
    /// Where it was asked to stand.
    pub target: Option<u8>,
    /// open, at-target, intended, waived, waiver-expired.
    pub status: String,
    /// new, unchanged, changed; null without a baseline.
    pub since: Option<String>,
    /// One sentence.
    pub title: String,
    /// What to change once.
    pub cause: String,
    /// Who is affected.
    pub identities: IdentitiesJson,
    /// What it is over.
    pub resource: Option<NamedJson>,
    /// Whose it is, and where that was read.
    pub owner: Option<OwnerJson>,
    /// What it rests on.
    pub evidence: Vec<EvidenceJson>,
    /// What to do.
    pub fix: String,
    /// The same as long as the cause is there.
    pub fingerprint: String,
}

/// Who is affected.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IdentitiesJson {
    /// How many.
    pub count: usize,
    /// All of them.
    pub list: Vec<NamedJson>,
}

/// An owner.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OwnerJson {
    /// Who.
    pub name: String,
    /// What said so.
    pub read_from: String,
}

/// One place that a finding rests on.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvidenceJson {
    /// Where.
    #[serde(flatten)]
    pub place: PlaceJson,
    /// What stands there.
    pub says: String,
}

/// A finding of an earlier report.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PastJson {
    /// Its fingerprint.
    pub fingerprint: String,
    /// The rule.
    pub rule: String,
    /// The layer.
    pub layer: String,
    /// The scope.
    pub scope: String,
    /// How bad it was.
    pub severity: String,
    /// What it said.
    pub title: String,
}

impl From<&EvidenceRow> for EvidenceJson {
    fn from(one: &EvidenceRow) -> Self {
        Self {
            place: PlaceJson::from(&one.place),
            says: one.says.clone(),
        }
    }
}

impl From<&JudgedFinding> for FindingJson {
    fn from(one: &JudgedFinding) -> Self {
        Self {
            rule: one.rule.to_owned(),
            layer: one.layer.to_owned(),
            scope: one.scope.clone(),
            severity: one.severity.as_str().to_owned(),
            confidence: one.confidence.as_str().to_owned(),
            rung: one.rung.map(Rung::number),
            attainable: one.attainable.map(Rung::number),
            target: one.target.map(Rung::number),
            status: one.status.as_str().to_owned(),
            since: one.since.map(|since| since.as_str().to_owned()),
            title: one.title.clone(),
            cause: one.cause.clone(),
            identities: IdentitiesJson {
                count: one.identities.len(),
                list: one.identities.iter().map(NamedJson::from).collect(),
            },
            resource: one.resource.as_ref().map(NamedJson::from),
            owner: one.owner.as_ref().map(|own| OwnerJson {
                name: own.name.clone(),
                read_from: own.read_from.clone(),
            }),
            evidence: one.evidence.iter().map(EvidenceJson::from).collect(),
            fix: one.fix.clone(),
            fingerprint: one.fingerprint.clone(),
        }
    }
}

impl From<&Past> for PastJson {
    fn from(past: &Past) -> Self {
        Self {
            fingerprint: past.fingerprint.clone(),
            rule: past.rule.clone(),
            layer: past.layer.clone(),
            scope: past.scope.clone(),
            severity: past.severity.clone(),
            title: past.title.clone(),
        }
    }
}
