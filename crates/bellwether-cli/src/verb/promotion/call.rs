use std::path::PathBuf;

use bellwether_core::{EnvironmentName, Time};
use bellwether_promotion::preset;
use clap::{
    Args,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};

use super::Asker;

/// Say which environment a release may enter next, and why not
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  bellwether promotion graph.yaml release.json
  bellwether promotion graph.yaml release.json --environment production
  bellwether promotion graph.yaml log.json --goal
  bellwether promotion --check graph.yaml
  bellwether promotion --preset seed-004 --check --output json

The exit status is 0 when the release may enter an environment now or is where it goes, 3 when it waits, 1 when it is
refused or past. With --goal it is 0 when something enters, 1 when something must go back, 3 when nothing is to be done.")]
pub(crate) struct Promotion {
    /// The environments, as `bellwether schema graph` describes them
    pub(crate) graph: Option<PathBuf>,
    /// The release and what happened, as `bellwether schema promotion` describes them; the one file beside --preset
    pub(crate) release: Option<PathBuf>,
    /// Environments that come with bellwether, instead of a graph's file
    #[arg(long, value_name = "NAME", value_parser = presets())]
    pub(crate) preset: Option<String>,
    /// Check the graph alone and print it
    #[arg(long, conflicts_with_all = ["goal", "environment", "by", "at"])]
    pub(crate) check: bool,
    /// Say what should happen everywhere without anybody asking
    #[arg(long, conflicts_with_all = ["environment", "by"])]
    pub(crate) goal: bool,
    /// Ask about this environment alone
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: Option<EnvironmentName>,
    /// Who asks [default: person]
    #[arg(long, value_enum, value_name = "WHO", requires = "environment")]
    pub(crate) by: Option<Asker>,
    /// When it is asked [default: the document's `now`, or else now]
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Time>,
}

fn presets() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(preset::ALL.map(|preset| PossibleValue::new(preset.name).help(preset.about)))
}
