//! The rule `kafka-listener-controller-exposed`.

use crate::facts::{Facts, Listener};
use std::collections::BTreeMap;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// The controllers' listener asks for no login.
    ///
    /// ## Why
    /// Who reaches the controllers without a login speaks to them as `User:ANONYMOUS`; controllers decide about
    /// topics, ACLs and SCRAM passwords, and take forwarded requests.
    ///
    /// ## Evidence
    /// The controllers' listener, and what it is mapped to.
    ///
    /// ## Fix
    /// Map the listener to SASL_SSL or SSL with ssl.client.auth=required, and let only brokers and controllers
    /// reach it.
    pub ListenerControllerExposed: "kafka-listener-controller-exposed", High, needs ["server-properties"]
}

impl Rule<Facts> for ListenerControllerExposed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let mut named: BTreeMap<&str, Vec<&Listener>> = BTreeMap::new();
        for one in facts.listeners().filter(|one| one.controller && one.lets_anybody_in() && !one.loopback()) {
            named.entry(&one.name).or_default().push(one);
        }
        for (name, all) in named {
            let Some(first) = all.first() else { continue };
            let says = |one: &Listener| format!("{}://{} is {}", one.name, one.endpoint(), one.protocol.as_str());
            let mut finding = Finding::new(&Self::META, format!("controller listener {name}"), first.place, says(first))
                .title(format!("The controllers' listener {name} at {} asks for no login", first.endpoint()))
                .identity("principal", "User:ANONYMOUS")
                .resource("cluster", "kafka-cluster");
            for more in all.iter().skip(1) {
                finding = finding.evidence(more.place, says(more));
            }
            out.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::causes;

    const RULE: &str = "kafka-listener-controller-exposed";

    fn broker(host: &str, protocol: &str) -> String {
        format!("controller.listener.names=CTL\nlisteners=SASL_SSL://k:9092,CTL://{host}:9093\nlistener.security.protocol.map=SASL_SSL:SASL_SSL,CTL:{protocol}\n")
    }

    #[test]
    fn an_open_one_fires() {
        assert_eq!(causes(RULE, &[("server.properties", &broker("", "PLAINTEXT"))]), ["controller listener CTL"]);
    }

    #[test]
    fn one_with_a_login_is_silent() {
        assert!(causes(RULE, &[("server.properties", &broker("", "SASL_SSL"))]).is_empty());
    }

    #[test]
    fn its_twin_on_loopback_is_silent() {
        assert!(causes(RULE, &[("server.properties", &broker("127.0.0.1", "PLAINTEXT"))]).is_empty());
    }
}
