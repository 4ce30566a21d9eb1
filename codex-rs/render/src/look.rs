//! How things stand out: tones in place of colours, so that one table decides what each looks like.

use ratatui_core::style::{Color, Modifier, Style};

/// Whether colour may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// The sixteen basic colours of the person's own theme.
    Ansi,
    /// None (`NO_COLOR`); bold, faint and reverse still are.
    None,
}

/// Whether shapes are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Frames, bars and marks.
    Drawn,
    /// Words only, for screen readers: nothing moves by itself and no sign stands for a word.
    Words,
}

/// The look of the whole screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether colour may be used.
    pub colour: Colour,
    /// Whether shapes are drawn.
    pub form: Form,
}

/// How a piece of text stands out. None uses a colour that vanishes on a light or a dark ground: no white, black,
/// grey or yellow, and no background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Ordinary text.
    Normal,
    /// What one looks for.
    Strong,
    /// What one may skip.
    Faint,
    /// Stress in running text.
    Emphasis,
    /// Names one can type, and what is chosen.
    Accent,
    /// The plan pays.
    Plan,
    /// The key pays.
    Key,
    /// It worked.
    Good,
    /// It did not.
    Bad,
    /// It needs a look.
    Warning,
    /// Code in running text.
    Code,
    /// A link.
    Link,
    /// The row under the cursor of a list.
    Selected,
}

impl Look {
    /// Full colour, drawn shapes.
    pub const FULL: Look = Look { colour: Colour::Ansi, form: Form::Drawn };

    /// The style of a tone.
    pub fn style(self, tone: Tone) -> Style {
        let (colour, modifier) = match tone {
            Tone::Normal => (None, Modifier::empty()),
            Tone::Strong => (None, Modifier::BOLD),
            Tone::Faint => (None, Modifier::DIM),
            Tone::Emphasis => (None, Modifier::ITALIC),
            Tone::Accent => (Some(Color::Cyan), Modifier::empty()),
            Tone::Plan => (Some(Color::Green), Modifier::empty()),
            Tone::Key => (Some(Color::Magenta), Modifier::BOLD),
            Tone::Good => (Some(Color::Green), Modifier::empty()),
            Tone::Bad => (Some(Color::Red), Modifier::empty()),
            Tone::Warning => (Some(Color::Magenta), Modifier::empty()),
            Tone::Code => (Some(Color::Cyan), Modifier::empty()),
            Tone::Link => (Some(Color::Blue), Modifier::UNDERLINED),
            Tone::Selected => (Some(Color::Cyan), Modifier::BOLD),
        };
        let style = Style::new().add_modifier(modifier);
        match (self.colour, colour) {
            (Colour::Ansi, Some(colour)) => style.fg(colour),
            (Colour::Ansi, None) | (Colour::None, _) => style,
        }
    }
}
