//! The SHA-256 of a file as it lies there, taken while it is read.

use sha2::{Digest, Sha256};
use std::io::{self, Read};

/// A source whose bytes are digested on their way.
pub(crate) struct Digested<R> {
    source: R,
    digest: Sha256,
    bytes: u64,
}

impl<R: Read> Digested<R> {
    pub(crate) fn new(source: R) -> Self {
        Self {
            source,
            digest: Sha256::new(),
            bytes: 0,
        }
    }

    /// The digest of all of it, in hexadecimal: of what nobody read too. None where it cannot be read to its end.
    pub(crate) fn finish(mut self, bytes: u64) -> Option<String> {
        io::copy(&mut self, &mut io::sink()).ok()?;
        (self.bytes == bytes).then(|| {
            let digest = self.digest.finalize();
            digest.iter().map(|byte| format!("{byte:02x}")).collect()
        })
    }
}

impl<R: Read> Read for Digested<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        if let Some(got) = into.get(..read) {
            self.digest.update(got);
            self.bytes += got.len() as u64;
        }
        Ok(read)
    }
}
