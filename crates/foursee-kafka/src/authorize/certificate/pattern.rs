//! Java's regular expressions, as far as they mean the same as the regex-lite crate's: letters, `.`, `^`, `$`, classes,
//! groups, alternatives, greedy and lazy repetition. Everything else (lookaround, references, flags, possessive
//! repetition, classes within classes, repetition of what may be empty) is refused, never approximated.
//!
//! Texts hold no end of a line and nothing beyond U+FFFF (`plain`), so `.` is any character and `$` the end.

use regex_lite::{Captures, Regex, RegexBuilder};
use std::iter::Peekable;
use std::str::Chars;

/// How deep groups may stand in each other.
const DEPTH: usize = 40;
/// The largest number of repetitions.
const TIMES: u32 = 1000;
const OTHER: &str = "a pattern that Java alone understands";
const WRONG: &str = "a pattern that Java refuses";

/// One pattern.
pub(super) struct Pattern {
    found: Regex,
    whole: Regex,
    start: Regex,
}

impl Pattern {
    /// Reads a pattern of Java's.
    pub(super) fn parse(java: &str) -> Result<Self, &'static str> {
        let mut reader = Reader {
            rest: java.chars().peekable(),
            out: String::new(),
        };
        reader.alternatives(0)?;
        if reader.rest.next().is_some() {
            return Err(WRONG);
        }
        let built = |text: &str| {
            RegexBuilder::new(text)
                .size_limit(1 << 20)
                .build()
                .map_err(|_| "a pattern that is too large")
        };
        Ok(Self {
            found: built(&reader.out)?,
            whole: built(&format!(r"\A(?:{})\z", reader.out))?,
            start: built(&format!(r"\A(?:{})", reader.out))?,
        })
    }

    /// How many groups it has.
    pub(super) fn groups(&self) -> usize {
        self.found.captures_len().saturating_sub(1)
    }

    /// Java's `matches`.
    pub(super) fn is_whole(&self, text: &str) -> bool {
        self.whole.is_match(text)
    }

    /// Java's `lookingAt`.
    pub(super) fn at_start<'a>(&self, text: &'a str) -> Option<Captures<'a>> {
        self.start.captures(text)
    }

    /// Java's `find`, again and again: an empty match may follow a match, as it may not with the crate's own iterator.
    pub(super) fn all<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Captures<'a>> + 'a {
        let mut from = Some(0);
        std::iter::from_fn(move || {
            let found = self.found.captures_at(text, from?)?;
            let all = found.get(0)?;
            from = if all.is_empty() {
                text.get(all.end()..)
                    .and_then(|rest| rest.chars().next())
                    .map(|one| all.end() + one.len_utf8())
            } else {
                Some(all.end())
            };
            Some(found)
        })
    }
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
}

impl Reader<'_> {
    /// `a|b`, up to the end or a `)`; whether it may match nothing.
    fn alternatives(&mut self, depth: usize) -> Result<bool, &'static str> {
        if depth > DEPTH {
            return Err("a pattern that is too deep");
        }
        let mut empty = false;
        loop {
            empty |= self.sequence(depth)?;
            if self.rest.next_if_eq(&'|').is_none() {
                return Ok(empty);
            }
            self.out.push('|');
        }
    }

    fn sequence(&mut self, depth: usize) -> Result<bool, &'static str> {
        let mut empty = true;
        while let Some(one) = self.rest.next_if(|one| !matches!(one, '|' | ')')) {
            let (nothing, repeats) = self.item(one, depth)?;
            empty &= self.repeated(nothing, repeats)?;
        }
        Ok(empty)
    }

    /// One item: whether it may match nothing, and whether it may be repeated.
    fn item(&mut self, one: char, depth: usize) -> Result<(bool, bool), &'static str> {
        match one {
            '^' => self.out.push_str(r"\A"),
            '$' => self.out.push_str(r"\z"),
            '(' => {
                self.out.push('(');
                if self.rest.next_if_eq(&'?').is_some() {
                    self.rest.next_if_eq(&':').ok_or(OTHER)?;
                    self.out.push_str("?:");
                }
                let nothing = self.alternatives(depth + 1)?;
                self.rest.next_if_eq(&')').ok_or(WRONG)?;
                self.out.push(')');
                return Ok((nothing, true));
            }
            '.' => {
                self.out.push_str("(?s:.)");
                return Ok((false, true));
            }
            '[' => {
                self.class()?;
                return Ok((false, true));
            }
            '\\' => {
                match self.escaped()? {
                    Member::Letter(letter) => self.letter(letter),
                    Member::Class(ranges) => self.out.push_str(&format!("[{ranges}]")),
                }
                return Ok((false, true));
            }
            '*' | '+' | '?' | '{' => return Err(WRONG),
            letter => {
                self.letter(letter);
                return Ok((false, true));
            }
        }
        Ok((true, false))
    }

    fn letter(&mut self, letter: char) {
        self.out.push_str(&format!(r"\x{{{:x}}}", u32::from(letter)));
    }

    /// What repeats the item before it; whether both may match nothing.
    fn repeated(&mut self, nothing: bool, repeats: bool) -> Result<bool, &'static str> {
        let (least, most) = match self.rest.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                self.rest.next();
                let (least, most) = self.bounds()?;
                return self.written(least, most, nothing, repeats);
            }
            _ => return Ok(nothing),
        };
        self.rest.next();
        self.written(least, most, nothing, repeats)
    }

    fn bounds(&mut self) -> Result<(u32, Option<u32>), &'static str> {
        let least = self.number()?.ok_or(WRONG)?;
        let most = if self.rest.next_if_eq(&',').is_some() {
            self.number()?
        } else {
            Some(least)
        };
        self.rest.next_if_eq(&'}').ok_or(WRONG)?;
        if most.is_some_and(|most| most < least) {
            return Err(WRONG);
        }
        Ok((least, most))
    }

    fn number(&mut self) -> Result<Option<u32>, &'static str> {
        let mut number = None;
        while let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
            let next = number.unwrap_or(0) * 10 + digit.to_digit(10).unwrap_or(0);
            if next > TIMES {
                return Err("a pattern that is too large");
            }
            number = Some(next);
        }
        Ok(number)
    }

    fn written(
        &mut self,
        least: u32,
        most: Option<u32>,
        nothing: bool,
        repeats: bool,
    ) -> Result<bool, &'static str> {
        if !repeats || nothing && most != Some(1) {
            return Err(OTHER);
        }
        let most = most.map_or(String::new(), |most| most.to_string());
        self.out.push_str(&format!("{{{least},{most}}}"));
        if self.rest.next_if_eq(&'?').is_some() {
            self.out.push('?');
        }
        if matches!(self.rest.peek(), Some('*' | '+' | '?' | '{')) {
            return Err(OTHER);
        }
        Ok(nothing || least == 0)
    }

    /// `[...]`, without classes within it.
    fn class(&mut self) -> Result<(), &'static str> {
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let one = self.rest.next().ok_or(WRONG)?;
            let member = match one {
                ']' if !first => break,
                ']' | '[' | '&' | '^' => return Err(OTHER),
                '-' if !first && self.rest.peek() != Some(&']') => return Err(OTHER),
                '\\' => self.escaped()?,
                letter => Member::Letter(letter),
            };
            first = false;
            let low = match member {
                Member::Class(ranges) => {
                    self.out.push_str(ranges);
                    continue;
                }
                Member::Letter(letter) => letter,
            };
            self.letter(low);
            if one == '-' || self.rest.peek() != Some(&'-') {
                continue;
            }
            self.rest.next();
            match self.rest.next().ok_or(WRONG)? {
                ']' => {
                    self.letter('-');
                    break;
                }
                '[' | '&' | '^' | '-' | '\\' => return Err(OTHER),
                high if high < low => return Err(WRONG),
                high => {
                    self.out.push('-');
                    self.letter(high);
                }
            }
        }
        self.out.push(']');
        Ok(())
    }

    /// What follows a backslash.
    fn escaped(&mut self) -> Result<Member, &'static str> {
        Ok(match self.rest.next().ok_or(WRONG)? {
            'd' => Member::Class("0-9"),
            'D' => Member::Class(r"\x{0}-/:-\x{10ffff}"),
            'w' => Member::Class("0-9A-Z_a-z"),
            'W' => Member::Class(r"\x{0}-/:-@\x{5b}-\x{5e}`\x{7b}-\x{10ffff}"),
            's' => Member::Class(r"\x{9}-\x{d}\x{20}"),
            'S' => Member::Class(r"\x{0}-\x{8}\x{e}-\x{1f}!-\x{10ffff}"),
            letter if letter.is_ascii_punctuation() || letter == ' ' => Member::Letter(letter),
            _ => return Err(OTHER),
        })
    }
}

enum Member {
    Letter(char),
    /// Its ranges, without the brackets: regex-lite has no classes within classes.
    Class(&'static str),
}
