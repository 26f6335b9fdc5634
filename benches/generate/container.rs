//! What `docker inspect` prints of an engine's containers, and `docker info` of the engine.
//!
//! Shapes: containers of about 8 KB; one in a hundred is privileged, one in two hundred has the engine's socket.

use super::{Dice, digest};
use serde_json::{Value, json};
use std::path::Path;

/// Writes the documents.
pub fn write(folder: &Path, containers: usize) -> std::io::Result<u64> {
    let info = json!({"ID": "RGBV:FBZ7:72H7:BEND:CCYY:Y7FO:62DD:Z3NW:B4TN:4SVI:UFPP:PXA5", "Containers": containers, "Driver": "overlay2", "DockerRootDir": "/var/lib/docker", "Name": "host-1", "OperatingSystem": "Debian GNU/Linux 12", "OSType": "linux", "Architecture": "x86_64", "SecurityOptions": ["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"], "ServerVersion": "28.5.1"}).to_string();
    std::fs::write(folder.join("info.json"), &info)?;
    let mut dice = Dice(11);
    let bytes = super::list(
        &folder.join("containers.json"),
        ("[\n", 4, "]\n"),
        containers,
        |at| container(at, &mut dice),
    )?;
    Ok(bytes + info.len() as u64)
}

fn container(at: usize, dice: &mut Dice) -> Value {
    let id = digest(at + 1);
    let socket = at.is_multiple_of(200);
    let mut binds = vec![json!(format!("/srv/app-{at}/data:/data"))];
    let mut mounts = vec![
        json!({"Type": "bind", "Source": format!("/srv/app-{at}/data"), "Destination": "/data", "Mode": "", "RW": true, "Propagation": "rprivate"}),
        json!({"Type": "volume", "Name": digest(at + 7), "Source": format!("/var/lib/docker/volumes/{}/_data", digest(at + 7)), "Destination": "/cache", "Driver": "local", "Mode": "z", "RW": true, "Propagation": ""}),
    ];
    if socket {
        binds.push(json!("/var/run/docker.sock:/var/run/docker.sock"));
        mounts.push(json!({"Type": "bind", "Source": "/var/run/docker.sock", "Destination": "/var/run/docker.sock", "Mode": "", "RW": true, "Propagation": "rprivate"}));
    }
    let env: Vec<String> = (0..8 + dice.roll(6))
        .map(|key| {
            format!(
                "SETTING_{key}=https://service-{}.internal:8443/v1/{key}",
                dice.roll(1_000)
            )
        })
        .chain(["PATH=/usr/local/bin:/usr/bin:/bin".to_owned()])
        .collect();
    let user = if dice.roll(3) == 0 { "" } else { "1000:1000" };
    json!({
        "Id": id, "Created": "2026-10-06T07:14:02.418320911Z", "Path": "/usr/local/bin/run", "Args": ["--listen", ":8080"],
        "State": {"Status": "running", "Running": true, "Paused": false, "Restarting": false, "OOMKilled": false, "Dead": false, "Pid": 1_000 + at, "ExitCode": 0, "Error": "", "StartedAt": "2026-11-18T05:00:41.901227330Z", "FinishedAt": "0001-01-01T00:00:00Z"},
        "Image": format!("sha256:{}", digest(at % 500)), "ResolvConfPath": format!("/var/lib/docker/containers/{id}/resolv.conf"), "HostnamePath": format!("/var/lib/docker/containers/{id}/hostname"), "HostsPath": format!("/var/lib/docker/containers/{id}/hosts"), "LogPath": format!("/var/lib/docker/containers/{id}/{id}-json.log"),
        "Name": format!("/app-{at}"), "RestartCount": 0, "Driver": "overlay2", "Platform": "linux", "MountLabel": "", "ProcessLabel": "", "AppArmorProfile": "docker-default", "ExecIDs": null,
        "HostConfig": {"Binds": binds, "ContainerIDFile": "", "LogConfig": {"Type": "json-file", "Config": {"max-file": "5", "max-size": "50m"}}, "NetworkMode": "bridge", "PortBindings": {}, "RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0},
            "AutoRemove": false, "VolumeDriver": "", "VolumesFrom": null, "CapAdd": if at.is_multiple_of(50) { json!(["NET_ADMIN"]) } else { Value::Null }, "CapDrop": ["ALL"], "CgroupnsMode": "private", "Dns": [], "DnsOptions": [], "DnsSearch": [], "ExtraHosts": null, "GroupAdd": null, "IpcMode": "private", "Cgroup": "", "Links": null,
            "OomScoreAdj": 0, "PidMode": "", "Privileged": at % 100 == 3, "PublishAllPorts": false, "ReadonlyRootfs": true, "SecurityOpt": ["no-new-privileges"], "UTSMode": "", "UsernsMode": "", "ShmSize": 67_108_864, "Runtime": "runc", "ConsoleSize": [0, 0], "Isolation": "", "CpuShares": 0, "Memory": 0, "NanoCpus": 0, "CgroupParent": "",
            "Devices": [], "DeviceCgroupRules": null, "DeviceRequests": null, "MemoryReservation": 0, "MemorySwap": 0, "MemorySwappiness": null, "OomKillDisable": false, "PidsLimit": null, "Ulimits": [], "CpuCount": 0, "CpuPercent": 0,
            "MaskedPaths": ["/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"], "ReadonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]},
        "GraphDriver": {"Data": {"LowerDir": format!("/var/lib/docker/overlay2/{}-init/diff:/var/lib/docker/overlay2/{}/diff", digest(at + 3), digest(at + 4)), "MergedDir": format!("/var/lib/docker/overlay2/{}/merged", digest(at + 3)), "UpperDir": format!("/var/lib/docker/overlay2/{}/diff", digest(at + 3)), "WorkDir": format!("/var/lib/docker/overlay2/{}/work", digest(at + 3))}, "Name": "overlay2"},
        "Mounts": mounts,
        "Config": {"Hostname": "host", "Domainname": "", "User": user, "AttachStdin": false, "AttachStdout": true, "AttachStderr": true, "ExposedPorts": {"8080/tcp": {}}, "Tty": false, "OpenStdin": false, "StdinOnce": false, "Env": env, "Cmd": ["--listen", ":8080"], "Image": format!("registry.example.com/app-{}:1.{}", at % 500, dice.roll(40)), "Volumes": null, "WorkingDir": "/", "Entrypoint": ["/usr/local/bin/run"], "OnBuild": null, "Labels": {"owner": format!("team-{}", at % 40), "environment": "production"}},
        "NetworkSettings": {"Bridge": "", "SandboxID": digest(at + 5), "HairpinMode": false, "LinkLocalIPv6Address": "", "LinkLocalIPv6PrefixLen": 0, "Ports": {"8080/tcp": null}, "SandboxKey": "/var/run/docker/netns/x", "SecondaryIPAddresses": null, "SecondaryIPv6Addresses": null, "EndpointID": "", "Gateway": "", "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0, "IPAddress": "172.17.0.5", "IPPrefixLen": 16, "IPv6Gateway": "", "MacAddress": "", "Networks": {"bridge": {"IPAMConfig": null, "Links": null, "Aliases": null, "NetworkID": digest(1), "EndpointID": digest(at + 6), "Gateway": "172.17.0.1", "IPAddress": "172.17.0.5", "IPPrefixLen": 16, "IPv6Gateway": "", "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0, "MacAddress": "02:42:ac:11:00:05", "DriverOpts": null}}}
    })
}
