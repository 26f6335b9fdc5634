//! What reading gives, line by line of the crate's documentation, on real folders and on archives made here.

mod archives;
mod captures;
mod folders;
mod hostile;
mod packed;

use crate::{Input, Limits, Reading, read};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of its own for each test, removed when the test ends.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("foursee-capture-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(fs::canonicalize(path).unwrap())
    }

    pub(crate) fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() {
            self.0.clone()
        } else {
            self.0.join(name)
        }
    }

    /// Reads files or folders below it; "" is itself.
    fn read(&self, names: &[&str], limits: &Limits) -> Reading {
        let paths: Vec<PathBuf> = names.iter().map(|name| self.path(name)).collect();
        read(&paths, limits, &mut |_| {})
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Reads one file of that content.
fn read_file(name: &str, content: impl AsRef<[u8]>, limits: &Limits) -> Reading {
    Folder::new().with(name, content).read(&[name], limits)
}

pub(crate) fn texts(reading: &Reading) -> Vec<(&str, &str)> {
    reading
        .inputs
        .iter()
        .map(|Input { name, text, .. }| (name.as_str(), text.as_str()))
        .collect()
}

fn names(reading: &Reading) -> Vec<&str> {
    reading.inputs.iter().map(|input| input.name.as_str()).collect()
}

/// The gaps as lines: reason, target, facet. Every gap also says what it hides and what would close it.
pub(crate) fn gaps(reading: &Reading) -> Vec<String> {
    let line = |gap: &foursee_core::model::Gap| {
        assert!(!gap.hides.is_empty() && !gap.closes.is_empty(), "{gap:?}");
        format!("{}: {}: {}", gap.reason.as_str(), gap.target, gap.facet)
    };
    reading.gaps.iter().map(line).collect()
}

fn gzip(content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(content.as_ref()).unwrap();
    packer.finish().unwrap()
}

/// A zstd file of raw blocks, without a checksum.
fn zstd(content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
    for block in content.as_ref().chunks(100_000) {
        out.extend(&(u32::try_from(block.len()).unwrap() << 3).to_le_bytes()[..3]);
        out.extend(block);
    }
    out.extend([1, 0, 0]);
    out
}

fn tar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tape = tar::Builder::new(Vec::new());
    for (name, content) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tape.append_data(&mut header, name, *content).unwrap();
    }
    tape.into_inner().unwrap()
}

/// A header of any name and type, as hostile as it likes.
fn header(name: &str, kind: tar::EntryType, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_cksum();
    header
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .map(|one| u8::try_from(one.to_digit(16).unwrap()).unwrap())
        .collect();
    digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect()
}

#[test]
fn errors_say_what_is_wrong_what_it_hides_and_what_to_do() {
    let reading = read(
        &[Path::new("/no/such/path").to_owned()],
        &Limits::default(),
        &mut |_| {},
    );
    assert_eq!(
        gaps(&reading),
        ["not-captured: /no/such/path: there is no such file or folder"]
    );
    assert_eq!(reading.missing, [Path::new("/no/such/path")]);
    assert_eq!(reading.gaps[0].closes, "correct the path, or make the export");
}
