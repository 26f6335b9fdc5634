//! Pseudonyms: the names of identities and resources replaced word by word, alike in every document.
//!
//! The words are those of the names in the estate: accounts, roles, namespaces, pods, databases, topics, hosts. Each
//! word gets one pseudonym, which stands for it wherever it stands: in ARNs, subjects, patterns, URLs, variables'
//! names, file names. So whatever matched before matches after:
//!
//! - a pattern that ends between words (`shop-*`) does, since words stay words and what is between them stays;
//! - one that ends within a word does, where its beginning is a word too: `shop` is the beginning of `shops`, and so
//!   its pseudonym is that of `shops`;
//! - names differ in case alone if their pseudonyms do;
//! - the order of names stays, so that ties are broken alike. It is what a reader can still learn of a name.
//!
//! An account id becomes another number of twelve digits. **Not renamed**: words that a platform or foursee gives a
//! meaning ([`KEPT`], keys, verbs, actions, kinds), whatever name they are part of; numbers, uids, ids of
//! containers and keys, addresses, times, and free text that shares no word with a name.

use foursee_capture::json::{Token, decode, tokens};
use foursee_core::model::Class;
use foursee_core::report::Report;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Which word stands for which.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Pseudonyms {
    /// The version of this form.
    foursee_pseudonyms: u64,
    /// Words in lower case, and account ids, with what stands for each.
    words: BTreeMap<String, String>,
}

/// A file that is no map of pseudonyms.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoMap {
    /// It is something else.
    #[error("it is no map of pseudonyms: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It is a later foursee's.
    #[error("it is a map of version {0}; this foursee reads version 1")]
    Version(u64),
}

impl Pseudonyms {
    /// Reads what [`Pseudonyms::to_json`] wrote.
    ///
    /// # Errors
    /// When it is something else.
    pub fn read(text: &str) -> Result<Self, NoMap> {
        let map: Self = serde_json::from_str(text)?;
        if map.foursee_pseudonyms == 1 {
            Ok(map)
        } else {
            Err(NoMap::Version(map.foursee_pseudonyms))
        }
    }

    /// The map as JSON. Whoever has it can undo the renaming.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// How many words and account ids are renamed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether nothing is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Adds what the names of a report need, over these documents; what is there stays.
    pub fn learn(&mut self, report: &Report, documents: &[&str]) {
        self.foursee_pseudonyms = 1;
        let mut kept: BTreeSet<String> = KEPT.split_whitespace().map(str::to_owned).collect();
        let mut seen = BTreeSet::new();
        for text in documents {
            vocabulary(text, &mut kept);
            each_word(text, |word| {
                seen.insert(word.to_lowercase());
            });
        }
        let (mut wanted, mut stay) = (BTreeSet::new(), BTreeSet::new());
        let mut want = |name: &str, outside: bool| {
            each_word(name, |word| {
                let lower = word.to_lowercase();
                let letters = lower.chars().any(char::is_alphabetic) && lower.chars().count() > 1;
                if is_account(&lower) || (!outside && letters && !is_id(&lower) && !kept.contains(&lower)) {
                    wanted.insert(lower);
                } else if letters {
                    stay.insert(lower);
                }
            });
        };
        for id in report.estate.ids() {
            let class = report.estate.kind(id).map(|kind| kind.class);
            let named = class.is_some_and(|class| class != Class::Grant);
            if let Some(node) = report.estate.node(id).filter(|node| named && !node.selector) {
                // Whoever is outside has a name of foursee's words, but for the account in it.
                want(&node.name, class == Some(Class::Outside));
            }
        }
        for scope in &report.scopes {
            want(&scope.name, false);
            want(&scope.title, false);
        }
        let owners = report.findings.iter().filter_map(|one| one.owner.as_ref());
        for owner in owners.chain(report.identities.iter().filter_map(|one| one.owner.as_ref())) {
            want(&owner.name, false);
        }
        // No pseudonym is a word that foursee itself says.
        let mut said = Vec::new();
        let written = foursee_report::json::write(report, &mut said);
        if let Some(said) = written.ok().and_then(|()| String::from_utf8(said).ok()) {
            each_word(&said, |word| {
                seen.insert(word.to_lowercase());
            });
        }
        self.add(&wanted, &stay, &seen);
    }

    fn add(&mut self, wanted: &BTreeSet<String>, stay: &BTreeSet<String>, seen: &BTreeSet<String>) {
        let before = self.words.clone();
        let new: Vec<&String> = wanted.iter().filter(|word| !before.contains_key(*word)).collect();
        let all: BTreeSet<&str> = wanted
            .iter()
            .map(String::as_str)
            .chain(before.keys().map(String::as_str))
            .collect();
        // A word that begins with another one is that one and a rest; words are in order, so the shorter comes first.
        let begins = |word: &str| {
            let ends = word.char_indices().map(|(at, _)| at).skip(2).collect::<Vec<_>>();
            ends.into_iter()
                .rev()
                .filter_map(|at| word.split_at_checked(at))
                .find(|(head, _)| all.contains(head))
                .map(|(head, rest)| (head.to_owned(), rest.to_owned()))
        };
        let pieces: BTreeSet<String> = new
            .iter()
            .filter(|word| !is_account(word))
            .map(|word| begins(word).map_or_else(|| (*word).clone(), |(_, rest)| rest))
            .collect();
        let taken: BTreeSet<String> = seen.iter().chain(self.words.values()).cloned().collect();
        let accounts: Vec<&&String> = new.iter().filter(|word| is_account(word)).collect();
        let codes = codes(&pieces, stay, &taken);
        let numbers = numbers(accounts.len(), &taken);
        let accounts: BTreeMap<String, String> = accounts
            .into_iter()
            .map(|one| (*one).clone())
            .zip(numbers)
            .collect();
        for word in new {
            let pseudonym = match (accounts.get(word), begins(word)) {
                (Some(number), _) => number.clone(),
                (None, Some((head, rest))) => {
                    let head = self.words.get(&head).cloned().unwrap_or(head);
                    format!("{head}{}", codes.get(&rest).map_or("", String::as_str))
                }
                (None, None) => codes.get(word).cloned().unwrap_or_default(),
            };
            self.words.insert(word.clone(), pseudonym);
        }
    }

    /// A text under pseudonyms: all of it where it is no JSON, else its values and the keys that people choose.
    #[must_use]
    pub fn document(&self, text: &str) -> String {
        if !text.trim_start().starts_with(['{', '[']) {
            return self.words(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut depth: Vec<bool> = Vec::new();
        let mut chosen = false;
        for token in tokens(text) {
            match token {
                Token::Between(range) => {
                    let between = text.get(range).unwrap_or_default();
                    for byte in between.bytes() {
                        match byte {
                            b'{' | b'[' => depth.push(std::mem::take(&mut chosen)),
                            b'}' | b']' => {
                                depth.pop();
                            }
                            _ => {}
                        }
                    }
                    // Words outside strings are JSON's own, or an error's between two texts.
                    out.push_str(&if depth.is_empty() {
                        self.words(between)
                    } else {
                        between.to_owned()
                    });
                }
                Token::Text { inside, key } => {
                    let raw = text.get(inside.clone()).unwrap_or_default();
                    let rename = !key || raw.contains([':', '/']) || depth.last() == Some(&true);
                    let said = decode(raw).0;
                    chosen = key && CHOSEN.contains(&&*said);
                    let renamed = if rename { self.words(&said) } else { said.clone() };
                    out.push('"');
                    if renamed == said {
                        out.push_str(raw);
                    } else {
                        let quoted = serde_json::to_string(&renamed).unwrap_or_default();
                        out.push_str(
                            quoted
                                .trim_start_matches('"')
                                .strip_suffix('"')
                                .unwrap_or_default(),
                        );
                    }
                    if inside.end < text.len() {
                        out.push('"');
                    }
                }
            }
        }
        out
    }

    /// Words under pseudonyms: names of files, scopes, gaps.
    #[must_use]
    pub fn words(&self, text: &str) -> String {
        replace(text, |word| {
            self.words.get(&word.to_lowercase()).map(|to| cased(word, to))
        })
    }

    /// The words that pseudonyms stand for. Letters of mixed case come back in lower case.
    #[must_use]
    pub fn original(&self, text: &str) -> String {
        let back: BTreeMap<&str, &str> = self
            .words
            .iter()
            .map(|(from, to)| (to.as_str(), from.as_str()))
            .collect();
        replace(text, |word| {
            back.get(&*word.to_lowercase()).map(|from| cased(word, from))
        })
    }
}

/// Keys of JSON objects whose own keys are chosen by people.
const CHOSEN: [&str; 16] = [
    "labels",
    "annotations",
    "matchLabels",
    "nodeSelector",
    "selector",
    "data",
    "stringData",
    "binaryData",
    "Labels",
    "Annotations",
    "Networks",
    "Volumes",
    "Options",
    "DriverOpts",
    "Sysctls",
    "Tags",
];

/// Keys whose values are a platform's words.
const PLATFORM: [&str; 27] = [
    "kind",
    "apiVersion",
    "apiGroup",
    "apiGroups",
    "verbs",
    "resources",
    "nonResourceURLs",
    "operator",
    "operators",
    "key",
    "Action",
    "NotAction",
    "Effect",
    "Version",
    "Type",
    "type",
    "Status",
    "Driver",
    "CapAdd",
    "CapDrop",
    "SecurityOpt",
    "PropagationMode",
    "Propagation",
    "Mode",
    "phase",
    "protocol",
    "privilege",
];

/// Words that platforms and foursee give a meaning: they are never renamed.
pub const KEPT: &str = include_str!("pseudonyms.txt");

/// The words of a document that mean something to its platform: the values of some keys; where it is no JSON, all keys.
fn vocabulary(text: &str, kept: &mut BTreeSet<String>) {
    let mut add = |text: &str| {
        each_word(text, |word| {
            kept.insert(word.to_lowercase());
        });
    };
    if !text.trim_start().starts_with(['{', '[']) {
        for line in text.lines() {
            let bare = line.trim_start().trim_start_matches("- ");
            if let Some((key, _)) = bare
                .split_once([':', '='])
                .filter(|(key, _)| !key.contains([' ', '/', '"', '*', ',', '(']))
            {
                add(key);
            }
        }
        return;
    }
    // Keys of JSON stay as they are anyway.
    let mut platform = false;
    for token in tokens(text) {
        let Token::Text { inside, key } = token else {
            continue;
        };
        let said = decode(text.get(inside).unwrap_or_default()).0;
        if key {
            platform = PLATFORM.contains(&&*said);
        } else if platform {
            add(&said);
        }
    }
}

/// The words of a text: runs of letters and digits, `%2F` and the like between them.
fn each_word(text: &str, mut word: impl FnMut(&str)) {
    replace(text, |one| {
        word(one);
        None
    });
}

fn replace(text: &str, mut with: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if !word.is_empty() {
            match with(word) {
                Some(other) => out.push_str(&other),
                None => out.push_str(word),
            }
        }
        let escape = after
            .strip_prefix('%')
            .and_then(|hex| hex.get(..2))
            .is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let skip = if escape {
            3
        } else {
            after.chars().next().map_or(0, char::len_utf8)
        };
        let (between, next) = after.split_at(skip);
        out.push_str(between);
        rest = next;
    }
    out
}

/// A pseudonym in the case of the word that it stands for.
fn cased(word: &str, to: &str) -> String {
    let letters = || word.chars().filter(|one| one.is_alphabetic());
    if !letters().any(char::is_uppercase) {
        return to.to_owned();
    }
    if letters().all(char::is_uppercase) {
        return to.to_uppercase();
    }
    let upper: Vec<bool> = word.chars().map(char::is_uppercase).collect();
    let one = |(at, c): (usize, char)| {
        if upper.get(at).copied().unwrap_or(false) {
            c.to_ascii_uppercase()
        } else {
            c
        }
    };
    to.chars().enumerate().map(one).collect()
}

fn is_account(word: &str) -> bool {
    word.len() == 12 && word.bytes().all(|b| b.is_ascii_digit())
}

/// Ids that machines made: hexadecimal, or long and mixed of letters and digits.
fn is_id(word: &str) -> bool {
    let key = word.len() == 20 && (word.starts_with("akia") || word.starts_with("asia"));
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let hex = word.len() >= 4 && digits > 0 && word.bytes().all(|b| b.is_ascii_hexdigit());
    key || hex || (word.len() >= 16 && digits >= 3)
}

/// A pseudonym of three syllables for each word, in the words' order, and between the same words that stay.
fn codes(
    words: &BTreeSet<String>,
    stay: &BTreeSet<String>,
    taken: &BTreeSet<String>,
) -> BTreeMap<String, String> {
    let mut groups: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for word in words {
        let below = stay
            .range::<str, _>((
                std::ops::Bound::Unbounded,
                std::ops::Bound::Excluded(word.as_str()),
            ))
            .next_back()
            .map_or("", String::as_str);
        groups.entry(below).or_default().push(word);
    }
    let free = |number: usize, used: &BTreeSet<String>| {
        let code = code(number);
        !taken.contains(&code) && !used.contains(&code) && !code.starts_with("kube")
    };
    let mut used = BTreeSet::new();
    let mut all = BTreeMap::new();
    for (below, words) in groups {
        use std::ops::Bound::{Excluded, Unbounded};
        let above = stay.range::<str, _>((Excluded(below), Unbounded)).next();
        let from = first_behind(below);
        let to = above.map_or(CODES, |above| first_behind(above)).max(from);
        let step = ((to - from) / (words.len() + 1)).max(1);
        let mut number = from;
        for word in words {
            number += step;
            // Where the words that stay leave too little room between them, the order gives way.
            while number < CODES && !free(number, &used) {
                number += 1;
            }
            if number >= CODES {
                number = (0..CODES).find(|number| free(*number, &used)).unwrap_or(0);
            }
            used.insert(code(number));
            all.insert(word.clone(), code(number));
        }
    }
    all
}

const CONSONANTS: &[u8] = b"bcdfghjklmnpqrstvwxz";
const VOWELS: &[u8] = b"aeiou";
/// How many words of three syllables there are.
const CODES: usize = 1_000_000;

/// Words of three syllables, in alphabetical order.
fn code(number: usize) -> String {
    let mut left = number;
    let mut out: Vec<char> = Vec::with_capacity(6);
    for place in 0..6 {
        let row = if place % 2 == 0 { VOWELS } else { CONSONANTS };
        out.extend(row.get(left % row.len()).map(|one| char::from(*one)));
        left /= row.len();
    }
    out.iter().rev().collect()
}

/// The first of them that stands behind a word and does not begin with it.
fn first_behind(word: &str) -> usize {
    let (mut low, mut high) = (0, CODES);
    while low < high {
        let middle = (low + high) / 2;
        let one = code(middle);
        if one.as_str() <= word || (!word.is_empty() && one.starts_with(word)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// So many account ids in order.
fn numbers(count: usize, taken: &BTreeSet<String>) -> Vec<String> {
    let step = 900_000_000_000 / (count as u64 + 1);
    let mut number = 100_000_000_000_u64;
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        number += step;
        while taken.contains(&number.to_string()) {
            number += 1;
        }
        all.push(number.to_string());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Pseudonyms {
        let mut map = Pseudonyms {
            foursee_pseudonyms: 1,
            ..Pseudonyms::default()
        };
        map.add(
            &words.iter().map(|one| (*one).to_owned()).collect(),
            &BTreeSet::new(),
            &BTreeSet::new(),
        );
        map
    }

    #[test]
    fn what_matched_matches_and_what_was_in_order_is() {
        let words = ["circ", "circle", "circus", "shop", "shops", "web", "111122223333"];
        let map = of(&words);
        let to: Vec<String> = words.iter().map(|one| map.words(one)).collect();
        assert!(to[1].starts_with(&to[0]) && to[2].starts_with(&to[0]) && to[4].starts_with(&to[3]));
        assert!(!to[5].starts_with(&to[3]));
        assert!(to[..6].windows(2).all(|pair| pair[0] < pair[1]), "{to:?}");
        assert_eq!(to[6].len(), 12);
        let arn = "arn:aws:iam::111122223333:role/shop-*";
        assert_eq!(map.original(&map.words(arn)), arn);
        assert_eq!(
            map.words("%22shop%22 SHOP_X Shop"),
            format!(
                "%22{}%22 {}_X {}",
                to[3],
                to[3].to_uppercase(),
                cased("Shop", &to[3])
            )
        );
    }

    #[test]
    fn json_keeps_its_keys_and_stays_json() {
        let map = of(&["shop", "name", "pods"]);
        let text = r#"{"name":"shop","shop":1,"labels":{"shop":"a\n\u0073hop"},"x":{"a/shop":[]}}"#;
        let renamed: serde_json::Value = serde_json::from_str(&map.document(text)).unwrap();
        let shop = map.words("shop");
        assert_eq!(renamed["name"], *shop);
        assert_eq!(renamed["shop"], 1);
        assert_eq!(renamed["labels"][&shop], format!("a\n{shop}"));
        assert!(renamed["x"].get(format!("a/{shop}")).is_some());
    }

    #[test]
    fn a_map_that_is_used_again_keeps_its_words() {
        let mut map = of(&["shop", "web"]);
        let before = (map.words("shop"), map.words("web"));
        let mut again = Pseudonyms::read(&map.to_json()).unwrap();
        again.add(
            &["orders", "shop", "webs"]
                .iter()
                .map(|one| (*one).to_owned())
                .collect(),
            &BTreeSet::new(),
            &BTreeSet::new(),
        );
        assert_eq!((again.words("shop"), again.words("web")), before);
        assert!(again.words("webs").starts_with(&before.1));
        let all: BTreeSet<&String> = again.words.values().collect();
        assert_eq!(all.len(), 4);
        map.foursee_pseudonyms = 2;
        assert!(matches!(Pseudonyms::read(&map.to_json()), Err(NoMap::Version(2))));
    }
}
