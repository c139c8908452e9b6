//! Go's numbers: what `int32(..)`, `math.Ceil`, `math.Floor` and `math.Modf` give.

/// `int32(value)` of a Go integer: the low 32 bits.
#[expect(clippy::cast_possible_truncation, reason = "Go's conversion between integers keeps the low bits")]
pub(super) const fn wrap(value: i64) -> i32 {
    value as i32
}

/// `int(math.Ceil(value))`. Beyond the range Go leaves the result to the machine; here it is the nearest number.
pub(super) const fn ceil(value: f64) -> i64 {
    let whole = truncate(value);
    if (whole as f64) < value { whole.saturating_add(1) } else { whole }
}

/// `int(math.Floor(value))`, with the same remark.
pub(super) const fn floor(value: f64) -> i64 {
    let whole = truncate(value);
    if (whole as f64) > value { whole.saturating_sub(1) } else { whole }
}

/// `int(value)`: towards zero.
#[expect(clippy::cast_possible_truncation, reason = "towards zero is what Go does too, and it saturates beyond")]
pub(super) const fn truncate(value: f64) -> i64 {
    value as i64
}

/// `int32(value)` of a whole Go `float64`. Beyond the range Go leaves the result to the machine; here it is the nearest
/// number.
pub(super) fn saturate(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(if value < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests {
    extern crate std;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Checked against the standard library's own functions, which a bare target does not have.
        #[test]
        #[expect(clippy::cast_possible_truncation, reason = "the numbers fit")]
        fn rounding_is_that_of_the_platform(value in -9.0e15_f64..9.0e15, small in -1_000.0_f64..1_000.0) {
            for value in [value, small, value.trunc(), small.trunc(), small.trunc() + 0.5] {
                prop_assert_eq!(ceil(value), value.ceil() as i64);
                prop_assert_eq!(floor(value), value.floor() as i64);
                prop_assert_eq!(truncate(value), value.trunc() as i64);
            }
        }
    }

    #[test]
    fn what_is_no_number_or_beyond_the_range_rounds_to_something() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, -0.0, f64::MIN_POSITIVE] {
            assert!(floor(value) <= ceil(value), "{value}");
        }
        assert_eq!((wrap(1 << 31), saturate(1 << 31), saturate(i64::MIN)), (i32::MIN, i32::MAX, i32::MIN));
    }
}
