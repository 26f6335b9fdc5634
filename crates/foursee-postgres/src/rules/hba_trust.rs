//! The rule `postgres-hba-trust`.

use crate::facts::Facts;
use crate::facts::hba::{Connections, From, Line};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Rung, Severity};
use std::net::IpAddr;

foursee_core::rule! {
    /// pg_hba.conf asks for no password.
    ///
    /// ## Why
    /// `trust` lets in whoever says a name: no password, no certificate. Over the network everybody who reaches the port is
    /// any role that the line is for; a superuser among them runs programs on the host. On the server's own socket or
    /// loopback it is everybody with an account or a container there.
    ///
    /// ## Evidence
    /// The line of pg_hba.conf.
    ///
    /// ## Fix
    /// `scram-sha-256` in place of `trust`; on the socket, `peer` for the operating system's users.
    pub HbaTrust: "postgres-hba-trust", Critical, needs ["hba"]
}

/// Whether nobody comes by the line but from the server's host itself.
fn own_host(line: &Line) -> bool {
    match line.from {
        From::Network(IpAddr::V4(ip), IpAddr::V4(mask)) => {
            ip.is_loopback() && mask.to_bits().leading_ones() >= 8
        }
        From::Network(IpAddr::V6(ip), IpAddr::V6(mask)) => {
            ip.is_loopback() && mask.to_bits().leading_ones() == 128
        }
        _ => line.connections == Connections::Local,
    }
}

impl Rule<Facts> for HbaTrust {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let lines = see.facts.hba.iter().flat_map(|hba| &hba.lines);
        for line in lines.filter(|line| line.method == "trust") {
            let finding = Finding::new(
                &Self::META,
                format!("pg_hba.conf trusts {}", line.text),
                line.place,
                line.text.as_str(),
            )
            .rung(Rung::Unbounded, Rung::Narrow);
            out.push(if own_host(line) {
                finding
                    .severity(Severity::Medium)
                    .title("Whoever is on the server's host is let in without a password")
            } else {
                finding.title("Whoever reaches the server is let in without a password")
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::document;
    use foursee_core::model::{Severity, Time};

    fn found(hba: &str) -> Vec<(String, Severity)> {
        let catalog = document(|_| {});
        let texts = [("hba.conf", hba), ("shop.json", &*catalog)];
        let (all, _) = foursee_core::conformance::findings(crate::Postgres, &texts, Time(0)).unwrap();
        all.iter()
            .filter(|one| one.rule.id == "postgres-hba-trust")
            .map(|one| (one.cause.to_string(), one.severity))
            .collect()
    }

    #[test]
    fn trust_over_the_network_fires() {
        assert_eq!(
            found("# comment\nhost  all  all  10.0.0.0/8  trust # why\n"),
            [(
                "pg_hba.conf trusts host all all 10.0.0.0/8 trust".to_owned(),
                Severity::Critical
            )]
        );
    }

    #[test]
    fn on_the_servers_own_host_it_is_milder() {
        for line in [
            "local all postgres trust",
            "host all all 127.0.0.1/32 trust",
            "host all all ::1/128 trust",
        ] {
            assert_eq!(found(line)[0].1, Severity::Medium, "{line}");
        }
    }

    #[test]
    fn a_password_is_silent() {
        assert!(found("host all all 0.0.0.0/0 scram-sha-256\n").is_empty());
    }

    /// The twin: the word as a name and in a comment.
    #[test]
    fn a_database_of_that_name_is_silent() {
        assert!(found("host trust trust 0.0.0.0/0 md5 # trust\n").is_empty());
    }
}
