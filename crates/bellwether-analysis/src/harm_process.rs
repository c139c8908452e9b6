use bellwether_stats::{GaugeHarm, Harm, RankHarm};

use crate::values_harm::ValuesHarm;
use crate::{MetricKind, MetricSpec, SpecError};

/// The evidence of harm of one metric, by the test of its kind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum HarmProcess {
    Rate(Harm),
    Values(ValuesHarm),
    Ranks(RankHarm),
    Gauges(GaugeHarm),
}

impl HarmProcess {
    pub(crate) fn new(spec: &MetricSpec) -> Result<Self, SpecError> {
        Ok(match spec.kind {
            MetricKind::Rate => Self::Rate(Harm::new(&spec.harm_spec())?),
            MetricKind::Distribution => Self::Values(ValuesHarm::new()),
            MetricKind::Samples => Self::Ranks(RankHarm::new(&spec.rank_spec())?),
            MetricKind::Gauge => Self::Gauges(GaugeHarm::new(&spec.gauge_spec())?),
        })
    }

    pub(crate) fn restart(&mut self, mass: f64) {
        match self {
            Self::Rate(harm) => harm.restart(mass),
            Self::Values(harm) => harm.restart(mass),
            Self::Ranks(harm) => harm.restart(mass),
            Self::Gauges(harm) => harm.restart(mass),
        }
    }

    pub(crate) fn log_e(&self) -> f64 {
        match self {
            Self::Rate(harm) => harm.log_e(),
            Self::Values(harm) => harm.log_e(),
            Self::Ranks(harm) => harm.log_e(),
            Self::Gauges(harm) => harm.log_e(),
        }
    }

    /// The part of the mass that was bet so far.
    pub(crate) fn spent(&self) -> f64 {
        match self {
            Self::Rate(harm) => harm.spent(),
            Self::Values(harm) => harm.betting().map_or(0.0, |betting| betting.harm.spent()),
            Self::Ranks(harm) => harm.spent(),
            Self::Gauges(harm) => harm.spent(),
        }
    }

    /// The number of intervals below which nothing could fail at this share, where there is one.
    pub(crate) fn minimum_intervals(&self, share: f64, alpha: f64) -> Option<u32> {
        let least = match self {
            Self::Rate(harm) => harm.minimum_intervals(share, alpha),
            Self::Values(harm) => harm.betting()?.harm.minimum_intervals(share, alpha),
            Self::Ranks(_) | Self::Gauges(_) => return None,
        };
        (1 < least && least < u32::MAX).then_some(least)
    }

    pub(crate) const fn as_values(&self) -> Option<&ValuesHarm> {
        match self {
            Self::Values(harm) => Some(harm),
            Self::Rate(_) | Self::Ranks(_) | Self::Gauges(_) => None,
        }
    }
}
