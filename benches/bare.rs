//! The floor: a typed serde pass over a kubectl export that drops each item at once.

use serde::Deserialize;
use serde::de::DeserializeSeed;
use std::borrow::Cow;

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    metadata: Metadata<'a>,
    #[serde(borrow, default)]
    spec: Spec<'a>,
    #[serde(borrow, default)]
    rules: Vec<Rule<'a>>,
    #[serde(borrow, default)]
    subjects: Vec<Subject<'a>>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    namespace: Cow<'a, str>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    #[serde(borrow, default)]
    service_account_name: Cow<'a, str>,
    #[serde(borrow, default)]
    containers: Vec<Container<'a>>,
}

#[derive(Deserialize)]
struct Container<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    env: Vec<Env<'a>>,
}

#[derive(Deserialize)]
struct Env<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Rule<'a> {
    #[serde(borrow, default)]
    verbs: Vec<&'a str>,
    #[serde(borrow, default)]
    resources: Vec<&'a str>,
}

#[derive(Deserialize)]
struct Subject<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

struct List<F>(F);

impl<'de, F: FnMut(Item<'de>)> DeserializeSeed<'de> for List<F> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, F: FnMut(Item<'de>)> serde::de::Visitor<'de> for List<F> {
    type Value = ();

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a List")
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            if key == "items" {
                map.next_value_seed(foursee::core::document::each(&mut self.0))?;
            } else {
                map.next_value::<serde::de::IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// Passes over every text; says what it saw, so that nothing is optimised away.
pub fn pass(texts: &[String]) -> Result<String, serde_json::Error> {
    let (mut items, mut letters) = (0usize, 0usize);
    for text in texts {
        let mut from = serde_json::Deserializer::from_str(text);
        List(|item: Item<'_>| {
            items += 1;
            letters += item.kind.len() + item.metadata.name.len() + item.metadata.namespace.len();
            letters += item.spec.service_account_name.len();
            letters += item
                .spec
                .containers
                .iter()
                .map(|one| {
                    one.name.len()
                        + one
                            .env
                            .iter()
                            .map(|env| env.name.len() + env.value.len())
                            .sum::<usize>()
                })
                .sum::<usize>();
            letters += item
                .rules
                .iter()
                .map(|rule| rule.verbs.len() + rule.resources.len())
                .sum::<usize>();
            letters += item
                .subjects
                .iter()
                .map(|subject| subject.name.len())
                .sum::<usize>();
        })
        .deserialize(&mut from)?;
    }
    Ok(format!("{items} items, {letters} letters"))
}
