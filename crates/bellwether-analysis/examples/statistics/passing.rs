//! How long it takes to show that there is no harm, and how often harm passes.

use bellwether_stats::{Dependence, NoHarm, PassSpec};

use crate::effort::Effort;
use crate::noise::{FIVE_PERCENT, Noise, Run, Traffic};
use crate::outcome::Outcome;
use crate::table::{Table, beside};

type Row = (&'static str, (u64, u64), f64, [&'static str; 3]);

const ROWS: [Row; 7] = [
    ("0.1 %, 1 %", (5_940, 60), 0.001, ["130 / 369", "386 / 559", "204 / 411"]),
    ("0.1 %, 5 %", FIVE_PERCENT, 0.001, ["34 / 78", "82 / 125", "42 / 91"]),
    ("0.1 %, 10 %", (5_400, 600), 0.001, ["20 / 50", "44 / 66", "23 / 48"]),
    ("1 %, 5 %", FIVE_PERCENT, 0.01, ["5 / 10", "64 / 71", "12 / 17"]),
    ("1 %, 10 %", (5_400, 600), 0.01, ["3 / 6", "33 / 37", "7 / 9"]),
    ("0.1 %, equal 3,000 / 3,000", (3_000, 3_000), 0.001, ["9 / 24", "14 / 27", "10 / 23"]),
    ("1 %, equal 3,000 / 3,000", (3_000, 3_000), 0.01, ["2 / 3", "9 / 10", "2 / 3"]),
];

pub(crate) fn section(effort: Effort) -> String {
    let mut table = Table::new(
        "Evidence of no harm",
        "Median / 90 % minutes to certify \"less than twice\" by the ratio at equal rates, 6,000 requests a minute, beta 5 %.",
        &["base, share", "independent", "clustered, 60 s", "clustered, 10 s"],
    );
    for (name, arms, base, expected) in ROWS {
        let traffic = Traffic::new(arms, base, 1.0);
        let short = Traffic { arms: (arms.0 / 6, arms.1 / 6), ..traffic };
        let minutes = |looks: Option<u32>, by: u32| {
            looks.map_or_else(|| "never".to_owned(), |looks| looks.div_ceil(by).to_string())
        };
        let cell = |dependence, (traffic, by): (Traffic, u32), expected: &str| {
            let outcome = certify(dependence, traffic, (effort.runs, 1_440 * by), NoHarm::log_e_ratio);
            beside(&format!("{} / {}", minutes(outcome.quantile(5), by), minutes(outcome.quantile(9), by)), expected)
        };
        table.row([
            name.to_owned(),
            cell(Dependence::Independent, (traffic, 1), expected[0]),
            cell(Dependence::Clustered, (traffic, 1), expected[1]),
            cell(Dependence::Clustered, (short, 6), expected[2]),
        ]);
    }
    format!("{}\n{}", table.finish(), harmful(effort))
}

fn harmful(effort: Effort) -> String {
    let mut table = Table::new(
        "Harm that passes",
        "Twice the rate, 720 looks, ratio and absolute side together, all of it above the acceptable rate; to be reached: at \
         most 5 %.",
        &["base, share", "independent", "bursts up to 20, in bursts", "clustered", "clustered, in bursts"],
    );
    for (name, arms, base, _) in ROWS {
        let traffic = Traffic::new(arms, base, 2.0);
        let of =
            |dependence, noise| certify(dependence, traffic.with(noise), (effort.quiet, 720), NoHarm::log_e).percent();
        table.row([
            name.to_owned(),
            of(Dependence::Independent, Noise::Independent),
            of(Dependence::BurstsUpTo(20), Noise::Bursts),
            of(Dependence::Clustered, Noise::Independent),
            of(Dependence::Clustered, Noise::Bursts),
        ]);
    }
    table.finish()
}

fn certify(dependence: Dependence, traffic: Traffic, size: (u64, u32), evidence: fn(&NoHarm) -> f64) -> Outcome {
    // As much as the candidate really fails is just not acceptable.
    let acceptable = traffic.base * traffic.ratio;
    let fresh =
        NoHarm::new(&PassSpec { dependence, acceptable, ..PassSpec::default() }).expect("a valid specification");
    Outcome::of(size.0, |seed| {
        let (mut no_harm, mut run) = (fresh.clone(), Run::new(seed, traffic.noise));
        (1..=size.1).find(|_| {
            no_harm.update(&run.interval(&traffic));
            evidence(&no_harm) >= 20_f64.ln()
        })
    })
}
