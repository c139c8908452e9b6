use alloc::vec::Vec;

use bellwether_core::Duration;
use bellwether_stats::{Harm, NoHarm};
use serde::{Deserialize, Serialize};

use super::fixed_sample::fixed_sample_size;
use super::simulated::{Traffic, Trials, fails, passes};
use crate::{MetricKind, MetricSpec, SpecError};

/// Asks how long a step must bake: what the traffic is, and how the metric will be judged.
///
/// # Example: 6,000 requests a minute at 5 %, 0.1 % of which fail
/// ```
/// use bellwether_analysis::BakeQuestion;
///
/// let plan = BakeQuestion { traffic_per_minute: 6_000.0, rate: 0.001, share: 0.05, ..BakeQuestion::default() }.plan()?;
/// let five_times = plan.fail.iter().find(|detection| detection.ratio == 5.0).expect("one of the usual ratios");
/// assert!(five_times.time.median.is_some_and(|median| median.as_millis() <= 20 * 60_000));
/// assert!(plan.pass.median.is_some_and(|median| median.as_millis() > 60 * 60_000), "no traffic makes it shorter");
/// # Ok::<(), bellwether_analysis::SpecError>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "hosts write `BakeQuestion { share, ..Default::default() }`")]
pub struct BakeQuestion {
    /// Requests of both arms in a minute.
    pub traffic_per_minute: f64,
    /// How often requests of stable fail, 0..=1.
    pub rate: f64,
    /// The candidate's part of the traffic, above 0 and below 1.
    pub share: f64,
    /// How the metric is judged; only rates can be planned, values beyond an edge are one.
    pub metric: MetricSpec,
    /// The largest probability of failing a candidate that is not worse than tolerated.
    pub alpha: f64,
    /// The largest probability of passing a harmful candidate.
    pub beta: f64,
    /// The ratios of the candidate's rate to stable's whose detection is asked for.
    pub ratios: Vec<f64>,
    /// How long to look at most.
    pub longest: Duration,
    /// How often each is simulated; more runs, more exact quantiles.
    pub runs: u32,
    /// The seed of the simulation; the same seed gives the same plan everywhere.
    pub seed: u64,
}

/// 1,000 requests a minute at 5 %, of which 0.1 % fail, judged by the defaults, looked at for a day.
impl Default for BakeQuestion {
    fn default() -> Self {
        Self {
            traffic_per_minute: 1_000.0,
            rate: 0.001,
            share: 0.05,
            metric: MetricSpec::default(),
            alpha: 0.01,
            beta: 0.05,
            ratios: [1.5, 2.0, 3.0, 5.0, 10.0].into(),
            longest: Duration::from_hours(24),
            runs: 200,
            seed: 1,
        }
    }
}

/// How long a step must bake to see what.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BakePlan {
    /// How long it takes to fail a candidate, by how many times stable's rate its is.
    pub fail: Vec<Detection>,
    /// How long it takes to pass a candidate whose rate equals stable's.
    pub pass: Reach,
    /// Below so many intervals nothing fails at this share.
    pub least_intervals_to_fail: u32,
    /// Below so many intervals nothing passes by its ratio at this share.
    pub least_intervals_to_pass: u32,
    /// Of the candidate, in a minute.
    pub requests_per_minute: f64,
}

/// How long a ratio of rates takes to be found.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Detection {
    /// How many times stable's rate the candidate's is.
    pub ratio: f64,
    /// How long it takes.
    pub time: Reach,
    /// How many requests of the candidate a test for a single look would need.
    pub fixed_sample: Option<u64>,
}

/// When something is reached: quantiles over simulated runs, absent where so many did not reach it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Reach {
    /// The time within which half of the runs reached it.
    pub median: Option<Duration>,
    /// The time within which nine of ten did.
    pub p90: Option<Duration>,
    /// The part of the runs that reached it at all.
    pub power: f64,
}

impl BakeQuestion {
    /// Simulates the judge's own tests on such traffic.
    ///
    /// # Errors
    /// The field that nothing can be planned from.
    pub fn plan(&self) -> Result<BakePlan, SpecError> {
        self.check()?;
        let mut harm = Harm::new(&self.metric.harm_spec())?;
        let least_intervals_to_fail = harm.minimum_intervals(self.share, self.alpha);
        // Half of the mass is bet at the start, and a regression may be there from the start.
        harm.restart(0.5);
        let no_harm = NoHarm::new(&self.metric.pass_spec())?;
        let detection = |ratio: f64| Detection {
            ratio,
            time: self.reach(&self.trials().times(fails(&harm, self.traffic(), ratio, self.alpha))),
            fixed_sample: self.fixed_sample(ratio),
        };
        Ok(BakePlan {
            fail: self.ratios.iter().copied().map(detection).collect(),
            pass: self.reach(&self.trials().times(passes(&no_harm, self.traffic(), self.beta))),
            least_intervals_to_fail,
            least_intervals_to_pass: no_harm.minimum_intervals(self.share, self.beta),
            requests_per_minute: self.traffic_per_minute * self.share,
        })
    }

    pub(super) fn check(&self) -> Result<(), SpecError> {
        self.metric.check().map_err(|error| error.within("metric"))?;
        if self.metric.kind != MetricKind::Rate {
            return Err(SpecError::number("metric.kind", "a rate", 0.0));
        }
        let within = |field, expected, found: f64, range: core::ops::RangeInclusive<f64>| {
            if range.contains(&found) { Ok(()) } else { Err(SpecError::number(field, expected, found)) }
        };
        within("traffic_per_minute", "1 to 1e12 requests a minute", self.traffic_per_minute, 1.0..=1e12)?;
        within("rate", "a rate of 0 to 1", self.rate, 0.0..=1.0)?;
        within("share", "a share of 0.0001 to 0.9999", self.share, 1e-4..=0.9999)?;
        within("alpha", "a probability of 1e-12 to 0.5", self.alpha, 1e-12..=0.5)?;
        within("beta", "a probability of 1e-12 to 0.5", self.beta, 1e-12..=0.5)?;
        within("runs", "1 to 100,000 runs", self.runs.into(), 1.0..=1e5)?;
        within("ratios", "at most 100 ratios", self.ratios.len() as f64, 0.0..=100.0)?;
        within("longest", "1 to 100,000 intervals", f64::from(self.looks()), 1.0..=1e5)?;
        self.ratios.iter().try_for_each(|ratio| within("ratios", "ratios of 0 to 1000", *ratio, 0.0..=1_000.0))
    }

    /// How many intervals fit into the longest time.
    fn looks(&self) -> u32 {
        let looks = self.longest.as_millis() / self.metric.interval.as_millis().max(1);
        u32::try_from(looks).unwrap_or(u32::MAX)
    }

    fn trials(&self) -> Trials {
        Trials { looks: self.looks(), runs: self.runs, seed: self.seed }
    }

    pub(super) fn traffic(&self) -> Traffic {
        let minutes = self.metric.interval.as_millis() as f64 / 60_000.0;
        Traffic { requests: self.traffic_per_minute * minutes, share: self.share, rate: self.rate }
    }

    fn fixed_sample(&self, ratio: f64) -> Option<u64> {
        let control = (1.0 - self.share) / self.share;
        fixed_sample_size((self.rate, (self.rate * ratio).min(1.0)), control, (self.alpha, self.beta))
    }

    /// Of sorted times in intervals.
    fn reach(&self, times: &[Option<u32>]) -> Reach {
        let interval = self.metric.interval;
        // The smallest time that at least so many tenths of the runs reached.
        let quantile = |tenths: usize| {
            let rank = (times.len() * tenths).div_ceil(10).max(1);
            times.get(rank - 1).copied().flatten().map(|looks| interval.saturating_mul(looks.into()))
        };
        let power = times.iter().flatten().count() as f64 / times.len().max(1) as f64;
        Reach { median: quantile(5), p90: quantile(9), power }
    }
}
