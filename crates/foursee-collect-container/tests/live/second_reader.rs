//! bollard's models as a second reader: what they can express of a container gives the same answers.

use bollard::models::{ContainerInspectResponse, SystemInfo};
use foursee::core::audit::Documents;
use foursee_kept::{Random, answers, audit, plain};
use serde_json::{Value, json};

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
        "Path": "/bin/run", "Args": random.some(&["--verbose", "--password", "hunter2-planted", "-x"], 4),
        "State": { "Status": random.one(&["running", "created", "exited"]), "Running": random.below(2) == 0 },
        "AppArmorProfile": random.one(&["", "docker-default", "unconfined"]),
        "HostConfig": {
            "Privileged": random.below(5) == 0,
            "CapAdd": random.some(&["SYS_ADMIN", "CAP_NET_ADMIN", "ALL", "sys_ptrace", "DAC_READ_SEARCH"], 4),
            "CapDrop": random.some(&["ALL", "CAP_MKNOD", "NET_RAW"], 4),
            "SecurityOpt": random.some(&["no-new-privileges", "seccomp=unconfined", "no-new-privileges=false", "apparmor=unconfined"], 4),
            "GroupAdd": random.some(&["0", "999", "docker"], 4),
            "ReadonlyRootfs": random.below(2) == 0,
            "PidMode": random.one(&["", "host", "container:c1"]), "NetworkMode": random.one(&["bridge", "host", "none", "ci"]),
            "IpcMode": random.one(&["private", "host"]), "UTSMode": random.one(&["", "host"]),
            "CgroupnsMode": random.one(&["host", "private"]), "UsernsMode": random.one(&["", "host"]),
            "MaskedPaths": random.one(&[json!(["/proc/kcore"]), json!([]), Value::Null]),
            "ReadonlyPaths": random.one(&[json!(["/proc/sys"]), json!([]), Value::Null]),
            "Devices": random.one(&[json!([]), Value::Null, json!([{ "PathOnHost": "/dev/sda", "PathInContainer": "/dev/sda", "CgroupPermissions": "rwm" }])]),
            "DeviceCgroupRules": random.some(&["b 8:* rwm", "a *:* rwm"], 4),
            "PortBindings": if random.below(2) == 0 { binding.clone() } else { json!({}) },
        },
        "Mounts": mounts,
        "Config": {
            "User": random.one(&["", "0", "app", "1000:1000", "root"]), "Image": "shop/app:1",
            "Env": random.some(&["PATH=/bin", "DB_PASSWORD=planted-secret", "DOCKER_HOST=tcp://10.0.0.1:2375", "EMPTY="], 4),
            "Cmd": random.some(&["run"], 4), "Labels": random.one(&[json!({ "owner": "orders" }), json!({}), Value::Null]),
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
    let (one, other) = (
        answers("container", &ours, &questions),
        answers("container", &theirs, &questions),
    );
    assert_eq!(one, other);
    let distinct: std::collections::BTreeSet<String> =
        one.iter().map(|answer| answer["effective"].to_string()).collect();
    assert!(distinct.len() > 5, "{distinct:?}");
    let findings = |documents: Documents| audit(documents).findings.iter().map(plain).collect::<Vec<_>>();
    let (one, other) = (findings(ours), findings(theirs));
    assert!(one.len() > 120);
    assert_eq!(one, other);
}
