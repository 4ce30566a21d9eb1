//! The agent's plan, as a check list.

use codex_app_server_protocol::{TurnPlanStepStatus, TurnPlanUpdated};
use codex_render::wrap::Indent;
use codex_render::{Form, Tone};
use ratatui_core::text::{Line, Span};

use super::{lines_of, marked};
use crate::clean::clean;
use crate::picture::Scene;

pub(super) fn lines(scene: &Scene, plan: &TurnPlanUpdated) -> Vec<Line<'static>> {
    let title = plan.explanation.as_deref().map(str::trim).filter(|text| !text.is_empty()).unwrap_or("Plan");
    let mut lines =
        lines_of(&clean(title), scene, Tone::Strong, &marked(scene, Tone::Accent, "• ", "Plan: "));
    for step in &plan.plan {
        let (tone, sign, word) = match step.status {
            TurnPlanStepStatus::Completed => (Tone::Faint, "✓ ", "Done: "),
            TurnPlanStepStatus::InProgress => (Tone::Strong, "› ", "Now: "),
            TurnPlanStepStatus::Pending => (Tone::Normal, "□ ", "To do: "),
        };
        let indent = match scene.look.form {
            Form::Drawn => Indent::hanging(vec![Span::raw("  "), scene.span(tone, sign)]),
            Form::Words => Indent { first: vec![Span::raw(word)], rest: Vec::new() },
        };
        lines.extend(lines_of(&clean(&step.step), scene, tone, &indent));
    }
    lines
}
