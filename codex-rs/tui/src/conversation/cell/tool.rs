//! A call of an MCP tool, a search, an image: what was called and what came of it.

use codex_app_server_protocol::{McpToolCallItem, McpToolCallStatus, WebSearchAction};
use codex_render::words::duration;
use codex_render::{Form, Tone, wrap};
use ratatui_core::text::{Line, Span};
use serde_json::Value;

use super::{Detail, command, lines_of, marked};
use crate::clean::{clean, output_line};
use crate::picture::Scene;

/// Rows of arguments and of a result that are shown.
const ARGUMENT_ROWS: usize = 3;
const RESULT_ROWS: usize = 4;

/// A call of an MCP tool.
#[derive(Debug)]
pub(crate) struct McpCall {
    item: McpToolCallItem,
    end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    AsTold,
    /// The person is asked whether it may be called.
    Asked,
    /// The turn ended before it did.
    Unknown,
}

impl McpCall {
    pub(crate) fn new(item: &McpToolCallItem) -> Self {
        McpCall { item: item.clone(), end: End::AsTold }
    }

    /// The person is asked about it.
    pub(crate) fn asked(&mut self) {
        if self.item.status == McpToolCallStatus::InProgress {
            self.end = End::Asked;
        }
    }

    /// The question has its answer.
    pub(crate) fn settled(&mut self) {
        if self.end == End::Asked {
            self.end = End::AsTold;
        }
    }

    pub(crate) fn end(&mut self) {
        self.end = End::Unknown;
    }

    pub(super) fn lines(&self, scene: &Scene, detail: Detail) -> Vec<Line<'static>> {
        let item = &self.item;
        let arguments = match &item.arguments {
            Value::Null => String::new(),
            Value::Object(members) if members.is_empty() => String::new(),
            arguments => format!(" {arguments}"),
        };
        let text = format!("{}.{}{arguments}", item.server, item.tool).replace('\n', " ");
        let indent = marked(scene, Tone::Accent, "• ", "MCP tool: ");
        let mut lines =
            cut(scene, lines_of(&clean(&text), scene, Tone::Normal, &indent), ARGUMENT_ROWS, detail);
        let margin = if scene.look.form == Form::Drawn { "  " } else { "" };
        let below = wrap::Indent::every(vec![Span::raw(margin)]);
        let result = self.result();
        let rows = result.lines().flat_map(|line| {
            wrap::hard(&Line::from(scene.span(Tone::Faint, output_line(line))), scene.width, &below)
        });
        lines.extend(cut(scene, rows.collect(), RESULT_ROWS, detail));
        lines.push(self.outcome(scene));
        lines
    }

    fn result(&self) -> String {
        if let Some(error) = &self.item.error {
            return error.message.trim().to_owned();
        }
        let blocks = self.item.result.iter().flat_map(|result| &result.content);
        let text = |block: &Value| match block["text"].as_str() {
            Some(text) => text.trim_end().to_owned(),
            None => format!("[{}]", block["type"].as_str().unwrap_or("content")),
        };
        blocks.map(text).collect::<Vec<_>>().join("\n")
    }

    fn outcome(&self, scene: &Scene) -> Line<'static> {
        let joint = scene.joint();
        let time =
            self.item.duration_ms.map_or_else(String::new, |time| format!("{joint}{}", duration(time)));
        let words = match (self.end, self.item.status) {
            (End::Unknown, _) => scene.span(Tone::Warning, "the turn ended before it did"),
            (End::Asked, _) => scene.span(Tone::Faint, "waits for your answer"),
            (End::AsTold, McpToolCallStatus::InProgress) => scene.span(Tone::Faint, "running"),
            (End::AsTold, McpToolCallStatus::Completed) => scene.span(Tone::Good, format!("ok{time}")),
            (End::AsTold, McpToolCallStatus::Failed) => scene.span(Tone::Bad, format!("failed{time}")),
        };
        let mark = match scene.look.form {
            Form::Drawn => "  ",
            Form::Words => "Result: ",
        };
        wrap::truncate(&Line::from(vec![Span::raw(mark), words]), scene.width)
    }
}

/// What a search of the web did.
pub(super) fn search_lines(
    scene: &Scene,
    query: &str,
    action: Option<&WebSearchAction>,
) -> Vec<Line<'static>> {
    let text = match action {
        Some(WebSearchAction::OpenPage { url: Some(url) }) => format!("Opened {url}"),
        Some(WebSearchAction::FindInPage { url: Some(url), pattern: Some(pattern) }) => {
            format!("Looked for {pattern} in {url}")
        }
        Some(WebSearchAction::Search { query: Some(query), .. }) if !query.is_empty() => {
            format!("Searched the web for {query}")
        }
        Some(WebSearchAction::Search { queries: Some(queries), .. }) if !queries.is_empty() => {
            format!("Searched the web for {}", queries.join("; "))
        }
        Some(
            WebSearchAction::OpenPage { .. }
            | WebSearchAction::FindInPage { .. }
            | WebSearchAction::Search { .. }
            | WebSearchAction::Other,
        )
        | None => match query {
            "" => "Searched the web".to_owned(),
            query => format!("Searched the web for {query}"),
        },
    };
    lines_of(&clean(&text), scene, Tone::Normal, &marked(scene, Tone::Accent, "• ", ""))
}

/// That an image was looked at.
pub(super) fn image_lines(scene: &Scene, path: &str) -> Vec<Line<'static>> {
    let text = format!("Looked at the image {path}");
    lines_of(&text, scene, Tone::Normal, &marked(scene, Tone::Accent, "• ", ""))
}

fn cut(scene: &Scene, mut lines: Vec<Line<'static>>, rows: usize, detail: Detail) -> Vec<Line<'static>> {
    if detail == Detail::Folded && lines.len() > rows + 1 {
        let more = lines.len() - rows;
        lines.truncate(rows);
        lines.push(command::more_lines(scene, more));
    }
    lines
}
