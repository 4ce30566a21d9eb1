//! What the person says: checked, and turned into the item that the model gets.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use codex_app_server_protocol::UserInput;
use codex_protocol::{ContentItem, ResponseItem};
use codex_tools::image;

use crate::CoreError;
use crate::error::INPUT_CHARACTER_LIMIT;

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
    file.take(image::LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    image::data_url(&bytes).map_err(|problem| wrong(problem.to_string()))
}

#[cfg(test)]
mod tests;
