//! The report as one JSON object: the twin of `foursee_core::report::Report`, versioned.
//!
//! Readers ignore fields that they do not know; words are only ever added.

use foursee_core::judge::{Baseline, Past};
use foursee_core::report::{EvidenceRow, GapRow, HopRow, JudgedFinding, NodeRow, PathRow, Report, ScopeRow};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The version of the form.
pub const SCHEMA_VERSION: u32 = 1;

/// A report.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReportJson {
    /// The version of the form.
    pub schema_version: u32,
    /// The audit's "now", RFC 3339.
    pub as_of: String,
    /// Counts, and how the audit ended.
    pub summary: SummaryJson,
    /// What was audited.
    pub scopes: Vec<ScopeJson>,
    /// The findings, the worst first.
    pub findings: Vec<FindingJson>,
    /// Findings of the baseline that are gone.
    pub resolved: Vec<PastJson>,
    /// Findings of the baseline of which it cannot be told.
    pub unknown: Vec<PastJson>,
    /// Ways from where somebody comes in to what somebody would want.
    pub paths: Vec<PathJson>,
    /// What could not be read.
    pub gaps: Vec<GapJson>,
}

/// Counts, and how the audit ended.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SummaryJson {
    /// Documents read.
    pub documents: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Open findings by severity.
    pub open: BTreeMap<String, usize>,
    /// Identities by rung, "0" to "5".
    pub rungs: BTreeMap<String, usize>,
    /// Open findings by owner; "" has none.
    pub owners: BTreeMap<String, usize>,
    /// Credentials by verdict.
    pub credentials: BTreeMap<String, usize>,
    /// How the audit ended.
    pub outcome: OutcomeJson,
}

/// How the audit ended.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutcomeJson {
    /// "passed", "failed", or null where no gate was set.
    pub gate: Option<String>,
    /// The open findings that the gate stopped at.
    pub gate_findings: usize,
    /// The share of rules that could look, in percent.
    pub coverage: f64,
    /// "met", "below", or null where nothing was asked.
    pub coverage_gate: Option<String>,
    /// Named paths that gave nothing.
    pub nothing_from: Vec<String>,
    /// The age of the oldest document in days, where documents say when they were made.
    pub oldest_document_days: Option<i64>,
}

/// One scope.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScopeJson {
    /// The layer.
    pub layer: String,
    /// The name.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// The environment.
    pub environment: Option<String>,
    /// How many documents spoke of it.
    pub documents: usize,
    /// The kinds of documents that did.
    pub kinds: Vec<String>,
    /// How many identities it has.
    pub identities: usize,
}

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

/// A kind and a name.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NamedJson {
    /// The platform's word.
    pub kind: String,
    /// The name.
    pub name: String,
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

/// A place in a document.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlaceJson {
    /// The document.
    pub document: String,
    /// The JSON pointer; empty for text that is not JSON.
    pub pointer: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in bytes, from 1.
    pub column: u32,
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

/// A way.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PathJson {
    /// certain, conditional, ask, unknown.
    pub certainty: String,
    /// Why somebody comes in there.
    pub entry: String,
    /// Why somebody would want it.
    pub prize: String,
    /// The steps.
    pub hops: Vec<HopJson>,
}

/// A node.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NodeJson {
    /// The layer.
    pub layer: String,
    /// The scope; empty between scopes.
    pub scope: String,
    /// The kind.
    pub kind: String,
    /// The name.
    pub name: String,
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

/// What could not be read.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GapJson {
    /// The layer.
    pub layer: String,
    /// The scope.
    pub scope: Option<String>,
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
    /// Where it shows.
    pub place: Option<PlaceJson>,
    /// The rules that could not look.
    pub rules: Vec<String>,
}

impl From<&Report> for ReportJson {
    fn from(report: &Report) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            as_of: report.as_of.to_string(),
            summary: SummaryJson::from(&report.summary),
            scopes: report.scopes.iter().map(ScopeJson::from).collect(),
            findings: report.findings.iter().map(FindingJson::from).collect(),
            resolved: report.resolved.iter().map(PastJson::from).collect(),
            unknown: report.unknown.iter().map(PastJson::from).collect(),
            paths: report.paths.iter().map(PathJson::from).collect(),
            gaps: report.gaps.iter().map(GapJson::from).collect(),
        }
    }
}

impl From<&foursee_core::report::Summary> for SummaryJson {
    fn from(summary: &foursee_core::report::Summary) -> Self {
        let outcome = &summary.outcome;
        let word = |passed: bool, yes: &str, no: &str| if passed { yes.to_owned() } else { no.to_owned() };
        Self {
            documents: summary.documents,
            bytes: summary.bytes,
            open: summary
                .open
                .iter()
                .map(|(severity, count)| (severity.as_str().to_owned(), *count))
                .collect(),
            rungs: summary
                .rungs
                .iter()
                .map(|(rung, count)| (rung.number().to_string(), *count))
                .collect(),
            owners: summary.owners.clone(),
            credentials: summary
                .credentials
                .iter()
                .map(|(verdict, count)| ((*verdict).to_owned(), *count))
                .collect(),
            outcome: OutcomeJson {
                gate: outcome.gate_passed.map(|passed| word(passed, "passed", "failed")),
                gate_findings: outcome.gate_findings,
                coverage: (outcome.coverage * 10.0).round() / 10.0,
                coverage_gate: outcome.coverage_met.map(|met| word(met, "met", "below")),
                nothing_from: outcome.nothing_from.clone(),
                oldest_document_days: outcome.oldest_document_days,
            },
        }
    }
}

impl From<&ScopeRow> for ScopeJson {
    fn from(scope: &ScopeRow) -> Self {
        Self {
            layer: scope.layer.clone(),
            name: scope.name.clone(),
            title: scope.title.clone(),
            environment: scope.environment.clone(),
            documents: scope.documents,
            kinds: scope.kinds.clone(),
            identities: scope.identities,
        }
    }
}

fn named(one: &foursee_core::finding::Named) -> NamedJson {
    NamedJson {
        kind: one.kind.to_string(),
        name: one.name.to_string(),
    }
}

fn place(one: &foursee_core::document::Shown) -> PlaceJson {
    PlaceJson {
        document: one.document.clone(),
        pointer: one.pointer.clone(),
        line: one.line,
        column: one.column,
    }
}

impl From<&EvidenceRow> for EvidenceJson {
    fn from(one: &EvidenceRow) -> Self {
        Self {
            place: place(&one.place),
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
            rung: one.rung.map(foursee_core::model::Rung::number),
            attainable: one.attainable.map(foursee_core::model::Rung::number),
            target: one.target.map(foursee_core::model::Rung::number),
            status: one.status.as_str().to_owned(),
            since: one.since.map(|since| since.as_str().to_owned()),
            title: one.title.clone(),
            cause: one.cause.clone(),
            identities: IdentitiesJson {
                count: one.identities.len(),
                list: one.identities.iter().map(named).collect(),
            },
            resource: one.resource.as_ref().map(named),
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

impl From<&NodeRow> for NodeJson {
    fn from(node: &NodeRow) -> Self {
        Self {
            layer: node.layer.clone(),
            scope: node.scope.clone(),
            kind: node.kind.clone(),
            name: node.name.clone(),
        }
    }
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
            evidence: place(&hop.place),
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

impl From<&GapRow> for GapJson {
    fn from(gap: &GapRow) -> Self {
        Self {
            layer: gap.layer.clone(),
            scope: gap.scope.clone(),
            target: gap.target.clone(),
            facet: gap.facet.clone(),
            reason: gap.reason.as_str().to_owned(),
            hides: gap.hides.clone(),
            closes: gap.closes.clone(),
            place: gap.place.as_ref().map(place),
            rules: gap.rules.clone(),
        }
    }
}

/// Writes the report as one JSON object, two blanks a level, with a line break at its end.
///
/// # Errors
/// When the output cannot be written.
pub fn write(report: &Report, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, &ReportJson::from(report))?;
    out.write_all(b"\n")
}

/// The JSON Schema of a report.
#[cfg(feature = "schema")]
#[must_use]
pub fn schema() -> String {
    let schema = schemars::schema_for!(ReportJson);
    serde_json::to_string_pretty(&schema).map_or_else(|error| error.to_string(), |text| text + "\n")
}

/// Why a baseline cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// It is not a report.
    #[error("it is not a foursee report as JSON: {0}")]
    NotAReport(String),
    /// Its form is newer than this program.
    #[error("its schema_version is {0}; this foursee reads up to {SCHEMA_VERSION}")]
    Newer(u32),
}

/// Reads an earlier report as a baseline.
///
/// # Errors
/// When the text is not a report, or one of a newer form.
pub fn baseline(text: &str) -> Result<Baseline, BaselineError> {
    #[derive(Deserialize)]
    struct Head {
        schema_version: u32,
    }
    let wrong = |error: serde_json::Error| BaselineError::NotAReport(error.to_string());
    let head: Head = serde_json::from_str(text).map_err(wrong)?;
    if head.schema_version > SCHEMA_VERSION {
        return Err(BaselineError::Newer(head.schema_version));
    }
    let report: ReportJson = serde_json::from_str(text).map_err(wrong)?;
    let past = |one: FindingJson| Past {
        fingerprint: one.fingerprint,
        rule: one.rule,
        layer: one.layer,
        scope: one.scope.unwrap_or_default(),
        severity: one.severity,
        rung: one.rung,
        identities: one.identities.list.into_iter().map(|named| named.name).collect(),
        title: one.title,
    };
    let findings = report
        .findings
        .into_iter()
        .map(past)
        .map(|one| (one.fingerprint.clone(), one))
        .collect();
    Ok(Baseline { findings })
}
