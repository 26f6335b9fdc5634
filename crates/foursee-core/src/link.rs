//! Link: where layers meet. Credentials presented are joined with credentials accepted; nothing is joined by name.
//!
//! Each presented credential that somebody accepts becomes a node of its own, between its presenters and its
//! acceptors; an accepted pattern is one edge from the selector of those nodes. `meant_for` never narrows, `towards`
//! does. Half grants (a caller's policy and the resource's) join the same way.

use crate::estate::{Accepted, Audience, Bond, Estate, Presented, Verdict};
use crate::model::{Class, Foothold, Gap, Kind, NodeId, Pattern, Reason, ScopeId, Technique, Verb};
use hashbrown::HashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Has what the other holds, without a step.
pub static MEMBER: Technique = Technique {
    id: "core-member",
    verb: Verb::Become,
    needs: Foothold::Acts,
    gives: Foothold::Acts,
    says: "has what is granted to",
    source: "membership, as the layer's documents state it",
};

/// A credential, between those who present it and those who accept it.
static CREDENTIAL: Kind = Kind::new("credential", Class::Credential);
/// The same, narrowed by what its presenter may call: no accepted pattern means it as such.
static NARROWED: Kind = Kind::new("narrowed credential", Class::Credential);

macro_rules! per_foothold {
    ($name:ident, $id:literal, $says:literal, $needs:expr, $gives:expr) => {
        static $name: Technique = Technique {
            id: $id,
            verb: Verb::Become,
            needs: $needs,
            gives: $gives,
            says: $says,
            source: "the credential's two sides, as the layers state them",
        };
    };
}

per_foothold!(
    PRESENTS_ACTS,
    "core-presents-acts",
    "presents",
    Foothold::Acts,
    Foothold::Holds
);
per_foothold!(
    PRESENTS_HOLDS,
    "core-presents-holds",
    "presents",
    Foothold::Holds,
    Foothold::Holds
);
per_foothold!(
    PRESENTS_RUNS,
    "core-presents-runs",
    "presents",
    Foothold::Runs,
    Foothold::Holds
);
per_foothold!(
    PRESENTS_SPAWNS,
    "core-presents-spawns",
    "could present",
    Foothold::Spawns,
    Foothold::Holds
);
per_foothold!(
    PRESENTS_QUERIES,
    "core-presents-queries",
    "presents",
    Foothold::Queries,
    Foothold::Holds
);
per_foothold!(
    ACCEPTS_ACTS,
    "core-accepts-acts",
    "is accepted by",
    Foothold::Holds,
    Foothold::Acts
);
per_foothold!(
    ACCEPTS_HOLDS,
    "core-accepts-holds",
    "is accepted by",
    Foothold::Holds,
    Foothold::Holds
);
per_foothold!(
    ACCEPTS_RUNS,
    "core-accepts-runs",
    "is accepted by",
    Foothold::Holds,
    Foothold::Runs
);
per_foothold!(
    ACCEPTS_SPAWNS,
    "core-accepts-spawns",
    "is accepted by",
    Foothold::Holds,
    Foothold::Spawns
);
per_foothold!(
    ACCEPTS_QUERIES,
    "core-accepts-queries",
    "is accepted by",
    Foothold::Holds,
    Foothold::Queries
);

const fn presents(at: Foothold) -> &'static Technique {
    match at {
        Foothold::Acts => &PRESENTS_ACTS,
        Foothold::Holds => &PRESENTS_HOLDS,
        Foothold::Runs => &PRESENTS_RUNS,
        Foothold::Spawns => &PRESENTS_SPAWNS,
        Foothold::Queries => &PRESENTS_QUERIES,
    }
}

const fn accepts(gives: Foothold) -> &'static Technique {
    match gives {
        Foothold::Acts => &ACCEPTS_ACTS,
        Foothold::Holds => &ACCEPTS_HOLDS,
        Foothold::Runs => &ACCEPTS_RUNS,
        Foothold::Spawns => &ACCEPTS_SPAWNS,
        Foothold::Queries => &ACCEPTS_QUERIES,
    }
}

/// The scope of what stands between scopes.
pub(crate) const BETWEEN: ScopeId = ScopeId(u32::MAX);

/// A credential node's name, in parts: (kind, realm, audience, subject).
#[must_use]
pub fn credential_parts(name: &str) -> Option<(String, String, String, &str)> {
    let mut parts = name.splitn(4, '|');
    let mut plain = || parts.next().map(unescape);
    let (kind, realm, audience) = (plain()?, plain()?, plain()?);
    // A subject that was narrowed by `towards` carries that behind a unit separator.
    Some((kind, realm, audience, parts.next()?.split('\u{1f}').next()?))
}

/// What a credential counts for alone, by its node's name; none where it counts wherever it is accepted.
#[must_use]
pub fn credential_towards(name: &str) -> Option<&str> {
    name.split_once('\u{1f}')?.1.strip_prefix(['=', '~'])
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '%' | '|' | '*' | '?' => {
                let _ = std::fmt::Write::write_fmt(&mut out, format_args!("%{:02X}", one as u32));
            }
            _ => out.push(one),
        }
    }
    out
}

fn unescape(text: &str) -> String {
    text.replace("%7C", "|")
        .replace("%2A", "*")
        .replace("%3F", "?")
        .replace("%25", "%")
}

fn prefix(kind: &str, realm: &str, audience: &str) -> String {
    format!(
        "{}|{}|{}|",
        escape(kind),
        escape(&realm.to_lowercase()),
        escape(audience)
    )
}

/// The rows of those who present, and of those who accept.
type Sides = (Vec<usize>, Vec<usize>);

/// Joins all credentials of the estate, before it is finished.
pub fn link(estate: &mut Estate) {
    let presented = std::mem::take(&mut estate.presented);
    let accepted = std::mem::take(&mut estate.accepted);
    // By (kind, realm): who gives, who takes.
    let mut groups: HashMap<(Arc<str>, String), Sides> = HashMap::new();
    for (at, one) in presented.iter().enumerate() {
        groups
            .entry((Arc::clone(&one.kind), one.realm.to_lowercase()))
            .or_default()
            .0
            .push(at);
    }
    for (at, one) in accepted.iter().enumerate() {
        groups
            .entry((Arc::clone(&one.kind), one.realm.to_lowercase()))
            .or_default()
            .1
            .push(at);
    }
    let mut met = vec![false; accepted.len()];
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    for (_, (givers, takers)) in groups {
        let givers: Vec<&Presented> = givers.iter().filter_map(|at| presented.get(*at)).collect();
        let takers: Vec<(usize, &Accepted)> = takers
            .iter()
            .filter_map(|at| Some((*at, accepted.get(*at)?)))
            .collect();
        join(estate, &givers, &takers, &mut met);
    }
    for (one, met) in accepted.iter().zip(met) {
        if !met {
            estate.bonds.push(Bond {
                verdict: Verdict::Dormant,
                presenter: None,
                acceptor: Some(one.by),
                kind: Arc::clone(&one.kind),
                realm: Arc::clone(&one.realm),
                subject: one.subject.to_string().into(),
                presented_at: None,
                accepted_at: Some(one.place),
            });
        }
    }
    refuse(estate, &presented, &accepted);
    estate.presented = presented;
    estate.accepted = accepted;
}

/// The audiences that a presented credential can be made out for, among those that the takers ask for.
fn audiences<'a>(one: &'a Presented, takers: &[(usize, &'a Accepted)]) -> BTreeSet<&'a str> {
    match &one.audience {
        Audience::None => BTreeSet::from([""]),
        Audience::Named(all) => all.iter().map(|one| &**one).collect(),
        Audience::Any => {
            let asked: BTreeSet<&str> = takers
                .iter()
                .flat_map(|(_, taker)| taker.audience.iter().map(|one| &**one))
                .collect();
            if asked.is_empty() {
                BTreeSet::from([""])
            } else {
                asked
            }
        }
    }
}

fn audience_fits(taker: &Accepted, audience: &str) -> bool {
    taker.audience.is_empty() || taker.audience.iter().any(|one| **one == *audience)
}

fn fits(giver: &Presented, taker: &Accepted, taker_name: &str) -> bool {
    taker.subject.matches(&giver.subject)
        && giver
            .towards
            .as_ref()
            .is_none_or(|towards| towards.matches(taker_name))
        && match &giver.audience {
            Audience::Any => true,
            Audience::None => taker.audience.is_empty(),
            Audience::Named(all) => all.iter().any(|one| audience_fits(taker, one)),
        }
}

/// Joins one (kind, realm)'s givers and takers.
fn join(estate: &mut Estate, givers: &[&Presented], takers: &[(usize, &Accepted)], met: &mut [bool]) {
    let mut exact: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut patterns: Vec<usize> = Vec::new();
    for (at, (_, taker)) in takers.iter().enumerate() {
        match &taker.subject {
            Pattern::Exact(subject) => exact.entry(subject).or_default().push(at),
            _ => patterns.push(at),
        }
    }
    let core: Arc<str> = "core".into();
    let plain = estate.register_kind(&core, &CREDENTIAL);
    let narrow = estate.register_kind(&core, &NARROWED);
    let mut linked: BTreeSet<(String, usize)> = BTreeSet::new();
    for giver in givers {
        let named = exact.get(&*giver.subject).map(Vec::as_slice).unwrap_or_default();
        for audience in audiences(giver, takers) {
            let fitting: Vec<usize> = named
                .iter()
                .chain(&patterns)
                .copied()
                .filter(|at| {
                    takers.get(*at).is_some_and(|(_, taker)| {
                        audience_fits(taker, audience)
                            && taker.subject.matches(&giver.subject)
                            && giver
                                .towards
                                .as_ref()
                                .is_none_or(|towards| towards.matches(estate.name(taker.by)))
                    })
                })
                .collect();
            if fitting.is_empty() {
                continue;
            }
            let own = prefix(&giver.kind, &giver.realm, audience);
            let narrowed = giver.towards.as_ref().map_or(String::new(), |towards| {
                let sort = if matches!(towards, Pattern::Exact(_)) {
                    '='
                } else {
                    '~'
                };
                format!("\u{1f}{sort}{towards}")
            });
            let name = format!("{own}{}{narrowed}", giver.subject);
            let kind = if giver.towards.is_some() { narrow } else { plain };
            let credential = estate.intern(BETWEEN, kind, false, &name);
            let technique = estate.register_technique("core", presents(giver.at));
            estate
                .push_edge(giver.by, technique, credential, giver.place)
                .certainty = giver.certainty;
            for at in fitting {
                let Some((number, taker)) = takers.get(at).copied() else {
                    continue;
                };
                // One edge an exact subject, or an accepted pattern: from the selector of what it means.
                let (from, key) = match (&taker.subject, giver.towards.is_some()) {
                    (Pattern::Exact(_), _) | (_, true) => (credential, name.clone()),
                    (pattern, false) => {
                        let wide = match pattern {
                            Pattern::Any => Pattern::Prefix(own.as_str().into()),
                            Pattern::Exact(text) | Pattern::Prefix(text) => {
                                Pattern::Prefix(format!("{own}{text}").into())
                            }
                            Pattern::Glob(text) => Pattern::Glob(format!("{own}{text}").into()),
                        };
                        (estate.intern_selector(BETWEEN, plain, &wide, &[]), own.clone())
                    }
                };
                if linked.insert((key, number)) {
                    let technique = estate.register_technique("core", accepts(taker.gives));
                    let edge = estate.push_edge(from, technique, taker.by, taker.place);
                    edge.certainty = taker.certainty;
                    edge.condition = taker.condition;
                }
                // Who could make the credential out is no presenter yet; whoever runs with it is.
                if !matches!(giver.at, Foothold::Spawns | Foothold::Holds) {
                    if let Some(slot) = met.get_mut(number) {
                        *slot = true;
                    }
                    estate.bonds.push(Bond {
                        verdict: Verdict::Works,
                        presenter: Some(giver.by),
                        acceptor: Some(taker.by),
                        kind: Arc::clone(&giver.kind),
                        realm: Arc::clone(&giver.realm),
                        subject: Arc::clone(&giver.subject),
                        presented_at: Some(giver.place),
                        accepted_at: Some(taker.place),
                    });
                }
            }
        }
    }
}

/// What is presented and meant for something that refuses it, or that was not read.
fn refuse(estate: &mut Estate, presented: &[Presented], accepted: &[Accepted]) {
    let mut by_name: HashMap<Arc<str>, NodeId> = HashMap::new();
    for id in estate.ids() {
        let acts = estate
            .kind(id)
            .is_some_and(|kind| matches!(kind.class, Class::Identity | Class::Workload | Class::Resource));
        if let (true, Some(node)) = (acts, estate.node(id))
            && !node.selector
        {
            by_name.entry(Arc::clone(&node.name)).or_insert(id);
        }
    }
    let mut takers: HashMap<NodeId, Vec<&Accepted>> = HashMap::new();
    for one in accepted {
        takers.entry(one.by).or_default().push(one);
    }
    for one in presented {
        let Some(target) = &one.meant_for else { continue };
        match by_name.get(target) {
            Some(node) => {
                let accepted = takers.get(node).is_some_and(|all| {
                    all.iter().any(|taker| {
                        taker.kind == one.kind
                            && taker.realm.eq_ignore_ascii_case(&one.realm)
                            && fits(one, taker, target)
                    })
                });
                if !accepted {
                    estate.bonds.push(Bond {
                        verdict: Verdict::Broken,
                        presenter: Some(one.by),
                        acceptor: Some(*node),
                        kind: Arc::clone(&one.kind),
                        realm: Arc::clone(&one.realm),
                        subject: Arc::clone(&one.subject),
                        presented_at: Some(one.place),
                        accepted_at: None,
                    });
                }
            }
            None => {
                let scope = estate.node(one.by).map(|node| node.scope);
                let mut gap = Gap::new(Reason::NotCaptured, target.to_string())
                    .facet("what it trusts")
                    .hides(format!(
                        "whether {} {} of {} is accepted there",
                        one.kind, one.subject, one.realm
                    ))
                    .closes("the export of the scope that holds it")
                    .at(one.place);
                gap.layer = scope
                    .and_then(|id| Some(estate.scopes.get(id.index())?.layer.clone()))
                    .unwrap_or_default();
                gap.scope = scope;
                estate.gaps.push(gap);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Place;
    use crate::estate::{Lowering, Scope};
    use crate::graph::{Graph, Position};
    use crate::model::{Certainty, ConditionId, DocId};

    static POD: Kind = Kind::new("pod", Class::Workload);
    static ROLE: Kind = Kind::new("role", Class::Identity);
    const HERE: Place = Place { doc: DocId(0), at: 0 };

    struct Case(Estate);

    impl Case {
        fn new() -> Self {
            let scope = |layer: &str, name: &str| Scope {
                layer: layer.into(),
                name: name.into(),
                title: name.into(),
                environment: None,
                endpoints: Vec::new(),
            };
            Self(Estate::new(vec![
                scope("cloud", "account"),
                scope("cluster", "one"),
                scope("cluster", "two"),
            ]))
        }

        fn presents(
            &mut self,
            scope: u32,
            pod: &str,
            at: Foothold,
            realm: &str,
            audience: Audience,
            (meant, towards): (Option<&str>, Option<&str>),
        ) {
            let mut out = Lowering::new(&mut self.0, ScopeId(scope), "cluster");
            let by = out.node(&POD, pod);
            out.present(Presented {
                by,
                at,
                kind: "web-identity".into(),
                realm: realm.into(),
                subject: format!("sa:{pod}").into(),
                audience,
                towards: towards.map(Pattern::from_glob),
                meant_for: meant.map(Into::into),
                certainty: Certainty::Certain,
                place: HERE,
            });
        }

        fn accepts(&mut self, role: &str, realm: &str, subject: &str, audience: &[&str]) {
            let mut out = Lowering::new(&mut self.0, ScopeId(0), "cloud");
            let by = out.node(&ROLE, role);
            out.accept(Accepted {
                by,
                gives: Foothold::Acts,
                kind: "web-identity".into(),
                realm: realm.into(),
                subject: Pattern::from_glob(subject),
                audience: audience.iter().map(|one| (*one).into()).collect(),
                certainty: Certainty::Certain,
                condition: ConditionId(0),
                place: HERE,
            });
        }

        /// What link says: verdicts as (verdict, presenter, acceptor), and who reaches which role.
        fn linked(mut self) -> (Vec<String>, Vec<String>) {
            link(&mut self.0);
            self.0.finish();
            let estate = &self.0;
            let name = |id: Option<NodeId>| id.map_or("-", |id| estate.name(id)).to_owned();
            let verdicts = estate
                .bonds
                .iter()
                .map(|one| {
                    format!(
                        "{} {} {}",
                        one.verdict.as_str(),
                        name(one.presenter),
                        name(one.acceptor)
                    )
                })
                .collect();
            let graph = Graph::new(estate);
            let mut reached = Vec::new();
            for from in estate
                .ids()
                .filter(|id| estate.kind(*id).is_some_and(|kind| &*kind.name == "pod"))
            {
                for foothold in [Foothold::Runs, Foothold::Spawns] {
                    let reach = graph.reach(estate, &[Position { node: from, foothold }], Certainty::Unknown);
                    for to in reach
                        .nodes()
                        .filter(|id| estate.kind(*id).is_some_and(|kind| &*kind.name == "role"))
                    {
                        reached.push(format!(
                            "{} {} {}",
                            estate.name(from),
                            foothold.as_str(),
                            estate.name(to)
                        ));
                    }
                }
            }
            reached.sort();
            (verdicts, reached)
        }
    }

    fn aud(one: &str) -> Audience {
        Audience::Named(vec![one.into()])
    }

    #[test]
    fn what_is_presented_and_accepted_works_for_that_issuer_and_audience_only() {
        let mut case = Case::new();
        case.presents(1, "web", Foothold::Runs, "Issuer-1", aud("sts"), (None, None));
        case.presents(2, "web", Foothold::Runs, "issuer-2", aud("sts"), (None, None));
        case.presents(1, "job", Foothold::Runs, "issuer-1", aud("vault"), (None, None));
        case.accepts("reader", "issuer-1", "sa:web", &["sts"]);
        case.accepts("any-pod", "issuer-1", "sa:*", &["sts"]);
        case.accepts("job-only", "issuer-1", "sa:job", &["sts"]);
        let (verdicts, reached) = case.linked();
        assert_eq!(
            verdicts,
            ["works web any-pod", "works web reader", "dormant - job-only"]
        );
        assert_eq!(reached, ["web runs any-pod", "web runs reader"]);
    }

    #[test]
    fn who_could_make_it_out_gets_in_but_the_trust_stays_dormant() {
        let mut case = Case::new();
        case.presents(1, "importer", Foothold::Spawns, "i", Audience::Any, (None, None));
        case.accepts("legacy", "i", "sa:importer", &["sts"]);
        let (verdicts, reached) = case.linked();
        assert_eq!(verdicts, ["dormant - legacy"]);
        assert_eq!(reached, ["importer spawns legacy"]);
    }

    #[test]
    fn what_it_is_meant_for_never_narrows_and_says_what_is_broken() {
        let mut case = Case::new();
        case.presents(1, "web", Foothold::Runs, "i", aud("sts"), (Some("a"), None));
        case.accepts("a", "i", "sa:other", &["sts"]);
        case.accepts("b", "i", "sa:web", &["sts"]);
        let (verdicts, reached) = case.linked();
        assert_eq!(verdicts, ["works web b", "dormant - a", "broken web a"]);
        assert_eq!(reached, ["web runs b"]);
        let mut case = Case::new();
        case.presents(
            1,
            "web",
            Foothold::Runs,
            "i",
            aud("sts"),
            (Some("not-read"), None),
        );
        link(&mut case.0);
        assert!(case.0.bonds.is_empty());
        assert_eq!(case.0.gaps.len(), 1);
    }

    #[test]
    fn what_its_presenter_may_call_narrows() {
        let mut case = Case::new();
        case.presents(
            1,
            "dev",
            Foothold::Runs,
            "assume",
            Audience::None,
            (None, Some("prod-read*")),
        );
        case.presents(1, "ops", Foothold::Runs, "assume", Audience::None, (None, None));
        case.accepts("prod-reader", "assume", "*", &[]);
        case.accepts("prod-admin", "assume", "*", &[]);
        let (_, reached) = case.linked();
        assert_eq!(
            reached,
            [
                "dev runs prod-reader",
                "ops runs prod-admin",
                "ops runs prod-reader"
            ]
        );
    }

    #[test]
    fn names_that_look_like_patterns_stay_names() {
        let mut case = Case::new();
        case.presents(1, "a|b", Foothold::Runs, "i*", aud("s|t"), (None, None));
        case.presents(1, "b", Foothold::Runs, "ix", aud("s|t"), (None, None));
        case.accepts("r", "i*", "sa:*", &["s|t"]);
        let (verdicts, reached) = case.linked();
        assert_eq!(verdicts, ["works a|b r"]);
        assert_eq!(reached, ["a|b runs r"]);
        assert_eq!(
            credential_parts("k%7C|i%2A|s|sa:a|b").unwrap(),
            ("k|".into(), "i*".into(), "s".into(), "sa:a|b")
        );
    }
}
