//! What a pass over the other layers' documents reads of each item.

use foursee::core::document::{Many, Str};
use serde::Deserialize;

/// A role or policy of `aws iam get-account-authorization-details`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Principal<'a> {
    #[serde(borrow)]
    arn: Str<'a>,
    #[serde(borrow, default)]
    assume_role_policy_document: Document<'a>,
    #[serde(borrow, default)]
    role_policy_list: Vec<Inline<'a>>,
    #[serde(borrow, default)]
    policy_version_list: Vec<Version<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inline<'a> {
    #[serde(borrow)]
    policy_document: Document<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Version<'a> {
    #[serde(borrow)]
    document: Document<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Document<'a> {
    #[serde(borrow)]
    statement: Vec<Statement<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement<'a> {
    #[serde(borrow)]
    effect: Str<'a>,
    #[serde(borrow, default)]
    action: Many<Str<'a>>,
    #[serde(borrow, default)]
    resource: Many<Str<'a>>,
}

/// How long its texts are.
pub fn aws(item: Principal<'_>) -> usize {
    let inline = item.role_policy_list.iter().map(|one| &one.policy_document);
    let versions = item.policy_version_list.iter().map(|one| &one.document);
    let statements = inline
        .chain(versions)
        .chain([&item.assume_role_policy_document])
        .flat_map(|document| &document.statement);
    let texts = |many: &Many<Str<'_>>| many.iter().map(|one| one.len()).sum::<usize>();
    item.arn.len()
        + statements
            .map(|one| one.effect.len() + texts(&one.action) + texts(&one.resource))
            .sum::<usize>()
}

/// A container of `docker inspect`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Container<'a> {
    #[serde(borrow)]
    id: Str<'a>,
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    host_config: HostConfig<'a>,
    #[serde(borrow)]
    mounts: Vec<Mount<'a>>,
    #[serde(borrow)]
    config: Config<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HostConfig<'a> {
    #[serde(borrow)]
    binds: Option<Vec<Str<'a>>>,
    #[serde(borrow)]
    cap_add: Option<Vec<Str<'a>>>,
    privileged: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Mount<'a> {
    #[serde(borrow)]
    source: Str<'a>,
    #[serde(borrow)]
    destination: Str<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config<'a> {
    #[serde(borrow)]
    user: Str<'a>,
    #[serde(borrow)]
    env: Option<Vec<Str<'a>>>,
}

/// How long its texts are.
pub fn container(item: Container<'_>) -> usize {
    let texts = |many: &Option<Vec<Str<'_>>>| many.iter().flatten().map(|one| one.len()).sum::<usize>();
    let mounts = item
        .mounts
        .iter()
        .map(|one| one.source.len() + one.destination.len());
    item.id.len()
        + item.name.len()
        + usize::from(item.host_config.privileged)
        + texts(&item.host_config.binds)
        + texts(&item.host_config.cap_add)
        + mounts.sum::<usize>()
        + item.config.user.len()
        + texts(&item.config.env)
}

/// A row of the capture script.
#[derive(Deserialize)]
pub struct Row<'a> {
    #[serde(borrow, default)]
    schema: Str<'a>,
    #[serde(borrow, default)]
    name: Str<'a>,
    #[serde(borrow, default)]
    owner: Str<'a>,
    #[serde(borrow, default)]
    acl: Option<Vec<Str<'a>>>,
    #[serde(borrow, default)]
    columns: Many<Str<'a>>,
}

/// How long its texts are.
pub fn postgres(row: Row<'_>) -> usize {
    let acl = row.acl.iter().flatten().map(|one| one.len());
    row.schema.len()
        + row.name.len()
        + row.owner.len()
        + acl.chain(row.columns.iter().map(|one| one.len())).sum::<usize>()
}

/// The lines of `kafka-acls --list`, taken apart at their signs: how many entries, and how long their parts are.
pub fn acls(text: &str) -> (usize, usize) {
    let mut saw = (0, 0);
    for line in text.lines() {
        let Some((_, inside)) = line.split_once('(') else {
            continue;
        };
        saw.0 += 1;
        for part in inside.trim_end_matches([')', '`', ':', ' ']).split(", ") {
            saw.1 += part
                .split_once('=')
                .map_or(0, |(name, value)| name.len() + value.len());
        }
    }
    saw
}
