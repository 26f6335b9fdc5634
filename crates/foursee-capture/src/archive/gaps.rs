//! The words of the gaps that archives can leave.

use super::unpack::{self, Packing};
use crate::gaps::{CONTENT, Said};
use crate::limits::{self, Stop};
use foursee_core::model::{Gap, Reason};
use std::io;

pub(crate) fn too_deep(name: &str, depth: u32) -> Said {
    let gap = Gap::new(Reason::TooLarge, name)
        .facet(format!("an archive deeper than {depth} within one another"))
        .hides(CONTENT)
        .closes("unpack the outer archives and name the folder");
    ("archive too deep", gap)
}

pub(crate) fn bomb(name: &str, at: u64, stop: Stop) -> Said {
    let gap = Gap::new(Reason::TooLarge, name)
        .facet(format!("unpacks to {stop}: given up after {at} bytes"))
        .hides("what follows in it")
        .closes("unpack it by other means if it is trusted, and name the folder");
    ("unpacks to too much", gap)
}

/// A compressed file whose stream breaks at byte `at` of what it gives, in `document` if that is another.
pub(crate) fn broken_stream(
    name: &str,
    document: Option<&str>,
    packing: Packing,
    at: u64,
    error: &io::Error,
) -> Said {
    let packing = packing.as_str();
    let within = document.map_or(String::new(), |document| format!(", in `{document}`"));
    if unpack::is_unread(error) {
        let gap = Gap::new(Reason::Unsupported, name)
            .facet(format!("{packing} that is not read: {}", limits::words(error)))
            .hides(CONTENT)
            .closes("compress it again without --ultra, --long and dictionaries");
        return ("compression that is not read", gap);
    }
    let (reason, facet) = if is_cut(error) {
        (
            Reason::Truncated,
            format!("its {packing} stream ends after {at} unpacked bytes{within}, before its end"),
        )
    } else {
        let words = limits::words(error);
        (
            Reason::Malformed,
            format!("its {packing} stream is damaged after {at} unpacked bytes{within}: {words}"),
        )
    };
    let gap = Gap::new(reason, name)
        .facet(facet)
        .hides("what follows; what comes before was read")
        .closes("copy or make the file again");
    ("broken compression", gap)
}

pub(crate) fn tar_cut(name: &str, entry: Option<&str>, at: u64) -> Said {
    let within = entry.map_or(String::new(), |entry| format!(", in `{entry}`"));
    let gap = Gap::new(Reason::Truncated, name)
        .facet(format!(
            "the archive ends at byte {at}{within}, without an end mark"
        ))
        .hides("the entries that may follow, and the rest of the one that it ends in")
        .closes("copy or make the archive again");
    ("archive ends early", gap)
}

pub(crate) fn tar_malformed(name: &str, at: u64, why: &str) -> Said {
    let gap = Gap::new(Reason::Malformed, name)
        .facet(format!("the archive cannot be read from byte {at} on: {why}"))
        .hides("the entries that follow; those before were read")
        .closes("copy or make the archive again");
    ("archive is damaged", gap)
}

pub(crate) fn tar_entry(name: &str, sort: &'static str, facet: String) -> Said {
    let gap = Gap::new(Reason::Unsupported, name)
        .facet(facet)
        .hides("what it would stand for")
        .closes("pack the files themselves, under relative names (tar --dereference --hard-dereference)");
    (sort, gap)
}

/// Whether the bytes ended before their end, however many readers the error came through.
fn is_cut(error: &io::Error) -> bool {
    limits::chain(error)
        .filter_map(|link| link.downcast_ref::<io::Error>())
        .any(|io| io.kind() == io::ErrorKind::UnexpectedEof)
}
