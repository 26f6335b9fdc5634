//! What the names of settings say.

/// `--spring.datasource.url` and `SPRING_DATASOURCE_URL` are one name.
pub(super) fn normal(name: &str) -> String {
    let name = name.trim().trim_start_matches('-');
    name.chars()
        .take(200)
        .map(|c| {
            if matches!(c, '.' | '-') {
                '_'
            } else {
                c.to_ascii_uppercase()
            }
        })
        .collect()
}

/// `--name=value`, `-Dname=value` or `name=value` as name and value.
pub(super) fn assignment(value: &str) -> Option<(&str, &str)> {
    let (name, rest) = value.trim().split_once('=')?;
    let bare = name
        .strip_prefix("-D")
        .unwrap_or_else(|| name.trim_start_matches('-'));
    let plain = bare
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    (plain && !bare.is_empty() && bare.len() <= 200).then_some((bare, rest))
}

pub(super) fn ends_with_word(name: &str, word: &str) -> bool {
    name.strip_suffix(word)
        .is_some_and(|before| before.is_empty() || before.ends_with('_'))
}

/// How many leading words of two names agree.
pub(super) fn shared(a: &str, b: &str) -> usize {
    a.split('_').zip(b.split('_')).take_while(|(a, b)| a == b).count()
}

pub(super) fn names_brokers(name: &str) -> bool {
    const NAMES: [&str; 7] = [
        "BOOTSTRAP_SERVERS",
        "BOOTSTRAP_SERVER",
        "KAFKA_BROKERS",
        "KAFKA_BROKER",
        "KAFKA_BROKER_LIST",
        "KAFKA_BROKER_URLS",
        "KAFKA_BOOTSTRAP",
    ];
    NAMES.iter().any(|n| ends_with_word(name, n)) || name == "KAFKA_URL"
}

/// How names end that name a host.
pub(super) const HOSTS: [&str; 4] = ["_HOST", "_HOSTNAME", "_SERVER", "_ADDR"];

pub(super) fn names_host(name: &str) -> bool {
    matches!(name, "PGHOST" | "PGHOSTADDR") || HOSTS.iter().any(|end| name.ends_with(end))
}

pub(super) fn names_database(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        "DATABASE_URL",
        "DATABASE_URI",
        "DATABASE_DSN",
        "DATASOURCE_URL",
        "POSTGRES_URL",
        "POSTGRESQL_URL",
        "POSTGRES_DSN",
        "PG_DSN",
        "DB_URL",
    ];
    NAMES.iter().any(|n| ends_with_word(name, n))
}
