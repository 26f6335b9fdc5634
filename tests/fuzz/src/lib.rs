//! What the fuzzers run: one function a target, over bytes.
//!
//! A target panics where something is wrong, and does nothing else. `fuzz/` gives each to libFuzzer; `replay.rs` runs all
//! over the kept corpus (`fuzz/corpus`) and over a bounded number of mutations of it, in the ordinary test command.

mod documents;
mod doors;
mod edits;
mod matchers;
mod questions;
mod usage;
mod walks;
mod worlds;
mod written;

/// A target's name, which is its folder's in the corpus, and its function.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 19] = [
    ("aws", documents::aws),
    ("kubernetes", documents::kubernetes),
    ("container", documents::container),
    ("postgres", documents::postgres),
    ("kafka", documents::kafka),
    ("edits", edits::edits),
    ("names", written::names),
    ("secrets", written::secrets),
    ("questions", questions::questions),
    ("globs", matchers::globs),
    ("hosts", matchers::hosts),
    ("aclitem", matchers::aclitem),
    ("iam", worlds::iam),
    ("rbac", worlds::rbac),
    ("acls", worlds::acls),
    ("walks", walks::walks),
    ("reading", doors::reading),
    ("settings", doors::settings),
    ("usage", usage::usage),
];

/// The target of that name.
///
/// # Panics
/// Where there is none.
#[must_use]
pub fn target(name: &str) -> fn(&[u8]) {
    let found = TARGETS.iter().find(|(one, _)| *one == name);
    found.unwrap_or_else(|| panic!("no target is called {name}")).1
}

/// Choices, made by the fuzzer's bytes. Where they end, every choice is the first one.
pub(crate) struct Choices<'a>(arbitrary::Unstructured<'a>);

impl<'a> Choices<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self(arbitrary::Unstructured::new(data))
    }

    /// A number below that one.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0.int_in_range(0..=limit.max(1) - 1).unwrap_or(0)
    }

    /// One of these.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Whether; once in `times`.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        !self.0.is_empty() && self.below(times) == 0
    }

    /// A short text: of these letters, or any.
    pub(crate) fn word(&mut self, letters: &[char], longest: usize) -> String {
        let len = self.below(longest + 1);
        (0..len).map(|_| self.pick(letters)).collect()
    }

    /// Whatever text comes, up to so many bytes.
    pub(crate) fn text(&mut self, longest: usize) -> String {
        let len = self.below(longest + 1).min(self.0.len());
        String::from_utf8_lossy(self.0.bytes(len).unwrap_or_default()).into_owned()
    }

    /// All that is left.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.0.take_rest()
    }
}
