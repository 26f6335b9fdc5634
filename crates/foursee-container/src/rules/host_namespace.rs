//! The rule `container-host-namespace`.

use super::{Hit, less, report, unit};
use crate::authorize::{Realm, questions};
use crate::facts::Facts;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Certainty, Severity};

foursee_core::rule! {
    /// A container shares a namespace of the host.
    ///
    /// ## Why
    /// With the host's processes it sees and signals all of them, and reads their environment where it may trace them.
    /// With the host's network it reaches services that listen on the loopback, abstract sockets and the cloud's
    /// metadata service. With the host's shared memory it reads what others put there. `userns=host` undoes the
    /// engine's remapping of users.
    ///
    /// ## Evidence
    /// `PidMode`, `NetworkMode`, `IpcMode`, `UTSMode`, `CgroupnsMode` or `UsernsMode` of the container: `host`. The
    /// control group namespace counts on version 2 only, where the host's is not what every container has.
    ///
    /// ## Fix
    /// Leave the mode out. Publish the ports that are needed; give what watches the host a read-only view of `/proc`.
    pub HostNamespace: "container-host-namespace", High, needs ["containers"]
}

impl Rule<Facts> for HostNamespace {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        report(&Self::META, facts, out, |container, eq| {
            let two = facts.engine.as_ref().is_some_and(|e| e.cgroup_two);
            let remaps = facts
                .engine
                .as_ref()
                .is_some_and(|e| e.security_options.iter().any(|o| o.contains("name=userns")));
            let user = ("user", container.modes.user.as_str());
            let mut hits = Vec::new();
            for (what, mode) in questions::shared(container).into_iter().chain([user]) {
                let severity = match what {
                    _ if mode != "host" => continue,
                    "pid" | "network" => Severity::High,
                    "ipc" => Severity::Medium,
                    "user" if remaps => Severity::High,
                    "uts" => Severity::Low,
                    "cgroup" if two => Severity::Low,
                    _ => continue,
                };
                hits.push(Hit {
                    cause: format!("{}: {what} namespace of the host", unit(container)),
                    title: format!("shares the {what} namespace of the host"),
                    severity: if eq.realm == Realm::Namespace {
                        less(severity)
                    } else {
                        severity
                    },
                    certainty: Certainty::Certain,
                    place: match what {
                        "pid" => container.places.pid,
                        "network" => container.places.network,
                        _ => container.places.item,
                    },
                    says: format!("{what} mode: host"),
                    resource: Some(("host", facts.host().to_owned())),
                });
            }
            hits
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{INFO, fired, one};

    const ID: &str = "container-host-namespace";

    #[test]
    fn fires() {
        assert_eq!(
            fired(
                ID,
                &one("a", r#"{"PidMode":"host","NetworkMode":"host"}"#, "{}"),
                INFO
            ),
            [
                "high container a: network namespace of the host",
                "high container a: pid namespace of the host"
            ]
        );
        let remap = INFO.replace("name=seccomp", "name=userns\",\"name=seccomp");
        assert_eq!(
            fired(ID, &one("a", r#"{"UsernsMode":"host"}"#, "{}"), &remap),
            ["high container a: user namespace of the host"]
        );
    }

    #[test]
    fn silent() {
        assert!(
            fired(
                ID,
                &one("a", r#"{"NetworkMode":"bridge","PidMode":""}"#, "{}"),
                INFO
            )
            .is_empty()
        );
    }

    /// A network that is called host-net, a peer's namespace, and version 1's control groups.
    #[test]
    fn twin() {
        assert!(
            fired(
                ID,
                &one("a", r#"{"NetworkMode":"host-net","PidMode":"container:b"}"#, "{}"),
                INFO
            )
            .is_empty()
        );
        let one_only = INFO.replace(r#""CgroupVersion":"2""#, r#""CgroupVersion":"1""#);
        assert!(
            fired(
                ID,
                &one("a", r#"{"CgroupnsMode":"host","UsernsMode":"host"}"#, "{}"),
                &one_only
            )
            .is_empty()
        );
    }
}
