//! A login with CONNECT is enough; each permission that is taken away is named by a gap, and what `PERMISSIONS` says to
//! paste gives it back.

use crate::common::{audited, capture, findings, gaps, reader, server, sql, target};
use crate::schema::{self, Random, ident};
use foursee_capture::Terms;
use foursee_collect_postgres::PERMISSIONS;
use foursee_servers::Server;
use std::collections::BTreeSet;

/// Everything that compares of one capture: its findings and its gaps.
struct Seen {
    findings: BTreeSet<String>,
    gaps: BTreeSet<String>,
}

fn seen(server: &Server) -> Seen {
    let report = audited(&capture(&target(server), &Terms::default()).unwrap());
    Seen {
        findings: findings(&report).into_iter().collect(),
        gaps: gaps(&report).into_iter().collect(),
    }
}

fn everywhere(server: &Server, text: &str) {
    for database in ["postgres", "shop"] {
        sql(server, database, text);
    }
}

fn with_just_that(major: &str) {
    let server = server(major);
    let mut random = Random::new(7);
    let number: u32 = major.parse().unwrap();
    reader(&server);
    sql(&server, "postgres", &schema::cluster(&mut random, number));
    sql(&server, "shop", &schema::database(&mut random));
    for database in &schema::DATABASES[1..] {
        sql(
            &server,
            "postgres",
            &format!("DROP DATABASE {};", ident(database)),
        );
    }
    let base = seen(&server);
    assert!(base.findings.len() > 10, "{:?}", base.findings);
    assert!(
        !base.gaps.iter().any(|gap| gap.starts_with("denied")),
        "{:#?}",
        base.gaps
    );
    let mut lost = 0;
    for permission in PERMISSIONS {
        let (take, back, needle) = if let Some(catalog) =
            permission.name.strip_prefix("SELECT ON pg_catalog.")
        {
            if catalog == "pg_parameter_acl" && number < 15 {
                continue;
            }
            (
                format!("REVOKE SELECT ON pg_catalog.{catalog} FROM PUBLIC;"),
                format!(
                    "GRANT SELECT ON pg_catalog.{catalog} TO PUBLIC; REVOKE SELECT ON pg_catalog.{catalog} FROM foursee;"
                ),
                catalog.to_owned(),
            )
        } else {
            match permission.name {
                "CONNECT ON DATABASE" => (
                    "REVOKE CONNECT ON DATABASE shop FROM PUBLIC;".to_owned(),
                    "GRANT CONNECT ON DATABASE shop TO PUBLIC; REVOKE CONNECT ON DATABASE shop FROM foursee;"
                        .to_owned(),
                    "GRANT CONNECT ON DATABASE \"shop\" TO \"foursee\";".to_owned(),
                ),
                "EXECUTE ON FUNCTION pg_catalog.pg_control_system()" => (
                    "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC;".to_owned(),
                    "GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO PUBLIC; \
                     REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM foursee;"
                        .to_owned(),
                    "pg_control_system".to_owned(),
                ),
                // Without it there is nothing: login.rs.
                other => {
                    assert_eq!((other, permission.hides), ("LOGIN", ""));
                    continue;
                }
            }
        };
        everywhere(&server, &take);
        let without = seen(&server);
        let new: Vec<&String> = without.gaps.difference(&base.gaps).collect();
        let gone = base.findings.difference(&without.findings).count();
        let appeared: Vec<&String> = without.findings.difference(&base.findings).collect();
        assert!(
            new.iter()
                .any(|gap| gap.starts_with("denied: ") && gap.contains(&needle)),
            "{}: {gone} findings gone, and no gap names it: {new:#?}",
            permission.name
        );
        if gone > 0 {
            assert!(!permission.hides.is_empty(), "{}", permission.name);
        }
        if needle != "pg_control_system" {
            assert!(
                appeared.is_empty(),
                "{}: not seen is not absent: {appeared:#?}",
                permission.name
            );
        }
        lost += gone;
        println!(
            "{major}: without {}: {gone} findings gone, {} gaps more",
            permission.name,
            new.len()
        );

        let paste = permission.grant.replace(" name ", " shop ");
        everywhere(&server, &paste);
        let again = seen(&server);
        // What was taken from PUBLIC is a finding of its own for others than the reader.
        let lost: Vec<&String> = base.findings.difference(&again.findings).collect();
        assert!(
            lost.is_empty(),
            "{} does not give back {lost:#?}",
            permission.grant
        );
        let still: Vec<&String> = again.gaps.difference(&base.gaps).collect();
        assert!(still.is_empty(), "{} leaves {still:#?}", permission.grant);
        everywhere(&server, &back);
    }
    assert!(lost > 10, "{lost}");
}

#[test]
fn each_permission_taken_away_shows_on_15() {
    with_just_that("15");
}

#[test]
fn each_permission_taken_away_shows_on_18() {
    with_just_that("18");
}
