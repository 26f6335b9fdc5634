//! The ConfigMap kube-system/aws-auth, as EKS's authenticator reads it.
//!
//! Source: aws-iam-authenticator, pkg/mapper/configmap/configmap.go:ParseMap and pkg/config/mapper.go:Validate. The keys of
//! the ConfigMap are exact, those of an item are taken in any case; a section that is no YAML list gives nothing; an item
//! without its ARN is dropped, and a field of the wrong type is as one that is not there.

use super::Source;
use super::shapes::*;
use super::yaml;
use crate::facts::{AwsAuth, Facts};
use foursee_core::document::{Notes, Place};
use foursee_core::model::{Gap, Reason};
use serde_json::Value;

/// Files the sections.
pub(super) fn read(source: Source<'_>, data: &Raws<'_>, facts: &mut Facts, notes: &mut Notes) {
    for (section, role) in [("mapRoles", true), ("mapUsers", false)] {
        let Some((text, place)) = said(source, data, section) else {
            continue;
        };
        let Some(items) = items(&text) else {
            notes.gap(gap(section, "the whole section: it is no list in YAML").at(place));
            continue;
        };
        // In JSON the section stands inside an escaped text: an ARN is found there as it is.
        let raw = data.0.iter().find(|(key, _)| &**key == section).map(|one| one.1);
        let at = |arn: &str| {
            raw.and_then(|raw| {
                let base = source.document.offset(raw.get())?;
                let within = u32::try_from(raw.get().find(arn)?).ok()?;
                Some(source.document.at(base.saturating_add(within) as usize))
            })
            .unwrap_or_else(|| source.place(arn))
        };
        for item in items {
            let line = Line::read(&item, role);
            for what in &line.wrong {
                notes.gap(gap(section, what).at(place));
            }
            match line.subject(role) {
                Ok((arn, sso)) => facts.aws_auth.push(AwsAuth {
                    place: at(if sso { &line.permission_set } else { &arn }),
                    arn: arn.into(),
                    sso,
                    role,
                    username: line.username.into(),
                    groups: line.groups.into_iter().map(Into::into).collect(),
                }),
                Err(why) => notes.gap(gap(section, why).at(place)),
            }
        }
    }
    let Some((text, place)) = said(source, data, "mapAccounts") else {
        return;
    };
    match yaml::section(&text) {
        Some(Value::Null) => {}
        Some(Value::Array(all)) => {
            for one in all {
                // An id without quotes is a number to YAML and a text to the authenticator.
                let id = match &one {
                    Value::String(id) => id.clone(),
                    Value::Number(id) => id.to_string(),
                    _ => {
                        notes.gap(gap("mapAccounts", "an account that is no text").at(place));
                        continue;
                    }
                };
                facts.aws.accounts.push((id.into(), place));
            }
        }
        _ => notes.gap(gap("mapAccounts", "the whole section: it is no list in YAML").at(place)),
    }
}

/// The text of a section that says something.
fn said(source: Source<'_>, data: &Raws<'_>, section: &str) -> Option<(String, Place)> {
    let (key, raw) = data.0.iter().find(|(key, _)| &**key == section)?;
    let text = text_of(raw).unwrap_or_default();
    let nothing = matches!(text.trim(), "" | "``" | "\"\"");
    (!nothing).then(|| (text.into_owned(), source.place(key)))
}

fn items(text: &str) -> Option<Vec<Value>> {
    match yaml::section(text)? {
        Value::Null => Some(Vec::new()),
        Value::Array(all) => Some(all),
        _ => None,
    }
}

fn gap(section: &str, what: &str) -> Gap {
    Gap::new(
        Reason::Malformed,
        format!("ConfigMap kube-system/aws-auth {section}"),
    )
    .facet(what)
    .hides("which AWS principals they were meant to let into the cluster: the authenticator drops them")
    .closes("a section that aws-iam-authenticator reads: a list with rolearn or userarn, username and groups")
}

/// One item.
#[derive(Default)]
struct Line {
    arn: String,
    sso: bool,
    permission_set: String,
    account: String,
    partition: String,
    username: String,
    groups: Vec<String>,
    wrong: Vec<&'static str>,
}

impl Line {
    fn read(item: &Value, role: bool) -> Self {
        let mut line = Self::default();
        let Some(fields) = item.as_object() else {
            return line;
        };
        let own = if role { "rolearn" } else { "userarn" };
        for (key, value) in fields {
            match key.to_lowercase().as_str() {
                _ if value.is_null() => {}
                key if key == own => text(value, &mut line.arn, &mut line.wrong),
                "username" => text(value, &mut line.username, &mut line.wrong),
                "groups" => match value {
                    Value::Array(all) => {
                        line.groups = all
                            .iter()
                            .filter_map(|one| one.as_str().map(str::to_owned))
                            .collect();
                        if line.groups.len() < all.len() {
                            line.wrong
                                .push("a group that is no text: it is as if it were not there");
                        }
                    }
                    _ => line
                        .wrong
                        .push("groups that are no list: they are as if they were not there"),
                },
                "sso" if role => line.sso(value),
                _ => {}
            }
        }
        line
    }

    fn sso(&mut self, value: &Value) {
        self.sso = true;
        for (key, value) in value.as_object().into_iter().flatten() {
            match key.to_lowercase().as_str() {
                "permissionsetname" => text(value, &mut self.permission_set, &mut self.wrong),
                "accountid" => text(value, &mut self.account, &mut self.wrong),
                "partition" => text(value, &mut self.partition, &mut self.wrong),
                _ => {}
            }
        }
    }

    /// The ARN, or the pattern of an `sso` item and that it is one; else why the item is dropped.
    fn subject(&self, role: bool) -> Result<(String, bool), &'static str> {
        if role && self.sso {
            let letter = |one: char| one.is_ascii_alphanumeric() || "_+=,.@-".contains(one);
            let name = &self.permission_set;
            let named = (1..=32).contains(&name.len()) && name.chars().all(letter);
            let digits = self.account.len() == 12 && self.account.bytes().all(|one| one.is_ascii_digit());
            if !self.arn.is_empty() {
                return Err("an item with both rolearn and sso");
            }
            if !named || !digits {
                return Err("an sso item without a valid permissionSetName and accountID");
            }
            let partition = if self.partition.is_empty() {
                "aws"
            } else {
                &self.partition
            };
            let arn = format!(
                "arn:{partition}:iam::{}:role/AWSReservedSSO_{name}_*",
                self.account
            );
            return Ok((arn, true));
        }
        match (self.arn.is_empty(), role) {
            (false, _) => Ok((self.arn.clone(), false)),
            (true, true) => Err("an item without rolearn"),
            (true, false) => Err("an item without userarn"),
        }
    }
}

fn text(value: &Value, into: &mut String, wrong: &mut Vec<&'static str>) {
    match value {
        Value::String(text) => text.clone_into(into),
        Value::Null => {}
        _ => wrong.push("a field that is no text: it is as if it were not there"),
    }
}
