//! Text inside of a block: its styles, links, line breaks.

use ratatui_core::style::{Modifier, Style};
use ratatui_core::text::{Line, Span};

use crate::words::printable;
use crate::{Colour, Form, Look, Tone};

/// The text that is being gathered.
#[derive(Debug)]
pub(super) struct Inline {
    look: Look,
    styles: Vec<Style>,
    lines: Vec<Line<'static>>,
    current: Vec<Span<'static>>,
    links: Vec<OpenLink>,
}

#[derive(Debug)]
struct OpenLink {
    address: String,
    /// What it has shown so far.
    text: String,
}

impl Inline {
    pub(super) fn new(look: Look) -> Self {
        Inline { look, styles: Vec::new(), lines: Vec::new(), current: Vec::new(), links: Vec::new() }
    }

    /// Everything gathered since the last time, by line; nothing if there was no text.
    pub(super) fn take(&mut self) -> Vec<Line<'static>> {
        if !self.current.is_empty() {
            self.line_break();
        }
        std::mem::take(&mut self.lines)
    }

    /// All that follows stands out like this.
    pub(super) fn begin(&mut self, tone: Tone) {
        let style = self.style().patch(self.look.style(tone));
        self.styles.push(style);
    }

    /// The last [`Inline::begin`] ends.
    pub(super) fn end(&mut self) {
        self.styles.pop();
    }

    pub(super) fn begin_strike(&mut self) {
        if self.look.form == Form::Words {
            self.text("(struck out: ");
        }
        let style = self.style().add_modifier(Modifier::CROSSED_OUT);
        self.styles.push(style);
    }

    pub(super) fn end_strike(&mut self) {
        self.end();
        if self.look.form == Form::Words {
            self.text(")");
        }
    }

    pub(super) fn begin_link(&mut self, address: &str) {
        self.begin(Tone::Link);
        self.links.push(OpenLink { address: printable(address).into_owned(), text: String::new() });
    }

    /// Behind the text comes the address, where the text is another one.
    pub(super) fn end_link(&mut self) {
        self.end();
        let Some(link) = self.links.pop() else {
            return;
        };
        if link.text.trim().is_empty() {
            self.styled(&link.address, Tone::Link);
        } else if bare(&link.text) != bare(&link.address) && !link.address.is_empty() {
            self.styled(&format!(" ({})", link.address), Tone::Faint);
        }
    }

    pub(super) fn begin_image(&mut self, address: &str) {
        self.begin(Tone::Emphasis);
        self.links.push(OpenLink { address: printable(address).into_owned(), text: String::new() });
    }

    /// An image is its description; one without is its address.
    pub(super) fn end_image(&mut self) {
        self.end();
        match self.links.pop() {
            Some(image) if image.text.trim().is_empty() => self.styled(&image.address, Tone::Emphasis),
            Some(_) | None => {}
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        let text = printable(text);
        for link in &mut self.links {
            link.text.push_str(&text);
        }
        self.push(&text, self.style());
    }

    pub(super) fn code(&mut self, text: &str) {
        let style = self.style().patch(self.look.style(Tone::Code));
        let text = printable(text);
        for link in &mut self.links {
            link.text.push_str(&text);
        }
        match (self.look.form, self.look.colour) {
            (Form::Drawn, Colour::None) => self.push(&format!("`{text}`"), style),
            (Form::Drawn, Colour::Ansi) | (Form::Words, _) => self.push(&text, style),
        }
    }

    /// HTML is shown as it is written, but for line breaks.
    pub(super) fn html(&mut self, text: &str) {
        let tag = text.trim_matches(['<', '>', '/', ' ']);
        if tag.eq_ignore_ascii_case("br") { self.line_break() } else { self.text(text) }
    }

    /// Text in a tone of its own.
    pub(super) fn styled(&mut self, text: &str, tone: Tone) {
        let style = self.style().patch(self.look.style(tone));
        self.push(&printable(text), style);
    }

    pub(super) fn line_break(&mut self) {
        let spans = std::mem::take(&mut self.current);
        self.lines.push(Line::from(spans));
    }

    fn style(&self) -> Style {
        self.styles.last().copied().unwrap_or_default()
    }

    fn push(&mut self, text: &str, style: Style) {
        match self.current.last_mut() {
            Some(last) if last.style == style => last.content.to_mut().push_str(text),
            _ => self.current.push(Span::styled(text.to_owned(), style)),
        }
    }
}

/// An address as people write it.
fn bare(address: &str) -> &str {
    let address = address.trim();
    let rest = ["https://", "http://", "mailto:"].iter().find_map(|scheme| address.strip_prefix(scheme));
    rest.unwrap_or(address).trim_end_matches('/')
}
