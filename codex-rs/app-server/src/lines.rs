//! Lines out of a byte stream, with a cap on how much of one is kept.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// Reads lines of up to a number of bytes.
pub(crate) struct Lines<R> {
    reader: R,
    cap: usize,
    line: Vec<u8>,
}

/// One line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// All of it.
    Whole(&'a [u8]),
    /// It was longer than the cap and is gone.
    TooLong,
}

impl<R: AsyncBufRead + Unpin> Lines<R> {
    pub(crate) fn new(reader: R, cap: usize) -> Self {
        Lines { reader, cap, line: Vec::new() }
    }

    /// The next line; the last one needs no line end. `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let mut too_long = false;
        loop {
            let ready = self.reader.fill_buf().await?;
            if ready.is_empty() {
                return Ok(match (too_long, self.line.is_empty()) {
                    (true, _) => Some(Line::TooLong),
                    (false, false) => Some(Line::Whole(&self.line)),
                    (false, true) => None,
                });
            }
            let end = ready.iter().position(|byte| *byte == b'\n');
            let part = end.unwrap_or(ready.len());
            if too_long || self.line.len() + part > self.cap {
                too_long = true;
                self.line = Vec::new();
            } else {
                self.line.extend_from_slice(&ready[..part]);
            }
            self.reader.consume(end.map_or(part, |end| end + 1));
            if end.is_some() {
                return Ok(Some(if too_long { Line::TooLong } else { Line::Whole(&self.line) }));
            }
        }
    }
}

#[cfg(test)]
mod tests;
