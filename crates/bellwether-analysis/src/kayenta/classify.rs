//! One metric: what is left of its values, how the arms compare, and what that is called.

use alloc::{format, string::String, vec::Vec};

use bellwether_core::Finding;
use bellwether_stats::fixed::{Sample, Samples, common_language_effect, mean_ratio};

use super::classification::Classification;
use super::config::{CanaryAnalysis, MetricConfig};
use super::judgement::MetricResult;
use super::metric_set_pair::MetricSetPair;
use super::noise::{self, Noise};
use super::outlier::without_outliers;
use super::points::Points;
use super::scalar::Number;
use super::shift::ShiftInterval;

/// Below this many values an arm's interval does not hold its confidence, which Kayenta only warns of.
const POINTS_ADVISED: usize = 50;

/// A metric's configuration with every default filled in.
#[derive(Clone, Debug)]
pub(super) struct Rules<'a> {
    config: &'a MetricConfig,
    direction: Direction,
    missing: MissingPoints,
    /// How far an outlier is out; nothing where outliers are kept.
    outlier_factor: Option<f64>,
    measure: Measure,
    allowed: Limits,
    critical: Limits,
    is_critical: bool,
    must_have_data: bool,
    tolerance: f64,
    confidence: f64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Direction {
    Increase,
    Decrease,
    Either,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum MissingPoints {
    Remove,
    Replace,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Measure {
    MeanRatio,
    CommonLanguage,
}

/// The effect from which on an increase counts, and up to which a decrease does.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Limits {
    increase: f64,
    decrease: f64,
}

/// The default of `outliers.outlierFactor`.
const OUTLIER_FACTOR: f64 = 3.0;

impl<'a> Rules<'a> {
    pub(super) fn new(config: &'a MetricConfig, tolerance: f64, confidence: f64) -> Self {
        let default = CanaryAnalysis::default();
        let canary = config.canary().unwrap_or(&default);
        let measure = match word(canary.effect_size.as_ref().and_then(|it| it.measure.as_ref())) {
            "cles" => Measure::CommonLanguage,
            _ => Measure::MeanRatio,
        };
        let effect = canary.effect_size.clone().unwrap_or_default();
        let none = if measure == Measure::CommonLanguage { 0.5 } else { 1.0 };
        let limits = |increase: Option<Number>, decrease: Option<Number>| Limits {
            increase: increase.map_or(none, |number| number.0),
            decrease: decrease.map_or(none, |number| number.0),
        };
        let replaces = word(canary.nan_strategy.as_ref()) == "replace";
        Self {
            config,
            direction: direction(word(canary.direction.as_ref())),
            missing: if replaces { MissingPoints::Replace } else { MissingPoints::Remove },
            outlier_factor: outlier_factor(canary),
            measure,
            allowed: limits(effect.allowed_increase, effect.allowed_decrease),
            critical: limits(effect.critical_increase, effect.critical_decrease),
            is_critical: canary.is_critical(),
            must_have_data: canary.must_have_data(),
            tolerance,
            confidence,
        }
    }

    /// Classifies one metric's values; what is questionable about the answer is added to the findings.
    pub(super) fn classify(&self, pair: &MetricSetPair, findings: &mut Vec<Finding>) -> MetricResult {
        let control = self.transformed(&pair.values.control);
        let experiment = self.transformed(&pair.values.experiment);
        let answer = self.without_test(&control, &experiment).unwrap_or_else(|| {
            findings.extend(few_points(&pair.name, control.len().min(experiment.len())));
            self.tested(&pair.name, [&control, &experiment], findings)
        });
        findings.extend(answer.doubts(&pair.name));
        MetricResult {
            name: pair.name.clone(),
            classification: answer.classification,
            critical: answer.critical,
            deviation: answer.deviation,
            interval: answer.interval,
            reason: self.reason(&pair.name, &answer),
            groups: self.config.groups().to_vec(),
            is_muted: self.config.canary().is_some_and(CanaryAnalysis::is_muted),
            has_data: !control.is_empty() && !experiment.is_empty(),
        }
    }

    fn transformed(&self, points: &Points) -> Vec<f64> {
        let values: Vec<f64> = match self.missing {
            MissingPoints::Remove => points.0.iter().copied().filter(|value| !value.is_nan()).collect(),
            MissingPoints::Replace => points.0.iter().map(|value| if value.is_nan() { 0.0 } else { *value }).collect(),
        };
        match self.outlier_factor {
            Some(factor) => without_outliers(&values, factor),
            None => values,
        }
    }

    /// What is said without any test: of missing, equal and constant values.
    fn without_test(&self, control: &[f64], experiment: &[f64]) -> Option<Answer> {
        if control.is_empty() || experiment.is_empty() {
            return Some(match self.missing {
                MissingPoints::Replace => Answer::plain(Classification::Pass, Why::NothingToReplace),
                MissingPoints::Remove if self.must_have_data && !self.is_critical => {
                    Answer::plain(Classification::NodataFailMetric, Why::Missing)
                }
                MissingPoints::Remove => {
                    Answer { critical: self.is_critical, ..Answer::plain(Classification::Nodata, Why::Missing) }
                }
            });
        }
        if sorted(control) == sorted(experiment) {
            return Some(Answer::plain(Classification::Pass, Why::Identical));
        }
        let first = control.first();
        let is_constant = control.iter().chain(experiment).all(|value| Some(value) == first);
        is_constant.then(|| Answer::plain(Classification::Pass, Why::Tested))
    }

    /// Compares the arms by the interval of the shift between them and by the size of the effect.
    fn tested(&self, name: &str, arms: [&[f64]; 2], findings: &mut Vec<Finding>) -> Answer {
        let [control, experiment] = arms;
        if !(is_constant(control) && is_constant(experiment)) {
            return self.compared(arms, arms);
        }
        findings.push(added_noise(name));
        let mut noise = Noise::new();
        let draws = if noise::decides(control, experiment) { noise::DRAWS } else { 1 };
        let mut draw = || {
            let noisy = arms.map(|values| noise.added_to(values));
            self.compared(arms, noisy.each_ref().map(Vec::as_slice))
        };
        most_frequent(&(0..draws).map(|_| draw()).collect::<Vec<_>>())
    }

    /// The noise counts in the ranks alone: the means are those of the values.
    fn compared(&self, [control, experiment]: [&[f64]; 2], noisy: [&[f64]; 2]) -> Answer {
        let [noisy_control, noisy_experiment] = noisy;
        let Ok(interval) = ShiftInterval::of(noisy_experiment, noisy_control, self.confidence) else {
            return Answer { deviation: None, ..Answer::plain(Classification::Error, Why::AllTied) };
        };
        let deviation = mean_ratio(experiment, control).unwrap_or(f64::NAN);
        let effect = match self.measure {
            Measure::MeanRatio => deviation,
            Measure::CommonLanguage => common_language(noisy_experiment, noisy_control),
        };
        let classification = self.compare(&interval, effect);
        let critical = self.is_critical && self.critical.are_reached(classification, effect);
        let (deviation, interval) = (Some(deviation), Some(interval));
        Answer { classification, critical, deviation, interval, effect, why: Why::Tested }
    }

    fn compare(&self, interval: &ShiftInterval, effect: f64) -> Classification {
        let bound = self.tolerance * interval.estimate.abs();
        let (counts_high, counts_low) = match self.direction {
            Direction::Increase => (true, false),
            Direction::Decrease => (false, true),
            Direction::Either => (true, true),
        };
        if counts_high && interval.low > bound && self.allowed.are_reached(Classification::High, effect) {
            Classification::High
        } else if counts_low && interval.high < -bound && self.allowed.are_reached(Classification::Low, effect) {
            Classification::Low
        } else {
            Classification::Pass
        }
    }

    fn reason(&self, name: &str, answer: &Answer) -> Option<String> {
        match (answer.why, answer.classification) {
            (Why::Missing, _) => Some(format!("Missing data for {name}")),
            (Why::Identical, _) => Some("The Canary and Baseline data are identical".into()),
            (Why::AllTied, _) => Some("Metric Classification Failed".into()),
            (Why::Tested, class @ (Classification::High | Classification::Low)) if answer.critical => {
                Some(format!("The metric {name} was classified as {class} (Critical)"))
            }
            (Why::Tested, class @ (Classification::High | Classification::Low)) => {
                Some(format!("{name} was classified as {class}"))
            }
            (Why::NothingToReplace | Why::Tested, _) => None,
        }
    }
}

impl Limits {
    /// Whether the effect is as large as it takes; an effect that cannot be computed always is.
    fn are_reached(self, classification: Classification, effect: f64) -> bool {
        match classification {
            Classification::High => effect.is_nan() || effect >= self.increase,
            Classification::Low => effect.is_nan() || effect <= self.decrease,
            Classification::Pass
            | Classification::Nodata
            | Classification::NodataFailMetric
            | Classification::Error => false,
        }
    }
}

/// What is said about a metric.
#[derive(Clone, Copy, Debug)]
struct Answer {
    classification: Classification,
    critical: bool,
    deviation: Option<f64>,
    interval: Option<ShiftInterval>,
    effect: f64,
    why: Why,
}

/// Which rule said it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Why {
    Missing,
    NothingToReplace,
    Identical,
    AllTied,
    Tested,
}

impl Answer {
    fn plain(classification: Classification, why: Why) -> Self {
        Self { classification, critical: false, deviation: Some(1.0), interval: None, effect: 1.0, why }
    }

    /// Where Kayenta's answer is not what its reader takes it for.
    fn doubts(&self, name: &str) -> Option<Finding> {
        let about = |finding: Finding| finding.figure("metric", String::from(name));
        if self.why == Why::NothingToReplace {
            let text = "{metric} has no values in an arm and passes, as missing ones are replaced";
            return Some(about(Finding::warning("kayenta.pass_without_data", text)));
        }
        if self.classification == Classification::Error {
            let text = "{metric} could not be compared and leaves the score, which takes it for neither good nor bad";
            return Some(about(Finding::warning("kayenta.error_not_scored", text)));
        }
        let is_failed = matches!(self.classification, Classification::High | Classification::Low);
        if is_failed && self.effect.is_nan() {
            let text = "the mean of {metric} is zero in an arm: its effect has no size, and no limit for it holds";
            return Some(about(Finding::warning("kayenta.effect_without_size", text)));
        }
        let interval = self.interval.filter(|interval| interval.low > interval.high)?;
        let text =
            "the interval of {metric} is upside down, {low} to {high}: its values are near the tolerance of 1e-4";
        Some(
            about(Finding::warning("kayenta.inverted_interval", text))
                .figure("low", bellwether_core::Value::Ratio(interval.low))
                .figure("high", bellwether_core::Value::Ratio(interval.high)),
        )
    }
}

/// The first of the answers that say what most of them say.
fn most_frequent(answers: &[Answer]) -> Answer {
    let is_like = |a: &Answer, b: &Answer| (a.classification, a.critical) == (b.classification, b.critical);
    let votes = |answer: &Answer| answers.iter().filter(|other| is_like(answer, other)).count();
    let best = answers.iter().rev().max_by_key(|answer| votes(answer));
    best.copied().unwrap_or_else(|| Answer::plain(Classification::Error, Why::AllTied))
}

fn few_points(name: &str, points: usize) -> Option<Finding> {
    let text = "{metric} has {points} values in an arm; below 50 the interval does not hold its confidence";
    let finding = Finding::info("kayenta.few_points", text).figure("metric", String::from(name));
    (points < POINTS_ADVISED).then(|| finding.figure("points", points as u64))
}

fn added_noise(name: &str) -> Finding {
    let text = "both arms of {metric} are constant: a fixed noise stands in for the random one that Kayenta adds, and \
                where the class depends on it the most frequent one of several is given";
    Finding::info("kayenta.noise", text).figure("metric", String::from(name))
}

fn is_constant(values: &[f64]) -> bool {
    values.iter().all(|value| Some(value) == values.first())
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The common language effect size, also of infinities, which rank like any other value.
fn common_language(experiment: &[f64], control: &[f64]) -> f64 {
    let finite =
        |values: &[f64]| Sample::new(&values.iter().map(|it| it.clamp(f64::MIN, f64::MAX)).collect::<Vec<_>>());
    match (finite(experiment), finite(control)) {
        (Ok(treatment), Ok(control)) => common_language_effect(&Samples { treatment, control }),
        (Err(_), _) | (_, Err(_)) => f64::NAN,
    }
}

fn word(word: Option<&super::scalar::Word>) -> &str {
    word.map_or("", |word| word.0.as_str())
}

fn direction(word: &str) -> Direction {
    match word {
        "increase" => Direction::Increase,
        "decrease" => Direction::Decrease,
        _ => Direction::Either,
    }
}

fn outlier_factor(canary: &CanaryAnalysis) -> Option<f64> {
    let outliers = canary.outliers.as_ref()?;
    let is_removed = word(outliers.strategy.as_ref()) == "remove";
    is_removed.then(|| outliers.outlier_factor.map_or(OUTLIER_FACTOR, |factor| factor.0))
}

impl MetricConfig {
    /// The factor of an outlier that is no distance, which Kayenta refuses together with the whole judgement.
    pub(super) fn impossible_outlier_factor(&self) -> Option<f64> {
        self.canary().and_then(outlier_factor).filter(|factor| *factor <= 0.0)
    }

    /// Words that Kayenta passes over in silence: where they are, and what it takes instead.
    pub(super) fn unknown_words(&self) -> Vec<(&'static str, String, &'static str)> {
        let Some(canary) = self.canary() else { return Vec::new() };
        let outliers = canary.outliers.as_ref().and_then(|it| it.strategy.as_ref());
        let measure = canary.effect_size.as_ref().and_then(|it| it.measure.as_ref());
        [
            ("direction", canary.direction.as_ref(), &["increase", "decrease", "either"][..], "either"),
            ("nanStrategy", canary.nan_strategy.as_ref(), &["remove", "replace"][..], "remove"),
            ("outliers.strategy", outliers, &["keep", "remove"][..], "keep"),
            ("effectSize.measure", measure, &["meanRatio", "cles"][..], "meanRatio"),
        ]
        .into_iter()
        .filter_map(|(field, word, known, instead)| {
            let word = word.filter(|word| !known.contains(&word.0.as_str()))?;
            Some((field, word.0.clone(), instead))
        })
        .collect()
    }
}
