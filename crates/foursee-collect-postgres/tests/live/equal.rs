//! Captured live and exported by psql, a cluster is the same, and the server was asked the same.

use crate::common::{audited, capture, database_of, export, findings, reader, server, sql, target};
use crate::schema::{self, DATABASES, Random, ident};
use foursee_capture::{Input, Reading, Terms};
use foursee_servers::Server;
use std::collections::BTreeMap;

const SEED: u64 = 20_261_128;

fn filled(major: &str) -> Server {
    let server = server(major);
    let mut random = Random::new(SEED);
    let number: u32 = major.parse().unwrap();
    reader(&server);
    sql(&server, "postgres", &schema::cluster(&mut random, number));
    for database in DATABASES {
        sql(&server, database, &schema::database(&mut random));
    }
    sql(
        &server,
        "postgres",
        "CREATE DATABASE shut; UPDATE pg_database SET datallowconn = false WHERE datname = 'shut';\n\
         ALTER SYSTEM SET log_line_prefix = '%u[%p] '; SELECT pg_reload_conf();\n\
         ALTER ROLE foursee SET log_statement = 'all';",
    );
    server
}

/// The statements that the reader's sessions sent, in order, by process id.
fn statements(server: &Server, from: usize) -> (BTreeMap<u32, Vec<String>>, usize) {
    let text = String::from_utf8_lossy(&std::fs::read(server.env("LOG")).unwrap()).into_owned();
    let mut all: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut current: Option<u32> = None;
    for line in text[from..].lines() {
        if let Some(more) = line.strip_prefix('\t') {
            if let Some(statement) = current
                .and_then(|pid| all.get_mut(&pid))
                .and_then(|all| all.last_mut())
            {
                statement.push('\n');
                statement.push_str(more);
            }
            continue;
        }
        current = None;
        let Some((pid, rest)) = line
            .strip_prefix("foursee[")
            .and_then(|rest| rest.split_once("] "))
        else {
            continue;
        };
        if rest.contains("execute ") || rest.contains("duration:") {
            panic!("only simple statements are sent: {line}");
        }
        if let Some(statement) = rest.strip_prefix("LOG:  statement: ") {
            let pid = pid.parse().unwrap();
            all.entry(pid).or_default().push(statement.to_owned());
            current = Some(pid);
        }
    }
    (all, text.len())
}

/// Without comments and runs of white space: versions of psql differ in what they keep of them.
fn plain(statement: &str) -> String {
    let lines = statement
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default());
    let text = lines.collect::<Vec<_>>().join(" ");
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .trim_end_matches(';')
        .to_owned()
}

fn live_equals_exported(major: &str) {
    let server = filled(major);
    let (_, before) = statements(&server, 0);
    let live = capture(&target(&server), &Terms::default()).unwrap();
    let (sent, after) = statements(&server, before);

    // Every database but those that nobody connects to, each under a name of its own.
    let mut names: Vec<String> = live.inputs.iter().map(database_of).collect();
    names.sort();
    let mut want: Vec<&str> = DATABASES.iter().copied().chain(["postgres"]).collect();
    want.sort_unstable();
    assert_eq!(names, want);
    let said: Vec<String> = live
        .gaps
        .iter()
        .map(|gap| format!("{}: {}", gap.target, gap.facet))
        .collect();
    for (database, why) in [
        ("shut", "allows no connections"),
        ("template0", "allows no connections"),
        ("template1", "is a template"),
    ] {
        assert!(
            said.iter()
                .any(|one| one.contains(&format!("database {database} ")) && one.contains(why)),
            "{said:?}"
        );
    }
    assert_eq!(live.gaps.len(), 3, "{said:?}");

    // Byte by byte.
    let exported: BTreeMap<String, String> = names
        .iter()
        .map(|name| (name.clone(), export(&server, name)))
        .collect();
    for one in &live.inputs {
        assert!(
            one.text == exported[&database_of(one)],
            "{major}: {} differs",
            one.name
        );
        for planted in [
            "secret-of-body",
            "secret-of-policy",
            "secret-of-mapping",
            "secret-option",
            "secret-of-subscription",
        ] {
            assert!(!one.text.contains(planted), "{}: {planted}", one.name);
        }
        assert!(one.text.contains("\"denied\":[]"), "{}", one.name);
    }

    // The same findings, and there are many.
    let mut reading = Reading::default();
    for (name, text) in &exported {
        let mut input = live.inputs[0].clone();
        input.name = format!("{}.json", name.replace('/', "_"));
        input.text.clone_from(text);
        (input.scope, input.context) = (None, None);
        reading.inputs.push(input);
    }
    let (ours, theirs) = (audited(&live), audited(&reading));
    assert_eq!(findings(&ours), findings(&theirs));
    let rules: std::collections::BTreeSet<&str> = ours.findings.iter().map(|one| one.rule).collect();
    assert!(
        rules.len() >= 4 && ours.findings.len() > 100,
        "{} of {rules:?}",
        ours.findings.len()
    );

    // And nothing else was sent than psql sends.
    let (theirs, _) = statements(&server, after);
    let all = |sent: &BTreeMap<u32, Vec<String>>| {
        let mut all: Vec<Vec<String>> = sent
            .values()
            .map(|session| {
                let plain = session.iter().map(|one| plain(one));
                plain
                    .filter(|one| !one.to_lowercase().starts_with("set client_encoding"))
                    .collect()
            })
            .collect();
        all.sort();
        all
    };
    let (ours, theirs) = (all(&sent), all(&theirs));
    assert_eq!(ours.len(), want.len(), "one session a database");
    assert_eq!(ours, theirs);
    for statement in ours.iter().flatten() {
        let word = statement.split(' ').next().unwrap();
        assert!(
            ["BEGIN", "SET", "SELECT", "SAVEPOINT", "RELEASE", "COMMIT"].contains(&word),
            "{statement}"
        );
        assert!(
            word != "SET" || statement.starts_with("SET LOCAL "),
            "{statement}"
        );
    }
    assert_eq!(
        ours[0][0],
        "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
    );
    println!(
        "PostgreSQL {major}, seed {SEED}: {} databases equal to the byte, {} statements each, {} findings equal",
        want.len(),
        ours[0].len(),
        findings(&audited(&live)).len()
    );
}

#[test]
fn live_equals_exported_on_15() {
    live_equals_exported("15");
}

#[test]
fn live_equals_exported_on_18() {
    live_equals_exported("18");
}

#[test]
fn captured_twice_it_is_the_same() {
    let server = server("15");
    reader(&server);
    let one = capture(&target(&server), &Terms::default()).unwrap();
    let two = capture(&target(&server), &Terms::default()).unwrap();
    let texts = |reading: &Reading| -> Vec<Input> { reading.inputs.clone() };
    assert_eq!(texts(&one), texts(&two));
    sql(
        &server,
        "postgres",
        &format!("CREATE DATABASE {};", ident("late")),
    );
    assert_eq!(
        capture(&target(&server), &Terms::default()).unwrap().inputs.len(),
        2
    );
}
