//! The rule `container-runtime-api-env`.

use super::{Hit, report, unit};
use crate::facts::Facts;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Certainty;

foursee_core::rule! {
    /// A container's environment names an engine on the network.
    ///
    /// ## Why
    /// What the container's programs can ask of that engine, whoever gets into the container can ask too: a privileged
    /// container there, and so root of its host. Certificates beside it are a login, not a limit; only a proxy that lets
    /// through some requests is.
    ///
    /// ## Evidence
    /// `DOCKER_HOST` or its like with a `tcp://` address.
    ///
    /// ## Fix
    /// Use a proxy that allows only the reads that are needed, or an engine of the job's own that is thrown away.
    pub RuntimeApiEnv: "container-runtime-api-env", High, needs ["containers"]
}

impl Rule<Facts> for RuntimeApiEnv {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        report(&Self::META, see.facts, out, |container, _| {
            let hit = |(name, address, place): &(String, String, _)| Hit {
                cause: format!("{}: {name} {address}", unit(container)),
                title: format!("drives the engine at {address}, as far as that lets it"),
                severity: Self::META.severity,
                certainty: Certainty::Conditional,
                place: *place,
                says: format!("{name}: tcp://{address}"),
                resource: None,
            };
            container.engine_apis.iter().map(hit).collect()
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{INFO, fired, one};

    const ID: &str = "container-runtime-api-env";

    fn with(env: &str) -> Vec<String> {
        fired(ID, &one("a", "{}", &format!(r#"{{"Env":["{env}"]}}"#)), INFO)
    }

    #[test]
    fn fires() {
        assert_eq!(
            with("DOCKER_HOST=tcp://dind:2375"),
            ["high container a: DOCKER_HOST dind:2375"]
        );
    }

    #[test]
    fn silent() {
        assert!(with("PATH=/bin").is_empty());
    }

    /// A socket by its path is the mount's matter, and another program's host is another's.
    #[test]
    fn twin() {
        assert!(with("DOCKER_HOST=unix:///run/docker.sock").is_empty());
        assert!(with("REDIS_HOST=tcp://r:6379").is_empty());
    }
}
