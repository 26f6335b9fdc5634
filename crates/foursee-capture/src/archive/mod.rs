//! Archives and compressed files: read as they stream by, and written. All that a build without them leaves out.

mod gaps;
mod guard;
mod pack;
mod tape;
mod unpack;

pub(crate) use pack::pack;
pub(crate) use tape::is_header;
pub(crate) use unpack::Packing;

use crate::limits::{self, Metered};
use crate::read::{At, Broken, Reader};
use crate::sniff::Peeked;
use guard::{Counted, Guarded};
use std::cell::Cell;
use std::rc::Rc;

impl At {
    /// The name of an entry of this archive.
    pub(crate) fn below(&self, entry: &str) -> String {
        if self.inside.is_empty() {
            entry.to_owned()
        } else {
            format!("{}/{entry}", self.inside)
        }
    }

    /// An entry of this archive.
    pub(crate) fn child(&self, entry: &str) -> Self {
        let name = self.below(entry);
        Self {
            inside: name.clone(),
            name,
            packed: false,
            named: false,
            ..*self
        }
    }
}

impl Reader<'_> {
    /// Reads what a tar archive holds.
    pub(crate) fn tar(&mut self, at: &At, mut source: Peeked<'_>) -> Result<(), Broken> {
        let depth = if at.packed { at.depth } else { at.depth + 1 };
        if depth > self.limits.depth {
            self.gap(at, gaps::too_deep(&at.name, self.limits.depth));
            return Ok(());
        }
        let inner = At {
            depth,
            packed: false,
            metered: true,
            ..at.clone()
        };
        if at.metered {
            return self.tape(&inner, &mut source);
        }
        let mut source = Metered {
            source,
            budget: Rc::clone(&self.budget),
        };
        self.tape(&inner, &mut source)
    }

    /// Reads what a compressed stream holds.
    pub(crate) fn unpack(&mut self, at: &At, packing: Packing, source: Peeked<'_>) -> Result<(), Broken> {
        let depth = at.depth + 1;
        if depth > self.limits.depth {
            self.gap(at, gaps::too_deep(&at.name, self.limits.depth));
            return Ok(());
        }
        let (packed, unpacked) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let source = packing.open(Counted {
            source,
            count: Rc::clone(&packed),
        });
        let guarded = Guarded {
            source,
            packed,
            unpacked: Rc::clone(&unpacked),
            ratio: self.limits.ratio,
        };
        let mut source = Metered {
            source: guarded,
            budget: Rc::clone(&self.budget),
        };
        let inner = At {
            depth,
            packed: true,
            metered: true,
            ..at.clone()
        };
        let Err(broken) = self.stream(&inner, &mut source, None) else {
            return Ok(());
        };
        if self.budget.stopped().is_some() {
            return Err(Broken {
                document: broken.document.or_else(|| Some(at.name.clone())),
                ..broken
            });
        }
        let document = broken.document.as_deref().filter(|document| *document != at.name);
        self.gap(
            at,
            match limits::stop_of(&broken.error) {
                Some(stop) => gaps::bomb(&at.name, unpacked.get(), stop),
                None => gaps::broken_stream(&at.name, document, packing, unpacked.get(), &broken.error),
            },
        );
        Ok(())
    }
}
