//! From the classes of all metrics to one number, as Kayenta's `WeightedSumScorer` does it.

use alloc::{collections::BTreeSet, format, string::String, vec::Vec};

use bellwether_core::Finding;

use super::classification::Classification;
use super::config::ClassifierConfig;
use super::judgement::{GroupScore, MetricResult};

/// From this share of metrics without data on, in percent, there is no score.
const NO_DATA_PERCENT: f64 = 50.0;

/// The score of a canary.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Score {
    pub(super) groups: Vec<GroupScore>,
    pub(super) score: f64,
    pub(super) reason: Option<String>,
}

impl Score {
    /// Scores the metrics that are not muted: zero if a critical one fails or half of them have no data, otherwise the
    /// weighted sum of the groups.
    pub(super) fn of(results: &[MetricResult], classifier: &ClassifierConfig) -> Self {
        let heard: Vec<&MetricResult> = results.iter().filter(|result| !result.is_muted).collect();
        let groups = groups(&heard);
        if let Some(failure) = heard.iter().find(|it| it.critical && it.classification != Classification::Pass) {
            let why = failure.reason.clone().unwrap_or_default();
            return Self { groups, score: 0.0, reason: Some(format!("Canary Failed: {why}")) };
        }
        let missing = heard.iter().filter(|result| result.classification == Classification::Nodata).count();
        if missing as f64 / heard.len() as f64 * 100.0 >= NO_DATA_PERCENT {
            let reason = format!("Canary Failed: {NO_DATA_PERCENT}% or more metrics returned NODATA");
            return Self { groups, score: 0.0, reason: Some(reason) };
        }
        let score = rounded(summary(&groups, classifier));
        Self { groups, score, reason: None }
    }
}

fn groups(results: &[&MetricResult]) -> Vec<GroupScore> {
    let mut names: Vec<&str> = Vec::new();
    for name in results.iter().flat_map(|result| &result.groups) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names.into_iter().map(|name| group(name, results)).collect()
}

/// A metric that names a group twice counts there twice.
fn group(name: &str, results: &[&MetricResult]) -> GroupScore {
    let counted = |result: &&MetricResult| result.groups.iter().filter(|group| *group == name).count();
    let of = |classification: Classification| -> usize {
        results.iter().filter(|result| result.classification == classification).map(counted).sum()
    };
    let passed = of(Classification::Pass);
    let failed = of(Classification::High) + of(Classification::Low) + of(Classification::NodataFailMetric);
    let has_data = passed + failed > 0;
    let score = if has_data { passed as f64 / (passed + failed) as f64 * 100.0 } else { 0.0 };
    GroupScore { name: name.into(), score, has_data }
}

/// Groups without a weight share what the others leave, whether they are there or not. A group in which nothing could
/// be compared counts as a good one.
fn summary(groups: &[GroupScore], classifier: &ClassifierConfig) -> f64 {
    let given: f64 = classifier.weights().map(|(_, weight)| weight).sum();
    let weight_of = |name: &str| classifier.weights().find(|(group, _)| *group == name).map(|(_, weight)| weight);
    let without = groups.iter().filter(|group| weight_of(&group.name).is_none()).count();
    let rest = (100.0 - given) / without as f64;
    groups.iter().fold(0.0, |sum, group| {
        let score = if group.has_data { group.score } else { 100.0 };
        sum + score * (weight_of(&group.name).unwrap_or(rest) / 100.0)
    })
}

/// What is questionable about the weights.
pub(super) fn doubts(groups: &[GroupScore], classifier: &ClassifierConfig) -> Vec<Finding> {
    let names: BTreeSet<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    let lost = classifier.weights().filter(|(name, weight)| *weight != 0.0 && !names.contains(name));
    let lost = lost.map(|(name, weight)| {
        let text = "the group {group} has no metric: its weight of {weight} is lost and lowers the score";
        Finding::warning("kayenta.lost_weight", text)
            .figure("group", String::from(name))
            .figure("weight", bellwether_core::Value::Ratio(weight))
    });
    let empty = groups.iter().filter(|group| !group.has_data).map(|group| {
        let text = "nothing in the group {group} could be compared: it is shown as 0 and counts as 100";
        Finding::warning("kayenta.group_without_data", text).figure("group", group.name.clone())
    });
    lost.chain(empty).collect()
}

/// Rounded half up to two decimals, in the decimal form that a person would read: 0.125 and 1.005 go up.
fn rounded(score: f64) -> f64 {
    let text = format!("{}", score.abs());
    let Some((whole, decimals)) = text.split_once('.') else { return score };
    let Some((kept, rest)) = decimals.split_at_checked(2) else { return score };
    if rest.is_empty() {
        return score;
    }
    let Ok(hundredths) = format!("{whole}{kept}").parse::<u128>() else { return score };
    let hundredths = hundredths + u128::from(rest.starts_with(['5', '6', '7', '8', '9']));
    let size = format!("{}.{:02}", hundredths / 100, hundredths % 100).parse::<f64>().unwrap_or(score);
    if size == 0.0 { 0.0 } else { size.copysign(score) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `new BigDecimal(Double.toString(x)).setScale(2, RoundingMode.HALF_UP)` gives, by its definition.
    #[test]
    fn a_score_is_rounded_as_it_is_read() {
        for (score, expected) in [
            (33.333_333_333_333_33, 33.33),
            (66.666_666_666_666_66, 66.67),
            (1.005, 1.01),
            (0.125, 0.13),
            (0.124_999_999, 0.12),
            (99.995, 100.0),
            (-0.004, 0.0),
            (-12.345, -12.35),
            (7.1, 7.1),
            (100.0, 100.0),
            (1e300, 1e300),
        ] {
            assert_eq!(rounded(score), expected, "{score}");
        }
    }
}
