//! Workloads at a level of Pod Security.

use crate::admission::{Judge, fields};
use crate::authorize::pod_security::{Failing, Level};
use crate::facts::{Facts, Workload};
use crate::workloads::Group;
use foursee_core::finding::{Finding, Meta};

/// A workload that fails the level that it was asked at.
pub(in crate::rules) struct Fails<'f> {
    pub group: &'f Group,
    /// The row that it is known by: its controller's, where that was read.
    pub root: &'f Workload,
    pub failing: Vec<Failing>,
}

/// The workloads that fail a level as of a version, which is said for each; none is not asked.
pub(in crate::rules) fn failing<'f>(
    facts: &'f Facts,
    asked: impl Fn(&Group) -> Option<(Level, u32)>,
) -> Vec<Fails<'f>> {
    let mut judge = Judge::new(facts);
    let all = facts.groups.all.iter().filter_map(|group| {
        let (level, minor) = asked(group)?;
        let root = group.root_row(facts)?;
        let failing = judge.group(group, level, minor);
        (!failing.is_empty()).then_some(Fails { group, root, failing })
    });
    all.collect()
}

impl Fails<'_> {
    /// A finding about it: what it fails, with the fields.
    pub(in crate::rules) fn finding(&self, meta: &'static Meta, fails: &str) -> Finding {
        let name = &self.group.name;
        let (cause, place) = (format!("pod {name}"), self.root.pod.place);
        Finding::new(meta, cause, place, fields(&self.failing))
            .title(format!("{} {name} fails {fails}", self.root.kind.to_lowercase()))
            .identity("pod", name)
    }
}
