//! Durations as Go's `time.ParseDuration` reads them.

/// Nanoseconds of each unit; the longer names of two that begin alike first.
const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// The duration in milliseconds, rounded up, so that a window of less than one is one; none when Go refuses the text.
///
/// A negative duration is one for Go: such a window is never active.
pub(super) fn millis(text: &str) -> Option<i64> {
    let (is_negative, rest) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    let nanos = nanos(rest)?;
    // Go counts nanoseconds in 64 bits, of which the negative ones reach one further.
    let limit = i128::from(i64::MAX) + i128::from(is_negative);
    let millis = i64::try_from(nanos.div_euclid(1_000_000) + i128::from(nanos.rem_euclid(1_000_000) > 0)).ok()?;
    (nanos <= limit).then_some(if is_negative { -millis } else { millis })
}

/// Pairs of a number and a unit, in any order.
fn nanos(text: &str) -> Option<i128> {
    let mut rest = text;
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let (whole, after) = digits(rest);
        let (fraction, after) = after.strip_prefix('.').map_or(("", after), digits);
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let (name, unit) = *UNITS.iter().find(|(name, _)| unit_of(after) == *name)?;
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        total = total.checked_add(whole.checked_mul(unit)?)?.checked_add(part(fraction, unit))?;
        rest = after.strip_prefix(name)?;
    }
    (!text.is_empty()).then_some(total)
}

/// The part of a unit that decimal places say; places beyond a nanosecond say nothing.
fn part(fraction: &str, unit: i128) -> i128 {
    let (sum, _) = fraction.bytes().fold((0, unit), |(sum, unit), digit| {
        // Tenths of tenths: what is lost below a nanosecond is lost in Go as well.
        let places = unit / 10;
        (sum + i128::from(digit - b'0') * places, places)
    });
    sum
}

fn digits(text: &str) -> (&str, &str) {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at_checked(count).unwrap_or((text, ""))
}

/// Everything up to the next number.
fn unit_of(text: &str) -> &str {
    let end = text.find(|sign: char| sign == '.' || sign.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The good and the bad ones of `TestParseDuration` and `TestParseDurationErrors` in Go's `time/time_test.go`, as far as
    /// they are whole milliseconds.
    #[test]
    fn reads_what_go_reads() {
        for (text, expected) in [
            ("0", 0),
            ("5s", 5_000),
            ("30s", 30_000),
            ("1478s", 1_478_000),
            ("-5s", -5_000),
            ("+5s", 5_000),
            ("-0", 0),
            ("+0", 0),
            ("5.0s", 5_000),
            ("5.6s", 5_600),
            ("5.s", 5_000),
            (".5s", 500),
            ("1.0s", 1_000),
            ("1.00s", 1_000),
            ("1.004s", 1_004),
            ("1.0040s", 1_004),
            ("100.00100s", 100_001),
            ("13ms", 13),
            ("14s", 14_000),
            ("15m", 900_000),
            ("16h", 57_600_000),
            ("3h30m", 12_600_000),
            ("10.5s4m", 250_500),
            ("-2m3.4s", -123_400),
            ("1h2m3s4ms5us6ns", 3_723_005),
            ("39h9m14.425s", 140_954_425),
            ("11us", 1),
            ("12µs", 1),
            ("10ns", 1),
        ] {
            assert_eq!(millis(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "3",
            "-",
            "s",
            ".",
            "-.",
            ".s",
            "+.s",
            "1d",
            "1h ",
            " 1h",
            "1 h",
            "9223372036854775.808s",
            "1hm",
            "1h30",
            "１h",
        ] {
            assert_eq!(millis(text), None, "{text:?}");
        }
        assert_eq!(millis("9223372036854775807ns"), Some(9_223_372_036_855));
    }
}
