//! What the person says: checked, and turned into the item that the model gets.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codex_app_server_protocol::UserInput;
use codex_protocol::{ContentItem, ResponseItem};

use crate::CoreError;
use crate::error::INPUT_CHARACTER_LIMIT;

/// The largest image file that is sent.
const LARGEST_IMAGE: u64 = 20 * 1024 * 1024;

/// The model's item for this input. Image files are read here and travel as `data:` URLs.
///
/// # Errors
/// When nothing or too much is said, or an image cannot be sent.
pub(crate) fn to_item(input: &[UserInput], cwd: &Path) -> Result<ResponseItem, CoreError> {
    let characters: usize = input.iter().map(characters).sum();
    if characters > INPUT_CHARACTER_LIMIT {
        return Err(CoreError::InputTooLarge { characters });
    }
    let said = |part: &&UserInput| !matches!(part, UserInput::Text { text, .. } if text.is_empty());
    let content: Vec<ContentItem> =
        input.iter().filter(said).map(|part| to_part(part, cwd)).collect::<Result<_, _>>()?;
    if content.is_empty() {
        return Err(CoreError::EmptyInput);
    }
    Ok(ResponseItem::Message { id: None, role: "user".to_owned(), content, extra: Default::default() })
}

fn characters(part: &UserInput) -> usize {
    match part {
        UserInput::Text { text, .. } => text.chars().count(),
        UserInput::Image { .. } | UserInput::LocalImage { .. } => 0,
    }
}

fn to_part(part: &UserInput, cwd: &Path) -> Result<ContentItem, CoreError> {
    Ok(match part {
        UserInput::Text { text, .. } => ContentItem::InputText { text: text.clone() },
        UserInput::Image { url } => ContentItem::InputImage { image_url: url.clone() },
        UserInput::LocalImage { path } => ContentItem::InputImage { image_url: data_url(&cwd.join(path))? },
    })
}

fn data_url(path: &Path) -> Result<String, CoreError> {
    let wrong = |problem: String| CoreError::Image { path: PathBuf::from(path), problem };
    let unreadable = |error: std::io::Error| wrong(format!("cannot be read ({error}); name another file"));
    let metadata = path.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(wrong("is not a file; name an image file".to_owned()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(LARGEST_IMAGE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST_IMAGE {
        let mebibytes = LARGEST_IMAGE / (1024 * 1024);
        return Err(wrong(format!("is larger than {mebibytes} MiB; make it smaller")));
    }
    let kind =
        kind(&bytes).ok_or_else(|| wrong("is no PNG, JPEG, GIF or WebP; convert it first".to_owned()))?;
    Ok(format!("data:{kind};base64,{}", STANDARD.encode(&bytes)))
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
mod tests;
