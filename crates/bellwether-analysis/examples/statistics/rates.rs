//! How long it takes to find a higher error rate.

use bellwether_stats::{Dependence, Harm, HarmSpec};

use crate::effort::Effort;
use crate::noise::{EQUAL, FIVE_PERCENT, Noise, Run, Traffic};
use crate::outcome::Outcome;
use crate::table::{Table, beside};

type Row = (&'static str, (u64, u64), f64, f64, [&'static str; 2]);

/// Base and candidate's rate; a base of nothing is so small that no error of it is ever drawn.
const ROWS: [Row; 8] = [
    ("0.1 % x2, share 5 %", FIVE_PERCENT, 0.001, 0.002, ["50 / 96", "54 / 110"]),
    ("0.1 % x5, share 5 %", FIVE_PERCENT, 0.001, 0.005, ["7 / 8", "6 / 7"]),
    ("1 % x2, share 5 %", FIVE_PERCENT, 0.01, 0.02, ["10 / 15", "6 / 13"]),
    ("1 % x2, equal", EQUAL, 0.01, 0.02, ["21 / 35", "12 / 28"]),
    ("0 -> 4 %, 50 / 450", (450, 50), 1e-12, 0.04, ["4 / 4", "2 / 2"]),
    ("0 -> 4 %, 50 / 50", (50, 50), 1e-12, 0.04, ["11 / 13", "5 / 5"]),
    ("0.1 % x2, share 1 %", (5_940, 60), 0.001, 0.002, ["244 / 482", "248 / 544 (98)"]),
    ("0.1 % x2, 50 / 950 (10 s)", (950, 50), 0.001, 0.002, ["296 / 622", "314 / 688"]),
];

pub(crate) fn section(effort: Effort) -> String {
    let mut table = Table::new(
        "A higher error rate",
        "Median intervals to detect, tolerance 1 / 1.25, alpha 1 %, within 1,440 intervals.",
        &["base and candidate", "clustered (default)", "independent"],
    );
    for (name, arms, base, rate, expected) in ROWS {
        let traffic = Traffic::new(arms, base, rate / base);
        let cell = |(dependence, expected): (Dependence, &str)| {
            let of = |tolerance| find(dependence, tolerance, traffic, (effort.runs, 1_440)).median();
            beside(&format!("{} / {}", of(1.0), of(1.25)), expected)
        };
        let designs = [Dependence::Clustered, Dependence::Independent];
        table.row([name.to_owned()].into_iter().chain(designs.into_iter().zip(expected).map(cell)));
    }
    let mut wide = Table::new(
        "The same at larger tolerances",
        "0.1 % at a share of 5 %, clustered, tolerance 1 / 1.25 / 1.5.",
        &["candidate", "median intervals"],
    );
    for (ratio, expected) in [(2.0, "49 / 98 / 232"), (3.0, "16 / 23 / 35"), (5.0, "7 / 9 / 10")] {
        let traffic = Traffic::new(FIVE_PERCENT, 0.001, ratio);
        let of = |tolerance| find(Dependence::Clustered, tolerance, traffic, (effort.runs, 1_440)).median();
        wide.row([format!("x{ratio}"), beside(&format!("{} / {} / {}", of(1.0), of(1.25), of(1.5)), expected)]);
    }
    let power = find(Dependence::Clustered, 1.25, Traffic::new(FIVE_PERCENT, 0.001, 2.0), (effort.runs, 180));
    let exact = find(Dependence::Clustered, 1.0, Traffic::new(FIVE_PERCENT, 0.001, 2.0), (effort.runs, 180));
    let outage =
        |arms| find(Dependence::Clustered, 1.25, Traffic::new(arms, 1e-12, 0.05e12), (effort.runs, 60)).median();
    format!(
        "{}\n{}\n0.1 % x2 at 5 % within 180 intervals: tolerance 1: {} [<= 55, >= 99 %], {} of {}; tolerance 1.25: {} [<= 110, \
         >= 82 %], {} of {}. 0 -> 5 %: equal {} [<= 13], share 10 % {} [<= 4].\n",
        table.finish(),
        wide.finish(),
        exact.median(),
        exact.reached_by(180),
        exact.runs(),
        power.median(),
        power.reached_by(180),
        power.runs(),
        outage((50, 50)),
        outage((450, 50)),
    )
}

/// When the ratio alone is found; all mass is bet at the start.
pub(crate) fn find(dependence: Dependence, tolerance: f64, traffic: Traffic, size: (u64, u32)) -> Outcome {
    let fresh = Harm::new(&HarmSpec { dependence, tolerance, ..HarmSpec::default() }).expect("a valid specification");
    Outcome::of(size.0, |seed| {
        let (mut harm, mut run) = (fresh.clone(), Run::new(seed, traffic.noise));
        harm.restart(1.0);
        (1..=size.1).find(|_| {
            harm.update(&run.interval(&traffic));
            harm.log_e_ratio() >= 100_f64.ln()
        })
    })
}

/// Used by other sections for the same traffic with noise.
pub(crate) fn noisy(arms: (u64, u64), base: f64, noise: Noise) -> Traffic {
    Traffic::new(arms, base, 1.0).with(noise)
}
