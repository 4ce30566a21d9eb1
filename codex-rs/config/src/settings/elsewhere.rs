//! What other programs' settings files hold: keys that the official program knows and this one does not use, keys that
//! are gone, and what a misspelt key may have meant.

use super::all;

/// A key of the official program (0.169.0, wire-facts §8) that means nothing here yet. It covers what is below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elsewhere {
    /// Dotted; a `*` stands for any name.
    pub key: &'static str,
    /// Whether a person is told that it does nothing.
    pub heed: Heed,
}

/// Whether it harms when a setting does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heed {
    /// No: it changes how something looks, or it belongs to something that is not built at all.
    Silent,
    /// Yes: who sets it relies on it.
    Told,
}

/// In the order of the alphabet.
pub const ELSEWHERE: &[Elsewhere] = &[
    silent("agents"),
    silent("allow_symlinked_codex_home"),
    silent("analytics"),
    told("approvals_reviewer"),
    silent("apps"),
    silent("apps_mcp_product_sku"),
    silent("audio"),
    told("auto_review"),
    silent("background_terminal_max_timeout"),
    silent("browser_use"),
    silent("check_for_update_on_startup"),
    silent("cloud"),
    silent("compact_prompt"),
    silent("computer_use"),
    told("default_permissions"),
    silent("desktop"),
    silent("disable_paste_burst"),
    silent("features"),
    silent("feedback"),
    silent("file_opener"),
    silent("ghost_snapshot"),
    silent("goals"),
    told("hooks"),
    silent("include_apps_instructions"),
    silent("include_collaboration_mode_instructions"),
    silent("include_environment_context"),
    silent("include_permissions_instructions"),
    silent("instructions"),
    silent("js_repl_node_module_dirs"),
    silent("js_repl_node_path"),
    silent("log_dir"),
    silent("marketplaces"),
    silent("mcp_enterprise_managed_auth"),
    silent("mcp_oauth_callback_port"),
    silent("mcp_oauth_callback_url"),
    silent("mcp_oauth_credentials_store"),
    silent("mcp_optional_startup_grace_ms"),
    told("mcp_servers.*.auth"),
    told("mcp_servers.*.default_tools_approval_mode"),
    told("mcp_servers.*.environment_id"),
    silent("mcp_servers.*.name"),
    told("mcp_servers.*.oauth"),
    told("mcp_servers.*.oauth_resource"),
    told("mcp_servers.*.scopes"),
    silent("mcp_servers.*.supports_parallel_tool_calls"),
    told("mcp_servers.*.tools"),
    silent("memories"),
    silent("model_auto_compact_token_limit"),
    silent("model_auto_compact_token_limit_scope"),
    silent("model_catalog_json"),
    silent("model_context_window"),
    silent("model_instructions_file"),
    silent("model_post_turn_compact_threshold_percent"),
    silent("model_providers"),
    silent("notice"),
    silent("orchestrator"),
    silent("oss_provider"),
    silent("otel"),
    told("permissions"),
    silent("personality"),
    silent("plan_mode_reasoning_effort"),
    silent("plugins"),
    silent("realtime"),
    silent("responses_api_metadata"),
    silent("review_model"),
    told("shell_environment_policy.experimental_use_profile"),
    silent("show_raw_agent_reasoning"),
    silent("skills"),
    silent("sqlite_home"),
    silent("suppress_unstable_features_warning"),
    silent("thread_unload_delay_secs"),
    silent("tool_suggest"),
    silent("tools.client_search_provider"),
    silent("tools.experimental_request_user_input"),
    silent("tools.web_search"),
    silent("tui.agents_overview_grouping"),
    silent("tui.alternate_screen"),
    silent("tui.animations"),
    silent("tui.auto_recap"),
    silent("tui.collapse_turn_details"),
    silent("tui.copy_on_select"),
    silent("tui.disable_paste_burst"),
    silent("tui.effects"),
    silent("tui.fullscreen_transcript"),
    silent("tui.keymap"),
    silent("tui.model_availability_nux"),
    silent("tui.mouse_scroll_speed"),
    silent("tui.pet"),
    silent("tui.pet_anchor"),
    silent("tui.presets"),
    silent("tui.question_esc_back"),
    silent("tui.raw_output_mode"),
    silent("tui.rendering"),
    silent("tui.resume_cwd"),
    silent("tui.right_click_paste"),
    silent("tui.screen_reader_detection_done"),
    silent("tui.session_picker_view"),
    silent("tui.show_server_version_notice"),
    silent("tui.show_tooltips"),
    silent("tui.sidebar_width_percent"),
    silent("tui.status_line"),
    silent("tui.status_line_use_colors"),
    silent("tui.terminal_resize_reflow_max_rows"),
    silent("tui.terminal_title"),
    silent("tui.theme"),
    silent("tui.vim_mode_default"),
    silent("windows"),
];

/// Keys that neither program reads any more, and what to do in place of them.
pub const GONE: &[(&str, &str)] = &[
    ("experimental_instructions_file", "write `developer_instructions`"),
    ("include_plan_tool", "write `tools.update_plan.enabled`"),
    ("mcp_servers.*.bearer_token", "name a variable in `bearer_token_env_var`"),
    ("preferred_auth_method", "write `forced_login_method`"),
    ("profile", "start with `-p NAME`, which reads NAME.config.toml"),
    ("profiles", "write NAME.config.toml for each, and start with `-p NAME`"),
    ("tools.view_image", "leave it out: the tool is always there"),
];

/// Keys of the official program by which a project could reach for money, credentials or programs. They do nothing here,
/// whoever sets them; in a project's file that is told, also of the silent ones.
pub(super) const FAR_REACHING: &[&str] = &["hooks", "model_providers", "otel"];

const fn silent(key: &'static str) -> Elsewhere {
    Elsewhere { key, heed: Heed::Silent }
}

const fn told(key: &'static str) -> Elsewhere {
    Elsewhere { key, heed: Heed::Told }
}

/// What the official program does with a path that is no setting here.
pub(crate) fn elsewhere(path: &[&str]) -> Option<Heed> {
    let listed = ELSEWHERE.iter().find(|other| covers(other.key, path));
    let experiment = || path.first().filter(|name| name.starts_with("experimental_") && !is_gone(path));
    listed.map(|other| other.heed).or_else(|| experiment().map(|_| Heed::Silent))
}

/// What to do in place of an unknown key: what it has become, or the nearest that is known. A whole sentence's end.
pub(crate) fn advice(path: &[&str]) -> Option<String> {
    if let Some((_, instead)) = GONE.iter().find(|(key, _)| covers(key, path)) {
        return Some(format!("it is gone, {instead}"));
    }
    let (last, above) = path.split_last()?;
    nearest(last, above).map(|key| format!("did you mean `{key}`?"))
}

/// The known key below `above` whose name is most like `name`; else one with that very name elsewhere.
fn nearest(name: &str, above: &[&str]) -> Option<String> {
    let keys = || all().map(|setting| setting.key).chain(ELSEWHERE.iter().map(|other| other.key));
    let beside = keys().filter_map(|key| {
        let parts: Vec<&str> = key.split('.').collect();
        let (here, below) = parts.split_at_checked(above.len())?;
        let is_here = here.iter().zip(above).all(|(part, step)| *part == "*" || part == step);
        below.first().filter(|part| is_here && **part != "*").copied()
    });
    let near = beside
        .map(|part| (strsim::damerau_levenshtein(part, &name.to_ascii_lowercase()), part))
        .filter(|(distance, part)| *distance <= 2.min(part.len() / 3))
        .min();
    if let Some((_, part)) = near {
        let mut names = above.to_vec();
        names.push(part);
        return Some(names.join("."));
    }
    let same = keys().find(|key| key.rsplit('.').next() == Some(name) && !key.contains('*'));
    same.filter(|_| name.len() >= 4).map(str::to_owned)
}

fn is_gone(path: &[&str]) -> bool {
    GONE.iter().any(|(key, _)| covers(key, path))
}

/// Whether the dotted `key` is a beginning of the path, or all of it.
fn covers(key: &str, path: &[&str]) -> bool {
    let mut steps = path.iter();
    key.split('.').all(|part| steps.next().is_some_and(|step| part == "*" || part == *step))
}
