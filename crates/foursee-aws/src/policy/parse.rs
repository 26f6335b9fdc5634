//! A policy document's text into statements. A statement that cannot be read is a flaw of its policy, never an error.

use super::{
    ActionPattern, Actions, Clause, Effect, Policy, Principal, Principals, ResourcePattern, Resources,
    Statement,
};
use foursee_core::document::{Document, Many, Place, Str};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Why a text is no policy document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Flaw(pub String);

/// The text of a policy document as exports have it: what a string holds, URL-decoded. None where that is no string.
pub(crate) fn text_of(raw: &str) -> Option<Cow<'_, str>> {
    let raw = raw.trim();
    if !raw.starts_with('"') {
        return Some(decoded(Cow::Borrowed(raw)));
    }
    let inner: Str<'_> = serde_json::from_str(raw).ok()?;
    Some(decoded(inner.0))
}

/// Reads a policy document as exports have it: an object, a string that holds one, or that string URL-encoded.
/// `place` says where a part of the text stands, for what is not a part of a document; `document` finds the others.
///
/// # Errors
/// When it is not a policy document at all.
pub fn parse(raw: &str, document: Option<&Document>, place: Place) -> Result<Policy, Flaw> {
    let raw = raw.trim();
    let text: Cow<'_, str> = if raw.starts_with('"') {
        let inner: Str<'_> = serde_json::from_str(raw).map_err(|error| Flaw(error.to_string()))?;
        decoded(inner.0)
    } else {
        decoded(Cow::Borrowed(raw))
    };
    object(&text, document, place)
}

fn decoded(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.trim_start().starts_with('%') {
        Cow::Owned(percent(&text))
    } else {
        text
    }
}

/// RFC 3986 decoding; what is not an escape stays as it is.
fn percent(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = (*byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Members<'de>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some((key, value)) = map.next_entry::<Str<'de>, &'de RawValue>()? {
                    all.push((key.0, value));
                }
                Ok(Members(all))
            }
        }
        from.deserialize_map(V)
    }
}

fn members<'a>(text: &'a str) -> Result<Members<'a>, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn texts(raw: &RawValue) -> Result<Vec<String>, String> {
    let many: Many<Str<'_>> = serde_json::from_str(raw.get()).map_err(|error| error.to_string())?;
    Ok(many.0.into_iter().map(|one| one.0.into_owned()).collect())
}

/// The scalars of one or many; numbers and booleans for their text.
fn scalars(raw: &RawValue) -> Result<Vec<String>, String> {
    let list: Vec<&RawValue> = if raw.get().starts_with('[') {
        serde_json::from_str(raw.get()).map_err(|error| error.to_string())?
    } else {
        vec![raw]
    };
    list.into_iter()
        .map(|one| match one.get().bytes().next() {
            Some(b'"') => {
                let text: Str<'_> = serde_json::from_str(one.get()).map_err(|error| error.to_string())?;
                Ok(text.0.into_owned())
            }
            Some(b'{' | b'[') | None => Err("a value of a condition is not a scalar".to_owned()),
            Some(_) if one.get() == "null" => Err("a value of a condition is null".to_owned()),
            Some(_) => Ok(one.get().to_owned()),
        })
        .collect()
}

fn object(text: &str, document: Option<&Document>, place: Place) -> Result<Policy, Flaw> {
    let mut policy = Policy::default();
    let mut statements: Option<&RawValue> = None;
    let Members(all) = members(text).map_err(Flaw)?;
    let mut seen: Vec<&str> = Vec::new();
    for (key, value) in &all {
        if seen.contains(&&**key) {
            policy.flaws.push(format!("it has `{key}` twice"));
        }
        seen.push(key);
        match &**key {
            "Version" => {
                let version = texts(value)
                    .ok()
                    .and_then(|all| all.into_iter().next())
                    .unwrap_or_default();
                policy.variables = version == "2012-10-17";
                if !policy.variables && version != "2008-10-17" {
                    policy.flaws.push(format!("version `{version}` is not known"));
                }
            }
            "Id" => {}
            "Statement" => statements = Some(value),
            other => policy.flaws.push(format!("element `{other}` is not known")),
        }
    }
    let Some(raw) = statements else {
        return Err(Flaw("it has no Statement".to_owned()));
    };
    let list: Vec<&RawValue> = if raw.get().starts_with('[') {
        serde_json::from_str(raw.get()).map_err(|error| Flaw(error.to_string()))?
    } else {
        vec![raw]
    };
    for one in list {
        let part = one.get();
        let at = document.and_then(|document| {
            Some(Place {
                doc: document.id,
                at: document.offset(part)?,
            })
        });
        let from = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        match statement(part, policy.variables, at.unwrap_or(place)) {
            Ok(mut statement) => {
                statement.span = (number(from), number(from + part.len()));
                policy.statements.push(statement);
            }
            Err(why) => policy.flaws.push(format!("a statement cannot be read: {why}")),
        }
    }
    Ok(policy)
}

fn statement(text: &str, variables: bool, place: Place) -> Result<Statement, String> {
    let mut out = Statement {
        sid: "".into(),
        effect: Effect::Deny,
        principals: None,
        actions: Actions::default(),
        resources: None,
        conditions: Vec::new(),
        flaws: Vec::new(),
        place,
        span: (0, 0),
    };
    let Members(all) = members(text)?;
    let mut seen: Vec<&str> = Vec::new();
    let mut effect = None;
    for (key, value) in &all {
        if seen.contains(&&**key) {
            out.flaws.push(format!("it has `{key}` twice"));
        }
        seen.push(key);
        match &**key {
            "Sid" => out.sid = texts(value)?.first().map_or("", String::as_str).into(),
            "Effect" => {
                let word = texts(value)?.into_iter().next().unwrap_or_default();
                effect = match word.as_str() {
                    "Allow" => Some(Effect::Allow),
                    "Deny" => Some(Effect::Deny),
                    other => return Err(format!("effect `{other}` is not known")),
                };
            }
            "Action" | "NotAction" => {
                let list = texts(value)?.iter().map(|one| ActionPattern::new(one)).collect();
                out.actions = Actions {
                    not: &**key == "NotAction",
                    list,
                };
            }
            "Resource" | "NotResource" => {
                let list = texts(value)?
                    .iter()
                    .map(|one| ResourcePattern::new(one, variables))
                    .collect();
                out.resources = Some(Resources {
                    not: &**key == "NotResource",
                    list,
                });
            }
            "Principal" | "NotPrincipal" => {
                out.principals = Some(Principals {
                    not: &**key == "NotPrincipal",
                    list: principals(value)?,
                });
            }
            "Condition" => conditions(value, variables, &mut out)?,
            other => out.flaws.push(format!("element `{other}` is not known")),
        }
    }
    for name in ["Action", "Resource", "Principal"] {
        if seen.contains(&name) && seen.contains(&&*format!("Not{name}")) {
            return Err(format!("it has both {name} and Not{name}"));
        }
    }
    out.effect = effect.ok_or("it has no Effect")?;
    Ok(out)
}

fn conditions(raw: &RawValue, variables: bool, out: &mut Statement) -> Result<(), String> {
    for (operator, block) in members(raw.get())?.0 {
        for (key, values) in members(block.get())?.0 {
            let values = scalars(values)?;
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let clause = Clause::new(&operator, &key, &values, variables);
            if clause.operator == super::Operator::Unknown {
                out.flaws
                    .push(format!("condition operator `{operator}` is not known"));
            }
            out.conditions.push(clause);
        }
    }
    Ok(())
}

fn principals(raw: &RawValue) -> Result<Vec<Principal>, String> {
    if raw.get().starts_with('"') {
        let all = texts(raw)?;
        return Ok(all
            .into_iter()
            .map(|one| {
                if one == "*" {
                    Principal::Everyone
                } else {
                    Principal::Invalid(one.into())
                }
            })
            .collect());
    }
    let mut list = Vec::new();
    for (kind, values) in members(raw.get())?.0 {
        for one in texts(values)? {
            list.push(match &*kind {
                "AWS" => aws(&one),
                "Service" => Principal::Service(one.into()),
                "Federated" => Principal::Federated(one.into()),
                "CanonicalUser" => Principal::Canonical(one.into()),
                _ => Principal::Invalid(format!("{kind}:{one}").into()),
            });
        }
    }
    Ok(list)
}

fn aws(text: &str) -> Principal {
    if text == "*" {
        return Principal::Everyone;
    }
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Principal::Account(text.into());
    }
    let is_id = (text.starts_with("AROA") || text.starts_with("AIDA"))
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_id {
        return Principal::Id(text.into());
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, "root"] => Principal::Account((*account).into()),
        ["arn", _, "iam" | "sts", "", _, _] if !text.contains(['*', '?']) => Principal::Arn(text.into()),
        _ => Principal::Invalid(text.into()),
    }
}
