use alloc::{boxed::Box, format, string::String, vec::Vec};
use core::fmt;

use bellwether_core::{Duration, Finding, Weight};
use serde::{Deserialize, Serialize};

use crate::{Plan, StrategyName, UnitTime, WayBack};

/// Which strategy is recommended, and every other one with its figures or the reason why it is impossible.
///
/// Its text is a table for people; the reasons are findings.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The one to take; `None` where no possible one can be answered for.
    pub recommended: Option<StrategyName>,
    /// All that were looked at, the recommended one among them, from the riskiest to the safest.
    pub alternatives: Vec<Alternative>,
}

/// One strategy on this target.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// Which.
    pub strategy: StrategyName,
    /// Whether it can be carried out.
    pub feasibility: Feasibility,
    /// What speaks for it and against it.
    pub reasons: Vec<Finding>,
}

/// Whether a strategy can be carried out on a target.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Feasibility {
    /// It can.
    Possible(Box<Prospect>),
    /// It cannot; each finding names what is missing.
    Refused(Vec<Finding>),
}

/// What a possible strategy would do.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Prospect {
    /// The plan, ready to be started.
    #[cfg_attr(feature = "schema", schemars(with = "crate::PlanDraft"))]
    pub plan: Plan,
    /// How much of the traffic meets the candidate first.
    pub first_exposure: Weight,
    /// The units that run beside those that run anyway; `None` where nobody said how many those are.
    pub extra_capacity: Option<UnitTime>,
    /// The time from the start to the end of the old version, if nothing holds the plan up.
    pub earliest_end: Duration,
    /// How it goes back.
    pub way_back: WayBack,
}

impl Choice {
    /// What was found about a strategy.
    #[must_use]
    pub fn alternative(&self, strategy: StrategyName) -> Option<&Alternative> {
        self.alternatives.iter().find(|alternative| alternative.strategy == strategy)
    }

    /// The recommended strategy's plan.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        self.alternative(self.recommended?)?.prospect().map(|prospect| &prospect.plan)
    }

    fn rows(&self) -> Vec<[String; 6]> {
        let header = ["strategy", "first", "extra capacity", "earliest end", "rollback", "verdict"].map(String::from);
        let row = |alternative: &Alternative| alternative.row(self.recommended == Some(alternative.strategy));
        core::iter::once(header).chain(self.alternatives.iter().map(row)).collect()
    }
}

impl Alternative {
    /// What it would do, where it can be carried out.
    #[must_use]
    pub fn prospect(&self) -> Option<&Prospect> {
        match &self.feasibility {
            Feasibility::Possible(prospect) => Some(prospect),
            Feasibility::Refused(_) => None,
        }
    }

    fn row(&self, recommended: bool) -> [String; 6] {
        let none = || String::from("-");
        let name = format!("{}", self.strategy);
        match &self.feasibility {
            Feasibility::Possible(prospect) => [
                name,
                format!("{}", prospect.first_exposure),
                prospect.extra_capacity.map_or_else(none, |extra| format!("{extra}")),
                format!("{}", prospect.earliest_end),
                format!("< {}", prospect.way_back.time),
                String::from(if recommended { "recommended" } else { "possible" }),
            ],
            Feasibility::Refused(why) => {
                let why: Vec<String> = why.iter().map(Finding::rendered).collect();
                [name, none(), none(), none(), none(), format!("refused: {}", why.join("; "))]
            }
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows();
        let mut widths = [0; 6];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for (index, row) in rows.iter().enumerate() {
            let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            let separator = if index == 0 { "" } else { "\n" };
            write!(formatter, "{separator}{}", cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}
