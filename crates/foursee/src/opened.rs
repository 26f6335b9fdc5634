//! Documents, read and parsed once: the report, and every question, are of the same facts.

use crate::Progress;
use foursee_core::audit::{self, Answer, Mapped, NotOne, Options, Stage};
use foursee_core::judge::Policy;
use foursee_core::layer::QuestionError;
use foursee_core::model::Foothold;
use foursee_core::registry::Registry;
use foursee_core::report::{GapRow, PathRow, Report, ScopeRow};
use std::sync::OnceLock;

/// Documents, read into facts, with each layer's exact authorizer. Made by [`Audit::open`](crate::Audit::open).
///
/// Everything that it gives stands on these facts. They are lowered into the graph once, when that is first needed; a
/// report shares the graph and the texts with it.
pub struct Opened {
    facts: audit::Opened,
    mapped: OnceLock<Mapped>,
    registry: Registry,
    policy: Policy,
    options: Options,
    nothing_from: Vec<String>,
}

impl Opened {
    pub(crate) fn new(
        facts: audit::Opened,
        registry: Registry,
        policy: Policy,
        options: Options,
        nothing_from: Vec<String>,
    ) -> Self {
        Self {
            facts,
            mapped: OnceLock::new(),
            registry,
            policy,
            options,
            nothing_from,
        }
    }

    /// The scopes, their facts, and what could not be read.
    #[must_use]
    pub fn facts(&self) -> &audit::Opened {
        &self.facts
    }

    /// What was read: one account, cluster, engine, database cluster or broker cluster each.
    #[must_use]
    pub fn scopes(&self) -> Vec<ScopeRow> {
        audit::scope_rows(&self.facts, self.mapped())
    }

    /// What could not be read. A report has more: what its rules could not assess for want of documents.
    #[must_use]
    pub fn gaps(&self) -> Vec<GapRow> {
        let gaps = self.facts.gaps().iter().cloned();
        gaps.map(|gap| audit::gap_row(&self.facts, gap)).collect()
    }

    /// The layers and rules.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What this organisation chose.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What the audit was asked to do: its "now", baseline, layers.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Who can do what and become whom: the graph.
    #[must_use]
    pub fn mapped(&self) -> &Mapped {
        self.mapped_with(&mut |_| {})
    }

    /// The graph, and what is done where it is not made yet.
    pub fn mapped_with(&self, progress: &mut dyn FnMut(Progress)) -> &Mapped {
        let stage = &mut |stage: Stage| progress(Progress::Stage(stage));
        self.mapped
            .get_or_init(|| Mapped::new(&self.facts, &self.policy, stage))
    }

    /// What the audit finds.
    #[must_use]
    pub fn report(&self) -> Report {
        self.report_with(&mut |_| {})
    }

    /// What the audit finds; says what it is doing.
    pub fn report_with(&self, progress: &mut dyn FnMut(Progress)) -> Report {
        self.report_as(&self.options, progress)
    }

    /// What the audit finds under other options: another "now", another baseline.
    pub fn report_as(&self, options: &Options, progress: &mut dyn FnMut(Progress)) -> Report {
        let mapped = self.mapped_with(progress);
        let stage = &mut |stage: Stage| progress(Progress::Stage(stage));
        let mut report = audit::report(&self.facts, mapped, &self.registry, &self.policy, options, stage);
        report.summary.outcome.nothing_from.clone_from(&self.nothing_from);
        report
    }

    /// Answers one question in a platform's own words: JSON text in, JSON text appended. Without `scope`, of the
    /// layer's only one; a layer without documents answers over an empty scope.
    ///
    /// # Errors
    /// When there is no such layer, several scopes could be meant, or the question is not one of the layer's.
    pub fn decide(
        &self,
        layer: &str,
        scope: Option<&str>,
        question: &str,
        answer: &mut Vec<u8>,
    ) -> Result<(), QuestionError> {
        self.facts.decide(&self.registry, layer, scope, question, answer)
    }

    /// Who can do an action to a resource, in the platform's own words: "NAME", or "KIND:NAME". Each answer is
    /// confirmed by its layer's authorizer.
    #[must_use]
    pub fn who_can(&self, action: &str, resource: &str) -> Vec<Answer> {
        audit::who_can(&self.facts, self.mapped(), action, resource)
    }

    /// What an identity can do by its own and its groups' privileges, widest first. It is named as [`audit::find`]
    /// reads names.
    ///
    /// # Errors
    /// When none or several could be meant.
    pub fn can(&self, identity: &str) -> Result<Vec<Answer>, NotOne> {
        let mapped = self.mapped();
        let who = audit::find(&mapped.estate, identity)?;
        Ok(audit::can(&self.facts, mapped, who))
    }

    /// The best way from one to another; without `to`, to each thing that somebody would want. `foothold` is where in
    /// `from` somebody stands: in a workload it runs, elsewhere it acts, unless said otherwise.
    ///
    /// # Errors
    /// When none or several could be meant by a name.
    pub fn ways(
        &self,
        from: &str,
        to: Option<&str>,
        foothold: Option<Foothold>,
    ) -> Result<Vec<PathRow>, NotOne> {
        let mapped = self.mapped();
        let from = audit::find(&mapped.estate, from)?;
        let to = to.map(|to| audit::find(&mapped.estate, to)).transpose()?;
        Ok(audit::ways(&self.facts, mapped, from, foothold, to))
    }
}
