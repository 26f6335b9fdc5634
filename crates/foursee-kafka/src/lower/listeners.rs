//! Who logs in where: credentials that principals accept, and listeners that ask for none.

use super::{PRINCIPAL, STRANGER};
use crate::facts::{ANONYMOUS, Facts};
use crate::techniques as technique;
use foursee_core::document::Place;
use foursee_core::estate::{Accepted, Lowering};
use foursee_core::model::{Certainty, ConditionId, Foothold, NodeId, Pattern};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Writes what the listeners say.
pub(super) fn write(facts: &Facts, principals: &BTreeMap<String, (NodeId, Place)>, out: &mut Lowering<'_>) {
    let mut realms: BTreeSet<String> = facts
        .listeners()
        .filter(|one| one.advertised && !one.controller && one.protocol.sasl() && !one.host.is_empty())
        .map(|one| one.endpoint())
        .collect();
    if let Some(scope) = out.scope_row() {
        realms.extend(scope.endpoints.iter().map(|one| with_port(one)));
    }
    // Another class makes principals of logins: whose, is not known.
    let built = |(key, _): &(String, Place)| key.ends_with("principal.builder.class");
    let custom = facts.settings.iter().flat_map(|one| &one.mappings).any(built);
    let mapped = if custom {
        Certainty::Unknown
    } else {
        Certainty::Certain
    };
    for (name, (node, place)) in principals {
        let Some(user) = sasl_user(name) else { continue };
        for realm in realms.iter().filter(|realm| lets_in(facts, realm, user)) {
            out.accept(Accepted {
                by: *node,
                gives: Foothold::Acts,
                kind: "sasl".into(),
                realm: realm.as_str().into(),
                subject: Pattern::Exact(Arc::from(user)),
                audience: Vec::new(),
                certainty: mapped,
                condition: ConditionId(0),
                place: *place,
            });
        }
    }
    let open: Vec<_> = facts.listeners().filter(|one| one.lets_anybody_in()).collect();
    let Some(first) = open.first() else { return };
    let anonymous = out.node(&PRINCIPAL, ANONYMOUS);
    let stranger = out.node(&STRANGER, "a client without a login");
    out.edge(stranger, &technique::NO_LOGIN, anonymous, first.place);
    for one in open.iter().filter(|one| !one.loopback()) {
        let why = format!(
            "listener {} at {} asks for no login ({})",
            one.name,
            one.endpoint(),
            one.protocol.as_str()
        );
        out.entry(stranger, Foothold::Acts, why, one.place);
    }
}

/// Whether a SASL user may log in at an address. A configured address that no listener advertises stands for the
/// listeners of its port; one whose port is nobody's, for some listener that is not known.
pub(crate) fn lets_in(facts: &Facts, realm: &str, user: &str) -> bool {
    let clients = || facts.listeners().filter(|one| one.advertised && !one.controller);
    let mut own = clients().filter(|one| one.endpoint() == realm).peekable();
    if own.peek().is_some() {
        return own.any(|one| one.lets_in(user));
    }
    let port = realm
        .rsplit_once(':')
        .and_then(|(_, port)| port.parse::<u16>().ok());
    let mut same = clients().filter(|one| Some(one.port) == port).peekable();
    same.peek().is_none() || same.any(|one| one.lets_in(user))
}

/// The SASL user that acts as a principal. Names of certificates (`User:CN=...`) and of nobody have none.
pub(crate) fn sasl_user(principal: &str) -> Option<&str> {
    let user = principal.strip_prefix("User:")?;
    (!user.is_empty() && user != "*" && user != "ANONYMOUS" && !user.contains('=')).then_some(user)
}

/// A configured endpoint, with Kafka's port where it has none.
fn with_port(endpoint: &str) -> String {
    let endpoint = endpoint.to_lowercase();
    let ported = endpoint
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if ported {
        endpoint
    } else {
        format!("{endpoint}:9092")
    }
}
