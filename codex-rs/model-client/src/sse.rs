//! Owns the event-stream grammar: bytes in any chunks → the data of each event. Time-outs are the reader's.

#[cfg(test)]
mod tests;

/// Longest line and longest event accepted, in bytes: an item of the model holds far less.
pub(crate) const LONGEST_EVENT: usize = 16 * 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An event or a line is longer than [`LONGEST_EVENT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

/// An incremental parser of one stream. Lines end with LF, CR or CRLF; comments and fields other than `data`
/// are skipped: the type of every event we read stands in its data too (wire-facts §3.5).
#[derive(Debug, Default)]
pub(crate) struct SseParser {
    /// The line that has begun, where it is spread over chunks.
    line: Vec<u8>,
    /// The data of the event that has begun.
    data: Vec<u8>,
    has_data: bool,
    last_was_cr: bool,
    past_first_line: bool,
}

impl SseParser {
    /// Takes the next bytes and hands the data of every event that they complete to `on_event`.
    pub(crate) fn feed(&mut self, mut chunk: &[u8], mut on_event: impl FnMut(&[u8])) -> Result<(), TooLong> {
        if self.last_was_cr && !chunk.is_empty() {
            self.last_was_cr = false;
            chunk = chunk.strip_prefix(b"\n").unwrap_or(chunk);
        }
        while let Some(end) = chunk.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (line, rest) = chunk.split_at(end);
            self.complete_line(line, &mut on_event)?;
            let ended_by_cr = rest.starts_with(b"\r");
            chunk = rest.get(1..).unwrap_or_default();
            if ended_by_cr {
                self.last_was_cr = chunk.is_empty();
                chunk = chunk.strip_prefix(b"\n").unwrap_or(chunk);
            }
        }
        grow(&mut self.line, chunk)
    }

    /// The stream has ended: a last event whose closing blank line is missing still counts, because an answer that
    /// is complete but for that line must not be paid for twice.
    pub(crate) fn finish(&mut self, mut on_event: impl FnMut(&[u8])) -> Result<(), TooLong> {
        self.complete_line(b"", &mut on_event)?;
        self.complete_line(b"", &mut on_event)
    }

    fn complete_line(&mut self, end: &[u8], on_event: &mut impl FnMut(&[u8])) -> Result<(), TooLong> {
        if self.line.is_empty() {
            return self.take_line(end, on_event);
        }
        grow(&mut self.line, end)?;
        let mut line = std::mem::take(&mut self.line);
        self.take_line(&line, on_event)?;
        line.clear();
        self.line = line;
        Ok(())
    }

    fn take_line(&mut self, mut line: &[u8], on_event: &mut impl FnMut(&[u8])) -> Result<(), TooLong> {
        if !self.past_first_line {
            self.past_first_line = true;
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        }
        if line.is_empty() {
            if self.has_data {
                on_event(&self.data);
            }
            self.data.clear();
            self.has_data = false;
            return Ok(());
        }
        let Some(value) = field(line, b"data") else { return Ok(()) };
        if self.has_data {
            self.data.push(b'\n');
        }
        self.has_data = true;
        grow(&mut self.data, value)
    }
}

/// The value of this field, if the line is one: `name`, `name:value` or `name: value`.
fn field<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let rest = line.strip_prefix(name)?;
    if rest.is_empty() {
        return Some(rest);
    }
    let value = rest.strip_prefix(b":")?;
    Some(value.strip_prefix(b" ").unwrap_or(value))
}

fn grow(buffer: &mut Vec<u8>, bytes: &[u8]) -> Result<(), TooLong> {
    if buffer.len() + bytes.len() > LONGEST_EVENT {
        return Err(TooLong);
    }
    buffer.extend_from_slice(bytes);
    Ok(())
}
