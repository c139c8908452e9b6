use alloc::{borrow::Cow, vec::Vec};

use bellwether_core::Arms;
use bellwether_stats::{Edges, Histogram, ValueHarm, ValueInterval};
use serde::{Deserialize, Serialize};

use crate::MetricSpec;

/// So many values of stable say where to compare.
const LEAST: u64 = 100;

/// Evidence of harm from a distribution: where both arms are compared is learned from stable first, and those intervals
/// are evidence of nothing else. What was usual before the rollout makes that unnecessary.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ValuesHarm {
    Learning(Learning),
    Betting(Betting),
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Learning {
    /// What stable did so far.
    usual: Option<Histogram>,
    /// The mass that waits to be bet.
    mass: f64,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Betting {
    pub(crate) harm: ValueHarm,
    /// The edges at which it is shown that there is no harm.
    pub(crate) named: Edges,
    /// The one that is shown to people.
    pub(crate) primary: f64,
}

impl ValuesHarm {
    pub(crate) fn new() -> Self {
        Self::Learning(Learning::default())
    }

    pub(crate) fn restart(&mut self, mass: f64) {
        match self {
            Self::Learning(learning) => learning.mass += mass,
            Self::Betting(betting) => betting.harm.restart(mass),
        }
    }

    /// Takes an interval that is evidence and gives it with what it is compared by; nothing while that is learned.
    pub(crate) fn update(
        &mut self,
        arms: &Arms<Cow<'_, Histogram>>,
        share: Option<f64>,
        spec: &MetricSpec,
    ) -> Option<(&Betting, ValueInterval)> {
        if let Self::Learning(learning) = self {
            let is_known = spec.usual.is_some();
            let betting = learning.push(&arms.stable, spec)?;
            *self = Self::Betting(betting);
            if !is_known {
                return None;
            }
        }
        let Self::Betting(betting) = self else { return None };
        let interval = ValueInterval::new(&arms.stable, &arms.candidate, share);
        betting.harm.update(&interval);
        Some((betting, interval))
    }

    /// The logarithm of the evidence; what is not bet yet is worth what it is.
    pub(crate) fn log_e(&self) -> f64 {
        match self {
            Self::Learning(_) => 0.0,
            Self::Betting(betting) => betting.harm.log_e(),
        }
    }

    pub(crate) const fn betting(&self) -> Option<&Betting> {
        match self {
            Self::Learning(_) => None,
            Self::Betting(betting) => Some(betting),
        }
    }
}

impl Learning {
    /// Takes what stable did and says where to compare, as soon as that is known.
    fn push(&mut self, stable: &Histogram, spec: &MetricSpec) -> Option<Betting> {
        let merged = self.usual.take().and_then(|usual| usual.merge(stable).ok());
        let usual = merged.unwrap_or_else(|| stable.clone());
        let betting = self.betting(&usual, spec);
        self.usual = Some(usual);
        betting
    }

    fn betting(&self, layout: &Histogram, spec: &MetricSpec) -> Option<Betting> {
        let quantile = |part| layout.quantile(part).map(|(_, upper)| upper);
        let (edges, p90, p99) = match spec.usual {
            Some(usual) => (Edges::between(layout, usual.p5, usual.p999)?, Some(usual.p90), Some(usual.p99)),
            None if layout.total() < LEAST => return None,
            None => (Edges::of(layout)?, quantile(0.9), quantile(0.99)),
        };
        let named = named(layout, &edges, [p90, p99, spec.objective]);
        let primary = spec.objective.and_then(|objective| boundary(layout, objective));
        let primary = primary.or_else(|| named.values().last().copied())?;
        let mut harm = ValueHarm::new(&spec.value_spec(), edges).ok()?;
        harm.restart(self.mass);
        Some(Betting { harm, named, primary })
    }
}

/// The edges that have a name, each at the boundary that is not below it.
fn named(layout: &Histogram, edges: &Edges, names: [Option<f64>; 3]) -> Edges {
    let mut values: Vec<f64> = names.into_iter().flatten().filter_map(|value| boundary(layout, value)).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    Edges::new(values).unwrap_or_else(|_| edges.clone())
}

fn boundary(layout: &Histogram, value: f64) -> Option<f64> {
    layout.tail().bounds().iter().copied().find(|bound| *bound >= value)
}
