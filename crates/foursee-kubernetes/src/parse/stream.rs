//! One pass over a JSON text: every object is filed while it is read, and let go.
//!
//! The pass takes what the server and kubectl print: an object says what it is before it says anything else, or its
//! list does. At the first object that is otherwise, or that is not of its kind's form, the pass ends; the caller then
//! goes on from there with each object's text in hand ([`super::one_by_one`]).

use super::file::{self, Filing};
use super::{Top, source, survey};
use crate::facts::Facts;
use foursee_core::document::{Document, Notes, Str};
use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A pass: where it files to, and how far it came.
pub(super) struct Stream<'d, 'x> {
    document: &'d Document,
    facts: &'x mut Facts,
    notes: &'x mut Notes,
    pub top: Top<'d>,
    /// So many items are filed.
    pub filed: usize,
    /// The text is one object, and that is filed.
    pub single: bool,
}

impl<'d, 'x> Stream<'d, 'x> {
    pub(super) fn new(document: &'d Document, facts: &'x mut Facts, notes: &'x mut Notes) -> Self {
        Self {
            document,
            facts,
            notes,
            top: Top::default(),
            filed: 0,
            single: false,
        }
    }
}

impl<'de> Visitor<'de> for &mut Stream<'de, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object or a list of them")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.top.listed = true;
        while seq
            .next_element_seed(Item {
                stream: &mut *self,
                list: "",
            })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut first: Option<Str<'de>> = None;
        let mut begun = false;
        while let Some(key) = map.next_key::<Str<'de>>()? {
            match &*key {
                "kind" if self.top.kind.is_none() => {
                    let kind: Str<'de> = map.next_value()?;
                    let alone = !begun && !kind.is_empty() && !kind.ends_with("List");
                    if alone {
                        let base = begins(self.document, first.as_ref().unwrap_or(&key));
                        let own = api(&mut map, &mut self.top.api)?;
                        let taken = survey::kind_of(&kind, &self.top.api).into_owned();
                        let map = Rest {
                            map,
                            own,
                            kind: Some(&*taken),
                        };
                        file(self, base, &taken, map)?;
                        self.single = true;
                        self.top.kind = Some(kind);
                        return Ok(());
                    }
                    self.top.kind = Some(kind);
                }
                "kind" => return Err(irregular()),
                "items" => {
                    self.top.listed = true;
                    begun = true;
                    map.next_value_seed(Items(&mut *self))?;
                }
                "apiVersion" => self.top.api = map.next_value()?,
                other => {
                    begun = true;
                    self.top.saw(other);
                    map.next_value::<IgnoredAny>()?;
                }
            }
            first.get_or_insert(key);
        }
        Ok(())
    }
}

/// The list under `items`.
struct Items<'s, 'd, 'x>(&'s mut Stream<'d, 'x>);

impl<'de> DeserializeSeed<'de> for Items<'_, 'de, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, 'de, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq
            .next_element_seed(Item {
                stream: &mut *self.0,
                list: "/items",
            })?
            .is_some()
        {}
        Ok(())
    }
}

/// One item of a list.
struct Item<'s, 'd, 'x> {
    stream: &'s mut Stream<'d, 'x>,
    list: &'static str,
}

impl<'de> DeserializeSeed<'de> for Item<'_, 'de, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Item<'_, 'de, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { stream, list } = self;
        let first = map.next_key::<Str<'de>>()?.ok_or_else(irregular)?;
        let base = begins(stream.document, &first).ok_or_else(irregular)?;
        let mut key = first;
        let mut version = Str::default();
        if &*key == "apiVersion" {
            version = map.next_value()?;
            key = map.next_key()?.ok_or_else(irregular)?;
        }
        let (said, own) = if &*key == "kind" {
            let kind: Str<'de> = map.next_value()?;
            let own = api(&mut map, &mut version)?;
            let said = (!kind.is_empty()).then(|| survey::kind_of(&kind, &version).into_owned());
            (said, own)
        } else {
            (stream.top.of_list().map(Cow::into_owned), Some(key))
        };
        let kind = said.ok_or_else(irregular)?;
        let map = Rest {
            map,
            kind: Some(&*kind),
            own,
        };
        file(stream, Some(base), &kind, map)?;
        stream.notes.landmarks.item(list, stream.filed, base);
        stream.filed += 1;
        Ok(())
    }
}

/// Reads the `apiVersion` that the server prints behind the kind, if it was not said before; else gives the next key.
fn api<'de, A: MapAccess<'de>>(map: &mut A, version: &mut Str<'de>) -> Result<Option<Str<'de>>, A::Error> {
    if !version.is_empty() {
        return Ok(None);
    }
    match map.next_key::<Str<'de>>()? {
        Some(key) if &*key == "apiVersion" => {
            *version = map.next_value()?;
            Ok(None)
        }
        other => Ok(other),
    }
}

/// Files the object whose kind is known, from what is left of it.
fn file<'de, A: MapAccess<'de>>(
    stream: &mut Stream<'de, '_>,
    base: Option<u32>,
    kind: &str,
    map: Rest<'_, 'de, A>,
) -> Result<(), A::Error> {
    let source = source(stream.document, base.ok_or_else(irregular)?);
    let filing = Filing {
        source,
        kind,
        facts: &mut *stream.facts,
        notes: &mut *stream.notes,
    };
    let live = file::filed(filing, map)?;
    file::done(source, kind, live, stream.facts, stream.notes);
    Ok(())
}

/// Where the object begins whose first key this is.
fn begins(document: &Document, key: &Str<'_>) -> Option<u32> {
    let Cow::Borrowed(key) = key.0 else { return None };
    let quote = (document.offset(key)? as usize).checked_sub(1)?;
    let before = document
        .text
        .get(..quote)?
        .trim_end_matches([' ', '\t', '\r', '\n']);
    before
        .ends_with('{')
        .then(|| u32::try_from(before.len() - 1).ok())?
}

/// What the pass says where it gives up; nobody reads it.
fn irregular<E: de::Error>() -> E {
    E::custom("an object that does not say first what it is")
}

/// What is left of an object.
pub(super) struct Rest<'k, 'de, A> {
    map: A,
    /// A key that was read already.
    own: Option<Str<'de>>,
    /// The kind that it is taken for. If it says another one later, or has items, it is not regular.
    kind: Option<&'k str>,
}

impl<'de, A: MapAccess<'de>> Rest<'_, 'de, A> {
    /// All of an object whose kind is known from a look at it.
    pub(super) const fn whole(map: A) -> Self {
        Self {
            map,
            own: None,
            kind: None,
        }
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Rest<'_, 'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let key = match self.own.take() {
            Some(key) => key,
            None => match self.map.next_key::<Str<'de>>()? {
                Some(key) => key,
                None => return Ok(None),
            },
        };
        if self.kind.is_some() && matches!(&*key, "kind" | "items" | "apiVersion") {
            return Err(irregular());
        }
        match key.0 {
            Cow::Borrowed(key) => seed.deserialize(BorrowedStrDeserializer::new(key)),
            Cow::Owned(key) => seed.deserialize(StrDeserializer::new(&key)),
        }
        .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}
