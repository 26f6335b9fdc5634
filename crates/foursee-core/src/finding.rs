//! What a rule says. A finding is one cause, and cannot be built without evidence.

use crate::document::Place;
use crate::graph::Path;
use crate::model::{Certainty, Rung, ScopeId, Severity};
use std::sync::Arc;

/// What is fixed about a rule: declared by [`rule!`](crate::rule), printed by `foursee explain`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Meta {
    /// Kebab-case, starts with the layer, names the bad pattern: "kubernetes-wildcard-verbs". Never renumbered.
    pub id: &'static str,
    /// Names it had before.
    pub aliases: &'static [&'static str],
    /// How bad it usually is; a finding may say otherwise.
    pub severity: Severity,
    /// The kinds of documents without which it cannot look; where one is missing, it is "not assessed".
    pub needs: &'static [&'static str],
    /// Further kinds of documents that it looks at where they are there; where one is missing, a gap says that it
    /// could not look at that one. A rule that needs none must have one of these, or it is "not assessed".
    pub reads: &'static [&'static str],
    /// Rules that look over the graph, and are silent about a cause of a scope that this one reports there.
    pub instead: &'static [&'static str],
    /// Its page: the doc comment, in Markdown.
    pub page: &'static str,
}

impl Meta {
    /// The page's first line.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.page
            .trim_start()
            .lines()
            .next()
            .unwrap_or_default()
            .trim_end()
    }

    /// The page as Markdown: the doc comment without the blank that each of its lines begins with.
    #[must_use]
    pub fn markdown(&self) -> String {
        self.page
            .lines()
            .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
            .collect()
    }

    /// The layer: the id up to its first dash.
    #[must_use]
    pub fn layer(&self) -> &'static str {
        self.id.split_once('-').map_or(self.id, |(layer, _)| layer)
    }

    /// The text of the page's section of that name ("Fix"), as one paragraph, without its heading.
    #[must_use]
    pub fn section(&self, name: &str) -> String {
        let mut lines = self
            .page
            .lines()
            .map(str::trim)
            .skip_while(|line| line.strip_prefix("## ") != Some(name))
            .skip(1);
        let own: Vec<&str> = lines
            .by_ref()
            .take_while(|line| !line.starts_with("## "))
            .filter(|line| !line.is_empty())
            .collect();
        own.join(" ")
    }
}

/// Declares a rule: a unit struct whose doc comment is its page, and its [`Meta`] as `NAME::META`.
///
/// ```
/// foursee_core::rule! {
///     /// A role grants every verb.
///     ///
///     /// ## Why
///     /// Whoever holds it may do anything there.
///     ///
///     /// ## Fix
///     /// List the verbs.
///     pub WildcardVerbs: "example-wildcard-verbs", High, needs ["roles"]
/// }
/// assert_eq!(WildcardVerbs::META.title(), "A role grants every verb.");
/// assert_eq!(WildcardVerbs::META.section("Fix"), "List the verbs.");
/// ```
#[macro_export]
macro_rules! rule {
    ($(#[doc = $page:expr])* $see:vis $name:ident: $id:literal, $severity:ident, needs [$($needs:literal),* $(,)?] $(, reads [$($reads:literal),* $(,)?])? $(, was [$($alias:literal),*])? $(, instead of [$($instead:literal),*])?) => {
        $(#[doc = $page])*
        #[derive(Clone, Copy, Debug)]
        $see struct $name;

        impl $name {
            /// What is fixed about this rule.
            pub const META: $crate::finding::Meta = $crate::finding::Meta {
                id: $id,
                aliases: &[$($($alias),*)?],
                severity: $crate::model::Severity::$severity,
                needs: &[$($needs),*],
                reads: &[$($($reads),*)?],
                instead: &[$($($instead),*)?],
                page: concat!($($page, "\n"),*),
            };
        }
    };
}

/// Something that a finding names: an identity that is affected, a resource.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Named {
    /// Its kind, in the platform's word.
    pub kind: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
}

/// One place that a finding rests on, with the fields that the rule quotes from it. Never raw text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Evidence {
    /// Where.
    pub place: Place,
    /// What stands there, in a few words: `verbs: [*]`.
    pub says: String,
}

/// One cause under one rule, before judgement: the statement, rule entry, grant or setting to change once.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Meta,
    /// The scope; filled in by core for a layer's rule.
    pub scope: Option<ScopeId>,
    /// How bad.
    pub severity: Severity,
    /// How sure, from which its confidence is derived.
    pub certainty: Certainty,
    /// The thing to change once, named so that it stays the same while it is there: no line numbers, no counts.
    pub cause: String,
    /// One sentence.
    pub title: String,
    /// Who is affected.
    pub identities: Vec<Named>,
    /// What it is over.
    pub resource: Option<Named>,
    /// Where the cause stands.
    pub rung: Option<Rung>,
    /// The tightest that the platform could express.
    pub attainable: Option<Rung>,
    /// Whether it is about how wide the grant is, so that a target may ask for no more. What lets everybody in, or
    /// leaks a secret, is wrong on every rung.
    pub about_width: bool,
    /// What it rests on; never empty.
    pub evidence: Vec<Evidence>,
    /// What to do.
    pub fix: String,
    /// The way that it is about, if it is about one.
    pub path: Option<Path>,
}

impl Finding {
    /// A finding: the rule, the cause, and the evidence for it. Severity and fix are the rule's unless said otherwise.
    #[must_use]
    pub fn new(rule: &'static Meta, cause: impl Into<String>, place: Place, says: impl Into<String>) -> Self {
        let cause = cause.into();
        Self {
            rule,
            scope: None,
            severity: rule.severity,
            certainty: Certainty::Certain,
            title: format!("{}: {cause}", rule.title().trim_end_matches('.')),
            cause,
            identities: Vec::new(),
            resource: None,
            rung: None,
            attainable: None,
            about_width: false,
            evidence: vec![Evidence {
                place,
                says: says.into(),
            }],
            fix: rule.section("Fix"),
            path: None,
        }
    }

    /// One sentence that says what is wrong here.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// How bad it is here.
    #[must_use]
    pub const fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// How sure it is here.
    #[must_use]
    pub const fn certainty(mut self, certainty: Certainty) -> Self {
        self.certainty = certainty;
        self
    }

    /// Somebody who is affected.
    #[must_use]
    pub fn identity(mut self, kind: &str, name: &str) -> Self {
        self.identities.push(Named {
            kind: kind.into(),
            name: name.into(),
        });
        self
    }

    /// What it is over.
    #[must_use]
    pub fn resource(mut self, kind: &str, name: &str) -> Self {
        self.resource = Some(Named {
            kind: kind.into(),
            name: name.into(),
        });
        self
    }

    /// It is about how wide a grant is: where that stands, and the tightest that the platform could express. At or
    /// below the rung that was asked for, it is at target.
    #[must_use]
    pub const fn rung(self, rung: Rung, attainable: Rung) -> Self {
        let mut finding = self.on_rung(rung, attainable);
        finding.about_width = true;
        finding
    }

    /// The grant that it is about stands there, but what is wrong with it is not its width: no target excuses it.
    #[must_use]
    pub const fn on_rung(mut self, rung: Rung, attainable: Rung) -> Self {
        self.rung = Some(rung);
        self.attainable = Some(attainable);
        self
    }

    /// A further place that it rests on.
    #[must_use]
    pub fn evidence(mut self, place: Place, says: impl Into<String>) -> Self {
        self.evidence.push(Evidence {
            place,
            says: says.into(),
        });
        self
    }

    /// What to do here.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }

    /// The way that it is about.
    #[must_use]
    pub fn path(mut self, path: Path) -> Self {
        self.path = Some(path);
        self
    }
}

/// Where a rule puts its findings.
#[derive(Default, Debug)]
pub struct Findings {
    pub(crate) all: Vec<Finding>,
}

impl Findings {
    /// One more.
    pub fn push(&mut self, finding: Finding) {
        self.all.push(finding);
    }

    /// What there is so far.
    #[must_use]
    pub fn as_slice(&self) -> &[Finding] {
        &self.all
    }
}
