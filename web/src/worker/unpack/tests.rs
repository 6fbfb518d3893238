use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Unpacks chunks, and returns the bytes and the longest piece.
fn unpacked(chunks: &[&[u8]]) -> Result<(Vec<u8>, usize), UnpackError> {
    let (mut unpacker, mut bytes, mut longest) = (Unpacker::default(), Vec::new(), 0);
    let mut drain = |unpacker: &mut Unpacker| {
        while let Some(piece) = unpacker.piece()? {
            longest = longest.max(piece.len());
            bytes.extend(piece);
        }
        Ok::<(), UnpackError>(())
    };
    for chunk in chunks {
        unpacker.feed(chunk);
        drain(&mut unpacker)?;
    }
    unpacker.end();
    drain(&mut unpacker)?;
    Ok((bytes, longest))
}

#[test]
fn plain_bytes_come_out_as_they_went_in() {
    let long = vec![b'x'; 200_000];
    let (bytes, longest) = unpacked(&[&long[..1], &long[1..]]).unwrap();
    assert_eq!((bytes.len(), longest), (200_000, PIECE));
    assert_eq!(unpacked(&[b"a"]).unwrap().0, b"a");
    assert_eq!(unpacked(&[]).unwrap().0, b"");
}

#[test]
fn gzip_is_unpacked_however_it_is_cut() {
    let text = "one line\n".repeat(30_000);
    let packed = gzip(text.as_bytes());
    for cut in [1, 2, 3, packed.len() / 2, packed.len() - 1] {
        let (bytes, _) = unpacked(&[&packed[..cut], &packed[cut..]]).unwrap();
        assert!(bytes == text.as_bytes(), "cut at {cut}");
    }
}

#[test]
fn files_that_were_packed_one_after_the_other_are_read_to_the_end() {
    let packed = [gzip(b"one\n"), gzip(b"two\n")].concat();
    assert_eq!(unpacked(&[&packed]).unwrap().0, b"one\ntwo\n");
}

#[test]
fn a_bomb_goes_off_in_small_pieces() {
    let packed = gzip(&vec![0; 50 << 20]);
    assert!(packed.len() < 60_000);
    let (bytes, longest) = unpacked(&[&packed]).unwrap();
    assert_eq!(bytes.len(), 50 << 20);
    assert!(longest <= 1 << 17, "{longest}");
}

#[test]
fn half_a_file_is_said_to_be_damaged() {
    let packed = gzip("one line\n".repeat(100).as_bytes());
    let error = unpacked(&[&packed[..packed.len() / 2]]).unwrap_err();
    assert!(error.to_string().starts_with("it is gzipped and damaged"), "{error}");
}
