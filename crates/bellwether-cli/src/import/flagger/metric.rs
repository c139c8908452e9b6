use bellwether_core::{Duration, Finding, GateName, MetricName};
use bellwether_gate::{AllOf, Condition, OnMissing, Operator, Unit};

use crate::{
    complaint::Complaint,
    import::{note, outline::unused, place::Place, time},
};

/// What a metric sums up where it does not say so.
const WINDOW: Duration = Duration::from_minutes(1);
/// The metrics that its controller brings along: percent of requests that succeeded, and their duration in milliseconds.
const SUCCESS_RATE: &str = "request-success-rate";
const REQUEST_DURATION: &str = "request-duration";

/// What all metrics of an analysis demand together; none where there are no metrics.
pub(super) fn set(
    analysis: &Place<'_>,
    name: GateName,
    max_age: Duration,
    findings: &mut Vec<Finding>,
) -> Result<Option<AllOf>, Complaint> {
    let metrics = analysis.field("metrics")?;
    let (mut conditions, mut names) = (Vec::new(), Vec::new());
    for metric in metrics.items()? {
        let written = metric.field("name")?;
        let title = unused(written.name()?.to_owned(), &names);
        if title != written.name()? {
            findings.push(note::changed(&written, format!("a second metric of that name is called `{title}` here")));
        }
        let measured = MetricName::new(&title).map_err(|error| written.unexpected(error))?;
        conditions.extend(bounds(&metric, &measured, max_age, findings)?);
        names.push(title);
    }
    if conditions.is_empty() {
        return Ok(None);
    }
    AllOf::new(name, conditions).map(Some).map_err(|error| metrics.unexpected(error))
}

fn bounds(
    metric: &Place<'_>,
    measured: &MetricName,
    max_age: Duration,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Condition>, Complaint> {
    let name = metric.field("name")?.name()?;
    let window = time::go_duration(&metric.field("interval")?)?.unwrap_or(WINDOW);
    let unit = match name {
        SUCCESS_RATE => Some(Unit::Percent),
        REQUEST_DURATION => Some(Unit::Milliseconds),
        _ => None,
    };
    // Its controller takes what it cannot measure for a failed check.
    let condition = |operator, bound: f64| {
        let condition = Condition::new(measured.clone(), operator, bound).with_on_missing(OnMissing::Fail);
        let condition = condition.with_window(window).with_max_age(max_age);
        unit.map_or_else(|| condition.clone(), |unit| condition.clone().with_unit(unit))
    };
    let (range, threshold) = (metric.field("thresholdRange")?, metric.field("threshold")?);
    if range.is_there() {
        let (min, max) = (range.field("min")?.number()?, range.field("max")?.number()?);
        if threshold.is_there() {
            findings.push(note::assumed(&threshold, "a range outranks it there too"));
        }
        if min.is_none() && max.is_none() {
            findings.push(note::changed(&range, "without a bound nothing is checked there, and nothing here"));
        }
        let min = min.map(|min| condition(Operator::Ge, min));
        return Ok(min.into_iter().chain(max.map(|max| condition(Operator::Le, max))).collect());
    }
    if !threshold.is_there() {
        findings.push(note::changed(metric, "no bound is written, which is a bound of 0 there and here"));
    }
    let bound = threshold.number()?.unwrap_or(0.0);
    Ok(vec![condition(if name == SUCCESS_RATE { Operator::Ge } else { Operator::Le }, bound)])
}
