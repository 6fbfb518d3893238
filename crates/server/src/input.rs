//! Event files as bytes, whatever they are packed in.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

/// How many bytes are read at a time, however large the file is or unpacks to.
const PIECE: usize = 1 << 16;

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// An input that could not be read to its end.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {error}")]
pub(crate) struct ReadError {
    name: String,
    error: io::Error,
}

/// An event file that is read piece by piece.
pub(crate) struct Input {
    name: String,
    bytes: Box<dyn Read>,
    piece: Vec<u8>,
}

impl Input {
    /// Opens a file, or standard input if its name is `-`. What begins as gzip is unpacked.
    pub(crate) fn open(path: &Path) -> Result<Self, ReadError> {
        if path == Path::new("-") {
            return Self::unpack("standard input".to_owned(), Box::new(io::stdin()));
        }
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => Self::unpack(name, Box::new(file)),
            Err(error) => Err(ReadError { name, error }),
        }
    }

    fn unpack(name: String, mut packed: Box<dyn Read>) -> Result<Self, ReadError> {
        let mut start = Vec::new();
        if let Err(error) = packed.by_ref().take(GZIP.len() as u64).read_to_end(&mut start) {
            return Err(ReadError { name, error });
        }
        let is_gzip = start == GZIP;
        let whole = BufReader::with_capacity(PIECE, Cursor::new(start).chain(packed));
        let bytes: Box<dyn Read> =
            if is_gzip { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) };
        Ok(Self { name, bytes, piece: Vec::with_capacity(PIECE) })
    }

    /// Its name, for people.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The next bytes; none at the end.
    pub(crate) fn next_piece(&mut self) -> Result<&[u8], ReadError> {
        self.piece.clear();
        match self.bytes.by_ref().take(PIECE as u64).read_to_end(&mut self.piece) {
            Ok(_) => Ok(&self.piece),
            Err(error) => Err(ReadError { name: self.name.clone(), error }),
        }
    }
}

/// Reads a small file as text.
pub(crate) fn read_text(path: &Path) -> Result<String, ReadError> {
    std::fs::read_to_string(path)
        .map_err(|error| ReadError { name: path.display().to_string(), error })
}
