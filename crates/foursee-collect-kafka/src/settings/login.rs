//! From Java's names of settings to librdkafka's, and what librdkafka cannot do: said with what to do instead.

use super::{Settings, Token, jaas, stores};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The settings that are read, by the names in a file, beside [`SAME`]; in the environment `KAFKA_` stands before them.
pub(super) const KEYS: &[&str] = &[
    "security.protocol",
    "sasl.mechanism",
    "sasl.jaas.config",
    "sasl.username",
    "sasl.password",
    "sasl.oauthbearer.token",
    "sasl.oauthbearer.token.endpoint.url",
    "sasl.login.callback.handler.class",
    "sasl.client.callback.handler.class",
    "ssl.truststore.type",
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.truststore.certificates",
    "ssl.keystore.type",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.keystore.key",
    "ssl.keystore.certificate.chain",
    "ssl.endpoint.identification.algorithm",
];

/// Those that librdkafka reads under the same name.
pub(super) const SAME: &[&str] = &[
    "ssl.ca.location",
    "ssl.ca.pem",
    "ssl.certificate.location",
    "ssl.certificate.pem",
    "ssl.key.location",
    "ssl.key.pem",
    "ssl.key.password",
    "client.id",
];

/// Settings whose values are never shown.
const SECRET: &[&str] = &[
    "sasl.password",
    "sasl.oauthbearer.token",
    "ssl.key.password",
    "ssl.keystore.password",
    "ssl.truststore.password",
    "ssl.keystore.key",
    "ssl.key.pem",
];

/// What was given, as one reads it.
pub(super) type Given = BTreeMap<String, String>;

/// A setting that says something.
pub(super) fn set<'g>(given: &'g Given, key: &str) -> Option<&'g str> {
    given
        .get(key)
        .map(|value| value.trim())
        .filter(|value| !value.is_empty())
}

/// The client's settings. Errors show no value of a secret.
pub(super) fn settings(servers: String, given: &Given) -> Result<Settings, String> {
    let protocol = set(given, "security.protocol")
        .unwrap_or("PLAINTEXT")
        .to_ascii_uppercase();
    let (sasl, tls) = match protocol.as_str() {
        "PLAINTEXT" => (false, false),
        "SSL" => (false, true),
        "SASL_PLAINTEXT" => (true, false),
        "SASL_SSL" => (true, true),
        other => {
            return Err(format!(
                "security.protocol is `{other}`: none of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"
            ));
        }
    };
    let mut all = Settings {
        client: BTreeMap::from([
            ("bootstrap.servers", servers.clone()),
            ("security.protocol", protocol.to_ascii_lowercase()),
        ]),
        servers,
        principal: (!sasl && !tls).then(|| "User:ANONYMOUS".to_owned()),
        token: None,
        secrets: SECRET
            .iter()
            .filter_map(|key| set(given, key))
            .map(str::to_owned)
            .collect(),
    };
    for key in SAME {
        if let Some(value) = set(given, key) {
            all.client.insert(key, value.to_owned());
        }
    }
    if tls {
        stores::apply(given, &mut all)?;
        if set(given, "ssl.endpoint.identification.algorithm").is_none()
            && given.contains_key("ssl.endpoint.identification.algorithm")
        {
            all.client
                .insert("ssl.endpoint.identification.algorithm", "none".to_owned());
        }
    }
    if sasl {
        login(given, &mut all)?;
    }
    Ok(all)
}

fn login(given: &Given, all: &mut Settings) -> Result<(), String> {
    let module = set(given, "sasl.jaas.config")
        .map(jaas::read)
        .transpose()
        .map_err(|why| format!("sasl.jaas.config cannot be read: {why}"))?;
    let class = module.as_ref().map_or("", |module| &*module.class);
    let option = |name: &str| module.as_ref()?.options.get(name).cloned();
    let mechanism = match (set(given, "sasl.mechanism"), class) {
        (Some(mechanism), _) => mechanism.to_ascii_uppercase(),
        (None, "PlainLoginModule") => "PLAIN".to_owned(),
        (None, "OAuthBearerLoginModule") => "OAUTHBEARER".to_owned(),
        (None, "ScramLoginModule") => {
            return Err("sasl.mechanism is not set: SCRAM-SHA-256 or SCRAM-SHA-512".to_owned());
        }
        (None, _) => "GSSAPI".to_owned(),
    };
    match mechanism.as_str() {
        "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" => {
            let user = option("username").or_else(|| set(given, "sasl.username").map(str::to_owned));
            let password = option("password").or_else(|| given.get("sasl.password").cloned());
            let (Some(user), Some(password)) = (user, password) else {
                return Err(format!(
                    "{mechanism} needs a user and a password: sasl.jaas.config, or sasl.username and sasl.password"
                ));
            };
            if option("tokenauth").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
                return Err(
                    "librdkafka cannot log in with a delegation token: give a user and its password"
                        .to_owned(),
                );
            }
            all.principal = Some(format!("User:{user}"));
            all.secrets.push(password.clone());
            all.client.insert("sasl.username", user);
            all.client.insert("sasl.password", password);
        }
        "OAUTHBEARER" => {
            let token = token(given, option("unsecuredLoginStringClaim_sub"))?;
            if let Token::Unsigned(subject) = &token {
                all.principal = Some(format!("User:{subject}"));
            }
            all.token = Some(token);
        }
        "GSSAPI" => {
            return Err("librdkafka is built without Kerberos here (sasl.mechanism GSSAPI, Java's default): name another mechanism and a user for the audit".to_owned());
        }
        other => {
            return Err(format!(
                "sasl.mechanism `{other}` is none that librdkafka knows: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER"
            ));
        }
    }
    all.client.insert("sasl.mechanism", mechanism);
    all.secrets.retain(|secret| !secret.is_empty());
    Ok(())
}

fn token(given: &Given, unsigned: Option<String>) -> Result<Token, String> {
    if let Some(token) = set(given, "sasl.oauthbearer.token") {
        return Ok(Token::Static(token.to_owned()));
    }
    if let Some(subject) = unsigned {
        return Ok(Token::Unsigned(subject));
    }
    match set(given, "sasl.oauthbearer.token.endpoint.url") {
        Some(url) => match url.strip_prefix("file:") {
            Some(path) => Ok(Token::File(PathBuf::from(path.strip_prefix("//").unwrap_or(path)))),
            None => Err("tokens are not fetched from an endpoint: put one in KAFKA_SASL_OAUTHBEARER_TOKEN, or in a file that sasl.oauthbearer.token.endpoint.url names as file:///PATH".to_owned()),
        },
        None => Err("OAUTHBEARER needs a token: KAFKA_SASL_OAUTHBEARER_TOKEN, or a file that sasl.oauthbearer.token.endpoint.url names as file:///PATH".to_owned()),
    }
}
