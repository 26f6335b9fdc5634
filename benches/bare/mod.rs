//! The floor: one typed serde pass over a layer's documents that borrows what it can and drops each item at once.
//! For text, one pass over its lines that takes them apart.

mod kubernetes;
mod others;

use foursee::core::document::each;
use serde::de::{Deserialize, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// Passes over every text; says what it saw, so that nothing is optimised away.
pub fn pass(layer: &str, texts: &[String]) -> Result<String, serde_json::Error> {
    let mut saw = (0usize, 0usize);
    for text in texts {
        let (items, letters) = match layer {
            "aws" => items(text, others::aws)?,
            "container" if text.starts_with('[') => items(text, others::container)?,
            "kafka" => others::acls(text),
            "kubernetes" => items(text, kubernetes::letters)?,
            "postgres" => items(text, others::postgres)?,
            _ => (0, 0),
        };
        saw = (saw.0 + items, saw.1 + letters);
    }
    Ok(format!("{} items, {} letters", saw.0, saw.1))
}

/// Every item of every list at the top of a JSON text, one by one; how many there are, and the sum of what is made of each.
fn items<'de, T: Deserialize<'de>>(
    text: &'de str,
    letters: impl Fn(T) -> usize,
) -> Result<(usize, usize), serde_json::Error> {
    let mut saw = (0, 0);
    let take = |item: T| saw = (saw.0 + 1, saw.1 + letters(item));
    Lists(take, PhantomData).deserialize(&mut serde_json::Deserializer::from_str(text))?;
    Ok(saw)
}

struct Lists<T, F>(F, PhantomData<T>);

impl<'de, T: Deserialize<'de>, F: FnMut(T)> DeserializeSeed<'de> for Lists<T, F> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for Lists<T, F> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object with lists, or a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(item) = seq.next_element()? {
            (self.0)(item);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            let scalar = matches!(
                &*key,
                "apiVersion"
                    | "kind"
                    | "metadata"
                    | "IsTruncated"
                    | "foursee_postgres"
                    | "server_version_num"
                    | "server_version"
                    | "current_database"
                    | "current_user"
                    | "system_identifier"
                    | "settings"
            );
            if scalar {
                map.next_value::<IgnoredAny>()?;
            } else {
                map.next_value_seed(each(&mut self.0))?;
            }
        }
        Ok(())
    }
}
