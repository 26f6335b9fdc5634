//! The way of the data, as one function that reads like the design: parse, lower, link, analyse, check, judge.

mod actions;
mod assign;
mod check;
mod confirm;
mod documents;
mod judge;
mod library;
mod members;
mod open;
mod paths;
mod questions;
mod spectrum;

pub use documents::{Documents, Input, NotJson};
pub use judge::{gap_row, scope_rows};
pub use library::Library;
pub use open::{Opened, open};
pub use paths::{node_row, path_row, ways};
pub use questions::{Answer, NotOne, can, find, usual_foothold, who_can};

use crate::estate::Estate;
use crate::graph::Graph;
use crate::judge::{Baseline, Policy};
use crate::model::Time;
use crate::registry::Registry;
use crate::report::Report;
use actions::Actions;
use members::Members;
use std::sync::{Arc, OnceLock};

/// What an audit is asked to do beside its documents.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Options {
    /// Now.
    pub as_of: Time,
    /// An earlier report to compare with.
    pub baseline: Option<Baseline>,
    /// How many threads may work; 0 and 1 are one.
    pub threads: usize,
    /// Only findings and gaps of these layers are reported; empty: of all. Everything is read: ways cross layers.
    pub layers: Vec<String>,
}

/// What has been done, for whoever waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Documents are read into facts.
    Parse,
    /// Facts become statements.
    Lower,
    /// Credentials are joined.
    Link,
    /// The graph is searched.
    Analyse,
    /// Rules look.
    Check,
    /// Findings are judged.
    Judge,
}

/// Documents in, report out. Pure: equal documents, policy and options give an equal report.
pub fn audit(
    documents: Documents,
    registry: &Registry,
    policy: &Policy,
    options: &Options,
    progress: &mut dyn FnMut(Stage),
) -> Report {
    progress(Stage::Parse);
    let opened = open(documents, registry, policy, options.threads);
    let mapped = Mapped::new(&opened, policy, progress);
    report(&opened, &mapped, registry, policy, options, progress)
}

/// What an audit finds in documents that are opened and lowered already: they stay for questions, and nothing is read
/// or parsed twice.
pub fn report(
    opened: &Opened,
    mapped: &Mapped,
    registry: &Registry,
    policy: &Policy,
    options: &Options,
    progress: &mut dyn FnMut(Stage),
) -> Report {
    progress(Stage::Check);
    let checked = check::check(opened, mapped, registry, options.as_of);
    progress(Stage::Judge);
    judge::judge(opened, mapped, checked, registry, policy, options)
}

/// An opened set of documents, lowered and linked: who can do what, become whom.
pub struct Mapped {
    /// Everything that was lowered, finished.
    pub estate: Arc<Estate>,
    /// The same, to be searched.
    pub graph: Arc<Graph>,
    /// Who has what groups hold; gathered by the first who asks.
    members: OnceLock<Members>,
    /// The privileges by action; gathered by the first who asks.
    actions: OnceLock<Actions>,
}

impl Mapped {
    /// Lowers, links and finishes.
    #[must_use]
    pub fn new(opened: &Opened, policy: &Policy, progress: &mut dyn FnMut(Stage)) -> Self {
        progress(Stage::Lower);
        let mut estate = Estate::new(opened.scopes().to_vec());
        for loaded in opened.loaded() {
            loaded.lower(&mut estate);
        }
        progress(Stage::Link);
        mark(&mut estate, policy);
        crate::link::link(&mut estate);
        estate.finish();
        progress(Stage::Analyse);
        let graph = Graph::new(&estate);
        Self {
            estate: Arc::new(estate),
            graph: Arc::new(graph),
            members: OnceLock::new(),
            actions: OnceLock::new(),
        }
    }

    fn members(&self) -> &Members {
        self.members.get_or_init(|| Members::new(&self.estate))
    }

    fn actions(&self) -> &Actions {
        self.actions.get_or_init(|| Actions::new(&self.estate))
    }
}

/// Marks what the policy says somebody would want.
fn mark(estate: &mut Estate, policy: &Policy) {
    use crate::document::Place;
    use crate::estate::Mark;
    use crate::model::{Class, ConditionId, Foothold, glob};
    let mut marks = Vec::new();
    for tag in &estate.tags {
        let wanted = policy
            .prize_tags
            .iter()
            .any(|(key, value)| key.eq_ignore_ascii_case(&tag.key) && glob(value, &tag.value));
        if wanted {
            let why = format!("tagged {}={}", tag.key, tag.value);
            marks.push(Mark {
                node: tag.node,
                condition: ConditionId(0),
                foothold: Foothold::Acts,
                why,
                place: tag.place,
            });
        }
    }
    for id in estate.ids() {
        let Some(node) = estate.node(id).filter(|node| !node.selector) else {
            continue;
        };
        let wanted = policy
            .prize_names
            .iter()
            .find(|pattern| glob(pattern, &node.name));
        if let (Some(pattern), Some(kind)) = (wanted, estate.kind(id))
            && !matches!(kind.class, Class::Grant | Class::Credential)
        {
            let why = format!("named by the configuration: {pattern}");
            let place = Place {
                doc: crate::model::DocId(u32::MAX),
                at: 0,
            };
            marks.push(Mark {
                node: id,
                condition: ConditionId(0),
                foothold: Foothold::Acts,
                why,
                place,
            });
        }
    }
    estate.prizes.extend(marks);
}
