//! How likely a change is to need a fix later, by what it looks like: a logistic score over the fourteen change metrics of
//! Kamei et al., "A Large-Scale Empirical Study of Just-in-Time Quality Assurance", IEEE TSE 39(6), 2013.
//!
//! It is a *prior*: it may raise scrutiny, and never lowers what a rule says. The label that it learnt from is "a later fix
//! touched it", not an incident, so compare scores of one project with each other and decide by their quantiles; the base
//! rate of another project is another one.
//!
//! Logarithms of the metrics say more than the metrics, and an author's experience says something only in relation to the
//! others of the project, so a score depends on the rows before it: [`Standing`] is that relation.
//!
//! # Example: the riskier of two changes
//! ```
//! use bellwether_risk::prior::{Metrics, Standing, Table};
//!
//! let small = Metrics { nf: 1.0, nd: 1.0, ns: 1.0, la: 3.0, ld: 1.0, lt: 400.0, exp: 900.0, ..Metrics::default() };
//! let large = Metrics { nf: 14.0, nd: 6.0, ns: 2.0, la: 412.0, entropy: 3.1, exp: 2.0, ..small };
//!
//! let table = Table::shipped();
//! let score = |metrics| table.score(&metrics, Standing::UNKNOWN);
//! assert!(score(large).probability > score(small).probability);
//! assert!(score(large).contributions.iter().any(|it| it.metric == "la" && it.log_odds > 0.0));
//! ```

mod fit;
mod linear;
mod metrics;
mod standing;
mod table;
mod validation;

pub use fit::{Fit, FitError, Fitted, Row};
pub use metrics::{METRICS, Metrics};
pub use standing::{Standing, standings};
pub use table::{Column, Contribution, Pair, Score, Table, TableError};
pub use validation::{Band, Validation};
