//! The reading itself: what each file turns out to be, and what becomes of it.

use crate::gaps::{self, About, Gaps};
use crate::limits::{self, Budget, Limits, Metered};
use crate::manifest::{self, Manifest};
use crate::sniff::{Encoding, Peeked, Sort};
use crate::text::Expected;
use crate::{Progress, split, text};
use foursee_core::model::Gap;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::ops::Range;
use std::path::PathBuf;
use std::rc::Rc;

/// Where a stream of bytes stands.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(feature = "archives"),
    expect(dead_code, reason = "only archives stand within one another")
)]
pub(crate) struct At {
    pub(crate) argument: usize,
    /// Its name below the argument.
    pub(crate) name: String,
    /// What stands before the names of its entries, if it is an archive; "" for an argument.
    pub(crate) inside: String,
    /// In how many archives it stands.
    pub(crate) depth: u32,
    /// Its bytes come out of a compressed file that was counted for it.
    pub(crate) packed: bool,
    /// They count towards the total already.
    pub(crate) metered: bool,
    /// It is an argument, so that nothing about it is passed over in silence.
    pub(crate) named: bool,
}

impl At {
    /// An argument that is a file or a stream.
    pub(crate) fn argument(argument: usize, name: &str) -> Self {
        Self {
            named: true,
            inside: String::new(),
            ..Self::file(argument, name)
        }
    }

    /// A file of a folder that is an argument.
    pub(crate) fn file(argument: usize, name: &str) -> Self {
        let (name, inside) = (name.to_owned(), name.to_owned());
        Self {
            argument,
            name,
            inside,
            depth: 0,
            packed: false,
            metered: false,
            named: false,
        }
    }
}

/// The source of a stream failed, or the whole reading ended: whoever owns the source says so.
pub(crate) struct Broken {
    pub(crate) error: io::Error,
    /// The document that was being read.
    pub(crate) document: Option<String>,
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self {
            error,
            document: None,
        }
    }
}

impl From<limits::Stop> for Broken {
    fn from(stop: limits::Stop) -> Self {
        io::Error::from(stop).into()
    }
}

/// A document, or a part of one, that was read.
pub(crate) struct Piece {
    pub(crate) argument: usize,
    /// The name of its file.
    pub(crate) file: String,
    /// Which part of it, from 1, if it was split.
    pub(crate) part: Option<usize>,
    /// Which of several files of that name.
    pub(crate) copy: usize,
    pub(crate) text: String,
    pub(crate) scope: Option<String>,
    pub(crate) context: Option<String>,
    pub(crate) created: Option<String>,
}

/// A file that was come to, as it lies there.
pub(crate) struct Found {
    pub(crate) bytes: u64,
    /// In hexadecimal; none where nobody asked, or it could not be read to its end.
    pub(crate) sha256: Option<String>,
}

/// One reading over all its arguments.
pub(crate) struct Reader<'p> {
    pub(crate) limits: Limits,
    pub(crate) budget: Rc<Budget>,
    pub(crate) gaps: Gaps,
    progress: &'p mut dyn FnMut(Progress),
    pub(crate) pieces: Vec<Piece>,
    /// Every file that was come to.
    pub(crate) found: BTreeMap<(usize, String), Found>,
    /// How many documents of each name were read.
    pub(crate) copies: BTreeMap<(usize, String), usize>,
    /// Manifests, by their own names.
    pub(crate) manifests: BTreeMap<(usize, String), Manifest>,
    /// Arguments that gave something, or whose files an earlier one gave.
    pub(crate) gave: BTreeSet<usize>,
    /// Arguments that are one document each.
    pub(crate) single: BTreeSet<usize>,
    /// Files that were read, by their one true path.
    pub(crate) read: BTreeSet<PathBuf>,
    stop_said: bool,
}

impl<'p> Reader<'p> {
    pub(crate) fn new(limits: &Limits, progress: &'p mut dyn FnMut(Progress)) -> Self {
        Self {
            limits: limits.clone(),
            budget: Budget::new(limits),
            gaps: Gaps::default(),
            progress,
            pieces: Vec::new(),
            found: BTreeMap::new(),
            copies: BTreeMap::new(),
            manifests: BTreeMap::new(),
            gave: BTreeSet::new(),
            single: BTreeSet::new(),
            read: BTreeSet::new(),
            stop_said: false,
        }
    }

    pub(crate) fn gap(&mut self, at: &At, (sort, gap): (&'static str, Gap)) {
        self.gaps.push(
            if at.named {
                About::Argument(at.argument)
            } else {
                About::File(at.argument)
            },
            sort,
            gap,
        );
    }

    /// Notes that a file is there, whatever comes of reading it.
    pub(crate) fn found(&mut self, at: &At, size: u64) {
        let found = Found {
            bytes: size,
            sha256: None,
        };
        self.found.insert((at.argument, at.name.clone()), found);
    }

    /// Notes a file's digest.
    pub(crate) fn digest(&mut self, at: &At, sha256: Option<String>) {
        if let Some(found) = self.found.get_mut(&(at.argument, at.name.clone())) {
            found.sha256 = sha256;
        }
    }

    /// Whether a manifest that was read already, of a folder that a file is in, says digests.
    pub(crate) fn has_digest(&self, at: &At) -> bool {
        self.manifests.iter().any(|((argument, name), manifest)| {
            let folder = name.strip_suffix(manifest::NAME).unwrap_or_default();
            *argument == at.argument
                && at.name.starts_with(folder)
                && manifest.documents.iter().any(|one| one.sha256.is_some())
        })
    }

    /// Says, once, that the reading ended before its end.
    pub(crate) fn say_stop(&mut self, about: About, name: &str) {
        if let Some(stop) = self.budget.stopped().filter(|_| !self.stop_said) {
            self.stop_said = true;
            let (sort, gap) = gaps::stopped(name, stop);
            self.gaps.push(about, sort, gap);
        }
    }

    /// Reads a source that nothing stands behind: a file, or standard input.
    pub(crate) fn source(&mut self, at: &At, source: &mut dyn Read, size: Option<u64>) {
        if let Err(broken) = self.stream(at, source, size) {
            if self.budget.stopped().is_some() {
                let document = broken.document.filter(|document| *document != at.name);
                let about = if at.named && document.is_none() {
                    About::Argument
                } else {
                    About::File
                };
                self.say_stop(about(at.argument), document.as_deref().unwrap_or(&at.name));
            } else {
                let document = broken.document.filter(|document| *document != at.name);
                self.gap(
                    at,
                    gaps::broken_file(&at.name, document.as_deref(), &broken.error),
                );
            }
        }
    }

    /// Reads a stream of any sort, to its end or to where it is given up. `size` is how many bytes it has, if known.
    pub(crate) fn stream(&mut self, at: &At, source: &mut dyn Read, size: Option<u64>) -> Result<(), Broken> {
        let mut source = Peeked::new(source);
        if let Some(error) = source.failed() {
            return Err(Broken {
                error,
                document: (!at.named).then(|| at.name.clone()),
            });
        }
        match source.sort() {
            Sort::Empty => self.gap(at, gaps::empty(&at.name)),
            #[cfg(feature = "archives")]
            Sort::Packed(packing) => return self.unpack(at, packing, source),
            #[cfg(feature = "archives")]
            Sort::Tar => return self.tar(at, source),
            Sort::Text(encoding, mark) => return self.text(at, source, encoding, mark, size),
            Sort::Bystander(_) if !at.named => {}
            Sort::Unread(form) | Sort::Bystander(form) => self.gap(at, gaps::unread_form(&at.name, form)),
            Sort::Binary => self.gap(
                at,
                gaps::unread_form(&at.name, "a binary file of an unknown form"),
            ),
        }
        Ok(())
    }

    /// Reads a text and files it as a document.
    fn text(
        &mut self,
        at: &At,
        mut source: Peeked<'_>,
        encoding: Encoding,
        mark: usize,
        size: Option<u64>,
    ) -> Result<(), Broken> {
        let limit = self.limits.of_document();
        // UTF-16 takes two bytes for a character of ASCII: a file of twice the limit may still be within it.
        let least = |size: u64| {
            if encoding == Encoding::Utf8 {
                size
            } else {
                size / 2
            }
        };
        if size.is_some_and(|size| least(size.saturating_sub(mark as u64)) > limit) {
            self.gap(at, gaps::too_large(&at.name, limit));
            return Ok(());
        }
        let expected = size.map(if at.metered {
            Expected::Said
        } else {
            Expected::OfFile
        });
        let read = if at.metered {
            text::read(&mut source, encoding, mark, limit, expected)
        } else {
            let mut source = Metered {
                source,
                budget: Rc::clone(&self.budget),
            };
            text::read(&mut source, encoding, mark, limit, expected)
        };
        if read.too_large {
            self.gap(at, gaps::too_large(&at.name, limit));
            return Ok(());
        }
        if let Some(stop) = read.error.as_ref().and_then(limits::stop_of) {
            return Err(Broken {
                error: stop.into(),
                document: Some(at.name.clone()),
            });
        }
        if let Some(fault) = read.fault.filter(|_| read.error.is_none()) {
            self.gap(at, gaps::invalid(&at.name, fault));
        }
        if manifest::is_manifest(&at.name) {
            self.manifest(at, &read.text);
        } else if read.text.trim().is_empty() {
            if read.fault.is_none() && read.error.is_none() {
                self.gap(at, gaps::empty(&at.name));
            }
        } else {
            self.document(at, read.text)?;
        }
        match read.error {
            Some(error) => Err(Broken {
                error,
                document: Some(at.name.clone()),
            }),
            None => Ok(()),
        }
    }

    fn manifest(&mut self, at: &At, text: &str) {
        match Manifest::read(text) {
            Ok(_) if at.named => self.gap(at, gaps::manifest_named(&at.name)),
            Ok(manifest) => {
                self.manifests.insert((at.argument, at.name.clone()), manifest);
            }
            Err(manifest::Unread::Version(version)) => {
                self.gap(at, gaps::manifest_version(&at.name, version))
            }
            Err(manifest::Unread::Malformed(error)) => {
                self.gap(at, gaps::manifest_malformed(&at.name, &error.to_string()))
            }
        }
    }

    fn document(&mut self, at: &At, text: String) -> Result<(), Broken> {
        let copies = self.copies.entry((at.argument, at.name.clone())).or_default();
        *copies += 1;
        let copy = *copies;
        self.gave.insert(at.argument);
        if at.named {
            self.single.insert(at.argument);
        }
        let piece = |part, text| Piece {
            argument: at.argument,
            file: at.name.clone(),
            part,
            copy,
            text,
            scope: None,
            context: None,
            created: None,
        };
        let parts: Vec<Range<usize>> = split(&text)
            .into_iter()
            .map(|part| {
                let from = part.as_ptr().addr() - text.as_ptr().addr();
                from..from + part.len()
            })
            .collect();
        if parts.len() > 1 {
            for (index, part) in taken_apart(text, &parts).into_iter().enumerate() {
                if let Err(stop) = self.budget.entry() {
                    return Err(Broken {
                        error: stop.into(),
                        document: Some(at.name.clone()),
                    });
                }
                self.pieces.push(piece(Some(index + 1), part));
            }
        } else {
            self.pieces.push(piece(None, text));
        }
        let (name, documents, bytes) = (at.name.clone(), self.pieces.len(), self.budget.read());
        (self.progress)(Progress {
            name,
            documents,
            bytes,
        });
        Ok(())
    }
}

/// The parts of a text as texts of their own. They are taken from its end on, so that no more than one of them is ever
/// held twice.
fn taken_apart(mut text: String, parts: &[Range<usize>]) -> Vec<String> {
    let mut all: Vec<String> = parts
        .iter()
        .rev()
        .map(|part| {
            text.truncate(part.end);
            let taken = text.split_off(part.start);
            text.shrink_to_fit();
            taken
        })
        .collect();
    all.reverse();
    all
}
