//! Workloads as people name them: all pods of a Deployment are one, and so are its ReplicaSets.

use crate::facts::{Facts, Workload};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One workload: a controller and its pods, or a pod that nothing controls.
#[derive(Debug)]
pub(crate) struct Group {
    /// The namespace.
    pub namespace: String,
    /// Its name in reports: `namespace/name`, with the kind behind it where two kinds share the name.
    pub name: String,
    /// The controller's kind.
    pub kind: String,
    /// Rows of the facts' table that say what it is: its live pods, else its controller, else what there is.
    pub says: Vec<usize>,
    /// The row to change, where it was read: the controller's, else the pod's.
    pub root: Option<usize>,
    /// The kinds of objects that belong to it.
    pub kinds: BTreeSet<&'static str>,
    /// Nodes that its pods run on.
    pub nodes: Vec<String>,
}

/// All workloads, and to which of them each row of the facts' table and each pod's name belongs.
#[derive(Default)]
pub(crate) struct Groups {
    pub all: Vec<Group>,
    by_name: HashMap<String, usize>,
    /// (kind, namespace/name) of rows.
    rows: HashMap<(&'static str, String), usize>,
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

impl Groups {
    /// Groups the facts' workloads. Tables are sorted and without doubles.
    pub(crate) fn new(facts: &Facts) -> Self {
        let mut row_of: HashMap<(&str, &str, &str), usize> = HashMap::new();
        for (at, one) in facts.workloads.iter().enumerate() {
            row_of.insert((one.kind, &one.meta.namespace, &one.meta.name), at);
        }
        // (namespace, controller's name, rank, kind) -> rows
        let mut groups: BTreeMap<(String, String, usize, String), Vec<usize>> = BTreeMap::new();
        for (at, one) in facts.workloads.iter().enumerate() {
            let (kind, name) = root(facts, &row_of, one);
            let key = (one.meta.namespace.to_string(), name, rank(&kind), kind);
            groups.entry(key).or_default().push(at);
        }
        let mut found = Self::default();
        let mut last: Option<(String, String)> = None;
        for ((namespace, own, _, kind), rows) in groups {
            let shared = last.as_ref() == Some(&(namespace.clone(), own.clone()));
            last = Some((namespace.clone(), own.clone()));
            let name = if shared {
                format!("{namespace}/{own}.{}", kind.to_lowercase())
            } else {
                format!("{namespace}/{own}")
            };
            let of_kind = |kind: &str| -> Vec<usize> {
                rows.iter()
                    .copied()
                    .filter(|at| facts.workloads.get(*at).is_some_and(|one| one.kind == kind))
                    .collect()
            };
            let pods = of_kind("Pod");
            let controller = of_kind(&kind);
            let root = controller.first().or_else(|| rows.first()).copied();
            let says = match (pods.is_empty(), controller.is_empty()) {
                (false, _) => pods.clone(),
                (true, false) => controller,
                (true, true) => rows.clone(),
            };
            let mut nodes: Vec<String> = pods
                .iter()
                .filter_map(|at| facts.workloads.get(*at)?.pod.node.as_deref())
                .map(str::to_owned)
                .collect();
            nodes.sort();
            nodes.dedup();
            let kinds = rows
                .iter()
                .filter_map(|at| facts.workloads.get(*at))
                .map(|one| one.kind)
                .collect();
            let number = found.all.len();
            for at in &rows {
                if let Some(one) = facts.workloads.get(*at) {
                    found.rows.insert((one.kind, one.meta.full_name()), number);
                }
            }
            found.by_name.insert(name.clone(), number);
            found.all.push(Group {
                namespace,
                name,
                kind,
                says,
                root,
                kinds,
                nodes,
            });
        }
        found
    }

    /// A workload by its name in reports.
    pub(crate) fn named(&self, name: &str) -> Option<&Group> {
        self.all.get(*self.by_name.get(name)?)
    }

    /// The workload that an object of that kind belongs to.
    pub(crate) fn of_object(&self, kind: &'static str, full_name: &str) -> Option<&Group> {
        self.all.get(*self.rows.get(&(kind, full_name.to_owned()))?)
    }
}

/// The controller at the top: its kind and name.
fn root(facts: &Facts, row_of: &HashMap<(&str, &str, &str), usize>, one: &Workload) -> (String, String) {
    let own = || (one.kind.to_owned(), one.meta.name.to_string());
    let Some((kind, name)) = &one.owner else {
        return own();
    };
    let (kind, name) = (&**kind, &**name);
    // A mirror of a static pod is owned by its node.
    if kind == "Node" {
        return own();
    }
    if let Some(above) = row_of
        .get(&(kind, &*one.meta.namespace, name))
        .and_then(|at| facts.workloads.get(*at))
    {
        // Two steps at most: pod, ReplicaSet, Deployment; pod, Job, CronJob.
        return match &above.owner {
            Some((kind, name)) => (kind.to_string(), name.to_string()),
            None => (above.kind.to_owned(), above.meta.name.to_string()),
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
                Some(deployment) => ("Deployment".to_owned(), deployment.to_owned()),
                None => (kind.to_owned(), name.to_owned()),
            }
        }
        "Job" => match name.rsplit_once('-') {
            Some((cron, time)) if time.len() >= 8 && time.bytes().all(|byte| byte.is_ascii_digit()) => {
                ("CronJob".to_owned(), cron.to_owned())
            }
            _ => (kind.to_owned(), name.to_owned()),
        },
        _ => (kind.to_owned(), name.to_owned()),
    }
}

impl Group {
    /// The rows that say what it is.
    pub(crate) fn rows<'f>(&'f self, facts: &'f Facts) -> impl Iterator<Item = &'f Workload> {
        self.says.iter().filter_map(|at| facts.workloads.get(*at))
    }

    /// The row to change.
    pub(crate) fn root_row<'f>(&self, facts: &'f Facts) -> Option<&'f Workload> {
        facts.workloads.get(self.root?)
    }

    /// `namespace/name` of its ServiceAccount.
    pub(crate) fn account(&self, facts: &Facts) -> String {
        let account = self.rows(facts).next().map_or("default", |one| &one.pod.account);
        format!("{}/{account}", self.namespace)
    }
}
