use serde::{Deserialize, Serialize};

use crate::counts::Counts;

/// Holds what both arms did in one interval, and the share of the exposure the treatment was meant to have.
///
/// The tests take the larger of intended and realised share when they look for harm, and the smaller when they look
/// for its absence, so that retries and fail-over which move requests between the arms never help the evidence.
/// An intended share that is not a number in 0..=1 makes the comparison of the arms say nothing.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RateInterval {
    /// The arm that runs what ran before.
    pub control: Counts,
    /// The arm that is judged.
    pub treatment: Counts,
    /// The treatment's intended part of the whole exposure, 0..=1; the realised share stands in where it is `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intended_share: Option<f64>,
}

impl RateInterval {
    /// Returns the share that makes evidence of harm weakest, or `None` if the arms cannot be compared.
    pub(crate) fn larger_share(&self) -> Option<f64> {
        let realised = self.realised_share()?;
        self.intended_or(realised).map(|intended| intended.max(realised))
    }

    /// Returns the share that makes evidence of no harm weakest, or `None` if the arms cannot be compared.
    pub(crate) fn smaller_share(&self) -> Option<f64> {
        let realised = self.realised_share()?;
        self.intended_or(realised).map(|intended| intended.min(realised))
    }

    /// An arm without exposure had no chance of an event: such an interval compares nothing.
    fn realised_share(&self) -> Option<f64> {
        if self.control.exposure == 0 || self.treatment.exposure == 0 {
            return None;
        }
        let treatment = self.treatment.exposure as f64;
        Some(treatment / (treatment + self.control.exposure as f64))
    }

    fn intended_or(&self, realised: f64) -> Option<f64> {
        let intended = self.intended_share.unwrap_or(realised);
        (0.0..=1.0).contains(&intended).then_some(intended)
    }
}
