//! From what the rules found to the report: status, owner, age, fingerprint, in order.

use super::check::{Checked, plural};
use super::paths::{node_row, paths};
use super::spectrum::Spectrum;
use super::{Mapped, Opened, Options};
use crate::estate::{Estate, Verdict};
use crate::finding::{Finding, Named};
use crate::judge::{Baseline, Owners, Past, Policy, Since, fingerprint, status};
use crate::model::{Confidence, Gap, NodeId, Reason, ScopeId, Time};
use crate::registry::Registry;
use crate::report::{
    EvidenceRow, GapRow, IdentityRow, JudgedFinding, Outcome, OwnerRow, Report, ScopeRow, Status, Summary,
};
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn judge(
    opened: &Opened,
    mapped: &Mapped,
    checked: Checked,
    registry: &Registry,
    policy: &Policy,
    options: &Options,
) -> Report {
    let estate = &*mapped.estate;
    let owners = Owners::new(policy, estate);
    let (paths, left_out) = paths(opened, mapped);
    let mut findings = findings(opened, estate, &owners, policy, checked.findings);
    let (resolved, unknown) = compare(opened, registry, options.baseline.as_ref(), &mut findings);
    let identities = identities(mapped, &owners, policy);
    let wanted = |layer: &str| {
        options.layers.is_empty() || layer.is_empty() || options.layers.iter().any(|one| one == layer)
    };
    findings.retain(|one| wanted(one.layer));

    let mut gaps: BTreeSet<Gap> = opened.gaps().iter().cloned().collect();
    gaps.extend(checked.gaps);
    gaps.extend(estate.gaps.iter().cloned());
    if left_out > 0 {
        gaps.insert(
            Gap::new(
                Reason::TooLarge,
                format!("{} between entries and prizes", plural(left_out, "further way")),
            )
            .hides("their hops; the ways that are listed are not all")
            .closes("foursee path FROM TO"),
        );
    }
    let gaps: Vec<GapRow> = gaps
        .into_iter()
        .filter(|gap| wanted(&gap.layer))
        .map(|gap| gap_row(opened, gap))
        .collect();
    let scopes = scope_rows(opened, mapped);
    let summary = summary(
        opened,
        estate,
        &findings,
        &identities,
        policy,
        options.as_of,
        checked.looked,
    );
    Report {
        as_of: options.as_of,
        summary,
        scopes,
        findings,
        resolved,
        unknown,
        paths,
        gaps,
        identities,
        library: opened.shared_library(),
        estate: std::sync::Arc::clone(&mapped.estate),
    }
}

/// One finding a cause: what several hits of a rule say of one cause is put together.
fn findings(
    opened: &Opened,
    estate: &Estate,
    owners: &Owners<'_>,
    policy: &Policy,
    found: Vec<Finding>,
) -> Vec<JudgedFinding> {
    let mut by_print: HashMap<String, usize> = HashMap::with_capacity(found.len());
    let mut causes: Vec<(String, Finding)> = Vec::with_capacity(found.len());
    let mut resource = String::new();
    for finding in found {
        let scope = finding.scope.and_then(|id| estate.scopes.get(id.index()));
        let (layer, name) = scope.map_or(("", ""), |scope| (&*scope.layer, &*scope.name));
        let first = finding.rule.aliases.first().unwrap_or(&finding.rule.id);
        resource.clear();
        if let Some(one) = &finding.resource {
            resource.extend([&*one.kind, " ", &*one.name]);
        }
        let print = fingerprint(first, layer, name, &finding.cause, &resource);
        match by_print.get(&print).and_then(|at| causes.get_mut(*at)) {
            None => {
                by_print.insert(print.clone(), causes.len());
                causes.push((print, finding));
            }
            Some((_, known)) => {
                known.severity = known.severity.max(finding.severity);
                known.certainty = known.certainty.min(finding.certainty);
                known.identities.extend(finding.identities);
                known.evidence.extend(finding.evidence);
            }
        }
    }
    drop(by_print);
    let mut all: Vec<JudgedFinding> = causes
        .into_iter()
        .map(|(fingerprint, mut finding)| {
            finding.identities.sort();
            finding.identities.dedup();
            if finding.evidence.len() > 1 {
                let mut seen = BTreeSet::new();
                finding.evidence.retain(|one| seen.insert(one.clone()));
            }
            let scope = finding.scope.and_then(|id| estate.scopes.get(id.index()));
            let layer = finding.rule.layer();
            let owner = owner_of(estate, owners, &finding);
            let first = finding.identities.first().map(|one| &*one.name);
            let environment = scope.and_then(|scope| scope.environment.as_deref());
            let target = policy.target(environment, scope.map_or(layer, |scope| &scope.layer), first);
            JudgedFinding {
                rule: finding.rule.id,
                layer,
                scope: scope.map(|scope| scope.name.to_string()),
                severity: finding.severity,
                confidence: Confidence::from(finding.certainty),
                rung: finding.rung,
                attainable: finding.attainable,
                target: finding.rung.and(target),
                status: status(
                    finding.rung.filter(|_| finding.about_width),
                    finding.attainable,
                    target,
                ),
                since: None,
                title: finding.title,
                cause: finding.cause,
                identities: finding.identities,
                resource: finding.resource,
                owner,
                evidence: finding
                    .evidence
                    .into_iter()
                    .map(|one| EvidenceRow {
                        place: opened.library().show(one.place),
                        says: one.says,
                    })
                    .collect(),
                fix: finding.fix,
                fingerprint,
            }
        })
        .collect();
    all.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
    all
}

/// What findings are sorted by: no two have one fingerprint.
fn order(one: &JudgedFinding) -> impl Ord {
    (
        std::cmp::Reverse(one.severity),
        one.layer,
        one.scope.as_deref(),
        one.rule,
        one.cause.as_str(),
        one.fingerprint.as_str(),
    )
}

/// The owner of the first that has one: an affected identity, the resource, the scope.
fn owner_of(estate: &Estate, owners: &Owners<'_>, finding: &Finding) -> Option<OwnerRow> {
    let scope = finding.scope?;
    let row = estate.scopes.get(scope.index())?;
    let node = |named: &Named| node_of(estate, scope, &row.layer, named);
    let named = finding.identities.iter().chain(&finding.resource);
    let owner = named.filter_map(node).find_map(|id| owners.of(estate, id));
    owner
        .or_else(|| owners.of_scope(&row.layer, &row.name))
        .map(|one| OwnerRow {
            name: one.name,
            read_from: one.read_from,
        })
}

fn node_of(estate: &Estate, scope: ScopeId, layer: &str, named: &Named) -> Option<NodeId> {
    estate.find(scope, layer, &named.kind, &named.name)
}

/// Compares with the baseline: what is new or changed here, what is gone, and what cannot be told.
fn compare(
    opened: &Opened,
    registry: &Registry,
    baseline: Option<&Baseline>,
    findings: &mut [JudgedFinding],
) -> (Vec<Past>, Vec<Past>) {
    let Some(baseline) = baseline else {
        return (Vec::new(), Vec::new());
    };
    let mut here = BTreeSet::new();
    for finding in findings {
        here.insert(finding.fingerprint.clone());
        finding.since = Some(match baseline.findings.get(&finding.fingerprint) {
            None => Since::New,
            Some(past) => {
                let names: BTreeSet<&str> = finding.identities.iter().map(|one| &*one.name).collect();
                let same = past.severity == finding.severity.as_str()
                    && past.rung == finding.rung.map(crate::model::Rung::number)
                    && past
                        .identities
                        .iter()
                        .map(String::as_str)
                        .collect::<BTreeSet<_>>()
                        == names;
                if same { Since::Unchanged } else { Since::Changed }
            }
        });
    }
    let metas = registry.metas();
    let loaded = |layer: &str, scope: &str| {
        opened.loaded().iter().map(|one| one.scope()).find(|id| {
            opened
                .scopes()
                .get(id.index())
                .is_some_and(|row| *row.layer == *layer && *row.name == *scope)
        })
    };
    // What only the graph shows rests on every scope that the baseline speaks of.
    let whole = baseline
        .findings
        .values()
        .filter(|past| past.layer != "core")
        .all(|past| loaded(&past.layer, &past.scope).is_some());
    let assessed = |past: &Past| {
        let meta = metas
            .iter()
            .find(|meta| meta.id == past.rule || meta.aliases.contains(&&*past.rule));
        let Some(meta) = meta else { return false };
        if past.layer == "core" {
            return whole;
        }
        let Some(scope) = loaded(&past.layer, &past.scope) else {
            return false;
        };
        meta.needs
            .iter()
            .chain(meta.reads)
            .all(|kind| opened.has(scope, kind))
    };
    baseline
        .findings
        .values()
        .filter(|past| !here.contains(&past.fingerprint))
        .cloned()
        .partition(assessed)
}

fn identities(mapped: &Mapped, owners: &Owners<'_>, policy: &Policy) -> Vec<IdentityRow> {
    let estate = &*mapped.estate;
    let spectrum = Spectrum::new(estate, mapped.members());
    let marked =
        |marks: &[crate::estate::Mark]| marks.iter().map(|mark| mark.node).collect::<BTreeSet<NodeId>>();
    let (entries, prizes) = (marked(&estate.entries), marked(&estate.prizes));
    estate
        .ids()
        .filter(|id| acts(estate, *id))
        .map(|id| {
            let row = node_row(estate, id);
            let environment = estate.scope(id).and_then(|scope| scope.environment.as_deref());
            IdentityRow {
                rung: spectrum.rung(id),
                attainable: spectrum.attainable(id),
                target: policy.target(environment, &row.layer, Some(&row.name)),
                owner: owners.of(estate, id).map(|one| OwnerRow {
                    name: one.name,
                    read_from: one.read_from,
                }),
                entry: entries.contains(&id),
                prize: prizes.contains(&id),
                layer: row.layer,
                scope: row.scope,
                kind: row.kind,
                name: row.name,
            }
        })
        .collect()
}

/// A gap, with the names that its ids stand for.
#[must_use]
pub fn gap_row(opened: &Opened, gap: Gap) -> GapRow {
    GapRow {
        layer: gap.layer.to_string(),
        scope: gap
            .scope
            .and_then(|id| Some(opened.scopes().get(id.index())?.name.to_string())),
        target: gap.target,
        facet: gap.facet,
        reason: gap.reason,
        hides: gap.hides,
        closes: gap.closes,
        place: gap.place.map(|place| opened.library().show(place)),
        rules: gap.rules.iter().map(|rule| rule.to_string()).collect(),
    }
}

/// What was read: each scope with its documents, and how many act in it.
#[must_use]
pub fn scope_rows(opened: &Opened, mapped: &Mapped) -> Vec<ScopeRow> {
    let estate = &*mapped.estate;
    let mut identities: BTreeMap<ScopeId, usize> = BTreeMap::new();
    for node in estate.ids().filter(|id| acts(estate, *id)) {
        if let Some(node) = estate.node(node) {
            *identities.entry(node.scope).or_default() += 1;
        }
    }
    let scopes = opened.scopes().iter().zip((0u32..).map(ScopeId));
    scopes
        .map(|(scope, id)| ScopeRow {
            layer: scope.layer.to_string(),
            name: scope.name.to_string(),
            title: scope.title.to_string(),
            environment: scope.environment.as_ref().map(|one| one.to_string()),
            documents: opened.documents_of(id),
            kinds: opened.kinds(id),
            identities: identities.get(&id).copied().unwrap_or(0),
        })
        .collect()
}

/// Whether a node is somebody that acts: a row of the identities table.
fn acts(estate: &Estate, id: NodeId) -> bool {
    estate.kind(id).is_some_and(|kind| kind.class.acts())
        && estate.node(id).is_some_and(|node| !node.selector)
}

fn summary(
    opened: &Opened,
    estate: &Estate,
    findings: &[JudgedFinding],
    identities: &[IdentityRow],
    policy: &Policy,
    as_of: Time,
    looked: (usize, usize),
) -> Summary {
    let mut summary = Summary {
        documents: opened.library().documents().len(),
        ..Summary::default()
    };
    summary.bytes = opened.library().bytes();
    let open = || findings.iter().filter(|one| one.status == Status::Open);
    for finding in open() {
        *summary.open.entry(finding.severity).or_default() += 1;
        *summary
            .owners
            .entry(
                finding
                    .owner
                    .as_ref()
                    .map_or(String::new(), |one| one.name.clone()),
            )
            .or_default() += 1;
    }
    for rung in identities.iter().filter_map(|one| one.rung) {
        *summary.rungs.entry(rung).or_default() += 1;
    }
    for bond in &estate.bonds {
        *summary.credentials.entry(bond.verdict.as_str()).or_default() += 1;
    }
    for verdict in [Verdict::Works, Verdict::Dormant, Verdict::Broken] {
        summary.credentials.entry(verdict.as_str()).or_default();
    }
    #[expect(clippy::cast_precision_loss, reason = "a share in percent")]
    let coverage = if looked.1 == 0 {
        0.0
    } else {
        100.0 * looked.0 as f64 / looked.1 as f64
    };
    let stopped = policy.gate.fail_on.map(|(least, only_new)| {
        open()
            .filter(|one| one.severity >= least && (!only_new || one.since != Some(Since::Unchanged)))
            .count()
    });
    summary.outcome = Outcome {
        gate_passed: stopped.map(|count| count == 0),
        gate_findings: stopped.unwrap_or(0),
        coverage,
        coverage_met: policy.gate.require_coverage.map(|least| coverage >= least),
        nothing_from: Vec::new(),
        oldest_document_days: opened.oldest().map(|made| as_of.days_since(made)),
    };
    summary
}
