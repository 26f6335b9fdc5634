//! What is read, what is left unread and why, and that nothing panics or leaks.

use super::*;

fn read(settings: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let (found, missed) = connections(settings);
    let line = |c: &Connection| {
        format!(
            "{} {}@{}/{} #{}",
            c.kind,
            c.subject,
            c.realm,
            c.audience.as_deref().unwrap_or("-"),
            c.setting
        )
    };
    (found.iter().map(line).collect(), missed)
}

fn found(settings: &[(&str, &str)]) -> Vec<String> {
    let (found, missed) = read(settings);
    assert_eq!(missed, Vec::<String>::new());
    found
}

fn missed(settings: &[(&str, &str)]) -> Vec<String> {
    let (found, missed) = read(settings);
    assert_eq!(found, Vec::<String>::new());
    missed
}

#[test]
fn urls() {
    assert_eq!(
        found(&[("DATABASE_URL", "postgres://app:s3@DB.local/shop")]),
        ["postgres-login app@db.local:5432/shop #0"]
    );
    assert_eq!(
        found(&[("X", "postgresql://a%40b:p%2Fw@h1:6432,h2/d%20b?sslmode=require")]),
        [
            "postgres-login a@b@h1:6432/d b #0",
            "postgres-login a@b@h2:5432/d b #0"
        ]
    );
    assert_eq!(
        found(&[("X", "postgresql+asyncpg://u:p@w@db/")]),
        ["postgres-login u@db:5432/u #0"]
    );
    assert_eq!(
        found(&[("X", "postgresql://u@[::1]:5433/d")]),
        ["postgres-login u@[::1]:5433/d #0"]
    );
    assert_eq!(
        found(&[("X", "postgresql:///d?host=h&port=1&user=u")]),
        ["postgres-login u@h:1/d #0"]
    );
    assert_eq!(
        found(&[
            ("arg", "--db=postgres://u:p@h/d"),
            ("arg", "psql 'postgres://v:p@h/d' -c x")
        ]),
        ["postgres-login u@h:5432/d #0", "postgres-login v@h:5432/d #1"]
    );
    assert_eq!(
        found(&[
            ("X", "mysql://u:p@h/d"),
            ("Y", "the postgres manual: see http://x")
        ]),
        Vec::<String>::new()
    );
}

#[test]
fn urls_that_leave_things_out() {
    assert_eq!(
        found(&[("DATABASE_URL", "postgres://db/shop"), ("PGUSER", "app")]),
        ["postgres-login app@db:5432/shop #0"]
    );
    assert_eq!(
        missed(&[("DATABASE_URL", "postgres://db/shop")]),
        ["DATABASE_URL: names no user"]
    );
    assert_eq!(missed(&[("U", "postgres://a:b@/d")]), ["U: names no host"]);
    assert_eq!(
        missed(&[("U", "postgres://a:${P}@${HOST}/d")]),
        [format!("U: {REFERENCE}")]
    );
    assert_eq!(
        missed(&[("DATABASE_URL", "$(X)")]),
        [format!("DATABASE_URL: {REFERENCE}")]
    );
    assert_eq!(
        missed(&[("U", "postgres://a:b@%2Fvar%2Frun/d")]),
        ["U: is a socket file, not a host"]
    );
    assert_eq!(
        missed(&[("U", "postgres://a:b@h:x/d")]),
        [format!("U: {BAD_PORT}")]
    );
    let (all, notes) = read(&[("U", "postgres://user:se/cret@host/d")]);
    assert!(
        all.is_empty() && !format!("{notes:?}").contains("cret"),
        "{notes:?}"
    );
}

#[test]
fn a_password_that_is_a_reference_does_not_matter() {
    assert_eq!(
        found(&[("U", "postgres://a:$(PW)@h/d")]),
        ["postgres-login a@h:5432/d #0"]
    );
}

#[test]
fn kubernetes_expansion_of_earlier_settings() {
    let url = ("U", "postgres://$(WHO):$(PW)@$(WHERE)/d");
    assert_eq!(
        found(&[("WHO", "a"), ("WHERE", "h"), url]),
        ["postgres-login a@h:5432/d #2"]
    );
    assert_eq!(
        missed(&[url, ("WHO", "a"), ("WHERE", "h")]),
        [format!("U: {REFERENCE}")]
    );
}

#[test]
fn jdbc() {
    let url = "jdbc:postgresql://db:6432/shop?ssl=true";
    assert_eq!(
        found(&[
            ("SPRING_DATASOURCE_URL", url),
            ("SPRING_DATASOURCE_USERNAME", "app")
        ]),
        ["postgres-login app@db:6432/shop #0"]
    );
    assert_eq!(
        found(&[(
            "arg",
            "-Dspring.datasource.url=jdbc:postgresql://db/shop?user=u&password=p"
        )]),
        ["postgres-login u@db:5432/shop #0"]
    );
    assert_eq!(
        found(&[("KC_DB_URL", "jdbc:postgresql:kc"), ("KC_DB_USERNAME", "k")]),
        ["postgres-login k@localhost:5432/kc #0"]
    );
    assert_eq!(
        missed(&[("SPRING_DATASOURCE_URL", url), ("PGUSER", "x"), ("PGHOST", "")]).len(),
        2
    );
    assert_eq!(
        found(&[("U", "jdbc:mysql://db/shop?user=u")]),
        Vec::<String>::new()
    );
    assert_eq!(missed(&[("U", "jdbc-secretsmanager:postgresql://db/x")]).len(), 1);
    assert_eq!(
        missed(&[("U", "jdbc:aws-secretsmanager:postgresql://db/x?user=u")]).len(),
        1
    );
}

#[test]
fn keyword_strings() {
    assert_eq!(
        found(&[(
            "DSN",
            "host=db port=5433 user='the app' password='x y' dbname=shop"
        )]),
        ["postgres-login the app@db:5433/shop #0"]
    );
    assert_eq!(
        found(&[("DSN", r"host = db user = it\'s dbname=d")]),
        ["postgres-login it's@db:5432/d #0"]
    );
    assert_eq!(
        missed(&[("DSN", "host=db dbname=d password='x")]),
        ["DSN: has a quote that is not closed"]
    );
    assert_eq!(
        found(&[(
            "ConnectionStrings__Default",
            "Host=Db;Database=shop;Username=app;Password=a;Pooling=true"
        )]),
        ["postgres-login app@db:5432/shop #0"]
    );
    assert_eq!(
        found(&[("X", "user=1 and that is all"), ("Y", "port=8080")]).len(),
        0
    );
}

#[test]
fn groups() {
    assert_eq!(
        found(&[
            ("PGHOST", "db"),
            ("PGUSER", "app"),
            ("PGDATABASE", "shop"),
            ("PGPORT", "6432")
        ]),
        ["postgres-login app@db:6432/shop #0"]
    );
    assert_eq!(
        found(&[("DB_USERNAME", "app"), ("DB_HOST", "db"), ("DB_NAME", "shop")]),
        ["postgres-login app@db:5432/shop #1"]
    );
    assert_eq!(
        found(&[
            ("ORDERS_DB_HOST", "db:5433"),
            ("ORDERS_DB_USER", "o"),
            ("DB_USER", "other")
        ]),
        ["postgres-login o@db:5433/o #0"]
    );
    assert_eq!(
        found(&[("POSTGRES_USER", "postgres"), ("POSTGRES_DB", "x")]),
        Vec::<String>::new()
    );
    assert_eq!(
        found(&[
            ("POSTGRES_USER", "p"),
            ("POSTGRES_HOST", "db"),
            ("POSTGRES_PORT", "tcp://10.0.0.1:5432")
        ]),
        ["postgres-login p@db:5432/p #1"]
    );
    assert_eq!(
        found(&[("DB_HOST", "db"), ("DB_USER", "u"), ("DB_CONNECTION", "mysql")]),
        Vec::<String>::new()
    );
    assert_eq!(
        found(&[("REDIS_HOST", "r"), ("REDIS_USER", "u")]),
        Vec::<String>::new()
    );
    assert_eq!(missed(&[("DB_HOST", "db")]), ["DB_HOST: names no user"]);
    assert_eq!(missed(&[("PGUSER", "me")]), ["PGUSER: names no host"]);
}

#[test]
fn kafka() {
    assert_eq!(
        found(&[
            ("KAFKA_BROKERS", "B1:9093, b2"),
            ("KAFKA_SASL_USERNAME", "orders")
        ]),
        ["sasl orders@b1:9093/- #0", "sasl orders@b2:9092/- #0"]
    );
    let jaas = r#"org.apache.kafka.common.security.scram.ScramLoginModule required username="it\"s \\ me" password="a;b=c";"#;
    assert_eq!(
        found(&[
            ("CONNECT_BOOTSTRAP_SERVERS", "SASL_SSL://b:9094"),
            ("CONNECT_SASL_JAAS_CONFIG", jaas)
        ]),
        [r#"sasl it"s \ me@b:9094/- #0"#]
    );
    assert_eq!(
        found(&[
            ("bootstrap.servers", "b:1"),
            ("arg", r#"sasl.jaas.config=M required password=p username=\"u\";"#)
        ]),
        ["sasl u@b:1/- #0"]
    );
    assert_eq!(
        found(&[
            ("A_BOOTSTRAP_SERVERS", "a:1"),
            ("A_SASL_USERNAME", "ua"),
            ("B_BOOTSTRAP_SERVERS", "b:1"),
            ("B_SASL_USERNAME", "ub")
        ]),
        ["sasl ua@a:1/- #0", "sasl ub@b:1/- #2"]
    );
    assert_eq!(
        missed(&[("KAFKA_BOOTSTRAP_SERVERS", "b:1")]),
        ["KAFKA_BOOTSTRAP_SERVERS: names no user"]
    );
    assert_eq!(
        found(&[
            ("KAFKA_BOOTSTRAP_SERVERS", "b:1"),
            ("KAFKA_SECURITY_PROTOCOL", "SSL")
        ]),
        Vec::<String>::new()
    );
    let bearer = "OAuthBearerLoginModule required oauth.client.id=x;";
    assert_eq!(
        missed(&[("BOOTSTRAP_SERVERS", "b:1"), ("SASL_JAAS_CONFIG", bearer)]),
        ["SASL_JAAS_CONFIG: its JAAS entry names no `username`"]
    );
}

#[test]
fn no_value_is_repeated_and_nothing_panics() {
    let hostile = [
        "postgres://",
        "postgres://@",
        "postgres://:@:/?",
        "postgresql://[::1/d",
        "postgres://u:p@h:99999/d",
        "postgres://u%zz@h",
        "postgres://u%00:hunter2@h",
        "postgres://é%C3:hunter2@hé/d",
        "jdbc:postgresql:",
        "jdbc:postgresql://",
        "jdbc:",
        "jdbc:postgresql://u:hunter2@h/d",
        "host=",
        "host='",
        "host=\\",
        "host=a user",
        "host=a user=b hunter2",
        "=",
        "--=",
        "-D=x",
        "$(",
        "$$(",
        "$()",
        "${",
        "\"",
        "\\",
        "\\\"",
        "'\"'",
        "username=",
        "x required username=\"hunter2",
        "[",
        "[]",
        "[\"",
        ",,,",
        "://",
        "a://:",
        "Host=;Username=",
        "\u{0}",
        "postgrés://x",
        "postgres+://x",
        "POSTGRES://U:hunter2@H:1/D",
        "xpostgres://u:hunter2@h",
        "jdbc:postgresql",
        "postgresjdbc:postgresql:x",
    ];
    let names = [
        "DATABASE_URL",
        "PGHOST",
        "PGUSER",
        "DB_HOST",
        "KAFKA_BROKERS",
        "SASL_JAAS_CONFIG",
        "SASL_USERNAME",
        "",
        "é",
        "arg",
    ];
    for value in hostile {
        for name in names {
            for (other, second) in [
                ("PGUSER", "u"),
                ("DB_USER", "u"),
                ("KAFKA_USERNAME", value),
                ("X", "$(DATABASE_URL)$(é)$()"),
            ] {
                let (found, missed) = connections(&[(name, value), (other, second)]);
                let secrets_as_users =
                    ["SASL_USERNAME", "KAFKA_USERNAME"].contains(&name) || other == "KAFKA_USERNAME";
                assert!(
                    secrets_as_users || !format!("{found:?}{missed:?}").contains("hunter2"),
                    "{name}={value}: {found:?} {missed:?}"
                );
            }
        }
    }
    let long = "postgres://u:p@h/".repeat(100);
    let _ = connections(&[
        ("X", &long),
        ("Y", &"(".repeat(70_000)),
        ("Z", &"\\\"".repeat(20_000)),
    ]);
}

#[test]
fn the_quick_look_passes_over_nothing() {
    const NAMES: &[&str] = &[
        "PGHOST",
        "PGUSER",
        "PGHOSTADDR",
        "DB_HOST",
        "my.db.hostname",
        "DB_SERVER",
        "POSTGRES_ADDR",
        "DB_USER",
        "DB_PORT",
        "DATABASE_URL",
        "X",
        "spring.kafka.bootstrap-servers",
        "BOOTSTRAP_SERVERS",
        "KAFKA_URL",
        "KAFKA_BROKERS",
        "sasl.username",
        "SASL_JAAS_CONFIG",
        "KAFKA_API_KEY",
        "SECURITY_PROTOCOL",
        "argument",
        "LOG_LEVEL",
    ];
    const VALUES: &[&str] = &[
        "",
        "db",
        "app",
        "5432",
        "postgres://app@db/x",
        "JDBC:PostgreSQL://db/x?user=a",
        "host=db user=app",
        "Host=db;Username=app;Database=x",
        "$(X)",
        "${DB}",
        "{{ .Values.db }}",
        "broker:9092",
        "PLAINTEXT",
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"a\" password=\"b\";",
        "--db-host=db",
        "-Dspring.datasource.url=jdbc:postgresql://db/x",
        "https://example.com:8443/v1",
        "info",
    ];
    let mut state = 7u64;
    let mut roll = |sides: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % sides
    };
    let (mut passed, mut read) = (0, 0);
    for _ in 0..20_000 {
        let settings: Vec<(&str, &str)> = (0..1 + roll(4))
            .map(|_| (NAMES[roll(NAMES.len())], VALUES[roll(VALUES.len())]))
            .collect();
        let (found, missed) = reader::read(&settings);
        if settings.iter().any(|(name, value)| concerns(name, value)) {
            read += usize::from(!found.is_empty() || !missed.is_empty());
        } else {
            passed += 1;
            assert!(found.is_empty() && missed.is_empty(), "{settings:?}: {missed:?}");
        }
    }
    assert!(
        passed > 100 && read > 5_000,
        "{passed} passed over, {read} said something"
    );
}
