//! Makes the tables of the statistics again, by simulation with the tests themselves, as Markdown.
//!
//! `cargo xtask sim` runs it in full and writes `docs/statistics-results.md`; `cargo xtask sim-quick` prints a part with
//! few runs. One thread, no clock: the same seed gives the same tables again.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "what is simulated is set up from constants")]

mod alarms;
mod draw;
mod effort;
mod late;
mod noise;
mod outcome;
mod passing;
mod peers;
mod planned;
#[path = "../../src/planning/poisson.rs"]
mod poisson;
mod rates;
mod shares;
mod table;
mod values;
mod values_world;

use crate::effort::Effort;

type Section = (&'static str, fn(Effort) -> String);

const SECTIONS: [Section; 8] = [
    ("late", late::section),
    ("rates", rates::section),
    ("alarms", alarms::section),
    ("peers", peers::section),
    ("values", values::section),
    ("passing", passing::section),
    ("shares", shares::section),
    ("planned", planned::section),
];

fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let effort = if words.iter().any(|word| word == "--quick") { Effort::QUICK } else { Effort::FULL };
    let file = words.iter().position(|word| word == "--output").and_then(|at| words.get(at + 1));
    let wanted = |name: &str| words.iter().any(|word| word == name);
    let is_part = SECTIONS.iter().any(|(name, _)| wanted(name));
    let mut text = head(effort);
    for (name, section) in SECTIONS {
        if wanted(name) || !is_part {
            eprintln!("\n[{name}]");
            text += &format!("\n{}", section(effort));
        }
    }
    match file {
        Some(file) => std::fs::write(file, text),
        None => std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes()),
    }
}

fn head(effort: Effort) -> String {
    format!(
        "# What the statistics reach\n\n\
         Made by simulation with the tests themselves; beside each figure stands, in brackets, the one that was to be reached. \
         Medians are in intervals of a minute unless said otherwise, and have a power (the part of the runs that got there) \
         where it is below 99 %. False alarms have the exact (Clopper-Pearson) one-sided 99 % limits from below and from \
         above. A cell has {} runs where nothing is wrong and {} elsewhere, of distributions (latencies) {}; from fixed seeds, so \
         the command makes the same file again.\n\n\
         Command: `cargo xtask {}`\n",
        effort.quiet,
        effort.runs,
        effort.values,
        if effort == Effort::QUICK { "sim-quick" } else { "sim" },
    )
}
