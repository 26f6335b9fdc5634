//! What a capture is, how it is read and how it is written: files, folders and archives of the platforms' own exports.
//!
//! [`read`] takes paths and gives documents as UTF-8 text, with a gap for everything that it could not read. A path is
//! a folder, a file, an archive or `-` (standard input), with or without a [manifest]; what a file is, is found
//! by its content, never by its name.
//!
//! | input | what becomes of it |
//! | --- | --- |
//! | a folder | its files in the order of their names. Hidden files, Markdown, README and LICENSE files, `foursee.toml`, pictures and programs are passed over in silence |
//! | gzip, zstd, tar, and any of them inside another | read as a stream; nothing is ever written to disk |
//! | zip, xz, bzip2, 7-Zip, other binaries | a gap; so are gzip, zstd and tar where the feature `archives` (default) is off |
//! | UTF-8, UTF-16 of either order, with or without a byte-order mark | one document in UTF-8; line ends are kept |
//! | bytes that are no such text | the document up to there, and a gap with the offset |
//! | several JSON texts of different sorts in a file | one document a run of one sort: `all.json#1`, `all.json#2` ([`split`]) |
//! | an empty file | a gap |
//! | a link in an archive, or one that leads out of a folder; devices, absolute names, `..` | never followed: a gap names it |
//! | the same name twice in an archive | the last one, as tar would leave it, and a gap |
//!
//! # Limits
//!
//! Input is hostile. [`Limits`] bounds what is unpacked, the size of one document, the number of entries, how deep
//! archives stand in archives and how much more than its size a file may unpack to. Whatever passes a bound stops
//! there with a gap, and nothing but the documents is ever held: archives are read as they stream by.
//!
//! Fixed beside these: a name has at most 64 KiB and 128 parts, folders are walked 128 deep, a zstd window has at most
//! 128 MiB (what the zstd command reads unless it is told to), and of gaps of one sort the first 1,000 are listed (of
//! what manifests state, 100,000) with the number of the others.
//!
//! # Writing
//!
//! A [`Collector`] gives its documents and gaps to a [`Sink`]: those of a [`Writer`] (a folder or a `.tar.zst`) or of
//! a [`Memory`], which gives what reading the same capture back would give. `docs/stability.md` has the form.
//!
//! [`Redacting`] stands before either: a [`Redactor`] takes the values of secrets out of what goes through, and leaves
//! what an audit reads. It fails closed: what no layer recognises, or what would say something else, is a gap.
//!
//! # What is deliberately absent
//!
//! Recognising documents (the layers do that), a clock, and every network client. A manifest is not signed: its digests
//! show what was changed by accident, or by somebody who left the manifest as it was.

#[cfg(feature = "archives")]
mod archive;
mod collect;
mod digest;
mod finish;
mod gaps;
mod limits;
pub mod manifest;
mod memory;
mod read;
mod redact;
mod sniff;
mod split;
mod text;
mod walk;
mod write;

pub use collect::{CollectError, Collected, Collecting, Collector, Permission, Sink, SinkError, Step, Terms};
pub use limits::Limits;
pub use memory::{Memory, MemorySink};
pub use redact::json;
pub use redact::{KeyError, LINK_KEY, LinkKey, NotRedacted, Redacting, Redactor};
pub use split::split;
pub use write::write_private;
pub use write::{Options, TargetSink, WriteError, Writer, Written};

use foursee_core::model::Gap;
use std::path::PathBuf;

/// One document as text, not yet recognised.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Input {
    /// The path below the argument with `/` between its parts; for an argument that is a file, its own name; `stdin`
    /// for standard input. Documents in an archive within an argument stand below the archive's name. Where several
    /// arguments would give equal names, each stands below its argument's own name.
    pub name: String,
    /// Which argument gave it, counted from 0.
    pub argument: usize,
    /// The whole text, without a byte-order mark.
    pub text: String,
    /// The scope, where a manifest says it.
    pub scope: Option<String>,
    /// The context or cluster name under which it was collected, where a manifest says it.
    pub context: Option<String>,
    /// When it was collected (RFC 3339), where a manifest says it.
    pub created: Option<String>,
}

/// What reading gave.
#[derive(Clone, Default, Debug)]
#[non_exhaustive]
pub struct Reading {
    /// The documents, by argument, then in the order of the folder or archive.
    pub inputs: Vec<Input>,
    /// What was not read, and what manifests say was never collected.
    pub gaps: Vec<Gap>,
    /// The paths that were named and gave nothing. Each has a gap that says why.
    pub missing: Vec<PathBuf>,
}

/// How far reading has come: given after each document.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Progress {
    /// The document just read.
    pub name: String,
    /// How many documents there are so far.
    pub documents: usize,
    /// How many bytes of text and archives were unpacked so far.
    pub bytes: u64,
}

/// Reads every path: a folder, a file, an archive, or `-` for standard input.
///
/// It never fails: what cannot be read is a gap, and a path that gives no document at all is also in
/// [`Reading::missing`]. A path that is named twice, or lies in a folder that is named too, is read once.
///
/// ```
/// use foursee_capture::{Limits, read};
/// let reading = read(&["no/such/folder".into()], &Limits::default(), &mut |_| {});
/// assert_eq!((reading.inputs.len(), reading.missing.len(), reading.gaps.len()), (0, 1, 1));
/// ```
pub fn read(paths: &[PathBuf], limits: &Limits, progress: &mut dyn FnMut(Progress)) -> Reading {
    let mut reader = read::Reader::new(limits, progress);
    for (argument, path) in paths.iter().enumerate() {
        reader.argument(argument, path);
    }
    reader.finish(paths)
}

#[cfg(test)]
#[cfg(feature = "archives")]
mod tests;
#[cfg(test)]
#[cfg(not(feature = "archives"))]
mod without_archives;
