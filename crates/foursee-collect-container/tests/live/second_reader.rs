//! bollard's models as a second reader: what they can express of a container gives the same answers.

use crate::kept::audit;
use bollard::models::{ContainerInspectResponse, SystemInfo};
use foursee::core::audit::{Documents, Opened};
use foursee::core::registry::Registry;
use foursee::core::report::JudgedFinding;
use serde_json::{Value, json};

/// A small generator of numbers, seeded.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        let at = self.below(of.len() as u64);
        of[usize::try_from(at).unwrap()].clone()
    }

    fn some<T: Clone>(&mut self, of: &[T]) -> Value
    where
        Value: From<Vec<T>>,
    {
        match self.below(4) {
            0 => Value::Null,
            _ => {
                let few: Vec<T> = of.iter().filter(|_| self.below(3) == 0).cloned().collect();
                few.into()
            }
        }
    }
}

fn container(random: &mut Random, at: u64) -> Value {
    let sources = [
        "/var/run/docker.sock",
        "/etc",
        "/",
        "/srv/data",
        "/run",
        "/var/log",
        "/home/dev/.ssh",
    ];
    let mounts: Vec<Value> = (0..random.below(3))
        .map(|n| json!({ "Type": "bind", "Source": random.one(&sources), "Destination": format!("/m{n}"), "Mode": "", "RW": random.below(2) == 0, "Propagation": "rprivate" }))
        .collect();
    let binding = json!({ "80/tcp": [{ "HostIp": random.one(&["", "0.0.0.0", "127.0.0.1"]), "HostPort": random.one(&["2375", "5432", "8080", ""]) }] });
    json!({
        "Id": format!("{at:064x}"), "Name": format!("/c{at}"), "Image": format!("sha256:{:064x}", random.below(3)),
        "Path": "/bin/run", "Args": random.some(&["--verbose", "--password", "hunter2-planted", "-x"]),
        "State": { "Status": random.one(&["running", "created", "exited"]), "Running": random.below(2) == 0 },
        "AppArmorProfile": random.one(&["", "docker-default", "unconfined"]),
        "HostConfig": {
            "Privileged": random.below(5) == 0,
            "CapAdd": random.some(&["SYS_ADMIN", "CAP_NET_ADMIN", "ALL", "sys_ptrace", "DAC_READ_SEARCH"]),
            "CapDrop": random.some(&["ALL", "CAP_MKNOD", "NET_RAW"]),
            "SecurityOpt": random.some(&["no-new-privileges", "seccomp=unconfined", "no-new-privileges=false", "apparmor=unconfined"]),
            "GroupAdd": random.some(&["0", "999", "docker"]),
            "ReadonlyRootfs": random.below(2) == 0,
            "PidMode": random.one(&["", "host", "container:c1"]), "NetworkMode": random.one(&["bridge", "host", "none", "ci"]),
            "IpcMode": random.one(&["private", "host"]), "UTSMode": random.one(&["", "host"]),
            "CgroupnsMode": random.one(&["host", "private"]), "UsernsMode": random.one(&["", "host"]),
            "MaskedPaths": random.one(&[json!(["/proc/kcore"]), json!([]), Value::Null]),
            "ReadonlyPaths": random.one(&[json!(["/proc/sys"]), json!([]), Value::Null]),
            "Devices": random.one(&[json!([]), Value::Null, json!([{ "PathOnHost": "/dev/sda", "PathInContainer": "/dev/sda", "CgroupPermissions": "rwm" }])]),
            "DeviceCgroupRules": random.some(&["b 8:* rwm", "a *:* rwm"]),
            "PortBindings": if random.below(2) == 0 { binding.clone() } else { json!({}) },
        },
        "Mounts": mounts,
        "Config": {
            "User": random.one(&["", "0", "app", "1000:1000", "root"]), "Image": "shop/app:1",
            "Env": random.some(&["PATH=/bin", "DB_PASSWORD=planted-secret", "DOCKER_HOST=tcp://10.0.0.1:2375", "EMPTY="]),
            "Cmd": random.some(&["run"]), "Labels": random.one(&[json!({ "owner": "orders" }), json!({}), Value::Null]),
        },
        "NetworkSettings": { "Ports": if random.below(2) == 0 { binding } else { json!({}) } },
    })
}

fn documents(containers: &Value, info: &Value) -> Documents {
    let mut documents = Documents::new();
    documents.push_text("containers.json", containers.to_string());
    documents.push_text("info.json", info.to_string());
    documents
}

fn plain(finding: &JudgedFinding) -> String {
    let says: Vec<_> = finding.evidence.iter().map(|one| one.says.clone()).collect();
    format!(
        "{} {} {} {:?} {says:?}",
        finding.fingerprint,
        finding.severity.as_str(),
        finding.title,
        finding.identities
    )
}

#[test]
fn random_containers_are_the_same_through_bollards_models() {
    let mut random = Random(9);
    let info = json!({ "ID": "ABCD", "Name": "host", "ServerVersion": "28.0.1", "KernelVersion": "6.1.0", "DockerRootDir": "/var/lib/docker", "SecurityOptions": ["name=seccomp,profile=builtin"], "CgroupVersion": "2" });
    let originals: Vec<Value> = (0..120).map(|at| container(&mut random, at)).collect();
    let modelled: Vec<Value> = originals
        .iter()
        .map(|one| {
            let model: ContainerInspectResponse = serde_json::from_value(one.clone()).unwrap();
            // Field by field against what was generated, where the model can express it.
            let host = model.host_config.as_ref().unwrap();
            assert_eq!(json!(host.privileged), one["HostConfig"]["Privileged"]);
            assert_eq!(json!(host.cap_add), one["HostConfig"]["CapAdd"]);
            assert_eq!(json!(model.config.as_ref().unwrap().user), one["Config"]["User"]);
            serde_json::to_value(model).unwrap()
        })
        .collect();
    let system: SystemInfo = serde_json::from_value(info.clone()).unwrap();
    let system = serde_json::to_value(system).unwrap();
    let (ours, theirs) = (
        documents(&json!(originals), &info),
        documents(&json!(modelled), &system),
    );
    let questions: Vec<String> = (0..120)
        .map(|at| json!({ "container": format!("c{at}") }).to_string())
        .collect();
    let answers = |documents: &Documents| -> Vec<Value> {
        let mut audit = foursee::Audit::new().policy(foursee::config::default_policy());
        *audit.documents() = documents.clone();
        let (opened, registry, _) = audit.open(&mut |_| {}).unwrap();
        questions
            .iter()
            .map(|question| decide(&opened, &registry, question))
            .collect()
    };
    let (one, other) = (answers(&ours), answers(&theirs));
    assert_eq!(one, other);
    let distinct: std::collections::BTreeSet<String> =
        one.iter().map(|answer| answer["effective"].to_string()).collect();
    assert!(distinct.len() > 5, "{distinct:?}");
    let findings = |documents: Documents| audit(documents).findings.iter().map(plain).collect::<Vec<_>>();
    let (one, other) = (findings(ours), findings(theirs));
    assert!(one.len() > 120);
    assert_eq!(one, other);
}

fn decide(opened: &Opened, registry: &Registry, question: &str) -> Value {
    let mut answer = Vec::new();
    opened
        .decide(registry, "container", None, question, &mut answer)
        .unwrap();
    serde_json::from_slice(&answer).unwrap()
}
