//! What goes into a decoder and what comes out of it, held against each other.

use crate::limits::Stop;
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// What a compressed file may give before its ratio counts: small texts of one repeated line compress well too.
const UNSUSPICIOUS: u64 = 64 << 20;

/// A reader that counts what passes.
pub(crate) struct Counted<R> {
    pub(crate) source: R,
    pub(crate) count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let got = self.source.read(buf)?;
        self.count.set(self.count.get().saturating_add(got as u64));
        Ok(got)
    }
}

/// What comes out of a compressed file, held against what went in.
pub(crate) struct Guarded<R> {
    pub(crate) source: R,
    /// How many bytes went in.
    pub(crate) packed: Rc<Cell<u64>>,
    /// How many came out.
    pub(crate) unpacked: Rc<Cell<u64>>,
    pub(crate) ratio: u64,
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let unpacked = self.unpacked.get();
        if unpacked > UNSUSPICIOUS && unpacked / self.packed.get().max(1) >= self.ratio {
            return Err(Stop::Ratio(self.ratio).into());
        }
        // A decoder may fill whatever it is given before it answers: a bounded buffer keeps the guard close.
        let most = buf.len().min(256 << 10);
        let got = self.source.read(buf.get_mut(..most).unwrap_or_default())?;
        self.unpacked.set(unpacked.saturating_add(got as u64));
        Ok(got)
    }
}
