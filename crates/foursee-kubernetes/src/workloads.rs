//! Workloads as people name them: all pods of a Deployment are one, and so are its ReplicaSets.

use crate::facts::{Facts, Workload};
use hashbrown::{DefaultHashBuilder, HashTable};
use std::borrow::Cow;
use std::hash::BuildHasher;
use std::sync::Arc;

/// One workload: a controller and its pods, or a pod that nothing controls.
#[derive(Debug)]
pub(crate) struct Group {
    /// The namespace.
    pub namespace: Arc<str>,
    /// Its name in reports: `namespace/name`, with the kind behind it where two kinds share the name.
    pub name: Box<str>,
    /// The controller's kind.
    pub kind: Cow<'static, str>,
    /// Rows of the facts' table that say what it is: its live pods, else its controller, else what there is.
    says: Box<[u32]>,
    /// The row to change, where it was read: the controller's, else the pod's.
    root: u32,
    /// The kinds of objects that belong to it.
    pub kinds: Vec<&'static str>,
    /// Nodes that its pods run on.
    pub nodes: Vec<Arc<str>>,
}

/// All workloads, and to which of them each row of the facts' table and each name in reports belongs.
#[derive(Default)]
pub(crate) struct Groups {
    pub all: Vec<Group>,
    by_name: HashTable<u32>,
    hasher: DefaultHashBuilder,
    of_row: Vec<u32>,
}

/// The order in which kinds take the plain name.
const KINDS: &[&str] = &[
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "CronJob",
    "Job",
    "ReplicaSet",
    "ReplicationController",
    "Pod",
];

fn rank(kind: &str) -> usize {
    KINDS.iter().position(|one| *one == kind).unwrap_or(KINDS.len())
}

/// Which workload a row belongs to: in the order of their names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Home<'f> {
    namespace: &'f str,
    name: &'f str,
    rank: usize,
    kind: &'f str,
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Groups {
    /// Groups the facts' workloads. Tables are sorted and without doubles.
    pub(crate) fn new(facts: &Facts) -> Self {
        let mut above = Above::default();
        let mut homes: Vec<(Home<'_>, u32)> = facts
            .workloads
            .iter()
            .zip(0..)
            .map(|(one, at)| {
                let (kind, name) = root(facts, &mut above, one);
                let home = Home {
                    namespace: &one.meta.namespace,
                    name,
                    rank: rank(kind),
                    kind,
                };
                (home, at)
            })
            .collect();
        homes.sort_unstable();
        let mut found = Self {
            of_row: vec![0; homes.len()],
            ..Self::default()
        };
        let mut last: Option<(&str, &str)> = None;
        for rows in homes.chunk_by(|(one, _), (next, _)| one == next) {
            let Some((home, first)) = rows.first() else {
                continue;
            };
            let shared = last.replace((home.namespace, home.name)) == Some((home.namespace, home.name));
            let name = if shared {
                format!("{}/{}.{}", home.namespace, home.name, home.kind.to_lowercase())
            } else {
                format!("{}/{}", home.namespace, home.name)
            };
            let all = || {
                rows.iter()
                    .filter_map(|(_, at)| Some((*at, facts.workloads.get(*at as usize)?)))
            };
            let of_kind = |kind: &str| -> Box<[u32]> {
                all()
                    .filter(|(_, one)| one.kind == kind)
                    .map(|(at, _)| at)
                    .collect()
            };
            let (pods, controller) = (of_kind("Pod"), of_kind(home.kind));
            let mut nodes: Vec<Arc<str>> = all()
                .filter(|(_, one)| one.kind == "Pod")
                .filter_map(|(_, one)| one.pod.node.clone())
                .collect();
            nodes.sort_unstable();
            nodes.dedup();
            nodes.shrink_to_fit();
            let mut kinds: Vec<&'static str> = Vec::new();
            for (_, one) in all() {
                if !kinds.contains(&one.kind) {
                    kinds.push(one.kind);
                }
            }
            let root = *controller.first().unwrap_or(first);
            let says = match (pods.is_empty(), controller.is_empty()) {
                (false, _) => pods,
                (true, false) => controller,
                (true, true) => rows.iter().map(|(_, at)| *at).collect(),
            };
            for (_, at) in rows {
                if let Some(of) = found.of_row.get_mut(*at as usize) {
                    *of = number(found.all.len());
                }
            }
            let namespace = facts.workloads.get(*first as usize);
            let known = KINDS.iter().copied().find(|one| *one == home.kind);
            found.all.push(Group {
                namespace: namespace
                    .map(|one| Arc::clone(&one.meta.namespace))
                    .unwrap_or_default(),
                name: name.into(),
                kind: known.map_or_else(|| Cow::Owned(home.kind.to_owned()), Cow::Borrowed),
                says,
                root,
                kinds,
                nodes,
            });
        }
        let Self {
            all, by_name, hasher, ..
        } = &mut found;
        by_name.reserve(all.len(), |_| 0);
        for (at, group) in all.iter().enumerate() {
            by_name.insert_unique(hasher.hash_one(&group.name), number(at), |at| {
                all.get(*at as usize).map_or(0, |one| hasher.hash_one(&one.name))
            });
        }
        found
    }

    /// A workload by its name in reports.
    pub(crate) fn named(&self, name: &str) -> Option<&Group> {
        let group = |at: &u32| self.all.get(*at as usize);
        let same = |at: &u32| group(at).is_some_and(|one| *one.name == *name);
        self.by_name
            .find(self.hasher.hash_one(name), same)
            .and_then(group)
    }

    /// The workload that an object belongs to.
    pub(crate) fn of_object(&self, facts: &Facts, kind: &str, namespace: &str, name: &str) -> Option<&Group> {
        let row = row(facts, kind, namespace, name)?;
        self.all.get(*self.of_row.get(row)? as usize)
    }
}

/// The row of an object: the table is sorted by kind, namespace and name.
fn row(facts: &Facts, kind: &str, namespace: &str, name: &str) -> Option<usize> {
    let wanted = (kind, namespace, name);
    facts
        .workloads
        .binary_search_by(|one| (one.kind, &*one.meta.namespace, &*one.meta.name).cmp(&wanted))
        .ok()
}

/// The owner that was looked for last: the pods of one stand side by side.
#[derive(Default)]
struct Above<'f> {
    owner: (&'f str, &'f str, &'f str),
    row: Option<&'f Workload>,
}

impl<'f> Above<'f> {
    fn find(&mut self, facts: &'f Facts, owner: (&'f str, &'f str, &'f str)) -> Option<&'f Workload> {
        if self.owner != owner {
            let (kind, namespace, name) = owner;
            let row = row(facts, kind, namespace, name).and_then(|at| facts.workloads.get(at));
            *self = Self { owner, row };
        }
        self.row
    }
}

/// The controller at the top: its kind and name.
fn root<'f>(facts: &'f Facts, above: &mut Above<'f>, one: &'f Workload) -> (&'f str, &'f str) {
    let own = (one.kind, &*one.meta.name);
    let Some((kind, name)) = &one.owner else {
        return own;
    };
    let (kind, name) = (&**kind, &**name);
    // A mirror of a static pod is owned by its node.
    if kind == "Node" {
        return own;
    }
    if let Some(above) = above.find(facts, (kind, &one.meta.namespace, name)) {
        // Two steps at most: pod, ReplicaSet, Deployment; pod, Job, CronJob.
        return match &above.owner {
            Some((kind, name)) => (kind, name),
            None => (above.kind, &above.meta.name),
        };
    }
    match kind {
        "ReplicaSet" => {
            let hash = one
                .pod_labels
                .iter()
                .find(|(key, _)| &**key == "pod-template-hash")
                .map(|(_, value)| &**value);
            match hash.and_then(|hash| name.strip_suffix(hash)?.strip_suffix('-')) {
                Some(deployment) => ("Deployment", deployment),
                None => (kind, name),
            }
        }
        "Job" => match name.rsplit_once('-') {
            Some((cron, time)) if time.len() >= 8 && time.bytes().all(|byte| byte.is_ascii_digit()) => {
                ("CronJob", cron)
            }
            _ => (kind, name),
        },
        _ => (kind, name),
    }
}

impl Group {
    /// The rows that say what it is.
    pub(crate) fn rows<'f>(&'f self, facts: &'f Facts) -> impl Iterator<Item = &'f Workload> {
        self.says
            .iter()
            .filter_map(|at| facts.workloads.get(*at as usize))
    }

    /// The row to change.
    pub(crate) fn root_row<'f>(&self, facts: &'f Facts) -> Option<&'f Workload> {
        facts.workloads.get(self.root as usize)
    }

    /// `namespace/name` of its ServiceAccount.
    pub(crate) fn account(&self, facts: &Facts) -> String {
        let account = self.rows(facts).next().map_or("default", |one| &one.pod.account);
        format!("{}/{account}", self.namespace)
    }
}
