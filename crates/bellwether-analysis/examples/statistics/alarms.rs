//! How often a candidate that is as good fails.

use bellwether_stats::{Dependence, Harm, HarmSpec};

use crate::effort::Effort;
use crate::noise::{EQUAL, FIVE_PERCENT, Noise, Run, Traffic, ramp, ramp_step};
use crate::outcome::Outcome;
use crate::rates::{find, noisy};
use crate::table::{Table, beside};

const BOUNDED: [Noise; 6] = [
    Noise::Independent,
    Noise::Diurnal,
    Noise::SharedShocks,
    Noise::Bursts,
    Noise::Lasting(0.5, 0.2),
    Noise::Lasting(0.9, 0.2),
];

pub(crate) fn section(effort: Effort) -> String {
    let mut quiet = Table::new(
        "False alarms",
        "A candidate that is as good, looked at 1,440 times at a share of 5 %, and over the ramp of 1, 5, 25 and 50 % with \
         the mixture over restarts; clustered, alpha 1 %, to be reached: a lower limit of at most 1 % in every cell, but in \
         the last row, which is reported without a bound.",
        &["noise", "base", "5 %, tolerance 1.25", "5 %, tolerance 1.5", "ramp, 1.25", "ramp, 1.5"],
    );
    for noise in BOUNDED.into_iter().chain([Noise::Lasting(0.99, 0.2)]) {
        for base in [0.001, 0.01] {
            let traffic = noisy(FIVE_PERCENT, base, noise);
            let cells = [
                find(Dependence::Clustered, 1.25, traffic, (effort.quiet, 1_440)),
                find(Dependence::Clustered, 1.5, traffic, (effort.quiet, 1_440)),
                walk(1.25, traffic, effort.quiet),
                walk(1.5, traffic, effort.quiet),
            ];
            let row = [noise.name(), format!("{} %", 100.0 * base)].into_iter();
            quiet.row(row.chain(cells.iter().map(Outcome::percent)));
        }
    }
    format!("{}\n{}\n{}", quiet.finish(), dependence(effort), lasting(effort))
}

fn dependence(effort: Effort) -> String {
    let mut table = Table::new(
        "False alarms by what is assumed of bursts",
        "1,440 looks, base 1 %, tolerance 1, share 5 % / equal.",
        &["assumption", "independent errors", "bursts of 5-20 in one arm"],
    );
    let rows = [
        ("clustered (default)", Dependence::Clustered, ["0.6 % / 0.7 %", "0.5 % / 0.8 %"]),
        ("bursts up to 20", Dependence::BurstsUpTo(20), ["-", "0.0-0.1 %"]),
        ("bursts up to 5", Dependence::BurstsUpTo(5), ["-", "5-21 %"]),
        ("independent", Dependence::Independent, ["-", "40-66 %"]),
    ];
    for (name, dependence, expected) in rows {
        let cell = |(noise, expected): (Noise, &str)| {
            let of = |arms| find(dependence, 1.0, noisy(arms, 0.01, noise), (effort.quiet, 1_440)).percent();
            beside(&format!("{} / {}", of(FIVE_PERCENT), of(EQUAL)), expected)
        };
        let noises = [Noise::Independent, Noise::Bursts];
        table.row([name.to_owned()].into_iter().chain(noises.into_iter().zip(expected).map(cell)));
    }
    table.finish()
}

fn lasting(effort: Effort) -> String {
    let mut table = Table::new(
        "False alarms under noise of the candidate that lasts",
        "Log-normal noise of mean one and standard deviation 0.3, 1,440 looks at 5 %, tolerance 1 / 1.1 / 1.25 / 1.5, \
         clustered. Outside of what is promised: the tolerance, the tolerance on values and the length of the interval cover \
         it, and a calibration sets them.",
        &["base", "correlation", "false alarms"],
    );
    let rows = [
        (0.001, 0.9, "1.6 / .6 / .2 / 0 %"),
        (0.001, 0.99, "21 / 8.8 / 2.2 / 0 %"),
        (0.01, 0.9, "26 / 5.4 / .8-2.4 / .2 %"),
        (0.01, 0.99, "55 / 29 / 11 / 2.0 %"),
    ];
    for (base, correlation, expected) in rows {
        let traffic = noisy(FIVE_PERCENT, base, Noise::Lasting(correlation, 0.3));
        let of = |tolerance| {
            let outcome = find(Dependence::Clustered, tolerance, traffic, (effort.runs, 1_440));
            format!("{:.1}", 100.0 * outcome.reached() as f64 / outcome.runs() as f64)
        };
        let found = [1.0, 1.1, 1.25, 1.5].map(of).join(" / ");
        table.row([
            format!("{} %", 100.0 * base),
            format!("AR({correlation})"),
            beside(&format!("{found} %"), expected),
        ]);
    }
    table.finish()
}

/// Over the ramp with the mixture, by the ratio and the floor as a judge does.
fn walk(tolerance: f64, traffic: Traffic, runs: u64) -> Outcome {
    let fresh = Harm::new(&HarmSpec { tolerance, ..HarmSpec::default() }).expect("a valid specification");
    Outcome::of(runs, |seed| {
        let (mut harm, mut run) = (fresh.clone(), Run::new(seed, traffic.noise));
        (0..1_200).find(|minute| {
            if *minute == 0 {
                harm.restart(0.5);
            } else if ramp_step(*minute) != ramp_step(minute - 1) {
                harm.restart(0.25 / 3.0);
            }
            if minute.is_multiple_of(60) {
                harm.restart(0.25 / 20.0);
            }
            harm.update(&run.interval(&Traffic { arms: ramp(*minute), ..traffic }));
            harm.log_e_ratio() >= 100_f64.ln()
        })
    })
}
