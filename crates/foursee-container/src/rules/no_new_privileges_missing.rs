//! The rule `container-no-new-privileges-missing`.

use super::{Hit, report, unit};
use crate::facts::Facts;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Certainty, Severity};

foursee_core::rule! {
    /// A container may gain privileges by a setuid program.
    ///
    /// ## Why
    /// Without no-new-privileges, a user that is not root becomes root inside through any setuid program of the image,
    /// with every capability of the container's bounding set. `no-new-privileges=false` is as good as nothing, and
    /// overrides the engine's default.
    ///
    /// ## Evidence
    /// The container's `SecurityOpt`, of which the last entry counts, and the engine's default from daemon.json or
    /// `docker info` (from 24.0 on).
    ///
    /// ## Fix
    /// Set `"no-new-privileges": true` in daemon.json for all containers of the engine, or
    /// `--security-opt no-new-privileges` for one.
    pub NoNewPrivilegesMissing: "container-no-new-privileges-missing", Medium, needs ["containers"]
}

impl Rule<Facts> for NoNewPrivilegesMissing {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        report(&Self::META, facts, out, |container, eq| {
            if eq.no_new_privileges == Some(true) {
                return Vec::new();
            }
            let own = container
                .security_opt
                .iter()
                .rfind(|o| o.starts_with("no-new-privileges"));
            // A container that says nothing follows the engine's default: that is what to change once.
            let (cause, place, says) = match own {
                Some(option) => (
                    format!("{}: SecurityOpt", unit(container)),
                    container.places.security_opt,
                    option.clone(),
                ),
                None => (
                    format!("engine {}: default of no-new-privileges", facts.host()),
                    container.places.item,
                    "SecurityOpt has no no-new-privileges".to_owned(),
                ),
            };
            vec![Hit {
                cause,
                title: "may gain privileges by a setuid program".to_owned(),
                severity: if eq.root() == Some(true) {
                    Severity::Low
                } else {
                    Severity::Medium
                },
                certainty: if eq.no_new_privileges.is_none() {
                    Certainty::Unknown
                } else {
                    Certainty::Certain
                },
                place,
                says,
                resource: None,
            }]
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{INFO, fired, one};

    const ID: &str = "container-no-new-privileges-missing";

    fn with(options: &str, user: &str, info: &str) -> Vec<String> {
        fired(
            ID,
            &one(
                "a",
                &format!(r#"{{"SecurityOpt":[{options}]}}"#),
                &format!(r#"{{"User":"{user}"}}"#),
            ),
            info,
        )
    }

    #[test]
    fn fires() {
        assert_eq!(
            with("", "7:7", INFO),
            ["medium engine box: default of no-new-privileges"]
        );
        assert_eq!(
            with("", "0", INFO),
            ["low engine box: default of no-new-privileges"]
        );
    }

    #[test]
    fn silent() {
        assert!(with(r#""no-new-privileges:true""#, "7:7", INFO).is_empty());
        let default = INFO.replace("name=seccomp", "name=no-new-privileges\",\"name=seccomp");
        assert!(with("", "7:7", &default).is_empty());
    }

    /// Said and taken back.
    #[test]
    fn twin() {
        let default = INFO.replace("name=seccomp", "name=no-new-privileges\",\"name=seccomp");
        assert_eq!(
            with(r#""no-new-privileges=false""#, "7:7", &default),
            ["medium container a: SecurityOpt"]
        );
        assert_eq!(
            with(r#""no-new-privileges","no-new-privileges:0""#, "7:7", INFO),
            ["medium container a: SecurityOpt"]
        );
    }
}
