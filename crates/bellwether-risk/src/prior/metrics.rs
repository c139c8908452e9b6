use serde::{Deserialize, Serialize};

/// The names of the fourteen metrics, in the order in which a [`Table`](super::Table) has them.
pub const METRICS: [&str; 14] =
    ["ns", "nd", "nf", "entropy", "la", "ld", "lt", "fix", "ndev", "age", "nuc", "exp", "rexp", "sexp"];

/// The change metrics of one commit as Kamei et al. define them: raw counts, not normalised, none negative.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "the fourteen metrics of the paper")]
pub struct Metrics {
    /// Subsystems touched.
    pub ns: f64,
    /// Directories touched.
    pub nd: f64,
    /// Files touched.
    pub nf: f64,
    /// Shannon entropy, in bits, of the changed lines over the files.
    pub entropy: f64,
    /// Lines added.
    pub la: f64,
    /// Lines deleted.
    pub ld: f64,
    /// Lines in the touched files before the change.
    pub lt: f64,
    /// 1 where the change mends a fault, 0 otherwise.
    pub fix: f64,
    /// Developers who changed these files before.
    pub ndev: f64,
    /// Mean days since the files were last changed.
    pub age: f64,
    /// Different earlier changes of these files.
    pub nuc: f64,
    /// Earlier changes of the author.
    pub exp: f64,
    /// Earlier changes of the author, each divided by its age in years plus one.
    pub rexp: f64,
    /// Earlier changes of the author in these subsystems.
    pub sexp: f64,
}

impl Metrics {
    /// The metrics in the order of [`METRICS`].
    #[must_use]
    pub const fn to_array(self) -> [f64; METRICS.len()] {
        let Self { ns, nd, nf, entropy, la, ld, lt, fix, ndev, age, nuc, exp, rexp, sexp } = self;
        [ns, nd, nf, entropy, la, ld, lt, fix, ndev, age, nuc, exp, rexp, sexp]
    }

    /// Metrics from numbers in the order of [`METRICS`].
    #[must_use]
    pub const fn from_array(values: [f64; METRICS.len()]) -> Self {
        let [ns, nd, nf, entropy, la, ld, lt, fix, ndev, age, nuc, exp, rexp, sexp] = values;
        Self { ns, nd, nf, entropy, la, ld, lt, fix, ndev, age, nuc, exp, rexp, sexp }
    }
}
