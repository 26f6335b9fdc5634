//! The frozen views: what a report consists of, one class a twin.

use crate::errors::FourseeError;
use crate::python::tuple;
use crate::view::view;
use foursee::report::json::{
    AnswerJson, EvidenceJson, FindingJson, GapJson, HopJson, NamedJson, NodeJson, OutcomeJson, OwnerJson,
    PastJson, PathJson, PlaceJson, ScopeJson, SummaryJson,
};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use std::collections::BTreeMap;

view! {
    /// A finding: one cause under one rule.
    Finding(FindingJson), match ["rule", "severity", "scope", "title"],
    shown |one| format!("{}, {}, {:?}", one.severity, one.rule, one.title);
    /// The rule's name.
    rule: &str = |_py, one| &one.rule;
    /// The layer; "core" for what only the graph shows.
    layer: &str = |_py, one| &one.layer;
    /// The scope's name; None between scopes.
    scope: Option<&str> = |_py, one| one.scope.as_deref();
    /// One of "info", "low", "medium", "high" or "critical".
    severity: &str = |_py, one| &one.severity;
    /// One of "possible", "likely" or "certain".
    confidence: &str = |_py, one| &one.confidence;
    /// Where it stands, 0 to 5.
    rung: Option<u8> = |_py, one| one.rung;
    /// The tightest that the platform can express.
    attainable: Option<u8> = |_py, one| one.attainable;
    /// Where it was asked to stand.
    target: Option<u8> = |_py, one| one.target;
    /// One of "open", "at-target", "intended", "waived" or "waiver-expired".
    status: &str = |_py, one| &one.status;
    /// One of "new", "unchanged" or "changed"; None without a baseline.
    since: Option<&str> = |_py, one| one.since.as_deref();
    /// One sentence.
    title: &str = |_py, one| &one.title;
    /// What to change once.
    cause: &str = |_py, one| &one.cause;
    /// Who is affected.
    identities: Bound<'py, PyTuple> = |py, one| tuple(py, one.identities.list.iter().cloned().map(Named::from))?;
    /// What it is over.
    resource: Option<Named> = |_py, one| one.resource.clone().map(Named::from);
    /// Whose it is.
    owner: Option<Owner> = |_py, one| one.owner.clone().map(Owner::from);
    /// What it rests on.
    evidence: Bound<'py, PyTuple> = |py, one| tuple(py, one.evidence.iter().cloned().map(Evidence::from))?;
    /// What to do.
    fix: &str = |_py, one| &one.fix;
    /// The same as long as the cause is there.
    fingerprint: &str = |_py, one| &one.fingerprint;
}

view! {
    /// A kind and a name.
    Named(NamedJson), match ["kind", "name"], shown |one| format!("{}, {:?}", one.kind, one.name);
    /// The platform's word.
    kind: &str = |_py, one| &one.kind;
    /// The name.
    name: &str = |_py, one| &one.name;
}

view! {
    /// An owner, and where that was read.
    Owner(OwnerJson), match ["name"], shown |one| format!("{:?}, from {}", one.name, one.read_from);
    /// Who.
    name: &str = |_py, one| &one.name;
    /// What said so: a tag, a pattern of the configuration.
    read_from: &str = |_py, one| &one.read_from;
}

view! {
    /// A place in a document.
    Place(PlaceJson), match ["document", "line"], shown |one| shown(&one.document, one.line, &one.pointer);
    /// The document's name.
    document: &str = |_py, one| &one.document;
    /// The JSON pointer; empty for text that is not JSON.
    pointer: &str = |_py, one| &one.pointer;
    /// The line, from 1.
    line: u32 = |_py, one| one.line;
    /// The column in bytes, from 1.
    column: u32 = |_py, one| one.column;
}

view! {
    /// One place that a finding rests on, and what stands there.
    Evidence(EvidenceJson), match ["place", "says"],
    shown |one| format!("{}: {}", shown(&one.place.document, one.place.line, &one.place.pointer), one.says);
    /// Where.
    place: Place = |_py, one| Place::from(one.place.clone());
    /// What stands there.
    says: &str = |_py, one| &one.says;
}

view! {
    /// A finding of the baseline.
    Past(PastJson), match ["rule", "severity", "scope", "title"],
    shown |one| format!("{}, {}, {:?}", one.severity, one.rule, one.title);
    /// Its fingerprint.
    fingerprint: &str = |_py, one| &one.fingerprint;
    /// The rule's name.
    rule: &str = |_py, one| &one.rule;
    /// The layer.
    layer: &str = |_py, one| &one.layer;
    /// The scope's name; empty between scopes.
    scope: &str = |_py, one| &one.scope;
    /// How bad it was.
    severity: &str = |_py, one| &one.severity;
    /// What it said.
    title: &str = |_py, one| &one.title;
}

view! {
    /// A way from where somebody comes in to what somebody would want, every hop confirmed by its layer.
    Path(PathJson), match ["certainty", "hops"],
    shown |one| format!("{}: {}", one.certainty, way(one));
    /// One of "certain", "conditional", "ask" or "unknown": as its worst hop.
    certainty: &str = |_py, one| &one.certainty;
    /// Why somebody comes in there; empty for a way that was asked for.
    entry: &str = |_py, one| &one.entry;
    /// Why somebody would want it.
    prize: &str = |_py, one| &one.prize;
    /// The steps.
    hops: Bound<'py, PyTuple> = |py, one| tuple(py, one.hops.iter().cloned().map(Hop::from))?;
}

view! {
    /// A node of the graph.
    Node(NodeJson), match ["kind", "name", "scope"], shown |one| format!("{}, {:?}, {:?}", one.kind, one.name, one.scope);
    /// The layer; "core" for credentials.
    layer: &str = |_py, one| &one.layer;
    /// The scope's name; empty between scopes.
    scope: &str = |_py, one| &one.scope;
    /// The platform's word.
    kind: &str = |_py, one| &one.kind;
    /// The name.
    name: &str = |_py, one| &one.name;
}

view! {
    /// One step of a way.
    Hop(HopJson), match ["from_", "technique", "to"],
    shown |one| format!("{} {:?} -[{}]-> {} {:?}", one.from.kind, one.from.name, one.technique, one.to.kind, one.to.name);
    /// From where.
    from_: Node = |_py, one| Node::from(one.from.clone());
    /// With which foothold.
    needs: &str = |_py, one| &one.needs;
    /// How.
    technique: &str = |_py, one| &one.technique;
    /// One of "list", "read", "write", "delete", "execute", "administer", "become" or "delegate".
    verb: &str = |_py, one| &one.verb;
    /// How it reads.
    says: &str = |_py, one| &one.says;
    /// To where.
    to: Node = |_py, one| Node::from(one.to.clone());
    /// With which foothold.
    gives: &str = |_py, one| &one.gives;
    /// What the statement is over, where that is more than the target.
    over: Option<&str> = |_py, one| one.over.as_deref();
    /// Under which condition; empty for none.
    condition: &str = |_py, one| &one.condition;
    /// One of "certain", "conditional", "ask" or "unknown".
    certainty: &str = |_py, one| &one.certainty;
    /// What its layer said: "yes", "if ...", "unknown: ...".
    confirmed: &str = |_py, one| &one.confirmed;
    /// The statement.
    evidence: Place = |_py, one| Place::from(one.evidence.clone());
}

view! {
    /// What could not be read, and what that hides.
    Gap(GapJson), match ["layer", "scope", "target", "reason"],
    shown |one| format!("{}, {:?}, {}", one.reason, one.target, one.facet);
    /// The layer; empty where none recognised the input.
    layer: &str = |_py, one| &one.layer;
    /// The scope's name.
    scope: Option<&str> = |_py, one| one.scope.as_deref();
    /// What.
    target: &str = |_py, one| &one.target;
    /// Which part of it.
    facet: &str = |_py, one| &one.facet;
    /// Why.
    reason: &str = |_py, one| &one.reason;
    /// What it keeps us from knowing.
    hides: &str = |_py, one| &one.hides;
    /// What would close it.
    closes: &str = |_py, one| &one.closes;
    /// Where it shows.
    place: Option<Place> = |_py, one| one.place.clone().map(Place::from);
    /// The rules that could not look.
    rules: Bound<'py, PyTuple> = |py, one| PyTuple::new(py, &one.rules)?;
}

view! {
    /// One account, cluster, engine, database cluster or broker cluster.
    Scope(ScopeJson), match ["layer", "name"], shown |one| format!("{}, {:?}, {:?}", one.layer, one.name, one.title);
    /// The layer.
    layer: &str = |_py, one| &one.layer;
    /// The name.
    name: &str = |_py, one| &one.name;
    /// What people call it.
    title: &str = |_py, one| &one.title;
    /// The environment.
    environment: Option<&str> = |_py, one| one.environment.as_deref();
    /// How many documents spoke of it.
    documents: usize = |_py, one| one.documents;
    /// The kinds of documents that did.
    kinds: Bound<'py, PyTuple> = |py, one| PyTuple::new(py, &one.kinds)?;
    /// How many identities it has.
    identities: usize = |_py, one| one.identities;
}

view! {
    /// Counts, and how the audit ended.
    Summary(SummaryJson), match ["open", "outcome"],
    shown |one| format!("open={:?}, coverage={}%", one.open, one.outcome.coverage);
    /// Documents read.
    documents: usize = |_py, one| one.documents;
    /// Their bytes.
    bytes: u64 = |_py, one| one.bytes;
    /// Open findings by severity.
    open: BTreeMap<String, usize> = |_py, one| one.open.clone();
    /// Identities by rung, "0" to "5".
    rungs: BTreeMap<String, usize> = |_py, one| one.rungs.clone();
    /// Open findings by owner; "" has none.
    owners: BTreeMap<String, usize> = |_py, one| one.owners.clone();
    /// Credentials by verdict: "works", "dormant", "broken".
    credentials: BTreeMap<String, usize> = |_py, one| one.credentials.clone();
    /// How the audit ended.
    outcome: Outcome = |_py, one| Outcome::from(one.outcome.clone());
}

view! {
    /// How an audit ended.
    Outcome(OutcomeJson), match ["gate", "coverage"], shown |one| format!("coverage={}%", one.coverage);
    /// Either "passed" or "failed"; None where no gate was set.
    gate: Option<&str> = |_py, one| one.gate.as_deref();
    /// The open findings that the gate stopped at.
    gate_findings: usize = |_py, one| one.gate_findings;
    /// The share of rules that could look, in percent.
    coverage: f64 = |_py, one| one.coverage;
    /// Either "met" or "below"; None where nothing was asked.
    coverage_gate: Option<&str> = |_py, one| one.coverage_gate.as_deref();
    /// Named paths that gave nothing.
    nothing_from: Bound<'py, PyTuple> = |py, one| PyTuple::new(py, &one.nothing_from)?;
    /// The age of the oldest document in days, where documents say when they were made.
    oldest_document_days: Option<i64> = |_py, one| one.oldest_document_days;
}

view! {
    /// Who can do something, by which privilege.
    Answer(AnswerJson), match ["identity", "action", "over"],
    shown |one| format!("{} {:?}, {} on {}", one.identity.kind, one.identity.name, one.action, one.over);
    /// Who.
    identity: Node = |_py, one| Node::from(one.identity.clone());
    /// Who holds the privilege: the same, or a group or grant that it has.
    holder: Node = |_py, one| Node::from(one.holder.clone());
    /// One of "list", "read", "write", "delete", "execute", "administer", "become" or "delegate".
    verb: &str = |_py, one| &one.verb;
    /// The privilege's action, `*` wild.
    action: &str = |_py, one| &one.action;
    /// What it is over.
    over: &str = |_py, one| &one.over;
    /// Under which condition; empty for none.
    condition: &str = |_py, one| &one.condition;
    /// Where the statement stands, 0 to 5.
    rung: u8 = |_py, one| one.rung;
    /// What the layer's authorizer says: "yes", "if ...", "unknown: ...".
    confirmed: &str = |_py, one| &one.confirmed;
    /// The statement.
    evidence: Place = |_py, one| Place::from(one.evidence.clone());
}

fn shown(document: &str, line: u32, pointer: &str) -> String {
    format!("{document}:{line} {pointer}").trim_end().to_owned()
}

/// The names on a way, in order.
pub fn way(path: &PathJson) -> String {
    let first = path.hops.first().map(|hop| &hop.from);
    let nodes = first.into_iter().chain(path.hops.iter().map(|hop| &hop.to));
    let names: Vec<String> = nodes.map(|node| format!("{} {}", node.kind, node.name)).collect();
    names.join(" -> ")
}

/// Makes a view of what `__reduce__` gave: for pickle and copy alone.
#[pyfunction]
#[pyo3(name = "_restore")]
pub fn restore(py: Python<'_>, kind: &str, text: &str) -> PyResult<Py<PyAny>> {
    fn view<'py, T, V>(py: Python<'py>, text: &str) -> PyResult<Py<PyAny>>
    where
        T: serde::de::DeserializeOwned,
        V: From<T> + IntoPyObject<'py>,
    {
        let twin: T = serde_json::from_str(text)
            .map_err(|error| FourseeError::new_err(format!("not what foursee pickled: {error}")))?;
        V::from(twin).into_py_any(py)
    }
    match kind {
        "Finding" => view::<FindingJson, Finding>(py, text),
        "Named" => view::<NamedJson, Named>(py, text),
        "Owner" => view::<OwnerJson, Owner>(py, text),
        "Place" => view::<PlaceJson, Place>(py, text),
        "Evidence" => view::<EvidenceJson, Evidence>(py, text),
        "Past" => view::<PastJson, Past>(py, text),
        "Path" => view::<PathJson, Path>(py, text),
        "Node" => view::<NodeJson, Node>(py, text),
        "Hop" => view::<HopJson, Hop>(py, text),
        "Gap" => view::<GapJson, Gap>(py, text),
        "Scope" => view::<ScopeJson, Scope>(py, text),
        "Summary" => view::<SummaryJson, Summary>(py, text),
        "Outcome" => view::<OutcomeJson, Outcome>(py, text),
        "Answer" => view::<AnswerJson, Answer>(py, text),
        _ => Err(FourseeError::new_err(format!("foursee has no view `{kind}`"))),
    }
}
