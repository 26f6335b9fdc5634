//! What many objects say alike, each once: the pods of a workload differ in little more than their names.
//!
//! A pool is of one document, and is let go when the facts are sealed; what it gave out stays.

use super::{Container, References};
use foursee_core::document::Str;
use hashbrown::{DefaultHashBuilder, HashMap, HashSet, HashTable};
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

/// `metadata.labels`, in their order; equal ones are one.
pub type Labels = Arc<[(Box<str>, Box<str>)]>;

/// The values that were seen.
#[derive(Default)]
pub(crate) struct Pool {
    texts: HashSet<Arc<str>>,
    labels: HashTable<Labels>,
    hasher: DefaultHashBuilder,
    containers: HashSet<Arc<Container>>,
    references: HashSet<Arc<References>>,
    /// Which annotations are kept.
    kept: HashMap<Box<str>, bool>,
}

impl Pool {
    /// The one text that is equal to this.
    pub(crate) fn text(&mut self, text: &str) -> Arc<str> {
        Arc::clone(self.texts.get_or_insert_with(text, |text| text.into()))
    }

    /// The one list of labels that is equal to this.
    pub(crate) fn labels(&mut self, all: &[(Str<'_>, Str<'_>)]) -> Labels {
        let Self { labels, hasher, .. } = self;
        let same = |one: &Labels| {
            one.len() == all.len()
                && one
                    .iter()
                    .zip(all)
                    .all(|(one, other)| *one.0 == *other.0 && *one.1 == *other.1)
        };
        // A text hashes alike in whatever holds it.
        let hash = hasher.hash_one(all);
        let again = |one: &Labels| hasher.hash_one(&**one);
        let owned = || {
            all.iter()
                .map(|(key, value)| ((&**key).into(), (&**value).into()))
                .collect()
        };
        Arc::clone(labels.entry(hash, same, again).or_insert_with(owned).get())
    }

    /// Whether an annotation is kept, as `says` says of it when it is asked first.
    pub(crate) fn keeps(&mut self, key: &str, says: impl Fn(&str) -> bool) -> bool {
        match self.kept.get(key) {
            Some(known) => *known,
            None => *self.kept.entry(key.into()).or_insert_with(|| says(key)),
        }
    }

    /// The one container that is equal to this.
    pub(crate) fn container(&mut self, one: Container) -> Arc<Container> {
        shared(&mut self.containers, one)
    }

    /// The one list of references that is equal to this.
    pub(crate) fn references(&mut self, one: References) -> Arc<References> {
        shared(&mut self.references, one)
    }
}

fn shared<T: Hash + Eq>(all: &mut HashSet<Arc<T>>, one: T) -> Arc<T> {
    if let Some(known) = all.get(&one) {
        return Arc::clone(known);
    }
    let one = Arc::new(one);
    all.insert(Arc::clone(&one));
    one
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn text(text: &str) -> Str<'_> {
        Str(Cow::Borrowed(text))
    }

    #[test]
    fn what_is_equal_is_one() {
        let mut pool = Pool::default();
        assert!(Arc::ptr_eq(&pool.text("a"), &pool.text("a")));
        assert!(!Arc::ptr_eq(&pool.text("a"), &pool.text("b")));
        let escaped = Str(Cow::Owned("web".to_owned()));
        let (one, two, three) = (
            pool.labels(&[(text("app"), text("web"))]),
            pool.labels(&[(text("app"), escaped)]),
            pool.labels(&[(text("app"), text("db"))]),
        );
        assert!(Arc::ptr_eq(&one, &two));
        assert_eq!((&*one[0].0, &*one[0].1, &*three[0].1), ("app", "web", "db"));
        // Where one ends and the next begins is a part of them.
        let (ab, a_b) = (
            pool.labels(&[(text("ab"), text(""))]),
            pool.labels(&[(text("a"), text("b"))]),
        );
        assert_ne!(ab, a_b);
        assert!(pool.labels(&[]).is_empty());
    }
}
