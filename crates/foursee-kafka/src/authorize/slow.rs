//! A slow, obvious second implementation, and both compared on random policies and questions.
//!
//! Names that begin with a character below `*` are left out: there the platform's own class gives no answer.

use super::{Client, Outcome, Question};
use crate::facts::{Facts, Operation, Permission, ResourceType, Version};
use crate::testing::facts;
use foursee_core::layer::Holds;
use std::fmt::Write as _;

/// A small generator of numbers: xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// One ACL, as plain texts.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Plain {
    kind: &'static str,
    pattern: &'static str,
    name: String,
    principal: &'static str,
    host: &'static str,
    operation: &'static str,
    permission: &'static str,
}

const KINDS: [&str; 6] = [
    "TOPIC",
    "GROUP",
    "CLUSTER",
    "TRANSACTIONAL_ID",
    "DELEGATION_TOKEN",
    "USER",
];
const OPERATIONS: [&str; 13] = [
    "READ",
    "WRITE",
    "CREATE",
    "DELETE",
    "ALTER",
    "DESCRIBE",
    "CLUSTER_ACTION",
    "DESCRIBE_CONFIGS",
    "ALTER_CONFIGS",
    "IDEMPOTENT_WRITE",
    "CREATE_TOKENS",
    "DESCRIBE_TOKENS",
    "TWO_PHASE_COMMIT",
];
const PRINCIPALS: [&str; 10] = [
    "User:a",
    "User:b",
    "User:A",
    "User:*",
    "Group:a",
    "Group:*",
    "user:a",
    "User:ANONYMOUS",
    "User:CN=x,O=y",
    "User:a:b",
];
const ASKING: [&str; 9] = [
    "User:a",
    "User:b",
    "User:A",
    "Group:a",
    "User:ANONYMOUS",
    "User:CN=x,O=y",
    "User:a:b",
    "User:*",
    "User:root",
];
const HOSTS: [&str; 22] = [
    "*",
    "*",
    "*",
    "*",
    "127.0.0.1",
    "10.0.0.1",
    "10.0.0.0/8",
    "0:0:0:0:0:0:0:1",
    "::1",
    "localhost",
    "10.9.9.9/9",
    "10.0.0.1/31",
    "0.0.0.0/0",
    "127.0.0.0/33",
    "::/0",
    "FE80::/10",
    "::1/128",
    "::ffff:10.0.0.0/104",
    "10.0.0.0-10.0.0.9",
    "010.0.0.0/08",
    "/8",
    "10/8",
];
const ADDRESSES: [&str; 6] = [
    "127.0.0.1",
    "10.0.0.1",
    "10.200.0.0",
    "::1",
    "fe80::1",
    "::ffff:10.0.0.1",
];
const SUPERS: [&str; 3] = ["User:root", "User:*", "User:CN=boss"];

fn name(random: &mut Random) -> String {
    if random.below(12) == 0 {
        return "hardcode"[..=random.below(8)].to_owned();
    }
    let letters: Vec<char> = "hab.-_*\u{e9}\u{1f600}\u{ffff}".chars().collect();
    (0..=random.below(4))
        .map(|_| {
            let most = if random.below(5) == 0 { letters.len() } else { 4 };
            letters[random.below(most)]
        })
        .collect()
}

fn kind(random: &mut Random) -> &'static str {
    let most = if random.below(3) == 0 { KINDS.len() } else { 2 };
    KINDS[random.below(most)]
}

fn acl(random: &mut Random) -> Plain {
    Plain {
        kind: kind(random),
        pattern: if random.below(3) == 0 {
            "PREFIXED"
        } else {
            "LITERAL"
        },
        name: if random.below(8) == 0 {
            "*".to_owned()
        } else {
            name(random)
        },
        principal: random.pick(&PRINCIPALS),
        host: random.pick(&HOSTS),
        operation: if random.below(5) == 0 {
            "ALL"
        } else {
            random.pick(&OPERATIONS)
        },
        permission: if random.below(3) == 0 { "DENY" } else { "ALLOW" },
    }
}

fn covers(acl: &Plain, kind: &str, name: &str) -> bool {
    acl.kind == kind
        && if acl.pattern == "PREFIXED" {
            name.starts_with(&acl.name)
        } else {
            acl.name == name || acl.name == "*" && !name.starts_with('*')
        }
}

fn host_matches(acl: &str, address: &str, blocks: bool) -> bool {
    if acl == "*" || acl == java(address) {
        return true;
    }
    // The blocks of HOSTS, by hand.
    let four = matches!(java(address).as_str(), "127.0.0.1" | "10.0.0.1" | "10.200.0.0");
    blocks
        && match acl {
            "10.0.0.0/8" | "010.0.0.0/08" => four && address != "127.0.0.1",
            "10.9.9.9/9" | "10.0.0.1/31" => java(address) == "10.0.0.1",
            "0.0.0.0/0" => four,
            "::/0" => !four,
            "FE80::/10" => address == "fe80::1",
            "::1/128" => address == "::1",
            _ => false,
        }
}

fn java(address: &str) -> String {
    match address {
        "::1" => "0:0:0:0:0:0:0:1",
        "fe80::1" => "fe80:0:0:0:0:0:0:1",
        "::ffff:10.0.0.1" => "10.0.0.1",
        other => other,
    }
    .to_owned()
}

struct Policy {
    acls: Vec<Plain>,
    everyone: bool,
    version: Version,
}

impl Policy {
    fn concerns(&self, acl: &Plain, principal: &str, address: &str) -> bool {
        (acl.principal == principal || acl.principal == "User:*")
            && host_matches(acl.host, address, self.version >= Version(4, 4, 0))
    }

    fn direct(&self, acl: &Plain, operation: &str) -> bool {
        acl.operation == operation || acl.operation == "ALL" && self.version >= Version(3, 2, 0)
    }

    fn decide(&self, principal: &str, address: &str, operation: &str, kind: &str, name: &str) -> bool {
        if SUPERS.contains(&principal) {
            return true;
        }
        let (mut covered, mut allowed, mut concerned) = (false, false, false);
        for acl in self.acls.iter().filter(|acl| covers(acl, kind, name)) {
            covered = true;
            if !self.concerns(acl, principal, address) {
                continue;
            }
            let implied = match operation {
                "DESCRIBE" => ["READ", "WRITE", "DELETE", "ALTER"].contains(&acl.operation),
                "DESCRIBE_CONFIGS" => acl.operation == "ALTER_CONFIGS",
                _ => false,
            };
            if acl.permission == "DENY" {
                if self.direct(acl, operation) {
                    return false;
                }
            } else if self.direct(acl, operation) || implied {
                concerned = true;
                allowed = true;
            }
        }
        if !covered || self.version < Version(3, 3, 2) && !concerned {
            self.everyone
        } else {
            allowed
        }
    }

    fn any(&self, principal: &str, address: &str, operation: &str, kind: &str) -> bool {
        if self.decide(principal, address, operation, kind, "hardcode") {
            return true;
        }
        let those = |permission: &str| -> Vec<&Plain> {
            let fits = |acl: &&Plain| {
                acl.kind == kind
                    && acl.permission == permission
                    && (acl.operation == operation || acl.operation == "ALL")
                    && self.concerns(acl, principal, address)
            };
            self.acls.iter().filter(fits).collect()
        };
        let denies = those("DENY");
        if denies
            .iter()
            .any(|deny| deny.pattern == "LITERAL" && deny.name == "*")
        {
            return false;
        }
        those("ALLOW").iter().any(|allow| {
            let literal = allow.pattern == "LITERAL";
            literal && allow.name == "*"
                || !denies.iter().any(|deny| match deny.pattern {
                    "PREFIXED" => allow.name.starts_with(&deny.name),
                    _ => literal && deny.name == allow.name,
                })
        })
    }

    fn texts(&self) -> (String, String) {
        let mut list = Vec::new();
        for acl in &self.acls {
            list.push(serde_json::json!({"principal": acl.principal, "host": acl.host, "operation": acl.operation,
                "permissionType": acl.permission, "resourceType": acl.kind, "resourceName": acl.name, "patternType": acl.pattern}));
        }
        let mut settings = String::from("super.users= User:root ;User:*;;User:CN=boss\n");
        let _ = writeln!(settings, "allow.everyone.if.no.acl.found={}", self.everyone);
        let acls = serde_json::json!({"acls": list, "version": self.version.to_string()}).to_string();
        (acls, settings)
    }

    fn read(&self) -> Facts {
        let (acls, settings) = self.texts();
        let (facts, gaps) = facts(&[("acls.json", &acls), ("server.properties", &settings)]);
        assert!(gaps.is_empty(), "{gaps:?}");
        facts
    }
}

fn policy(random: &mut Random) -> Policy {
    Policy {
        acls: (0..random.below(60)).map(|_| acl(random)).collect(),
        everyone: random.below(3) == 0,
        version: random.pick(&[
            Version(3, 1, 0),
            Version(3, 3, 1),
            Version(3, 9, 1),
            Version(4, 3, 1),
            Version(4, 4, 0),
        ]),
    }
}

fn guarded(name: &str) -> bool {
    name.chars().next().is_some_and(|first| first >= '*')
}

#[test]
fn fast_and_slow_agree_on_random_questions() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut asked, mut yes, mut any_yes) = (0, 0, 0);
    for _ in 0..300 {
        let policy = policy(&mut random);
        let facts = policy.read();
        for _ in 0..200 {
            let (principal, address) = (random.pick(&ASKING), random.pick(&ADDRESSES));
            let (operation, kind, name) = (random.pick(&OPERATIONS), kind(&mut random), name(&mut random));
            assert!(guarded(&name));
            let client = Client::new(address);
            let (op, ty) = (
                Operation::parse(operation).unwrap(),
                ResourceType::parse(kind).unwrap(),
            );
            let question = Question {
                principal,
                client: &client,
                operation: op,
                kind: ty,
                name: &name,
            };
            let (fast, slow) = (
                facts.decide(&question),
                policy.decide(principal, address, operation, kind, &name),
            );
            assert_eq!(
                fast.allowed, slow,
                "{principal} {address} {operation} {kind} {name}: {fast:?}\n{:#?}",
                policy.acls
            );
            // The ACL that is credited decides so on its own.
            if let Some(acl) = fast.acl.and_then(|at| facts.acls.get(at)) {
                assert_eq!(acl.permission == Permission::Allow, fast.allowed);
                assert_eq!(acl.kind, ty);
            }
            let any = facts.decide_any(principal, &client, op, ty, facts.quirks());
            let slow_any = policy.any(principal, address, operation, kind);
            assert_eq!(
                any.allowed, slow_any,
                "any: {principal} {address} {operation} {kind}\n{:#?}",
                policy.acls
            );
            asked += 1;
            yes += usize::from(slow);
            any_yes += usize::from(slow_any);
        }
    }
    assert!(
        asked == 60_000 && yes > 12_000 && any_yes > 12_000,
        "{asked} {yes} {any_yes}"
    );
}

/// What is said over all clients agrees with each client; and what a statement leaves is exactly what is allowed.
#[test]
fn outcomes_and_scopes_agree_with_decisions() {
    let mut random = Random(42);
    for _ in 0..150 {
        let policy = policy(&mut random);
        let facts = policy.read();
        for _ in 0..100 {
            let principal = random.pick(&ASKING);
            let (operation, kind, name) = (random.pick(&OPERATIONS), kind(&mut random), name(&mut random));
            let (op, ty) = (
                Operation::parse(operation).unwrap(),
                ResourceType::parse(kind).unwrap(),
            );
            let clients: Vec<Client> = ADDRESSES.iter().map(|one| Client::new(one)).collect();
            let ask = |client: &Client| {
                facts
                    .decide(&Question {
                        principal,
                        client,
                        operation: op,
                        kind: ty,
                        name: &name,
                    })
                    .allowed
            };
            let allowed: Vec<bool> = clients.iter().chain([&Client::unnamed()]).map(ask).collect();
            let outcome = facts.outcome(principal, op, ty, &name);
            match &outcome {
                Outcome::Always => assert!(
                    allowed.iter().all(|one| *one),
                    "{principal} {operation} {kind} {name} always"
                ),
                Outcome::Never => assert!(
                    allowed.iter().all(|one| !*one),
                    "{principal} {operation} {kind} {name} never"
                ),
                Outcome::If(condition) => assert!(!condition.is_empty()),
            }
            let starred = matches!(ty, ResourceType::Topic | ResourceType::Cluster) && name.starts_with('*');
            let quirky = starred || facts.is_super(principal) || policy.everyone || ty == ResourceType::User;
            if !quirky {
                let reaches: Vec<_> = facts.scope_of(principal, op, ty).collect();
                let mut fitting = reaches.iter().filter(|one| {
                    one.pattern.matches(&name) && !one.except.iter().any(|except| except.matches(&name))
                });
                let certain = fitting.clone().any(|one| one.condition.is_empty());
                if certain {
                    assert_ne!(
                        outcome,
                        Outcome::Never,
                        "{principal} {operation} {kind} {name}: {reaches:?}"
                    );
                }
                if outcome != Outcome::Never {
                    assert!(
                        fitting.next().is_some(),
                        "{principal} {operation} {kind} {name}: nothing left, {outcome:?}"
                    );
                }
            }
        }
    }
}

/// On random policies: whatever the authorizer allows of a technique an edge covers (L1), a certain edge holds for every
/// member (L2), a conditional one for those that `holds` does not refute.
#[test]
fn edges_say_what_the_authorizer_says() {
    use crate::lower::confirm::holds;
    use foursee_core::document::Place;
    use foursee_core::layer::{Hop, Who};
    use foursee_core::model::{Certainty, DocId, NodeId};
    const TOPICS: [&str; 9] = ["h", "ha", "hab", "b", "ba", "a.b", "h-a", "aa", "bbb"];
    let techniques = [
        ("kafka-read", "READ"),
        ("kafka-write", "WRITE"),
        ("kafka-delete", "DELETE"),
        ("kafka-alter-configs", "ALTER_CONFIGS"),
    ];
    let mut random = Random(7);
    let (mut yes, mut conditional) = (0, 0);
    for _ in 0..50 {
        let mut policy = policy(&mut random);
        for acl in &mut policy.acls {
            acl.kind = if acl.kind == "USER" || acl.kind == "CLUSTER" {
                acl.kind
            } else {
                "TOPIC"
            };
            if acl.kind == "CLUSTER" {
                (acl.name, acl.pattern) = ("kafka-cluster".to_owned(), "LITERAL");
            }
        }
        let (acls, broker) = policy.texts();
        let topics = format!("__consumer_offsets\n{}\n", TOPICS.join("\n"));
        let texts = [
            ("acls.json", &*acls),
            ("server.properties", &*broker),
            ("topics.txt", &*topics),
        ];
        let (all, _) = facts(&texts);
        let (_, mapped) = foursee_core::conformance::opened(crate::Kafka, &texts).unwrap();
        let estate = &*mapped.estate;
        let scope = estate.nodes[0].scope;
        let technique =
            |edge: &foursee_core::estate::Edge| estate.technique(edge.technique).map_or("", |row| &*row.id);
        let who = |id: NodeId| Who {
            kind: estate.kind(id).map_or("", |kind| &kind.name),
            name: estate.name(id),
        };
        for principal in ASKING.iter().filter(|one| **one != "User:*") {
            let Some(node) = estate.find(scope, "kafka", "principal", principal) else {
                continue;
            };
            let mut holders = vec![node];
            let mut at = 0;
            while let Some(one) = holders.get(at).copied() {
                at += 1;
                let groups = estate
                    .edges
                    .iter()
                    .filter(|edge| edge.from == one && technique(edge) == "core-member");
                for edge in groups {
                    let hop = Hop {
                        technique: "core-member",
                        from: who(one),
                        to: who(edge.to),
                        place: edge.place,
                        credential: None,
                    };
                    assert_eq!(holds(&all, &hop), Holds::Yes, "{:?}", (who(one), who(edge.to)));
                    if !holders.contains(&edge.to) {
                        holders.push(edge.to);
                    }
                }
            }
            for topic in TOPICS {
                let target = estate.find(scope, "kafka", "topic", topic).unwrap();
                for (id, word) in techniques {
                    let word = super::may(&all, principal, word, &format!("topic:{topic}"));
                    let covers = |to: NodeId| {
                        to == target
                            || who(to).kind == "topic"
                                && estate.selectors.get(&to).is_some_and(|one| one.matches(topic))
                    };
                    let edges: Vec<_> = estate
                        .edges
                        .iter()
                        .filter(|edge| {
                            holders.contains(&edge.from) && technique(edge) == id && covers(edge.to)
                        })
                        .collect();
                    let told = format!(
                        "{principal} {id} {topic}: {word:?}\n{:#?} {}",
                        policy.acls, policy.version
                    );
                    let confirm = |edge: &foursee_core::estate::Edge| {
                        let place = Place { doc: DocId(0), at: 0 };
                        let hop = Hop {
                            technique: id,
                            from: who(edge.from),
                            to: who(target),
                            place,
                            credential: None,
                        };
                        holds(&all, &hop)
                    };
                    // Only some members of an edge that asks are meant: those that are confirmed.
                    let refuted = |edge: &foursee_core::estate::Edge| matches!(confirm(edge), Holds::No(_));
                    let edges: Vec<_> = edges
                        .into_iter()
                        .filter(|edge| edge.certainty != Certainty::Ask || !refuted(edge))
                        .collect();
                    assert_eq!(edges.is_empty(), matches!(word, Holds::No(_)), "{told}");
                    for edge in edges {
                        let confirmed = confirm(edge);
                        match edge.certainty {
                            Certainty::Certain => {
                                assert_eq!(confirmed, Holds::Yes, "{:?} {told}", who(edge.from))
                            }
                            _ => {
                                assert!(!matches!(confirmed, Holds::No(_)), "{:?} {told}", who(edge.from));
                                let plain = estate.condition(edge.condition) == crate::lower::NO_GROUP;
                                conditional += usize::from(!plain);
                            }
                        }
                        yes += 1;
                    }
                }
            }
        }
    }
    assert!(yes > 2_000 && conditional > 200, "{yes} {conditional}");
}
