use everview_core::Rng;

use super::{bytes_from_text, link, text_from_bytes};

#[test]
fn bytes_come_back_from_their_letters() {
    let mut rng = Rng::new(5);
    for length in 0..200_usize {
        let bytes: Vec<u8> = (0..length).map(|_| rng.next_u64().to_le_bytes()[0]).collect();
        assert_eq!(bytes_from_text(&text_from_bytes(&bytes)), Some(bytes), "{length} bytes");
    }
}

#[test]
fn letters_are_those_of_base64_in_addresses() {
    assert_eq!(text_from_bytes(b"\xfb\xff\xfe~?"), "-__-fj8");
    for wrong in ["A", "AAAAA", "A+B=", "é123"] {
        assert_eq!(bytes_from_text(wrong), None, "{wrong}");
    }
}

#[test]
fn a_link_is_no_longer_than_links_are_passed_on() {
    let short = link("https://example.org/x?y#/views", b"abc");
    assert_eq!(short.as_deref(), Some("https://example.org/x?y#/?src=capsule:YWJj"));
    assert_eq!(link("https://example.org/", &[0; 4_500]), None);
}
