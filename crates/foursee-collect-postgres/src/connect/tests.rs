//! What a session that is dropped in the middle leaves on the server, and what is said of errors.

use super::*;
use crate::settings::Surroundings;
use foursee_servers::Server;
use std::time::Instant;

#[test]
fn a_dropped_session_stops_its_statement() {
    let server = Server::start("postgres", &["18"]).unwrap_or_else(|error| panic!("{error}"));
    let target = format!(
        "host=127.0.0.1 port={} user=postgres password='{}' sslmode=verify-full sslrootcert='{}'",
        server.env("PORT"),
        server.env("PASSWORD"),
        server.env("CA")
    );
    let around = Surroundings {
        variable: &|_| None,
        home: None,
        user: None,
    };
    let connector = Connector::new(Settings::resolve(Some(&target), &around).unwrap()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let log = || std::fs::read_to_string(server.env("LOG")).unwrap();
    runtime.block_on(async {
        let (_, open) = connector.open(None, "postgres", 1 << 20).await.unwrap();
        let sleeping = open.run("SELECT pg_sleep(600);\n");
        assert!(timeout(Duration::from_secs(1), sleeping).await.is_err());
    });
    let start = Instant::now();
    while !log().contains("canceling statement due to user request") {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "it sleeps on: {}",
            log()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_message_says_no_password_and_moves_no_terminal() {
    let password = Password("hunter2".to_owned());
    assert_eq!(
        spoken("no hunter2\u{1b}[2J\n", Some(&password)),
        "no (the password)\\u{1b}[2J\\n"
    );
    assert_eq!(spoken("plain \u{fc}", None), "plain \u{fc}");
}
