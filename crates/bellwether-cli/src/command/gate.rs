use std::path::PathBuf;

use bellwether_core::Time;
use clap::{Args, ValueEnum};

/// Say whether evidence meets what a gate demands, condition by condition
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  bellwether gate conditions.yaml evidence.json
  bellwether gate evidence.json --preset seed-000-metrics --at 2026-03-03T10:01:00Z
  bellwether gate --format keptn slo.yaml values.json
  bellwether gate --format keptn --lines < evaluations.jsonl

`bellwether schema gate-set` describes the conditions and `schema evidence` what was measured; `schema keptn-question` is \
a Keptn evaluation in one document: slo, values, previous.
The exit status is 0 for pass, 1 for fail and 3 for inconclusive, no data or a warning.")]
pub(crate) struct Gate {
    /// The conditions and then the evidence, or the evidence alone beside --preset; for Keptn everything in one document,
    /// or the SLO file and then a document of values and previous
    #[arg(value_name = "SET|EVIDENCE", num_args = 0..=2)]
    pub(crate) files: Vec<PathBuf>,
    /// Conditions that come with bellwether
    #[arg(long, value_enum, value_name = "NAME", conflicts_with = "format")]
    pub(crate) preset: Option<GatePreset>,
    /// Decide as of this time [default: now]
    #[arg(long, value_name = "TIME", conflicts_with = "format")]
    pub(crate) at: Option<Time>,
    /// Read another system's documents and decide as it does
    #[arg(long, value_enum, value_name = "SYSTEM")]
    pub(crate) format: Option<GateFormat>,
}

/// Systems whose gates are known.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum GateFormat {
    /// Keptn 1.4.5: service level objectives, values, and those of earlier evaluations.
    Keptn,
}

/// Conditions that come with bellwether.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum GatePreset {
    /// Error rate, response time and throughput over five minutes, as a published deployment guide has them.
    #[value(name = "seed-000-metrics")]
    Seed000Metrics,
}
