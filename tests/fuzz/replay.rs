//! The kept corpus, run again, and a bounded number of mutations of it: what the fuzzers found once stays found.

use foursee_fuzz::{TARGETS, Target};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// How many mutations each target is given.
const MUTATIONS: usize = 300;

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(name)
}

fn kept(name: &str) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = fs::read_dir(corpus(name))
        .unwrap_or_else(|why| panic!("fuzz/corpus/{name}: {why}"))
        .map(|entry| {
            let path = entry.unwrap().path();
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read(&path).unwrap(),
            )
        })
        .collect();
    all.sort();
    all
}

/// A small generator of numbers, so that every run mutates alike.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides.max(1)
    }
}

fn mutate(mut data: Vec<u8>, other: &[u8], dice: &mut Dice) -> Vec<u8> {
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(data.len() + 1);
        let end = (at + 1 + dice.roll(16)).min(data.len());
        match dice.roll(6) {
            0 => data.insert(at, u8::try_from(dice.roll(256)).unwrap_or(0)),
            1 => data.truncate(at),
            2 => drop(data.drain(at.min(end)..end)),
            3 => {
                let from = dice.roll(other.len() + 1);
                let to = (from + dice.roll(64)).min(other.len());
                data.splice(at..at, other[from..to].iter().copied());
            }
            4 => {
                if let Some(byte) = data.get_mut(at) {
                    *byte ^= 1 << dice.roll(8);
                }
            }
            _ => {
                let again: Vec<u8> = data[at.min(end)..end].to_vec();
                data.splice(at..at, again);
            }
        }
    }
    data
}

fn replay((name, target): Target, only: std::ops::Range<usize>, failed: &mut Vec<String>) -> usize {
    let all = kept(name);
    assert!(!all.is_empty(), "fuzz/corpus/{name} is empty");
    let mut run = |what: String, data: &[u8]| {
        if catch_unwind(AssertUnwindSafe(|| target(data))).is_err() {
            let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
            failed.push(format!("{name}: {what}: {hex}"));
        }
    };
    for (file, data) in &all {
        run(file.clone(), data);
    }
    let mut dice = Dice(only.start as u64 + 1);
    for number in only {
        let (one, other) = (&all[dice.roll(all.len())].1, &all[dice.roll(all.len())].1);
        let data = mutate(one.clone(), other, &mut dice);
        run(format!("mutation {number}"), &data);
    }
    all.len()
}

#[test]
fn the_kept_corpus_and_mutations_of_it_pass() {
    let mut failed = Vec::new();
    let mut seen = 0;
    for target in TARGETS {
        seen += replay(target, 0..MUTATIONS, &mut failed);
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(seen >= TARGETS.len());
}

#[test]
fn every_target_has_its_file_and_corpus_and_no_other() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let stems = |folder: &str| {
        let mut all: Vec<String> = fs::read_dir(fuzz.join(folder))
            .unwrap()
            .map(|entry| {
                entry
                    .unwrap()
                    .path()
                    .file_stem()
                    .unwrap()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        all.sort();
        all
    };
    let mut names: Vec<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    names.sort();
    assert_eq!(stems("fuzz_targets"), names);
    assert_eq!(stems("corpus"), names);
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    for name in &names {
        assert!(
            manifest.contains(&format!("name = \"{name}\"")),
            "{name}: fuzz/Cargo.toml"
        );
    }
}

/// The corpus is small enough to keep: 2 MiB, and no file over 64 KiB.
#[test]
fn the_corpus_is_small() {
    let mut total = 0;
    for (name, _) in TARGETS {
        for (file, data) in kept(name) {
            assert!(data.len() <= 64 << 10, "{name}/{file}: {} bytes", data.len());
            total += data.len();
        }
    }
    assert!(total <= 2 << 20, "{total} bytes");
}
