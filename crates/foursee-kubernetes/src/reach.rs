//! What one rule reaches by each technique: the one table that lowering emits from and `holds` asks again.

use crate::authorize::{Attributes, rule_allows};
use crate::facts::PolicyRule;
use crate::techniques::*;
use foursee_core::model::{Kind, Technique};

/// What a technique asks the API server for, and what it then gets to.
pub(crate) struct Ask {
    /// The technique.
    pub technique: &'static Technique,
    /// Any of these verbs.
    pub verbs: &'static [&'static str],
    /// The API group.
    pub group: &'static str,
    /// The resource.
    pub resource: &'static str,
    /// The subresource.
    pub subresource: &'static str,
    /// What is got to.
    pub over: &'static Kind,
    /// Which of them.
    pub which: Which,
    /// Whether only a ClusterRoleBinding gives it.
    pub cluster: bool,
}

/// Which members are got to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those that the request may name.
    Named,
    /// All of the request's namespace: the request must not be limited to names.
    Namespace,
    /// All of the namespace, though the request is limited to names: changing one object is enough.
    NamespaceByName,
    /// All that there are.
    Everything,
    /// The workloads of that controller's kind that the request may name.
    Workloads(&'static str),
}

/// The kinds whose objects hold a pod template, and pods: (group, resource, kind).
pub(crate) const TEMPLATES: &[(&str, &str, &str)] = &[
    ("", "pods", "Pod"),
    ("apps", "deployments", "Deployment"),
    ("apps", "statefulsets", "StatefulSet"),
    ("apps", "daemonsets", "DaemonSet"),
    ("apps", "replicasets", "ReplicaSet"),
    ("", "replicationcontrollers", "ReplicationController"),
    ("batch", "jobs", "Job"),
    ("batch", "cronjobs", "CronJob"),
];

/// All rows.
pub(crate) fn asks() -> Vec<Ask> {
    const READ: &[&str] = &["get", "list", "watch"];
    const CREATE: &[&str] = &["create"];
    const CHANGE: &[&str] = &["update", "patch"];
    let core = |technique, verbs, resource, subresource, over, which, cluster| Ask {
        technique,
        verbs,
        group: "",
        resource,
        subresource,
        over,
        which,
        cluster,
    };
    let mut all = vec![
        core(&READ_SECRET, READ, "secrets", "", &SECRET, Which::Named, false),
        core(&EXEC, CREATE, "pods", "exec", &POD, Which::Named, false),
        core(&ATTACH, CREATE, "pods", "attach", &POD, Which::Named, false),
        core(
            &EPHEMERAL,
            CHANGE,
            "pods",
            "ephemeralcontainers",
            &POD,
            Which::Named,
            false,
        ),
        core(
            &EPHEMERAL_PRIVILEGED,
            CHANGE,
            "pods",
            "ephemeralcontainers",
            &NODE,
            Which::Everything,
            false,
        ),
        core(
            &REQUEST_TOKEN,
            CREATE,
            "serviceaccounts",
            "token",
            &SERVICEACCOUNT,
            Which::Named,
            false,
        ),
        core(
            &IMPERSONATE,
            &["impersonate"],
            "serviceaccounts",
            "",
            &SERVICEACCOUNT,
            Which::Named,
            false,
        ),
        core(
            &IMPERSONATE,
            &["impersonate"],
            "users",
            "",
            &USER,
            Which::Named,
            true,
        ),
        core(
            &IMPERSONATE,
            &["impersonate"],
            "groups",
            "",
            &GROUP,
            Which::Named,
            true,
        ),
        core(
            &NODE_PROXY,
            &["get", "create"],
            "nodes",
            "proxy",
            &POD,
            Which::Everything,
            true,
        ),
    ];
    for (group, resource, kind) in TEMPLATES {
        let row = |technique, verbs, over, which| Ask {
            technique,
            verbs,
            group,
            resource,
            subresource: "",
            over,
            which,
            cluster: false,
        };
        all.push(row(&CREATE_WORKLOAD, CREATE, &SERVICEACCOUNT, Which::Namespace));
        all.push(row(&MOUNT_SECRET, CREATE, &SECRET, Which::Namespace));
        all.push(row(&CREATE_PRIVILEGED, CREATE, &NODE, Which::Everything));
        all.push(row(&CHANGE_WORKLOAD, CHANGE, &POD, Which::Workloads(kind)));
        // A Job's template and a pod's account cannot be changed.
        if !matches!(*kind, "Pod" | "Job") {
            all.push(row(&MOUNT_SECRET, CHANGE, &SECRET, Which::NamespaceByName));
            all.push(row(&CREATE_PRIVILEGED, CHANGE, &NODE, Which::Everything));
            all.push(row(
                &CHANGE_ACCOUNT,
                CHANGE,
                &SERVICEACCOUNT,
                Which::NamespaceByName,
            ));
        }
    }
    all
}

/// What a rule gives of an ask: nothing, everything, or what is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Gives {
    /// Whatever name.
    All,
    /// These names.
    Names(Vec<Box<str>>),
}

impl Ask {
    /// What a rule gives of this.
    pub(crate) fn of(&self, rule: &PolicyRule) -> Option<Gives> {
        let with = |verb: &str, name: &str| {
            rule_allows(
                rule,
                &Attributes::Resource {
                    verb,
                    group: self.group,
                    resource: self.resource,
                    subresource: self.subresource,
                    name,
                    namespace: "",
                },
            )
        };
        let any = |name: &str| self.verbs.iter().any(|verb| with(verb, name));
        if rule.names.is_empty() {
            return any("").then_some(Gives::All);
        }
        // A create of a collection names nothing; an applied patch that creates does, and asks patch too.
        let plain_create = self.subresource.is_empty() && self.verbs == ["create"];
        if any("") && (plain_create || self.verbs == ["get", "list", "watch"]) {
            return Some(Gives::All);
        }
        let names: Vec<Box<str>> = rule
            .names
            .iter()
            .filter(|name| !name.is_empty() && any(name) && (!plain_create || with("patch", name)))
            .cloned()
            .collect();
        (!names.is_empty()).then_some(Gives::Names(names))
    }
}

/// Whether a rule is every verb on every resource of every group.
pub(crate) fn is_admin(rule: &PolicyRule) -> bool {
    let wild = |all: &[Box<str>]| all.iter().any(|one| &**one == "*");
    wild(&rule.verbs) && wild(&rule.groups) && wild(&rule.resources) && rule.names.is_empty()
}
