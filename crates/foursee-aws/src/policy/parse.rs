//! A policy document's text into statements. A statement that cannot be read is a flaw of its policy, never an error.

use super::{
    ActionPattern, Actions, Clause, Effect, Policy, Principal, Principals, ResourcePattern, Resources,
    Statement,
};
use foursee_core::document::{Document, Many, Place, Str};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
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

/// The elements of a policy, each with its value as it stands; of a list of statements, each.
struct Elements<'a>(Vec<(Cow<'a, str>, Vec<&'a RawValue>)>);

fn elements(text: &str) -> Result<Elements<'_>, serde_json::Error> {
    struct V<'a>(&'a str);
    impl<'de> Visitor<'de> for V<'de> {
        type Value = Elements<'de>;
        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::new();
            while let Some(Str(key)) = map.next_key::<Str<'de>>()? {
                let values = if key == "Statement" && opens_list(self.0, &key) {
                    map.next_value()?
                } else {
                    let value: &RawValue = map.next_value()?;
                    // A key that was escaped does not stand in the text.
                    let list = (key == "Statement").then(|| serde_json::from_str(value.get()).ok());
                    list.flatten().unwrap_or_else(|| vec![value])
                };
                all.push((key, values));
            }
            Ok(Elements(all))
        }
    }
    let mut from = serde_json::Deserializer::from_str(text);
    let all = from.deserialize_map(V(text))?;
    from.end()?;
    Ok(all)
}

/// Whether the value of a key, which is a part of the text, is a list.
fn opens_list(text: &str, key: &str) -> bool {
    let behind = (key.as_ptr().addr() + key.len()).checked_sub(text.as_ptr().addr());
    let rest = behind.and_then(|at| text.get(at..)).unwrap_or_default();
    let value = rest.trim_start_matches(['"', ' ', '\t', '\r', '\n', ':']);
    value.starts_with('[')
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
    let mut statements: Option<&[&RawValue]> = None;
    let Elements(all) = elements(text).map_err(|error| Flaw(error.to_string()))?;
    let mut seen: Vec<&str> = Vec::new();
    for (key, values) in &all {
        if seen.contains(&&**key) {
            policy.flaws.push(format!("it has `{key}` twice"));
        }
        seen.push(key);
        match &**key {
            "Version" => {
                let version = values
                    .first()
                    .and_then(|value| texts(value).ok()?.into_iter().next())
                    .unwrap_or_default();
                policy.variables = version == "2012-10-17";
                if !policy.variables && version != "2008-10-17" {
                    policy.flaws.push(format!("version `{version}` is not known"));
                }
            }
            "Id" => {}
            "Statement" => statements = Some(values),
            other => policy.flaws.push(format!("element `{other}` is not known")),
        }
    }
    let Some(list) = statements else {
        return Err(Flaw("it has no Statement".to_owned()));
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
                policy.push(statement);
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
    let mut reading = Reading {
        out: &mut out,
        variables,
        seen: Vec::new(),
        effect: None,
        wrong: None,
    };
    let mut from = serde_json::Deserializer::from_str(text);
    let read = from.deserialize_map(&mut reading).and_then(|()| from.end());
    let Reading {
        seen, effect, wrong, ..
    } = reading;
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    read.map_err(|error| error.to_string())?;
    for name in ["Action", "Resource", "Principal"] {
        let not = format!("Not{name}");
        if seen.iter().any(|one| *one == name) && seen.iter().any(|one| **one == not) {
            return Err(format!("it has both {name} and Not{name}"));
        }
    }
    out.effect = effect.ok_or("it has no Effect")?;
    Ok(out)
}

/// A statement that is being read, in one pass.
struct Reading<'x, 'de> {
    out: &'x mut Statement,
    variables: bool,
    seen: Vec<Cow<'de, str>>,
    effect: Option<Effect>,
    /// Why it cannot be read, although it is JSON.
    wrong: Option<String>,
}

impl<'de> Reading<'_, 'de> {
    fn element<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let Self { out, variables, .. } = self;
        let mut done = Ok(());
        match key {
            "Sid" => {
                let texts: Many<Str<'de>> = map.next_value()?;
                out.sid = texts.first().map_or("", |one| one).into();
            }
            "Effect" => {
                let texts: Many<Str<'de>> = map.next_value()?;
                match texts.first().map_or("", |one| one) {
                    "Allow" => self.effect = Some(Effect::Allow),
                    "Deny" => self.effect = Some(Effect::Deny),
                    other => done = Err(format!("effect `{other}` is not known")),
                }
            }
            "Action" | "NotAction" => {
                let texts: Many<Str<'de>> = map.next_value()?;
                let list = texts.iter().map(|one| ActionPattern::new(one));
                out.actions = Actions::new(key == "NotAction", list.collect());
            }
            "Resource" | "NotResource" => {
                let texts: Many<Str<'de>> = map.next_value()?;
                let list = texts.iter().map(|one| ResourcePattern::new(one, *variables));
                out.resources = Some(Resources {
                    not: key == "NotResource",
                    list: list.collect(),
                });
            }
            "Principal" | "NotPrincipal" => match principals(map.next_value()?) {
                Ok(list) => {
                    out.principals = Some(Principals {
                        not: key == "NotPrincipal",
                        list,
                    });
                }
                Err(why) => done = Err(why),
            },
            "Condition" => done = conditions(map.next_value()?, *variables, out),
            other => {
                map.next_value::<IgnoredAny>()?;
                out.flaws.push(format!("element `{other}` is not known"));
            }
        }
        if let Err(why) = done {
            self.wrong.get_or_insert(why);
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for &mut Reading<'_, 'de> {
    type Value = ();
    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Str(key)) = map.next_key::<Str<'de>>()? {
            if self.seen.contains(&key) {
                self.out.flaws.push(format!("it has `{key}` twice"));
            }
            self.element(&key, &mut map)?;
            self.seen.push(key);
        }
        Ok(())
    }
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
