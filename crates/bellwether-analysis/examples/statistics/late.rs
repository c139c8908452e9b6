//! When a fault that comes late is found: one accumulating process, one a step, and the mixture over restarts.

use bellwether_stats::{Dependence, Harm, HarmSpec};

use crate::effort::Effort;
use crate::noise::{Noise, Run, Traffic, ramp, ramp_step};
use crate::outcome::Outcome;
use crate::table::{Table, beside};

#[derive(Clone, Copy)]
enum Design {
    Accumulating,
    EachStep,
    Mixture,
}

/// When what happens: where the ramp begins to be worse, and how it is walked.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    onset: u32,
    ratio: f64,
    until: u32,
    /// Whether it stays at 5 % for two days instead of walking the ramp.
    is_held: bool,
}

const CASES: [Case; 4] = [
    Case { name: "x2 from the start", onset: 0, ratio: 2.0, until: 1_200, is_held: false },
    Case { name: "x2 only at 25 % (load)", onset: 720, ratio: 2.0, until: 1_200, is_held: false },
    Case {
        name: "x2, 120 min into the 50 % step, of 360 min here",
        onset: 1_080,
        ratio: 2.0,
        until: 1_320,
        is_held: false,
    },
    Case { name: "x5 after 2 days held at 5 %", onset: 2_880, ratio: 5.0, until: 4_320, is_held: true },
];

const EXPECTED: [[&str; 3]; 4] = [
    ["478 / 50", "563 / 65", "494 / 57"],
    ["136 / 100", "39 / 21", "46 / 25"],
    ["never / never", "never (15) / 110 (91)", "68 / 52"],
    ["342 / 317", "347 / 309", "19 / 10"],
];

pub(crate) fn section(effort: Effort) -> String {
    let mut table = Table::new(
        "A fault that comes late",
        "Median minutes from the onset, base 0.1 % / 1 %; 6,000 requests a minute, steps of 1, 5, 25 and 50 % (480, 240, \
         240 and 240 minutes), clustered, tolerance 1.25, alpha 1 %. The last rows are false alarms of a candidate that is \
         as good, over the whole ramp.",
        &["onset", "one accumulating process", "alpha / 4, one a step", "mixture over steps and hours"],
    );
    let designs = [Design::Accumulating, Design::EachStep, Design::Mixture];
    for (case, expected) in CASES.into_iter().zip(EXPECTED) {
        let cell = |(design, expected): (Design, &str)| {
            let of = |base| outcome(case, (design, 1.25), base, effort.runs).median();
            beside(&format!("{} / {}", of(0.001), of(0.01)), expected)
        };
        table.row([case.name.to_owned()].into_iter().chain(designs.into_iter().zip(expected).map(cell)));
    }
    let quiet = Case { name: "", onset: 0, ratio: 1.0, until: 1_200, is_held: false };
    for (tolerance, expected) in [(1.25, ["0.0 %"; 3]), (1.0, ["0.6-1.3 %", "0.5-0.8 %", "0.6-0.9 %"])] {
        let cell = |(design, expected): (Design, &str)| {
            let of = |base| outcome(quiet, (design, tolerance), base, effort.quiet).percent();
            beside(&format!("{} / {}", of(0.001), of(0.01)), expected)
        };
        let name = format!("false alarms, tolerance {tolerance}");
        table.row([name].into_iter().chain(designs.into_iter().zip(expected).map(cell)));
    }
    table.finish()
}

/// Minutes from the onset to the alarm; alarms before it are none.
fn outcome(case: Case, (design, tolerance): (Design, f64), base: f64, runs: u64) -> Outcome {
    let spec = HarmSpec { dependence: Dependence::Clustered, tolerance, ..HarmSpec::default() };
    let fresh = Harm::new(&spec).expect("a valid specification");
    let hours = f64::from(case.until.div_ceil(60));
    Outcome::of(runs, |seed| {
        let (mut harm, mut run) = (fresh.clone(), Run::new(seed, Noise::Independent));
        let alpha: f64 = if matches!(design, Design::EachStep) { 0.01 / 4.0 } else { 0.01 };
        let alarm = (0..case.until).find(|minute| {
            let step = if case.is_held { 0 } else { ramp_step(*minute) };
            let is_new = *minute == 0 || (!case.is_held && ramp_step(minute - 1) != step);
            match design {
                Design::Accumulating if is_new && step == 0 => harm.restart(1.0),
                Design::Accumulating => {}
                Design::EachStep if is_new => {
                    harm = fresh.clone();
                    harm.restart(1.0);
                }
                Design::EachStep => {}
                Design::Mixture => {
                    if is_new {
                        harm.restart(if step == 0 { 0.5 } else { 0.25 / 3.0 });
                    }
                    if minute.is_multiple_of(60) {
                        harm.restart(0.25 / hours);
                    }
                }
            }
            let ratio = if *minute < case.onset { 1.0 } else { case.ratio };
            let arms = if case.is_held { (5_700, 300) } else { ramp(*minute) };
            harm.update(&run.interval(&Traffic::new(arms, base, ratio)));
            harm.log_e_ratio() >= -alpha.ln()
        });
        alarm.and_then(|minute| (minute + 1).checked_sub(case.onset))
    })
}
