use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What else is asked about risk.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum RiskVerb {
    Score(RiskScore),
    Fit(RiskFit),
}

/// Say how likely each commit of a project is to need a fix later, by its change metrics
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Example:
  bellwether risk score --features commits.csv --explain

The columns are those of Kamei et al. (2013): commit, date (seconds since 1970), ns, nd, nf, entropy, la, ld, lt, fix,
ndev, age, nuc, exp, rexp, sexp. The rows are those of one project, since an author's experience is compared with that of
earlier rows. The probability is calibrated on other projects: compare commits of one project with each other.")]
pub(crate) struct RiskScore {
    /// The commits, as CSV with a line of names
    #[arg(long, value_name = "CSV")]
    pub(crate) features: PathBuf,
    /// A table of `risk fit` [default: the one that comes with bellwether]
    #[arg(long, value_name = "FILE")]
    pub(crate) table: Option<PathBuf>,
}

/// Fit a table of coefficients on a history, and say what it is worth
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Example:
  bellwether risk fit --features ours.csv --features theirs.csv > table.json

The columns are those of `risk score`, and `bug`: 1 where a later fix touched the commit, else 0. One file a project.
With JSON output the table is the answer, and what it is worth goes to standard error.")]
pub(crate) struct RiskFit {
    /// The history of a project, as CSV with a line of names; may be given several times
    #[arg(long, value_name = "CSV", required = true)]
    pub(crate) features: Vec<PathBuf>,
    /// Let every pair of metrics say something together
    #[arg(long)]
    pub(crate) pairs: bool,
    /// How strongly coefficients are drawn to zero
    #[arg(long, value_name = "NUMBER", default_value_t = 1.0, value_parser = ridge)]
    pub(crate) ridge: f64,
    /// What the table says of where it comes from [default: the files' names]
    #[arg(long, value_name = "TEXT")]
    pub(crate) provenance: Option<String>,
}

fn ridge(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "expected a number above 0".to_owned())
}
