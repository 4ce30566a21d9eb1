//! What the fallback key has paid for in this process.

use std::collections::BTreeMap;

use codex_config::Price;
use codex_protocol::TokenUsage;

use crate::policy::cost;

/// Tokens and, where every model has a price, US dollars.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spending {
    process: Sum,
    since_switch: Sum,
}

/// One sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sum {
    /// Input and output tokens.
    pub(crate) tokens: u64,
    /// `None` once a model without a price was paid for.
    pub(crate) usd: Option<f64>,
}

impl Default for Sum {
    fn default() -> Self {
        Self { tokens: 0, usd: Some(0.0) }
    }
}

impl Spending {
    pub(crate) fn book(&mut self, usage: &TokenUsage, price: Option<&Price>) {
        let tokens = usage.input_tokens.saturating_add(usage.output_tokens);
        for sum in [&mut self.process, &mut self.since_switch] {
            sum.tokens = sum.tokens.saturating_add(tokens);
            sum.usd = sum.usd.zip(price.and_then(|price| cost(price, usage))).map(|(usd, more)| usd + more);
        }
    }

    pub(crate) fn switched(&mut self) {
        self.since_switch = Sum::default();
    }

    /// Dollars are told only where prices are set at all.
    pub(crate) fn process(&self, prices: &BTreeMap<String, Price>) -> Sum {
        told(self.process, prices)
    }

    pub(crate) fn since_switch(&self, prices: &BTreeMap<String, Price>) -> Sum {
        told(self.since_switch, prices)
    }
}

fn told(sum: Sum, prices: &BTreeMap<String, Price>) -> Sum {
    Sum { usd: sum.usd.filter(|_| !prices.is_empty()), ..sum }
}
