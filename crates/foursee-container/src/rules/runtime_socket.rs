//! The rule `container-runtime-socket`.

use super::{Hit, less, report, unit};
use crate::authorize::{Realm, escape};
use crate::facts::Facts;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Severity;

foursee_core::rule! {
    /// A container has the engine's socket.
    ///
    /// ## Why
    /// Whoever talks to the engine starts a privileged container, and is root of the host. The mount's name inside
    /// means nothing, a parent folder of the socket will do, and `:ro` does not keep anybody from connecting. It takes
    /// the socket's owner, its group, or a capability that overrides both.
    ///
    /// ## Evidence
    /// The mount's source on the host, and what must hold for the container's user to connect.
    ///
    /// ## Fix
    /// Remove the mount. What builds images can do without an engine (BuildKit rootless, Kaniko); what watches
    /// containers can ask a proxy that lets through only the reads that it needs.
    pub RuntimeSocket: "container-runtime-socket", Critical, needs ["containers"]
}

impl Rule<Facts> for RuntimeSocket {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        report(&Self::META, see.facts, out, |container, eq| {
            escape::sockets(see.facts, container)
                .map(|(mount, socket)| {
                    let gate = escape::may_connect(eq, &socket);
                    let severity = match eq.root() {
                        _ if escape::owns(eq, &socket) && eq.realm != Realm::Namespace => Severity::Critical,
                        None => Severity::High,
                        _ => Severity::Medium,
                    };
                    let severity = if socket.owner == 0 {
                        severity
                    } else {
                        less(severity)
                    };
                    let under = gate.unknown.clone().unwrap_or_else(|| gate.text());
                    let under = if under.is_empty() {
                        String::new()
                    } else {
                        format!(", if {under}")
                    };
                    Hit {
                        cause: format!("{}: mount of {}", unit(container), mount.source),
                        title: format!("drives the engine through {}{under}", socket.path),
                        severity,
                        certainty: gate.certainty(),
                        place: mount.place,
                        says: format!("{} mounted at {}", mount.source, mount.destination),
                        resource: Some(("host", see.facts.host().to_owned())),
                    }
                })
                .collect()
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{INFO, fired};

    const ID: &str = "container-runtime-socket";

    fn mounted(source: &str, user: &str) -> String {
        format!(
            r#"{{"Id":"1","Name":"/a","HostConfig":{{"SecurityOpt":["no-new-privileges"]}},"Mounts":[{{"Type":"bind","Source":"{source}","Destination":"/x","RW":false}}],"Config":{{"User":"{user}"}}}}"#
        )
    }

    #[test]
    fn fires() {
        assert_eq!(
            fired(ID, &mounted("/var/run/docker.sock", ""), INFO),
            ["critical container a: mount of /run/docker.sock"]
        );
        assert_eq!(
            fired(ID, &mounted("/var/run/", "0:0"), INFO),
            ["critical container a: mount of /run"]
        );
        assert_eq!(
            fired(ID, &mounted("/run/containerd/containerd.sock", ""), INFO).len(),
            1
        );
        assert_eq!(
            fired(ID, &mounted("/var/run/docker.sock", "1000:1000"), INFO),
            ["medium container a: mount of /run/docker.sock"]
        );
        assert_eq!(
            fired(ID, &mounted("/var/run/docker.sock", "app"), INFO),
            ["high container a: mount of /run/docker.sock"]
        );
        let remap = INFO.replace("name=seccomp", "name=userns\",\"name=seccomp");
        assert_eq!(
            fired(ID, &mounted("/var/run/docker.sock", ""), &remap),
            ["medium container a: mount of /run/docker.sock"]
        );
    }

    /// Another user's engine is no more than that user.
    #[test]
    fn rootless() {
        let mount = mounted("/run/user/1000/docker.sock", "1000:1000");
        assert_eq!(
            fired(ID, &mount, INFO),
            ["high container a: mount of /run/user/1000/docker.sock"]
        );
    }

    #[test]
    fn silent() {
        assert!(fired(ID, &mounted("/srv/app", ""), INFO).is_empty());
    }

    /// A socket of something else beside the engine's, and a file whose name only begins so.
    #[test]
    fn twin() {
        assert!(fired(ID, &mounted("/run/postgresql", ""), INFO).is_empty());
        assert!(fired(ID, &mounted("/srv/docker.sock.bak", ""), INFO).is_empty());
    }
}
