use serde::Serialize;

/// How a table that was fitted on the older rows of each project does on the newer ones.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Validation {
    /// How many newer rows there were.
    pub rows: usize,
    /// The area under the ROC curve: how often a row with a later fix scores above one without.
    pub auc: f64,
    /// The mean square of what was said minus what was so; smaller is better.
    pub brier: f64,
    /// The share of the rows with a later fix that is among the riskiest fifth.
    pub captured: f64,
    /// Whether probabilities are what they say: ten bands of the same size, the least risky first.
    pub calibration: Vec<Band>,
}

/// One band of a calibration.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Band {
    /// How many rows.
    pub rows: usize,
    /// The mean probability that was said.
    pub said: f64,
    /// The share that a later fix touched.
    pub was: f64,
}

/// The bands of a calibration.
const BANDS: usize = 10;

impl Validation {
    /// What probabilities come to, each beside what was so.
    pub(super) fn of(mut judged: Vec<(f64, bool)>) -> Self {
        judged.sort_by(|left, right| left.0.total_cmp(&right.0));
        let rows = judged.len();
        let bugs = count_bugs(&judged);
        let riskiest = judged.get(rows - rows / 5..).unwrap_or_default();
        let error = |(said, was): &(f64, bool)| {
            let rest = said - f64::from(u8::from(*was));
            rest * rest
        };
        Self {
            rows,
            auc: auc(&judged),
            brier: judged.iter().map(error).sum::<f64>() / as_float(rows.max(1)),
            captured: as_float(count_bugs(riskiest)) / as_float(bugs.max(1)),
            calibration: judged.chunks(rows.div_ceil(BANDS).max(1)).map(Band::of).collect(),
        }
    }
}

impl Band {
    fn of(judged: &[(f64, bool)]) -> Self {
        let rows = judged.len();
        let said = judged.iter().map(|(said, _)| said).sum::<f64>() / as_float(rows.max(1));
        Self { rows, said, was: as_float(count_bugs(judged)) / as_float(rows.max(1)) }
    }
}

/// Mann and Whitney's U over its largest value; ties count half. The rows are sorted.
fn auc(sorted: &[(f64, bool)]) -> f64 {
    let (mut below, mut wins) = (0.0, 0.0);
    for same in sorted.chunk_by(|left, right| left.0.total_cmp(&right.0).is_eq()) {
        let bugs = as_float(count_bugs(same));
        let clean = as_float(same.len()) - bugs;
        wins += bugs * (below + 0.5 * clean);
        below += clean;
    }
    let bugs = as_float(sorted.len()) - below;
    if bugs * below > 0.0 { wins / (bugs * below) } else { 0.5 }
}

fn count_bugs(judged: &[(f64, bool)]) -> usize {
    judged.iter().filter(|(_, was)| *was).count()
}

#[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 changes")]
const fn as_float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scikit-learn's documentation of `roc_auc_score`'s ancestor, `roc_curve`: scores .1 .4 .35 .8 of labels 1 1 2 2
    /// have an area of 0.75.
    #[test]
    fn the_area_is_that_of_a_known_example() {
        let judged = vec![(0.1, false), (0.4, false), (0.35, true), (0.8, true)];
        assert!((Validation::of(judged).auc - 0.75).abs() < 1e-12);
        assert!((Validation::of(vec![(0.5, false), (0.5, true)]).auc - 0.5).abs() < 1e-12);
    }
}
