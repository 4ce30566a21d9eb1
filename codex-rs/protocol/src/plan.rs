//! ChatGPT plan types as they stand in tokens, bodies and headers (wire-facts §2.6).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The names that clients of the app-server know; others are told as `unknown` (wire-facts §2.6).
const KNOWN: [&str; 20] = [
    "free",
    "go",
    "plus",
    "pro",
    "prolite",
    "promax",
    "team",
    "self_serve_business_prolite",
    "self_serve_business_usage_based",
    "business",
    "ent26",
    "enterprise_cbp_automation",
    "enterprise_cbp_usage_based",
    "enterprise",
    "edu",
    "edu_plus",
    "edu_pro",
    "sci",
    "sci_plus",
    "unknown",
];

/// A ChatGPT plan. Unknown names are kept as they came, and written as `unknown`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct PlanType(String);

/// What an exhausted plan can do about it; decides the sentence of a usage-limit error (wire-facts §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanFamily {
    /// free, go: a larger plan exists.
    Starter,
    /// plus: a larger plan exists, credits can be bought.
    Plus,
    /// pro and its sizes: credits can be bought.
    Pro,
    /// team, business: an administrator can buy credits.
    Team,
    /// Everything else: wait.
    Other,
}

impl PlanType {
    /// The name on the wire, aliases resolved.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The family that decides what can be done about a limit.
    pub fn family(&self) -> PlanFamily {
        match self.0.as_str() {
            "free" | "go" => PlanFamily::Starter,
            "plus" => PlanFamily::Plus,
            "pro" | "prolite" | "promax" => PlanFamily::Pro,
            "team" | "business" | "self_serve_business_prolite" | "self_serve_business_usage_based" => {
                PlanFamily::Team
            }
            _ => PlanFamily::Other,
        }
    }
}

impl From<String> for PlanType {
    fn from(name: String) -> Self {
        PlanType(match name.to_ascii_lowercase().as_str() {
            "hc" => "enterprise".to_owned(),
            "education" => "edu".to_owned(),
            lower => lower.to_owned(),
        })
    }
}

impl From<&str> for PlanType {
    fn from(name: &str) -> Self {
        name.to_owned().into()
    }
}

impl From<PlanType> for String {
    fn from(plan: PlanType) -> Self {
        if KNOWN.contains(&plan.0.as_str()) { plan.0 } else { "unknown".to_owned() }
    }
}

impl fmt::Display for PlanType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
