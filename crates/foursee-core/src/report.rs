//! What an audit found, before it has a format. foursee-report writes it; nothing here is serialised as it stands.

use crate::audit::Library;
use crate::document::Shown;
use crate::estate::Estate;
use crate::finding::Named;
use crate::judge::{Past, Since};
use crate::model::{Certainty, Confidence, Foothold, Reason, Rung, Severity, Time, Verb};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an audit found.
#[non_exhaustive]
pub struct Report {
    /// The audit's "now".
    pub as_of: Time,
    /// Counts, and how the audit ended.
    pub summary: Summary,
    /// What was audited.
    pub scopes: Vec<ScopeRow>,
    /// The findings, the worst first.
    pub findings: Vec<JudgedFinding>,
    /// Findings of the baseline that are gone.
    pub resolved: Vec<Past>,
    /// Findings of the baseline of which it cannot be told.
    pub unknown: Vec<Past>,
    /// The ways from where somebody comes in to what somebody would want.
    pub paths: Vec<PathRow>,
    /// What could not be read.
    pub gaps: Vec<GapRow>,
    /// Who acts, and where each stands.
    pub identities: Vec<IdentityRow>,
    /// Everything that was lowered: the privileges, resources and edges tables are read from it.
    pub estate: Arc<Estate>,
    /// The documents, for the places in it.
    pub library: Arc<Library>,
}

/// Counts, and how the audit ended.
#[derive(Clone, PartialEq, Debug, Default)]
#[non_exhaustive]
pub struct Summary {
    /// How many documents were read.
    pub documents: usize,
    /// How many bytes they have.
    pub bytes: u64,
    /// Open findings by severity, worst first.
    pub open: BTreeMap<Severity, usize>,
    /// Identities by rung; those with no grant at all are not counted.
    pub rungs: BTreeMap<Rung, usize>,
    /// Open findings by owner; "" has none.
    pub owners: BTreeMap<String, usize>,
    /// Credentials by verdict: works, dormant, broken.
    pub credentials: BTreeMap<&'static str, usize>,
    /// How the audit ended.
    pub outcome: Outcome,
}

/// How an audit ended: what an exit code is made of.
#[derive(Clone, PartialEq, Debug, Default)]
#[non_exhaustive]
pub struct Outcome {
    /// Whether the gate was passed; none where there is none.
    pub gate_passed: Option<bool>,
    /// The open findings that the gate stopped at.
    pub gate_findings: usize,
    /// The share of rules that could look, over all scopes, in percent.
    pub coverage: f64,
    /// Whether that is enough; none where nothing was asked.
    pub coverage_met: Option<bool>,
    /// Named paths that gave nothing.
    pub nothing_from: Vec<String>,
    /// The age of the oldest document in days, where documents say when they were made.
    pub oldest_document_days: Option<i64>,
}

/// One scope.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub struct ScopeRow {
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

/// What was decided about a finding. Only `Open` counts for a gate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub enum Status {
    /// Nobody decided anything.
    Open,
    /// It stands where it was asked to stand.
    AtTarget,
    /// It is meant.
    Intended,
    /// It is waived for a time.
    Waived,
    /// It was, and the time is over.
    WaiverExpired,
}

impl Status {
    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::AtTarget => "at-target",
            Self::Intended => "intended",
            Self::Waived => "waived",
            Self::WaiverExpired => "waiver-expired",
        }
    }
}

/// A finding with what was decided about it.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct JudgedFinding {
    /// The rule's name.
    pub rule: &'static str,
    /// The layer; "core" for what only the graph shows.
    pub layer: &'static str,
    /// The scope's name; none between scopes.
    pub scope: Option<String>,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Where it stands.
    pub rung: Option<Rung>,
    /// The tightest that the platform can express.
    pub attainable: Option<Rung>,
    /// Where it was asked to stand.
    pub target: Option<Rung>,
    /// What was decided.
    pub status: Status,
    /// How it compares with the baseline; none without one.
    pub since: Option<Since>,
    /// One sentence.
    pub title: String,
    /// What to change once.
    pub cause: String,
    /// Who is affected, sorted.
    pub identities: Vec<Named>,
    /// What it is over.
    pub resource: Option<Named>,
    /// Whose it is, and where that was read.
    pub owner: Option<OwnerRow>,
    /// What it rests on.
    pub evidence: Vec<EvidenceRow>,
    /// What to do.
    pub fix: String,
    /// The same as long as the cause is there.
    pub fingerprint: String,
}

/// An owner.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct OwnerRow {
    /// Who.
    pub name: String,
    /// What said so: "tag team", "owners pattern ...".
    pub read_from: String,
}

/// One place that a finding rests on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct EvidenceRow {
    /// Where.
    pub place: Shown,
    /// What stands there.
    pub says: String,
}

/// What could not be read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub struct GapRow {
    /// The layer; empty where none recognised the input.
    pub layer: String,
    /// The scope's name.
    pub scope: Option<String>,
    /// What.
    pub target: String,
    /// Which part of it.
    pub facet: String,
    /// Why.
    pub reason: Reason,
    /// What it keeps us from knowing.
    pub hides: String,
    /// What would close it.
    pub closes: String,
    /// Where it shows.
    pub place: Option<Shown>,
    /// The rules that could not look because of it.
    pub rules: Vec<String>,
}

/// Who acts, and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct IdentityRow {
    /// The layer.
    pub layer: String,
    /// The scope's name.
    pub scope: String,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Where it stands: its widest effective grant. None: nothing is granted to it.
    pub rung: Option<Rung>,
    /// The tightest that its grants could be.
    pub attainable: Option<Rung>,
    /// Where it was asked to stand.
    pub target: Option<Rung>,
    /// Whose it is.
    pub owner: Option<OwnerRow>,
    /// Whether somebody outside comes in here.
    pub entry: bool,
    /// Whether somebody would want it.
    pub prize: bool,
}

/// A way from where somebody comes in to what somebody would want.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct PathRow {
    /// As its worst hop, or as its entry where that has a condition.
    pub certainty: Certainty,
    /// Why somebody comes in there, and under which condition; empty for a way that was asked for.
    pub entry: String,
    /// Why somebody would want it.
    pub prize: String,
    /// The steps.
    pub hops: Vec<HopRow>,
}

/// A node, named so that it can be found again.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeRow {
    /// The layer.
    pub layer: String,
    /// The scope's name; empty between scopes.
    pub scope: String,
    /// What people call the scope.
    pub scope_title: String,
    /// The kind.
    pub kind: String,
    /// The name, or the pattern of a selector.
    pub name: String,
}

/// One step of a way.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct HopRow {
    /// From where.
    pub from: NodeRow,
    /// With which foothold.
    pub needs: Foothold,
    /// How.
    pub technique: String,
    /// What that does.
    pub verb: Verb,
    /// How it reads.
    pub says: String,
    /// To where.
    pub to: NodeRow,
    /// With which foothold.
    pub gives: Foothold,
    /// What the statement is over, where it is over more than the target: "any pod of shop".
    pub over: Option<String>,
    /// Under which condition.
    pub condition: String,
    /// How sure.
    pub certainty: Certainty,
    /// What its layer said when it was asked: "yes", "if ...", "unknown: ...".
    pub confirmed: String,
    /// The statement.
    pub place: Shown,
}
