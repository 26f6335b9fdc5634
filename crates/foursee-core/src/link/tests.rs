//! What is joined, and what is not.

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
            condition: ConditionId(0),
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

#[test]
fn the_condition_of_the_presenter_is_the_paths() {
    struct Yes;
    impl crate::graph::Confirm for Yes {
        fn holds(&self, _: &Estate, _: &crate::estate::Edge, _: NodeId, _: NodeId) -> crate::layer::Holds {
            crate::layer::Holds::Yes
        }
    }
    let path = |stopped: bool| {
        let mut case = Case::new();
        case.accepts("r", "i", "sa:web", &["sts"]);
        let mut out = Lowering::new(&mut case.0, ScopeId(1), "cluster");
        let by = out.node(&POD, "web");
        let condition = out.condition(if stopped { "it is started" } else { "" });
        out.present(Presented {
            by,
            at: Foothold::Runs,
            kind: "web-identity".into(),
            realm: "i".into(),
            subject: "sa:web".into(),
            audience: aud("sts"),
            towards: None,
            meant_for: None,
            certainty: Certainty::Certain,
            condition,
            place: HERE,
        });
        link(&mut case.0);
        case.0.finish();
        let estate = &case.0;
        let from = estate.find(ScopeId(1), "cluster", "pod", "web").unwrap();
        let to = estate.find(ScopeId(0), "cloud", "role", "r").unwrap();
        let start = Position {
            node: from,
            foothold: Foothold::Runs,
        };
        let path = Graph::new(estate).path(estate, &[start], to, &Yes).unwrap();
        let said: Vec<String> = path
            .hops
            .iter()
            .map(|hop| estate.condition(hop.edge.condition).to_owned())
            .collect();
        (path.certainty, said)
    };
    assert_eq!(
        path(false),
        (Certainty::Certain, vec![String::new(), String::new()])
    );
    assert_eq!(
        path(true),
        (
            Certainty::Conditional,
            vec!["it is started".to_owned(), String::new()]
        )
    );
}
