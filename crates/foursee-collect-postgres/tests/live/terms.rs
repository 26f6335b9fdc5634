//! Deadline, cancelling, locks, size, sessions, and a sink that takes no more.

use crate::common::{capture, capture_of, holding, reader, runtime, server, sql, target};
use foursee_capture::manifest::NotCollected;
use foursee_capture::{CollectError, Collected, Collector, Memory, Options, Sink, SinkError, Step, Terms};
use foursee_collect_postgres::Cluster;
use foursee_servers::Server;
use std::num::NonZeroUsize;
use std::process::Child;
use std::time::{Duration, Instant};

/// Holds a catalog of a database, so that its policies cannot be read.
fn locked(server: &Server, database: &str) -> Child {
    let child = holding(
        server,
        database,
        "BEGIN; LOCK TABLE pg_catalog.pg_policy IN ACCESS EXCLUSIVE MODE;",
    );
    let held = "SELECT count(*) FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock' AND relation = 'pg_policy'::regclass;";
    wait(|| sql(server, database, held).trim() != "0");
    child
}

fn wait(until: impl Fn() -> bool) {
    let start = Instant::now();
    while !until() {
        assert!(start.elapsed() < Duration::from_secs(20), "it does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn done(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// How many of the reader's statements the server works on.
fn working(server: &Server) -> String {
    sql(
        server,
        "postgres",
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'foursee' AND state = 'active';",
    )
    .trim()
    .to_owned()
}

fn terms(concurrency: usize, deadline: Duration) -> Terms {
    let mut terms = Terms::default();
    terms.concurrency = NonZeroUsize::new(concurrency).unwrap();
    terms.deadline = deadline;
    terms
}

#[test]
fn a_lock_a_deadline_and_a_cancel() {
    let server = server("18");
    reader(&server);
    sql(
        &server,
        "postgres",
        "CREATE DATABASE a; CREATE DATABASE b; CREATE DATABASE c;",
    );
    let lock = locked(&server, "b");

    // The script waits two seconds for the lock, says so, and goes on.
    let reading = capture(&target(&server), &Terms::default()).unwrap();
    let b = reading
        .inputs
        .iter()
        .find(|one| one.name.ends_with("/b.json"))
        .unwrap();
    assert!(b.text.contains("canceling statement due to lock timeout") && b.text.contains("\"extensions\":"));
    assert_eq!(reading.inputs.len(), 4);

    // A deadline before that: the others are kept, b is a gap, and the server stops working on it.
    let start = Instant::now();
    let reading = capture(&target(&server), &terms(8, Duration::from_millis(1_500))).unwrap();
    assert!(start.elapsed() < Duration::from_secs(10));
    let names: Vec<&str> = reading.inputs.iter().map(|one| one.name.as_str()).collect();
    assert!(!names.iter().any(|name| name.ends_with("/b.json")), "{names:?}");
    assert!(
        reading
            .gaps
            .iter()
            .any(|gap| gap.target.starts_with("database b ") && gap.facet == "not read within 1 s"),
        "{:?}",
        reading.gaps
    );

    // Nothing at all within the deadline.
    let error = capture(&target(&server), &terms(1, Duration::from_nanos(1))).unwrap_err();
    assert!(matches!(error, CollectError::Deadline { .. }), "{error}");

    // Dropped in the middle, it leaves what it had, and nothing runs on in the server.
    let cluster = Cluster::new(Some(&target(&server))).unwrap();
    let memory = Memory::new(Options::default());
    let runtime = runtime();
    runtime.block_on(async {
        let sink = memory.sink("postgres", "t");
        let terms = Terms::default();
        let collecting = cluster.collect(&sink, &terms);
        assert!(
            tokio::time::timeout(Duration::from_millis(1_000), collecting)
                .await
                .is_err()
        );
    });
    let start = Instant::now();
    wait(|| working(&server) == "0");
    assert!(
        start.elapsed() < Duration::from_millis(1_500),
        "before the lock timeout: {:?}",
        start.elapsed()
    );
    let reading = memory.finish(false);
    assert!(reading.inputs.iter().all(|one| one.text.ends_with("}\n")));
    assert!(
        reading.gaps.iter().any(|gap| gap.facet.contains("complete")),
        "{:?}",
        reading.gaps
    );
    done(lock);
}

#[test]
fn size_sessions_and_a_full_sink() {
    let server = server("15");
    reader(&server);
    sql(
        &server,
        "postgres",
        "CREATE DATABASE a; CREATE DATABASE b; CREATE DATABASE c; CREATE DATABASE large;",
    );
    let small = capture(&target(&server), &Terms::default()).unwrap().inputs[0]
        .text
        .len();
    sql(
        &server,
        "large",
        "SELECT format('CREATE TABLE %I (id int)', repeat('x', 50) || i) FROM generate_series(1, 1500) AS i \\gexec\n",
    );
    let cluster = Cluster::new(Some(&target(&server)))
        .unwrap()
        .largest(small as u64 * 3 / 2);
    let reading = capture_of(&cluster, &Terms::default()).unwrap();
    assert_eq!(reading.inputs.len(), 4);
    let gap = reading
        .gaps
        .iter()
        .find(|gap| gap.target.starts_with("database large "))
        .unwrap();
    assert_eq!(gap.reason.as_str(), "too-large", "{gap:?}");
    let error = capture_of(
        &Cluster::new(Some(&target(&server))).unwrap().largest(1_000),
        &Terms::default(),
    )
    .unwrap_err();
    assert!(error.to_string().contains("1000 bytes"), "{error}");

    // A role that may have one session at a time reads one database after the other.
    sql(&server, "postgres", "ALTER ROLE foursee CONNECTION LIMIT 1;");
    let reading = capture(&target(&server), &terms(8, Duration::from_secs(60))).unwrap();
    assert_eq!(reading.inputs.len(), 5, "{:?}", reading.gaps);

    let error = runtime()
        .block_on(
            Cluster::new(Some(&target(&server)))
                .unwrap()
                .collect(&Full, &Terms::default()),
        )
        .unwrap_err();
    assert_eq!(error.to_string(), "postgres.json: the disk is full");
}

/// A sink that takes nothing.
struct Full;

impl Sink for Full {
    fn document(&self, document: Collected) -> Result<(), SinkError> {
        Err(SinkError {
            file: document.file,
            why: "the disk is full".to_owned(),
        })
    }

    fn gap(&self, _: NotCollected) {}

    fn step(&self, _: Step) {}
}
