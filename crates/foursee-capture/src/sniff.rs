//! What bytes are, by their content. Names are never looked at.

#[cfg(feature = "archives")]
use crate::archive::Packing;
use std::io::{self, Read};

/// How much of the beginning is looked at.
const HEAD: usize = 8 << 10;

/// How a text is encoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// What bytes are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sort {
    Empty,
    #[cfg(feature = "archives")]
    Packed(Packing),
    #[cfg(feature = "archives")]
    Tar,
    /// Text, and how many bytes its byte-order mark takes.
    Text(Encoding, usize),
    /// A form that holds documents, but is not read: its name.
    Unread(&'static str),
    /// Pictures, pages and programs that lie about in folders: their name.
    Bystander(&'static str),
    /// Anything else that is no text.
    Binary,
}

/// Forms by their first bytes that could hold an export, and are not read.
const UNREAD: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\xfd7zXZ\0", "xz-compressed"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x04\x22\x4d\x18", "lz4-compressed"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"PGDMP", "a pg_dump archive"),
    (b"\xff\xfe\0\0", "text in UTF-32"),
    (b"\0\0\xfe\xff", "text in UTF-32"),
];

/// Forms by their first bytes that hold no export.
const BYSTANDERS: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF87a", "a picture"),
    (b"GIF89a", "a picture"),
    (b"%PDF-", "a PDF"),
    (b"\x7fELF", "a program"),
];

/// Says what bytes are by their beginning.
pub(crate) fn sort(head: &[u8]) -> Sort {
    let begins = |magic: &[u8]| head.starts_with(magic);
    if head.is_empty() {
        return Sort::Empty;
    }
    if let Some(archive) = archive(head) {
        return archive;
    }
    if let Some((_, name)) = UNREAD.iter().find(|(magic, _)| begins(magic)) {
        return Sort::Unread(name);
    }
    if begins(b"BZh") && head.get(4..10) == Some(b"\x31\x41\x59\x26\x53\x59") {
        return Sort::Unread("bzip2-compressed");
    }
    if let Some((_, name)) = BYSTANDERS.iter().find(|(magic, _)| begins(magic)) {
        return Sort::Bystander(name);
    }
    if begins(b"\xef\xbb\xbf") {
        return Sort::Text(Encoding::Utf8, 3);
    }
    if begins(b"\xff\xfe") {
        return Sort::Text(Encoding::Utf16Le, 2);
    }
    if begins(b"\xfe\xff") {
        return Sort::Text(Encoding::Utf16Be, 2);
    }
    if is_utf16(head, u16::from_le_bytes) {
        return Sort::Text(Encoding::Utf16Le, 0);
    }
    if is_utf16(head, u16::from_be_bytes) {
        return Sort::Text(Encoding::Utf16Be, 0);
    }
    if head.contains(&0) {
        Sort::Binary
    } else {
        Sort::Text(Encoding::Utf8, 0)
    }
}

/// What is read where archives are.
fn archive(head: &[u8]) -> Option<Sort> {
    #[cfg(feature = "archives")]
    let [gzip, zstd, tar] = [
        Sort::Packed(Packing::Gzip),
        Sort::Packed(Packing::Zstd),
        Sort::Tar,
    ];
    #[cfg(not(feature = "archives"))]
    let [gzip, zstd, tar] = [
        Sort::Unread("gzip-compressed"),
        Sort::Unread("zstd-compressed"),
        Sort::Unread("a tar archive"),
    ];
    if head.starts_with(b"\x1f\x8b") {
        Some(gzip)
    } else if is_zstd(head) {
        Some(zstd)
    } else if is_tar(head) {
        Some(tar)
    } else {
        None
    }
}

/// A zstd frame, or a skippable one before it (RFC 8878, 3.1).
fn is_zstd(head: &[u8]) -> bool {
    matches!(
        head,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]
    )
}

/// A first header that says so, or (before POSIX) one whose checksum is right.
fn is_tar(head: &[u8]) -> bool {
    #[cfg(feature = "archives")]
    if head.first_chunk().is_some_and(crate::archive::is_header) {
        return true;
    }
    head.get(257..262) == Some(b"ustar")
}

/// UTF-16 without a mark: it begins with two characters of ASCII, as every export does, and holds no NUL.
fn is_utf16(head: &[u8], unit: fn([u8; 2]) -> u16) -> bool {
    let units = || {
        head.chunks_exact(2)
            .filter_map(|pair| pair.try_into().ok())
            .map(unit)
    };
    let printable = |unit: u16| matches!(unit, 0x09 | 0x0a | 0x0d | 0x20..=0x7e);
    head.len() >= 4 && units().take(2).all(printable) && units().all(|unit| unit != 0)
}

/// A source whose beginning was looked at, and which still gives all of it.
pub(crate) struct Peeked<'a> {
    head: Vec<u8>,
    at: usize,
    error: Option<io::Error>,
    source: &'a mut dyn Read,
}

impl<'a> Peeked<'a> {
    /// Reads the beginning. An error that comes before its end is kept for whoever reads that far.
    pub(crate) fn new(source: &'a mut dyn Read) -> Self {
        let mut head = Vec::with_capacity(HEAD);
        let error = (&mut *source).take(HEAD as u64).read_to_end(&mut head).err();
        Self {
            head,
            at: 0,
            error,
            source,
        }
    }

    pub(crate) fn sort(&self) -> Sort {
        sort(&self.head)
    }

    /// The error that came before any byte did.
    pub(crate) fn failed(&mut self) -> Option<io::Error> {
        if self.head.is_empty() {
            self.error.take()
        } else {
            None
        }
    }
}

impl Read for Peeked<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut rest = self.head.get(self.at..).unwrap_or_default();
        if !rest.is_empty() {
            let got = rest.read(buf)?;
            self.at += got;
            return Ok(got);
        }
        match self.error.take() {
            Some(error) => Err(error),
            None => self.source.read(buf),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_known_by_their_beginning() {
        let utf16 =
            |text: &str, order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<_>>();
        for (bytes, want) in [
            (&b""[..], Sort::Empty),
            (b"{\"a\":1}", Sort::Text(Encoding::Utf8, 0)),
            (b"\xef\xbb\xbf{}", Sort::Text(Encoding::Utf8, 3)),
            (b"\xff\xfe{\0}\0", Sort::Text(Encoding::Utf16Le, 2)),
            (b"\xfe\xff\0{\0}", Sort::Text(Encoding::Utf16Be, 2)),
            (
                &utf16("[\r\n\u{e9}]", u16::to_le_bytes),
                Sort::Text(Encoding::Utf16Le, 0),
            ),
            (&utf16("[]", u16::to_be_bytes), Sort::Text(Encoding::Utf16Be, 0)),
            (b"\xff\xfe\0\0{\0\0\0", Sort::Unread("text in UTF-32")),
            (b"PK\x03\x04....", Sort::Unread("a zip archive")),
            (b"BZh9\x31\x41\x59\x26\x53\x59", Sort::Unread("bzip2-compressed")),
            (b"BZh9 is a word", Sort::Text(Encoding::Utf8, 0)),
            #[cfg(feature = "archives")]
            (b"\x1f\x8b\x08", Sort::Packed(Packing::Gzip)),
            #[cfg(feature = "archives")]
            (b"\x28\xb5\x2f\xfd", Sort::Packed(Packing::Zstd)),
            #[cfg(feature = "archives")]
            (b"\x5a\x2a\x4d\x18\0\0\0\0", Sort::Packed(Packing::Zstd)),
            #[cfg(not(feature = "archives"))]
            (b"\x1f\x8b\x08", Sort::Unread("gzip-compressed")),
            (b"\x89PNG\r\n\x1a\n\0", Sort::Bystander("a picture")),
            (b"\x01\0\x02\0\x03\0", Sort::Binary),
            (b"a\0\0\0", Sort::Binary),
            (&[0; 1024], Sort::Binary),
            (&[b' '; 1024], Sort::Text(Encoding::Utf8, 0)),
        ] {
            assert_eq!(sort(bytes), want, "{:?}", bytes.get(..12).unwrap_or(bytes));
        }
    }

    #[cfg(feature = "archives")]
    #[test]
    fn a_tar_before_posix_is_known_by_its_checksum() {
        let mut header = tar::Header::new_old();
        header.set_path("a.json").unwrap();
        header.set_size(2);
        header.set_cksum();
        assert_eq!(sort(header.as_bytes()), Sort::Tar);
        header.as_mut_bytes()[0] = b'b';
        assert_eq!(sort(header.as_bytes()), Sort::Binary);
    }
}
