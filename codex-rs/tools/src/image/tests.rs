//! What is an image, and what only begins as one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use super::*;

/// One grey dot.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGOoBwAAgQCA05RTSgAAAABJRU5ErkJggg==";

fn png() -> Vec<u8> {
    STANDARD.decode(PNG).unwrap()
}

fn jpeg() -> Vec<u8> {
    let mut bytes = b"\xff\xd8\xff\xe0\0\x04ab".to_vec();
    // A frame of one dot with one component, a byte that fills, the beginning of its data.
    bytes.extend(b"\xff\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0");
    bytes.extend(b"\xff\xda\0\x08\x01\x01\0\0\x3f\0\x12\x34\xff\xd9");
    bytes
}

fn gif() -> Vec<u8> {
    let mut bytes = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
    bytes.extend(b"\x21\xf9\x04\0\0\0\0\0");
    bytes.extend(b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b");
    bytes
}

fn webp() -> Vec<u8> {
    b"RIFF\x10\0\0\0WEBPVP8L\x04\0\0\0\x2f\0\0\0".to_vec()
}

#[test]
fn images_are_known_by_what_is_in_them() {
    for (bytes, media_type) in
        [(png(), "image/png"), (jpeg(), "image/jpeg"), (gif(), "image/gif"), (webp(), "image/webp")]
    {
        let url = data_url(&bytes).unwrap();
        assert!(url.starts_with(&format!("data:{media_type};base64,")), "{url}");
        assert_eq!(data_url_of_base64(&STANDARD.encode(&bytes)).unwrap(), url);
    }
    for bytes in [&b"RIFF\0\0\0\0WAVE"[..], b"<svg>", b"GIF", b""] {
        assert_eq!(data_url(bytes).unwrap_err(), NoImage::Kind);
    }
}

#[test]
fn what_only_begins_as_an_image_is_refused() {
    // Of a GIF and a JPEG the last bytes may be missing: there is an image to be seen.
    for (whole, needed) in [(png(), 67), (jpeg(), 33), (gif(), 41), (webp(), 24)] {
        for cut in 12..needed {
            assert_eq!(data_url(&whole[..cut]).unwrap_err(), NoImage::Broken, "{cut} of {whole:?}");
        }
        assert!(data_url(&whole[..needed]).is_ok(), "{whole:?}");
    }
    // Without a size.
    for (mut whole, size) in [(png(), 16..20), (jpeg(), 16..18), (gif(), 32..34)] {
        whole[size].fill(0);
        assert_eq!(data_url(&whole).unwrap_err(), NoImage::Broken, "{whole:?}");
    }
    assert_eq!(data_url_of_base64("iVBORw0KGgo=").unwrap_err(), NoImage::Broken);
    assert_eq!(data_url_of_base64("a picture").unwrap_err(), NoImage::Base64);
}

#[test]
fn what_is_too_large_is_refused() {
    let large = vec![0; LARGEST as usize + 1];
    assert_eq!(data_url(&large).unwrap_err().to_string(), "is larger than 20 MiB; make it smaller");
    assert_eq!(data_url_of_base64(&STANDARD.encode(&large)).unwrap_err(), NoImage::TooLarge);
    assert_eq!(data_url_of_base64(&"A".repeat(40 * 1024 * 1024)).unwrap_err(), NoImage::TooLarge);
}
