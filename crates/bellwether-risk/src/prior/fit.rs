use super::{
    METRICS, Metrics, Standing,
    linear::Symmetric,
    standings,
    table::{Column, Pair, Table, logistic, standard, values},
    validation::Validation,
};

/// So many rows of the rarer kind a coefficient needs, else it is fitted to chance (Peduzzi et al., "A simulation study of
/// the number of events per variable in logistic regression analysis", J Clin Epidemiol 49(12), 1996).
const EVENTS_PER_COEFFICIENT: usize = 10;

/// Newton's method doubles the digits each time; what has not converged by then never does.
const ITERATIONS_MAX: usize = 50;

/// Coefficients that move by less are found.
const TOLERANCE: f64 = 1e-9;

/// The share of each project's rows, the oldest ones, that a validation is fitted on.
const TRAINED: f64 = 0.8;

/// One commit of a history with what became of it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a line of the history")]
pub struct Row {
    /// When it was made, in seconds since 1970.
    pub date: i64,
    /// Whether a later fix touched it.
    pub bug: bool,
    /// What it looks like.
    pub metrics: Metrics,
}

/// How a table is fitted: logistic regression by iteratively reweighted least squares with a ridge.
///
/// # Example: a table of one's own history
/// ```
/// use bellwether_risk::prior::{Fit, FitError, Metrics, Row};
///
/// let row = |date: i32| Row {
///     date: date.into(),
///     bug: date % 3 == 0,
///     metrics: Metrics { la: if date % 3 == 0 { 300.0 } else { 20.0 }, nf: f64::from(date % 7), ..Metrics::default() },
/// };
/// let few: Vec<Row> = (0..100).map(row).collect();
/// assert!(matches!(Fit::default().fit(&[few]), Err(FitError::TooFew { .. })));
/// let enough: Vec<Row> = (0..1_000).map(row).collect();
/// let fitted = Fit::default().fit(&[enough])?;
/// assert!(fitted.validation.auc > 0.9);
/// # Ok::<(), FitError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fit {
    ridge: f64,
    with_pairs: bool,
    provenance: String,
}

/// A fitted table, and what it is worth.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fitted {
    /// The table, fitted on all rows.
    pub table: Table,
    /// How many rows there were.
    pub rows: usize,
    /// How many of them a later fix touched.
    pub bugs: usize,
    /// How a table that was fitted on the older rows does on the newer ones.
    pub validation: Validation,
}

/// Tells why no table can be fitted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// There are too few rows of one kind for so many coefficients.
    #[error(
        "expected at least {needed} rows of each kind for {coefficients} coefficients, found {bugs} with a later fix and {clean} without"
    )]
    TooFew {
        /// Rows of each kind that are needed.
        needed: usize,
        /// How many coefficients a table has.
        coefficients: usize,
        /// Rows that a later fix touched.
        bugs: usize,
        /// Rows that none touched.
        clean: usize,
    },
    /// The coefficients do not settle: something separates the rows almost without exception.
    #[error("expected coefficients that settle within {ITERATIONS_MAX} steps, found none; a larger ridge may help")]
    Unsettled,
}

impl Default for Fit {
    /// A ridge of 1 on the standardised metrics, and every metric alone.
    fn default() -> Self {
        Self { ridge: 1.0, with_pairs: false, provenance: String::new() }
    }
}

impl Fit {
    /// Also lets every pair of metrics say something together: 91 coefficients more.
    #[must_use]
    pub const fn with_pairs(mut self) -> Self {
        self.with_pairs = true;
        self
    }

    /// Sets how strongly coefficients are drawn to zero; 1 unless it is set.
    #[must_use]
    pub const fn with_ridge(mut self, ridge: f64) -> Self {
        self.ridge = ridge;
        self
    }

    /// Sets what the table says of where it comes from.
    #[must_use]
    pub fn with_provenance(mut self, provenance: impl Into<String>) -> Self {
        self.provenance = provenance.into();
        self
    }

    /// Fits a table on the histories of projects. Every row weighs the same; rows are put in their order in time.
    ///
    /// # Errors
    /// Too few rows of one kind, or coefficients that do not settle.
    pub fn fit(&self, projects: &[Vec<Row>]) -> Result<Fitted, FitError> {
        let prepared: Vec<Vec<Prepared>> = projects.iter().map(|rows| prepare(rows)).collect();
        let all: Vec<&Prepared> = prepared.iter().flatten().collect();
        let bugs = all.iter().filter(|row| row.bug).count();
        let clean = all.len() - bugs;
        let coefficients = 1 + METRICS.len() + self.pairs().count();
        let needed = EVENTS_PER_COEFFICIENT * coefficients;
        if bugs.min(clean) < needed {
            return Err(FitError::TooFew { needed, coefficients, bugs, clean });
        }
        let table = self.table(&all)?;
        let halves: Vec<_> = prepared.iter().map(|rows| rows.split_at(trained(rows.len()))).collect();
        let older: Vec<&Prepared> = halves.iter().flat_map(|(older, _)| older.iter()).collect();
        let newer = halves.iter().flat_map(|(_, newer)| newer.iter());
        let earlier = self.table(&older)?;
        let judged = newer.map(|row| (earlier.probability(&row.values), row.bug)).collect();
        Ok(Fitted { table, rows: all.len(), bugs, validation: Validation::of(judged) })
    }

    fn table(&self, rows: &[&Prepared]) -> Result<Table, FitError> {
        let moments: Vec<(f64, f64)> = (0..METRICS.len()).map(|index| moments(rows, index)).collect();
        let pairs: Vec<(usize, usize)> = self.pairs().collect();
        let design = |row: &Prepared| {
            let standardised = row.values.iter().zip(&moments);
            let single: Vec<f64> = standardised.map(|(value, (mean, scale))| standard(*value, *mean, *scale)).collect();
            let at = |index: usize| single.get(index).copied().unwrap_or_default();
            let products = pairs.iter().map(|(first, second)| at(*first) * at(*second));
            [1.0].into_iter().chain(single.iter().copied()).chain(products).collect::<Vec<f64>>()
        };
        let designs: Vec<(Vec<f64>, bool)> = rows.iter().map(|row| (design(row), row.bug)).collect();
        let beta = solve(&designs, self.ridge).ok_or(FitError::Unsettled)?;
        let mut beta = beta.into_iter();
        let intercept = beta.next().unwrap_or_default();
        let columns = METRICS.iter().zip(moments).zip(beta.by_ref().take(METRICS.len()));
        let columns = columns.map(|((metric, (mean, scale)), coefficient)| Column {
            metric: (*metric).to_owned(),
            mean,
            scale,
            coefficient,
        });
        let columns = columns.collect();
        let pairs =
            pairs.into_iter().zip(beta).map(|((first, second), coefficient)| Pair { first, second, coefficient });
        Ok(Table::new(self.provenance.clone(), intercept, columns, pairs.collect()))
    }

    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let count = if self.with_pairs { METRICS.len() } else { 0 };
        (0..count).flat_map(move |first| (first + 1..count).map(move |second| (first, second)))
    }
}

/// A row with what its metrics are before they are standardised.
struct Prepared {
    values: [f64; METRICS.len()],
    bug: bool,
}

fn prepare(rows: &[Row]) -> Vec<Prepared> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| row.date);
    let metrics: Vec<Metrics> = rows.iter().map(|row| row.metrics).collect();
    let prepared =
        |(row, standing): (&Row, Standing)| Prepared { values: values(&row.metrics, standing), bug: row.bug };
    rows.iter().zip(standings(&metrics)).map(prepared).collect()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of a number of rows"
)]
fn trained(rows: usize) -> usize {
    (TRAINED * rows as f64) as usize
}

/// The mean and the standard deviation of a metric; a metric that never changes has the deviation 1.
#[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 changes")]
fn moments(rows: &[&Prepared], index: usize) -> (f64, f64) {
    let values = || rows.iter().filter_map(|row| row.values.get(index));
    let count = rows.len().max(1) as f64;
    let mean = values().sum::<f64>() / count;
    let variance = values().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
    (mean, if variance > 0.0 { libm::sqrt(variance) } else { 1.0 })
}

/// Newton's method on the log likelihood with a ridge on everything but the intercept.
fn solve(rows: &[(Vec<f64>, bool)], ridge: f64) -> Option<Vec<f64>> {
    let size = rows.first()?.0.len();
    let mut beta = vec![0.0; size];
    for _ in 0..ITERATIONS_MAX {
        let mut curvature = Symmetric::zero(size);
        let mut gradient: Vec<f64> =
            beta.iter().enumerate().map(|(index, value)| if index == 0 { 0.0 } else { -ridge * value }).collect();
        for index in 1..size {
            curvature.add_to_diagonal(index, ridge);
        }
        for (design, bug) in rows {
            let probability = logistic(design.iter().zip(&beta).map(|(value, beta)| value * beta).sum());
            let residual = f64::from(u8::from(*bug)) - probability;
            for (slope, value) in gradient.iter_mut().zip(design) {
                *slope += residual * value;
            }
            curvature.add_outer(probability * (1.0 - probability), design);
        }
        let step = curvature.solve(&gradient)?;
        for (value, change) in beta.iter_mut().zip(&step) {
            *value += change;
        }
        if step.iter().all(|change| change.abs() < TOLERANCE) {
            return Some(beta);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [f64; 20] = [
        3.0, 120.0, 15.0, 400.0, 7.0, 60.0, 2.0, 900.0, 33.0, 81.0, 5.0, 250.0, 11.0, 640.0, 1.0, 45.0, 9.0, 310.0,
        22.0, 150.0,
    ];
    const FIXES: [u8; 20] = [0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1];
    const BUGS: [u8; 20] = [0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1];

    /// R 4.2.2: `s <- function(x) (x-mean(x))/sqrt(mean((x-mean(x))^2)); coef(glm(bug ~ s(log1p(la)) + s(fix),
    /// family=binomial(), control=glm.control(epsilon=1e-14)))`.
    #[test]
    fn coefficients_are_those_of_r() {
        let rows = LINES.iter().zip(FIXES).zip(BUGS).zip(0..);
        let rows: Vec<Row> = rows
            .map(|(((la, fix), bug), date)| Row {
                date,
                bug: bug == 1,
                metrics: Metrics { la: *la, fix: f64::from(fix), ..Metrics::default() },
            })
            .collect();
        let prepared = prepare(&rows);
        let fit = Fit { ridge: 1e-9, ..Fit::default() };
        let table = fit.table(&prepared.iter().collect::<Vec<_>>()).unwrap();
        let of = |metric: &str| table.columns.iter().find(|column| column.metric == metric).unwrap().coefficient;
        for (found, expected) in [
            (table.intercept, -0.324723159795708),
            (of("la"), 1.722492703495085),
            (of("fix"), 0.161425532315053),
            (of("ns"), 0.0),
        ] {
            assert!((found - expected).abs() < 1e-7, "{found}, R says {expected}");
        }
    }

    #[test]
    fn rows_that_one_metric_separates_without_exception_settle_by_the_ridge() {
        let row = |date: i32| Row {
            date: date.into(),
            bug: date % 2 == 0,
            metrics: Metrics { la: f64::from(1 + 99 * (1 - date % 2)), ..Metrics::default() },
        };
        let fitted = Fit::default().fit(&[(0..600).map(row).collect()]).unwrap();
        assert!((fitted.validation.auc - 1.0).abs() < 1e-12 && fitted.validation.brier < 0.01);
    }
}
