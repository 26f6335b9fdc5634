//! Settings of a pod that hand out its node's own powers, and to what they lead.
//!
//! A setting counts where it stands: in a container that starts as root (by its own word, the pod's, or the image's
//! default) and in no user namespace of its own, with the mount in that container. One that starts as somebody else
//! needs a program of its image that makes it root, which `allowPrivilegeEscalation: false` rules out.

mod paths;

use crate::facts::{Armor, Facts, Placed, PodSpec, User, Volume, VolumeSource, Workload};
use foursee_core::document::Place;
use hashbrown::HashMap;

/// To what a setting leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leads {
    /// To nothing by itself.
    Nowhere,
    /// To code on the node.
    Node,
    /// To the kubelet's credential.
    Kubelet,
    /// To the tokens and Secrets that are mounted into the node's pods.
    Tokens,
    /// To any file of the node, through whoever reads the pod's logs.
    Logs,
}

/// One such setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Power {
    /// The setting, as its manifest says it: "privileged: true", "hostPath /".
    pub setting: String,
    /// The container, or "" for the pod's own.
    pub container: String,
    /// To what it leads.
    pub leads: Leads,
    /// Under which conditions.
    pub condition: Option<&'static str>,
    /// Where it stands.
    pub place: Place,
}

impl Power {
    /// Whether it leads out of the container by itself.
    pub(crate) fn escapes(&self) -> bool {
        matches!(self.leads, Leads::Node | Leads::Kubelet)
            || (self.leads == Leads::Tokens && self.condition != Some(PROCESSES_CONDITION))
    }
}

/// Under which condition a container that does not start as root has the powers of its settings.
pub(crate) const SETUID_CONDITION: &str = "a program of its image makes its user root";
/// Under which condition a container traces its node's processes.
pub(crate) const ARMOR_CONDITION: &str = "AppArmor does not confine it on its node";
/// Under which condition a container reads what other pods' processes hold.
pub(crate) const PROCESSES_CONDITION: &str =
    "containers of its node run as the same user, without a capability that it lacks";

/// Capabilities that lead to the node by themselves, in uid 0 and without a user namespace.
const CAPABILITIES: &[&str] = &[
    "ALL",
    "SYS_ADMIN",
    "SYS_MODULE",
    "SYS_RAWIO",
    "DAC_READ_SEARCH",
    "BPF",
];

/// Puts, for each claim whose volume is a path of a node, the path in its place: Pod Security sees the claim alone.
pub(crate) fn seal(facts: &mut Facts) {
    let paths: HashMap<(&str, &str), &str> = facts
        .volumes
        .iter()
        .filter_map(|one| {
            let (namespace, name) = one.claim.as_ref()?;
            Some(((&**namespace, &**name), one.path.as_deref()?))
        })
        .collect();
    if paths.is_empty() {
        return;
    }
    for one in &mut facts.workloads {
        for volume in &mut one.pod.volumes {
            if let VolumeSource::Claim(name) = &volume.source
                && let Some(path) = paths.get(&(&*one.meta.namespace, &**name))
            {
                volume.source = VolumeSource::HostPath((*path).into());
            }
        }
    }
}

/// The settings of a workload's pods that hand out the node's powers.
pub(crate) fn powers(one: &Workload) -> Vec<Power> {
    let mut found = Vec::new();
    let pod = &one.pod;
    for container in &pod.containers {
        of_container(pod, container, &mut found);
    }
    let mut own = |setting: &str, leads, condition| {
        found.push(Power {
            setting: setting.to_owned(),
            container: String::new(),
            leads,
            condition,
            place: pod.place,
        });
    };
    if pod.host_pid && !pod.own_users {
        own("hostPID: true", Leads::Tokens, Some(PROCESSES_CONDITION));
    }
    if pod.host_network {
        own("hostNetwork: true", Leads::Nowhere, None);
    }
    if pod.host_ipc {
        own("hostIPC: true", Leads::Nowhere, None);
    }
    found
}

fn of_container(pod: &PodSpec, container: &Placed, found: &mut Vec<Power>) {
    // In a user namespace of its own a container's root is nobody on the node.
    let root = match (pod.own_users, container.user) {
        (true, _) => None,
        (_, User::Root | User::Image) => Some(None),
        // A privileged container cannot be kept from gaining privileges.
        _ if container.gains || container.privileged => Some(Some(SETUID_CONDITION)),
        _ => None,
    };
    let mut push = |setting: String, leads: Leads, condition: Option<&'static str>, place: Place| {
        let (leads, condition) = match root {
            Some(first) => (leads, condition.or(first)),
            None => (Leads::Nowhere, None),
        };
        found.push(Power {
            setting,
            container: container.name.to_string(),
            leads,
            condition,
            place,
        });
    };
    if container.privileged {
        push("privileged: true".to_owned(), Leads::Node, None, container.place);
    }
    let added: Vec<String> = container
        .capabilities
        .iter()
        .map(|name| name.to_uppercase().trim_start_matches("CAP_").to_owned())
        .collect();
    for name in &added {
        if CAPABILITIES.contains(&name.as_str()) {
            push(format!("capability {name}"), Leads::Node, None, container.place);
        }
    }
    if pod.host_pid && added.iter().any(|name| name == "SYS_PTRACE") {
        let (leads, condition) = match container.armor {
            Armor::Unconfined => (Leads::Node, None),
            Armor::Unsaid | Armor::Local => (Leads::Node, Some(ARMOR_CONDITION)),
            // The runtime's own profile lets it trace what the same profile confines, and nothing of the node.
            Armor::Runtime if !container.privileged => (Leads::Nowhere, None),
            Armor::Runtime => (Leads::Node, None),
        };
        push(
            "hostPID with capability SYS_PTRACE".to_owned(),
            leads,
            condition,
            container.place,
        );
    }
    for mount in &container.mounts {
        if let Some(Volume {
            source: VolumeSource::HostPath(path),
            place,
            ..
        }) = pod.mounted(mount)
        {
            let path = paths::plain(path, &mount.sub_path);
            for (leads, condition) in paths::leads(&path, mount.read_only) {
                push(format!("hostPath {path}"), leads, condition, *place);
            }
        }
    }
    // A process of a Windows node, whatever its user.
    if container.host_process {
        found.push(Power {
            setting: "hostProcess: true".to_owned(),
            container: container.name.to_string(),
            leads: Leads::Node,
            condition: None,
            place: container.place,
        });
    }
}

/// To what a workload's pods lead: of each, the setting that needs the least.
pub(crate) fn ways(facts: &Facts, group: &crate::workloads::Group) -> Vec<Power> {
    let mut all: Vec<Power> = group.rows(facts).flat_map(powers).collect();
    all.retain(|power| power.leads != Leads::Nowhere);
    all.sort_by_key(|power| (power.leads as u8, power.condition.is_some()));
    all.dedup_by_key(|power| power.leads);
    // Who has the node without a condition has the rest of it.
    if all
        .first()
        .is_some_and(|power| power.leads == Leads::Node && power.condition.is_none())
    {
        all.truncate(1);
    }
    all
}
