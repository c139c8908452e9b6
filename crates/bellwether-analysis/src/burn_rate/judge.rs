use alloc::{string::String, vec::Vec};

use bellwether_core::{Decision, Duration, Finding, MetricName, Time, Value, Verdict};
use serde::{Deserialize, Serialize};

use super::spec::{Alert, BurnRateSpec, Objective};
use crate::counted::{Counted, Requests, at_stage};
use crate::{Judge, Missing, Series, SpecError};

/// Judges how fast the candidate spends the error budget: its error rate in parts of what the objective allows, in a long
/// and in a short window at once.
///
/// - **Fail**: an alert's rate is exceeded in both of its windows. A long window that is not full yet counts with what is
///   in it, as soon as that is enough requests: a budget that is spent is spent.
/// - **Pass**: every alert is quiet, and its long window full.
/// - **Inconclusive**: quiet so far, and a window is not full.
/// - **NoData**: no recent interval, or too few requests.
///
/// It compares the candidate with the objective and not with stable, so a bad day of both fails the candidate too.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "BurnRateSpec", try_from = "BurnRateSpec")]
pub struct BurnRate {
    spec: BurnRateSpec,
}

impl BurnRate {
    /// Checks a configuration.
    ///
    /// # Errors
    ///
    /// The path of the first field that no judge can be built from.
    pub fn new(spec: BurnRateSpec) -> Result<Self, SpecError> {
        spec.check()?;
        Ok(Self { spec })
    }

    /// The configuration.
    #[must_use]
    pub fn spec(&self) -> &BurnRateSpec {
        &self.spec
    }
}

impl Judge for BurnRate {
    fn judge(&self, series: &Series, now: Time) -> Decision<Verdict> {
        let metrics = self.spec.metrics.iter();
        let readings: Vec<Reading<'_>> =
            metrics.map(|(name, objective)| Reading::new(name, objective, series)).collect();
        let windows: Vec<Windows<'_>> = readings.iter().flat_map(Reading::windows).collect();
        let fired: Vec<Finding> = windows.iter().filter(|it| it.fires()).map(Windows::fired).collect();
        let missing: Vec<Finding> = readings.iter().filter_map(|reading| reading.missing(now)).collect();
        let open: Vec<Finding> = windows.iter().filter_map(Windows::open).collect();
        let (outcome, reasons) = if !fired.is_empty() {
            (Verdict::Fail, fired)
        } else if !missing.is_empty() {
            (Verdict::NoData, missing)
        } else if !open.is_empty() {
            (Verdict::Inconclusive, open)
        } else {
            (Verdict::Pass, Vec::new())
        };
        let quiet = windows.iter().filter(|it| !it.fires()).map(Windows::quiet);
        let mute = self.spec.metrics.iter().flat_map(|(name, objective)| mute(name, objective));
        Decision { outcome, findings: reasons.into_iter().chain(quiet).chain(mute).collect() }
    }
}

/// Alerts that would need more failures than there are requests.
fn mute<'a>(metric: &'a MetricName, objective: &'a Objective) -> impl Iterator<Item = Finding> + 'a {
    let text = "{metric} would have to fail {allowed} of its requests or more for the alert over {long} at {burn} times: it \
                never fires";
    let allowed = |alert: &Alert| alert.burn * (1.0 - objective.objective);
    let finding = move |alert: &Alert| {
        Finding::warning("burn_rate.never_fires", text)
            .figure("metric", String::from(metric.as_str()))
            .figure("allowed", Value::Share(allowed(alert)))
            .figure("long", alert.long)
            .figure("burn", Value::Ratio(alert.burn))
    };
    objective.alerts.iter().filter(move |alert| allowed(alert) >= 1.0).map(finding)
}

/// One metric of the stage.
struct Reading<'a> {
    metric: &'a MetricName,
    objective: &'a Objective,
    intervals: Vec<Counted>,
}

impl<'a> Reading<'a> {
    fn new(metric: &'a MetricName, objective: &'a Objective, series: &Series) -> Self {
        Self { metric, objective, intervals: at_stage(series, metric) }
    }

    fn windows(&self) -> impl Iterator<Item = Windows<'_>> {
        let last = self.intervals.last().map(|interval| interval.end);
        let of = move |alert| last.map(|end| Windows::new(self, alert, end));
        self.objective.alerts.iter().filter_map(of)
    }

    fn missing(&self, now: Time) -> Option<Finding> {
        let Some(last) = self.intervals.last() else { return Some(Missing::NoSeries.finding(self.metric)) };
        if now.since(last.end) > self.objective.fresh_for {
            return Some(Missing::Stale.finding(self.metric).figure("last_end", last.end));
        }
        let requests = self.windows().map(|windows| windows.long.all).max().unwrap_or_default();
        let text = "{metric} has {requests} candidate requests in its windows, fewer than {requests_min}";
        let finding = Finding::warning("burn_rate.few_requests", text)
            .figure("metric", String::from(self.metric.as_str()))
            .figure("requests", requests)
            .figure("requests_min", self.objective.requests_min);
        (requests < self.objective.requests_min).then_some(finding)
    }
}

/// What an alert looks at: the candidate's requests in both of its windows, which end with the last interval.
struct Windows<'a> {
    reading: &'a Reading<'a>,
    alert: &'a Alert,
    long: Requests,
    short: Requests,
    /// How much of the long window the intervals cover.
    covered: Duration,
}

impl<'a> Windows<'a> {
    fn new(reading: &'a Reading<'a>, alert: &'a Alert, end: Time) -> Self {
        let within = |window: Duration| reading.intervals.iter().filter(move |it| end.since(it.start) <= window);
        let requests = |window| within(window).fold(Requests::default(), |sum, it| sum.plus(it.candidate));
        let covered = within(alert.long).fold(Duration::ZERO, |sum, it| sum.saturating_add(it.end.since(it.start)));
        Self { reading, alert, long: requests(alert.long), short: requests(alert.short), covered }
    }

    /// How many times as fast as allowed the budget is spent; nothing without requests.
    fn burn(&self, requests: Requests) -> Option<f64> {
        requests.rate().map(|rate| rate / (1.0 - self.reading.objective.objective))
    }

    fn fires(&self) -> bool {
        let exceeds = |requests| self.burn(requests).is_some_and(|burn| burn > self.alert.burn);
        self.long.all >= self.reading.objective.requests_min && exceeds(self.long) && exceeds(self.short)
    }

    fn fired(&self) -> Finding {
        let text = "{metric} spends its error budget {burn_long} times as fast as allowed over {long} and {burn_short} \
                    times over {short}, more than {burn}: {errors} of {requests} candidate requests failed";
        let allowed = self.alert.burn * (1.0 - self.reading.objective.objective);
        self.about(Finding::critical("burn_rate.exceeded", text))
            .figure("allowed", Value::Share(allowed))
            .flips_when("at most {allowed} of the requests in either window had failed")
    }

    fn quiet(&self) -> Finding {
        let text = "{metric} over {long}: {errors} of {requests} candidate requests failed, {burn_long} times what the \
                    budget allows, of {burn}";
        self.about(Finding::info("burn_rate.quiet", text))
    }

    fn open(&self) -> Option<Finding> {
        let more = self.alert.long.saturating_sub(self.covered);
        let text = "{metric} is quiet so far, and covers {covered} of the {long} that are looked at";
        let finding = self.about(Finding::info("burn_rate.window_not_full", text)).figure("covered", self.covered);
        (!more.is_zero()).then(|| finding.figure("more", more).flips_when("{more} more had been measured"))
    }

    fn about(&self, finding: Finding) -> Finding {
        let number = |burn: Option<f64>| burn.map_or(Value::Text("no".into()), Value::Ratio);
        finding
            .figure("metric", String::from(self.reading.metric.as_str()))
            .figure("objective", Value::Share(self.reading.objective.objective))
            .figure("burn", Value::Ratio(self.alert.burn))
            .figure("long", self.alert.long)
            .figure("short", self.alert.short)
            .figure("burn_long", number(self.burn(self.long)))
            .figure("burn_short", number(self.burn(self.short)))
            .figure("errors", self.long.failed)
            .figure("requests", self.long.all)
    }
}

impl From<BurnRate> for BurnRateSpec {
    fn from(judge: BurnRate) -> Self {
        judge.spec
    }
}

impl TryFrom<BurnRateSpec> for BurnRate {
    type Error = SpecError;

    fn try_from(spec: BurnRateSpec) -> Result<Self, SpecError> {
        Self::new(spec)
    }
}
