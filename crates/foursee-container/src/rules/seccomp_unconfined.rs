//! The rule `container-seccomp-unconfined`.

use super::{Hit, report, unit};
use crate::authorize::Seccomp;
use crate::facts::Facts;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Certainty;

foursee_core::rule! {
    /// A container's system calls are not filtered.
    ///
    /// ## Why
    /// The default seccomp profile keeps some fifty system calls from containers: new namespaces, keyrings, BPF,
    /// kernel modules. Most ways from a container through the kernel begin with one of them.
    ///
    /// ## Evidence
    /// `SecurityOpt` `seccomp=unconfined`, or the engine's own default as `docker info` says it. Privileged containers
    /// are `container-privileged`'s.
    ///
    /// ## Fix
    /// Remove the option; if one call is missing, copy the default profile and add that call.
    pub SeccompUnconfined: "container-seccomp-unconfined", High, needs ["containers"]
}

impl Rule<Facts> for SeccompUnconfined {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        report(&Self::META, see.facts, out, |container, eq| {
            if container.privileged || eq.seccomp != Seccomp::Unconfined {
                return Vec::new();
            }
            let own = container.security_opt.iter().any(|o| o.starts_with("seccomp"));
            // Without a word of its own a container has what the engine has: that is what to change once.
            let (cause, says) = if own {
                (
                    format!("{}: SecurityOpt seccomp", unit(container)),
                    "SecurityOpt: seccomp=unconfined",
                )
            } else {
                (
                    format!("engine {}: default seccomp profile", see.facts.host()),
                    "docker info names no seccomp profile that confines",
                )
            };
            vec![Hit {
                cause,
                title: "may make every system call".to_owned(),
                severity: Self::META.severity,
                certainty: Certainty::Certain,
                place: if own {
                    container.places.security_opt
                } else {
                    container.places.item
                },
                says: says.to_owned(),
                resource: None,
            }]
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{INFO, fired, one};

    const ID: &str = "container-seccomp-unconfined";

    #[test]
    fn fires() {
        let own = r#"{"SecurityOpt":["seccomp=unconfined"]}"#;
        assert_eq!(
            fired(ID, &one("a", own, "{}"), INFO),
            ["high container a: SecurityOpt seccomp"]
        );
        let engine = INFO.replace("profile=builtin", "profile=unconfined");
        assert_eq!(
            fired(ID, &one("a", r#"{"PidMode":""}"#, "{}"), &engine),
            ["high engine box: default seccomp profile"]
        );
    }

    #[test]
    fn silent() {
        assert!(fired(ID, &one("a", r#"{"PidMode":""}"#, "{}"), INFO).is_empty());
    }

    /// The built-in profile asked for on an engine that has none by default, and another module's unconfined.
    #[test]
    fn twin() {
        let engine = INFO.replace("profile=builtin", "profile=unconfined");
        assert!(
            fired(
                ID,
                &one("a", r#"{"SecurityOpt":["seccomp=builtin"]}"#, "{}"),
                &engine
            )
            .is_empty()
        );
        assert!(
            fired(
                ID,
                &one("a", r#"{"SecurityOpt":["apparmor=unconfined"]}"#, "{}"),
                INFO
            )
            .is_empty()
        );
    }
}
