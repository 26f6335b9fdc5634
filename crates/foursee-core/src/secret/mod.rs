//! Which settings hold a secret, and which part of their text it is. Values are looked at here and forgotten.
//!
//! What was redacted says so itself: `redacted:KIND:KEY:LINK` ([`Mark`]) in the place of the secret counts as a secret
//! of that kind, so that the audit of a redacted document finds what the audit of the document found.

mod parts;

pub use parts::{ARGUMENT, Part, arguments_as, embedded, is_secret_key, named, parts, references};

/// What sort of secret a setting holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Secret {
    /// In a few words: "GitHub token", "password in a URL".
    pub sort: &'static str,
    /// Whether the value itself looks like one, rather than only the setting's name.
    pub by_value: bool,
}

const fn value(sort: &'static str) -> Option<Secret> {
    Some(Secret { sort, by_value: true })
}

/// The secret that a setting holds, by its value, else by its name.
#[must_use]
pub fn secret(name: &str, text: &str) -> Option<Secret> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if let Some(mark) = Mark::read(text) {
        return mark.secret();
    }
    by_value(text).or_else(|| {
        (names_secret(name) && !harmless(text)).then_some(Secret {
            sort: by_name(name),
            by_value: false,
        })
    })
}

/// What stands in the place of a secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark<'a> {
    /// The sort of secret, with `-` for blanks; "value" for a setting that seemed to hold none.
    pub kind: &'a str,
    /// Which sort of key made the link: "k1" one that was given, "r1" one of that run alone.
    pub key: &'a str,
    /// The same for the same secret under the same key.
    pub link: &'a str,
}

impl<'a> Mark<'a> {
    /// Reads a text that is a mark and nothing else.
    #[must_use]
    pub fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("redacted:")?.split(':');
        let (kind, key, link) = (parts.next()?, parts.next()?, parts.next()?);
        let small = |part: &str| {
            part.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let whole = parts.next().is_none()
            && [kind, key, link]
                .iter()
                .all(|part| !part.is_empty() && small(part));
        whole.then_some(Self { kind, key, link })
    }

    /// The secret that it stands for; none for a value that seemed to be none.
    fn secret(self) -> Option<Secret> {
        let is = |sort: &&&'static str| slug(sort) == self.kind;
        let by_value = BY_VALUE.iter().find(is);
        let sort = by_value.or_else(|| BY_NAME.iter().find(is))?;
        Some(Secret {
            sort,
            by_value: by_value.is_some(),
        })
    }
}

/// A sort of secret as [`Mark::kind`].
#[must_use]
pub fn slug(sort: &str) -> String {
    sort.to_ascii_lowercase().replace(' ', "-")
}

/// The sorts that are told by the value itself.
const BY_VALUE: [&str; 11] = [
    "AWS access key id",
    "GitHub token",
    "GitLab token",
    "Slack token",
    "Stripe key",
    "API key",
    "Google API key",
    "JSON web token",
    "private key",
    "password in a URL",
    "password in a connection string",
];
/// The sorts that only the setting's name tells.
const BY_NAME: [&str; 5] = ["AWS secret access key", "password", "token", "key", "secret"];

fn by_value(text: &str) -> Option<Secret> {
    let token = |prefix: &str, least: usize| {
        text.strip_prefix(prefix).is_some_and(|rest| {
            rest.len() >= least
                && rest
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
        })
    };
    if access_key(text).is_some() {
        return value("AWS access key id");
    }
    if ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"]
        .iter()
        .any(|p| token(p, 30))
        || token("github_pat_", 30)
    {
        return value("GitHub token");
    }
    if token("glpat-", 16) {
        return value("GitLab token");
    }
    if ["xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-"]
        .iter()
        .any(|p| token(p, 10))
    {
        return value("Slack token");
    }
    if token("sk_live_", 10) || token("rk_live_", 10) {
        return value("Stripe key");
    }
    if token("sk-", 20) {
        return value("API key");
    }
    if token("AIza", 30) {
        return value("Google API key");
    }
    if text.starts_with("eyJ")
        && text.split('.').count() == 3
        && text.split('.').nth(1).is_some_and(|p| p.starts_with("eyJ"))
    {
        return value("JSON web token");
    }
    if text.contains("-----BEGIN") && text.contains("PRIVATE KEY") {
        return value("private key");
    }
    if url_password(text) {
        return value("password in a URL");
    }
    if has_pair(text) {
        return value("password in a connection string");
    }
    None
}

/// An AWS access key id of a user (AKIA) or session (ASIA).
#[must_use]
pub fn access_key(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("AKIA").or_else(|| text.strip_prefix("ASIA"))?;
    (rest.len() == 16 && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())).then_some(text)
}

/// `scheme://user:password@host`, the password no reference.
fn url_password(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| {
        let end = rest.find('@');
        let who = end.and_then(|end| rest.get(..end)).unwrap_or_default();
        who.split_once(':').is_some_and(|(_, password)| {
            !password.is_empty() && !is_reference(password) && !who.contains(char::is_whitespace)
        })
    })
}

/// `password=...` of JDBC, libpq, JAAS and the like, the value no reference.
fn has_pair(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower.get(from..).and_then(|rest| rest.find("password")) {
        let start = from + at;
        from = start + "password".len();
        let opens = start == 0
            || lower
                .get(..start)
                .is_some_and(|b| b.ends_with(['?', '&', ';', ' ', ',', '\n', '\t', '"', '\'']));
        let rest = text.get(from..).unwrap_or_default().trim_start();
        if let Some(rest) = rest.strip_prefix('=')
            && opens
        {
            let rest = rest.trim_start().trim_start_matches(['"', '\'', '\\']);
            if !rest.is_empty() && !rest.starts_with([';', '&', ' ']) && !is_reference(rest) {
                return true;
            }
        }
    }
    false
}

fn is_reference(text: &str) -> bool {
    text.starts_with("$(") || text.starts_with("${") || text.starts_with("{{")
}

fn words(name: &str) -> Vec<String> {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_ascii_uppercase)
        .collect()
}

/// Whether the name of a setting says that it holds a secret.
#[must_use]
pub fn names_secret(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last() else { return false };
    if matches!(
        last.as_str(),
        "FILE" | "PATH" | "NAME" | "ID" | "TTL" | "ARN" | "REGION" | "DIR" | "URL" | "URI" | "METHOD"
    ) {
        return false;
    }
    let pair = |a: &str, b: &str| words.windows(2).any(|w| matches!(w, [x, y] if x == a && y == b));
    if pair("PUBLIC", "KEY") || matches!(name, "PWD" | "OLDPWD") {
        return false;
    }
    let whole = words.concat();
    let one = words.iter().any(|w| {
        matches!(
            w.as_str(),
            "PASSWORD"
                | "PASSWD"
                | "PASSPHRASE"
                | "SECRET"
                | "TOKEN"
                | "APIKEY"
                | "ACCESSKEY"
                | "PRIVATEKEY"
                | "CREDENTIAL"
                | "CREDENTIALS"
                | "JAAS"
                | "DSN"
                | "SECRETKEY"
        ) || w.ends_with("PASSWORD")
            || w.ends_with("PASSWD")
    });
    one || (last == "PWD" && words.len() > 1)
        || last == "AUTH"
        || (last == "PASS")
        || pair("API", "KEY")
        || pair("ACCESS", "KEY")
        || pair("PRIVATE", "KEY")
        || whole.ends_with("CONNECTIONSTRING")
}

fn by_name(name: &str) -> &'static str {
    let upper = name.to_ascii_uppercase();
    if upper.contains("SECRET_ACCESS_KEY") {
        "AWS secret access key"
    } else if upper.contains("PASS") || upper.ends_with("PWD") {
        "password"
    } else if upper.contains("TOKEN") {
        "token"
    } else if upper.contains("KEY") {
        "key"
    } else {
        "secret"
    }
}

/// Values that no secret has: switches, numbers, paths, references to where the secret is.
fn harmless(text: &str) -> bool {
    const ELSEWHERE: [&str; 7] = [
        "arn:aws:secretsmanager:",
        "arn:aws:ssm:",
        "vault:",
        "op://",
        "sm://",
        "awssm://",
        "gcp:secretmanager",
    ];
    let lower = text.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "none" | "null"
    ) || text.parse::<f64>().is_ok()
        || text.starts_with('/')
        || text.starts_with("./")
        || is_reference(text)
        || ELSEWHERE.iter().any(|p| lower.starts_with(p))
}

/// Which of the arguments hold a secret, by index.
#[must_use]
pub fn arguments(all: &[String]) -> Vec<(usize, Secret)> {
    let mut found = Vec::new();
    let mut flag: Option<&str> = None;
    for (at, argument) in all.iter().enumerate() {
        let split = argument.split_once('=').filter(|(name, _)| {
            let bare = name.trim_start_matches('-');
            !bare.is_empty()
                && bare
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
        });
        let hit = match (split, flag) {
            (_, Some(name)) if !argument.starts_with("--") => secret(name, argument),
            (Some((name, text)), _) => secret(name, text).or_else(|| secret("", argument)),
            (None, _) => secret("", argument).or_else(|| {
                let glued = argument.strip_prefix("-p").is_some_and(|rest| {
                    rest.len() > 5
                        && rest.bytes().any(|b| b.is_ascii_digit())
                        && rest.bytes().any(|b| b.is_ascii_alphabetic())
                        && !rest.contains('/')
                });
                glued.then_some(Secret {
                    sort: "password",
                    by_value: false,
                })
            }),
        };
        found.extend(hit.map(|secret| (at, secret)));
        flag = (argument.starts_with('-') && split.is_none()).then_some(argument.as_str());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_by_name_and_value() {
        for (name, text, want) in [
            ("DB_PASSWORD", "hunter2", Some("password")),
            ("PGPASSWORD", "hunter2", Some("password")),
            ("AWS_SECRET_ACCESS_KEY", "abcd", Some("AWS secret access key")),
            ("X", "AKIAIOSFODNN7EXAMPLE", Some("AWS access key id")),
            ("DATABASE_URL", "postgres://u:p@h/d", Some("password in a URL")),
            ("DATABASE_URL", "postgres://u@h/d", None),
            ("DATABASE_URL", "postgres://u:$(PW)@h/d", None),
            (
                "JDBC",
                "jdbc:postgresql://h/d?user=u&password=p",
                Some("password in a connection string"),
            ),
            ("DB_PASSWORD_FILE", "/run/secrets/x", None),
            ("DB_PASSWORD", "/run/secrets/x", None),
            ("TOKEN", "${TOKEN}", None),
            ("TOKEN_TTL", "abc", None),
            ("SSH_PUBLIC_KEY", "ssh-ed25519 AAAA", None),
            ("PWD", "app", None),
            ("MYSQL_PWD", "app", Some("password")),
            ("AUTHOR", "somebody", None),
            ("USE_TOKEN", "true", None),
            ("PATH", "/usr/bin", None),
            ("KEYBOARD", "de", None),
            (
                "SASL_JAAS_CONFIG",
                "M required username=\"u\" password=\"p\";",
                Some("password in a connection string"),
            ),
        ] {
            assert_eq!(secret(name, text).map(|s| s.sort), want, "{name}={text}");
        }
    }

    #[test]
    fn arguments_hold_secrets() {
        let all = |words: &[&str]| {
            arguments(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>())
                .iter()
                .map(|(at, _)| *at)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            all(&[
                "run",
                "--password=x",
                "--token",
                "abc",
                "--verbose",
                "postgres://u:p@h"
            ]),
            [1, 3, 5]
        );
        assert_eq!(
            all(&["--password-file=/x", "--token", "--other", "run"]),
            Vec::<usize>::new()
        );
    }
}
