//! What tests made for one look do when they are asked again, on the same traffic.

use bellwether_analysis::kayenta::{Classification, Kayenta, MetricSetPair, Thresholds};
use bellwether_stats::Dependence;
use serde_json::json;

use crate::draw::Draw;
use crate::effort::Effort;
use crate::noise::{FIVE_PERCENT, Noise, Run, Traffic};
use crate::outcome::Outcome;
use crate::rates::find;
use crate::table::{Table, beside};

/// Every ten minutes for three hours, as canary analysis usually is.
const LOOKS: u32 = 18;
const EVERY: u32 = 10;

pub(crate) fn section(effort: Effort) -> String {
    let mut table = Table::new(
        "Tests made for one look, asked again",
        "0.1 % at a share of 5 %, 180 minutes, looked at every ten: Kayenta's judge with its defaults on the rates of \
         each minute; a threshold of twice stable's rate so far; a z-test at 1 %. And bellwether, looked at every minute, tolerance 1.25.",
        &["candidate", "Kayenta", "threshold", "z-test", "bellwether"],
    );
    let cells: [(&str, f64, Noise); 5] = [
        ("as good, independent", 1.0, Noise::Independent),
        ("as good, bursts", 1.0, Noise::Bursts),
        ("as good, AR(0.5) sd 0.2", 1.0, Noise::Lasting(0.5, 0.2)),
        ("x2", 2.0, Noise::Independent),
        ("x5", 5.0, Noise::Independent),
    ];
    for (name, ratio, noise) in cells {
        let traffic = Traffic::new(FIVE_PERCENT, 0.001, ratio).with(noise);
        let runs = effort.runs;
        let row = [ranks(traffic, runs), threshold(traffic, runs), z_test(traffic, runs)];
        let own = find(Dependence::Clustered, 1.25, traffic, (runs, LOOKS * EVERY));
        let cells = row.iter().map(Outcome::percent).chain([own.percent()]);
        table.row([name.to_owned()].into_iter().chain(cells));
    }
    let level = latency_level(effort.runs);
    format!(
        "{}\nKayenta's judge on a mean latency a minute with AR(0.5) noise of 10 % in both arms, as good, in either \
         direction, judged again 18 times: {}.\n",
        table.finish(),
        beside(&level.percent(), "29.8 %"),
    )
}

/// The rates of each minute of both arms, judged again and again.
fn ranks(traffic: Traffic, runs: u64) -> Outcome {
    let kayenta = kayenta("increase");
    Outcome::of(runs, |seed| {
        let mut run = Run::new(seed, traffic.noise);
        let (mut control, mut treatment) = (Vec::new(), Vec::new());
        (1..=LOOKS).find(|_| {
            for _ in 0..EVERY {
                let interval = run.interval(&traffic);
                control.push(interval.control.events as f64 / interval.control.exposure as f64);
                treatment.push(interval.treatment.events as f64 / interval.treatment.exposure as f64);
            }
            is_flagged(&kayenta, &control, &treatment)
        })
    })
}

/// Latencies with noise that lasts in both arms.
fn latency_level(runs: u64) -> Outcome {
    let kayenta = kayenta("either");
    Outcome::of(runs, |seed| {
        let mut random = Draw::new(seed);
        let mut levels = [random.normal(), random.normal()];
        let (mut control, mut treatment) = (Vec::new(), Vec::new());
        (1..=LOOKS).find(|_| {
            for _ in 0..EVERY {
                for level in &mut levels {
                    *level = 0.5 * *level + 0.75_f64.sqrt() * random.normal();
                }
                control.push((0.1 * levels[0]).exp());
                treatment.push((0.1 * levels[1]).exp());
            }
            is_flagged(&kayenta, &control, &treatment)
        })
    })
}

/// Kayenta's judge for one metric, with its defaults.
fn kayenta(direction: &str) -> Kayenta {
    let canary = json!({ "direction": direction });
    let metric = json!({ "name": "metric", "groups": ["all"], "analysisConfigurations": { "canary": canary } });
    let config = json!({
        "name": "peer", "judge": { "name": "NetflixACAJudge-v1.0", "judgeConfigurations": {} },
        "metrics": [metric], "classifier": { "groupWeights": { "all": 100 } }
    });
    let config = serde_json::from_value(config).expect("a valid configuration");
    Kayenta::new(config, Thresholds { pass: 95.0, marginal: 75.0 }).expect("a valid configuration")
}

/// Whether Kayenta finds a difference.
fn is_flagged(kayenta: &Kayenta, control: &[f64], treatment: &[f64]) -> bool {
    let values = json!({ "control": control, "experiment": treatment });
    let pair = json!({ "name": "metric", "id": "metric", "tags": {}, "values": values });
    let pair: MetricSetPair = serde_json::from_value(pair).expect("a valid pair");
    let judgement = kayenta.judge(&[pair]).expect("a metric of the configuration");
    judgement.results.iter().any(|of| matches!(of.classification, Classification::High | Classification::Low))
}

fn threshold(traffic: Traffic, runs: u64) -> Outcome {
    totals(traffic, runs, |(n_c, e_c), (n_t, e_t)| e_t / n_t > 2.0 * e_c / n_c)
}

fn z_test(traffic: Traffic, runs: u64) -> Outcome {
    totals(traffic, runs, |(n_c, e_c), (n_t, e_t)| {
        let pooled = (e_c + e_t) / (n_c + n_t);
        let deviation = (pooled * (1.0 - pooled) * (1.0 / n_c + 1.0 / n_t)).sqrt();
        (e_t / n_t - e_c / n_c) / deviation > 2.326_347_874
    })
}

/// A rule about requests and errors so far, asked at every look.
fn totals(traffic: Traffic, runs: u64, fails: impl Fn((f64, f64), (f64, f64)) -> bool) -> Outcome {
    Outcome::of(runs, |seed| {
        let mut run = Run::new(seed, traffic.noise);
        let (mut control, mut treatment) = ((0.0, 0.0), (0.0, 0.0));
        (1..=LOOKS).find(|_| {
            for _ in 0..EVERY {
                let interval = run.interval(&traffic);
                for (sum, arm) in [(&mut control, interval.control), (&mut treatment, interval.treatment)] {
                    sum.0 += arm.exposure as f64;
                    sum.1 += arm.events as f64;
                }
            }
            fails(control, treatment)
        })
    })
}
