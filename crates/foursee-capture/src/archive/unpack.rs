//! Decompression: gzip and zstd, as streams that keep what came before a break.

use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, Read};

/// A compression that is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// Opens a compressed source: all members of a gzip file, all frames of a zstd one.
    pub(crate) fn open<'a>(self, source: impl Read + 'a) -> Box<dyn Read + 'a> {
        match self {
            Self::Gzip => Box::new(flate2::read::MultiGzDecoder::new(source)),
            Self::Zstd => Box::new(Frames {
                source,
                decoder: FrameDecoder::new(),
                state: State::Between,
                error: None,
            }),
        }
    }
}

/// The largest window of a zstd frame that is read, which is also what the zstd command reads unless it is told to.
const WIDEST: u64 = 128 << 20;

/// A zstd feature that is not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    #[error("its window is {0} bytes, more than the {WIDEST} that are read")]
    Window(u64),
    #[error("it was compressed with dictionary {0}, which is not in it")]
    Dictionary(u32),
}

/// Whether an error says that the compression is sound and only not read.
pub(crate) fn is_unread(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Unread>())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a frame.
    Between,
    /// In a frame that has more blocks.
    Inside,
    /// All its blocks are decoded; what they gave is still to be handed out.
    Ending,
    /// The end, or an error was given.
    Over,
}

/// The frames of a zstd file, one after the other, with their checksums compared.
struct Frames<R> {
    source: R,
    decoder: FrameDecoder,
    state: State,
    /// The error that follows what could still be decoded.
    error: Option<io::Error>,
}

impl<R: Read> Frames<R> {
    /// Begins the next frame, or finds the end.
    fn begin(&mut self) -> io::Result<State> {
        let mut header = Vec::with_capacity(18);
        self.take(&mut header, 4)?;
        match *header {
            [] => return Ok(State::Over),
            [0x28, 0xb5, 0x2f, 0xfd] => {}
            [0x50..=0x5f, 0x2a, 0x4d, 0x18] => return self.pass(),
            [_, _, _, _] => {
                let error = "bytes that are no zstd frame follow the last one";
                return Err(io::Error::new(io::ErrorKind::InvalidData, error));
            }
            _ => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
        self.take(&mut header, 1)?;
        let rest = header.last().map_or(0, |descriptor| rest_of_header(*descriptor));
        self.take(&mut header, rest)?;
        if let Some(window) = window(&header).filter(|window| *window > WIDEST) {
            return Err(io::Error::other(Unread::Window(window)));
        }
        self.decoder = FrameDecoder::new();
        match self.decoder.reset(header.as_slice()) {
            Ok(()) => Ok(State::Inside),
            Err(FrameDecoderError::DictNotProvided { dict_id }) => {
                Err(io::Error::other(Unread::Dictionary(dict_id)))
            }
            Err(error) => Err(io::Error::other(error)),
        }
    }

    /// Appends the next bytes, fewer only at the end of the source.
    fn take(&mut self, header: &mut Vec<u8>, bytes: usize) -> io::Result<usize> {
        self.source.by_ref().take(bytes as u64).read_to_end(header)
    }

    /// Passes over a skippable frame behind its magic number.
    fn pass(&mut self) -> io::Result<State> {
        let mut length = [0; 4];
        self.source.read_exact(&mut length)?;
        let length = u64::from(u32::from_le_bytes(length));
        let passed = io::copy(&mut self.source.by_ref().take(length), &mut io::sink())?;
        if passed < length {
            Err(io::ErrorKind::UnexpectedEof.into())
        } else {
            Ok(State::Between)
        }
    }

    /// Decodes one block. At a break, ends the frame with an empty last block and a checksum of nothing, so that the
    /// decoder hands out what it holds back for blocks that will not come.
    fn block(&mut self) {
        match self
            .decoder
            .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
        {
            Ok(_) if !self.decoder.is_finished() => {}
            Ok(_) => self.state = State::Ending,
            Err(error) => {
                self.error = Some(io::Error::other(error));
                self.state = State::Ending;
                if !self.decoder.is_finished() {
                    let last: &[u8] = &[1, 0, 0, 0, 0, 0, 0];
                    let _ = self.decoder.decode_blocks(last, BlockDecodingStrategy::All);
                }
            }
        }
    }

    /// The end of a frame whose bytes are all handed out.
    fn end(&mut self) -> io::Result<State> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let said = self.decoder.get_checksum_from_data();
        if said.is_some() && said != self.decoder.get_calculated_checksum() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "its zstd checksum does not match its content",
            ));
        }
        Ok(State::Between)
    }
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            let next = match self.state {
                State::Over => return Ok(0),
                State::Between => self.begin(),
                State::Inside | State::Ending => {
                    let got = self.decoder.read(buf)?;
                    if got > 0 || buf.is_empty() {
                        return Ok(got);
                    }
                    if self.state == State::Ending {
                        self.end()
                    } else {
                        self.block();
                        continue;
                    }
                }
            };
            match next {
                Ok(state) => self.state = state,
                Err(error) => {
                    self.state = State::Over;
                    return Err(error);
                }
            }
        }
    }
}

/// How many bytes of a frame header follow its descriptor (RFC 8878, 3.1.1.1.1).
const fn rest_of_header(descriptor: u8) -> usize {
    let single = descriptor & 0x20 != 0;
    let window = if single { 0 } else { 1 };
    let dictionary = match descriptor & 3 {
        3 => 4,
        few => few as usize,
    };
    let size = match descriptor >> 6 {
        0 if single => 1,
        0 => 0,
        power => 1 << power,
    };
    window + dictionary + size
}

/// The window that a frame header asks for (RFC 8878, 3.1.1.1.2): of a single segment, its content's size.
fn window(header: &[u8]) -> Option<u64> {
    let descriptor = *header.get(4)?;
    if descriptor & 0x20 == 0 {
        let window = *header.get(5)?;
        let base = 1_u64 << (10 + (window >> 3));
        return Some(base + base / 8 * u64::from(window & 7));
    }
    let at = match descriptor & 3 {
        3 => 9,
        few => 5 + usize::from(few),
    };
    let size = header.get(at..)?;
    let value = size
        .iter()
        .rev()
        .fold(0, |value: u64, byte| value << 8 | u64::from(*byte));
    // A size of two bytes begins at 256.
    Some(if size.len() == 2 { value + 256 } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_tells_its_length_and_window() {
        let magic = [0x28, 0xb5, 0x2f, 0xfd];
        for (header, want) in [
            (&[0x00, 0x00][..], 1 << 10),
            (&[0x04, 0x88], 1 << 27),
            (&[0x00, 0x8a], (1 << 27) + (1 << 27) / 4),
            (&[0xa4, 0, 0xe2, 0x04, 0], 320_000),
            (&[0x24, 0x85], 133),
            (&[0x64, 0x27, 0x0d], 0x0d27 + 256),
            (&[0x23, 1, 2, 3, 4, 9], 9),
            (&[0xe0, 0, 0, 0, 0, 1, 0, 0, 0], 1 << 32),
            (
                &[0xc0, 0xff, 0, 0, 0, 0, 0, 0, 0, 0],
                (1 << 41) + (1 << 41) / 8 * 7,
            ),
        ] {
            assert_eq!(rest_of_header(header[0]), header.len() - 1, "{header:x?}");
            assert_eq!(window(&[&magic, header].concat()), Some(want), "{header:x?}");
        }
    }
}
