//! Decompression: gzip and zstd, as streams that keep what came before a break.

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
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

/// A zstd feature that is not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    #[error("its window is {0} bytes, more than the 104857600 that are read")]
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
        let mut first = [0];
        if self.source.read(&mut first)? == 0 {
            return Ok(State::Over);
        }
        match self.decoder.reset(first.as_slice().chain(&mut self.source)) {
            Ok(()) => Ok(State::Inside),
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length, ..
            })) => {
                let passed = io::copy(&mut self.source.by_ref().take(u64::from(length)), &mut io::sink())?;
                if passed < u64::from(length) {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                Ok(State::Between)
            }
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::BadMagicNumber(_))) => {
                Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "bytes that are no zstd frame follow the last one",
                ))
            }
            Err(FrameDecoderError::WindowSizeTooBig { requested }) => {
                Err(io::Error::other(Unread::Window(requested)))
            }
            Err(FrameDecoderError::DictNotProvided { dict_id }) => {
                Err(io::Error::other(Unread::Dictionary(dict_id)))
            }
            Err(error) => Err(io::Error::other(error)),
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
