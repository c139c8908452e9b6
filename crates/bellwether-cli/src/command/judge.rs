use std::path::PathBuf;

use bellwether_core::Time;
use clap::{Args, ValueEnum};

/// Say whether the candidate is worse than what runs today
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  bellwether judge series.json
  bellwether judge series.json --judge threshold --spec thresholds.yaml
  bellwether judge --format kayenta canary.json
  bellwether judge --format argo analysis.yaml
  bellwether judge --calibrate history.json

`bellwether schema series` describes the series, `schema history` a past in which nothing was released, `schema canary` and `schema analysis` the documents of other systems.
The exit status is 0 for pass, 1 for fail and 3 for inconclusive or no data.")]
pub(crate) struct Judge {
    /// What was measured of both versions
    pub(crate) file: Option<PathBuf>,
    /// Read another system's documents and judge as it does
    #[arg(long, value_enum, value_name = "SYSTEM", conflicts_with_all = ["judge", "spec", "at"])]
    pub(crate) format: Option<JudgeFormat>,
    /// Read the service's own past instead, and say which tolerance keeps alpha on it
    #[arg(long, conflicts_with_all = ["format", "judge", "spec", "at"])]
    pub(crate) calibrate: bool,
    /// Which judge [default: sequential]
    #[arg(long, value_enum, value_name = "JUDGE")]
    pub(crate) judge: Option<JudgeName>,
    /// The judge's configuration, instead of the specifications within the series
    #[arg(long, value_name = "FILE")]
    pub(crate) spec: Option<PathBuf>,
    /// Judge as of this time [default: the end of the last interval]
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Time>,
}

/// Systems whose judges are known.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum JudgeFormat {
    /// Kayenta: a canary configuration, metric set pairs and thresholds in one document.
    Kayenta,
    /// Argo Rollouts: an analysis and what its providers answered.
    Argo,
}

/// The judges of bellwether.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum JudgeName {
    /// Compares both versions as often as wanted without more false alarms than stated.
    Sequential,
    /// Fixed thresholds with counters.
    Threshold,
    /// How fast the candidate spends its error budget.
    BurnRate,
}

impl JudgeName {
    /// The name as it is written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Sequential => "sequential",
            Self::Threshold => "threshold",
            Self::BurnRate => "burn-rate",
        }
    }
}
