//! The rule `kafka-listener-plaintext`.

use crate::facts::{Facts, Protocol};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A listener asks for no login, in clear.
    ///
    /// ## Why
    /// Whoever reaches it is `User:ANONYMOUS`, and everything that is said there can be read and changed on the
    /// way.
    ///
    /// ## Evidence
    /// The listeners and what they are mapped to.
    ///
    /// ## Fix
    /// Map the listener to SASL_SSL or SSL with ssl.client.auth=required in listener.security.protocol.map, or
    /// bind it to the loopback address.
    pub ListenerPlaintext: "kafka-listener-plaintext", High, needs ["server-properties"]
}

impl Rule<Facts> for ListenerPlaintext {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let found = super::listeners(&Self::META, see.facts, "asks for no login", |one| {
            one.protocol == Protocol::Plaintext && !one.controller
        });
        for finding in found {
            out.push(finding.identity("principal", "User:ANONYMOUS"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::causes;

    const RULE: &str = "kafka-listener-plaintext";

    #[test]
    fn the_protocol_fires() {
        let broker = "listeners=IN://0.0.0.0:9092,OTHER://0.0.0.0:9093\nlistener.security.protocol.map=IN:PLAINTEXT,OTHER:SASL_SSL\n";
        assert_eq!(causes(RULE, &[("server.properties", broker)]), ["listener IN"]);
    }

    #[test]
    fn others_are_silent() {
        assert!(causes(RULE, &[("server.properties", "listeners=SASL_SSL://0.0.0.0:9092\n")]).is_empty());
    }

    #[test]
    fn its_twin_on_loopback_is_silent() {
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            let broker = format!("listeners=PLAINTEXT://{host}:9092\n");
            assert!(causes(RULE, &[("server.properties", &broker)]).is_empty(), "{host}");
        }
    }
}
