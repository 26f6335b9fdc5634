//! The rule `container-host-mount-sensitive`.

use super::{Hit, less, report, unit};
use crate::authorize::version::Version;
use crate::authorize::{Realm, escape};
use crate::facts::Facts;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Certainty;

foursee_core::rule! {
    /// A container has a sensitive path of the host mounted.
    ///
    /// ## Why
    /// The whole host, its accounts and services, the homes of its users, its programs, its kernel's switches and
    /// devices, or the files of every container: written by root they make it root of the host, and read they give
    /// away keys, password hashes and other containers' secrets. File modes hold back a user that is not root; so
    /// does a user namespace.
    ///
    /// ## Evidence
    /// The mount's source on the host, and whether it is writable. Read-only mounts of an engine before 25.0, or a
    /// kernel before 5.12, leave what is mounted below them writable.
    ///
    /// ## Fix
    /// Mount the one file that is needed, read-only, or a named volume with a copy of it.
    pub HostMountSensitive: "container-host-mount-sensitive", High, needs ["containers"]
}

impl Rule<Facts> for HostMountSensitive {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let kernel = see
            .facts
            .engine
            .as_ref()
            .and_then(|e| Version::parse(&e.kernel_version));
        let shallow = see.facts.version().is_some_and(|v| v < Version(25, 0, 0))
            || kernel.is_some_and(|v| v < Version(5, 12, 0));
        report(&Self::META, see.facts, out, |container, eq| {
            let mut hits = Vec::new();
            for (mount, what) in escape::sensitive_mounts(see.facts, container) {
                let below = shallow && !mount.writable && mount.source == "/";
                let Some(mut severity) = (if mount.writable || below {
                    Some(what.writable)
                } else {
                    what.readable
                }) else {
                    continue;
                };
                if eq.root() == Some(false) || eq.realm == Realm::Namespace {
                    severity = less(severity);
                }
                let how = match (mount.writable, below) {
                    (true, _) => "writable",
                    (false, true) => "read-only, but what is mounted below stays writable",
                    (false, false) => "read-only",
                };
                hits.push(Hit {
                    cause: format!("{}: mount of {}", unit(container), mount.source),
                    title: format!("has {} of the host mounted, {how}: {}", mount.source, what.what),
                    severity,
                    certainty: match (eq.root(), eq.realm) {
                        (None, _) => Certainty::Unknown,
                        (Some(true), Realm::Host) => Certainty::Certain,
                        _ => Certainty::Conditional,
                    },
                    place: mount.place,
                    says: format!("{} mounted at {}, {how}", mount.source, mount.destination),
                    resource: Some(("host-path", mount.source.clone())),
                });
            }
            hits
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{INFO, fired, found};

    const ID: &str = "container-host-mount-sensitive";

    fn mounted(kind: &str, source: &str, writable: bool, user: &str) -> String {
        format!(
            r#"{{"Id":"1","Name":"/a","HostConfig":{{}},"Mounts":[{{"Type":"{kind}","Source":"{source}","Destination":"/x","RW":{writable}}}],"Config":{{"User":"{user}"}}}}"#
        )
    }

    #[test]
    fn fires() {
        assert_eq!(
            fired(ID, &mounted("bind", "/", true, ""), INFO),
            ["critical container a: mount of /"]
        );
        assert_eq!(
            fired(ID, &mounted("bind", "/", false, ""), INFO),
            ["high container a: mount of /"]
        );
        assert_eq!(
            fired(
                ID,
                &mounted("bind", "/", false, ""),
                &INFO.replace("27.3.1", "24.0.7")
            ),
            ["critical container a: mount of /"]
        );
        assert_eq!(
            fired(ID, &mounted("bind", "/etc/", true, ""), INFO),
            ["high container a: mount of /etc"]
        );
        assert_eq!(
            fired(ID, &mounted("bind", "/etc", true, "9:9"), INFO),
            ["medium container a: mount of /etc"]
        );
        assert_eq!(
            fired(ID, &mounted("bind", "/var", true, ""), INFO),
            ["critical container a: mount of /var"]
        );
    }

    /// A host path behind a volume's name is a host path.
    #[test]
    fn behind_a_volume() {
        let container = r#"[{"Id":"1","Name":"/a","HostConfig":{"PidMode":""},"Mounts":[{"Type":"volume","Name":"v","Source":"/var/lib/docker/volumes/v/_data","Destination":"/x","RW":true}],"Config":{}}]"#;
        let volume = r#"[{"Name":"v","Driver":"local","Mountpoint":"/var/lib/docker/volumes/v/_data","Options":{"type":"none","o":"bind","device":"/etc"}}]"#;
        let causes = |texts: &[(&str, &str)]| {
            found(ID, texts)
                .iter()
                .map(|f| f.cause.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            causes(&[("c", container), ("i", INFO), ("v", volume)]),
            ["container a: mount of /etc"]
        );
        let plain = volume.replace(r#"{"type":"none","o":"bind","device":"/etc"}"#, "null");
        assert!(causes(&[("c", container), ("i", INFO), ("v", &plain)]).is_empty());
    }

    #[test]
    fn silent() {
        assert!(fired(ID, &mounted("bind", "/srv/app", true, ""), INFO).is_empty());
    }

    /// The host's clock and names are public; a volume of the engine's own stands under its data, and is no host path.
    #[test]
    fn twin() {
        assert!(fired(ID, &mounted("bind", "/etc/localtime", false, ""), INFO).is_empty());
        assert!(
            fired(
                ID,
                &mounted("volume", "/var/lib/docker/volumes/v/_data", true, ""),
                INFO
            )
            .is_empty()
        );
        assert!(fired(ID, &mounted("bind", "/etcd", true, ""), INFO).is_empty());
    }
}
