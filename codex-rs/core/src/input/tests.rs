//! What is an image, and what is too large a one.

use super::*;

#[test]
fn images_are_known_by_their_first_bytes() {
    for (bytes, expected) in [
        (&b"\x89PNG\r\n"[..], Some("image/png")),
        (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
        (b"GIF89a", Some("image/gif")),
        (b"RIFF\0\0\0\0WEBPVP8 ", Some("image/webp")),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"<svg>", None),
        (b"", None),
    ] {
        assert_eq!(kind(bytes), expected);
    }
}

#[test]
fn an_image_over_the_limit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.png");
    let file = File::create(&path).unwrap();
    file.set_len(LARGEST_IMAGE + 1).unwrap();
    let error = data_url(&path).unwrap_err().to_string();
    assert!(error.ends_with("is larger than 20 MiB; make it smaller."), "{error}");
}
