//! The rule `container-port-sensitive`.

use super::{Hit, report, unit};
use crate::facts::Facts;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Certainty;

foursee_core::rule! {
    /// A container publishes a database's, an engine's or a debugger's port to other hosts.
    ///
    /// ## Why
    /// Published ports stand before the host's own firewall rules (ufw, firewalld) and are open to every network that
    /// the host is in. What listens there is meant for a neighbour, and is often without a password.
    ///
    /// ## Evidence
    /// The port's binding: an address that is not the loopback.
    ///
    /// ## Fix
    /// Bind it to 127.0.0.1, or do not publish it: containers of one network reach each other without.
    pub PortSensitive: "container-port-sensitive", High, needs ["containers"]
}

const PORTS: [(&str, &str); 18] = [
    ("22", "SSH"),
    ("2375", "an engine's API"),
    ("2376", "an engine's API"),
    ("2379", "etcd"),
    ("3306", "MySQL"),
    ("5005", "a Java debugger"),
    ("5432", "PostgreSQL"),
    ("6379", "Redis"),
    ("8500", "Consul"),
    ("9092", "Kafka"),
    ("9200", "Elasticsearch"),
    ("9229", "a Node.js debugger"),
    ("10250", "a kubelet"),
    ("11211", "memcached"),
    ("15672", "RabbitMQ's console"),
    ("26379", "Redis Sentinel"),
    ("27017", "MongoDB"),
    ("50070", "HDFS"),
];

impl Rule<Facts> for PortSensitive {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        report(&Self::META, see.facts, out, |container, _| {
            let mut hits: Vec<Hit> = Vec::new();
            for port in container
                .ports
                .iter()
                .filter(|p| !p.address.starts_with("127.") && p.address != "::1")
            {
                let (number, protocol) = port.inside.split_once('/').unwrap_or((&port.inside, "tcp"));
                let Some((_, what)) = PORTS.iter().find(|(one, _)| *one == number && protocol == "tcp")
                else {
                    continue;
                };
                let cause = format!("{}: published port {number}", unit(container));
                if hits.iter().any(|hit| hit.cause == cause) {
                    continue;
                }
                let address = if port.address.is_empty() {
                    "every address"
                } else {
                    &port.address
                };
                hits.push(Hit {
                    cause,
                    title: format!("publishes port {number} ({what}) on {address}"),
                    severity: Self::META.severity,
                    certainty: Certainty::Certain,
                    place: port.place,
                    says: format!("{} published on {address} port {}", port.inside, port.port),
                    resource: None,
                });
            }
            hits
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{INFO, fired, one};

    const ID: &str = "container-port-sensitive";

    fn published(inside: &str, address: &str) -> Vec<String> {
        fired(
            ID,
            &one(
                "a",
                &format!(r#"{{"PortBindings":{{"{inside}":[{{"HostIp":"{address}","HostPort":"7000"}}]}}}}"#),
                "{}",
            ),
            INFO,
        )
    }

    #[test]
    fn fires() {
        for address in ["", "0.0.0.0", "::", "10.1.2.3"] {
            assert_eq!(
                published("5432/tcp", address),
                ["high container a: published port 5432"],
                "{address}"
            );
        }
    }

    #[test]
    fn silent() {
        assert!(published("443/tcp", "").is_empty());
    }

    /// The same port on the loopback only, and another protocol's.
    #[test]
    fn twin() {
        assert!(published("5432/tcp", "127.0.0.1").is_empty());
        assert!(published("5432/udp", "").is_empty());
    }
}
