//! Insertions into manifests: a member of the workspace, a dependency of a crate. TOML is read by toml_edit; what is
//! there keeps its bytes.

use std::ops::Range;

use toml_edit::{Document, Item, Table, TableLike};

use crate::layout::{Insertion, Side};
use crate::source;

/// Adds a folder to the members of the workspace; `None` if it is one.
pub(crate) fn member(text: &str, folder: &str) -> Result<Option<Insertion>, String> {
    let manifest = Manifest::read(text)?;
    let members = manifest.document.get("workspace").and_then(|workspace| workspace.get("members"));
    let Some(members) = members.and_then(Item::as_array) else {
        return Err("has no list of the workspace's members".to_owned());
    };
    if members.iter().any(|member| member.as_str() == Some(folder)) {
        return Ok(None);
    }
    let list = manifest.at(members.span())?;
    let first =
        members.iter().next().and_then(|member| member.span()).map(|span| span.start + manifest.starts_at);
    let open = list.start + 1;
    let insertion = match line_end(text, open) {
        Some(line_end) => {
            let indent = first.map_or("    ", |first| source::indentation(text, first));
            Insertion {
                offset: line_end,
                text: format!("{}{indent}\"{folder}\",", source::newline(text)),
                side: Side::Behind,
            }
        }
        None => Insertion { offset: open, text: format!("\"{folder}\", "), side: Side::Behind },
    };
    Ok(Some(insertion))
}

/// Adds a dependency with this `value`, after the last one of a smaller name; `None` if there is one of the name.
pub(crate) fn dependency(text: &str, package: &str, value: &str) -> Result<Option<Insertion>, String> {
    let manifest = Manifest::read(text)?;
    let newline = source::newline(text);
    let line = format!("{package} = {value}");
    let Some(table) = manifest.document.get("dependencies").and_then(Item::as_table) else {
        let gap = if text.ends_with('\n') { "" } else { newline };
        let text_ = format!("{gap}{newline}[dependencies]{newline}{line}{newline}");
        return Ok(Some(Insertion { offset: text.len(), text: text_, side: Side::Behind }));
    };
    if table.contains_key(package) {
        return Ok(None);
    }
    // Tables with a heading of their own are no lines of this one.
    let own = |item: &Item| item.is_value() || item.as_table().is_some_and(Table::is_dotted);
    let smaller = table.iter().filter(|(key, item)| own(item) && *key < package).last();
    let after = match smaller {
        Some((key, item)) => {
            end_of(item).or_else(|| table.key(key).and_then(|key| key.span()).map(|span| span.end))
        }
        None => table.span().map(|span| span.start),
    };
    let Some(after) = after else {
        return Err("has dependencies in a form that is not understood".to_owned());
    };
    let after = after + manifest.starts_at;
    let line_end = text[after..]
        .find('\n')
        .map_or(text.len(), |end| after + text[after..after + end].trim_end_matches('\r').len());
    Ok(Some(Insertion { offset: line_end, text: format!("{newline}{line}"), side: Side::Behind }))
}

struct Manifest<'a> {
    document: Document<&'a str>,
    starts_at: usize,
}

impl<'a> Manifest<'a> {
    fn read(text: &'a str) -> Result<Self, String> {
        let starts_at = text.len() - text.trim_start_matches('\u{feff}').len();
        let document = Document::parse(&text[starts_at..])
            .map_err(|error| format!("is not TOML: {}", error.message()))?;
        Ok(Manifest { document, starts_at })
    }

    fn at(&self, span: Option<Range<usize>>) -> Result<Range<usize>, String> {
        let span = span.ok_or("has a list in a form that is not understood")?;
        Ok(span.start + self.starts_at..span.end + self.starts_at)
    }
}

/// The end of a value, or of the last value of `name.key = …`.
fn end_of(item: &Item) -> Option<usize> {
    match item.as_table().filter(|table| table.is_dotted()) {
        Some(table) => TableLike::iter(table).filter_map(|(_, item)| end_of(item)).max(),
        None => item.span().map(|span| span.end),
    }
}

/// The end of the line if there is nothing more on it than a comment.
fn line_end(text: &str, offset: usize) -> Option<usize> {
    let line = text[offset..].split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    let rest = line.trim_start();
    (rest.is_empty() || rest.starts_with('#')).then_some(offset + line.len())
}
