//! Bytes as they are or gzipped, unpacked in bounded pieces.

use std::io::Write as _;

use flate2::write::MultiGzDecoder;

#[cfg(test)]
mod tests;

/// How a gzip file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The most bytes of a plain input that are handed on at once.
const PIECE: usize = 1 << 16;

/// Unpacks what comes in, a piece at a time: a few bytes can stand for gigabytes, and whoever asks
/// shall be able to stop in between.
#[derive(Debug, Default)]
pub(super) struct Unpacker {
    packed: Vec<u8>,
    /// Bytes of `packed` that are unpacked already.
    taken: usize,
    /// Bytes that were unpacked before those of `packed`.
    passed: u64,
    form: Option<Form>,
    is_ended: bool,
}

#[derive(Debug)]
enum Form {
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
}

/// The input is no whole gzip file.
#[derive(Debug, thiserror::Error)]
#[error("it is gzipped and damaged: {0}")]
pub(super) struct UnpackError(#[from] std::io::Error);

impl Unpacker {
    /// Takes in more bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.passed = self.packed_bytes();
        self.packed.drain(..self.taken);
        self.taken = 0;
        self.packed.extend_from_slice(bytes);
        if self.form.is_none() && GZIP.len() <= self.packed.len() {
            self.form = Some(self.detect());
        }
    }

    /// How many of the bytes that came in are unpacked.
    pub(super) fn packed_bytes(&self) -> u64 {
        self.passed + self.taken as u64
    }

    /// Notes that nothing more comes in.
    pub(super) fn end(&mut self) {
        self.is_ended = true;
        if self.form.is_none() {
            self.form = Some(self.detect());
        }
    }

    fn detect(&self) -> Form {
        if self.packed.starts_with(&GZIP) {
            Form::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))
        } else {
            Form::Plain
        }
    }

    /// The next piece; nothing when more has to come in first, or everything is unpacked.
    ///
    /// # Errors
    ///
    /// When the bytes are no gzip, or end in the middle of it.
    pub(super) fn piece(&mut self) -> Result<Option<Vec<u8>>, UnpackError> {
        let rest = self.packed.get(self.taken..).unwrap_or_default();
        match &mut self.form {
            None => Ok(None),
            Some(Form::Plain) => {
                let piece = rest[..rest.len().min(PIECE)].to_vec();
                self.taken += piece.len();
                Ok((!piece.is_empty()).then_some(piece))
            }
            Some(Form::Gzip(decoder)) => {
                if !rest.is_empty() {
                    // One call unpacks no more than the decoder's own buffer of 32 KiB.
                    self.taken += decoder.write(rest)?;
                } else if self.is_ended {
                    decoder.try_finish()?;
                }
                let piece = std::mem::take(decoder.get_mut());
                let is_over = piece.is_empty() && self.taken == self.packed.len();
                Ok((!is_over).then_some(piece))
            }
        }
    }
}
