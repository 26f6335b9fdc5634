//! The rule `kafka-listener-sasl-plaintext`.

use crate::facts::{Facts, Protocol};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A listener takes logins in clear.
    ///
    /// ## Why
    /// With SASL/PLAIN the password itself, and with every mechanism all messages, can be read on the way;
    /// whoever holds the way can speak for the client after its login.
    ///
    /// ## Evidence
    /// The listeners and what they are mapped to.
    ///
    /// ## Fix
    /// Map the listener to SASL_SSL in listener.security.protocol.map.
    pub ListenerSaslPlaintext: "kafka-listener-sasl-plaintext", Medium, needs ["server-properties"]
}

impl Rule<Facts> for ListenerSaslPlaintext {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let found = super::listeners(&Self::META, see.facts, "takes logins in clear", |one| {
            one.protocol == Protocol::SaslPlaintext
        });
        for finding in found {
            out.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::causes;

    const RULE: &str = "kafka-listener-sasl-plaintext";

    #[test]
    fn the_protocol_fires() {
        let broker = "listeners=IN://0.0.0.0:9092,OTHER://0.0.0.0:9093\nlistener.security.protocol.map=IN:SASL_PLAINTEXT,OTHER:SASL_SSL\n";
        assert_eq!(causes(RULE, &[("server.properties", broker)]), ["listener IN"]);
    }

    #[test]
    fn others_are_silent() {
        assert!(causes(RULE, &[("server.properties", "listeners=SASL_SSL://0.0.0.0:9092\n")]).is_empty());
    }

    #[test]
    fn its_twin_on_loopback_is_silent() {
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            let broker = format!("listeners=SASL_PLAINTEXT://{host}:9092\n");
            assert!(causes(RULE, &[("server.properties", &broker)]).is_empty(), "{host}");
        }
    }
}
