//! Tests for data that is complete: asked once, not again and again.
//!
//! Their error bounds hold for one look at data whose size was fixed before. Asked after every interval of a rollout
//! they raise false alarms; [`Harm`](crate::Harm) and [`NoHarm`](crate::NoHarm) do not. They are here to compare with
//! other systems, to check experiments that have ended, and for the effect sizes.
//!
//! # Example: is one version slower?
//!
//! ```
//! use bellwether_stats::fixed::{Alternative, Method, Sample, Samples, hodges_lehmann, mann_whitney};
//!
//! let samples = Samples {
//!     treatment: Sample::new(&[0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46])?,
//!     control: Sample::new(&[1.15, 0.88, 0.9, 0.74, 1.21])?,
//! };
//! let test = mann_whitney(&samples, Alternative::Greater, Method::Automatic)?;
//! assert!((test.p_value - 0.1272).abs() < 1e-4, "Hollander and Wolfe 1973, page 69");
//! let shift = hodges_lehmann(&samples, 0.95, Method::Automatic)?;
//! assert!((shift.estimate - 0.305).abs() < 1e-12, "the median of all differences");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alternative;
mod brunner_munzel;
mod counts_of_u;
mod difference;
mod effect;
mod fisher;
mod gauss_legendre;
mod group_sequential;
mod hodges_lehmann;
mod kolmogorov_smirnov;
mod mann_whitney;
mod miettinen_nurminen;
mod newcombe;
mod normal;
mod proportions;
mod quantile;
mod rank;
mod sample;
mod student;
mod two_proportions;
mod undefined;
mod welch;

pub use self::alternative::Alternative;
pub use self::brunner_munzel::{BrunnerMunzel, brunner_munzel};
pub use self::effect::{cliffs_delta, common_language_effect, mean, mean_ratio};
pub use self::fisher::fisher;
pub use self::group_sequential::{Boundary, Sides, Spending, boundaries};
pub use self::hodges_lehmann::{Shift, hodges_lehmann};
pub use self::kolmogorov_smirnov::{KolmogorovSmirnov, kolmogorov_smirnov};
pub use self::mann_whitney::{MannWhitney, Method, mann_whitney};
pub use self::miettinen_nurminen::miettinen_nurminen;
pub use self::newcombe::newcombe;
pub use self::normal::{normal_cdf, normal_quantile};
pub use self::proportions::{DifferenceInterval, Proportions};
pub use self::quantile::quantile;
pub use self::sample::{Sample, SampleError, Samples};
pub use self::two_proportions::{TwoProportions, two_proportions};
pub use self::undefined::Undefined;
pub use self::welch::{Welch, welch};
