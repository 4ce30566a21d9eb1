//! Large pastes and images in a draft. Each is one private character of the text, so that every edit takes or leaves it
//! whole; it is drawn as a label and replaced when the message is sent.

use std::path::{Path, PathBuf};

use codex_render::words;

use crate::app_event::Message;

/// Pastes with more characters become a placeholder.
const MOST_CHARACTERS: usize = 1_000;
/// And so do those with more lines.
const MOST_LINES: usize = 20;
/// Stands for the first attachment. These characters have no meaning to anybody and are taken out of what is typed.
const FIRST: u32 = 0x10_F000;
const LAST: u32 = 0x10_FFFD;
const IMAGES: &[&str] = &["png", "jpg", "jpeg", "gif", "webp"];

/// What the private characters of a draft stand for.
#[derive(Debug, Default, Clone)]
pub(super) struct Attachments {
    all: Vec<Attachment>,
}

#[derive(Debug, Clone)]
struct Attachment {
    label: String,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Text(String),
    Image(PathBuf),
}

impl Attachments {
    /// What is put into the draft for a paste: itself, or one character that stands for it.
    pub(super) fn take_in(&mut self, text: String, folder: &str) -> String {
        if let Some(path) = image(&text, folder) {
            return self.add(image_label(&path), Content::Image(path));
        }
        let count = text.chars().count();
        if count <= MOST_CHARACTERS && text.lines().nth(MOST_LINES).is_none() {
            return text;
        }
        let number = 1 + self.all.iter().filter(|other| matches!(other.content, Content::Text(_))).count();
        let characters = words::plural(count as u64, "character", "characters");
        self.add(format!("[Pasted {characters} #{number}]"), Content::Text(text))
    }

    /// The words that are drawn for a character, if it is one of ours.
    pub(super) fn label(&self, character: char) -> Option<&str> {
        self.of(character).map(|attachment| attachment.label.as_str())
    }

    /// Whether this stands for an image.
    pub(super) fn is_image(&self, text: &str) -> bool {
        let image = |character| {
            self.of(character).is_some_and(|attachment| matches!(attachment.content, Content::Image(_)))
        };
        text.chars().all(image) && !text.is_empty()
    }

    /// The draft as it is sent. An image keeps its label as a mark in the text.
    pub(super) fn message(&self, draft: &str) -> Message {
        let mut message = Message { text: String::with_capacity(draft.len()), images: Vec::new() };
        for character in draft.chars() {
            match self.of(character) {
                None => message.text.push(character),
                Some(Attachment { content: Content::Text(text), .. }) => message.text.push_str(text),
                Some(Attachment { content: Content::Image(path), label }) => {
                    message.text.push_str(label);
                    message.images.push(path.clone());
                }
            }
        }
        message
    }

    /// A draft that was elsewhere: the marks of images become images again.
    pub(super) fn put_back(&self, mut text: String) -> String {
        for (place, attachment) in self.all.iter().enumerate() {
            let character = u32::try_from(place).ok().and_then(|place| char::from_u32(FIRST + place));
            if let (Some(character), Content::Image(_)) = (character, &attachment.content) {
                text = text.replacen(&attachment.label, character.encode_utf8(&mut [0; 4]), 1);
            }
        }
        text
    }

    /// A message that comes back as a draft: its images are attached again, in place of their marks.
    pub(super) fn give_back(&mut self, message: Message) -> String {
        let mut text = message.text;
        for path in message.images {
            let label = image_label(&path);
            let mark = self.add(label.clone(), Content::Image(path));
            text = text.replacen(&label, &mark, 1);
        }
        text
    }

    /// The bytes that `message` would add to the draft's own.
    pub(super) fn bytes(&self, draft: &str) -> usize {
        let of = |attachment: &Attachment| match &attachment.content {
            Content::Text(text) => text.len(),
            Content::Image(_) => attachment.label.len(),
        };
        draft.chars().filter_map(|character| self.of(character)).map(of).sum()
    }

    fn add(&mut self, label: String, content: Content) -> String {
        let character =
            u32::try_from(self.all.len()).ok().map(|place| FIRST + place).filter(|code| *code <= LAST);
        match (character.and_then(char::from_u32), content) {
            (Some(character), content) => {
                self.all.push(Attachment { label, content });
                character.to_string()
            }
            (None, Content::Text(text)) => text,
            (None, Content::Image(path)) => path.display().to_string(),
        }
    }

    fn of(&self, character: char) -> Option<&Attachment> {
        let place = (character as u32).checked_sub(FIRST)?;
        self.all.get(usize::try_from(place).ok()?)
    }
}

fn image_label(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    format!("[image: {}]", words::printable(&name))
}

/// Text from outside: its line ends made one kind, and nothing in it that commands a terminal or stands for an attachment.
pub(super) fn cleaned(text: &str) -> String {
    let unwanted =
        |it: char| (it.is_control() && !matches!(it, '\n' | '\t')) || (FIRST..=LAST).contains(&(it as u32));
    text.replace("\r\n", "\n").replace('\r', "\n").replace(unwanted, "")
}

/// The existing image whose path this is: plain, quoted, with escaped blanks, or as a `file://` address.
fn image(text: &str, folder: &str) -> Option<PathBuf> {
    let text = text.trim();
    if text.is_empty() || text.len() > 4096 || text.contains('\n') {
        return None;
    }
    let unquoted = ['"', '\''].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote));
    let path = match (text.strip_prefix("file://"), unquoted) {
        (Some(address), _) => unescaped_address(address)?,
        (None, Some(inside)) => inside.to_owned(),
        (None, None) => unescaped(text),
    };
    let extension = Path::new(&path).extension()?.to_str()?.to_ascii_lowercase();
    let path = Path::new(folder).join(path);
    (IMAGES.contains(&extension.as_str()) && path.is_absolute() && path.is_file()).then_some(path)
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(if character == '\\' { characters.next().unwrap_or('\\') } else { character });
    }
    plain
}

/// `%20` and the like; none where it is no path of this machine.
fn unescaped_address(address: &str) -> Option<String> {
    let path = address.strip_prefix("localhost").unwrap_or(address);
    if !path.starts_with('/') {
        return None;
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'%', [high, low, behind @ ..]) => {
                let digits = [*high, *low];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
                rest = behind;
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    //! What a paste becomes.
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]
    use super::*;

    #[test]
    fn control_characters_and_private_ones_are_taken_out() {
        assert_eq!(cleaned("a\r\nb\rc\x1b[31m\u{7}\td\u{10F000}"), "a\nb\nc[31m\td");
    }

    #[test]
    fn large_texts_become_one_character() {
        let mut attachments = Attachments::default();
        assert_eq!(attachments.take_in("a".repeat(1_000), "/"), "a".repeat(1_000));
        let large = "b".repeat(1_234);
        let one = attachments.take_in(large.clone(), "/");
        let lines = attachments.take_in("x\n".repeat(21), "/");
        assert_eq!((one.chars().count(), lines.chars().count()), (1, 1));
        assert_eq!(attachments.label(one.chars().next().unwrap()), Some("[Pasted 1,234 characters #1]"));
        assert_eq!(attachments.label(lines.chars().next().unwrap()), Some("[Pasted 42 characters #2]"));
        let message = attachments.message(&format!("see {one}!"));
        assert_eq!((message.text, message.images), (format!("see {large}!"), Vec::new()));
    }

    #[test]
    fn paths_of_images_become_images() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a picture.PNG");
        std::fs::write(&path, "").unwrap();
        let plain = path.display().to_string();
        let forms = [
            plain.clone(),
            format!("'{plain}'\n"),
            plain.replace(' ', "\\ "),
            format!("file://{}", plain.replace(' ', "%20")),
            "a picture.PNG".to_owned(),
        ];
        for form in forms {
            let mut attachments = Attachments::default();
            let one = attachments.take_in(form.clone(), &folder.path().display().to_string());
            let message = attachments.message(&one);
            assert_eq!(
                (message.text.as_str(), message.images),
                ("[image: a picture.PNG]", vec![path.clone()]),
                "{form}"
            );
        }
        for text in ["/no/such.png", "a picture.txt", "hello", ""] {
            assert_eq!(Attachments::default().take_in(text.to_owned(), "/"), text);
        }
    }
}
