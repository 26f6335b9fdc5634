//! Addresses, TLS and credentials. No password stands in what is said.

use crate::common::{SECRET, capture, reader, server, sql};
use foursee_capture::{CollectError, Terms};
use foursee_servers::Server;

/// What a login came to: "read", or the sort of error and its words.
fn came_to(target: &str) -> String {
    match capture(target, &Terms::default()) {
        Ok(reading) => {
            assert!(!reading.inputs.is_empty());
            "read".to_owned()
        }
        Err(error) => {
            let text = format!("{error} {error:?}");
            assert!(
                !text.contains(SECRET) && !text.contains("not-the-password"),
                "{text}"
            );
            match error {
                CollectError::Refused { why, .. } => format!("refused: {why}"),
                CollectError::Unreachable { why, .. } => format!("unreachable: {why}"),
                other => other.to_string(),
            }
        }
    }
}

fn check(server: &Server, settings: &str, want: &str) {
    let mut target = settings
        .replace("PORT", server.env("PORT"))
        .replace("OTHER", server.env("OTHER_CA"))
        .replace("CA", server.env("CA"))
        .replace("SOCKET", server.env("SOCKET"));
    if !settings.contains("user=") {
        target = format!("{target} user=foursee password={SECRET}");
    }
    let got = came_to(&target);
    assert!(got.contains(want), "{settings}: {got}");
}

#[test]
fn tls_as_libpq_means_it() {
    let server = server("18");
    reader(&server);
    let here = "host=127.0.0.1 port=PORT";
    // A name that the certificate is not for.
    let elsewhere = "host=db.elsewhere hostaddr=127.0.0.1 port=PORT";
    for (settings, want) in [
        (format!("{here} sslmode=verify-full sslrootcert=CA"), "read"),
        (
            "host=localhost port=PORT sslmode=verify-full sslrootcert=CA".to_owned(),
            "read",
        ),
        (
            format!("{here} sslmode=verify-full sslrootcert=CA channel_binding=require"),
            "read",
        ),
        (
            format!("{here} sslmode=verify-full sslrootcert=CA sslnegotiation=direct"),
            if server.env("MAJOR") >= "17" {
                "read"
            } else {
                "TLS"
            },
        ),
        (
            format!("{here} sslmode=verify-full sslrootcert=OTHER"),
            "UnknownIssuer",
        ),
        (
            format!("{here} sslmode=verify-ca sslrootcert=OTHER"),
            "UnknownIssuer",
        ),
        (
            format!("{here} sslmode=require sslrootcert=OTHER"),
            "UnknownIssuer",
        ),
        (
            format!("{elsewhere} sslmode=verify-full sslrootcert=CA"),
            "not valid for name",
        ),
        (format!("{elsewhere} sslmode=verify-ca sslrootcert=CA"), "read"),
        (format!("{elsewhere} sslmode=require"), "read"),
        (
            format!("{elsewhere} sslrootcert=CA"),
            "sslmode is verify-full for other machines unless said otherwise",
        ),
        (
            format!("{elsewhere} sslmode=verify-full sslrootcert=system"),
            "UnknownIssuer",
        ),
        (format!("{here} sslmode=prefer channel_binding=require"), "read"),
        (format!("{here} sslmode=disable"), "read"),
        (
            format!("{here} sslmode=disable channel_binding=require"),
            "channel binding",
        ),
        ("host=SOCKET port=PORT".to_owned(), "read"),
        (
            format!("{here} sslmode=verify-full sslrootcert=/no/such/file"),
            "/no/such/file",
        ),
    ] {
        check(&server, &settings, want);
    }
    // A client's certificate, and the same login without one.
    sql(&server, "postgres", "CREATE ROLE certified LOGIN;");
    let tls = server.env("TLS").to_owned();
    let with = format!(
        "{here} user=certified sslmode=verify-full sslrootcert=CA sslcert={tls}/client.crt sslkey={tls}/client.key"
    );
    check(&server, &with, "read");
    check(
        &server,
        &format!("{here} user=certified sslmode=verify-full sslrootcert=CA"),
        "refused: ",
    );
    check(
        &server,
        &with.replace("/client.key", "/server.crt"),
        "others have permissions on the key",
    );
}

#[test]
fn credentials_from_the_usual_places() {
    let server = server("15");
    reader(&server);
    let here = format!("host=127.0.0.1 port={}", server.env("PORT"));
    let url = format!(
        "postgresql://foursee:{SECRET}@127.0.0.1:{}/template1",
        server.env("PORT")
    );
    assert_eq!(came_to(&url), "read");
    for (settings, want) in [
        (
            format!("{here} user=foursee password=not-the-password"),
            "refused: password authentication failed for user \"foursee\"",
        ),
        (
            format!("{here} user=foursee passfile=/no/such/file"),
            "refused: it asks for a password and there is none",
        ),
        (
            format!("{here} user=refused password=not-the-password"),
            "refused: pg_hba.conf rejects",
        ),
        (
            format!("{here} user=nobody password=not-the-password"),
            "refused: ",
        ),
        (
            format!("{here} user=foursee password={SECRET} dbname=none"),
            "refused: database \"none\" does not exist",
        ),
        (
            "host=127.0.0.1 port=1 user=foursee password=not-the-password".to_owned(),
            "unreachable: ",
        ),
        (
            "host=no.such.host.invalid user=foursee sslmode=disable connect_timeout=3".to_owned(),
            "unreachable: ",
        ),
    ] {
        let got = came_to(&settings);
        assert!(got.starts_with(want), "{settings}: {got}");
    }

    // A password file, private and not.
    let file = server.folder().join("pass");
    std::fs::write(
        &file,
        format!("127.0.0.1:{}:*:foursee:{SECRET}\n", server.env("PORT")),
    )
    .unwrap();
    let mode = |mode: u32| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
    };
    let target = format!("{here} user=foursee passfile='{}'", file.display());
    mode(0o644);
    assert!(
        came_to(&target).contains("is not used: others have permissions on it"),
        "{}",
        came_to(&target)
    );
    mode(0o600);
    assert_eq!(came_to(&target), "read");

    // Several hosts, and which of them will do.
    let several = format!(
        "host=127.0.0.1,127.0.0.1 port=1,{} user=foursee password={SECRET}",
        server.env("PORT")
    );
    assert_eq!(came_to(&several), "read");
    for (attributes, want) in [
        ("read-write", "read"),
        ("primary", "read"),
        ("prefer-standby", "read"),
        ("standby", "it is not what target_session_attrs asks for"),
        ("read-only", "it is not what target_session_attrs asks for"),
    ] {
        let got = came_to(&format!("{several} target_session_attrs={attributes}"));
        assert!(got.contains(want), "{attributes}: {got}");
    }

    // Without a name, where the first database is not open to everybody.
    sql(
        &server,
        "postgres",
        "REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;",
    );
    let reading = capture(
        &format!("{here} user=foursee password={SECRET}"),
        &Terms::default(),
    )
    .unwrap();
    assert!(
        reading.inputs[0].name.ends_with("template1.json"),
        "{}",
        reading.inputs[0].name
    );
    let said: Vec<String> = reading
        .gaps
        .iter()
        .map(|gap| format!("{} {} {}", gap.target, gap.facet, gap.closes))
        .collect();
    assert!(
        said.iter()
            .any(|one| one.contains("permission denied for database")
                && one.contains("GRANT CONNECT ON DATABASE \"postgres\" TO \"foursee\";")),
        "{said:?}"
    );
}
