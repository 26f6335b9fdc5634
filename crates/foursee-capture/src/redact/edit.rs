//! The edits of one document: which bytes go, and what stands in their place.

use super::json::{Token, decode, tokens};
use super::key::LinkKey;
use foursee_core::document::Held;
use foursee_core::secret::{self, Part, embedded, parts};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// How many secrets of a document are looked for elsewhere in it.
const MOST: usize = 500;

/// Replacements, in any order.
pub(super) struct Edits<'k> {
    key: &'k LinkKey,
    all: Vec<(Range<usize>, String)>,
    /// Secrets that were found, to be looked for elsewhere.
    known: BTreeSet<String>,
}

impl<'k> Edits<'k> {
    /// What has to go from a text: ranges to overwrite, what is known of them and others, and what is seen.
    pub(super) fn of(
        text: &str,
        redact: &[Range<u32>],
        held: &[(Range<u32>, Held)],
        key: &'k LinkKey,
    ) -> Self {
        let mut edits = Self {
            key,
            all: Vec::new(),
            known: BTreeSet::new(),
        };
        let ranges = Ranges::new(redact, held);
        if text.trim_start().starts_with(['{', '[']) {
            edits.json(text, &ranges);
        } else {
            edits.plain(text, &ranges);
        }
        edits.elsewhere(text, &ranges);
        edits
    }

    /// The text without what has to go.
    pub(super) fn apply(mut self, text: &str) -> String {
        self.all
            .sort_by(|a, b| (a.0.start, b.0.end).cmp(&(b.0.start, a.0.end)));
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (range, with) in &self.all {
            if range.end <= at {
                continue;
            }
            if range.start >= at {
                out.push_str(text.get(at..range.start).unwrap_or_default());
                out.push_str(with);
            }
            // One that begins within the last and ends behind it goes with it.
            at = range.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }

    fn mark(&mut self, range: Range<usize>, sort: &str, said: &str) {
        if sort != "value" && self.known.len() < MOST && telling(said) {
            self.known.insert(said.to_owned());
        }
        self.all.push((range, self.key.mark(sort, said.as_bytes())));
    }

    fn json(&mut self, text: &str, ranges: &Ranges<'_>) {
        let mut name = String::new();
        // Of pairs that name what they hold: {"name": "Authorization", "value": "..."}.
        let mut pair = String::new();
        for token in tokens(text) {
            match token {
                Token::Text { inside, key } => {
                    let raw = text.get(inside.clone()).unwrap_or_default();
                    if key {
                        name = decode(raw).0;
                        self.seen(inside, raw, None);
                    } else if matches!(&*name, "value" | "Value") {
                        self.string(inside, raw, &pair, ranges);
                    } else {
                        if matches!(&*name, "name" | "Name" | "key" | "Key") {
                            pair = decode(raw).0;
                        }
                        self.string(inside, raw, &name, ranges);
                    }
                }
                Token::Between(range) => self.between(text, range, ranges),
            }
        }
    }

    /// A string of JSON that is no key.
    fn string(&mut self, inside: Range<usize>, raw: &str, name: &str, ranges: &Ranges<'_>) {
        let mut free = true;
        for (range, held) in ranges.held_in(&inside) {
            let from = range.start - inside.start;
            let part = raw.get(from..range.end - inside.start).unwrap_or_default();
            let (said, map) = decode(part);
            free &= *held == Held::Open;
            let found = match held {
                Held::Setting(name) => setting(name, &said),
                Held::Base64 => {
                    self.all.push((range, self.base64(&said)));
                    continue;
                }
                _ => continue,
            };
            for one in found {
                let spot = |at: usize| range.start + map.get(at).copied().unwrap_or(part.len());
                let said = said.get(one.range.clone()).unwrap_or_default();
                self.mark(spot(one.range.start)..spot(one.range.end), one.sort, said);
            }
        }
        for range in ranges.rest_in(&inside) {
            let part = raw
                .get(range.start - inside.start..range.end - inside.start)
                .unwrap_or_default();
            if part.trim().is_empty() {
                continue;
            }
            let said = decode(part).0;
            if secret::Mark::read(&said).is_none() {
                // Not looked for elsewhere: of what is overwritten unseen, nobody knows whether it is telling.
                let sort = secret::secret(name, &said).map_or("secret", |one| one.sort);
                let mark = self.key.mark(sort, said.as_bytes());
                self.all.push((range.clone(), mark));
            }
            free &= range != inside;
        }
        if free {
            self.seen(inside, raw, Some(name));
        }
    }

    /// Secrets that are seen in a text of JSON, under the name of its key.
    fn seen(&mut self, inside: Range<usize>, raw: &str, name: Option<&str>) {
        if raw.len() < 4 {
            return;
        }
        let (said, map) = decode(raw);
        let whole = name.and_then(|name| secret_of(name, &said));
        if let Some(sort) = whole {
            // Not looked for elsewhere: only the key's name says that it is a secret.
            let mark = self.key.mark(sort, said.as_bytes());
            self.all.push((inside, mark));
            return;
        }
        let found = embedded(&said);
        for one in found {
            let spot = |at: usize| inside.start + map.get(at).copied().unwrap_or(raw.len());
            let text = said.get(one.range.clone()).unwrap_or_default();
            self.mark(spot(one.range.start)..spot(one.range.end), one.sort, text);
        }
    }

    /// Brackets, numbers and words of JSON. In a range, numbers become 0 and words that are not JSON's go.
    fn between(&mut self, text: &str, range: Range<usize>, ranges: &Ranges<'_>) {
        let segment = text.get(range.clone()).unwrap_or_default();
        if !segment
            .bytes()
            .any(|b| b.is_ascii_alphanumeric() || !b.is_ascii())
        {
            return;
        }
        let structural = |c: char| c.is_whitespace() || "{}[],:".contains(c);
        let mut at = range.start;
        for word in segment.split_inclusive(structural) {
            let bare = word.trim_end_matches(structural);
            let spot = at..at + bare.len();
            at += word.len();
            if bare.is_empty() || matches!(bare, "true" | "false" | "null") {
                continue;
            }
            let held = ranges.held_in(&spot).next();
            if let Some((_, held)) = held {
                if let Held::Setting(name) = held
                    && parts(name, bare).is_empty()
                {
                    continue;
                }
                if *held != Held::Open {
                    let mark = self.key.mark("value", bare.as_bytes());
                    self.all.push((spot, format!("\"{mark}\"")));
                }
            } else if let Some(hidden) = ranges.rest_in(&spot).next() {
                let with = if hidden == spot && ranges.is_one(&spot) {
                    format!("\"{}\"", self.key.mark("secret", bare.as_bytes()))
                } else if bare.parse::<f64>().is_ok() {
                    "0".to_owned()
                } else {
                    self.key.mark("secret", bare.as_bytes())
                };
                self.all.push((spot, with));
            }
        }
        if segment.contains(char::is_alphabetic) {
            self.lines(segment, range.start);
        }
    }

    fn plain(&mut self, text: &str, ranges: &Ranges<'_>) {
        let whole = 0..text.len();
        for (range, held) in ranges.held_in(&whole) {
            let said = text.get(range.clone()).unwrap_or_default();
            match held {
                Held::Setting(name) => {
                    for one in setting(name, said) {
                        self.pieces(
                            text,
                            range.start + one.range.start..range.start + one.range.end,
                            one.sort,
                        );
                    }
                }
                Held::Base64 => {
                    let mark = self.base64(said);
                    self.all.push((range, mark));
                }
                _ => {}
            }
        }
        for range in ranges.rest_in(&whole) {
            self.pieces(text, range, "secret");
        }
        self.lines(text, 0);
    }

    /// A range of a text that is not JSON, line by line: how YAML and properties are built stays.
    fn pieces(&mut self, text: &str, range: Range<usize>, sort: &str) {
        let said = text.get(range.clone()).unwrap_or_default();
        let mut at = range.start;
        for line in said.split_inclusive('\n') {
            let lead = line.len() - line.trim_start().len();
            let bare = line.trim().trim_end_matches('\\').trim_end();
            let mut from = at + lead;
            at += line.len();
            let quoted = ['"', '\'']
                .iter()
                .find_map(|quote| bare.strip_prefix(*quote)?.strip_suffix(*quote));
            let inner = quoted.unwrap_or(bare);
            from += usize::from(quoted.is_some());
            let spot = from..from + inner.len();
            if inner.trim_matches(['"', '\'', ' ']).is_empty()
                || is_block(inner)
                || secret::Mark::read(inner).is_some()
            {
                continue;
            }
            match inner.chars().next() {
                // Collections of YAML in one line: an empty one is of the same sort.
                Some('{') if quoted.is_none() && inner.ends_with('}') => {
                    self.all.push((spot, "{}".to_owned()))
                }
                Some('[') if quoted.is_none() && inner.ends_with(']') => {
                    self.all.push((spot, "[]".to_owned()))
                }
                // Of what is overwritten unseen, nobody knows whether it is telling.
                _ if sort == "secret" => {
                    let mark = self.key.mark(sort, inner.as_bytes());
                    self.all.push((spot, mark));
                }
                _ => self.mark(spot, sort, inner),
            }
        }
    }

    /// What is seen in the lines of a text.
    fn lines(&mut self, text: &str, base: usize) {
        let mut at = base;
        for line in text.split_inclusive('\n') {
            for one in embedded(line) {
                let said = line.get(one.range.clone()).unwrap_or_default();
                let range = at + one.range.start..at + one.range.end;
                let taken = self
                    .all
                    .iter()
                    .rev()
                    .take(64)
                    .any(|(other, _)| overlap(other, &range));
                if !taken {
                    self.mark(range, one.sort, said);
                }
            }
            at += line.len();
        }
    }

    /// The secrets that were found, wherever else they stand.
    fn elsewhere(&mut self, text: &str, ranges: &Ranges<'_>) {
        for secret in std::mem::take(&mut self.known) {
            for (at, _) in text.match_indices(&secret) {
                let range = at..at + secret.len();
                // What is left of a setting was looked at: a user of that name.
                if ranges.held_in(&range).any(|(_, held)| *held != Held::Open) {
                    continue;
                }
                self.all.push((range, self.key.mark("secret", secret.as_bytes())));
            }
        }
        // Where one of them stands alone, the first edit of a range says its sort: longer ones come first, then older.
        let mut number = 0_usize;
        let mut keyed: Vec<(Range<usize>, usize, String)> = Vec::with_capacity(self.all.len());
        for (range, with) in self.all.drain(..) {
            keyed.push((range, number, with));
            number += 1;
        }
        keyed.sort_by_key(|(range, number, _)| (range.start, usize::MAX - range.end, *number));
        self.all = keyed.into_iter().map(|(range, _, with)| (range, with)).collect();
    }

    /// The mark of what a text in Base64 says.
    fn base64(&self, text: &str) -> String {
        match unbase64(text) {
            Some(bytes) => self.key.mark("secret", &bytes),
            None => self.key.mark("secret", text.as_bytes()),
        }
    }
}

/// The parts of a setting's value. Where the whole entry `NAME=value` was meant, its name stays.
fn setting(name: &str, said: &str) -> Vec<Part> {
    let entry = said.strip_prefix(name).and_then(|rest| rest.strip_prefix('='));
    match entry.filter(|_| !name.is_empty()) {
        Some(value) => {
            let by = said.len() - value.len();
            let mut found = parts(name, value);
            for one in &mut found {
                one.range = one.range.start + by..one.range.end + by;
            }
            found
        }
        None => parts(name, said),
    }
}

/// What sort of secret a text under a key of JSON is, where all of it is one. Of `db.example/password` the last word
/// counts; a key of a condition (`token.example:aud`) names none.
fn secret_of(key: &str, said: &str) -> Option<&'static str> {
    if key.contains(':') || secret::Mark::read(said).is_some() || secret::access_key(said).is_some() {
        return None;
    }
    let last = key.rsplit(['.', '/']).next().unwrap_or(key);
    let last = if secret::is_secret_key(last) {
        "SECRET"
    } else {
        last
    };
    let one = secret::secret(last, said)?;
    (!one.sort.contains("in a ")).then_some(one.sort)
}

/// Whether a text is telling enough to be looked for elsewhere.
fn telling(said: &str) -> bool {
    said.len() >= 10
        && said.len() <= 4096
        && said.chars().any(char::is_alphabetic)
        && said.chars().any(|one| !one.is_alphabetic())
        && !said.starts_with("redacted:")
}

/// The beginning of a block of YAML: `|`, `>-`, `!!binary |`.
fn is_block(text: &str) -> bool {
    let last = text.rsplit(' ').next().unwrap_or(text);
    let tagged = text == last || text.starts_with('!') || text.starts_with('&');
    tagged
        && last.starts_with(['|', '>'])
        && last
            .chars()
            .skip(1)
            .all(|one| one.is_ascii_digit() || matches!(one, '+' | '-'))
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// Bytes that a text in Base64 stands for.
fn unbase64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.bytes().filter(|b| !b.is_ascii_whitespace() && *b != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    Some(out)
}

/// The ranges of a document, in order and without overlaps.
struct Ranges<'a> {
    held: Vec<(Range<usize>, &'a Held)>,
    /// What is to be overwritten and of which nothing more is known.
    rest: Vec<Range<usize>>,
    /// The ranges as they were asked for.
    asked: BTreeSet<(usize, usize)>,
}

impl<'a> Ranges<'a> {
    fn new(redact: &[Range<u32>], held: &'a [(Range<u32>, Held)]) -> Self {
        let wide = |range: &Range<u32>| range.start as usize..range.end as usize;
        let mut all: Vec<(Range<usize>, &Held)> =
            held.iter().map(|(range, held)| (wide(range), held)).collect();
        // What must go comes before what may stay, and the longer before the shorter.
        all.sort_by_key(|(range, held)| (rank(held), range.start, usize::MAX - range.end));
        let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
        let mut sorted: Vec<Range<usize>> = redact.iter().map(wide).collect();
        all.retain(|(range, held)| {
            let before = taken.range(..range.end).next_back();
            let free = before.is_none_or(|(_, end)| *end <= range.start) && range.end > range.start;
            if free {
                taken.insert(range.start, range.end);
            } else if **held != Held::Open {
                // Whatever of it stands beside the other goes whole.
                sorted.push(range.clone());
            }
            free
        });
        all.sort_by_key(|(range, _)| range.start);
        let known = all;
        let asked = redact
            .iter()
            .map(|range| (range.start as usize, range.end as usize))
            .collect();
        sorted.sort_by_key(|range| (range.start, range.end));
        let mut rest: Vec<Range<usize>> = Vec::new();
        let mut next = 0;
        let mut covered = 0;
        for range in sorted {
            let mut at = range.start.max(covered);
            covered = covered.max(range.end);
            while known.get(next).is_some_and(|(one, _)| one.end <= at) {
                next += 1;
            }
            for (one, _) in known
                .iter()
                .skip(next)
                .take_while(|(one, _)| one.start < range.end)
            {
                if one.start > at {
                    rest.push(at..one.start);
                }
                at = at.max(one.end);
            }
            if at < range.end {
                rest.push(at..range.end);
            }
        }
        Self {
            held: known,
            rest,
            asked,
        }
    }

    /// Whether exactly this was asked for.
    fn is_one(&self, range: &Range<usize>) -> bool {
        self.asked.contains(&(range.start, range.end))
    }

    fn held_in<'s>(
        &'s self,
        within: &Range<usize>,
    ) -> impl Iterator<Item = (Range<usize>, &'a Held)> + use<'a, 's> {
        let within = within.clone();
        let from = self.held.partition_point(|(range, _)| range.end <= within.start);
        let inside = self.held.get(from..).unwrap_or_default();
        inside
            .iter()
            .take_while({
                let end = within.end;
                move |(range, _)| range.start < end
            })
            .map(move |(range, held)| (range.start.max(within.start)..range.end.min(within.end), *held))
    }

    fn rest_in<'s>(&'s self, within: &Range<usize>) -> impl Iterator<Item = Range<usize>> + use<'a, 's> {
        let within = within.clone();
        let from = self.rest.partition_point(|range| range.end <= within.start);
        let inside = self.rest.get(from..).unwrap_or_default();
        inside
            .iter()
            .take_while({
                let end = within.end;
                move |range| range.start < end
            })
            .map(move |range| range.start.max(within.start)..range.end.min(within.end))
    }
}

fn rank(held: &Held) -> u8 {
    match held {
        Held::Base64 => 0,
        Held::Setting(_) => 1,
        _ => 2,
    }
}
