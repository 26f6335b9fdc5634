//! The words of every gap that reading can leave, in one place, and the list that bounds them.

use crate::limits::{self, Stop};
use crate::text::Fault;
use foursee_core::model::{Gap, Reason};
use std::collections::BTreeMap;
use std::io;

/// How many gaps of one sort an argument gives before only their number is said.
const MOST: usize = 1_000;
/// The same for what manifests say: each names something that was not collected, or not kept.
const MOST_OF_MANIFESTS: usize = 100_000;

/// Sorts of gaps that manifests give.
pub(crate) const STATED: &str = "stated in a manifest";
const ABSENT: &str = "listed file is absent";
const OTHER_SIZE: &str = "listed file has another size";
const OTHER_DIGEST: &str = "listed file has another digest";

fn most(sort: &str) -> usize {
    if matches!(sort, STATED | ABSENT | OTHER_SIZE | OTHER_DIGEST) {
        MOST_OF_MANIFESTS
    } else {
        MOST
    }
}

/// What a gap's target names, and which argument it came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum About {
    /// A file below the argument, by its name there.
    File(usize),
    /// The argument itself, where it is a file.
    Argument(usize),
    /// Something that is no file below the argument.
    Other(usize),
}

/// The gaps of a reading, in the order in which they were found.
#[derive(Default)]
pub(crate) struct Gaps {
    all: Vec<(About, Gap)>,
    counts: BTreeMap<(usize, &'static str), usize>,
}

impl Gaps {
    /// Adds a gap. `sort` bounds how many there are of the same sort.
    pub(crate) fn push(&mut self, about: About, sort: &'static str, gap: Gap) {
        let (About::File(argument) | About::Argument(argument) | About::Other(argument)) = about;
        let count = self.counts.entry((argument, sort)).or_default();
        *count += 1;
        if *count <= most(sort) {
            self.all.push((about, gap));
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// All of them. `shown` names an argument; `below` holds the names that go before those of an argument's files.
    pub(crate) fn finish(self, shown: &dyn Fn(usize) -> String, below: &BTreeMap<usize, String>) -> Vec<Gap> {
        let mut all: Vec<Gap> = Vec::with_capacity(self.all.len());
        for (about, mut gap) in self.all {
            match about {
                About::File(argument) => {
                    if let Some(prefix) = below.get(&argument) {
                        gap.target = format!("{prefix}/{}", gap.target);
                    }
                }
                About::Argument(argument) => {
                    if let Some(prefix) = below.get(&argument) {
                        gap.target.clone_from(prefix);
                    }
                }
                About::Other(_) => {}
            }
            all.push(gap);
        }
        for ((argument, sort), count) in self.counts {
            if let Some(more) = count.checked_sub(most(sort)).filter(|more| *more > 0) {
                all.push(
                    Gap::new(Reason::TooLarge, shown(argument))
                        .facet(format!("{more} more gaps of the same sort: {sort}"))
                        .hides("which files they are about")
                        .closes("close the gaps that are listed, then read it again"),
                );
            }
        }
        all
    }
}

pub(crate) type Said = (&'static str, Gap);

pub(crate) const CONTENT: &str = "all that it says";

pub(crate) fn not_found(name: &str) -> Said {
    let gap = Gap::new(Reason::NotCaptured, name)
        .facet("there is no such file or folder")
        .hides(CONTENT)
        .closes("correct the path, or make the export");
    ("not found", gap)
}

pub(crate) fn unreadable(name: &str, error: &io::Error) -> Said {
    let denied = error.kind() == io::ErrorKind::PermissionDenied;
    let reason = if denied {
        Reason::Denied
    } else {
        Reason::NotCaptured
    };
    let closes = if denied {
        "give the user who runs foursee permission to read it (files: r; folders: r and x)".to_owned()
    } else {
        "make it readable, or export it again".to_owned()
    };
    let gap = Gap::new(reason, name)
        .facet(format!("cannot be read: {}", limits::words(error)))
        .hides(CONTENT)
        .closes(closes);
    ("unreadable", gap)
}

pub(crate) fn nothing_in(name: &str) -> Said {
    let gap = Gap::new(Reason::NotCaptured, name)
        .facet("no document is in it")
        .hides(CONTENT)
        .closes("name the folder, file or archive that holds the exports");
    ("nothing in it", gap)
}

pub(crate) fn empty(name: &str) -> Said {
    let gap = Gap::new(Reason::NotCaptured, name)
        .facet("an empty file where an export belongs")
        .hides("what the command that made it would have said")
        .closes("run the command again and look at its error output");
    ("empty file", gap)
}

pub(crate) fn invalid(name: &str, fault: Fault) -> Said {
    let (reason, facet) = match fault {
        Fault::Invalid(at) => (
            Reason::Malformed,
            format!("is neither UTF-8 nor UTF-16 from byte {at} on"),
        ),
        Fault::Cut(at) => (Reason::Truncated, format!("ends within a character at byte {at}")),
    };
    let gap = Gap::new(reason, name)
        .facet(facet)
        .hides("what follows that byte; what comes before it was read")
        .closes("export it again as UTF-8 (in PowerShell: `| Out-File -Encoding utf8`)");
    ("invalid text", gap)
}

pub(crate) fn too_large(name: &str, limit: u64) -> Said {
    let gap = Gap::new(Reason::TooLarge, name)
        .facet(format!(
            "is larger than the {limit} bytes that one document may have"
        ))
        .hides(CONTENT)
        .closes("export it in parts (by namespace, by account, by page)");
    ("document too large", gap)
}

pub(crate) fn unread_form(name: &str, form: &str) -> Said {
    let gap = Gap::new(Reason::Unsupported, name)
        .facet(format!("is {form}, which is not read"))
        .hides(CONTENT)
        .closes(if cfg!(feature = "archives") {
            "unpack it and name the folder, or pack it as tar, gzip or zstd; export as text (JSON, YAML, CSV)"
        } else {
            "unpack it and name the folder, or build foursee with the feature `archives`; export as text (JSON, YAML, CSV)"
        });
    ("form that is not read", gap)
}

pub(crate) fn folder_too_deep(name: &str, depth: usize) -> Said {
    let gap = Gap::new(Reason::TooLarge, name)
        .facet(format!("a folder more than {depth} deep"))
        .hides("all that its files say")
        .closes("name this folder as a path of its own");
    ("folder too deep", gap)
}

pub(crate) fn stopped(name: &str, stop: Stop) -> Said {
    let gap = Gap::new(Reason::TooLarge, name)
        .facet(format!("reading stopped here: {stop} were given"))
        .hides("the rest of this file, and every file and argument after it")
        .closes("name fewer or smaller paths, or raise the limit");
    ("stopped", gap)
}

pub(crate) fn not_reached(name: &str) -> Said {
    let gap = Gap::new(Reason::TooLarge, name)
        .facet("reading had stopped at a limit before it came to this path")
        .hides(CONTENT)
        .closes("name fewer or smaller paths, or raise the limit");
    ("not reached", gap)
}

/// A file that stops giving bytes.
pub(crate) fn broken_file(name: &str, document: Option<&str>, error: &io::Error) -> Said {
    let within = document.map_or(String::new(), |document| format!(" in `{document}`"));
    let gap = Gap::new(Reason::Truncated, name)
        .facet(format!("reading it failed{within}: {}", limits::words(error)))
        .hides("what follows; what comes before was read")
        .closes("read it again from a sound disk or pipe");
    ("broken file", gap)
}

pub(crate) fn twice(name: &str, times: usize) -> Said {
    let gap = Gap::new(Reason::Ambiguous, name)
        .facet(format!(
            "is in the archive {times} times: the last one was read, as tar would leave it"
        ))
        .hides("what the others say")
        .closes("give each document a name of its own");
    ("name twice", gap)
}

pub(crate) fn link(name: &str, facet: &str) -> Said {
    let gap = Gap::new(Reason::Unsupported, name)
        .facet(facet)
        .hides("what it leads to")
        .closes("name what it leads to as a path of its own, or copy it into the folder");
    ("link that is not followed", gap)
}

pub(crate) fn special(name: &str) -> Said {
    let gap = Gap::new(Reason::Unsupported, name)
        .facet("a pipe, socket or device in a folder is not opened")
        .hides("what it would give")
        .closes("name it as a path of its own");
    ("special file", gap)
}

pub(crate) fn manifest_malformed(name: &str, why: &str) -> Said {
    let gap = Gap::new(Reason::Malformed, name)
        .facet(format!("is no manifest: {why}"))
        .hides("which documents belong to the capture, their scopes, and what was not collected; the files were read")
        .closes("make the capture again");
    ("manifest", gap)
}

pub(crate) fn manifest_version(name: &str, version: u64) -> Said {
    let gap = Gap::new(Reason::Unsupported, name)
        .facet(format!("is a manifest of version {version}; this foursee reads version 1"))
        .hides("which documents belong to the capture, their scopes, and what was not collected; the files were read")
        .closes("read it with the foursee that made it, or a newer one");
    ("manifest", gap)
}

pub(crate) fn manifest_named(name: &str) -> Said {
    let gap = Gap::new(Reason::NotCaptured, name)
        .facet("is the manifest of a capture, not one of its documents")
        .hides("all that the capture says")
        .closes("name the folder that it stands in");
    ("manifest", gap)
}

pub(crate) fn incomplete(name: &str) -> Said {
    let gap = Gap::new(Reason::NotCaptured, name)
        .facet("the capture does not say that it is complete")
        .hides("what had not been collected when it ended, beyond the gaps that it states")
        .closes("collect again, and let it end");
    ("capture is incomplete", gap)
}

pub(crate) fn listed_absent(name: &str, kind: &str) -> Said {
    let gap = Gap::new(Reason::NotCaptured, name)
        .facet("is listed in the manifest, and is not there")
        .hides(hidden(kind))
        .closes("give the whole capture, or collect again");
    (ABSENT, gap)
}

pub(crate) fn listed_size(name: &str, kind: &str, said: u64, found: u64) -> Said {
    let reason = if found < said {
        Reason::Truncated
    } else {
        Reason::Malformed
    };
    let gap = Gap::new(reason, name)
        .facet(format!("has {found} bytes where the manifest says {said}"))
        .hides(format!(
            "what was lost or changed since it was collected ({})",
            hidden(kind)
        ))
        .closes("give the capture as it was made, or collect again");
    (OTHER_SIZE, gap)
}

pub(crate) fn listed_digest(name: &str, kind: &str) -> Said {
    let gap = Gap::new(Reason::Malformed, name)
        .facet("its SHA-256 is not the one in the manifest: it was changed after it was collected")
        .hides(format!(
            "what it said when it was collected ({}); what it says now was audited",
            hidden(kind)
        ))
        .closes("give the capture as it was made, or collect again");
    (OTHER_DIGEST, gap)
}

fn hidden(kind: &str) -> String {
    if kind.is_empty() {
        CONTENT.to_owned()
    } else {
        format!("all that `{kind}` says")
    }
}
