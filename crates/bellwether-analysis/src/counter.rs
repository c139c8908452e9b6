use alloc::vec::Vec;

use bellwether_core::{Arms, Time};

use crate::Sample;

/// A reading of a counter, as a metrics system delivers it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a time and a value are all that a reading is")]
pub struct CounterReading {
    /// When it was read.
    pub at: Time,
    /// What it stood at.
    pub value: f64,
}

/// What a counter grew by between two readings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a span and a count are all that an increment is")]
pub struct Increment {
    /// The earlier reading.
    pub start: Time,
    /// The later one.
    pub end: Time,
    /// By how much, exactly.
    pub count: u64,
}

/// Tells why readings are not those of a counter, or of two arms.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CounterError {
    /// A reading that no counter can stand at.
    #[error("readings[{index}]: expected a whole number of at least 0, found {found}")]
    Value {
        /// Which reading.
        index: usize,
        /// What it was.
        found: f64,
    },
    /// A reading that is not after the one before.
    #[error("readings[{index}]: expected a time after {before}, found {found}")]
    Time {
        /// Which reading.
        index: usize,
        /// The time of the one before.
        before: Time,
        /// Its time.
        found: Time,
    },
    /// Two arms that were not measured over the same spans.
    #[error(
        "intervals[{index}]: expected the same interval of both arms, found {stable:?} of stable and {candidate:?} of the candidate"
    )]
    Grid {
        /// Which interval.
        index: usize,
        /// That of stable, if there is one.
        stable: Option<(Time, Time)>,
        /// That of the candidate, if there is one.
        candidate: Option<(Time, Time)>,
    },
}

/// Turns readings of a counter into what it grew by.
///
/// A counter that falls was reset: then it grew by what it stands at, the least that is certain. Readings that a metrics
/// system interpolated are no counts, and are refused.
///
/// # Errors
/// The first reading that is not a whole number, or not after the one before.
///
/// # Example: a restart
/// ```
/// use bellwether_analysis::{CounterReading, increments};
/// use bellwether_core::Time;
///
/// let at = |minute: i64, value| CounterReading { at: Time::from_unix_millis(minute * 60_000), value };
/// let grown = increments(&[at(0, 90.0), at(1, 100.0), at(2, 7.0)])?;
/// assert_eq!(grown.iter().map(|increment| increment.count).collect::<Vec<_>>(), [10, 7]);
/// # Ok::<(), bellwether_analysis::CounterError>(())
/// ```
pub fn increments(readings: &[CounterReading]) -> Result<Vec<Increment>, CounterError> {
    let mut last: Option<(Time, u64)> = None;
    let mut grown = Vec::with_capacity(readings.len().saturating_sub(1));
    for (index, reading) in readings.iter().enumerate() {
        let value = whole(reading.value).ok_or(CounterError::Value { index, found: reading.value })?;
        if let Some((start, before)) = last {
            if reading.at <= start {
                return Err(CounterError::Time { index, before: start, found: reading.at });
            }
            grown.push(Increment { start, end: reading.at, count: value.checked_sub(before).unwrap_or(value) });
        }
        last = Some((reading.at, value));
    }
    Ok(grown)
}

/// A number up to which every whole number is a floating point number.
fn whole(value: f64) -> Option<u64> {
    let is_whole = (0.0..=9_007_199_254_740_992.0).contains(&value) && libm::trunc(value) == value;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number within the range")]
    is_whole.then_some(value as u64)
}

/// What an arm did over a span.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a span and a sample are all that it is")]
pub struct Spanned<T> {
    /// When it began.
    pub start: Time,
    /// When it ended.
    pub end: Time,
    /// What was done.
    pub sample: T,
}

/// Puts what both arms did side by side.
///
/// # Errors
/// The first interval that only one of them has: arms of different grids cannot be compared.
pub fn side_by_side(
    stable: Vec<Spanned<Sample>>,
    candidate: Vec<Spanned<Sample>>,
) -> Result<Vec<Spanned<Arms<Sample>>>, CounterError> {
    let (mut stable, mut candidate) = (stable.into_iter(), candidate.into_iter());
    let mut pairs = Vec::new();
    loop {
        match (stable.next(), candidate.next()) {
            (None, None) => return Ok(pairs),
            (Some(one), Some(two)) if (one.start, one.end) == (two.start, two.end) => {
                let sample = Arms { stable: one.sample, candidate: two.sample };
                pairs.push(Spanned { start: one.start, end: one.end, sample });
            }
            (one, two) => {
                let span = |spanned: Spanned<Sample>| (spanned.start, spanned.end);
                let (stable, candidate) = (one.map(span), two.map(span));
                return Err(CounterError::Grid { index: pairs.len(), stable, candidate });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::ToString, vec};

    use super::*;

    fn at(minute: i64) -> Time {
        Time::from_unix_millis(minute * 60_000)
    }

    #[test]
    fn readings_that_no_counter_has_are_refused_with_their_place() {
        let readings = |second: CounterReading| [CounterReading { at: at(0), value: 1.0 }, second];
        let refused =
            |minute, value| increments(&readings(CounterReading { at: at(minute), value })).unwrap_err().to_string();
        assert_eq!(refused(1, f64::NAN), "readings[1]: expected a whole number of at least 0, found NaN");
        for value in [f64::INFINITY, -1.0, 0.5, 1e308] {
            assert!(refused(1, value).contains("expected a whole number"), "{value}");
        }
        let found = refused(0, 2.0);
        assert_eq!(
            found,
            "readings[1]: expected a time after 1970-01-01T00:00:00.000Z, found 1970-01-01T00:00:00.000Z"
        );
        assert_eq!(increments(&[]), Ok(vec![]));
    }

    #[test]
    fn arms_of_different_grids_are_refused_with_the_first_difference() {
        let sample = || Sample::counts(1, 0).unwrap();
        let minutes = |range: core::ops::Range<i64>| {
            range.map(|minute| Spanned { start: at(minute), end: at(minute + 1), sample: sample() }).collect::<Vec<_>>()
        };
        assert_eq!(side_by_side(minutes(0..3), minutes(0..3)).unwrap().len(), 3);
        let Err(CounterError::Grid { index, stable, candidate }) = side_by_side(minutes(0..3), minutes(0..2)) else {
            panic!("another number of intervals was taken");
        };
        assert_eq!((index, stable, candidate), (2, Some((at(2), at(3))), None));
        assert!(side_by_side(minutes(0..2), minutes(1..3)).is_err());
    }
}
