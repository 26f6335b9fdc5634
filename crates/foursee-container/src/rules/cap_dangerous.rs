//! The rule `container-cap-dangerous`.

use super::{Hit, less, report, unit};
use crate::authorize::Realm;
use crate::data::capabilities::{DANGERS, plain};
use crate::facts::Facts;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Certainty, Severity};

foursee_core::rule! {
    /// A container has a capability beyond the engine's defaults.
    ///
    /// ## Why
    /// Some capabilities are the host under another name: SYS_ADMIN mounts, SYS_MODULE loads kernel code, SYS_RAWIO
    /// writes memory, DAC_READ_SEARCH opens any file; others reach other processes, the network or the clock. Root has
    /// them in hand; anybody else gains them through a setuid program, unless no-new-privileges is set (then they only
    /// widen the seccomp profile). Podman makes added ones effective for any user. In a user namespace they count there
    /// alone.
    ///
    /// ## Evidence
    /// `HostConfig.CapAdd`, and for Podman `EffectiveCaps` and `BoundingCaps`.
    ///
    /// ## Fix
    /// Drop ALL and add only what the program fails without; `capable` of the bcc tools shows what it asks for.
    pub CapDangerous: "container-cap-dangerous", High, needs ["containers"]
}

impl Rule<Facts> for CapDangerous {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        report(&Self::META, see.facts, out, |container, eq| {
            if container.privileged {
                return Vec::new();
            }
            let dampen = |severity: Severity| {
                let inert = eq.root() == Some(false) && eq.no_new_privileges == Some(true);
                let held = if inert {
                    severity.min(Severity::Medium)
                } else {
                    severity
                };
                if eq.realm == Realm::Namespace {
                    less(less(held))
                } else {
                    held
                }
            };
            let certainty = match (eq.effective, eq.realm) {
                (None, _) => Certainty::Unknown,
                (_, Realm::Unsaid) => Certainty::Conditional,
                _ => Certainty::Certain,
            };
            let hit = |name: &str, severity: Severity, what: &str| Hit {
                cause: format!("{}: CapAdd {name}", unit(container)),
                title: format!("has the capability {name}: {what}"),
                severity: dampen(severity),
                // What is in hand, rather than only within reach, needs no setuid program.
                certainty: if eq.effective.is_some_and(|set| set.is_empty()) {
                    certainty.max(Certainty::Conditional)
                } else {
                    certainty
                },
                place: container.places.cap_add,
                says: format!("CapAdd: {name}"),
                resource: Some(("host", see.facts.host().to_owned())),
            };
            if container.podman_caps.is_none() && container.cap_add.iter().any(|name| plain(name) == "ALL") {
                return vec![hit(
                    "ALL",
                    Severity::Critical,
                    "all that there are, but those dropped",
                )];
            }
            DANGERS
                .iter()
                .filter(|(name, _, _)| eq.bounding.has(name))
                .map(|(name, severity, what)| {
                    let severity = match *name {
                        "SYS_PTRACE" if container.modes.pid == "host" => Severity::Critical,
                        "NET_ADMIN" if container.modes.network == "host" => Severity::High,
                        _ => *severity,
                    };
                    hit(name, severity, what)
                })
                .collect()
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{INFO, fired, one};

    const ID: &str = "container-cap-dangerous";

    #[test]
    fn fires() {
        assert_eq!(
            fired(ID, &one("a", r#"{"CapAdd":["cap_sys_admin"]}"#, "{}"), INFO),
            ["critical container a: CapAdd SYS_ADMIN"]
        );
        assert_eq!(
            fired(ID, &one("a", r#"{"CapAdd":["all"]}"#, "{}"), INFO),
            ["critical container a: CapAdd ALL"]
        );
        assert_eq!(
            fired(
                ID,
                &one("a", r#"{"CapAdd":["SYS_PTRACE"],"PidMode":"host"}"#, "{}"),
                INFO
            ),
            ["critical container a: CapAdd SYS_PTRACE"]
        );
        let inert = r#"{"CapAdd":["SYS_ADMIN"],"SecurityOpt":["no-new-privileges"]}"#;
        assert_eq!(
            fired(ID, &one("a", inert, r#"{"User":"7:7"}"#), INFO),
            ["medium container a: CapAdd SYS_ADMIN"]
        );
    }

    #[test]
    fn silent() {
        assert!(fired(ID, &one("a", r#"{"CapDrop":["ALL"],"PidMode":""}"#, "{}"), INFO).is_empty());
    }

    /// One of the defaults, added again after all were dropped, is less than the defaults.
    #[test]
    fn twin() {
        assert!(
            fired(
                ID,
                &one("a", r#"{"CapDrop":["ALL"],"CapAdd":["NET_BIND_SERVICE"]}"#, "{}"),
                INFO
            )
            .is_empty()
        );
    }
}
