//! The rule `container-engine-tcp-no-tls`.

use crate::facts::Facts;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Rung, Severity};

foursee_core::rule! {
    /// The engine listens on the network without asking for a certificate.
    ///
    /// ## Why
    /// Whoever reaches the port is root of the host: one request starts a privileged container. On the loopback that is
    /// every process of the host and every container in its network; on any other address, the network.
    ///
    /// ## Evidence
    /// `hosts` of daemon.json: a `tcp://` address, without `tlsverify`.
    ///
    /// ## Fix
    /// Remove the address and use `ssh://` contexts; or set `tlsverify`, `tlscacert`, `tlscert` and `tlskey`.
    pub EngineTcpNoTls: "container-engine-tcp-no-tls", Critical, needs ["daemon"]
}

impl Rule<Facts> for EngineTcpNoTls {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let Some(daemon) = &see.facts.daemon else { return };
        let Some(place) = daemon.place else { return };
        for open in daemon.open() {
            let local = ["tcp://127.", "tcp://localhost", "tcp://[::1]"]
                .iter()
                .any(|p| open.starts_with(p));
            let host = see.facts.host();
            out.push(
                Finding::new(
                    &Self::META,
                    format!("engine {host}: hosts {open}"),
                    place,
                    format!("hosts: {open}, without tlsverify"),
                )
                .title(format!("engine {host} obeys whoever reaches {open}"))
                .severity(if local { Severity::High } else { Severity::Critical })
                .resource("host", host)
                .on_rung(Rung::Unbounded, Rung::Narrow),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::found;

    fn with(daemon: &str) -> Vec<String> {
        found("container-engine-tcp-no-tls", &[("daemon.json", daemon)])
            .iter()
            .map(|f| format!("{} {}", f.severity.as_str(), f.cause))
            .collect()
    }

    #[test]
    fn fires() {
        assert_eq!(
            with(r#"{"hosts":["unix:///run/docker.sock","tcp://0.0.0.0:2375"]}"#),
            ["critical engine host: hosts tcp://0.0.0.0:2375"]
        );
        assert_eq!(
            with(r#"{"hosts":["tcp://127.0.0.1:2375"],"tls":true}"#),
            ["high engine host: hosts tcp://127.0.0.1:2375"]
        );
    }

    #[test]
    fn silent() {
        assert!(with(r#"{"hosts":["unix:///run/docker.sock","fd://"]}"#).is_empty());
    }

    /// The same address, where clients must show a certificate.
    #[test]
    fn twin() {
        assert!(with(r#"{"hosts":["tcp://0.0.0.0:2376"],"tlsverify":true}"#).is_empty());
    }
}
