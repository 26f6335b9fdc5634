//! The rule `container-root-user`.

use super::{Hit, report, repository, unit};
use crate::authorize::{Realm, escape};
use crate::data::capabilities::DOCKER_DEFAULTS;
use crate::facts::Facts;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Certainty, Severity};

foursee_core::rule! {
    /// A container runs as root.
    ///
    /// ## Why
    /// Root inside is user 0 for everything that it shares with the host: mounts, sockets, devices, the kernel. It
    /// starts with all capabilities of the container in hand. With a user namespace it is a plain user outside.
    ///
    /// ## Evidence
    /// `Config.User`, empty where neither the container nor its image names a user. `0:0`, `00`, `+0`, `:1000` and
    /// `root:staff` are root too. A name that only the image's passwd knows is not judged here: it is a gap.
    ///
    /// ## Fix
    /// Give the image a `USER` by number, or run it with `--user 10001:10001`.
    pub RootUser: "container-root-user", Medium, needs ["containers"]
}

impl Rule<Facts> for RootUser {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        report(&Self::META, see.facts, out, |container, eq| {
            if eq.root() != Some(true) {
                return Vec::new();
            }
            let more = container.privileged
                || !eq.bounding.without(DOCKER_DEFAULTS).is_empty()
                || escape::sockets(see.facts, container).next().is_some()
                || !escape::sensitive_mounts(see.facts, container).is_empty();
            let severity = match eq.realm {
                Realm::Namespace => Severity::Low,
                _ if more => Severity::High,
                _ => Severity::Medium,
            };
            // Where the user comes from is where it is changed.
            let image = see.facts.image_of(container);
            let of_image = container.user.is_empty() || image.is_some_and(|i| i.user == container.user);
            let name = if container.image.is_empty() {
                image.map_or("", |i| &i.name)
            } else {
                &container.image
            };
            let (cause, resource) = if of_image && !name.is_empty() {
                (
                    format!("image {}: USER", repository(name)),
                    Some(("image", name.to_owned())),
                )
            } else {
                (format!("{}: User", unit(container)), None)
            };
            let user = image
                .filter(|_| container.user.is_empty())
                .map_or(&*container.user, |i| &i.user);
            vec![Hit {
                cause,
                title: format!(
                    "runs as root{}",
                    if eq.realm == Realm::Namespace {
                        " of a user namespace"
                    } else {
                        ""
                    }
                ),
                severity,
                certainty: if eq.realm == Realm::Unsaid {
                    Certainty::Conditional
                } else {
                    Certainty::Certain
                },
                place: container.places.user,
                says: if user.is_empty() {
                    "User is empty: root".to_owned()
                } else {
                    format!("User: {user}")
                },
                resource,
            }]
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{INFO, fired, one};

    const ID: &str = "container-root-user";

    fn as_user(user: &str) -> Vec<String> {
        fired(ID, &one("a", "{}", &format!(r#"{{"User":"{user}"}}"#)), INFO)
    }

    #[test]
    fn fires() {
        for user in [
            "",
            "0",
            "root",
            "0:0",
            "00",
            "+0",
            ":",
            ":1000",
            "root:staff",
            "0:1000",
        ] {
            assert_eq!(as_user(user), ["medium container a: User"], "{user}");
        }
        assert_eq!(
            fired(ID, &one("a", r#"{"CapAdd":["NET_ADMIN"]}"#, "{}"), INFO),
            ["high container a: User"]
        );
        let remap = INFO.replace("name=seccomp", "name=userns\",\"name=seccomp");
        assert_eq!(
            fired(ID, &one("a", r#"{"CapAdd":["NET_ADMIN"]}"#, "{}"), &remap),
            ["low container a: User"]
        );
    }

    #[test]
    fn one_finding_an_image() {
        let image = r#"{"Image":"registry:5000/app/web:1.2"}"#;
        let two = [one("a", "{}", image), one("b", "{}", image)].join(",");
        assert_eq!(
            fired(ID, &two, INFO),
            ["medium image registry:5000/app/web: USER"]
        );
    }

    #[test]
    fn silent() {
        assert!(as_user("10001:10001").is_empty());
    }

    /// Group 0 is not user 0, and a name that only begins like root's is another.
    #[test]
    fn twin() {
        for user in ["1000:0", "rootless", "10", "0x0", "app"] {
            assert!(as_user(user).is_empty(), "{user}");
        }
    }
}
