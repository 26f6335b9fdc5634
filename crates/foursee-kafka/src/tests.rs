//! The layer as a whole: what it reads, lowers and confirms.

use crate::facts::{Operation, PatternType, Permission, ResourceType};
use crate::testing::{acls, facts};
use crate::{Kafka, parse};
use foursee_core::conformance;
use foursee_core::document::Head;
use foursee_core::layer::{Layer, ScopeClaim};
use foursee_core::model::{Certainty, Reason};

const TEXT_39: &str = include_str!("../tests/data/kafka-acls-list-3.9.1.txt");
const TEXT_43: &str = include_str!("../tests/data/kafka-acls-list-4.3.1.txt");
const BOB_39: &str = include_str!("../tests/data/kafka-acls-list-principal-3.9.1.txt");
const BOB_43: &str = include_str!("../tests/data/kafka-acls-list-principal-4.3.1.txt");
const BROKER: &str = include_str!("../tests/data/server.properties");
const TOPICS: &str = include_str!("../tests/data/topics-describe.txt");
const GROUPS: &str = include_str!("../tests/data/groups-describe.txt");

#[test]
fn both_forms_of_the_list_are_the_same_acls() {
    let (old, gaps) = facts(&[("a", TEXT_39)]);
    let (new, more) = facts(&[("a", TEXT_43)]);
    assert!(gaps.is_empty() && more.is_empty());
    let shown = |facts: &crate::facts::Facts| {
        facts
            .acls
            .iter()
            .map(|acl| facts.binding(acl))
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(&old), shown(&new));
    assert_eq!(old.acls.len(), 12);
    assert!(shown(&old).contains(&"ALLOW ALL on TOPIC payments.* (prefixed) for User:CN=carol,OU=apps,O=Test Org,C=NL from any host".to_owned()));
    let (bob, _) = facts(&[("a", BOB_39)]);
    assert_eq!(
        (bob.acls.len(), bob.listings[0].only.as_deref()),
        (3, Some("User:bob"))
    );
    assert_eq!(shown(&bob), shown(&facts(&[("a", BOB_43)]).0));
}

#[test]
fn older_forms_are_read() {
    let text = "Current ACLs for resource `Topic:LITERAL:x`: \n \tUser:a has Allow permission for operations: Read from hosts: *\n\nCurrent ACLs for resource `Group:PREFIXED:g:1`:\n\tUser:b has Deny permission for operations: DescribeConfigs from hosts: 10.0.0.1\n\nCurrent ACLs for resource `Cluster:kafka-cluster`:\n\tUser:c has Allow permission for operations: All from hosts: *\n";
    let (facts, gaps) = facts(&[("a", text)]);
    assert!(gaps.is_empty());
    let all: Vec<String> = facts.acls.iter().map(|acl| facts.binding(acl)).collect();
    assert_eq!(
        all,
        [
            "ALLOW READ on TOPIC x for User:a from any host",
            "DENY DESCRIBE_CONFIGS on GROUP g:1* (prefixed) for User:b from 10.0.0.1",
            "ALLOW ALL on CLUSTER kafka-cluster for User:c from any host",
        ]
    );
}

#[test]
fn every_json_form_is_the_same_acl() {
    let flat = r#"{"principal":"User:a","host":"*","operation":"READ","permissionType":"ALLOW","resourceType":"TOPIC","resourceName":"t","patternType":"LITERAL"}"#;
    let forms = [
        format!("[{flat}]"),
        format!("{{\"clusterId\":\"x\",\"acls\":[{flat}]}}"),
        r#"{"acls":[{"pattern":{"resourceType":"TOPIC","name":"t","patternType":"LITERAL"},"entry":{"principal":"User:a","host":"*","operation":"READ","permissionType":"ALLOW"}}]}"#.to_owned(),
        r#"{"matches":[{"principal":"User:a","host":"*","resource_type":"TOPIC","resource_name":"t","resource_pattern_type":"LITERAL","operation":"READ","permission":"ALLOW"}]}"#.to_owned(),
        r#"{"kind":"KafkaAclList","data":[{"kind":"KafkaAcl","cluster_id":"x","resource_type":"TOPIC","resource_name":"t","pattern_type":"LITERAL","principal":"User:a","host":"*","operation":"READ","permission":"ALLOW"}]}"#.to_owned(),
        r#"[{"resourceType":"Topic","resourceName":"t","patternType":"Literal","acls":[{"principal":"User:a","host":"*","operation":"Read","permissionType":"Allow"}]}]"#.to_owned(),
        r#"[{"principal":"User:a","operation":"READ","permissionType":"ALLOW","resourceType":"TOPIC","name":"t"}]"#.to_owned(),
    ];
    for text in &forms {
        let (facts, gaps) = facts(&[("a.json", text)]);
        assert!(gaps.is_empty(), "{text}: {gaps:?}");
        let acl = facts.acls.first().unwrap_or_else(|| panic!("{text}"));
        assert_eq!(
            (acl.kind, acl.pattern, acl.permission, acl.operation),
            (
                ResourceType::Topic,
                PatternType::Literal,
                Permission::Allow,
                Operation::Read
            )
        );
        assert_eq!(
            (
                facts.word(acl.name),
                facts.word(acl.principal),
                facts.word(acl.host)
            ),
            ("t", "User:a", "*")
        );
    }
    let claim = Kafka.recognise(&Head::new("a", &forms[1])).unwrap();
    assert_eq!(claim.scope, ScopeClaim::One("x".to_owned()));
}

#[test]
fn one_bad_item_is_a_gap_and_the_rest_is_kept() {
    let text = r#"{"acls":[{"principal":"User:a","operation":"READ","permissionType":"ALLOW","resourceType":"TOPIC","resourceName":"t"},{"principal":7},{"principal":"User:b","operation":"FLY","permissionType":"ALLOW","resourceType":"MOON","resourceName":"m"},{"principal":"User:c","operation":"READ","permissionType":"MAYBE","resourceType":"TOPIC","resourceName":"t"},{"princ"#;
    let (facts, gaps) = facts(&[("a.json", text)]);
    let all: Vec<String> = facts.acls.iter().map(|acl| facts.binding(acl)).collect();
    assert_eq!(
        all,
        [
            "ALLOW READ on TOPIC t for User:a from any host",
            "ALLOW FLY on MOON m for User:b from any host"
        ]
    );
    let reasons: Vec<Reason> = gaps.iter().map(|gap| gap.reason).collect();
    assert_eq!(reasons, [Reason::Malformed, Reason::Malformed, Reason::Truncated]);
}

#[test]
fn settings_are_read_and_secrets_are_overwritten() {
    let (facts, gaps) = facts(&[("server.properties", BROKER)]);
    assert!(gaps.is_empty());
    let one = &facts.settings[0];
    let supers: Vec<&str> = one.super_users.iter().map(|(name, _)| &**name).collect();
    assert_eq!(supers, ["User:admin", "User:CN=broker,O=Shop"]);
    let listeners: Vec<(String, &str, bool, bool)> = one
        .listeners
        .iter()
        .map(|one| {
            (
                one.endpoint(),
                one.protocol.as_str(),
                one.controller,
                one.lets_anybody_in(),
            )
        })
        .collect();
    assert_eq!(
        listeners,
        [
            ("kafka:9092".to_owned(), "SASL_PLAINTEXT", false, false),
            ("kafka:9094".to_owned(), "PLAINTEXT", false, true),
            ("kafka:9095".to_owned(), "SSL", false, false),
            (":9093".to_owned(), "SASL_PLAINTEXT", true, false),
        ]
    );
    let users: Vec<&str> = one.sasl_users.iter().map(|(name, _)| &**name).collect();
    assert_eq!(users, ["admin", "alice", "bob"]);
    assert!(one.scram && one.tokens.is_some());
    let kept = crate::testing::redacted("server.properties", BROKER);
    for secret in [
        "admin-pw",
        "alice-pw",
        "keystore-pw",
        "commented-pw",
        "token-secret",
    ] {
        assert!(BROKER.contains(secret) && !kept.contains(secret), "{secret}");
    }
    assert_eq!(kept.len(), BROKER.len());
}

#[test]
fn what_is_refused_is_a_gap_or_a_fact() {
    let denied = "Error while executing ACL command: org.apache.kafka.common.errors.ClusterAuthorizationException: Request Request(processor=0) is not authorized.\norg.apache.kafka.common.errors.ClusterAuthorizationException: x\n";
    let (facts_denied, gaps) = facts(&[("acls.txt", denied)]);
    assert_eq!(gaps[0].reason, Reason::Denied);
    assert!(facts_denied.listings.is_empty());
    let disabled = "Error while executing ACL command: org.apache.kafka.common.errors.SecurityDisabledException: No Authorizer is configured.\n";
    let (facts_disabled, gaps) = facts(&[("acls.txt", disabled)]);
    assert!(gaps.is_empty() && facts_disabled.disabled.is_some());
    // Nothing at all may mean "not allowed to see".
    for (name, text) in [("kafka-acls.txt", "\n"), ("a.json", "{\"acls\":[]}")] {
        let (_, mapped) = conformance::opened(Kafka, &[(name, text)]).unwrap();
        let gap = mapped
            .estate
            .gaps
            .iter()
            .find(|gap| gap.target == "ACLs of the cluster")
            .unwrap();
        assert!(gap.hides.contains("not allowed to see"), "{name}");
    }
    let proven = "{\"acls\":[],\"authorizedOperations\":[\"DESCRIBE\"]}";
    let (_, mapped) = conformance::opened(Kafka, &[("a.json", proven)]).unwrap();
    assert!(
        !mapped
            .estate
            .gaps
            .iter()
            .any(|gap| gap.target == "ACLs of the cluster")
    );
}

#[test]
fn documents_are_told_apart_by_what_they_say() {
    let kind = |text: &str| Kafka.recognise(&Head::new("x", text)).map(|claim| claim.kinds[0]);
    assert_eq!(kind(TEXT_39), Some(parse::ACLS));
    assert_eq!(kind(BROKER), Some(parse::SETTINGS));
    assert_eq!(kind(TOPICS), Some(parse::TOPICS));
    assert_eq!(kind(GROUPS), Some(parse::GROUPS));
    assert_eq!(
        kind("broker.id=1\nlog.dirs=/data\nzookeeper.connect=zk:2181\n"),
        Some(parse::SETTINGS)
    );
    assert_eq!(kind("__consumer_offsets\norders\n"), Some(parse::TOPICS));
    assert_eq!(kind("Cluster ID: abc\n"), Some(parse::CLUSTER));
    assert_eq!(kind("{\"clusterId\":\"abc\"}"), Some(parse::CLUSTER));
    assert_eq!(
        kind("ClusterId:              abc\nLeaderId:               1\n"),
        Some(parse::CLUSTER)
    );
    // A tool's warning before its listing is no JSON.
    assert_eq!(
        kind(&format!("[2026-11-24 04:35:02,671] WARN x (y)\n{TEXT_43}")),
        Some(parse::ACLS)
    );
    // And what is not Kafka's.
    for text in [
        "orders\npayments\n",
        "apiVersion: v1\nkind: List\n",
        "{\"items\":[{\"kind\":\"Role\"}],\"kind\":\"List\"}",
        "[{\"Id\":\"x\",\"Name\":\"/c\"}]",
        "spring.datasource.url=jdbc:postgresql://db/x\n",
        "bootstrap.servers=k:9092\nlisteners=http://0.0.0.0:8083\n",
        "zookeeper.connect=zk:2181\ngroup.id=g\n",
        "{\"data\":[{\"principal\":\"x\"}]}",
        "{\"Statement\":[{\"Principal\":\"*\"}]}",
    ] {
        assert_eq!(kind(text), None, "{text}");
    }
    let claim = Kafka.recognise(&Head::new("x", "Cluster ID: abc\n")).unwrap();
    assert_eq!(claim.scope, ScopeClaim::One("abc".to_owned()));
}

#[test]
fn the_layer_conforms() {
    let cluster = "Cluster ID: 4L6g3nShT-eMCtK--X86sw\n";
    let texts = [
        ("acls.txt", TEXT_43),
        ("server.properties", BROKER),
        ("topics.txt", TOPICS),
        ("groups.txt", GROUPS),
        ("cluster.txt", cluster),
        ("authorizer.log", include_str!("../tests/data/authorizer.log")),
        (
            "users.txt",
            "SCRAM credential configs for user-principal 'svc' are SCRAM-SHA-512=iterations=8192\n",
        ),
    ];
    let wrong = conformance::check(&Kafka, &texts).unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
    complete(&texts);
    let open = acls(&[
        "User:* ALLOW ALL TOPIC *",
        "User:a DENY READ TOPIC pii*",
        "User:a ALLOW READ GROUP app",
        "User:b DENY ALL TOPIC * from 10.0.0.1",
        "User:c ALLOW READ TOPIC pii.x from 10.0.0.0/8",
        "User:d ALLOW READ TOPIC pii.x from 10.0.0.0/8",
        "User:e ALLOW ALL CLUSTER kafka-cluster",
        "User:f ALLOW CREATE_TOKENS USER User:e",
        "User:* ALLOW READ GROUP *",
    ]);
    let texts = [
        ("acls.json", &*open),
        (
            "server.properties",
            "allow.everyone.if.no.acl.found=true\nlisteners=PLAINTEXT://kafka:9092\n",
        ),
        ("topics.txt", TOPICS),
    ];
    let wrong = conformance::check(&Kafka, &texts).unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
    complete(&texts);
}

/// Whatever an ACL allows of the technique table, an edge covers (L1).
fn complete(texts: conformance::Texts<'_>) {
    use conformance::Means;
    let table = [
        Means::new("kafka-read", "READ", "topic"),
        Means::new("kafka-write", "WRITE", "topic"),
        Means::new("kafka-delete", "DELETE", "topic"),
        Means::new("kafka-alter-configs", "ALTER_CONFIGS", "topic"),
    ];
    let compared = conformance::complete(Kafka, texts, &table).unwrap();
    assert!(compared.wrong.is_empty(), "{:#?}", compared.wrong);
    assert!(compared.allowed > 5, "{compared:?}");
}

/// Nothing of a line of the log stays but who was allowed what, and its text is let go.
#[test]
fn a_secret_in_the_log_appears_nowhere() {
    let log = include_str!("../tests/data/authorizer.log");
    let planted = format!(
        "{log}[2026-11-24 04:35:04,356] DEBUG Principal = User:x is Allowed operation = READ password=hunter2\n\
         [2026-11-24 04:35:05,000] INFO sasl.jaas.config=user password=\"hunter2\" (kafka.server)\n"
    );
    let texts = [("acls.txt", TEXT_43), ("authorizer.log", &*planted)];
    let (opened, mapped) = conformance::opened(Kafka, &texts).unwrap();
    let named: Vec<&str> = opened
        .gaps()
        .iter()
        .map(|gap| &*gap.target)
        .filter(|target| target.contains("authorizer.log"))
        .collect();
    let line = log.lines().count() + 1;
    assert_eq!(named, [format!("line {line} of authorizer.log")]);
    let documents = opened.library().documents();
    assert!(
        documents
            .iter()
            .any(|one| &*one.name == "authorizer.log" && one.text.is_empty())
    );
    let (found, gaps) = conformance::findings(Kafka, &texts, foursee_core::model::Time(0)).unwrap();
    let scope = opened.loaded()[0].scope();
    let usage = &opened.facts::<crate::facts::Facts>(scope).unwrap();
    let words: Vec<&str> = usage
        .usage
        .uses
        .keys()
        .map(|one| usage.word(one.principal))
        .collect();
    assert!(
        words.contains(&"User:alice") && !words.contains(&"User:x"),
        "{words:?}"
    );
    let everything = format!(
        "{found:?} {gaps:?} {:?} {:?} {:?}",
        mapped.estate.nodes, mapped.estate.privileges, usage.usage
    );
    assert!(!everything.contains("hunter2") && !format!("{documents:?}").contains("hunter2"));
}

/// Every edge, its selectors' members one by one, is what the authorizer says (L2); and whatever the authorizer allows
/// of a technique, an edge covers (L1).
#[test]
fn edges_are_exact_and_complete() {
    use foursee_core::graph::Position;
    use foursee_core::model::Foothold;
    let list = acls(&[
        "User:* ALLOW READ TOPIC public*",
        "User:* ALLOW READ GROUP *",
        "User:a DENY READ TOPIC public.secret",
        "User:a ALLOW ALL TOPIC orders*",
        "User:a DENY DELETE TOPIC orders.eu",
        "User:b ALLOW ALL TOPIC orders*",
        "User:c ALLOW ALL TOPIC orders*",
        "User:d ALLOW WRITE TOPIC *",
        "User:d DENY WRITE TOPIC orders*",
        "User:e ALLOW DELETE CLUSTER kafka-cluster",
        "User:f ALLOW READ TOPIC orders.us from 10.0.0.1",
        "User:f DENY READ TOPIC orders.us from 10.0.0.1",
    ]);
    let topics = "__consumer_offsets\norders.eu\norders.us\norders\npublic.a\npublic.secret\nother\n";
    let broker = "super.users=User:root\nallow.everyone.if.no.acl.found=true\n";
    let texts = [
        ("acls.json", &*list),
        ("topics.txt", topics),
        ("server.properties", broker),
    ];
    let (all, _) = facts(&texts);
    let (_, mapped) = conformance::opened(Kafka, &texts).unwrap();
    let estate = &*mapped.estate;
    let scope = estate.nodes[0].scope;
    let techniques = [
        (Operation::Read, "kafka-read"),
        (Operation::Write, "kafka-write"),
        (Operation::Delete, "kafka-delete"),
        (Operation::AlterConfigs, "kafka-alter-configs"),
    ];
    for principal in [
        "User:a",
        "User:b",
        "User:c",
        "User:d",
        "User:e",
        "User:f",
        "User:root",
    ] {
        let node = estate.find(scope, "kafka", "principal", principal).unwrap();
        let member = estate.techniques.iter().position(|row| &*row.id == "core-member");
        let mut holders = vec![node];
        let mut at = 0;
        while let Some(one) = holders.get(at).copied() {
            at += 1;
            holders.extend(
                estate
                    .edges
                    .iter()
                    .filter(|edge| edge.from == one && Some(edge.technique.index()) == member)
                    .map(|edge| edge.to),
            );
        }
        for topic in topics.lines() {
            let target = estate.find(scope, "kafka", "topic", topic).unwrap();
            for (operation, technique) in techniques {
                let word = operation.as_str(&all.words);
                let want = !matches!(
                    crate::authorize::may(&all, principal, word, &format!("topic:{topic}")),
                    foursee_core::layer::Holds::No(_)
                );
                let edges: Vec<Certainty> = estate
                    .edges
                    .iter()
                    .filter(|edge| {
                        holders.contains(&edge.from)
                            && estate
                                .technique(edge.technique)
                                .is_some_and(|row| &*row.id == technique)
                            && (edge.to == target
                                || estate.selectors.get(&edge.to).is_some_and(|one| {
                                    one.matches(topic)
                                        && estate.kind(edge.to).is_some_and(|kind| &*kind.name == "topic")
                                }))
                    })
                    .map(|edge| edge.certainty)
                    .collect();
                assert_eq!(!edges.is_empty(), want, "{principal} {technique} {topic}");
            }
        }
        let reach = mapped.graph.reach(
            estate,
            &[Position {
                node,
                foothold: Foothold::Acts,
            }],
            Certainty::Unknown,
        );
        assert_ne!(reach.of(node).0, 0);
    }
    // Who shares what is left shares a grant node; a's DENY sets it apart.
    let shared = estate
        .find(scope, "kafka", "acl", "ALL on TOPIC:PREFIXED:orders from *")
        .unwrap();
    let members: Vec<&str> = estate
        .edges
        .iter()
        .filter(|edge| edge.to == shared)
        .map(|edge| estate.name(edge.from))
        .collect();
    assert_eq!(members, ["User:b", "User:c"]);
}

#[test]
fn logins_and_strangers() {
    let (_, mapped) =
        conformance::opened(Kafka, &[("acls.txt", TEXT_43), ("server.properties", BROKER)]).unwrap();
    let estate = &*mapped.estate;
    let mut accepts: Vec<(&str, &str)> = estate
        .accepted
        .iter()
        .map(|one| (estate.name(one.by), &*one.realm))
        .collect();
    accepts.sort_unstable();
    assert_eq!(
        accepts,
        [
            ("User:admin", "kafka:9092"),
            ("User:alice", "kafka:9092"),
            ("User:bob", "kafka:9092"),
            ("User:dave", "kafka:9092"),
            ("User:svc", "kafka:9092"),
        ]
    );
    assert_eq!(estate.entries.len(), 1);
    assert!(estate.entries[0].why.contains("kafka:9094"));
    let tokens = estate
        .edges
        .iter()
        .find(|edge| {
            estate
                .technique(edge.technique)
                .is_some_and(|row| &*row.id == "kafka-create-tokens" && estate.name(edge.from) == "User:bob")
        })
        .unwrap();
    assert_eq!(
        (estate.name(tokens.to), tokens.certainty),
        ("User:alice", Certainty::Certain)
    );
}

#[test]
fn parts_merge_in_any_split() {
    let (whole, _) = facts(&[("a", TEXT_43)]);
    let halves: Vec<String> = TEXT_43
        .split("\n\n")
        .map(|part| format!("{part}\n\n"))
        .filter(|part| !part.trim().is_empty())
        .collect();
    let texts: Vec<(&str, &str)> = halves.iter().map(|text| ("a", &**text)).collect();
    let (parts, _) = facts(&texts);
    let shown = |facts: &crate::facts::Facts| {
        facts
            .acls
            .iter()
            .map(|acl| facts.binding(acl))
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(&whole), shown(&parts));
}

#[test]
fn a_listener_that_lists_its_users_lets_in_no_others() {
    let broker = "authorizer.class.name=StandardAuthorizer\nlisteners=IN://k:9091,OUT://k:9094,OPEN://k:9092\nlistener.security.protocol.map=IN:SASL_SSL,OUT:SASL_SSL,OPEN:PLAINTEXT\nsasl.enabled.mechanisms=SCRAM-SHA-512\nlistener.name.in.sasl.enabled.mechanisms=PLAIN\nlistener.name.in.plain.sasl.jaas.config=x required username=\"broker\" password=\"p\" user_broker=\"p\";\n";
    let list = acls(&["User:app ALLOW READ TOPIC t"]);
    let (_, mapped) =
        conformance::opened(Kafka, &[("a.json", &*list), ("server.properties", broker)]).unwrap();
    let estate = &*mapped.estate;
    let mut accepts: Vec<(&str, &str)> = estate
        .accepted
        .iter()
        .map(|one| (estate.name(one.by), &*one.realm))
        .collect();
    accepts.sort_unstable();
    assert_eq!(
        accepts,
        [
            ("User:app", "k:9094"),
            ("User:broker", "k:9091"),
            ("User:broker", "k:9094")
        ]
    );
    // A configured address stands for the listener of its port.
    let (facts, _) = facts(&[("server.properties", broker)]);
    for (realm, user, want) in [
        ("kafka:9091", "app", false),
        ("kafka:9091", "broker", true),
        ("kafka:9094", "app", true),
        ("kafka:9092", "app", false),
        ("kafka:19092", "app", true),
    ] {
        assert_eq!(
            crate::lower::lets_in(&facts, realm, user),
            want,
            "{user} at {realm}"
        );
    }
}

#[test]
fn versions_and_users_are_read() {
    let features = "Feature: group.version\tSupportedMinVersion: 0\tSupportedMaxVersion: 1\tFinalizedVersionLevel: 1\tEpoch: 9\nFeature: metadata.version\tSupportedMinVersion: 3.3-IV3\tSupportedMaxVersion: 4.3-IV0\tFinalizedVersionLevel: 4.1-IV1\tEpoch: 9\n";
    let users = "Quota configs for user-principal 'x' are consumer_byte_rate=1.0\nSCRAM credential configs for user-principal 'it's' are SCRAM-SHA-512=iterations=8192\nSCRAM credential configs for user-principal 'app' are SCRAM-SHA-256=iterations=8192\n";
    let (facts, gaps) = facts(&[("features.txt", features), ("users.txt", users)]);
    assert!(gaps.is_empty(), "{gaps:?}");
    assert_eq!(facts.version(), (crate::facts::Version(4, 3, 0), true));
    let names: Vec<&str> = facts
        .scram_users
        .iter()
        .map(|user| facts.word(user.name))
        .collect();
    assert_eq!(names, ["app", "it's"]);
}

/// Whatever stands in a document, it is read into facts and gaps, lowered and judged without a panic.
#[test]
fn anything_is_read() {
    let log = include_str!("../tests/data/authorizer.log");
    let json = acls(&[
        "User:* ALLOW ALL TOPIC *",
        "User:a DENY READ TOPIC pii* from 10.0.0.0/8",
    ]);
    let odd = [
        "\u{0}",
        "*",
        "`",
        "=",
        ":",
        ", host=",
        "\n",
        "\u{1f600}",
        "(principal=",
        "\"",
        "{",
        "]",
        "\\",
        "//",
        "/",
        "%",
        " ",
    ];
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |limit: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 20) as usize % limit.max(1)
    };
    for sample in [TEXT_39, BOB_43, BROKER, TOPICS, GROUPS, log, &json] {
        for _ in 0..60 {
            let mut text: Vec<char> = sample.chars().collect();
            for _ in 0..=next(6) {
                let at = next(text.len());
                match next(3) {
                    0 => {
                        let end = (at + next(40)).min(text.len());
                        text.drain(at..end);
                    }
                    1 => {
                        let more: Vec<char> = odd[next(odd.len())].chars().collect();
                        text.splice(at..at, more);
                    }
                    _ => {
                        let end = (at + next(80)).min(text.len());
                        let again = text[at..end].to_vec();
                        text.splice(at..at, again);
                    }
                }
            }
            let text: String = text.into_iter().collect();
            let texts = [("kafka/x", &*text), ("kafka/server.properties", BROKER)];
            let (found, gaps) = conformance::findings(Kafka, &texts, foursee_core::model::Time(0)).unwrap();
            assert!(!gaps.is_empty() || !found.is_empty());
        }
    }
}

#[test]
fn another_authorizer_makes_everything_unknown() {
    use foursee_core::layer::{Holds, Who};
    let list = acls(&["User:a ALLOW READ TOPIC t"]);
    let broker = "authorizer.class.name=io.example.OpaAuthorizer\nsuper.users=User:root\n";
    let texts = [("a.json", &*list), ("server.properties", broker)];
    let (_, mapped) = conformance::opened(Kafka, &texts).unwrap();
    let read = mapped.estate.edges.iter().filter(|edge| {
        mapped
            .estate
            .technique(edge.technique)
            .is_some_and(|row| row.id.starts_with("kafka-"))
    });
    assert!(read.clone().count() > 0 && read.clone().all(|edge| edge.certainty == Certainty::Unknown));
    let (facts, _) = facts(&texts);
    let may = |name| {
        Kafka.may(
            &facts,
            &Who {
                kind: "principal",
                name,
            },
            "READ",
            "topic:t",
        )
    };
    assert!(matches!(may("User:a"), Holds::Unknown(_)) && matches!(may("User:b"), Holds::Unknown(_)));
}

#[test]
fn a_list_of_one_principal_says_nothing_of_others() {
    use foursee_core::layer::{Holds, Who};
    let (facts, _) = facts(&[("a", BOB_43)]);
    let may = |name| {
        Kafka.may(
            &facts,
            &Who {
                kind: "principal",
                name,
            },
            "READ",
            "topic:other",
        )
    };
    assert!(matches!(may("User:bob"), Holds::No(_)));
    assert!(matches!(may("User:eve"), Holds::Unknown(_)));
}

#[test]
fn another_principal_builder_is_a_gap() {
    let list = acls(&["User:a ALLOW READ TOPIC t"]);
    let with = |line: &str| {
        let broker =
            format!("listeners=SASL_SSL://k:9092\nauthorizer.class.name=StandardAuthorizer\n{line}\n");
        let (_, mapped) =
            conformance::opened(Kafka, &[("a.json", &*list), ("server.properties", &*broker)]).unwrap();
        let gap = mapped
            .estate
            .gaps
            .iter()
            .any(|gap| gap.target.starts_with("setting "));
        (gap, mapped.estate.accepted[0].certainty)
    };
    assert_eq!(
        with("principal.builder.class=io.example.Builder"),
        (true, Certainty::Unknown)
    );
    assert_eq!(
        with("ssl.principal.mapping.rules=RULE:^CN=(.*?),.*$/$1/,DEFAULT"),
        (false, Certainty::Certain)
    );
    assert_eq!(
        with("ssl.principal.mapping.rules=RULE:^(?i)CN=(.*?),.*$/$1/,DEFAULT"),
        (true, Certainty::Certain)
    );
    assert_eq!(
        with("sasl.kerberos.principal.to.local.rules=RULE:[1:$1](.*)s/x/y/,DEFAULT"),
        (true, Certainty::Certain)
    );
    assert_eq!(
        with("ssl.principal.mapping.rules=DEFAULT"),
        (false, Certainty::Certain)
    );
    // Of one listener alone.
    assert_eq!(
        with("listener.name.client.principal.builder.class=io.example.Builder"),
        (true, Certainty::Unknown)
    );
    assert_eq!(
        with("listener.name.tls.ssl.principal.mapping.rules=RULE:^CN=((.*?),.*$/$1/,DEFAULT"),
        (true, Certainty::Certain)
    );
}

#[test]
fn a_certificate_is_asked_by_its_name() {
    let list = acls(&["User:ann ALLOW READ TOPIC t"]);
    let broker = "authorizer.class.name=StandardAuthorizer\nssl.principal.mapping.rules=RULE:^CN=(.*?),.*$/$1/L\n\
        listener.name.plain.ssl.principal.mapping.rules=DEFAULT\n";
    let ask = |settings: &str, who: &str| {
        let (opened, _) =
            conformance::opened(Kafka, &[("a.json", &*list), ("server.properties", settings)]).unwrap();
        let question = format!(
            r#"{{{who}, "host": "10.0.0.1", "operation": "READ", "resourceType": "TOPIC", "resourceName": "t"}}"#
        );
        let mut out = Vec::new();
        let registry = foursee_core::registry::Registry::new().layer(Kafka).unwrap();
        opened
            .decide(&registry, "kafka", None, &question, &mut out)
            .map(|()| {
                let answer: serde_json::Value = serde_json::from_slice(&out).unwrap();
                (
                    answer["allowed"].as_bool().unwrap(),
                    answer["principal"].as_str().map(str::to_owned),
                )
            })
    };
    let named = |allowed, name: &str| (allowed, Some(name.to_owned()));
    let ann = r#""certificate": "CN=Ann,O=x""#;
    assert_eq!(ask(broker, ann).unwrap(), named(true, "User:ann"));
    let plain = format!(r#"{ann}, "listener": "plain""#);
    assert_eq!(ask(broker, &plain).unwrap(), named(false, "User:CN=Ann,O=x"));
    // Without a rule for it, the login fails.
    assert_eq!(ask(broker, r#""certificate": "O=x""#).unwrap(), (false, None));
    // What cannot be known is no answer.
    assert!(
        ask(
            "principal.builder.class=io.example.Builder\nsuper.users=User:a\n",
            ann
        )
        .is_err()
    );
    assert!(
        ask(
            "ssl.principal.mapping.rules=RULE:(?i)x/y/\nsuper.users=User:a\n",
            ann
        )
        .is_err()
    );
    assert!(ask(broker, r#""certificate": "CN=a", "principal": "User:a""#).is_err());
}
