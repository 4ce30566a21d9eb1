//! Images for the model: what is one, and the form in which it travels.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The largest image file that is sent.
pub const LARGEST: u64 = 20 * 1024 * 1024;

/// Why a file is not sent as an image. The text goes on after the file's path, without the full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoImage {
    /// Larger than [`LARGEST`].
    #[error("is larger than {} MiB; make it smaller", LARGEST / (1024 * 1024))]
    TooLarge,
    /// Of no kind that is sent.
    #[error("is no PNG, JPEG, GIF or WebP; convert it first")]
    Kind,
}

/// A file's bytes as a `data:` URL. Reading one byte more than [`LARGEST`] is enough to be told that it is too large.
///
/// # Errors
/// When they are no image, or too many.
pub fn data_url(bytes: &[u8]) -> Result<String, NoImage> {
    if bytes.len() as u64 > LARGEST {
        return Err(NoImage::TooLarge);
    }
    let kind = kind(bytes).ok_or(NoImage::Kind)?;
    Ok(format!("data:{kind};base64,{}", STANDARD.encode(bytes)))
}

/// The media type, by the file's first bytes: names lie.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

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
    fn what_is_no_image_or_too_large_a_one_is_refused() {
        assert_eq!(data_url(b"\x89PNG").unwrap(), "data:image/png;base64,iVBORw==");
        assert_eq!(data_url(b"GIF").unwrap_err(), NoImage::Kind);
        let mut large = b"\x89PNG".to_vec();
        large.resize(LARGEST as usize + 1, 0);
        assert_eq!(data_url(&large).unwrap_err().to_string(), "is larger than 20 MiB; make it smaller");
    }
}
