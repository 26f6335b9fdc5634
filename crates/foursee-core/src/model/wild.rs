//! Wildcards over long texts, without going back: what attackers choose must not cost more than it is long.

use std::collections::HashMap;

/// One character of a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wild {
    /// That character.
    Char(char),
    /// Any one character.
    One,
    /// Any text.
    Any,
}

impl From<char> for Wild {
    fn from(one: char) -> Self {
        match one {
            '*' => Self::Any,
            '?' => Self::One,
            other => Self::Char(other),
        }
    }
}

impl Wild {
    fn takes(self, one: char) -> bool {
        match self {
            Self::Char(own) => own == one,
            Self::One | Self::Any => true,
        }
    }
}

/// Whether the name matches the pattern. The parts between two [`Wild::Any`] are looked for one after the other, each
/// in time linear in what it passes over; one with a [`Wild::One`] in it, in its length by 64 for each character.
#[must_use]
pub fn wild(pattern: &[Wild], name: &[char]) -> bool {
    let mut parts = pattern.split(|one| *one == Wild::Any);
    let first = parts.next().unwrap_or_default();
    let fits = |part: &[Wild], there: &[char]| part.iter().zip(there).all(|(want, one)| want.takes(*one));
    let Some((head, mut rest)) = name.split_at_checked(first.len()) else {
        return false;
    };
    if !fits(first, head) {
        return false;
    }
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    let Some((middle, tail)) = rest
        .len()
        .checked_sub(last.len())
        .and_then(|at| rest.split_at_checked(at))
    else {
        return false;
    };
    if !fits(last, tail) {
        return false;
    }
    rest = middle;
    for part in parts.filter(|part| !part.is_empty()) {
        let end = if part.contains(&Wild::One) {
            shift_and(part, rest)
        } else {
            knuth_morris_pratt(part, rest)
        };
        let Some(behind) = end.and_then(|end| rest.get(end..)) else {
            return false;
        };
        rest = behind;
    }
    true
}

/// Where the first occurrence of a part without [`Wild::One`] ends.
fn knuth_morris_pratt(part: &[Wild], name: &[char]) -> Option<usize> {
    // For each length matched: how much of it still is when the next character does not fit.
    let mut falls = vec![0_usize; part.len()];
    let step = |falls: &[usize], mut matched: usize, fits: &dyn Fn(&Wild) -> bool| {
        loop {
            if part.get(matched).is_some_and(fits) {
                return matched + 1;
            }
            if matched == 0 {
                return 0;
            }
            matched = falls.get(matched - 1).copied().unwrap_or(0);
        }
    };
    let mut matched = 0;
    for (at, one) in part.iter().enumerate().skip(1) {
        matched = step(&falls, matched, &|want| want == one);
        if let Some(slot) = falls.get_mut(at) {
            *slot = matched;
        }
    }
    matched = 0;
    for (at, one) in name.iter().enumerate() {
        matched = step(&falls, matched, &|want| want.takes(*one));
        if matched == part.len() {
            return Some(at + 1);
        }
    }
    None
}

/// Where the first occurrence of a part ends: bit `i` says that its first `i + 1` characters end here.
fn shift_and(part: &[Wild], name: &[char]) -> Option<usize> {
    let words = part.len().div_ceil(64);
    let mut free = vec![0_u64; words];
    let mut taken: HashMap<char, Vec<u64>> = HashMap::new();
    for (at, one) in part.iter().enumerate() {
        let row = match one {
            Wild::Char(own) => taken.entry(*own).or_insert_with(|| vec![0; words]),
            Wild::One | Wild::Any => &mut free,
        };
        if let Some(word) = row.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }
    let last = part.len().checked_sub(1)?;
    let none = vec![0; words];
    let mut state = vec![0_u64; words];
    for (at, one) in name.iter().enumerate() {
        let own = taken.get(one).unwrap_or(&none);
        let mut carry = 1;
        for ((word, own), free) in state.iter_mut().zip(own).zip(&free) {
            let out = *word >> 63;
            *word = (*word << 1 | carry) & (own | free);
            carry = out;
        }
        if state.last().is_some_and(|word| word >> (last % 64) & 1 == 1) {
            return Some(at + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::glob;

    fn of(pattern: &str, name: &str) -> bool {
        let pattern: Vec<Wild> = pattern.chars().map(Wild::from).collect();
        wild(&pattern, &name.chars().collect::<Vec<char>>())
    }

    #[test]
    fn it_matches_as_a_glob_does() {
        let mut seed = 1_u64;
        let mut word = |letters: &[char], most: u64| -> String {
            let mut roll = |sides: u64| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (seed >> 33) % sides
            };
            (0..roll(most))
                .map(|_| letters[usize::try_from(roll(letters.len() as u64)).unwrap()])
                .collect()
        };
        let mut matched = 0;
        for _ in 0..20_000 {
            let (pattern, name) = (word(&['a', 'b', '*', '?'], 9), word(&['a', 'b', 'é'], 14));
            // Short ones never run out of patience.
            assert_eq!(of(&pattern, &name), glob(&pattern, &name), "{pattern} {name}");
            matched += usize::from(of(&pattern, &name));
        }
        assert!(matched > 1_000, "{matched}");
    }

    #[test]
    fn long_texts_are_matched_without_going_back() {
        // By their product, each of these would take 10^10 steps and more.
        let many = "a".repeat(200_000);
        for (pattern, want) in [
            (format!("*{}b*", "a".repeat(100_000)), false),
            (format!("*{}*", "a".repeat(100_000)), true),
            ("*a".repeat(50_000) + "b", false),
            ("*a".repeat(50_000) + "*", true),
            (format!("*{}b", "a*".repeat(50_000)), false),
            (format!("a*{}ab*", "?a".repeat(500)), false),
        ] {
            assert_eq!(glob(&pattern, &many), want, "{:.20}", pattern);
        }
        let wide = format!("{}b", "a".repeat(200));
        assert!(glob(&format!("*{}b", "?".repeat(130)), &wide));
        assert!(!glob(&format!("*{}b", "?".repeat(201)), &wide));
    }
}
