//! The rule `container-env-secret`.

use super::{Hit, report, repository, unit};
use crate::facts::Facts;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Certainty, Severity};
use std::collections::BTreeSet;

foursee_core::rule! {
    /// A secret stands in a container's environment.
    ///
    /// ## Why
    /// Whoever may inspect the container, run something in it, read its processes' environment, or pull the image (if
    /// it was built in) has the secret. It ends up in crash reports and logs, and is seldom rotated.
    ///
    /// ## Evidence
    /// The variable's name, and what sort of secret it is. The value is read once, and kept nowhere.
    ///
    /// ## Fix
    /// Hand it over as a file (`secrets:` of Compose or Swarm, a mount in memory) or let the workload fetch it with an
    /// identity of its own; then rotate it.
    pub EnvSecret: "container-env-secret", Medium, needs ["containers"]
}

impl Rule<Facts> for EnvSecret {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        report(&Self::META, see.facts, out, |container, _| {
            let image = see.facts.image_of(container);
            let mut hits = Vec::new();
            for env in &container.env {
                let Some(secret) = env.secret else { continue };
                // An access key's id is a name; the secret beside it is what counts.
                let paired = secret.sort == "AWS access key id";
                if paired
                    && container
                        .env
                        .iter()
                        .any(|e| e.secret.is_some_and(|s| s.sort == "AWS secret access key"))
                {
                    continue;
                }
                let baked =
                    image.filter(|i| i.env.iter().any(|e| e.name == env.name && e.digest == env.digest));
                let live = secret.by_value || secret.sort == "AWS secret access key";
                let (cause, resource, place) = match baked {
                    Some(image) => (
                        format!("image {}: {}", repository(&image.name), env.name),
                        Some(("image", image.name.clone())),
                        image.place,
                    ),
                    None => (format!("{}: {}", unit(container), env.name), None, env.place),
                };
                hits.push(Hit {
                    cause,
                    title: format!("has a secret in its environment: {} ({})", env.name, secret.sort),
                    severity: if paired {
                        Severity::Low
                    } else if live {
                        Severity::High
                    } else {
                        Severity::Medium
                    },
                    certainty: if live {
                        Certainty::Certain
                    } else {
                        Certainty::Conditional
                    },
                    place: if baked.is_some() { place } else { env.place },
                    says: format!("{}: {}", env.name, secret.sort),
                    resource,
                });
            }
            hits
        });
        unused_images(see.facts, out);
    }
}

/// What was built into images that no container of this engine was made from.
fn unused_images(facts: &Facts, out: &mut Findings) {
    let used: BTreeSet<&str> = facts.containers.iter().map(|c| c.image_id.as_str()).collect();
    for image in facts.images.iter().filter(|i| !used.contains(i.id.as_str())) {
        for env in &image.env {
            let Some(secret) = env.secret else { continue };
            let live = secret.by_value || secret.sort == "AWS secret access key";
            let cause = format!("image {}: {}", repository(&image.name), env.name);
            if out
                .as_slice()
                .iter()
                .any(|f| f.cause == cause && f.rule.id == EnvSecret::META.id)
            {
                continue;
            }
            out.push(
                Finding::new(
                    &EnvSecret::META,
                    cause,
                    env.place,
                    format!("{}: {}", env.name, secret.sort),
                )
                .title(format!(
                    "image {} has a secret built in: {} ({})",
                    image.name, env.name, secret.sort
                ))
                .severity(if live { Severity::High } else { Severity::Medium })
                .certainty(if live {
                    Certainty::Certain
                } else {
                    Certainty::Conditional
                })
                .resource("image", &image.name),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{INFO, fired, found, one};

    const ID: &str = "container-env-secret";

    fn with(env: &str) -> Vec<String> {
        fired(ID, &one("a", "{}", &format!(r#"{{"Env":["{env}"]}}"#)), INFO)
    }

    #[test]
    fn fires() {
        assert_eq!(
            with("DATABASE_URL=postgres://u:hunter2@h/d"),
            ["high container a: DATABASE_URL"]
        );
        assert_eq!(with("DB_PASSWORD=hunter2"), ["medium container a: DB_PASSWORD"]);
        assert_eq!(
            with("X=ghp_0123456789abcdefghij0123456789abcdef"),
            ["high container a: X"]
        );
    }

    #[test]
    fn the_value_is_not_said() {
        let all = found(
            ID,
            &[(
                "c",
                &format!("[{}]", one("a", "{}", r#"{"Env":["DB_PASSWORD=hunter2"]}"#)),
            )],
        );
        assert!(!format!("{all:?}").contains("hunter2"));
    }

    #[test]
    fn what_was_built_in_is_the_images() {
        let image = r#"[{"Id":"sha256:1","RepoTags":["web:2"],"RootFS":{"Type":"layers"},"Config":{"Env":["API_TOKEN=abc"]}}]"#;
        let container = r#"[{"Id":"1","Name":"/a","Image":"sha256:1","HostConfig":{},"Config":{"Env":["API_TOKEN=abc"]}}]"#;
        let causes: Vec<String> = found(ID, &[("c", container), ("i", image)])
            .iter()
            .map(|f| f.cause.clone())
            .collect();
        assert_eq!(causes, ["image web: API_TOKEN"]);
        let alone: Vec<String> = found(ID, &[("i", image)])
            .iter()
            .map(|f| f.cause.clone())
            .collect();
        assert_eq!(alone, causes);
    }

    #[test]
    fn silent() {
        assert!(with("PATH=/usr/bin").is_empty());
    }

    /// Where the secret is, and that it is another's to fill in, is no secret.
    #[test]
    fn twin() {
        for env in [
            "DB_PASSWORD_FILE=/run/secrets/db",
            "DB_PASSWORD=",
            "DB_PASSWORD=${DB_PASSWORD}",
            "DATABASE_URL=postgres://u@h/d",
            "TOKEN_TTL=1h",
        ] {
            assert!(with(env).is_empty(), "{env}");
        }
    }
}
