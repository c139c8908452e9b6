//! When a share of the traffic that is off is found.

use bellwether_stats::ShareCheck;

use crate::draw::Draw;
use crate::effort::Effort;
use crate::outcome::Outcome;
use crate::table::{Table, beside};

pub(crate) fn section(effort: Effort) -> String {
    let mut table = Table::new(
        "The share of the traffic",
        "6,000 requests a minute, intended share 5 %, 720 looks, alpha 0.1 %.",
        &["realised share", "found", "median minutes"],
    );
    type Case = (&'static str, fn(&mut Draw) -> f64, &'static str, &'static str);
    let cases: [Case; 6] = [
        ("as intended", |_| 0.05, "0 %", "-"),
        ("rounded to 1 / 256", |_| 12.0 / 256.0, "0 %", "-"),
        ("10 % noise each minute", |random| 0.05 * (1.0 + 0.1 * random.normal()), "0 %", "-"),
        ("-30 %", |_| 0.035, "100 %", "63"),
        ("-50 %", |_| 0.025, "100 %", "8"),
        ("x2", |_| 0.1, "100 %", "3"),
    ];
    for (name, share, found, median) in cases {
        let outcome = watch(share, effort.runs);
        let time = outcome.quantile(5).map_or_else(|| "-".to_owned(), |time| time.to_string());
        table.row([name.to_owned(), beside(&outcome.percent(), found), beside(&time, median)]);
    }
    table.finish()
}

fn watch(share: fn(&mut Draw) -> f64, runs: u64) -> Outcome {
    Outcome::of(runs, |seed| {
        let (mut check, mut random) = (ShareCheck::default(), Draw::new(seed));
        (1..=720).find(|_| {
            let share = share(&mut random).clamp(0.0, 1.0);
            let (control, treatment) = (random.poisson(6_000.0 * (1.0 - share)), random.poisson(6_000.0 * share));
            check.update(control, treatment, 0.05);
            check.log_e() >= 1_000_f64.ln()
        })
    })
}
