//! The serde helpers that every layer's parser uses, so that no layer writes its own.

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

/// Text that is borrowed from the document unless it had to be unescaped; `null` reads as empty text.
/// (serde's own `Option<Cow<str>>` and `Vec<Cow<str>>` never borrow.)
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Str<'a>(pub Cow<'a, str>);

impl Deref for Str<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Str<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, out)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Str<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Str<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("text")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Str(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Str(Cow::Owned(text.to_owned())))
            }
            fn visit_string<E: de::Error>(self, text: String) -> Result<Self::Value, E> {
                Ok(Str(Cow::Owned(text)))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(Str::default())
            }
            fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(Str::default())
            }
            fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
                from.deserialize_str(V)
            }
        }
        from.deserialize_option(V)
    }
}

/// One or many: `"x"`, `["x", "y"]` and `null` all read as a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Many<T>(pub Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Deref for Many<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct V<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for V<T> {
            type Value = Many<T>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("one or a list")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                one(de::value::BorrowedStrDeserializer::new(text))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                one(de::value::StrDeserializer::new(text))
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
                one(de::value::BoolDeserializer::new(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
                one(de::value::I64Deserializer::new(value))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
                one(de::value::U64Deserializer::new(value))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
                one(de::value::F64Deserializer::new(value))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                one(de::value::MapAccessDeserializer::new(map))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(next) = seq.next_element()? {
                    all.push(next);
                }
                Ok(Many(all))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(Many::default())
            }
        }
        fn one<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Many<T>, D::Error> {
            Ok(Many(vec![T::deserialize(from)?]))
        }
        from.deserialize_any(V(PhantomData))
    }
}

/// A list whose items are handed over one by one as they are read, and never held together:
/// `each(|item: Item<'_>| file(item))` is a seed for [`DeserializeSeed::deserialize`].
/// What was handed over before a truncated list breaks stays handed over.
pub fn each<T, F: FnMut(T)>(take: F) -> Each<T, F> {
    Each(take, PhantomData)
}

/// The seed made by [`each`].
pub struct Each<T, F>(F, PhantomData<T>);

impl<'de, T: Deserialize<'de>, F: FnMut(T)> DeserializeSeed<'de> for Each<T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for Each<T, F> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(item) = seq.next_element()? {
            (self.0)(item);
        }
        Ok(())
    }
    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }
}

/// An object of which the first key was read already: a [`MapAccess`] over all of it.
pub struct Begun<'de, A> {
    /// The key, until it is asked for.
    pub key: Option<Str<'de>>,
    /// What is left of the object.
    pub map: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Begun<'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        match self.key.take() {
            Some(Str(Cow::Borrowed(key))) => seed
                .deserialize(de::value::BorrowedStrDeserializer::new(key))
                .map(Some),
            Some(Str(Cow::Owned(key))) => seed
                .deserialize(de::value::StringDeserializer::new(key))
                .map(Some),
            None => self.map.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// The JSON texts of a document that holds one or several, one after the other (pages that were appended, JSON
/// lines). The last one may be cut off: it is given as it is.
pub fn json_texts(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim_start();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<de::IgnoredAny>();
        let end = match stream.next() {
            Some(Ok(_)) => stream.byte_offset(),
            _ => rest.len(),
        };
        let (text, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        rest = after.trim_start();
        Some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_borrowed_where_it_can_be() {
        let text = r#"["plain", "esc\u0061ped", null]"#;
        let all: Vec<Str<'_>> = serde_json::from_str(text).unwrap();
        assert!(matches!(all[0].0, Cow::Borrowed("plain")));
        assert_eq!(&*all[1], "escaped");
        assert_eq!(&*all[2], "");
    }

    #[test]
    fn one_reads_as_many() {
        for (text, want) in [
            (r#""a""#, vec!["a"]),
            (r#"["a","b"]"#, vec!["a", "b"]),
            ("null", vec![]),
            ("[]", vec![]),
        ] {
            let many: Many<Str<'_>> = serde_json::from_str(text).unwrap();
            assert_eq!(many.iter().map(|one| &**one).collect::<Vec<_>>(), want);
        }
        assert!(serde_json::from_str::<Many<Str<'_>>>(r#"{"a":1}"#).is_err());
    }

    #[test]
    fn a_broken_list_keeps_what_came_before() {
        let mut seen = Vec::new();
        let mut from = serde_json::Deserializer::from_str("[1, 2, 3");
        assert!(each(|item: u8| seen.push(item)).deserialize(&mut from).is_err());
        assert_eq!(seen, [1, 2, 3]);
    }

    #[test]
    fn several_texts_in_one_document() {
        let all: Vec<&str> = json_texts(" {\"a\":1}\n{\"b\":2}[3] {\"cut\":").collect();
        assert_eq!(all, ["{\"a\":1}", "{\"b\":2}", "[3]", "{\"cut\":"]);
        assert_eq!(json_texts("  \n").count(), 0);
    }
}
