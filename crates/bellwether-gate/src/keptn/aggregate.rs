use alloc::vec::Vec;

/// How earlier values become one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Aggregate {
    Average,
    P50,
    P90,
    P95,
    /// A name that Keptn does not know, which makes every aggregate zero.
    Unknown,
}

impl Aggregate {
    /// The function of that name; the average where none is said.
    pub(super) fn named(name: Option<&str>) -> Self {
        match name {
            None | Some("" | "avg") => Self::Average,
            Some("p50") => Self::P50,
            Some("p90") => Self::P90,
            Some("p95") => Self::P95,
            Some(_) => Self::Unknown,
        }
    }

    pub(super) fn of(self, values: &[f64]) -> f64 {
        match self {
            Self::Average => average(values),
            Self::P50 => percentile(values, 0.5),
            Self::P90 => percentile(values, 0.9),
            Self::P95 => percentile(values, 0.95),
            Self::Unknown => 0.0,
        }
    }
}

fn average(values: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "nobody compares with 2^53 evaluations")]
    let count = values.len() as f64;
    values.iter().sum::<f64>() / count.max(1.0)
}

/// The percentile of type 6: at position p (n + 1), interpolated, kept within the values.
fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted: Vec<f64> = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "nobody compares with 2^53 evaluations")]
    let position = share * (sorted.len() as f64 + 1.0);
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else { return 0.0 };
    if position < 1.0 {
        return *first;
    }
    let below = libm::floor(position);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position within the values")]
    let index = below as usize;
    match (index.checked_sub(1).and_then(|index| sorted.get(index)), sorted.get(index)) {
        (Some(lower), Some(upper)) => lower + (position - below) * (upper - lower),
        (_, _) => *last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R: `quantile(c(5, 1, 9), c(.5, .9, .95), type = 6)` is 5, 9, 9; of 1 to 10 it is 5.5, 9.9, 10.
    #[test]
    fn percentiles_are_those_of_type_6() {
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        let all = [Aggregate::P50, Aggregate::P90, Aggregate::P95];
        assert_eq!(all.map(|aggregate| aggregate.of(&[5.0, 1.0, 9.0])), [5.0, 9.0, 9.0]);
        assert_eq!(all.map(|aggregate| aggregate.of(&ten)), [5.5, 9.9, 10.0]);
        assert_eq!(all.map(|aggregate| aggregate.of(&[7.0])), [7.0; 3]);
        assert_eq!(Aggregate::named(Some("median")).of(&ten), 0.0);
    }
}
