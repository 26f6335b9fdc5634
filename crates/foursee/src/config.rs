//! `foursee.toml`: what this organisation chose, read into a [`Policy`].
//!
//! ```toml
//! [scope."111122223333"]          # as documents name it, or a name for documents that name none
//! title = "shop-prod"
//! environment = "production"
//! endpoints = ["db.internal:5432"]
//! files = ["old-exports/*"]
//! owner = "platform"
//! layer = "aws"                   # only where two layers use the same name
//!
//! [targets.production]            # rungs 0 to 5, by environment; "*" is every other
//! default = 3
//! aws = 2
//! identities = { "arn:aws:iam::*:role/admin-*" = 1 }
//!
//! [owners]
//! keys = ["owner", "team"]        # tags, labels, comments; the best first
//! patterns = [{ match = "arn:aws:iam::*:role/ci-*", owner = "platform" }]
//!
//! [prizes]                        # what somebody would want
//! tags = ["data-class=customer"]
//! names = ["arn:aws:s3:::customer-*"]
//! ```

use foursee_core::judge::{Policy, ScopePolicy, Targets};
use foursee_core::model::Rung;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The keys of owners where the configuration lists none.
pub const OWNER_KEYS: [&str; 4] = ["owner", "team", "app.kubernetes.io/owner", "contact"];
/// The tags of what somebody would want where the configuration lists none.
pub const PRIZE_TAGS: [(&str, &str); 3] = [
    ("data-class", "customer"),
    ("data-class", "critical"),
    ("data-class", "pii"),
];

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// It is not TOML, or not of this form.
    #[error("{0}")]
    Malformed(String),
    /// A rung that there is not.
    #[error("[targets.{environment}] {key} = {value}: a rung is 0 to 5")]
    Rung {
        /// The table.
        environment: String,
        /// The key.
        key: String,
        /// What it says.
        value: i64,
    },
    /// A layer that there is not.
    #[error("[targets.{environment}] {key}: no such layer; there are {known}")]
    Layer {
        /// The table.
        environment: String,
        /// The key.
        key: String,
        /// The layers.
        known: String,
    },
    /// A tag without its value.
    #[error("[prizes] tags: `{0}` is not `key=value`")]
    Tag(String),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    scope: BTreeMap<String, Scope>,
    #[serde(default)]
    targets: BTreeMap<String, BTreeMap<String, Target>>,
    #[serde(default)]
    owners: OwnersFile,
    #[serde(default)]
    prizes: Prizes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scope {
    layer: Option<String>,
    title: Option<String>,
    environment: Option<String>,
    #[serde(default)]
    endpoints: Vec<String>,
    #[serde(default)]
    files: Vec<String>,
    owner: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Target {
    Rung(i64),
    Identities(BTreeMap<String, i64>),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct OwnersFile {
    keys: Option<Vec<String>>,
    #[serde(default)]
    patterns: Vec<OwnerPattern>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnerPattern {
    r#match: String,
    owner: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Prizes {
    tags: Option<Vec<String>>,
    #[serde(default)]
    names: Vec<String>,
}

/// The policy where there is no configuration: no targets, the usual keys of owners and data classes.
#[must_use]
pub fn default_policy() -> Policy {
    let mut policy = Policy::default();
    policy.owner_keys = OWNER_KEYS.iter().map(|key| (*key).to_owned()).collect();
    policy.prize_tags = PRIZE_TAGS
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    policy
}

/// Reads a configuration. `layers` are the names that targets may use.
///
/// # Errors
/// When it is not TOML of this form; the message names the line.
pub fn parse(text: &str, layers: &[&str]) -> Result<Policy, ConfigError> {
    let file: File = toml::from_str(text)
        .map_err(|error| ConfigError::Malformed(error.to_string().trim_end().to_owned()))?;
    let mut policy = default_policy();
    policy.scopes = file
        .scope
        .into_iter()
        .map(|(name, one)| {
            let mut scope = ScopePolicy::default();
            scope.name = name;
            scope.layer = one.layer;
            scope.title = one.title;
            scope.environment = one.environment;
            scope.endpoints = one.endpoints;
            scope.files = one.files;
            scope.owner = one.owner;
            scope
        })
        .collect();
    for (environment, table) in file.targets {
        let targets = targets(&environment, table, layers)?;
        policy.targets.insert(
            if environment == "*" {
                String::new()
            } else {
                environment
            },
            targets,
        );
    }
    if let Some(keys) = file.owners.keys {
        policy.owner_keys = keys;
    }
    policy.owner_patterns = file
        .owners
        .patterns
        .into_iter()
        .map(|one| (one.r#match, one.owner))
        .collect();
    if let Some(tags) = file.prizes.tags {
        let pair = |tag: String| match tag.split_once('=') {
            Some((key, value)) => Ok((key.trim().to_owned(), value.trim().to_owned())),
            None => Err(ConfigError::Tag(tag)),
        };
        policy.prize_tags = tags.into_iter().map(pair).collect::<Result<_, _>>()?;
    }
    policy.prize_names = file.prizes.names;
    Ok(policy)
}

fn targets(
    environment: &str,
    table: BTreeMap<String, Target>,
    layers: &[&str],
) -> Result<Targets, ConfigError> {
    let rung = |key: &str, value: i64| {
        u8::try_from(value)
            .ok()
            .and_then(Rung::from_number)
            .ok_or_else(|| ConfigError::Rung {
                environment: environment.to_owned(),
                key: key.to_owned(),
                value,
            })
    };
    let mut targets = Targets::default();
    for (key, value) in table {
        match value {
            Target::Rung(value) if key == "default" => targets.default = Some(rung(&key, value)?),
            Target::Rung(value) if layers.contains(&key.as_str()) => {
                targets.layers.insert(key.clone(), rung(&key, value)?);
            }
            Target::Identities(all) if key == "identities" => {
                for (pattern, value) in all {
                    let value = rung(&pattern, value)?;
                    targets.identities.push((pattern, value));
                }
            }
            _ => {
                let known = layers.join(", ");
                return Err(ConfigError::Layer {
                    environment: environment.to_owned(),
                    key,
                    known,
                });
            }
        }
    }
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_becomes_a_policy() {
        let text = r#"
            [scope."111122223333"]
            title = "prod"
            environment = "production"
            [targets.production]
            default = 3
            aws = 2
            identities = { "arn:*:role/admin-*" = 1 }
            [targets."*"]
            default = 1
            [owners]
            keys = ["team"]
            patterns = [{ match = "x*", owner = "y" }]
            [prizes]
            tags = ["class=secret"]
        "#;
        let policy = parse(text, &["aws"]).unwrap();
        assert_eq!(
            policy.target(Some("production"), "aws", Some("arn:aws:iam::1:role/admin-x")),
            Some(Rung::ServiceWide)
        );
        assert_eq!(policy.target(Some("production"), "aws", None), Some(Rung::Broad));
        assert_eq!(
            policy.target(Some("production"), "kafka", None),
            Some(Rung::Scoped)
        );
        assert_eq!(policy.target(None, "kafka", None), Some(Rung::ServiceWide));
        assert_eq!(
            policy.scope("aws", "111122223333").unwrap().title.as_deref(),
            Some("prod")
        );
        assert_eq!(
            (policy.owner_keys, policy.prize_tags),
            (
                vec!["team".to_owned()],
                vec![("class".to_owned(), "secret".to_owned())]
            )
        );
    }

    #[test]
    fn mistakes_are_named() {
        for (text, want) in [
            ("[scope.x]\ntitel = \"y\"", "unknown field `titel`"),
            ("[targets.p]\ndefault = 9", "default = 9: a rung is 0 to 5"),
            ("[targets.p]\nawz = 1", "awz: no such layer; there are aws"),
            ("[prizes]\ntags = [\"x\"]", "`x` is not `key=value`"),
            ("[scope", "line 1"),
        ] {
            let error = parse(text, &["aws"]).unwrap_err().to_string();
            assert!(error.contains(want), "{text}: {error}");
        }
    }
}
