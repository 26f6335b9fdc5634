//! The collector against a real broker: live equals exported, with no more than its permissions, and nothing written.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod world;

use foursee_capture::{CollectError, Terms};
use foursee_collect_kafka::{Cluster, PERMISSIONS};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use world::{Memory, World, audit, collect, login};

/// The findings of a report, as what people compare.
fn findings(report: &foursee::core::report::Report) -> BTreeSet<(String, String)> {
    report
        .findings
        .iter()
        .map(|one| (one.rule.to_owned(), one.cause.clone()))
        .collect()
}

fn gaps(report: &foursee::core::report::Report) -> Vec<String> {
    let mut all: Vec<String> = report
        .gaps
        .iter()
        .map(|gap| {
            format!(
                "{} | {} | {} | {}",
                gap.target,
                gap.facet,
                gap.reason.as_str(),
                gap.hides
            )
        })
        .collect();
    all.sort();
    all.dedup();
    all
}

fn live_equals_exported(world: &World, version: &str) {
    let memory = collect(&world.cluster("reader"));
    assert!(memory.gaps().is_empty(), "{:?}", memory.gaps());
    let live = audit(world, Some(&memory), &[]);
    let exported = audit(world, None, &world.export());
    assert_eq!(findings(&live), findings(&exported));
    // The tool's text cannot say a group whose name holds a blank; nothing else differs.
    let cut = |gap: &String| gap.starts_with("the list of groups | a line that has not as many words");
    let (cut, rest): (Vec<String>, Vec<String>) = gaps(&exported).into_iter().partition(cut);
    assert_eq!((cut.len(), rest), (1, gaps(&live)));
    let scopes = |report: &foursee::core::report::Report| {
        report
            .scopes
            .iter()
            .map(|scope| scope.name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(scopes(&live), scopes(&exported));
    assert_eq!(scopes(&live), [world.server.env("CLUSTER_ID")]);
    // The ones that rest on what was collected are among them.
    let rules: BTreeSet<String> = findings(&live).into_iter().map(|(rule, _)| rule).collect();
    for rule in ["kafka-acl-orphan-topic", "kafka-acl-orphan-group"] {
        assert!(rules.contains(rule), "{rules:?}");
    }
    println!("{version}: {} findings, live as exported", findings(&live).len());
}

#[test]
fn live_equals_exported_on_4_3() {
    live_equals_exported(&World::shared(), "4.3");
}

#[test]
fn live_equals_exported_on_3_9() {
    live_equals_exported(&World::start("39"), "3.9");
}

#[test]
fn what_is_collected_is_what_is_there() {
    let world = World::shared();
    let memory = collect(&world.cluster("reader"));
    let groups = memory.json("kafka/groups.json");
    let group = |name: &str| {
        groups["groups"]
            .as_array()
            .unwrap()
            .iter()
            .find(|group| group["name"] == name)
            .unwrap_or_else(|| panic!("{name}: {groups:#}"))
            .clone()
    };
    let active = group("app.active");
    assert_eq!(active["state"], "Stable", "{active:#}");
    let member = &active["members"][0];
    assert_eq!(
        (&member["clientId"], &member["host"]),
        (&"test-app".into(), &"127.0.0.1".into())
    );
    assert_eq!(member["partitions"].as_array().unwrap().len(), 3, "{member:#}");
    let idle = group("app.idle");
    assert_eq!(
        (&idle["state"], idle["members"].as_array().unwrap().len()),
        (&"Empty".into(), 0)
    );
    assert_eq!(
        idle["offsets"],
        serde_json::json!([{"topic": "payments.in", "partition": 0, "offset": 7}])
    );
    // A name with blanks is whole here; the tool's text would not hold it.
    assert_eq!(group("two words")["offsets"][0]["topic"], "orders");
    let topics = memory.json("kafka/topics.json");
    let names: Vec<&str> = topics["topics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|topic| topic["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["__consumer_offsets", "orders", "orders-pii", "payments.in"]
    );
    assert_eq!(topics["readBy"], "User:reader");
    let brokers = memory.json("kafka/brokers.json");
    assert_eq!(brokers["clusterId"], world.server.env("CLUSTER_ID"));
    assert_eq!(brokers["brokers"][0]["id"], 1);
}

/// Takes each permission away in turn: every finding that disappears is named by a gap.
#[test]
fn each_permission_that_is_missing_is_a_gap() {
    let world = World::start("4");
    let reader = world.cluster("reader");
    let whole = audit(&world, Some(&collect(&reader)), &[]);
    assert_eq!(PERMISSIONS.len(), 2);
    let all: BTreeSet<(String, String)> = findings(&whole);
    for (permission, kind, target, lost) in [
        (
            PERMISSIONS[0],
            "TOPIC",
            "topics of the cluster",
            "kafka-acl-orphan-topic",
        ),
        (
            PERMISSIONS[1],
            "GROUP",
            "groups of the cluster",
            "kafka-acl-orphan-group",
        ),
    ] {
        world.permit(&permission, "--remove");
        let memory = world.until(&reader, |memory| match kind {
            "TOPIC" => memory.json("kafka/topics.json")["topics"]
                .as_array()
                .unwrap()
                .is_empty(),
            _ => memory.json("kafka/groups.json")["groups"]
                .as_array()
                .unwrap()
                .is_empty(),
        });
        let without = audit(&world, Some(&memory), &[]);
        let gone: Vec<(String, String)> = all
            .difference(&findings(&without))
            // The reader's own ACL is one of those that were listed.
            .filter(|(_, cause)| !cause.contains("User:reader"))
            .cloned()
            .collect();
        assert!(
            gone.iter().any(|(rule, _)| rule == lost),
            "{}: {gone:?}",
            permission.name
        );
        let before = gaps(&whole);
        let new: Vec<String> = gaps(&without)
            .into_iter()
            .filter(|gap| !before.contains(gap))
            .collect();
        assert!(
            new.iter().any(|gap| gap.starts_with(target)),
            "{}: {new:#?}",
            permission.name
        );
        // Nothing appears that is not so.
        let wrong: Vec<(String, String)> = findings(&without)
            .difference(&all)
            .filter(|(_, cause)| !cause.contains("User:reader"))
            .cloned()
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        println!(
            "without {}: {} findings gone, named by {new:#?}",
            permission.name,
            gone.len()
        );
        world.permit(&permission, "--add");
        world.until_whole(&reader);
    }
    listed_and_not_described(&world);
}

/// Groups that are listed by DESCRIBE on the cluster, and may not be described.
fn listed_and_not_described(world: &World) {
    world.prepare("unacl\tGROUP\tLITERAL\t*\tUser:reader\t*\tDESCRIBE\tALLOW\nacl\tCLUSTER\tLITERAL\tkafka-cluster\tUser:reader\t*\tDESCRIBE\tALLOW\nunacl\tTOPIC\tLITERAL\t*\tUser:reader\t*\tDESCRIBE\tALLOW\nacl\tTOPIC\tLITERAL\torders\tUser:reader\t*\tDESCRIBE\tALLOW");
    let memory = world.until(&world.cluster("reader"), |memory| {
        let groups = memory.json("kafka/groups.json");
        let groups = groups["groups"].as_array().unwrap();
        groups.len() == 3
            && groups.iter().all(|group| group["state"] == "")
            && memory.json("kafka/topics.json")["topics"]
                .as_array()
                .unwrap()
                .len()
                == 1
    });
    let gaps: Vec<(String, String, String)> = memory
        .gaps()
        .into_iter()
        .map(|gap| (gap.target, gap.facet, gap.reason))
        .collect();
    let denied = |target: &str, facet: &str| (target.to_owned(), facet.to_owned(), "denied".to_owned());
    assert!(
        gaps.contains(&denied(
            "topics of the cluster",
            "those that User:reader may not describe"
        )),
        "{gaps:?}"
    );
    assert!(
        gaps.contains(&denied(
            "groups of the cluster",
            "members and offsets of app.active, app.idle, two words"
        )),
        "{gaps:?}"
    );
}

/// The authorizer's own log: nothing but DESCRIBE was ever asked for.
#[test]
fn nothing_but_describe_is_asked() {
    let world = World::shared();
    collect(&world.cluster("reader"));
    let log = std::fs::read_to_string(format!("{}/authorizer.log", world.server.env("LOG_DIR"))).unwrap();
    let mut asked: BTreeSet<(String, String)> = BTreeSet::new();
    for line in log
        .lines()
        .filter(|line| line.contains("Principal = User:reader "))
    {
        let word = |after: &str| {
            line.split_once(after)
                .unwrap()
                .1
                .split([' ', ':'])
                .next()
                .unwrap()
                .to_owned()
        };
        asked.insert((word(" operation = "), word(" on resource = ")));
    }
    println!("asked: {asked:?}");
    assert!(
        asked.contains(&("DESCRIBE".to_owned(), "Topic".to_owned())),
        "{asked:?}"
    );
    assert!(
        asked.contains(&("DESCRIBE".to_owned(), "Group".to_owned())),
        "{asked:?}"
    );
    assert!(
        asked.iter().all(|(operation, _)| operation == "DESCRIBE"),
        "{asked:?}"
    );
    let after = collect(&world.cluster("reader")).json("kafka/topics.json");
    assert_eq!(after["topics"].as_array().unwrap().len(), 4, "{after:#}");
}

#[test]
fn every_login_works() {
    let world = World::shared();
    let (sasl, tls, sasl_tls) = (
        world.server.env("SASL"),
        world.server.env("TLS"),
        world.server.env("SASL_TLS"),
    );
    let folder = world.server.env("TLS_DIR");
    let ca = format!("ssl.truststore.type=PEM\nssl.truststore.location={folder}/ca.crt\n");
    let user = |module: &str| {
        format!(
            "sasl.jaas.config=org.apache.kafka.common.security.{module} required username=\"reader\" password=\"reader-pw\";\n"
        )
    };
    let oauth = "sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"reader\";\n";
    for (name, text, principal) in [
        (
            "anonymous",
            format!("bootstrap.servers={}\n", world.server.env("ANON")),
            Some("User:ANONYMOUS"),
        ),
        (
            "plain",
            format!(
                "bootstrap.servers={sasl}\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n{}",
                user("plain.PlainLoginModule")
            ),
            Some("User:reader"),
        ),
        (
            "scram-256",
            format!(
                "bootstrap.servers={sasl}\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-256\n{}",
                user("scram.ScramLoginModule")
            ),
            Some("User:reader"),
        ),
        (
            "scram-512-tls",
            format!(
                "bootstrap.servers={sasl_tls}\nsecurity.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n{}{ca}",
                user("scram.ScramLoginModule")
            ),
            Some("User:reader"),
        ),
        (
            "oauth",
            format!(
                "bootstrap.servers={sasl}\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=OAUTHBEARER\n{oauth}"
            ),
            Some("User:reader"),
        ),
        (
            "certificate",
            format!(
                "bootstrap.servers={tls}\nsecurity.protocol=SSL\nssl.keystore.type=PEM\nssl.keystore.location={folder}/carol.pem\n{ca}"
            ),
            None,
        ),
    ] {
        let memory = collect(&login(&world, name, &text));
        let topics = memory.json("kafka/topics.json");
        assert_eq!(topics["readBy"].as_str(), principal, "{name}");
        assert_eq!(topics["clusterId"], world.server.env("CLUSTER_ID"), "{name}");
        let seen = topics["topics"].as_array().unwrap().len();
        assert_eq!(
            seen,
            if principal == Some("User:reader") { 4 } else { 0 },
            "{name}: {topics:#}"
        );
    }
}

/// What a login that cannot work says, and how soon.
#[test]
fn what_does_not_work_says_why_within_the_deadline() {
    let world = World::shared();
    let (sasl, tls) = (world.server.env("SASL"), world.server.env("TLS"));
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let plain = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=x.PlainLoginModule required username=\"alice\" password=\"planted-secret\";\n";
    for (name, text, refused, words) in [
        (
            "closed",
            format!("bootstrap.servers={closed}\n"),
            false,
            "refused",
        ),
        (
            "password",
            format!("bootstrap.servers={sasl}\n{plain}"),
            true,
            "Authentication failed",
        ),
        (
            "clear-to-tls",
            format!("bootstrap.servers={tls}\n"),
            false,
            "security.protocol",
        ),
        (
            "tls-to-clear",
            format!("bootstrap.servers={sasl}\nsecurity.protocol=SSL\n"),
            false,
            "SSL",
        ),
        (
            "unknown-ca",
            format!(
                "bootstrap.servers={}\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n{}",
                world.server.env("SASL_TLS"),
                plain.replace("security.protocol=SASL_PLAINTEXT\n", "")
            ),
            false,
            "certificate",
        ),
        (
            "no-certificate",
            format!(
                "bootstrap.servers={tls}\nsecurity.protocol=SSL\nssl.truststore.location={}/ca.crt\n",
                world.server.env("TLS_DIR")
            ),
            false,
            "ertificate",
        ),
    ] {
        let cluster = login(&world, name, &text);
        let began = Instant::now();
        let mut terms = Terms::default();
        terms.deadline = Duration::from_secs(60);
        let error = world::run(&cluster, &terms).1.unwrap_err();
        let said = error.to_string();
        assert!(
            began.elapsed() < terms.deadline + Duration::from_secs(5),
            "{name}: {said}"
        );
        assert!(
            matches!(error, CollectError::Refused { .. }) == refused,
            "{name}: {said}"
        );
        assert!(
            refused || matches!(error, CollectError::Unreachable { .. }),
            "{name}: {said}"
        );
        assert!(said.contains(words), "{name}: {said}");
        assert!(!said.contains("planted-secret"), "{name}: {said}");
        println!("{name}: {said}");
    }
}

#[test]
fn a_silent_address_ends_at_the_deadline_and_a_dropped_capture_at_once() {
    // It takes connections and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let cluster = Cluster::new(Some(&silent.local_addr().unwrap().to_string())).unwrap();
    let mut terms = Terms::default();
    terms.deadline = Duration::from_secs(2);
    let began = Instant::now();
    let error = world::run(&cluster, &terms).1.unwrap_err();
    assert!(
        matches!(
            error,
            CollectError::Deadline { .. } | CollectError::Unreachable { .. }
        ),
        "{error}"
    );
    assert!(began.elapsed() < Duration::from_secs(20));

    terms.deadline = Duration::from_secs(300);
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let memory = Memory::default();
    let ended = runtime.block_on(async {
        use foursee_capture::Collector;
        tokio::time::timeout(Duration::from_millis(300), cluster.collect(&memory, &terms)).await
    });
    drop(runtime);
    assert!(ended.is_err() && memory.documents().is_empty());
    assert!(began.elapsed() < Duration::from_secs(20));
}
