//! Kayenta's judge `NetflixACAJudge-v1.0`: its documents in, the class, interval and score that it gives out.
//!
//! The rules were read in Kayenta's own source (spinnaker/spinnaker, folder `kayenta`, at f8b98eb) and are followed
//! where they are wrong too; a finding says so then. Two things differ: the tolerance and confidence of
//! `judge.judgeConfigurations` are honoured, which Kayenta reads and ignores, and the noise that it adds to two constant
//! arms is a fixed one. It is a test for one look; asked again and again it raises false alarms, which
//! [`Sequential`](crate::Sequential) does not.

mod brent;
mod classification;
mod classify;
mod config;
mod judge;
mod judgement;
mod metric_set_pair;
mod noise;
mod outlier;
mod points;
mod scalar;
mod score;
mod shift;

pub use self::classification::{Classification, ScoreClassification};
pub use self::config::{CanaryConfig, Thresholds};
pub use self::judge::{Kayenta, KayentaError};
pub use self::judgement::{GroupScore, Judgement, MetricResult};
pub use self::metric_set_pair::{MetricSetPair, PairValues};
pub use self::points::Points;
pub use self::shift::ShiftInterval;
