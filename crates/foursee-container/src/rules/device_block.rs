//! The rule `container-device-block`.

use super::{Hit, less, report, unit};
use crate::authorize::{Realm, escape, paths};
use crate::facts::Facts;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Certainty, Severity};

foursee_core::rule! {
    /// A container has a disk of the host.
    ///
    /// ## Why
    /// A disk holds every file of the host, below their modes: whoever writes it is root of the host, and whoever reads
    /// it has all keys. A device rule such as `a *:* rwm` opens every disk to whoever makes a device file, which MKNOD,
    /// a default capability, lets root do.
    ///
    /// ## Evidence
    /// `Devices` with its permissions, or `DeviceCgroupRules`.
    ///
    /// ## Fix
    /// Mount the filesystem that is needed as a volume; name the one device and only `r` or `rw` in place of a rule.
    pub DeviceBlock: "container-device-block", Critical, needs ["containers"]
}

impl Rule<Facts> for DeviceBlock {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        report(&Self::META, see.facts, out, |container, eq| {
            let weigh = |severity: Severity| {
                if eq.realm == Realm::Namespace || eq.root() == Some(false) {
                    less(severity)
                } else {
                    severity
                }
            };
            let certainty = match (eq.root(), eq.realm) {
                (None, _) => Certainty::Unknown,
                (Some(true), Realm::Host) => Certainty::Certain,
                _ => Certainty::Conditional,
            };
            let disks = container
                .devices
                .iter()
                .filter(|d| paths::disk(&d.path))
                .map(|device| {
                    let writes = device.permissions.contains('w');
                    Hit {
                        cause: format!("{}: device {}", unit(container), device.path),
                        title: format!(
                            "has the disk {} of the host ({})",
                            device.path, device.permissions
                        ),
                        severity: weigh(if writes {
                            Severity::Critical
                        } else {
                            Severity::High
                        }),
                        certainty,
                        place: device.place,
                        says: format!("Devices: {} {}", device.path, device.permissions),
                        resource: Some(("host-path", device.path.clone())),
                    }
                });
            let makes = eq.bounding.has("MKNOD") && !container.privileged;
            let rules = container
                .device_rules
                .iter()
                .filter(|rule| makes && escape::opens_disks(rule))
                .map(|rule| Hit {
                    cause: format!("{}: device rule {rule}", unit(container)),
                    title: format!("may make and open device files of the host ({rule})"),
                    severity: weigh(Severity::Critical),
                    certainty,
                    place: container.places.item,
                    says: format!("DeviceCgroupRules: {rule}"),
                    resource: Some(("host", see.facts.host().to_owned())),
                });
            disks.chain(rules).collect()
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{INFO, fired, one};

    const ID: &str = "container-device-block";

    fn device(path: &str, permissions: &str) -> Vec<String> {
        let host =
            format!(r#"{{"Devices":[{{"PathOnHost":"{path}","CgroupPermissions":"{permissions}"}}]}}"#);
        fired(ID, &one("a", &host, "{}"), INFO)
    }

    #[test]
    fn fires() {
        assert_eq!(
            device("/dev/sda1", "rwm"),
            ["critical container a: device /dev/sda1"]
        );
        assert_eq!(
            device("/dev/nvme0n1", "r"),
            ["high container a: device /dev/nvme0n1"]
        );
        let rule = r#"{"DeviceCgroupRules":["a *:* rwm"]}"#;
        assert_eq!(
            fired(ID, &one("a", rule, "{}"), INFO),
            ["critical container a: device rule a *:* rwm"]
        );
    }

    #[test]
    fn silent() {
        assert!(device("/dev/net/tun", "rwm").is_empty());
    }

    /// A sound device beside the disks, the control file of the mapper, and a rule for character devices.
    #[test]
    fn twin() {
        assert!(device("/dev/snd", "rwm").is_empty());
        assert!(device("/dev/mapper/control", "rwm").is_empty());
        assert!(
            fired(
                ID,
                &one("a", r#"{"DeviceCgroupRules":["c 188:* rw"]}"#, "{}"),
                INFO
            )
            .is_empty()
        );
        let dropped = r#"{"DeviceCgroupRules":["a *:* rwm"],"CapDrop":["MKNOD"]}"#;
        assert!(fired(ID, &one("a", dropped, "{}"), INFO).is_empty());
    }
}
