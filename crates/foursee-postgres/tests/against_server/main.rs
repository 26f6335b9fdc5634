//! The authorizer against a real server: random clusters, every question asked of both.
//!
//! It starts its own servers (tests/servers/postgres) and fails where one does not start or one answer differs. Three
//! random clusters a major are a sample that ordinary tests can afford; more of them, and other majors:
//!
//!     tests/servers/postgres/install 13 14 16 17 18
//!     FOURSEE_PG_MAJORS="13 14 15 16 17 18" FOURSEE_PG_CLUSTERS=20 FOURSEE_PG_SEED=100 \
//!         cargo test -p foursee-postgres --test against_server -- --nocapture
//!
//! FOURSEE_PG_SEED (1) is the first cluster's seed. Set and asked are tables, views, sequences, columns, schemas,
//! functions, types, languages, wrappers, servers, settings, tablespaces, the database, catalogs, grant options,
//! memberships and predefined roles.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test: what is not as it should be ends it"
)]

mod hba;
mod rows;

use foursee_core::document::{Document, Head, Notes};
use foursee_core::layer::Layer;
use foursee_core::model::{DocId, ScopeId};
use foursee_postgres::{CAPTURE, Postgres, facts::Facts};
use foursee_servers::Server;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

const DATABASE: &str = "foursee_random";
const ROLES: &[&str] = &[
    "fr_a", "fr_b", "fr_c", "fr_d", "fr_e", "Fr Odd", "fr=q\"x", "fr_ünï",
];

/// A small generator: what it gives depends on the seed alone.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) ^ (self.0 >> 12)
    }
    fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }
    fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[usize::try_from(self.next()).unwrap() % all.len()]
    }
}

/// psql as the superuser.
fn psql(server: &Server, database: &str, input: &str) -> (String, String) {
    let mut child = Command::new("psql")
        .args(["-XAtq", "-f", "-"])
        .env("PGHOST", server.env("SOCKET"))
        .env("PGPORT", server.env("PORT"))
        .env("PGUSER", "postgres")
        .env("PGDATABASE", database)
        .env("PGCLIENTENCODING", "UTF8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("psql starts");
    let mut stdin = child.stdin.take().unwrap();
    let text = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

const TABLES: &[&str] = &["s1.t", "s1.\"Odd.T\"", "s2.t", "s2.v", "s2.mv", "public.p"];
const CATALOGS: &[&str] = &[
    "pg_catalog.pg_class",
    "pg_catalog.pg_authid",
    "pg_catalog.pg_settings",
    "information_schema.sql_features",
];
const SEQUENCES: &[&str] = &["s1.q", "s2.q"];
const FUNCTIONS: &[&str] = &[
    "s1.f(integer, text[])",
    "s2.f()",
    "s2.g(s2.\"Odd T\")",
    "pg_catalog.pg_read_file(text)",
];
const TYPES: &[&str] = &["s1.e", "s1.d", "s2.c", "s1.rng"];
const SCHEMAS: &[&str] = &["s1", "s2", "public"];
const COLUMNS: &[&str] = &["a", "B", "ctid"];
const TABLE_WORDS: &[&str] = &[
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "TRUNCATE",
    "REFERENCES",
    "TRIGGER",
];
const COLUMN_WORDS: &[&str] = &["SELECT", "INSERT", "UPDATE", "REFERENCES"];

fn setup(random: &mut Random, major: u32) -> String {
    let mut sql = String::new();
    let mut say = |text: String| {
        sql.push_str(&text);
        sql.push_str(";\n");
    };
    for role in ROLES {
        let login = if random.one_in(2) { "LOGIN" } else { "NOLOGIN" };
        let inherit = if random.one_in(3) { "NOINHERIT" } else { "INHERIT" };
        let superuser = if random.one_in(12) {
            "SUPERUSER"
        } else {
            "NOSUPERUSER"
        };
        say(format!(
            "CREATE ROLE {} {login} {inherit} {superuser}",
            ident(role)
        ));
    }
    for text in [
        "CREATE SCHEMA s1",
        "CREATE SCHEMA s2",
        "CREATE TABLE s1.t (a int, \"B\" text, dropped int)",
        "ALTER TABLE s1.t DROP COLUMN dropped",
        "CREATE TABLE s1.\"Odd.T\" (a int, \"B\" text)",
        "CREATE TABLE s2.t (a int, \"B\" text) PARTITION BY LIST (a)",
        "CREATE TABLE public.p (a int, \"B\" text)",
        "CREATE VIEW s2.v AS SELECT 1 AS a, ''::text AS \"B\"",
        "CREATE MATERIALIZED VIEW s2.mv AS SELECT 1 AS a, ''::text AS \"B\"",
        "CREATE SEQUENCE s1.q",
        "CREATE SEQUENCE s2.q",
        "CREATE TYPE s1.e AS ENUM ('x')",
        "CREATE DOMAIN s1.d AS int",
        "CREATE TYPE s2.c AS (a int)",
        "CREATE TYPE s2.\"Odd T\" AS ENUM ('x')",
        "CREATE TYPE s1.rng AS RANGE (subtype = float8)",
        "CREATE FUNCTION s1.f(int, text[]) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION s2.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "SET search_path = s2, public",
        "CREATE FUNCTION s2.g(s2.\"Odd T\") RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "RESET search_path",
        "CREATE FOREIGN DATA WRAPPER w",
        "CREATE SERVER sv FOREIGN DATA WRAPPER w",
    ] {
        say(text.to_owned());
    }
    let predefined: &[&str] = &[
        "pg_read_all_data",
        "pg_write_all_data",
        "pg_maintain",
        "pg_monitor",
        "pg_read_all_settings",
    ];
    for _ in 0..9 {
        let role = if random.one_in(4) {
            random.pick(predefined)
        } else {
            random.pick(ROLES)
        };
        let member = ident(random.pick(ROLES));
        let yes = |random: &mut Random| if random.one_in(2) { "TRUE" } else { "FALSE" };
        let options = if major >= 16 {
            format!(
                " WITH ADMIN {}, INHERIT {}, SET {}",
                yes(random),
                yes(random),
                yes(random)
            )
        } else if random.one_in(3) {
            " WITH ADMIN OPTION".to_owned()
        } else {
            String::new()
        };
        say(format!("GRANT {} TO {member}{options}", ident(role)));
    }
    if random.one_in(2) {
        say(format!(
            "ALTER DATABASE {DATABASE} OWNER TO {}",
            ident(random.pick(ROLES))
        ));
    }
    for (what, all) in [
        ("TABLE", TABLES),
        ("SEQUENCE", SEQUENCES),
        ("SCHEMA", SCHEMAS),
        ("TYPE", TYPES),
    ] {
        for one in all {
            if random.one_in(2) {
                let what = match *one {
                    "s2.v" => "VIEW",
                    "s2.mv" => "MATERIALIZED VIEW",
                    "s1.d" => "DOMAIN",
                    _ => what,
                };
                say(format!(
                    "ALTER {what} {one} OWNER TO {}",
                    ident(random.pick(ROLES))
                ));
            }
        }
    }
    for one in &FUNCTIONS[..3] {
        if random.one_in(2) {
            say(format!(
                "ALTER FUNCTION {one} OWNER TO {}",
                ident(random.pick(ROLES))
            ));
        }
    }
    for _ in 0..70 {
        let mut objects: Vec<(String, String)> = Vec::new();
        let word = random.pick(TABLE_WORDS);
        let table = if random.one_in(4) {
            random.pick(CATALOGS)
        } else {
            random.pick(TABLES)
        };
        let all = if random.one_in(5) { "ALL" } else { word };
        objects.push((all.to_owned(), format!("TABLE {table}")));
        let column = ident(random.pick(COLUMNS));
        objects.push((
            format!("{} ({column})", random.pick(COLUMN_WORDS)),
            format!("TABLE {table}"),
        ));
        objects.push((
            random.pick(&["SELECT", "USAGE", "UPDATE", "ALL"]).to_owned(),
            format!("SEQUENCE {}", random.pick(SEQUENCES)),
        ));
        objects.push((
            random.pick(&["USAGE", "CREATE"]).to_owned(),
            format!("SCHEMA {}", random.pick(SCHEMAS)),
        ));
        objects.push((
            random.pick(&["CONNECT", "TEMP", "CREATE"]).to_owned(),
            format!("DATABASE {DATABASE}"),
        ));
        objects.push((
            "EXECUTE".to_owned(),
            format!("FUNCTION {}", random.pick(FUNCTIONS)),
        ));
        objects.push(("USAGE".to_owned(), format!("TYPE {}", random.pick(TYPES))));
        objects.push((
            "USAGE".to_owned(),
            random
                .pick(&["LANGUAGE plpgsql", "FOREIGN DATA WRAPPER w", "FOREIGN SERVER sv"])
                .to_owned(),
        ));
        objects.push(("CREATE".to_owned(), "TABLESPACE pg_default".to_owned()));
        if major >= 15 {
            objects.push((
                random.pick(&["SET", "ALTER SYSTEM"]).to_owned(),
                format!("PARAMETER {}", random.pick(&["work_mem", "log_statement"])),
            ));
        }
        if major >= 17 {
            objects.push(("MAINTAIN".to_owned(), format!("TABLE {table}")));
        }
        // Tables and their columns more often than the rest.
        let at = usize::try_from(random.next()).unwrap() % (objects.len() * 2);
        let (word, object) = objects
            .get(at)
            .cloned()
            .unwrap_or_else(|| objects[at % 2].clone());
        let who = match random.next() % 8 {
            0 => "PUBLIC".to_owned(),
            1 if major >= 14 => "pg_database_owner".to_owned(),
            _ => ident(random.pick(ROLES)),
        };
        if random.one_in(4) {
            let from = if random.one_in(2) {
                who
            } else {
                "CURRENT_USER".to_owned()
            };
            say(format!("REVOKE {word} ON {object} FROM {from}"));
        } else {
            let option = if who != "PUBLIC" && random.one_in(4) {
                " WITH GRANT OPTION"
            } else {
                ""
            };
            say(format!("GRANT {word} ON {object} TO {who}{option}"));
        }
    }
    sql
}

fn cleanup() -> String {
    let mut sql = format!("DROP DATABASE IF EXISTS {DATABASE};\n");
    for role in ROLES {
        sql.push_str(&format!(
            "DROP OWNED BY {0} CASCADE;\nDROP ROLE IF EXISTS {0};\n",
            ident(role)
        ));
    }
    sql
}

/// The facts of one document.
fn part_of(text: &str) -> Facts {
    let claim = Postgres
        .recognise(&Head::new("d", text))
        .expect("the document is recognised");
    let document = Document {
        id: DocId(0),
        name: Arc::from("d"),
        scope: ScopeId(0),
        kind: claim.kinds[0],
        text: Arc::new(text.to_owned()),
    };
    let mut notes = Notes::default();
    let facts = Postgres.parse(&document, &mut notes);
    assert!(notes.gaps.is_empty(), "{:#?}", notes.gaps);
    facts
}

fn facts_of(text: &str) -> Facts {
    let mut facts = part_of(text);
    Postgres.seal(&mut facts, &[]);
    facts
}

/// Every question: as JSON for us, as an expression for the server.
fn questions(major: u32) -> Vec<(Value, String)> {
    let mut all = Vec::new();
    let mut subjects: Vec<&str> = ROLES.to_vec();
    subjects.extend(["public", "pg_read_all_data", "pg_monitor"]);
    if major < 14 {
        subjects.retain(|one| *one != "pg_read_all_data");
    }
    let mut ask = |role: &str, kind: &str, function: &str, object: &str, column: Option<&str>, word: &str| {
        let mut question =
            json!({"database": DATABASE, "role": role, "kind": kind, "object": object, "privilege": word});
        let mut arguments = vec![literal(role), literal(object)];
        if let Some(column) = column {
            question["column"] = column.into();
            arguments.push(literal(column));
        }
        arguments.push(literal(word));
        all.push((question, format!("{function}({})", arguments.join(", "))));
    };
    let with_option = |word: &str| {
        [
            word.to_owned(),
            format!("{} with Grant option", word.to_lowercase()),
        ]
    };
    for role in &subjects {
        for table in TABLES.iter().chain(CATALOGS).chain(SEQUENCES) {
            let maintain: &[&str] = if major >= 17 { &["MAINTAIN"] } else { &[] };
            for word in TABLE_WORDS.iter().chain(maintain) {
                for word in with_option(word) {
                    ask(role, "table", "has_table_privilege", table, None, &word);
                }
            }
            if major < 18 {
                ask(role, "table", "has_table_privilege", table, None, "RULE");
            }
            ask(
                role,
                "table",
                "has_table_privilege",
                table,
                None,
                "INSERT, SELECT WITH GRANT OPTION",
            );
            for word in COLUMN_WORDS {
                for word in with_option(word) {
                    ask(role, "any_column", "has_any_column_privilege", table, None, &word);
                    if TABLES.contains(table) {
                        ask(role, "column", "has_column_privilege", table, Some("a"), &word);
                        ask(role, "column", "has_column_privilege", table, Some("B"), &word);
                        if *table != "s2.v" {
                            ask(role, "column", "has_column_privilege", table, Some("ctid"), &word);
                        }
                    }
                }
            }
        }
        for (kind, function, objects, words) in [
            (
                "sequence",
                "has_sequence_privilege",
                SEQUENCES,
                &["USAGE", "SELECT", "UPDATE"][..],
            ),
            ("schema", "has_schema_privilege", SCHEMAS, &["USAGE", "CREATE"]),
            (
                "schema",
                "has_schema_privilege",
                &["pg_catalog", "information_schema"],
                &["USAGE", "CREATE"],
            ),
            (
                "database",
                "has_database_privilege",
                &[DATABASE, "postgres"],
                &["CONNECT", "CREATE", "TEMP", "TEMPORARY"],
            ),
            ("function", "has_function_privilege", FUNCTIONS, &["EXECUTE"]),
            ("type", "has_type_privilege", TYPES, &["USAGE"]),
            (
                "language",
                "has_language_privilege",
                &["plpgsql", "c"],
                &["USAGE"],
            ),
            (
                "foreign_data_wrapper",
                "has_foreign_data_wrapper_privilege",
                &["w"],
                &["USAGE"],
            ),
            ("server", "has_server_privilege", &["sv"], &["USAGE"]),
            (
                "tablespace",
                "has_tablespace_privilege",
                &["pg_default", "pg_global"],
                &["CREATE"],
            ),
        ] {
            for object in objects {
                for word in words {
                    for word in with_option(word) {
                        ask(role, kind, function, object, None, &word);
                    }
                }
            }
        }
        if major >= 14 {
            for word in with_option("USAGE") {
                ask(
                    role,
                    "type",
                    "has_type_privilege",
                    "s1.rng_multirange",
                    None,
                    &word,
                );
            }
        }
        if major >= 15 {
            for setting in ["work_mem", "Log_Statement", "no_such_setting"] {
                for word in ["SET", "ALTER SYSTEM"] {
                    for word in with_option(word) {
                        ask(role, "parameter", "has_parameter_privilege", setting, None, &word);
                    }
                }
            }
        }
        if *role == "public" {
            continue;
        }
        let owner: &[&str] = if major >= 14 { &["pg_database_owner"] } else { &[] };
        for other in ROLES
            .iter()
            .chain(&["pg_monitor", "pg_read_all_settings"])
            .chain(owner)
        {
            let set: &[&str] = if major >= 16 { &["SET"] } else { &[] };
            for word in ["USAGE", "MEMBER"].iter().chain(set) {
                ask(role, "role", "pg_has_role", other, None, word);
                // Up to 14 a role's ADMIN OPTION on itself depends on who asks.
                if major >= 15 || role != other {
                    ask(
                        role,
                        "role",
                        "pg_has_role",
                        other,
                        None,
                        &format!("{word} WITH ADMIN OPTION"),
                    );
                }
            }
        }
    }
    all
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// One random cluster: how many answers were compared, and how many of them were yes.
fn compare(server: &Server, major: u32, seed: u64) -> (usize, usize) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    psql(server, "postgres", &cleanup());
    psql(
        server,
        "postgres",
        &format!("CREATE DATABASE {DATABASE};\nCREATE ROLE fr_reader LOGIN;\n"),
    );
    // Grants that a role may not make fail: that is part of the chance.
    psql(server, DATABASE, &setup(&mut random, major));
    // Catalogs may have been taken from PUBLIC; the reader is to see them all the same.
    psql(
        server,
        DATABASE,
        "GRANT SELECT ON pg_catalog.pg_class, pg_catalog.pg_settings TO fr_reader;",
    );
    let reader = format!("SET SESSION AUTHORIZATION fr_reader;\n{CAPTURE}");
    let (text, error) = psql(server, DATABASE, &reader);
    assert!(error.is_empty(), "the capture fails: {error}");
    let facts = facts_of(&text);
    let all = questions(major);
    let sql: String = all.iter().map(|(_, sql)| format!("SELECT {sql};\n")).collect();
    let (answers, error) = psql(server, DATABASE, &sql);
    let answers: Vec<&str> = answers.lines().collect();
    assert_eq!(answers.len(), all.len(), "{error}");
    let mut different = Vec::new();
    for ((question, sql), theirs) in all.iter().zip(&answers) {
        let mut out = Vec::new();
        let ours = match Postgres.decide(&facts, &question.to_string(), &mut out) {
            Ok(()) => {
                let answer: Value = serde_json::from_slice(&out).unwrap();
                if answer["granted"] == true { "t" } else { "f" }.to_owned()
            }
            Err(error) => error.to_string(),
        };
        if ours != *theirs {
            different.push(format!("server {theirs}, foursee {ours}: {sql}"));
        }
    }
    let granted = answers.iter().filter(|answer| **answer == "t").count();
    assert!(
        different.is_empty(),
        "PostgreSQL {major}, seed {seed}: {} of {} answers differ:\n{}",
        different.len(),
        all.len(),
        different.into_iter().take(20).collect::<Vec<_>>().join("\n")
    );
    (all.len(), granted)
}

#[test]
fn the_authorizer_answers_as_the_server_does() {
    let majors = std::env::var("FOURSEE_PG_MAJORS").unwrap_or_else(|_| "15 18".to_owned());
    let (first, clusters) = (number("FOURSEE_PG_SEED", 1), number("FOURSEE_PG_CLUSTERS", 3));
    for name in majors.split_whitespace() {
        let major: u32 = name.parse().expect("a major");
        let server = Server::start("postgres", &[name]).unwrap_or_else(|error| panic!("{error}"));
        let (mut compared, mut granted) = (0, 0);
        for seed in first..first + clusters {
            let (more, yes) = compare(&server, major, seed);
            compared += more;
            granted += yes;
        }
        println!(
            "PostgreSQL {major}: {compared} comparisons over {clusters} clusters from seed {first} ({granted} granted), 0 different"
        );
        assert!(
            compared > 5_000 && granted > 500 && granted < compared,
            "{compared}, {granted}"
        );
    }
}
