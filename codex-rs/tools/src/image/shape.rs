//! The shape of image files: the kind by the first bytes, and whether there is an image in them. Nothing is decoded.

/// A kind of image that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Png,
    Jpeg,
    Gif,
    WebP,
}

/// The kind, by the file's first bytes: names lie.
pub(super) fn kind(bytes: &[u8]) -> Option<Kind> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some(Kind::Png),
        [0xFF, 0xD8, 0xFF, ..] => Some(Kind::Jpeg),
        [b'G', b'I', b'F', b'8', ..] => Some(Kind::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Kind::WebP),
        _ => None,
    }
}

impl Kind {
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Kind::Png => "image/png",
            Kind::Jpeg => "image/jpeg",
            Kind::Gif => "image/gif",
            Kind::WebP => "image/webp",
        }
    }

    /// Whether the parts that an image of this kind needs are there.
    pub(super) fn is_whole(self, bytes: &[u8]) -> bool {
        let found = match self {
            Kind::Png => png(bytes),
            Kind::Jpeg => jpeg(bytes),
            Kind::Gif => gif(bytes),
            Kind::WebP => webp(bytes),
        };
        found.is_some()
    }
}

/// Chunks: a header with a size, data, and the end.
fn png(bytes: &[u8]) -> Option<()> {
    let mut rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let mut has_header = false;
    let mut has_data = false;
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (name, after) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let data = after.get(..length)?;
        // Four bytes of check sum follow.
        rest = after.get(length.checked_add(4)?..)?;
        match (name, has_header) {
            (b"IHDR", false) => has_header = length == 13 && has_size(&data[..4]) && has_size(&data[4..8]),
            (b"IDAT", true) => has_data |= length > 0,
            (b"IEND", true) => return has_data.then_some(()),
            (_, true) => {}
            (_, false) => return None,
        }
    }
}

/// Segments: a frame with a size, then the beginning of its data.
fn jpeg(bytes: &[u8]) -> Option<()> {
    let mut rest = bytes.get(2..)?;
    let mut has_frame = false;
    loop {
        let (&[0xFF, marker], after) = rest.split_first_chunk::<2>()? else { return None };
        match marker {
            // A filling byte before a marker.
            0xFF => {
                rest = &rest[1..];
                continue;
            }
            0x01 | 0xD0..=0xD7 => {
                rest = after;
                continue;
            }
            0xD8 | 0xD9 => return None,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(*after.first_chunk::<2>()?));
        let data = after.get(2..length)?;
        rest = after.get(length..)?;
        match marker {
            0xDA => return (has_frame && !rest.is_empty()).then_some(()),
            // The height may follow later.
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => has_frame |= has_size(data.get(3..5)?),
            _ => {}
        }
    }
}

/// A screen, extensions, and one image with data.
fn gif(bytes: &[u8]) -> Option<()> {
    let rest = bytes.strip_prefix(b"GIF87a").or_else(|| bytes.strip_prefix(b"GIF89a"))?;
    let mut rest = rest.get(7 + colours(*rest.get(4)?)..)?;
    loop {
        match *rest.first()? {
            // An extension: its label, then blocks to an empty one.
            0x21 => {
                rest = rest.get(2..)?;
                while let length @ 1.. = usize::from(*rest.first()?) {
                    rest = rest.get(length + 1..)?;
                }
                rest = rest.get(1..)?;
            }
            0x2C => {
                let descriptor = rest.get(1..10)?;
                let data = rest.get(10 + colours(descriptor[8])..)?;
                let length = usize::from(*data.get(1)?);
                let fits = length > 0 && data.len() >= 2 + length;
                return (has_size(&descriptor[4..6]) && has_size(&descriptor[6..8]) && fits).then_some(());
            }
            _ => return None,
        }
    }
}

/// Bytes of the table of colours that these flags announce.
fn colours(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// As long as it says, and its first part as well.
fn webp(bytes: &[u8]) -> Option<()> {
    let length = |at: usize| {
        let bytes = bytes.get(at..)?.first_chunk::<4>()?;
        usize::try_from(u32::from_le_bytes(*bytes)).ok()
    };
    let fits = length(4)?.checked_add(8)? <= bytes.len() && length(16)?.checked_add(20)? <= bytes.len();
    let is_image = matches!(bytes.get(12..16)?, b"VP8 " | b"VP8L" | b"VP8X");
    (fits && is_image && length(16)? > 0).then_some(())
}

fn has_size(number: &[u8]) -> bool {
    number.iter().any(|byte| *byte != 0)
}
