//! Images for the model: what is one, and the form in which it travels.
//!
//! A service refuses a request with a broken image, and the image stays in history: each later turn would fail as well. So
//! the bytes are looked at, whoever they come from.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

mod shape;

/// The largest image file that is sent.
pub const LARGEST: u64 = 20 * 1024 * 1024;

/// Why something is not sent as an image. The text goes on after its name, without the full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoImage {
    /// Larger than [`LARGEST`].
    #[error("is larger than {} MiB; make it smaller", LARGEST / (1024 * 1024))]
    TooLarge,
    /// Of no kind that is sent.
    #[error("is no PNG, JPEG, GIF or WebP; convert it first")]
    Kind,
    /// It begins as an image, but there is none in it.
    #[error("is cut off or broken: it holds no whole image")]
    Broken,
    /// No base64.
    #[error("is not in base64")]
    Base64,
}

/// A file's bytes as a `data:` URL. Reading one byte more than [`LARGEST`] is enough to be told that it is too large.
///
/// # Errors
/// When they are no image, or too many.
pub fn data_url(bytes: &[u8]) -> Result<String, NoImage> {
    if bytes.len() as u64 > LARGEST {
        return Err(NoImage::TooLarge);
    }
    let kind = shape::kind(bytes).ok_or(NoImage::Kind)?;
    if !kind.is_whole(bytes) {
        return Err(NoImage::Broken);
    }
    Ok(format!("data:{};base64,{}", kind.media_type(), STANDARD.encode(bytes)))
}

/// The same for bytes that come in base64. What their sender calls them does not count.
///
/// # Errors
/// As [`data_url`], and when it is no base64.
pub fn data_url_of_base64(text: &str) -> Result<String, NoImage> {
    if text.len() as u64 / 4 * 3 > LARGEST + 3 {
        return Err(NoImage::TooLarge);
    }
    data_url(&STANDARD.decode(text.trim()).map_err(|_| NoImage::Base64)?)
}

#[cfg(test)]
mod tests;
