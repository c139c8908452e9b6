use serde::{Deserialize, Serialize};

use super::{METRICS, Metrics, Standing};

/// The schema number of the tables that this build reads and writes.
const SCHEMA: u32 = 1;

/// Standardised metrics are cut here: a project that is unlike those that a table was fitted on is not extrapolated to.
const CUT: f64 = 4.0;

/// A table of coefficients, fitted on somebody's history.
///
/// The log odds of a change are the intercept, plus each coefficient times its metric's standardised value, plus each
/// pair's coefficient times the product of two of them. A metric's value is ln(1 + x), that of `fix` is itself, and those of
/// `exp`, `rexp` and `sexp` are their [`Standing`].
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(try_from = "Document")]
pub struct Table {
    schema: u32,
    /// What it was fitted on, for people.
    pub(super) provenance: String,
    pub(super) intercept: f64,
    pub(super) columns: Vec<Column>,
    pub(super) pairs: Vec<Pair>,
}

/// One metric of a table.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "a line of the table")]
pub struct Column {
    /// The metric, one of [`METRICS`].
    pub metric: String,
    /// Its mean in the rows that it was fitted on.
    pub mean: f64,
    /// Its standard deviation there.
    pub scale: f64,
    /// What one standard deviation more adds to the log odds.
    pub coefficient: f64,
}

/// Two metrics of a table that say more together.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "a line of the table")]
pub struct Pair {
    /// The first metric's index.
    pub first: usize,
    /// The second metric's index, above the first's.
    pub second: usize,
    /// What the product of both standardised metrics is multiplied with.
    pub coefficient: f64,
}

/// What a table says of a change.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Score {
    /// How likely a later fix touches it, in the projects that the table was fitted on.
    pub probability: f64,
    /// What each metric adds to the log odds of a change that is average in everything, half of each pair it is in
    /// included. The most first.
    pub contributions: Vec<Contribution>,
}

/// What a metric adds to the log odds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Contribution {
    /// The metric.
    pub metric: &'static str,
    /// Its value.
    pub value: f64,
    /// What it adds; below zero it takes away.
    pub log_odds: f64,
}

/// Tells why a document is no table.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{at}: expected {expected}, found {found}")]
#[non_exhaustive]
pub struct TableError {
    /// The place.
    pub at: String,
    /// What may stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

impl Table {
    /// The table that comes with this crate: fitted on 60,982 commits of Qt, OpenStack, Eclipse Platform and Eclipse JDT
    /// (Zeng et al., "Deep Just-in-Time Defect Prediction: How Far Are We?", ISSTA 2021; MIT) by `bellwether risk fit`.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the file is part of this crate, and a test reads it")]
    pub fn shipped() -> Self {
        serde_json::from_str(include_str!("shipped.json")).expect("the shipped table is one")
    }

    pub(super) fn new(provenance: String, intercept: f64, columns: Vec<Column>, pairs: Vec<Pair>) -> Self {
        Self { schema: SCHEMA, provenance, intercept, columns, pairs }
    }

    /// What it was fitted on.
    #[must_use]
    pub fn provenance(&self) -> &str {
        &self.provenance
    }

    /// Scores one change.
    #[must_use]
    pub fn score(&self, metrics: &Metrics, standing: Standing) -> Score {
        let values = values(metrics, standing);
        let standard = self.standardised(&values);
        let mut added: Vec<f64> =
            self.columns.iter().zip(&standard).map(|(column, value)| column.coefficient * value).collect();
        for pair in &self.pairs {
            let at = |index: usize| standard.get(index).copied().unwrap_or_default();
            let half = 0.5 * pair.coefficient * at(pair.first) * at(pair.second);
            for index in [pair.first, pair.second] {
                if let Some(sum) = added.get_mut(index) {
                    *sum += half;
                }
            }
        }
        let named = METRICS.into_iter().zip(metrics.to_array()).zip(added);
        let mut contributions: Vec<_> =
            named.map(|((metric, value), log_odds)| Contribution { metric, value, log_odds }).collect();
        contributions.sort_by(|left, right| right.log_odds.abs().total_cmp(&left.log_odds.abs()));
        Score { probability: self.probability(&values), contributions }
    }

    /// The probability of a row whose metrics are prepared.
    pub(super) fn probability(&self, values: &[f64; METRICS.len()]) -> f64 {
        let standard = self.standardised(values);
        let at = |index: usize| standard.get(index).copied().unwrap_or_default();
        let single: f64 = self.columns.iter().zip(&standard).map(|(it, value)| it.coefficient * value).sum();
        let pairs: f64 = self.pairs.iter().map(|pair| pair.coefficient * at(pair.first) * at(pair.second)).sum();
        logistic(self.intercept + single + pairs)
    }

    fn standardised(&self, values: &[f64; METRICS.len()]) -> Vec<f64> {
        self.columns.iter().zip(values).map(|(column, value)| standard(*value, column.mean, column.scale)).collect()
    }
}

/// A standardised value, cut where no row that a table was fitted on lies any more.
pub(super) fn standard(value: f64, mean: f64, scale: f64) -> f64 {
    ((value - mean) / scale).clamp(-CUT, CUT)
}

/// What the metrics are before they are standardised.
pub(super) fn values(metrics: &Metrics, standing: Standing) -> [f64; METRICS.len()] {
    let Metrics { fix, .. } = *metrics;
    let mut values = metrics.to_array().map(|value| libm::log1p(value.max(0.0)));
    let [.., fixes, _, _, _, exp, rexp, sexp] = &mut values;
    (*fixes, *exp, *rexp, *sexp) = (fix, standing.exp, standing.rexp, standing.sexp);
    values
}

/// The probability of log odds.
pub(super) fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-log_odds))
}

/// A table as it is read, not checked yet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: u32,
    provenance: String,
    intercept: f64,
    columns: Vec<Column>,
    #[serde(default)]
    pairs: Vec<Pair>,
}

impl TryFrom<Document> for Table {
    type Error = TableError;

    fn try_from(document: Document) -> Result<Self, TableError> {
        let Document { schema, provenance, intercept, columns, pairs } = document;
        let wrong = |at: String, expected: String, found: String| Err(TableError { at, expected, found });
        if schema != SCHEMA {
            return wrong("schema".into(), SCHEMA.to_string(), schema.to_string());
        }
        if columns.len() != METRICS.len() {
            return wrong("columns".into(), format!("{} of them", METRICS.len()), columns.len().to_string());
        }
        for (index, (column, metric)) in columns.iter().zip(METRICS).enumerate() {
            if column.metric != metric {
                return wrong(format!("columns[{index}].metric"), metric.into(), format!("{:?}", column.metric));
            }
            if !(column.scale > 0.0 && column.scale.is_finite()) {
                let expected = "a number above 0".to_owned();
                return wrong(format!("columns[{index}].scale"), expected, column.scale.to_string());
            }
        }
        for (index, Pair { first, second, .. }) in pairs.iter().enumerate() {
            if !(first < second && *second < METRICS.len()) {
                let expected = format!("two metrics below {}, in order", METRICS.len());
                return wrong(format!("pairs[{index}]"), expected, format!("{first} and {second}"));
            }
        }
        Ok(Self { schema, provenance, intercept, columns, pairs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_is_one_and_says_what_it_was_fitted_on() {
        let table = Table::shipped();
        assert!(table.provenance().contains("60,982 commits"), "{}", table.provenance());
        assert_eq!(table.pairs.len(), 91);
        let plain =
            Metrics { ns: 1.0, nd: 1.0, nf: 2.0, la: 20.0, ld: 5.0, lt: 800.0, ndev: 3.0, ..Metrics::default() };
        let score = table.score(&plain, Standing::UNKNOWN);
        assert!((0.02..0.6).contains(&score.probability), "{}", score.probability);
        // Contributions and the intercept are the whole of the log odds.
        let sum: f64 = table.intercept + score.contributions.iter().map(|it| it.log_odds).sum::<f64>();
        assert!((logistic(sum) - score.probability).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_table_is_refused_by_its_place() {
        let document = serde_json::to_string(&Table::shipped()).unwrap();
        let refused = |from: &str, to: &str| {
            serde_json::from_str::<Table>(&document.replacen(from, to, 1)).unwrap_err().to_string()
        };
        assert_eq!(refused("\"schema\":1", "\"schema\":2"), "schema: expected 1, found 2");
        assert_eq!(refused("\"metric\":\"nd\"", "\"metric\":\"dn\""), "columns[1].metric: expected nd, found \"dn\"");
        let pair = refused("\"first\":0,\"second\":1", "\"first\":1,\"second\":1");
        assert_eq!(pair, "pairs[0]: expected two metrics below 14, in order, found 1 and 1");
    }
}
