//! The rule `container-privileged`.

use super::{Hit, report, unit};
use crate::authorize::Realm;
use crate::facts::Facts;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Certainty, Severity};

foursee_core::rule! {
    /// A container is privileged.
    ///
    /// ## Why
    /// It has every capability and every device of the host, and neither seccomp nor AppArmor filters it; `CapDrop`
    /// beside it is ignored. Root in it is root of the host. A user that is not root inside regains all of it through
    /// any setuid program, unless no-new-privileges is set. In a user namespace (userns-remap, rootless) it holds over
    /// that namespace only.
    ///
    /// ## Evidence
    /// `HostConfig.Privileged` of the container.
    ///
    /// ## Fix
    /// Remove `privileged`, and add the one capability or device that it needs: `cap_drop: [ALL]`, `cap_add: [...]`,
    /// `devices: [...]`.
    pub Privileged: "container-privileged", Critical, needs ["containers"]
}

impl Rule<Facts> for Privileged {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        report(&Self::META, see.facts, out, |container, eq| {
            if !container.privileged {
                return Vec::new();
            }
            let bound = eq.root() == Some(false) && eq.no_new_privileges == Some(true);
            let (severity, but) = match eq.realm {
                Realm::Namespace => (Severity::Medium, ", in a user namespace"),
                _ if bound => (
                    Severity::High,
                    ", as a user that is not root and cannot become it",
                ),
                _ => (Severity::Critical, ""),
            };
            vec![Hit {
                cause: format!("{}: Privileged", unit(container)),
                title: format!("is privileged{but}"),
                severity,
                certainty: if eq.realm == Realm::Unsaid {
                    Certainty::Conditional
                } else {
                    Certainty::Certain
                },
                place: container.places.privileged,
                says: "Privileged: true".to_owned(),
                resource: Some(("host", see.facts.host().to_owned())),
            }]
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{INFO, fired, one};

    const ID: &str = "container-privileged";

    #[test]
    fn fires() {
        let all = r#"{"Privileged":true,"CapDrop":["ALL"]}"#;
        assert_eq!(
            fired(ID, &one("a", all, "{}"), INFO),
            ["critical container a: Privileged"]
        );
        let bound = r#"{"Privileged":true,"SecurityOpt":["no-new-privileges"]}"#;
        assert_eq!(
            fired(ID, &one("a", bound, r#"{"User":"7:7"}"#), INFO),
            ["high container a: Privileged"]
        );
        let rootless = INFO.replace("name=seccomp", "name=rootless\",\"name=seccomp");
        assert_eq!(
            fired(ID, &one("a", all, "{}"), &rootless),
            ["medium container a: Privileged"]
        );
    }

    #[test]
    fn one_finding_a_service() {
        let labels = r#"{"Labels":{"com.docker.compose.project":"p","com.docker.compose.service":"s"}}"#;
        let two = [
            one("p-s-1", r#"{"Privileged":true}"#, labels),
            one("p-s-2", r#"{"Privileged":true}"#, labels),
        ]
        .join(",");
        assert_eq!(fired(ID, &two, INFO), ["critical service p/s: Privileged"]);
    }

    #[test]
    fn silent() {
        assert!(fired(ID, &one("a", r#"{"Privileged":false}"#, "{}"), INFO).is_empty());
    }

    /// Every capability is not yet privileged: devices and filters stay.
    #[test]
    fn twin() {
        assert!(
            fired(
                ID,
                &one(
                    "a",
                    r#"{"CapAdd":["ALL"],"SecurityOpt":["label=disable"]}"#,
                    r#"{"Labels":{"Privileged":"true"}}"#
                ),
                INFO
            )
            .is_empty()
        );
    }
}
