//! Questions as JSON text, in the platform's own words, and their answers.

use super::certificate::{Mapping, Named};
use super::{Client, Decision, Outcome, Question, Quirks, Why};
use crate::facts::{Acl, Authorizer, CLUSTER_NAME, Facts, Operation, ResourceType, Version};
use foursee_core::document::Str;
use foursee_core::layer::{Holds, QuestionError};
use foursee_core::model::Certainty;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(borrow, default)]
    principal: Str<'a>,
    /// In place of a principal: the name in a client's certificate (RFC 2253), which the rules of `listener` map.
    #[serde(borrow, default)]
    certificate: Str<'a>,
    /// The listener that the certificate is shown to.
    #[serde(borrow, default)]
    listener: Str<'a>,
    #[serde(borrow, default)]
    host: Str<'a>,
    #[serde(borrow, default)]
    operation: Str<'a>,
    #[serde(borrow, default, rename = "resourceType", alias = "resource_type")]
    resource_type: Str<'a>,
    #[serde(borrow, default, rename = "resourceName", alias = "resource_name")]
    resource_name: Option<Str<'a>>,
    /// Ask as if the brokers were of this version.
    #[serde(borrow, default)]
    version: Str<'a>,
}

#[derive(Serialize)]
struct Answer<'a> {
    allowed: bool,
    /// As whom a certificate acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<&'a str>,
    acl: Option<Binding<'a>>,
    reason: String,
    /// The platform itself gives no answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    undefined: bool,
    /// What is not known, and could change the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    incomplete: Vec<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Binding<'a> {
    principal: &'a str,
    host: &'a str,
    operation: &'a str,
    permission_type: &'static str,
    resource_type: &'a str,
    resource_name: &'a str,
    pattern_type: &'static str,
}

fn binding<'a>(facts: &'a Facts, acl: &'a Acl) -> Binding<'a> {
    Binding {
        principal: facts.word(acl.principal),
        host: facts.word(acl.host),
        operation: acl.operation.as_str(&facts.words),
        permission_type: acl.permission.as_str(),
        resource_type: acl.kind.as_str(&facts.words),
        resource_name: facts.word(acl.name),
        pattern_type: acl.pattern.as_str(),
    }
}

fn malformed(why: impl Into<String>) -> QuestionError {
    QuestionError::Malformed {
        layer: crate::ID,
        why: why.into(),
    }
}

/// Answers `{principal, host, operation, resourceType, resourceName}`; without a name, for at least one resource.
/// `{certificate, listener, ...}` asks for the principal that the listener's rules make of a certificate's name.
pub(crate) fn decide(facts: &Facts, question: &str, answer: &mut Vec<u8>) -> Result<(), QuestionError> {
    let asked: Asked<'_> = serde_json::from_str(question).map_err(|error| {
        malformed(format!("{error}; write {{\"principal\":\"User:x\",\"host\":\"10.0.0.1\",\"operation\":\"READ\",\"resourceType\":\"TOPIC\",\"resourceName\":\"orders\"}}"))
    })?;
    let mapped = match (asked.principal.is_empty(), asked.certificate.is_empty()) {
        (true, true) => return Err(malformed("it has no `principal`; write `User:name`")),
        (false, false) => return Err(malformed("it has a `principal` and a `certificate`; write one")),
        (false, true) => None,
        (true, false) => Some(certificate(facts, &asked.certificate, &asked.listener)?),
    };
    let operation = operation_of(facts, &asked.operation).ok_or_else(|| {
        malformed(format!(
            "`operation` is `{}`; write one of Kafka's, such as READ or DESCRIBE_CONFIGS",
            &*asked.operation
        ))
    })?;
    let kind = kind_of(facts, &asked.resource_type).ok_or_else(|| {
        malformed(format!(
            "`resourceType` is `{}`; write TOPIC, GROUP, CLUSTER, TRANSACTIONAL_ID, DELEGATION_TOKEN or USER",
            &*asked.resource_type
        ))
    })?;
    let quirks =
        if asked.version.is_empty() {
            facts.quirks()
        } else {
            let version = Version::parse(&asked.version);
            Quirks::of(version.ok_or_else(|| {
                malformed(format!("`version` is `{}`; write it like 4.3.1", &*asked.version))
            })?)
        };
    let client = Client::new(&asked.host);
    let principal = match &mapped {
        None => &*asked.principal,
        Some(Some(name)) => name,
        Some(None) => {
            let refused = Answer {
                allowed: false,
                principal: None,
                acl: None,
                reason: "no rule of ssl.principal.mapping.rules is for this certificate: the login fails"
                    .to_owned(),
                undefined: false,
                incomplete: Vec::new(),
            };
            return serde_json::to_writer(&mut *answer, &refused)
                .map_err(|error| malformed(error.to_string()));
        }
    };
    let decision = match &asked.resource_name {
        Some(name) => facts.decide_as(
            &Question {
                principal,
                client: &client,
                operation,
                kind,
                name,
            },
            quirks,
        ),
        None => facts.decide_any(principal, &client, operation, kind, quirks),
    };
    let acl = decision.acl.and_then(|at| facts.acls.get(at));
    let answered = Answer {
        allowed: decision.allowed,
        principal: mapped.as_ref().map(|_| principal),
        acl: acl.map(|acl| binding(facts, acl)),
        reason: reason(facts, &decision, quirks),
        undefined: decision.why == Why::Undefined,
        incomplete: incomplete(facts, &decision, quirks),
    };
    serde_json::to_writer(&mut *answer, &answered).map_err(|error| malformed(error.to_string()))
}

/// The principal of a certificate; none where the login fails.
fn certificate(facts: &Facts, name: &str, listener: &str) -> Result<Option<String>, QuestionError> {
    let unknown = |why: &str| malformed(format!("which principal `{name}` is cannot be known: {why}"));
    let mut settings = facts.settings.iter();
    if settings.len() == 0 {
        return Err(unknown("server.properties was not given"));
    }
    if settings.any(|one| {
        one.mappings
            .iter()
            .any(|(key, _)| key.ends_with("principal.builder.class"))
    }) {
        return Err(unknown("another class than Kafka's own makes the principals"));
    }
    let listener = listener.to_ascii_uppercase();
    let mut said: Vec<&str> = facts
        .settings
        .iter()
        .map(|one| {
            let of = |wanted: &str| one.certificates.iter().rfind(|(of, _, _)| of == wanted);
            of(&listener)
                .or_else(|| of(""))
                .map_or("DEFAULT", |(_, rules, _)| rules)
        })
        .collect();
    said.dedup();
    let [rules] = *said else {
        return Err(unknown("brokers have different rules"));
    };
    match Mapping::parse(rules).map_err(unknown)?.name(name) {
        Named::Name(name) => Ok(Some(format!("User:{name}"))),
        Named::Refused => Ok(None),
        Named::Unknown(why) => Err(unknown(why)),
    }
}

/// An operation by its word; one that is only an ACL's too.
fn operation_of(facts: &Facts, word: &str) -> Option<Operation> {
    Operation::parse(word).or_else(|| {
        facts
            .words
            .find(word)
            .map(Operation::Other)
            .filter(|_| !word.is_empty())
    })
}

fn kind_of(facts: &Facts, word: &str) -> Option<ResourceType> {
    ResourceType::parse(word).or_else(|| {
        facts
            .words
            .find(word)
            .map(ResourceType::Other)
            .filter(|_| !word.is_empty())
    })
}

fn reason(facts: &Facts, decision: &Decision, quirks: Quirks) -> String {
    let by = |verb: &str| match decision.acl.and_then(|at| facts.acls.get(at)) {
        Some(acl) => format!("{verb} by ACL {}", facts.binding(acl)),
        None => verb.to_owned(),
    };
    match decision.why {
        Why::NoAuthorizer => "no authorizer is configured: everything is allowed".to_owned(),
        Why::SuperUser => "the principal is in super.users".to_owned(),
        Why::NoAclFound if decision.allowed => {
            "no ACL matches the resource, and allow.everyone.if.no.acl.found is true".to_owned()
        }
        Why::NoAclFound => "no ACL matches the resource".to_owned(),
        Why::Denied => by("denied"),
        Why::Allowed => by("allowed"),
        Why::NotAllowed if decision.allowed && !quirks.everyone_per_resource => {
            "no ACL matches the principal, and before 3.3.2 allow.everyone.if.no.acl.found counts then too (KAFKA-14435)"
                .to_owned()
        }
        Why::NotAllowed => "no ACL that matches allows it".to_owned(),
        Why::Undefined => {
            "undefined by the platform: for a name that begins with a character below `*` its own lookup fails".to_owned()
        }
    }
}

fn incomplete(facts: &Facts, decision: &Decision, quirks: Quirks) -> Vec<&'static str> {
    let mut all = Vec::new();
    if facts.listings.is_empty() && facts.settings.is_empty() {
        return all;
    }
    if facts.settings.is_empty() && !decision.allowed {
        all.push(
            "server.properties was not given: super.users and allow.everyone.if.no.acl.found are not known",
        );
    }
    if facts.listings.is_empty() && !matches!(decision.why, Why::SuperUser | Why::NoAuthorizer) {
        all.push("no list of ACLs was given");
    }
    if matches!(facts.authorizer(), Authorizer::Custom(..)) {
        all.push("another class than Kafka's own decides");
    }
    if quirks.hiding && decision.why != Why::SuperUser {
        all.push("before 3.3.1 one PREFIXED ACL can hide another (KAFKA-14265)");
    }
    all
}

/// Whether a principal may do an action to a resource: `READ`, `topic:orders`; `*` and `ALL` are every operation that
/// is asked on the type.
pub(crate) fn may(facts: &Facts, principal: &str, action: &str, resource: &str) -> Holds {
    // An operation that foursee does not know is one where an ACL names it.
    let named = |operation: &Operation| {
        !matches!(operation, Operation::Other(_)) || facts.acls.iter().any(|acl| acl.operation == *operation)
    };
    let Some(operation) = operation_of(facts, action).filter(named) else {
        return Holds::No(format!("`{action}` is no operation of Kafka's"));
    };
    let (kinds, name) = resources_of(facts, operation, resource);
    if name.is_empty() {
        return Holds::Unknown(format!("`{resource}` names no resource; write `topic:name`"));
    }
    // The widest word on any of the types that are meant.
    let mut best: Option<Holds> = None;
    for kind in kinds {
        let word = over(facts, principal, operation, kind, name);
        let rank = |word: &Holds| match word {
            Holds::Yes => 3,
            Holds::If(_) => 2,
            Holds::Unknown(_) => 1,
            Holds::No(_) => 0,
        };
        if best.as_ref().is_none_or(|best| rank(&word) > rank(best)) {
            best = Some(word);
        }
    }
    best.unwrap_or_else(|| Holds::Unknown(format!("`{resource}` names no resource; write `topic:name`")))
}

/// Whether a principal may do an operation to a resource; ALL is every one that is asked on the type.
fn over(facts: &Facts, principal: &str, operation: Operation, kind: ResourceType, name: &str) -> Holds {
    let all = if operation == Operation::All {
        kind.operations()
    } else {
        std::slice::from_ref(&operation)
    };
    let mut conditions: Vec<String> = Vec::new();
    for operation in all {
        match allowed(facts, principal, *operation, kind, name) {
            Outcome::Always => {}
            Outcome::If(condition) => conditions.push(condition),
            Outcome::Never => {
                let (word, kind) = (operation.as_str(&facts.words), kind.as_str(&facts.words));
                let who = if principal.is_empty() {
                    "everybody"
                } else {
                    principal
                };
                let no = || Holds::No(format!("no ACL leaves {word} on {kind} {name} to {who}"));
                return facts.blind(principal).map_or_else(no, Holds::Unknown);
            }
        }
    }
    if facts.certainty() == Certainty::Unknown {
        return facts.blind(principal).map_or(Holds::Yes, Holds::Unknown);
    }
    conditions.sort();
    conditions.dedup();
    if conditions.is_empty() {
        Holds::Yes
    } else {
        Holds::If(conditions.join("; "))
    }
}

/// The authorizer's word, with the cluster's own rights that brokers ask instead: CREATE and DELETE on the cluster
/// stand for the same on every topic.
fn allowed(facts: &Facts, principal: &str, operation: Operation, kind: ResourceType, name: &str) -> Outcome {
    let own = facts.outcome(principal, operation, kind, name);
    if own == Outcome::Always
        || kind != ResourceType::Topic
        || !matches!(operation, Operation::Create | Operation::Delete)
    {
        return own;
    }
    match facts.outcome(principal, operation, ResourceType::Cluster, CLUSTER_NAME) {
        Outcome::Never => own,
        other => other,
    }
}

/// The resources that a text may mean: `topic:orders`, `group-id:app`; a bare name means each type that is known to
/// hold it, and where none is, each on which the operation is asked.
fn resources_of<'a>(facts: &Facts, operation: Operation, text: &'a str) -> (Vec<ResourceType>, &'a str) {
    if let Some((word, name)) = text.split_once([':', ' '])
        && let Some(kind) = ResourceType::parse(word).filter(|_| word != "User")
    {
        return (vec![kind], name);
    }
    if text == CLUSTER_NAME {
        return (vec![ResourceType::Cluster], text);
    }
    if matches!(operation, Operation::CreateTokens | Operation::DescribeTokens) || text.starts_with("User:") {
        return (vec![ResourceType::User], text);
    }
    let named = [
        ResourceType::Topic,
        ResourceType::Group,
        ResourceType::TransactionalId,
        ResourceType::DelegationToken,
    ];
    let known: Vec<ResourceType> = named
        .into_iter()
        .filter(|kind| facts.knows(*kind, text))
        .collect();
    if !known.is_empty() {
        return (known, text);
    }
    let asks = |kind: &ResourceType| operation == Operation::All || kind.operations().contains(&operation);
    let mut asked: Vec<ResourceType> = named.into_iter().filter(asks).collect();
    if asked.is_empty() {
        asked.push(ResourceType::Topic);
    }
    (asked, text)
}
