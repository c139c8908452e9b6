//! Whether the planner says what simulations say.

use bellwether_analysis::{BakeQuestion, Dependence, MetricSpec, Reach};
use bellwether_core::Duration;

use crate::effort::Effort;
use crate::noise::Traffic;
use crate::outcome::Outcome;
use crate::table::{Table, beside};

/// Of the design, independent requests, tolerance 1 / 1.25 on equal arms and on a fleet of 95 %: simulated minutes.
const EXPECTED: [(f64, [&str; 4]); 5] = [
    (1.5, ["394", "(.10 by 720)", "210", "(.29 by 720)"]),
    (2.0, ["106", "259", "54", "109"]),
    (3.0, ["34", "55", "16", "23"]),
    (5.0, ["11", "16", "6", "7"]),
    (10.0, ["4", "5", "2", "2"]),
];

pub(crate) fn section(effort: Effort) -> String {
    let mut table = Table::new(
        "Planned and simulated",
        "0.1 %, 300 candidate requests a minute, independent requests, alpha 1 %: minutes that the planner says (with half of \
         the mass bet at the start, as a judge does), then those of this simulation with all of it bet, within 720 minutes.",
        &["true ratio", "equal arms, tolerance 1", "equal arms, 1.25", "95 % fleet, 1", "95 % fleet, 1.25"],
    );
    let designs = [((300, 300), 1.0), ((300, 300), 1.25), ((5_700, 300), 1.0), ((5_700, 300), 1.25)];
    for (ratio, expected) in EXPECTED {
        let cell = |((arms, tolerance), expected): (((u64, u64), f64), &str)| {
            let planned = plan(arms, tolerance, ratio, effort);
            let found: Outcome = crate::rates::find(
                Dependence::Independent,
                tolerance,
                Traffic::new(arms, 0.001, ratio),
                (effort.runs, 720),
            );
            beside(&format!("{planned}, {}", found.median()), expected)
        };
        table.row([format!("{ratio}")].into_iter().chain(designs.into_iter().zip(expected).map(cell)));
    }
    table.finish()
}

fn plan(arms: (u64, u64), tolerance: f64, ratio: f64, effort: Effort) -> String {
    let total = (arms.0 + arms.1) as f64;
    let question = BakeQuestion {
        traffic_per_minute: total,
        rate: 0.001,
        share: arms.1 as f64 / total,
        metric: MetricSpec { dependence: Dependence::Independent, tolerance, ..MetricSpec::default() },
        ratios: [ratio].into(),
        longest: Duration::from_hours(12),
        runs: u32::try_from(effort.runs).unwrap_or(u32::MAX),
        ..BakeQuestion::default()
    };
    let plan = question.plan().expect("a valid question");
    let Some(Reach { median, power, .. }) = plan.fail.first().map(|detection| detection.time) else {
        return String::new();
    };
    median.map_or_else(|| format!("({power:.2})"), |median| (median.as_millis() / 60_000).to_string())
}
