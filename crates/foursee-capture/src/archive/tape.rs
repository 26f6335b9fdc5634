//! Tar, read as a stream of blocks: old, ustar, pax and GNU archives. Links, devices, absolute and climbing names are
//! named and passed over; nothing is unpacked to anywhere.

use super::gaps;
use crate::digest::Digested;
use crate::read::{At, Broken, Reader};
use crate::walk;
use std::borrow::Cow;
use std::io::{self, Read};
use tar::{EntryType, Header, PaxExtensions};

const BLOCK: u64 = 512;
/// The longest pax header, and the longest name.
const LONGEST_HEADER: u64 = 1 << 20;
const LONGEST_NAME: u64 = 64 << 10;

/// What headers before an entry say of it.
#[derive(Default)]
struct Ahead {
    path: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

/// A tar archive being read.
struct Tape<'a> {
    source: &'a mut dyn Read,
    /// How many bytes were read.
    at: u64,
}

/// One entry's content: it ends where the header said, and not earlier without an error.
struct Content<'a, 'b> {
    tape: &'a mut Tape<'b>,
    left: u64,
    /// The archive ended within it.
    cut: bool,
}

impl Read for Content<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buf.len());
        if most == 0 {
            return Ok(0);
        }
        let got = self.tape.source.read(buf.get_mut(..most).unwrap_or_default())?;
        self.tape.at += got as u64;
        self.left -= got as u64;
        if got == 0 {
            self.cut = true;
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(got)
    }
}

/// How a step of the tape ended.
enum Step {
    /// It goes on.
    On,
    /// The archive ended where it should not, in that entry if it was in one.
    Cut(Option<String>),
    /// The archive cannot be read on, and why.
    Damaged(String),
}

impl Tape<'_> {
    /// Fills a buffer as far as the archive goes.
    fn fill(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while let Some(rest) = buf.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.source.read(rest) {
                Ok(0) => break,
                Ok(got) => filled += got,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.at += filled as u64;
        Ok(filled)
    }

    /// Passes over bytes.
    fn skip(&mut self, bytes: u64) -> io::Result<Step> {
        let passed = io::copy(&mut (&mut *self.source).take(bytes), &mut io::sink())?;
        self.at += passed;
        Ok(if passed < bytes { Step::Cut(None) } else { Step::On })
    }

    /// The content of a header that speaks of the next entry.
    fn header_text(&mut self, size: u64) -> io::Result<Option<Vec<u8>>> {
        let mut text = Vec::new();
        let got = (&mut *self.source).take(size).read_to_end(&mut text)? as u64;
        self.at += got;
        if got < size {
            return Ok(None);
        }
        Ok(matches!(self.skip(padding(size))?, Step::On).then_some(text))
    }
}

/// The bytes that fill the last block of an entry.
const fn padding(size: u64) -> u64 {
    (BLOCK - size % BLOCK) % BLOCK
}

/// Whether a block is a tar header: its checksum is right, counted unsigned as POSIX says or signed as some old tars did.
pub(crate) fn is_header(block: &[u8; 512]) -> bool {
    let mut header = Header::new_old();
    header.as_mut_bytes().copy_from_slice(block);
    let Ok(said) = header.cksum() else { return false };
    let blank = |at: usize, byte: u8| if (148..156).contains(&at) { b' ' } else { byte };
    let bytes = || block.iter().enumerate().map(|(at, byte)| blank(at, *byte));
    let unsigned: u32 = bytes().map(u32::from).sum();
    let signed: i64 = bytes().map(|byte| i64::from(byte.cast_signed())).sum();
    said != 0 && (said == unsigned || i64::from(said) == signed)
}

impl Reader<'_> {
    /// Reads every entry of an archive. `Err` where its source breaks; what is wrong with the archive itself is a gap.
    pub(crate) fn tape(&mut self, at: &At, source: &mut dyn Read) -> Result<(), Broken> {
        let mut tape = Tape { source, at: 0 };
        let mut ahead = Ahead::default();
        let mut ended = false;
        loop {
            let offset = tape.at;
            let mut block = [0; BLOCK as usize];
            match tape.fill(&mut block)? {
                0 if ended => return Ok(()),
                512 => {}
                _ => {
                    // Blocks of nothing fill up an archive's last record, which a copy may have shortened.
                    if !(ended && block.iter().all(|byte| *byte == 0)) {
                        self.gap(at, gaps::tar_cut(&at.name, None, tape.at));
                    }
                    return Ok(());
                }
            }
            if block.iter().all(|byte| *byte == 0) {
                ended = true;
                continue;
            }
            if !is_header(&block) {
                let why = if ended {
                    "what follows its end is no entry"
                } else {
                    "no entry begins there"
                };
                self.gap(at, gaps::tar_malformed(&at.name, offset, why));
                return Ok(());
            }
            ended = false;
            self.budget.entry()?;
            match self.entry(at, &mut tape, &block, &mut ahead)? {
                Step::On => {}
                Step::Cut(entry) => {
                    self.gap(at, gaps::tar_cut(&at.name, entry.as_deref(), tape.at));
                    return Ok(());
                }
                Step::Damaged(why) => {
                    self.gap(at, gaps::tar_malformed(&at.name, offset, &why));
                    return Ok(());
                }
            }
        }
    }

    /// Reads one header and what it announces.
    fn entry(
        &mut self,
        at: &At,
        tape: &mut Tape<'_>,
        block: &[u8; BLOCK as usize],
        ahead: &mut Ahead,
    ) -> Result<Step, Broken> {
        let mut header = Header::new_old();
        header.as_mut_bytes().copy_from_slice(block);
        let kind = header.entry_type();
        let Ok(said) = header.entry_size() else {
            return Ok(damaged("a header's size is no number"));
        };
        if kind.is_gnu_longname() || kind.is_gnu_longlink() || kind.is_pax_local_extensions() {
            let most = if kind.is_pax_local_extensions() {
                LONGEST_HEADER
            } else {
                LONGEST_NAME
            };
            if said > most {
                return Ok(damaged(&format!(
                    "an extended header of {said} bytes, where {most} are read"
                )));
            }
            let Some(text) = tape.header_text(said)? else {
                return Ok(Step::Cut(None));
            };
            if kind.is_gnu_longname() {
                ahead.path = Some(text.split(|byte| *byte == 0).next().unwrap_or_default().to_vec());
            } else if kind.is_pax_local_extensions() && !ahead.read_pax(&text) {
                return Ok(damaged("an extended header is no list of records"));
            }
            return Ok(Step::On);
        }
        let ahead = std::mem::take(ahead);
        // POSIX: whatever the size of these says, no content follows.
        let header_only = matches!(
            kind,
            EntryType::Link
                | EntryType::Symlink
                | EntryType::Char
                | EntryType::Block
                | EntryType::Directory
                | EntryType::Fifo
        );
        let size = if header_only {
            0
        } else {
            ahead.size.unwrap_or(said)
        };
        let Some(whole) = size.checked_add(padding(size)) else {
            return Ok(damaged("a header's size is no size"));
        };
        let path = ahead
            .path
            .as_deref()
            .map_or_else(|| header.path_bytes(), Cow::Borrowed);
        let path = String::from_utf8_lossy(&path);
        if kind.is_pax_global_extensions() || kind.as_byte() == b'V' || kind.is_dir() {
            return Ok(tape.skip(whole)?);
        }
        let shown = at.below(path.trim_start_matches('/'));
        if kind.is_gnu_sparse() || ahead.sparse {
            self.gap(
                at,
                gaps::tar_entry(&shown, "sparse entry", "a sparse entry, which is not read".into()),
            );
            let mut more = kind.is_gnu_sparse() && block.get(482).is_some_and(|byte| *byte != 0);
            while more {
                let mut next = [0; BLOCK as usize];
                if tape.fill(&mut next)? < next.len() {
                    return Ok(Step::Cut(None));
                }
                more = next.get(504).is_some_and(|byte| *byte != 0);
            }
            return Ok(tape.skip(whole)?);
        }
        let regular = kind.is_file() || kind.is_contiguous();
        let name = match clean(&path) {
            _ if !regular => {
                let target = header.link_name_bytes().unwrap_or_default();
                let (sort, facet) = other_entry(kind, &target);
                self.gap(at, gaps::tar_entry(&shown, sort, facet));
                return Ok(tape.skip(whole)?);
            }
            Err(why) => {
                self.gap(
                    at,
                    gaps::tar_entry(&at.below(&path), why, format!("{why}, which is not followed")),
                );
                return Ok(tape.skip(whole)?);
            }
            // Archives before POSIX name folders so.
            Ok(name) if name.is_empty() || path.ends_with('/') => {
                if size > 0 {
                    let facet = "an entry without a file name, which is not read".to_owned();
                    self.gap(at, gaps::tar_entry(&shown, "entry without a name", facet));
                }
                return Ok(tape.skip(whole)?);
            }
            Ok(name) if walk::passed_over(&name) => return Ok(tape.skip(whole)?),
            Ok(name) => name,
        };
        let child = at.child(&name);
        self.found(&child, size);
        let mut content = Content {
            tape,
            left: size,
            cut: false,
        };
        // The manifest may stand behind what it lists.
        let mut digested = Digested::new(&mut content);
        let read = self.stream(&child, &mut digested, Some(size));
        if read.is_ok() && self.budget.stopped().is_none() {
            let digest = digested.finish(size);
            self.digest(&child, digest);
        }
        let (left, cut) = (content.left, content.cut);
        if cut {
            return Ok(Step::Cut(Some(child.name)));
        }
        read?;
        Ok(tape.skip(left + padding(size))?)
    }
}

fn damaged(why: &str) -> Step {
    Step::Damaged(why.to_owned())
}

impl Ahead {
    /// Takes what matters from the records of a pax header. False where they are no records.
    fn read_pax(&mut self, text: &[u8]) -> bool {
        for record in PaxExtensions::new(text) {
            let Ok(record) = record else { return false };
            match record.key_bytes() {
                b"path" => self.path = Some(record.value_bytes().to_vec()),
                b"size" => {
                    let Some(size) = record.value().ok().and_then(|value| value.parse().ok()) else {
                        return false;
                    };
                    self.size = Some(size);
                }
                b"GNU.sparse.name" => {
                    self.path = Some(record.value_bytes().to_vec());
                    self.sparse = true;
                }
                key if key.starts_with(b"GNU.sparse.") => self.sparse = true,
                _ => {}
            }
        }
        true
    }
}

/// A name without its empty and `.` parts, or why it cannot stand below the archive.
fn clean(path: &str) -> Result<String, &'static str> {
    if path.starts_with(['/', '\\']) || path.get(1..3).is_some_and(|drive| matches!(drive, ":/" | ":\\")) {
        return Err("an absolute name");
    }
    if path.split(['/', '\\']).any(|part| part == "..") {
        return Err("a name that climbs out of the archive by `..`");
    }
    if path.len() as u64 > LONGEST_NAME {
        return Err("a name of more than 64 KiB");
    }
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    if parts.len() > walk::DEEPEST {
        return Err("a name of more than 128 parts");
    }
    Ok(parts.join("/"))
}

/// What an entry is that is no file: the sort of its gap, and its words.
fn other_entry(kind: EntryType, target: &[u8]) -> (&'static str, String) {
    let target = String::from_utf8_lossy(target);
    match kind {
        EntryType::Symlink => (
            "symbolic link",
            format!("a symbolic link to `{target}`, which is not followed"),
        ),
        EntryType::Link => (
            "hard link",
            format!("a hard link to `{target}`, which is not followed"),
        ),
        EntryType::Char | EntryType::Block => ("device", "a device, which is not opened".into()),
        EntryType::Fifo => ("pipe", "a pipe, which is not opened".into()),
        other => (
            "unknown entry",
            format!(
                "an entry of type {:?}, which is not read",
                char::from(other.as_byte())
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_below_their_archive() {
        assert_eq!(clean("./a//b/./c.json").as_deref(), Ok("a/b/c.json"));
        assert_eq!(clean("a..b/..c").as_deref(), Ok("a..b/..c"));
        for bad in [
            "/etc/passwd",
            "a/../../b",
            "..",
            "C:\\x",
            "C:/x",
            "\\\\host\\x",
            "a\\..\\b",
        ] {
            assert!(clean(bad).is_err(), "{bad}");
        }
        assert!(clean(&"a".repeat(70_000)).is_err());
        assert!(clean(&"a/".repeat(129)).is_err());
    }
}
