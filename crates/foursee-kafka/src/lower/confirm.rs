//! Whether a hop really holds: the authorizer, asked again for the one member.

use super::plan::Holder;
use super::{ALLOW_EVERYONE, EVERYONE, GRANT, NO_AUTHORIZER, NO_GROUP, STRANGER, SUPER_USERS, scram, tokens};
use crate::authorize::{Outcome, may};
use crate::facts::{ANONYMOUS, CLUSTER_NAME, Facts, Operation, ResourceType};
use foursee_core::layer::{Holds, Hop, Who};
use foursee_core::model::Certainty;

/// The layer's word on a hop.
pub(crate) fn holds(facts: &Facts, hop: &Hop<'_>) -> Holds {
    match hop.technique {
        "core-member" => member(facts, hop),
        "core-accepts" => accepts(facts, hop),
        "core-presents" => Holds::No("Kafka's principals present nothing".to_owned()),
        "kafka-no-login" => yes_if(
            hop.from.kind == STRANGER.name
                && hop.to.name == ANONYMOUS
                && facts.listeners().any(|one| one.lets_anybody_in()),
            "no listener lets in clients without a login",
        ),
        "kafka-super-user" => yes_if(facts.is_super(hop.from.name), "it is not in super.users"),
        technique if facts.certainty() == Certainty::Unknown => {
            let why = facts.blind(hop.from.name).unwrap_or_default();
            Holds::Unknown(format!("{technique}: {why}"))
        }
        technique => match asker(facts, &hop.from) {
            Some(Asker::Principal(name)) => asked(facts, technique, name, hop.to.name),
            Some(Asker::Nobody) => open(facts, technique, hop.to.name),
            None => Holds::No(format!("there is no {} {}", hop.from.kind, hop.from.name)),
        },
    }
}

fn yes_if(holds: bool, why_not: &str) -> Holds {
    if holds {
        Holds::Yes
    } else {
        Holds::No(why_not.to_owned())
    }
}

/// As whom the authorizer is asked.
enum Asker<'f> {
    /// A principal; empty for everybody.
    Principal(&'f str),
    /// One that no ACL names: what is open is open to it.
    Nobody,
}

fn asker<'f>(facts: &'f Facts, who: &Who<'f>) -> Option<Asker<'f>> {
    if who.kind == EVERYONE.name {
        return Some(Asker::Principal(""));
    }
    if who.kind != GRANT.name {
        return Some(Asker::Principal(who.name));
    }
    match who.name {
        SUPER_USERS => facts
            .super_users()
            .first()
            .map(|(name, _)| Asker::Principal(name)),
        ALLOW_EVERYONE => facts.allow_everyone().map(|_| Asker::Nobody),
        NO_AUTHORIZER => Some(Asker::Nobody),
        name => {
            let statement = facts.plan().statements.get(*facts.plan().grants.get(name)?)?;
            let (holder, _) = statement.holders.first()?;
            Some(Asker::Principal(facts.holder_name(*holder)))
        }
    }
}

fn member(facts: &Facts, hop: &Hop<'_>) -> Holds {
    let symbol = facts.words.find(hop.from.name);
    if hop.to.kind == EVERYONE.name {
        let apart = symbol.is_some_and(|sym| facts.plan().apart.contains(&sym));
        return yes_if(!apart, "it is denied some of what everybody is allowed");
    }
    match hop.to.name {
        SUPER_USERS => yes_if(facts.is_super(hop.from.name), "it is not in super.users"),
        ALLOW_EVERYONE => yes_if(
            facts.allow_everyone().is_some(),
            "allow.everyone.if.no.acl.found is false",
        ),
        NO_AUTHORIZER => Holds::Yes,
        name => {
            let holder = if hop.from.kind == EVERYONE.name {
                Some(Holder::Everybody)
            } else {
                symbol.map(Holder::Principal)
            };
            let statement = facts
                .plan()
                .grants
                .get(name)
                .and_then(|at| facts.plan().statements.get(*at));
            let holds =
                statement.is_some_and(|one| one.holders.iter().any(|(known, _)| Some(*known) == holder));
            yes_if(holds, "it has no such ACL")
        }
    }
}

fn accepts(facts: &Facts, hop: &Hop<'_>) -> Holds {
    let Some(credential) = hop.credential else {
        return Holds::Unknown("no credential was named".to_owned());
    };
    let user = super::listeners::sasl_user(hop.to.name);
    if credential.kind != "sasl" || user != Some(credential.subject) {
        return Holds::No("it is another user's login".to_owned());
    }
    let lets_in = super::listeners::lets_in(facts, &credential.realm.to_lowercase(), credential.subject);
    yes_if(lets_in, "no listener at that address lets the user in")
}

fn asked(facts: &Facts, technique: &str, principal: &str, to: &str) -> Holds {
    let topic = |operation: Operation| facts.outcome(principal, operation, ResourceType::Topic, to);
    let cluster =
        |operation: Operation| facts.outcome(principal, operation, ResourceType::Cluster, CLUSTER_NAME);
    let (outcome, more) = match technique {
        "kafka-read" => (
            topic(Operation::Read),
            if facts.reads_a_group(principal) {
                ""
            } else {
                NO_GROUP
            },
        ),
        "kafka-write" => (topic(Operation::Write), ""),
        "kafka-delete" => match may(facts, principal, "DELETE", &format!("topic:{to}")) {
            Holds::Yes => (Outcome::Always, ""),
            Holds::If(condition) => (Outcome::If(condition), ""),
            Holds::Unknown(_) | Holds::No(_) => (Outcome::Never, ""),
        },
        "kafka-alter-configs" if to == CLUSTER_NAME && cluster(Operation::AlterConfigs) != Outcome::Never => {
            (cluster(Operation::AlterConfigs), "")
        }
        "kafka-alter-configs" => (topic(Operation::AlterConfigs), ""),
        "kafka-alter-acls" => (cluster(Operation::Alter), ""),
        "kafka-fetch-as-follower" => (cluster(Operation::ClusterAction), ""),
        "kafka-reset-scram" => match scram(facts) {
            Some(more) => (cluster(Operation::Alter), more),
            None => return Holds::No("no SCRAM mechanism is enabled".to_owned()),
        },
        "kafka-create-tokens" => match tokens(facts) {
            Some(more) => (
                facts.outcome(principal, Operation::CreateTokens, ResourceType::User, to),
                more,
            ),
            None => return Holds::No("delegation.token.secret.key is not set".to_owned()),
        },
        other => return Holds::No(format!("`{other}` is no technique of Kafka's")),
    };
    match (outcome, more) {
        (Outcome::Never, _) => Holds::No(format!("the authorizer does not allow it to {principal}")),
        (Outcome::Always, "") => Holds::Yes,
        (Outcome::Always, more) => Holds::If(more.to_owned()),
        (Outcome::If(condition), "") => Holds::If(condition),
        (Outcome::If(condition), more) => Holds::If(format!("{condition}; {more}")),
    }
}

/// What is open to whoever no ACL names: only what no ACL matches, or everything where nobody decides.
fn open(facts: &Facts, technique: &str, to: &str) -> Holds {
    match asked(facts, technique, "\u{0}", to) {
        Holds::If(condition) if condition == NO_GROUP => Holds::Yes,
        other => other,
    }
}
