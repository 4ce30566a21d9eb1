//! The settings table: instructions and tools.

use super::{Bound, Kind, Scope, Setting, setting};
use crate::choices::WebSearch;
use crate::config::Config;

pub(super) const SETTINGS: &[Setting] = &[
    setting(
        "developer_instructions",
        Kind::Text,
        "",
        "Instructions added to every conversation.",
        Scope::Anyone,
        |config, _, field| {
            config.developer_instructions = Some(field.text()?);
            Ok(())
        },
    ),
    setting(
        "project_doc_max_bytes",
        Kind::WholeNumber,
        "32768",
        "How much of the AGENTS.md files is read.",
        Scope::Anyone,
        |config, _, field| {
            config.project_doc_max_bytes = field.whole_number()?;
            Ok(())
        },
    ),
    setting(
        "project_doc_fallback_filenames",
        Kind::FileNames,
        "[]",
        "Names to look for where a folder has no AGENTS.md.",
        Scope::Anyone,
        |config, _, field| {
            config.project_doc_fallback_filenames = field.file_names()?;
            Ok(())
        },
    ),
    setting(
        "project_root_markers",
        Kind::FileNames,
        "[\".git\"]",
        "Names whose presence makes a folder the root of a project. Trust is looked up by your own ones only.",
        Scope::Anyone,
        |config, _, field| {
            config.project_root_markers = field.file_names()?;
            Ok(())
        },
    ),
    setting(
        "web_search",
        Kind::Word(WebSearch::WORDS),
        "\"cached\"",
        "Whether the model can search the web, and how: not, in an index, or live.",
        Scope::NoLooser(Bound { order: WebSearch::WORDS, most: "cached", set: web_search_set }),
        |config, _, field| {
            config.web_search = field.word(WebSearch::WORDS, WebSearch::parse)?;
            Ok(())
        },
    ),
    setting(
        "tools.update_plan.enabled",
        Kind::Truth,
        "false",
        "Whether the model is offered the tool that shows its plan as a list.",
        Scope::Anyone,
        |config, _, field| {
            config.tools.update_plan = field.truth()?;
            Ok(())
        },
    ),
    setting(
        "tool_output_token_limit",
        Kind::WholeNumber,
        "",
        "How many tokens of a command's output the model sees.",
        Scope::Anyone,
        |config, _, field| {
            config.tool_output_token_limit = Some(field.whole_number()?);
            Ok(())
        },
    ),
];

fn web_search_set(config: &Config) -> Option<&'static str> {
    Some(config.web_search.as_str())
}
