use bellwether_stats::{NoHarm, ValueNoHarm};

use crate::harm_process::HarmProcess;
use crate::{MetricKind, MetricSpec, SpecError};

/// The evidence of one metric that there is no harm at the current stage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PassProcess {
    Rate(NoHarm),
    /// Absent while it is learned where to compare.
    Values(Option<ValueNoHarm>),
    /// No amount of it shows that there is no harm.
    Never,
}

impl PassProcess {
    pub(crate) fn new(spec: &MetricSpec, harm: &HarmProcess) -> Result<Self, SpecError> {
        Ok(match spec.kind {
            MetricKind::Rate => Self::Rate(NoHarm::new(&spec.pass_spec())?),
            MetricKind::Distribution => {
                let betting = harm.as_values().and_then(|harm| harm.betting());
                let process = |edges| ValueNoHarm::new(&spec.pass_spec(), spec.direction, edges);
                Self::Values(betting.map(|betting| process(betting.named.clone())).transpose()?)
            }
            MetricKind::Samples | MetricKind::Gauge => Self::Never,
        })
    }

    /// The logarithm of the evidence; before there is any, that of no data.
    pub(crate) fn log_e(&self) -> f64 {
        match self {
            Self::Rate(no_harm) => no_harm.log_e(),
            Self::Values(no_harm) => no_harm.as_ref().map_or(0.0, ValueNoHarm::log_e),
            Self::Never => 0.0,
        }
    }

    /// The process on events that decides: of a distribution the one at the edge with the least evidence.
    pub(crate) fn decisive(&self) -> Option<&NoHarm> {
        match self {
            Self::Rate(no_harm) => Some(no_harm),
            Self::Values(no_harm) => no_harm.as_ref().and_then(ValueNoHarm::weakest).map(|(_, no_harm)| no_harm),
            Self::Never => None,
        }
    }
}
