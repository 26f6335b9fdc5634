//! The doors: files and archives, and the texts that people write or keep: foursee.toml, baselines, manifests, settings.

use crate::Choices;
use foursee::core::connection::connections;
use foursee::core::document::{Head, json_texts};
use foursee_capture::{Limits, manifest::Manifest, read, split};
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A file that goes when this does.
struct Scratch(PathBuf);

impl Scratch {
    fn new(bytes: &[u8]) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("foursee-fuzz-{}-{number}", std::process::id()));
        fs::write(&path, bytes).expect("the folder for temporary files takes one");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// One file of any sort: text of any encoding, or an archive in archives.
pub fn reading(data: &[u8]) {
    let file = Scratch::new(data);
    let mut limits = Limits::default();
    limits.total = 4 << 20;
    limits.document = 1 << 20;
    limits.entries = 200;
    let reading = read(std::slice::from_ref(&file.0), &limits, &mut |_| {});
    assert_eq!(reading.missing.len(), usize::from(reading.inputs.is_empty()));
    assert!(
        reading.missing.is_empty() || !reading.gaps.is_empty(),
        "nothing was read, and nothing says so"
    );
    let mut total = 0;
    for input in &reading.inputs {
        assert!(
            !input.name.is_empty() && !input.name.starts_with('/'),
            "{:?}",
            input.name
        );
        assert!(input.name.split('/').all(|part| part != ".."), "{:?}", input.name);
        assert!(input.text.len() as u64 <= limits.document);
        total += input.text.len() as u64;
    }
    // UTF-16 grows by half at most.
    assert!(total <= 2 * limits.total, "{total} bytes");
    assert!(reading.inputs.len() as u64 <= limits.entries + 1);
}

/// What people write or keep, as text; the first byte says which.
pub fn settings(data: &[u8]) {
    let [which, rest @ ..] = data else { return };
    let text = String::from_utf8_lossy(rest);
    match which % 6 {
        0 => match foursee::config::parse(&text, &["aws", "kubernetes", "container", "postgres", "kafka"]) {
            Ok(policy) => {
                let _ = policy.target(
                    Some("production"),
                    "aws",
                    Some("arn:aws:iam::111122223333:role/x"),
                );
            }
            Err(why) => assert!(!why.to_string().is_empty()),
        },
        1 => match foursee::report::json::baseline(&text) {
            Ok(baseline) => drop(baseline),
            Err(why) => assert!(!why.to_string().is_empty()),
        },
        2 => match Manifest::read(&text) {
            Ok(manifest) => {
                let again = serde_json::to_string(&manifest).expect("it is JSON");
                assert_eq!(Manifest::read(&again).expect("what it wrote"), manifest);
                manifest.gaps.iter().for_each(|gap| drop(gap.to_gap()));
            }
            Err(why) => assert!(!why.to_string().is_empty()),
        },
        3 => {
            let blank = |one: &char| !one.is_whitespace() && *one != '\u{feff}';
            let parts = split(&text);
            let joined: String = parts.concat().chars().filter(blank).collect();
            assert_eq!(
                joined,
                text.chars().filter(blank).collect::<String>(),
                "split loses nothing but blanks"
            );
        }
        4 => {
            let joined: String = json_texts(&text)
                .flat_map(str::chars)
                .filter(|one| !one.is_whitespace())
                .collect();
            assert_eq!(
                joined,
                text.chars()
                    .filter(|one| !one.is_whitespace())
                    .collect::<String>()
            );
            let head = Head::new("x", &text);
            let kept: usize = head.scalars().map(|(at, value)| at.len() + value.len()).sum();
            assert!(
                kept <= 64 * (1 + text.len()),
                "a head of {kept} bytes over {}",
                text.len()
            );
        }
        _ => {
            let mut choices = Choices::new(rest);
            let pairs: Vec<(String, String)> = (0..choices.below(8))
                .map(|_| (choices.text(20), choices.text(80)))
                .collect();
            let given: Vec<(&str, &str)> = pairs
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let (found, missed) = connections(&given);
            assert!(found.iter().all(|one| one.setting < given.len()));
            // Why a setting is none says its name, and never a part of its value.
            for why in &missed {
                let named = |name: &str| {
                    let name: String = name.chars().filter(|one| !one.is_control()).take(120).collect();
                    why.starts_with(&format!("{name}: "))
                };
                assert!(given.iter().any(|(name, _)| named(name)), "{why:?}");
            }
        }
    }
}
