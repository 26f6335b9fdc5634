//! What the tests share: a server, psql, a capture held in memory, and its audit.

use foursee::Audit;
use foursee::core::judge::Policy;
use foursee::core::model::Time;
use foursee::core::report::Report;
use foursee_capture::{CollectError, Collector, Input, Memory, Options, Reading, Terms};
use foursee_servers::Server;
use std::io::Write;
use std::process::{Child, Command, Stdio};

/// The reader's password: it must never show.
pub const SECRET: &str = "s3cr3t-of-foursee";

pub fn server(major: &str) -> Server {
    Server::start("postgres", &[major]).unwrap_or_else(|error| panic!("{error}"))
}

/// psql as the superuser, over the socket, started by a program and its arguments if there is one.
fn superuser(server: &Server, database: &str, by: &[&str]) -> Command {
    let mut words = by.iter().copied().chain(["psql"]);
    let mut psql = Command::new(words.next().unwrap());
    psql.args(words)
        .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"])
        .env("PGHOST", server.env("SOCKET"))
        .env("PGPORT", server.env("PORT"))
        .env("PGUSER", "postgres")
        // Not -d: it would read `a=b` as settings.
        .env("PGDATABASE", database)
        .env("PGCLIENTENCODING", "UTF8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    psql
}

/// Runs SQL as the superuser, and gives what it prints. A login may wait for a lock, and no setting of a session ends
/// that: after a minute it is killed.
pub fn sql(server: &Server, database: &str, text: &str) -> String {
    let mut child = superuser(server, database, &["timeout", "60"])
        .spawn()
        .expect("psql starts");
    let mut stdin = child.stdin.take().unwrap();
    let input = text.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(
        output.status.success(),
        "{}: {}\nin {text}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// A session of the superuser that does something and stays, until it is killed.
pub fn holding(server: &Server, database: &str, text: &str) -> Child {
    let mut child = superuser(server, database, &[]).spawn().expect("psql starts");
    let stdin = child.stdin.as_mut().unwrap();
    stdin
        .write_all(format!("{text}\nSELECT pg_sleep(600);\n").as_bytes())
        .unwrap();
    child
}

/// A role that may log in and connect, and has nothing else.
pub fn reader(server: &Server) {
    sql(
        server,
        "postgres",
        &format!("CREATE ROLE foursee LOGIN PASSWORD '{SECRET}';"),
    );
}

/// The target of that role.
pub fn target(server: &Server) -> String {
    format!(
        "host=127.0.0.1 port={} user=foursee password='{SECRET}' sslmode=verify-full sslrootcert='{}'",
        server.env("PORT"),
        server.env("CA")
    )
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

/// Captures a target into memory.
pub fn capture(target: &str, terms: &Terms) -> Result<Reading, CollectError> {
    let collector = foursee_collect_postgres::collector(Some(target))?;
    capture_of(&*collector, terms)
}

pub fn capture_of(collector: &dyn Collector, terms: &Terms) -> Result<Reading, CollectError> {
    let memory = Memory::new(Options::default());
    let sink = memory.sink(collector.layer(), &collector.target());
    runtime().block_on(collector.collect(&sink, terms))?;
    Ok(memory.finish(true))
}

/// What psql prints with the published script, as the same role.
pub fn export(server: &Server, database: &str) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/sql/capture.sql");
    let output = Command::new("psql")
        .args(["-X", "-A", "-t", "-f", script])
        .env("PGHOST", "127.0.0.1")
        .env("PGPORT", server.env("PORT"))
        .env("PGUSER", "foursee")
        .env("PGPASSWORD", SECRET)
        .env("PGDATABASE", database)
        .env("PGSSLMODE", "verify-full")
        .env("PGSSLROOTCERT", server.env("CA"))
        .output()
        .expect("psql starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The database that a document says it is of.
pub fn database_of(input: &Input) -> String {
    let start = input.text.find("\"current_database\":").unwrap() + "\"current_database\":".len();
    let mut values = foursee_core::document::json_texts(&input.text[start..]);
    let raw = values.next().unwrap();
    let end = raw.find(",\"current_user\"").unwrap_or(raw.len());
    unquoted(&raw[..end])
}

fn unquoted(json: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json.trim()).unwrap();
    value.as_str().unwrap().to_owned()
}

/// Audits what was read, as of a fixed day and without anybody's configuration.
pub fn audited(reading: &Reading) -> Report {
    let mut audit = Audit::new()
        .policy(Policy::default())
        .as_of(Time::parse("2026-11-28").unwrap());
    for one in &reading.inputs {
        audit.documents().push_scoped(
            one.name.clone(),
            one.text.clone(),
            one.scope.clone().or(one.context.clone()),
        );
    }
    for gap in &reading.gaps {
        audit.documents().push_gap(gap.clone());
    }
    audit.run().unwrap()
}

/// The findings, as they compare: fingerprint, rule, title.
pub fn findings(report: &Report) -> Vec<String> {
    let mut all: Vec<String> = report
        .findings
        .iter()
        .map(|one| format!("{} {} {}", one.fingerprint, one.rule, one.title))
        .collect();
    all.sort();
    all
}

/// The gaps, as they compare.
pub fn gaps(report: &Report) -> Vec<String> {
    let mut all: Vec<String> = report
        .gaps
        .iter()
        .map(|one| {
            format!(
                "{}: {} | {} | {} | {}",
                one.reason.as_str(),
                one.target,
                one.facet,
                one.hides,
                one.closes
            )
        })
        .collect();
    all.sort();
    all
}
