//! The model's plan, told to the person.

use codex_app_server_protocol::{TurnPlanStep, TurnPlanStepStatus};
use codex_tools::update_plan::{DONE, Plan, Status, Step};

use super::{Desk, Output};

/// Takes over a plan.
pub(super) async fn update(desk: &Desk<'_>, arguments: &str) -> Output {
    match Plan::read(arguments) {
        Ok(Plan { explanation, steps }) => {
            desk.teller.plan(explanation, steps.into_iter().map(step).collect()).await;
            Output::text(DONE)
        }
        Err(bad) => desk.bad(&bad).await,
    }
}

fn step(Step { step, status }: Step) -> TurnPlanStep {
    let status = match status {
        Status::Pending => TurnPlanStepStatus::Pending,
        Status::InProgress => TurnPlanStepStatus::InProgress,
        Status::Completed => TurnPlanStepStatus::Completed,
    };
    TurnPlanStep { step, status }
}
