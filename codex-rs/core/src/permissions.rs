//! What is done about a command, a change of files or a call of an MCP tool: done, asked about, or refused. Pure.

use codex_app_server_protocol::{ApprovalPolicy, GranularApproval};
use codex_exec_policy::Judgement;
use codex_mcp_client::Tool;

/// What is done about something that the model wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is done.
    Go(Walls),
    /// The person is asked; with their consent it is done so.
    Ask {
        /// Why, for the person; none where the model says it better.
        reason: Option<String>,
        /// With consent.
        then: Walls,
    },
    /// It is not done. The text is for the model.
    Refuse(String),
}

/// Where something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Walls {
    /// Inside the walls that the person set up.
    Inside,
    /// Outside of them, on the person's word for this one.
    Outside,
}

/// Whether the model wants out of the walls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escalation {
    /// It does not.
    No,
    /// It does (`sandbox_permissions: require_escalated`).
    Wanted,
}

/// How a command came to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// Unasked: it is known to only read.
    Safe,
    /// Unasked all the same.
    Unasked,
    /// On the person's word.
    Asked,
}

/// How much the person's walls hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// There are walls.
    Walled,
    /// There are none: `danger-full-access`.
    Full,
}

/// Why the person is not asked.
const NEVER: &str = "the approval policy is `never`, so nobody is asked";
/// The same, for a kind that `granular` leaves out.
const LEFT_OUT: &str = "the approval policy leaves such questions out, so nobody is asked";

/// What is done about a command.
pub(crate) fn command(
    policy: &ApprovalPolicy,
    access: Access,
    judgement: &Judgement,
    escalation: Escalation,
) -> Verdict {
    if let Judgement::Forbidden { why } = judgement {
        return Verdict::Refuse(format!("The command was not run: {why} It is never run; do without it."));
    }
    match (escalation, access) {
        (Escalation::Wanted, Access::Walled) => outside(policy, judgement),
        (Escalation::Wanted | Escalation::No, Access::Full) | (Escalation::No, Access::Walled) => {
            inside(policy, judgement)
        }
    }
}

/// A command that stays within what the person set up.
fn inside(policy: &ApprovalPolicy, judgement: &Judgement) -> Verdict {
    let go = Verdict::Go(Walls::Inside);
    let ask = |reason: &str| Verdict::Ask { reason: Some(reason.to_owned()), then: Walls::Inside };
    match (judgement, policy) {
        (Judgement::Safe | Judgement::Allowed, _) | (_, ApprovalPolicy::Never) => go,
        (Judgement::Dangerous { why }, ApprovalPolicy::Granular(granular)) if !granular.rules => {
            Verdict::Refuse(format!(
                "The command was not run: {why} It would be asked about, but {LEFT_OUT}."
            ))
        }
        (Judgement::Dangerous { why }, _) => ask(why),
        (Judgement::Unknown { .. }, ApprovalPolicy::Untrusted) => {
            ask("It is not known to only read, and you want to be asked about all that is not.")
        }
        (Judgement::Unknown { .. }, ApprovalPolicy::OnRequest | ApprovalPolicy::Granular(_)) => go,
        (Judgement::Forbidden { why }, _) => Verdict::Refuse(why.clone()),
    }
}

/// A command that wants out of the walls.
fn outside(policy: &ApprovalPolicy, judgement: &Judgement) -> Verdict {
    if *judgement == Judgement::Allowed && *policy != ApprovalPolicy::Never {
        return Verdict::Go(Walls::Outside);
    }
    match may_ask(policy, Kind::Sandbox) {
        Ok(()) => Verdict::Ask { reason: feared(judgement), then: Walls::Outside },
        Err(why) => Verdict::Refuse(format!(
            "The command was not run: it wanted to run outside of the sandbox, and {why}. Run it inside \
             (sandbox_permissions `use_default`), or go on without it and tell the person what is missing."
        )),
    }
}

/// What is to be feared of a command.
fn feared(judgement: &Judgement) -> Option<String> {
    match judgement {
        Judgement::Dangerous { why } => Some(why.clone()),
        Judgement::Safe | Judgement::Allowed | Judgement::Unknown { .. } | Judgement::Forbidden { .. } => {
            None
        }
    }
}

/// What is done about something that is to be typed into a command: `place` is where that command runs.
pub(crate) fn typing(policy: &ApprovalPolicy, access: Access, place: Walls, start: Start) -> Verdict {
    let refuse = |what: &str, why: &str| {
        Verdict::Refuse(format!(
            "Nothing was typed: the command {what}, and {why}. Empty chars still wait for its output; do the rest with a \
             new command, or tell the person what is missing."
        ))
    };
    let ask = || Verdict::Ask { reason: None, then: place };
    match (access, place) {
        (Access::Walled, Walls::Outside) => match may_ask(policy, Kind::Sandbox) {
            Ok(()) => ask(),
            Err(why) => refuse("runs outside of the sandbox", why),
        },
        (Access::Full, _) | (Access::Walled, Walls::Inside) => match (start, policy) {
            // As with commands that stay within what the person set up.
            (_, ApprovalPolicy::Never) | (Start::Safe, _) => Verdict::Go(place),
            (Start::Unasked, ApprovalPolicy::OnRequest | ApprovalPolicy::Granular(_)) => Verdict::Go(place),
            (Start::Asked, ApprovalPolicy::Granular(granular)) if !granular.rules => {
                refuse("had to be asked about", LEFT_OUT)
            }
            (Start::Unasked | Start::Asked, ApprovalPolicy::Untrusted)
            | (Start::Asked, ApprovalPolicy::OnRequest | ApprovalPolicy::Granular(_)) => ask(),
        },
    }
}

/// What is done about a change of files. `refused`: why the walls would not let it through.
pub(crate) fn change(policy: &ApprovalPolicy, refused: Option<&str>) -> Verdict {
    match (refused, policy) {
        (None, ApprovalPolicy::Untrusted) => Verdict::Ask { reason: None, then: Walls::Inside },
        (None, ApprovalPolicy::OnRequest | ApprovalPolicy::Never | ApprovalPolicy::Granular(_)) => {
            Verdict::Go(Walls::Inside)
        }
        (Some(refused), policy) => match may_ask(policy, Kind::Sandbox) {
            Ok(()) => Verdict::Ask { reason: Some(refused.to_owned()), then: Walls::Outside },
            Err(why) => {
                Verdict::Refuse(format!("patch rejected: {refused}, and {why}. Nothing was changed."))
            }
        },
    }
}

/// What is done about a call of an MCP tool.
pub(crate) fn mcp_call(policy: &ApprovalPolicy, access: Access, tool: &Tool) -> Verdict {
    let go = Verdict::Go(Walls::Outside);
    if !tool.needs_approval() && *policy != ApprovalPolicy::Untrusted {
        return go;
    }
    match (policy, access) {
        // Who runs everything unasked runs this too.
        (ApprovalPolicy::Never, Access::Full) => go,
        (policy, _) => match may_ask(policy, Kind::Mcp) {
            Ok(()) => Verdict::Ask { reason: None, then: Walls::Outside },
            Err(why) => Verdict::Refuse(format!(
                "The tool was not called: its server does not say that it only reads, and {why}. Go on without it."
            )),
        },
    }
}

/// Kinds of questions that a `granular` policy tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sandbox,
    Mcp,
    Permissions,
}

/// Whether the person may be asked; else why not.
pub(crate) fn may_ask(policy: &ApprovalPolicy, kind: Kind) -> Result<(), &'static str> {
    let GranularApproval { sandbox_approval, request_permissions, mcp_elicitations, .. } = match policy {
        ApprovalPolicy::Never => return Err(NEVER),
        ApprovalPolicy::OnRequest | ApprovalPolicy::Untrusted => return Ok(()),
        ApprovalPolicy::Granular(granular) => *granular,
    };
    let asked = match kind {
        Kind::Sandbox => sandbox_approval,
        Kind::Mcp => mcp_elicitations,
        Kind::Permissions => request_permissions,
    };
    if asked { Ok(()) } else { Err(LEFT_OUT) }
}

#[cfg(test)]
mod tests;
