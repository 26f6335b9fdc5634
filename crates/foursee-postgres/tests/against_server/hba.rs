//! pg_hba.conf: random files, and whom the server lets in, how.

use crate::{Random, part_of, psql};
use foursee_core::layer::Layer;
use foursee_postgres::{CAPTURE, Postgres};
use foursee_servers::Server;
use serde_json::{Value, json};
use std::fmt::Write;
use std::process::Command;

const ROLES: &[&str] = &["alice", "bob", "carol", "all", "team", "db_a"];
const DATABASES: &[&str] = &["db_a", "all", "team", "postgres"];

const SETUP: &str = "
CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE carol LOGIN SUPERUSER; CREATE ROLE \"all\" LOGIN;
CREATE ROLE team LOGIN; CREATE ROLE db_a LOGIN; CREATE ROLE lead;
GRANT lead TO bob; GRANT team TO lead; GRANT db_a TO alice;
CREATE DATABASE db_a; CREATE DATABASE \"all\"; CREATE DATABASE team;
";

fn file(random: &mut Random, major: u32) -> String {
    let mut text = String::from("# a random file\nlocal postgres postgres trust\n");
    for _ in 0..8 {
        let mut kinds = vec!["local", "host", "host", "hostssl", "hostnossl", "hostnogssenc"];
        // The embedded builds have no GSSAPI, and say so.
        kinds.extend((major == 15).then_some("hostgssenc"));
        let kind = random.pick(&kinds);
        let mut databases = vec![
            "all",
            "sameuser",
            "samerole",
            "replication",
            "db_a",
            "\"all\"",
            "team",
            "db_a, team",
        ];
        let mut roles = vec![
            "all",
            "alice",
            "bob,carol",
            "\"all\"",
            "+team",
            "\"+team\"",
            "+lead",
            "+db_a",
            "+nobody",
            "\"alice\"",
        ];
        if major >= 16 {
            databases.extend(["/^db_.*$", "/a", "/^team$"]);
            roles.extend(["/^.*a.*$", "/o", "/^al"]);
        }
        let address = random.pick(&[
            "all",
            "127.0.0.1/32",
            "127.0.0.0/8",
            "10.0.0.0/8",
            "0.0.0.0/0",
            "127.0.0.1 255.0.0.255",
            "::/0",
            "128.0.0.0/1",
            "127.0.0.2/32",
        ]);
        let method = random.pick(&["trust", "trust", "reject", "scram-sha-256"]);
        // Narrow lines first, and wide ones for whom they leave.
        let mut wide = |words: &[&'static str]| match random.one_in(3) {
            true => "all",
            false => random.pick(words),
        };
        let (database, role) = (wide(&databases), wide(&roles));
        if *kind == *"local" {
            writeln!(text, "local {database}  {role}\t{method} # local").unwrap();
        } else if random.one_in(5) {
            writeln!(text, "{kind} {database} \\\n {role} {address} {method}").unwrap();
        } else {
            writeln!(text, "{kind} {database} {role} {address} {method}").unwrap();
        }
    }
    text
}

/// What the server does with a login that has no password.
fn attempt(server: &Server, role: &str, database: &str, by: &str) -> Option<&'static str> {
    let host = if by == "socket" {
        server.env("SOCKET")
    } else {
        "127.0.0.1"
    };
    let output = Command::new("psql")
        .args(["-XAtwqc", "SELECT 1"])
        .env("PGHOST", host)
        .env("PGPORT", server.env("PORT"))
        .env("PGUSER", role)
        .env("PGDATABASE", database)
        .env("PGSSLMODE", if by == "tls" { "require" } else { "disable" })
        .env("PGGSSENCMODE", "disable")
        .env("PGPASSFILE", "/dev/null")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        Some("trust")
    } else if said.contains("no pg_hba.conf entry") {
        None
    } else if said.contains("pg_hba.conf rejects connection") {
        Some("reject")
    } else {
        assert!(
            said.contains("no password supplied"),
            "{role} {database} {by}: {said}"
        );
        Some("scram-sha-256")
    }
}

#[test]
fn logins_are_decided_as_the_server_does() {
    for major in [15, 18] {
        let server =
            Server::start("postgres", &[&major.to_string()]).unwrap_or_else(|error| panic!("{error}"));
        psql(&server, "postgres", SETUP);
        let (text, error) = psql(&server, "postgres", CAPTURE);
        assert!(error.is_empty(), "{error}");
        let (mut seen, mut compared) = (std::collections::BTreeMap::new(), 0);
        for seed in 1..=4_u64 {
            let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let hba = file(&mut random, major);
            std::fs::write(server.env("HBA"), &hba).unwrap();
            let (errors, error) = psql(
                &server,
                "postgres",
                "SELECT pg_reload_conf();\nSELECT pg_sleep(0.3);\nSELECT error FROM pg_hba_file_rules WHERE error IS NOT NULL;",
            );
            assert_eq!((errors.trim(), error.as_str()), ("t", ""), "{hba}");
            let mut facts = part_of(&text);
            Postgres.merge(&mut facts, part_of(&hba));
            Postgres.seal(&mut facts, &[]);
            for role in ROLES {
                for database in DATABASES {
                    for by in ["socket", "tls", "plain"] {
                        let mut question = json!({"login": role, "database": database, "tls": by == "tls"});
                        if by != "socket" {
                            question["from"] = "127.0.0.1".into();
                        }
                        let mut out = Vec::new();
                        Postgres.decide(&facts, &question.to_string(), &mut out).unwrap();
                        let ours: Value = serde_json::from_slice(&out).unwrap();
                        let theirs = attempt(&server, role, database, by);
                        assert_eq!(
                            ours["method"].as_str(),
                            theirs,
                            "PostgreSQL {major}, seed {seed}: {question} {ours}\n{hba}"
                        );
                        *seen.entry(theirs).or_insert(0) += 1;
                        compared += 1;
                    }
                }
            }
        }
        println!("PostgreSQL {major}: {compared} logins, {seen:?}, 0 different");
        assert_eq!(seen.len(), 4, "{seen:?}");
    }
}
