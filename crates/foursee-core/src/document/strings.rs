//! Interned words: names that join (namespaces, accounts, roles, verbs, principals).

use crate::model::Sym;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// A table of words, each once. Layers keep one in their facts.
#[derive(Clone, Default)]
pub struct Strings {
    text: String,
    /// Where each word ends in `text`; it begins where the one before it ends.
    ends: Vec<u32>,
    table: HashTable<Sym>,
    hasher: DefaultHashBuilder,
}

/// What the words of an absorbed table are called in the one that absorbed it.
pub struct Remap(Vec<Sym>);

impl Remap {
    /// The new symbol of an old one.
    #[must_use]
    pub fn get(&self, old: Sym) -> Sym {
        self.0.get(old.index()).copied().unwrap_or_default()
    }
}

impl Strings {
    /// The symbol of a word.
    pub fn intern(&mut self, word: &str) -> Sym {
        let hash = self.hasher.hash_one(word);
        if let Some(found) = self.table.find(hash, |sym| self.get(*sym) == word) {
            return *found;
        }
        let sym = Sym(u32::try_from(self.ends.len()).unwrap_or(u32::MAX));
        self.text.push_str(word);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        let Self {
            text,
            ends,
            table,
            hasher,
        } = self;
        table.insert_unique(hash, sym, |sym| hasher.hash_one(word_of(text, ends, *sym)));
        sym
    }

    /// The symbol of a word, if it is there.
    #[must_use]
    pub fn find(&self, word: &str) -> Option<Sym> {
        self.table
            .find(self.hasher.hash_one(word), |sym| self.get(*sym) == word)
            .copied()
    }

    /// The word of a symbol; empty for one of another table.
    #[must_use]
    pub fn get(&self, sym: Sym) -> &str {
        word_of(&self.text, &self.ends, sym)
    }

    /// How many words there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Takes in another table's words, and says what they are called here.
    pub fn absorb(&mut self, other: &Self) -> Remap {
        Remap(
            (0..other.len())
                .map(|at| self.intern(other.get(Sym(u32::try_from(at).unwrap_or(u32::MAX)))))
                .collect(),
        )
    }
}

fn word_of<'a>(text: &'a str, ends: &[u32], sym: Sym) -> &'a str {
    let begin = sym
        .index()
        .checked_sub(1)
        .and_then(|before| ends.get(before))
        .copied()
        .unwrap_or(0);
    let end = ends.get(sym.index()).copied().unwrap_or(begin);
    text.get(begin as usize..end as usize).unwrap_or_default()
}

impl std::fmt::Debug for Strings {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Strings({})", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_one_symbol_and_absorbing_keeps_words() {
        let (mut a, mut b) = (Strings::default(), Strings::default());
        let (x, empty) = (a.intern("x"), a.intern(""));
        assert_eq!((a.intern("x"), a.get(x), a.get(empty)), (x, "x", ""));
        let (y, also_x) = (b.intern("y"), b.intern("x"));
        let names = a.absorb(&b);
        assert_eq!((a.get(names.get(y)), names.get(also_x)), ("y", x));
        assert_eq!((a.find("y"), a.find("z"), a.len()), (Some(names.get(y)), None, 3));
        assert_eq!(a.get(Sym(99)), "");
    }
}
