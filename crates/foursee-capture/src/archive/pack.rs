//! A folder as a `.tar.zst`: a stream of zstd frames, a few megabytes each, over one tar.
//!
//! The encoder is ruzstd's, at its one level (about zstd's level 1): no C, and nothing more to build than what reads
//! archives already. It ends the process on a failed write, so it is only ever given memory; and it is young, so each
//! frame is decoded again and compared before it goes out. A frame that would not come back is stored uncompressed.

use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// How much of the tar goes into one frame.
const FRAME: usize = 4 << 20;

/// Writes the files, in that order, under their names. Times and owners are not kept: equal files, equal bytes.
pub(crate) fn pack(root: &Path, names: &[&str], out: File) -> io::Result<()> {
    let mut tape = tar::Builder::new(Frames {
        out,
        pending: Vec::with_capacity(FRAME),
    });
    for name in names {
        let file = File::open(root.join(name))?;
        let mut header = tar::Header::new_gnu();
        header.set_size(file.metadata()?.len());
        header.set_mode(0o600);
        tape.append_data(&mut header, name, file)?;
    }
    let mut frames = tape.into_inner()?;
    frames.frame()?;
    frames.out.sync_all()
}

struct Frames {
    out: File,
    pending: Vec<u8>,
}

impl Frames {
    fn frame(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let mut frame = compress_to_vec(self.pending.as_slice(), CompressionLevel::Fastest);
        if !gives(&frame, &self.pending) {
            frame = compress_to_vec(self.pending.as_slice(), CompressionLevel::Uncompressed);
        }
        self.pending.clear();
        self.out.write_all(&frame)
    }
}

/// Whether a frame decodes to these bytes.
fn gives(frame: &[u8], bytes: &[u8]) -> bool {
    let mut again = Vec::with_capacity(bytes.len());
    StreamingDecoder::new(frame)
        .is_ok_and(|mut decoder| decoder.read_to_end(&mut again).is_ok() && again == bytes)
}

impl Write for Frames {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = FRAME - self.pending.len();
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.pending.extend_from_slice(taken);
        if self.pending.len() == FRAME {
            self.frame()?;
        }
        Ok(taken.len())
    }

    /// Frames end where they are full: a flush would make them small.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
