//! Limits: how much a reading may unpack, hold and descend, and the counting that keeps to them.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// The bounds of one reading, over all its paths together.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// How many bytes may be read in all: those of plain files and archives, and those that come out of compressed
    /// ones. Past it, reading stops. 8 GiB.
    pub total: u64,
    /// How large one document may be, as UTF-8. A larger one is refused whole. 4 GiB - 1, which is also the most:
    /// evidence is pointed at by 32-bit offsets.
    pub document: u64,
    /// How many entries of folders and archives, and parts of split files, are looked at. 1,000,000.
    pub entries: u64,
    /// How deep archives and compressed files may stand in one another; a compressed archive counts once. 3.
    pub depth: u32,
    /// How many times its own size a compressed file may unpack to, once it has given 64 MiB. 1,000.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            total: 8 << 30,
            document: LARGEST,
            entries: 1_000_000,
            depth: 3,
            ratio: 1_000,
        }
    }
}

/// The largest document that 32-bit places can point into.
const LARGEST: u64 = u32::MAX as u64;
impl Limits {
    /// The bound of one document, whatever was asked for.
    pub(crate) fn of_document(&self) -> u64 {
        self.document.min(LARGEST)
    }
}

/// Why a reader was stopped although its source would have gone on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Stop {
    #[error("more than {0} bytes in all")]
    Total(u64),
    #[error("more than {0} entries")]
    Entries(u64),
    #[cfg(feature = "archives")]
    #[error("more than {0} times its own size")]
    Ratio(u64),
}

impl From<Stop> for io::Error {
    fn from(stop: Stop) -> Self {
        Self::other(stop)
    }
}

/// What was used up of the limits.
#[derive(Debug)]
pub(crate) struct Budget {
    total: u64,
    entries: u64,
    read: Cell<u64>,
    seen: Cell<u64>,
    stopped: Cell<Option<Stop>>,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Rc<Self> {
        let (read, seen, stopped) = (Cell::new(0), Cell::new(0), Cell::new(None));
        Rc::new(Self {
            total: limits.total,
            entries: limits.entries,
            read,
            seen,
            stopped,
        })
    }

    /// Why the whole reading ended, if it did.
    pub(crate) fn stopped(&self) -> Option<Stop> {
        self.stopped.get()
    }

    pub(crate) fn read(&self) -> u64 {
        self.read.get()
    }

    fn take(&self, bytes: usize) -> Result<(), Stop> {
        let now = self.read.get().saturating_add(bytes as u64);
        self.read.set(now);
        if now > self.total {
            return Err(self.stop(Stop::Total(self.total)));
        }
        Ok(())
    }

    /// Counts an entry of a folder or an archive, or a part of a file.
    pub(crate) fn entry(&self) -> Result<(), Stop> {
        let now = self.seen.get().saturating_add(1);
        self.seen.set(now);
        if now > self.entries {
            return Err(self.stop(Stop::Entries(self.entries)));
        }
        Ok(())
    }

    fn stop(&self, stop: Stop) -> Stop {
        if self.stopped.get().is_none() {
            self.stopped.set(Some(stop));
        }
        stop
    }
}

/// A reader whose bytes count towards the total.
pub(crate) struct Metered<R> {
    pub(crate) source: R,
    pub(crate) budget: Rc<Budget>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let Some(stop) = self.budget.stopped() {
            return Err(stop.into());
        }
        let got = self.source.read(buf)?;
        self.budget.take(got)?;
        Ok(got)
    }
}

/// The links of an error's chain, those that `io::Error` hides included.
pub(crate) fn chain(error: &io::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    std::iter::from_fn(move || {
        let this = next?;
        next = match this.downcast_ref::<io::Error>() {
            Some(io) => io
                .get_ref()
                .map(|inner| -> &(dyn std::error::Error + 'static) { inner }),
            None => this.source(),
        };
        Some(this)
    })
}

/// The limit that an error stands for, however many readers it came through.
pub(crate) fn stop_of(error: &io::Error) -> Option<Stop> {
    chain(error).find_map(|link| link.downcast_ref::<Stop>().copied())
}

/// The innermost words of an error: what its outer links repeat is left out.
pub(crate) fn words(error: &io::Error) -> String {
    chain(error)
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string)
}
