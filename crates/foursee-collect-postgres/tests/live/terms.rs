//! Deadline, cancelling, locks, size, sessions, and a sink that takes no more.

use crate::common::{capture, capture_of, holding, reader, runtime, server, sql, target};
use foursee_capture::manifest::NotCollected;
use foursee_capture::{CollectError, Collected, Collector, Memory, Options, Sink, SinkError, Step, Terms};
use foursee_collect_postgres::Cluster;
use foursee_servers::Server;
use std::num::NonZeroUsize;
use std::process::Child;
use std::time::{Duration, Instant};

/// Holds catalogs of a database, so that nine statements of the script wait for two seconds each.
///
/// A login in a database that nobody has logged in to yet opens every catalog, to write `pg_internal.init`: it would
/// wait for these for ever. So somebody logs in before, and the locks are looked for from another database.
fn locked(server: &Server, database: &str) -> Child {
    sql(server, database, "SELECT 1;");
    let catalogs = "pg_policy, pg_default_acl, pg_foreign_server, pg_foreign_data_wrapper, pg_language, pg_inherits, pg_extension";
    let child = holding(
        server,
        database,
        &format!("BEGIN; LOCK TABLE {catalogs} IN ACCESS EXCLUSIVE MODE;"),
    );
    let held = "SELECT count(*) FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock' AND relation = 'pg_extension'::regclass;";
    wait(|| sql(server, "postgres", held).trim() != "0");
    child
}

fn wait(until: impl Fn() -> bool) {
    let start = Instant::now();
    while !until() {
        assert!(start.elapsed() < Duration::from_secs(60), "it does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn done(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Whether the reader waits for a lock.
fn waits(server: &Server) -> bool {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'foursee' AND datname = 'b' AND wait_event_type = 'Lock';";
    sql(server, "postgres", waiting).trim() != "0"
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
    assert!(b.text.contains("canceling statement due to lock timeout") && b.text.contains("\"settings\":"));
    assert_eq!(reading.inputs.len(), 4);

    // A session that somebody ends is a gap of its own, and the others are kept.
    let reading = std::thread::scope(|threads| {
        let capturing = threads.spawn(|| capture(&target(&server), &Terms::default()));
        let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'foursee' AND datname = 'b' AND wait_event_type = 'Lock';";
        wait(|| sql(&server, "postgres", end).trim() != "0");
        capturing.join().unwrap().unwrap()
    });
    let ended = "terminating connection due to administrator command";
    assert!(
        reading
            .gaps
            .iter()
            .any(|gap| gap.target.starts_with("database b ") && gap.facet == ended),
        "{:?}",
        reading.gaps
    );
    assert_eq!(reading.inputs.len(), 3);

    // A deadline before that: the others are kept, and b is a gap.
    let start = Instant::now();
    let reading = capture(&target(&server), &terms(8, Duration::from_secs(12))).unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(17),
        "not as long as the locks: {:?}",
        start.elapsed()
    );
    let names: Vec<&str> = reading.inputs.iter().map(|one| one.name.as_str()).collect();
    assert!(
        !names.is_empty() && !names.iter().any(|name| name.ends_with("/b.json")),
        "{names:?}"
    );
    assert!(
        reading
            .gaps
            .iter()
            .any(|gap| gap.target.starts_with("database b ") && gap.facet == "not read within 12 s"),
        "{:?}",
        reading.gaps
    );

    // Nothing at all within the deadline.
    let error = capture(&target(&server), &terms(1, Duration::from_nanos(1))).unwrap_err();
    assert!(matches!(error, CollectError::Deadline { .. }), "{error}");

    // Dropped in the middle, it leaves what it had, whole.
    let cluster = Cluster::new(Some(&target(&server))).unwrap();
    let memory = Memory::new(Options::default());
    let runtime = runtime();
    runtime.block_on(async {
        let sink = memory.sink("postgres", "t");
        let terms = Terms::default();
        let collecting = cluster.collect(&sink, &terms);
        let server = &server;
        let waiting = async {
            while !waits(server) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            _ = collecting => panic!("it does not wait"),
            () = waiting => {}
        }
    });
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
