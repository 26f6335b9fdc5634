//! The script against a session that answers from a table, and says what it was asked.

use super::*;
use std::sync::Mutex;

/// Refuses what holds one of its words; answers questions about the server, and everything else with its number.
#[derive(Default)]
struct Recorded {
    sent: Mutex<Vec<String>>,
    refuse: Vec<&'static str>,
    major: u32,
}

impl Session for Recorded {
    async fn query(&self, sql: &str) -> Result<Rows, Failure> {
        let mut sent = self.sent.lock().unwrap();
        sent.push(sql.to_owned());
        if let Some(word) = self.refuse.iter().find(|word| sql.contains(*word)) {
            return Err(match *word {
                "lost" => Failure::Lost("the server is gone".into()),
                "odd" => Failure::Unreadable("not UTF-8".into()),
                _ => Failure::Refused {
                    code: "42501".into(),
                    message: format!("permission denied for \"{word}\" \\ it's"),
                },
            });
        }
        let text = |name: &str, value: String| vec![vec![(name.to_owned(), Some(value))]];
        let yes = |major: u32| Some(if self.major >= major { "t" } else { "f" }.to_owned());
        if sql.contains("AS v14") {
            return Ok(vec![vec![
                ("v14".into(), yes(14)),
                ("v15".into(), yes(15)),
                ("control".into(), yes(0)),
            ]]);
        }
        if let Some(rest) = sql.strip_prefix("SELECT '[") {
            return Ok(text("denied", format!("[{rest}")));
        }
        Ok(if sql.starts_with("SELECT") {
            text("?column?", format!("row {}", sent.len()))
        } else {
            Vec::new()
        })
    }
}

fn ran(script: &str, session: &Recorded) -> Result<Printed, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(run(script, session))
}

#[test]
fn the_published_script_is_understood_to_its_end() {
    let session = Recorded {
        major: 18,
        ..Recorded::default()
    };
    let printed = ran(TEXT, &session).unwrap();
    let sent = session.sent.into_inner().unwrap();
    assert_eq!(
        sent[0],
        "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
    );
    assert_eq!(sent.last().map(String::as_str), Some("COMMIT"));
    for one in &sent {
        let word = one.split([' ', '\n']).next().unwrap();
        assert!(
            ["BEGIN", "SET", "SELECT", "SAVEPOINT", "RELEASE", "COMMIT"].contains(&word),
            "{one}"
        );
        let left = lexer::pieces(one);
        assert!(
            left.iter().all(|piece| matches!(piece, Piece::Text(_))),
            "{left:?}"
        );
    }
    assert!(sent.iter().any(|one| one.contains("FROM pg_parameter_acl")));
    assert_eq!(printed.refused, None);
    let older = Recorded {
        major: 13,
        ..Recorded::default()
    };
    ran(TEXT, &older).unwrap();
    assert!(
        !older
            .sent
            .into_inner()
            .unwrap()
            .iter()
            .any(|one| one.contains("FROM pg_parameter_acl"))
    );
}

#[test]
fn a_refused_statement_is_noted_as_psql_would_and_the_rest_goes_on() {
    let session = Recorded {
        major: 18,
        refuse: vec!["FROM pg_policy"],
        ..Recorded::default()
    };
    let printed = ran(TEXT, &session).unwrap();
    let sent = session.sent.into_inner().unwrap();
    let at = sent
        .iter()
        .position(|one| one.contains("FROM pg_policy p"))
        .unwrap();
    assert_eq!(sent[at - 1], "SAVEPOINT pg_psql_temporary_savepoint");
    assert_eq!(sent[at + 1], "ROLLBACK TO pg_psql_temporary_savepoint");
    assert!(
        sent[at + 3].starts_with("SELECT '[]'::jsonb || jsonb_build_object('what', 'policies', 'why',  E'permission denied for \"FROM pg_policy\" \\\\ it''s'"),
        "{}", sent[at + 3]
    );
    assert!(sent.iter().any(|one| one.contains("FROM pg_inherits")));
    assert_eq!(printed.refused.unwrap().0, "42501");
}

#[test]
fn what_cannot_be_read_leaves_the_transaction_whole_and_a_lost_session_ends_it() {
    let script = "BEGIN;\nSELECT 'odd';\n\\if :ERROR\nSELECT :'LAST_ERROR_MESSAGE';\n\\else\nSELECT 2;\n\\endif\nCOMMIT;\n";
    let session = Recorded {
        refuse: vec!["odd"],
        ..Recorded::default()
    };
    assert_eq!(ran(script, &session).unwrap().text, "row 6\n");
    let sent = session.sent.into_inner().unwrap();
    assert_eq!(sent[3], "RELEASE pg_psql_temporary_savepoint");
    assert_eq!(sent[5], "SELECT 'not UTF-8'");
    let lost = Recorded {
        refuse: vec!["lost"],
        ..Recorded::default()
    };
    assert_eq!(
        ran("SELECT 'lost';\nSELECT 1;\n", &lost),
        Err("the server is gone".to_owned())
    );
    assert_eq!(lost.sent.into_inner().unwrap().len(), 1);
}

#[test]
fn the_language_is_no_wider_than_it_says() {
    let none = || Recorded::default();
    for (script, why) in [
        ("\\! rm -rf x\n", "\\! is not known"),
        ("\\copy t to x\n", "\\copy is not known"),
        ("SELECT 1 \\g x\n", "\\g within a statement"),
        ("SELECT 1", "the script ends within a statement"),
        ("\\endif\n", "\\endif without \\if"),
        ("\\set a :a\nSELECT :a;\n", "a variable stands in its own value"),
    ] {
        assert_eq!(ran(script, &none()).unwrap_err(), why, "{script}");
    }
    let session = none();
    ran(
        "SELECT ';', \"a;:b\", (1;2), x::int, :y, 'it''s' -- no; end\n/* ; */;\n",
        &session,
    )
    .unwrap();
    assert_eq!(
        session.sent.into_inner().unwrap(),
        ["SELECT ';', \"a;:b\", (1;2), x::int, :y, 'it''s' -- no; end\n/* ; */"]
    );
}
