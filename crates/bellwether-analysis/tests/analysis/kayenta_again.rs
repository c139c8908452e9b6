//! Kayenta's judge a second time, as its source reads (spinnaker/spinnaker, folder `kayenta`, at f8b98eb): ranks by
//! comparing every pair, the solver step by step, random noise. Random documents must be judged alike.

use std::collections::{BTreeMap, BTreeSet};

use bellwether_analysis::kayenta::{CanaryConfig, Judgement, Kayenta, MetricSetPair, Thresholds};
use rand::{Rng, RngExt, SeedableRng, rngs::SmallRng, seq::IndexedRandom};
use serde_json::{Value, json};

/// How often the noise is drawn again where Kayenta draws once.
const DRAWS: usize = 61;

#[test]
fn random_canaries_are_judged_as_kayentas_source_reads() {
    let mut random = SmallRng::seed_from_u64(20_260_302);
    let mut seen = BTreeMap::new();
    for round in 0..200 {
        let document = document(&mut random);
        let (config, pairs) = (&document["config"], &document["metrics"]);
        let parsed: CanaryConfig = serde_json::from_value(config.clone()).unwrap();
        let found: Vec<MetricSetPair> = serde_json::from_value(pairs.clone()).unwrap();
        let thresholds = Thresholds { pass: 75.0, marginal: 50.0 };
        let judged = Kayenta::new(parsed, thresholds).unwrap().judge(&found).unwrap();
        let mut metrics = Vec::new();
        for (index, pair) in pairs.as_array().unwrap().iter().enumerate() {
            let answer = Answer::of(&judged, index);
            compare_metric(&answer, &draws(config, pair, &mut random), &format!("round {round}: {pair} {config}"));
            *seen.entry(answer.class.clone()).or_insert(0) += 1;
            metrics.push((pair, answer));
        }
        compare_score(&judged, config, &metrics, &format!("round {round}: {document}"));
    }
    let expected = ["Error", "High", "Low", "Nodata", "NodataFailMetric", "Pass"];
    assert_eq!(seen.keys().map(String::as_str).collect::<Vec<_>>(), expected, "every class was there: {seen:?}");
    assert!(seen.values().all(|count| *count > 3), "{seen:?}");
}

/// What is compared of one metric.
#[derive(Clone, Debug, PartialEq)]
struct Answer {
    class: String,
    critical: bool,
    /// Nothing where the comparison broke off.
    deviation: Option<f64>,
    interval: Option<[f64; 3]>,
    reason: Option<String>,
    /// Whether noise was added.
    is_noisy: bool,
}

impl Answer {
    fn of(judged: &Judgement, index: usize) -> Self {
        let result = &judged.results[index];
        Self {
            class: result.classification.to_string(),
            critical: result.critical,
            deviation: result.deviation,
            interval: result.interval.map(|it| [it.low, it.high, it.estimate]),
            reason: result.reason.clone(),
            is_noisy: false,
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        (&self.class, self.critical) == (&other.class, other.critical)
    }
}

/// One answer, or as many as it takes to know how often the noise gives which.
fn draws(config: &Value, pair: &Value, random: &mut SmallRng) -> Vec<Answer> {
    let first = classify(config, pair, random);
    let more = if first.is_noisy { DRAWS } else { 1 };
    let rest: Vec<Answer> = (1..more).map(|_| classify(config, pair, random)).collect();
    [vec![first], rest].concat()
}

/// Where one class comes four times out of five, it must be that one; elsewhere one that was drawn.
fn compare_metric(found: &Answer, drawn: &[Answer], about: &str) {
    let votes = drawn.iter().filter(|answer| answer.is_like(found)).count();
    let most = drawn.iter().map(|answer| drawn.iter().filter(|other| other.is_like(answer)).count()).max().unwrap();
    let is_settled = most * 5 >= drawn.len() * 4;
    assert!(
        if is_settled { votes == most } else { votes > 0 },
        "{votes} of {}: {found:?}\n{:?}\n{about}",
        drawn.len(),
        drawn[0]
    );
    let like = drawn.iter().find(|answer| answer.is_like(found)).unwrap();
    assert_eq!(found.reason, like.reason, "{about}");
    // The noise is a part in 100,000 and has more than four deviations in one draw of 10,000.
    let tolerance = if like.is_noisy { 2e-4 } else { 1e-9 };
    let is_close =
        |a: f64, b: f64, scale: f64| (a.is_nan() && b.is_nan()) || a == b || (a - b).abs() <= tolerance * scale;
    match (found.deviation, like.deviation) {
        (Some(a), Some(b)) => assert!(is_close(a, b, b.abs()), "{a}, not {b}: {about}"),
        (a, b) => assert_eq!(a, b, "{about}"),
    }
    if like.is_noisy {
        return;
    }
    match (found.interval, like.interval) {
        (Some(found), Some(expected)) => {
            let scale = expected.iter().fold(1e-4_f64, |a, b| a.max(b.abs()));
            for (a, b) in found.into_iter().zip(expected) {
                assert!(is_close(a, b, scale), "{found:?}, not {expected:?}: {about}");
            }
        }
        (found, expected) => assert_eq!(found, expected, "{about}"),
    }
}

/// `WeightedSumScorer`, on the classes that were found: those may be a draw.
fn compare_score(judged: &Judgement, config: &Value, metrics: &[(&Value, Answer)], about: &str) {
    let heard: Vec<(&Value, &Answer)> = metrics
        .iter()
        .map(|(pair, answer)| (metric_of(config, pair), answer))
        .filter(|(metric, _)| !flag(metric, &["muted"]))
        .collect();
    let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (metric, answer) in &heard {
        for group in metric["groups"].as_array().into_iter().flatten() {
            groups.entry(group.as_str().unwrap().into()).or_default().push(&answer.class);
        }
    }
    let scores: BTreeMap<&str, (f64, bool)> =
        groups.iter().map(|(name, classes)| (name.as_str(), group_score(classes))).collect();
    let found: BTreeMap<&str, f64> = judged.groups.iter().map(|group| (group.name.as_str(), group.score)).collect();
    assert_eq!(found, scores.iter().map(|(name, (score, _))| (*name, *score)).collect(), "{about}");
    let failed = heard.iter().find(|(_, answer)| answer.critical && answer.class != "Pass");
    let missing = heard.iter().filter(|(_, answer)| answer.class == "Nodata").count() as f64;
    let (expected, reason) = if let Some((_, failed)) = failed {
        (0.0, Some(format!("Canary Failed: {}", failed.reason.as_deref().unwrap_or("null"))))
    } else if missing / heard.len() as f64 * 100.0 >= 50.0 {
        (0.0, Some("Canary Failed: 50% or more metrics returned NODATA".into()))
    } else {
        (summary(&scores, config), None)
    };
    // It is rounded to two decimals; a half goes where the order of Scala's map leaves the sum.
    assert!((judged.score - expected).abs() <= 0.005 + 1e-9, "{}, not {expected}: {about}", judged.score);
    assert_eq!(judged.score, format!("{:.2}", judged.score).parse::<f64>().unwrap(), "{about}");
    assert_eq!(judged.reason, reason, "{about}");
    let class = if judged.score >= 75.0 {
        "Pass"
    } else if judged.score >= 50.0 {
        "Marginal"
    } else {
        "Fail"
    };
    assert_eq!(judged.classification.to_string(), class, "{about}");
}

fn group_score(classes: &[&str]) -> (f64, bool) {
    let count = |class: &str| classes.iter().filter(|it| **it == class).count();
    let all = count("Pass") + count("High") + count("Low") + count("NodataFailMetric");
    if all == 0 { (0.0, true) } else { (count("Pass") as f64 / all as f64 * 100.0, false) }
}

fn summary(scores: &BTreeMap<&str, (f64, bool)>, config: &Value) -> f64 {
    let weights: BTreeMap<String, f64> =
        serde_json::from_value(config["classifier"]["groupWeights"].clone()).unwrap_or_default();
    let names: BTreeSet<&str> = scores.keys().copied().collect();
    let without = names.iter().filter(|name| !weights.contains_key(**name)).count();
    let rest = (100.0 - weights.values().sum::<f64>()) / without as f64;
    let mut sum = 0.0;
    for (name, (score, has_none)) in scores {
        let weight = weights.get(*name).copied().unwrap_or(rest);
        sum += if *has_none { 100.0 } else { *score } * (weight / 100.0);
    }
    sum
}

fn metric_of<'a>(config: &'a Value, pair: &Value) -> &'a Value {
    config["metrics"].as_array().unwrap().iter().find(|metric| metric["name"] == pair["name"]).unwrap()
}

/// `MapUtils`: what stands at a place below `analysisConfigurations.canary`, as a text.
fn text(metric: &Value, path: &[&str]) -> Option<String> {
    let found = path.iter().fold(&metric["analysisConfigurations"]["canary"], |value, key| &value[*key]);
    let text = || found.as_str().map_or_else(|| found.to_string(), str::to_owned);
    (!found.is_null()).then(text)
}

fn flag(metric: &Value, path: &[&str]) -> bool {
    text(metric, path).is_some_and(|text| text.parse().unwrap())
}

fn number(metric: &Value, path: &[&str], otherwise: f64) -> f64 {
    text(metric, path).map_or(otherwise, |text| text.parse().unwrap())
}

/// `NetflixACAJudge.classifyMetric` and `MannWhitneyClassifier.classify`.
fn classify(config: &Value, pair: &Value, random: &mut SmallRng) -> Answer {
    let metric = metric_of(config, pair);
    let replaces = text(metric, &["nanStrategy"]).as_deref() == Some("replace");
    let arm = |name: &str| {
        let points = pair["values"][name].as_array().unwrap();
        let values = points.iter().map(|point| match point.as_str() {
            Some("Infinity") => f64::INFINITY,
            Some("-Infinity") => f64::NEG_INFINITY,
            _ => point.as_f64().unwrap_or(f64::NAN),
        });
        let kept: Vec<f64> = if replaces {
            values.map(|value| if value.is_nan() { 0.0 } else { value }).collect()
        } else {
            values.filter(|value| !value.is_nan()).collect()
        };
        let removes = text(metric, &["outliers", "strategy"]).as_deref() == Some("remove");
        if removes { inliers(&kept, number(metric, &["outliers", "outlierFactor"], 3.0)) } else { kept }
    };
    let (control, experiment) = (arm("control"), arm("experiment"));
    let name = pair["name"].as_str().unwrap();
    let answer = |class: &str, critical: bool, reason: Option<String>| Answer {
        class: class.into(),
        critical,
        deviation: Some(1.0),
        interval: None,
        reason,
        is_noisy: false,
    };
    let is_critical = flag(metric, &["critical"]);
    if control.is_empty() || experiment.is_empty() {
        let reason = Some(format!("Missing data for {name}"));
        return match (replaces, flag(metric, &["mustHaveData"]) && !is_critical) {
            (true, _) => answer("Pass", false, None),
            (false, true) => answer("NodataFailMetric", false, reason),
            (false, false) => answer("Nodata", is_critical, reason),
        };
    }
    let sorted = |values: &[f64]| {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted
    };
    if sorted(&control) == sorted(&experiment) {
        return answer("Pass", false, Some("The Canary and Baseline data are identical".into()));
    }
    let is_one = |values: &[f64]| values.iter().all(|value| *value == values[0]);
    if is_one(&[control.clone(), experiment.clone()].concat()) {
        return answer("Pass", false, None);
    }
    let is_noisy = is_one(&control) && is_one(&experiment);
    let noisy = |values: &[f64], random: &mut SmallRng| -> Vec<f64> {
        values.iter().map(|value| if is_noisy { value + gaussian(random) * values[0] * 1e-5 } else { *value }).collect()
    };
    let (experiment, control) = (noisy(&experiment, random), noisy(&control, random));
    let Some(interval) = interval(&experiment, &control, confidence(config)) else {
        let reason = Some("Metric Classification Failed".into());
        return Answer { deviation: None, is_noisy, ..answer("Error", false, reason) };
    };
    let is_cles = text(metric, &["effectSize", "measure"]).as_deref() == Some("cles");
    let (over, under) = (mean(&experiment), mean(&control));
    let deviation = if over == 0.0 || under == 0.0 { f64::NAN } else { over / under };
    let effect = if is_cles { cles(&experiment, &control) } else { deviation };
    let otherwise = if is_cles { 0.5 } else { 1.0 };
    let limit = |name: &str| number(metric, &["effectSize", name], otherwise);
    let direction = text(metric, &["direction"]).unwrap_or_default();
    let [low, high, estimate] = interval;
    let bound = tolerance(config) * estimate.abs();
    let rises = direction != "decrease" && low > bound && (effect.is_nan() || effect >= limit("allowedIncrease"));
    let falls = direction != "increase" && high < -bound && (effect.is_nan() || effect <= limit("allowedDecrease"));
    let (class, is_beyond) = if rises {
        ("High", effect.is_nan() || effect >= limit("criticalIncrease"))
    } else if falls {
        ("Low", effect.is_nan() || effect <= limit("criticalDecrease"))
    } else {
        ("Pass", false)
    };
    let critical = is_critical && is_beyond;
    let reason = match class {
        "Pass" => None,
        _ if critical => Some(format!("The metric {name} was classified as {class} (Critical)")),
        _ => Some(format!("{name} was classified as {class}")),
    };
    Answer { deviation: Some(deviation), interval: Some(interval), is_noisy, ..answer(class, critical, reason) }
}

/// `StatUtils.mean`, which goes through the values a second time: with an infinity it is no number.
fn mean(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    mean + values.iter().map(|value| value - mean).sum::<f64>() / count
}

fn judged_by(config: &Value, name: &str, otherwise: f64) -> f64 {
    config["judge"]["judgeConfigurations"][name].as_f64().unwrap_or(otherwise)
}

fn confidence(config: &Value) -> f64 {
    judged_by(config, "confLevel", 0.98)
}

fn tolerance(config: &Value) -> f64 {
    judged_by(config, "tolerance", 0.25)
}

/// `IQRDetector`, with commons-math's percentiles of type R-7.
fn inliers(values: &[f64], factor: f64) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let percentile = |percent: f64| {
        let place = (sorted.len() as f64 - 1.0) * percent / 100.0;
        #[expect(clippy::cast_possible_truncation, reason = "a place in a short list")]
        let (low, part) = (place as usize, place.fract());
        sorted[low] + if part == 0.0 { 0.0 } else { part * (sorted[low + 1] - sorted[low]) }
    };
    if sorted.is_empty() {
        return sorted;
    }
    let (p25, p75) = (percentile(25.0), percentile(75.0));
    // Java's smaller and larger number are none where one of them is none.
    let java = |pick: fn(f64, f64) -> f64, a: f64, b: f64| if a.is_nan() || b.is_nan() { f64::NAN } else { pick(a, b) };
    let lowest = java(f64::min, percentile(1.0), p25 - factor * (p75 - p25));
    let highest = java(f64::max, percentile(99.0), p75 + factor * (p75 - p25));
    values.iter().copied().filter(|value| !(*value > highest || *value < lowest)).collect()
}

/// `NaturalRanking` with average ties, by comparing every pair; what is no number is as large as can be.
fn ranks(values: &[f64]) -> Vec<f64> {
    let values: Vec<f64> = values.iter().map(|value| if value.is_nan() { f64::INFINITY } else { *value }).collect();
    let rank = |value: &f64| {
        let below = values.iter().filter(|other| *other < value).count() as f64;
        let equal = values.iter().filter(|other| *other == value).count() as f64;
        below + (equal + 1.0) / 2.0
    };
    values.iter().map(rank).collect()
}

fn cles(experiment: &[f64], control: &[f64]) -> f64 {
    let (m, n) = (experiment.len() as f64, control.len() as f64);
    let sum: f64 = ranks(&[experiment, control].concat()).iter().take(experiment.len()).sum();
    (2.0 * sum - m * (m + 1.0)) / (2.0 * n * m)
}

/// `MannWhitney.calculateConfidenceInterval`: low, high and estimate; nothing where all are tied.
fn interval(x: &[f64], y: &[f64], confidence: f64) -> Option<[f64; 3]> {
    let least = |of: &[f64]| of.iter().copied().fold(f64::INFINITY, f64::min);
    let most = |of: &[f64]| of.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (from, to) = (least(x) - most(y), most(x) - least(y));
    let quantile = bellwether_stats::fixed::normal_quantile((1.0 - confidence) / 2.0);
    let root = |quantile: f64| {
        let (lower, upper) = (difference(from, quantile, x, y)?, difference(to, quantile, x, y)?);
        if lower <= 0.0 {
            Some(from)
        } else if upper >= 0.0 {
            Some(to)
        } else {
            brent([from, to], [lower, upper], |shift| difference(shift, quantile, x, y))
        }
    };
    let (low, high) = (root(-quantile)?, root(quantile)?);
    let ends = [difference(from, 0.0, x, y)?, difference(to, 0.0, x, y)?];
    Some([low, high, brent([from, to], ends, |shift| difference(shift, 0.0, x, y))?])
}

/// `MannWhitney.wilcoxonDiff`.
fn difference(shift: f64, quantile: f64, x: &[f64], y: &[f64]) -> Option<f64> {
    let (m, n) = (x.len() as f64, y.len() as f64);
    let pooled: Vec<f64> = x.iter().map(|value| value - shift).chain(y.iter().copied()).collect();
    let ranked = ranks(&pooled);
    let mut groups: BTreeMap<u64, f64> = BTreeMap::new();
    ranked.iter().for_each(|rank| *groups.entry(rank.to_bits()).or_default() += 1.0);
    let ties: f64 = groups.values().map(|count| count * count * count - count).sum();
    let distance = ranked.iter().take(x.len()).sum::<f64>() - m * (m + 1.0) / 2.0 - m * n / 2.0;
    let correction = if distance == 0.0 { 0.0 } else { distance.signum() * 0.5 };
    let sigma = (m * n / 12.0 * ((m + n + 1.0) - ties / ((m + n) * (m + n - 1.0)))).sqrt();
    (sigma != 0.0).then(|| (distance - correction) / sigma - quantile)
}

/// `BrentSolver.brent`, after R's `zeroin`, with its names.
#[expect(clippy::many_single_char_names, reason = "the names of the source, to be read beside it")]
fn brent([ax, bx]: [f64; 2], [mut fa, mut fb]: [f64; 2], f: impl Fn(f64) -> Option<f64>) -> Option<f64> {
    let (mut a, mut b) = (ax, bx);
    let (mut c, mut fc) = (a, fa);
    if fa == 0.0 {
        return Some(a);
    }
    if fb == 0.0 {
        return Some(b);
    }
    for _ in 0..=1_000 {
        let previous = b - a;
        if fc.abs() < fb.abs() {
            (a, b) = (b, c);
            c = a;
            (fa, fb) = (fb, fc);
            fc = fa;
        }
        let tolerance = 2.0 * 2.220_446_049_250_313e-16 * b.abs() + 1e-4 / 2.0;
        let mut step = (c - b) / 2.0;
        // `Precision.equals(fb, 0.0)`: within one unit in the last place.
        if step.abs() <= tolerance || fb.abs() <= f64::from_bits(1) {
            return Some(b);
        }
        if previous.abs() >= tolerance && fa.abs() > fb.abs() {
            let cb = c - b;
            let (mut p, mut q);
            if a == c {
                let t1 = fb / fa;
                p = cb * t1;
                q = 1.0 - t1;
            } else {
                q = fa / fc;
                let (t1, t2) = (fb / fc, fb / fa);
                p = t2 * (cb * q * (q - t1) - (b - a) * (t1 - 1.0));
                q = (q - 1.0) * (t1 - 1.0) * (t2 - 1.0);
            }
            (p, q) = if p > 0.0 { (p, -q) } else { (-p, q) };
            if p < 0.75 * cb * q - (tolerance * q).abs() / 2.0 && p < (previous * q / 2.0).abs() {
                step = p / q;
            }
        }
        if step.abs() < tolerance {
            step = if step > 0.0 { tolerance } else { -tolerance };
        }
        (a, fa) = (b, fb);
        b += step;
        fb = f(b)?;
        if (fb > 0.0 && fc > 0.0) || (fb < 0.0 && fc < 0.0) {
            (c, fc) = (a, fa);
        }
    }
    Some(b)
}

/// By Box and Muller.
fn gaussian(random: &mut impl Rng) -> f64 {
    let (u, v): (f64, f64) = (random.random(), random.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// A configuration with up to six metrics, and values of each.
fn document(random: &mut SmallRng) -> Value {
    let count = random.random_range(1..=6);
    let metrics: Vec<Value> = (0..count).map(|index| metric(index, random)).collect();
    let pairs: Vec<Value> = (0..count).map(|index| pair(index, random)).collect();
    let mut weights = serde_json::Map::new();
    for group in ["a", "b", "gone"] {
        if random.random_bool(0.4) {
            weights.insert(group.into(), json!(f64::from(random.random_range(0..120))));
        }
    }
    let mut judge = serde_json::Map::new();
    if random.random_bool(0.2) {
        judge.insert("confLevel".into(), json!(*[0.8, 0.95, 0.999].choose(random).unwrap()));
        judge.insert("tolerance".into(), json!(*[0.0, 0.1, 0.5].choose(random).unwrap()));
    }
    json!({
        "config": {
            "judge": { "judgeConfigurations": judge }, "metrics": metrics, "classifier": { "groupWeights": weights },
        },
        "metrics": pairs,
    })
}

fn metric(index: usize, random: &mut SmallRng) -> Value {
    let mut canary = serde_json::Map::new();
    let mut maybe = |name: &str, words: &[Value], random: &mut SmallRng| {
        if random.random_bool(0.35) {
            canary.insert(name.into(), words.choose(random).unwrap().clone());
        }
    };
    let flags = [json!(true), json!("true"), json!(false)];
    maybe("direction", &["increase", "decrease", "either", "down"].map(Value::from), random);
    maybe("nanStrategy", &["remove", "replace", "none"].map(Value::from), random);
    for name in ["critical", "mustHaveData", "muted"] {
        maybe(name, &flags, random);
    }
    let outliers = [
        json!({ "strategy": "remove" }),
        json!({ "strategy": "remove", "outlierFactor": 0.5 }),
        json!({ "strategy": "keep" }),
    ];
    maybe("outliers", &outliers, random);
    let mut effect = serde_json::Map::new();
    for name in ["allowedIncrease", "allowedDecrease", "criticalIncrease", "criticalDecrease"] {
        if random.random_bool(0.3) {
            effect.insert(name.into(), json!(*[0.3, 0.7, 0.9, 1.2, 1.5, 3.0].choose(random).unwrap()));
        }
    }
    if random.random_bool(0.3) {
        effect.insert("measure".into(), json!("cles"));
    }
    maybe("effectSize", &[Value::Object(effect)], random);
    let groups: Vec<&str> = ["a", "b", "c"].into_iter().filter(|_| random.random_bool(0.5)).collect();
    json!({ "name": format!("m{index}"), "groups": groups, "analysisConfigurations": { "canary": canary } })
}

fn pair(index: usize, random: &mut SmallRng) -> Value {
    let scale = 10_f64.powi(random.random_range(-5..=4));
    let kind = random.random_range(0..7);
    let shift = *[0.0, 0.0, 0.5, 2.0, 8.0, -6.0].choose(random).unwrap();
    let [control, experiment] = [0.0, shift].map(|shift| arm(kind, shift, random));
    let point = |value: &f64| match *value {
        value if value.is_nan() => json!("NaN"),
        value if value == f64::INFINITY => json!("Infinity"),
        value if value == f64::NEG_INFINITY => json!("-Infinity"),
        value => json!(value * scale),
    };
    let points = |arm: Vec<f64>| arm.iter().map(point).collect::<Vec<_>>();
    json!({ "name": format!("m{index}"), "values": { "control": points(control), "experiment": points(experiment) } })
}

fn arm(kind: u32, shift: f64, random: &mut SmallRng) -> Vec<f64> {
    let count = if random.random_bool(0.1) { random.random_range(0..=1) } else { random.random_range(1..=40) };
    let constant = *[0.0, 1.0, 5.0, 5.0, 5.000_05].choose(random).unwrap();
    let value = |random: &mut SmallRng| match kind {
        0 => 10.0 + shift + gaussian(random),
        1 => (gaussian(random) + shift).exp(),
        2 => f64::from(random.random_range(0..4_i32)) + shift.round(),
        3 => constant,
        4 if random.random_bool(0.6) => *[0.0, -0.0].choose(random).unwrap(),
        4 => -gaussian(random).abs() * (1.0 + shift.abs()),
        5 if random.random_bool(0.3) => f64::NAN,
        5 => 3.0 + shift + gaussian(random),
        6 if random.random_bool(0.02) => *[f64::INFINITY, f64::NEG_INFINITY].choose(random).unwrap(),
        _ => 100.0 * gaussian(random) + shift,
    };
    (0..count).map(|_| value(random)).collect()
}
