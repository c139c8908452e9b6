//! Lengths of time as the other systems write them.

use bellwether_core::{Duration, Finding};

use super::{note, place::Place};
use crate::{complaint::Complaint, node::Node};

const EXPECTED: &str = "a length of time such as 500ms, 30s, 1.5h or 1h30m";
const NANOS_PER_MILLI: u128 = 1_000_000;
/// Go counts nanoseconds in 63 bits.
const NANOS_MAX: u128 = i64::MAX as u128;
const UNITS: [(&str, u128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// A text as Go's `time.ParseDuration` reads it; none where it is absent or empty, which Go's structs cannot tell apart.
pub(super) fn go_duration(place: &Place<'_>) -> Result<Option<Duration>, Complaint> {
    let text = match place.node() {
        None => return Ok(None),
        Some(Node::Text(text)) if text.is_empty() => return Ok(None),
        Some(Node::Text(text)) => text,
        Some(_) => return Err(place.unexpected(EXPECTED)),
    };
    let nanos = parse(text).filter(|nanos| nanos.is_multiple_of(NANOS_PER_MILLI));
    nanos.map(millis).map(Some).ok_or_else(|| place.unexpected(EXPECTED))
}

/// A number of seconds.
pub(super) fn seconds(place: &Place<'_>) -> Result<Option<Duration>, Complaint> {
    Ok(place.count()?.map(|count| Duration::from_seconds(count.into())))
}

/// Refuses a deadline that a unit could not meet, as Kubernetes and Argo Rollouts do.
pub(super) fn check_ready(spec: &Place<'_>, deadline: Duration) -> Result<(), Complaint> {
    let ready = spec.field("minReadySeconds")?;
    if seconds(&ready)?.is_some_and(|ready| ready >= deadline) {
        return Err(ready.unexpected(format_args!("less than the progress deadline of {deadline}")));
    }
    Ok(())
}

/// The length of a pause of Argo Rollouts: seconds as a number or a text, or a length of time, which is cut to seconds.
/// Source: `RolloutPause.DurationSeconds` of its `types.go`.
pub(super) fn pause(place: &Place<'_>, findings: &mut Vec<Finding>) -> Result<Duration, Complaint> {
    if !matches!(place.node(), Some(Node::Text(_))) {
        return seconds(place)?.ok_or_else(|| place.unexpected(EXPECTED));
    }
    let text = place.name()?;
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if let (true, Ok(seconds)) = (is_number, text.parse::<u32>()) {
        return Ok(Duration::from_seconds(seconds.into()));
    }
    let nanos = parse(text).ok_or_else(|| place.unexpected(EXPECTED))?;
    let exact = millis(nanos);
    let cut = Duration::from_seconds(exact.as_millis() / 1_000);
    if !nanos.is_multiple_of(1_000 * NANOS_PER_MILLI) {
        findings.push(note::assumed(place, format!("a pause is counted in whole seconds there too, so it is {cut}")));
    }
    Ok(cut)
}

fn millis(nanos: u128) -> Duration {
    Duration::from_millis(u64::try_from(nanos / NANOS_PER_MILLI).unwrap_or(u64::MAX))
}

/// Nanoseconds of numbers with units in any order, each with a fraction or not; a fraction of a nanosecond is cut off.
fn parse(text: &str) -> Option<u128> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(0);
    }
    let mut total = 0_u128;
    while !rest.is_empty() {
        let end = rest.find(|sign: char| !sign.is_ascii_digit() && sign != '.')?;
        let (number, after) = rest.split_at_checked(end)?;
        let end = after.find(|sign: char| sign.is_ascii_digit() || sign == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(end)?;
        let (_, nanos) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(scaled(number, *nanos)?)?;
        rest = after;
    }
    (total <= NANOS_MAX && text != "+" && !text.is_empty()).then_some(total)
}

/// A number of units in nanoseconds. The fraction goes through the same floats as in Go's `leadingFraction`, so that a third
/// of an hour is twenty minutes here too.
fn scaled(number: &str, nanos: u128) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') || whole.len() > 19 {
        return None;
    }
    let whole = if whole.is_empty() { 0 } else { whole.parse::<u128>().ok()? };
    let (digits, scale) = fraction
        .bytes()
        .try_fold((0_u64, 1.0_f64), |(digits, scale), digit| {
            let next = digits.checked_mul(10).and_then(|ten| ten.checked_add(u64::from(digit.wrapping_sub(b'0'))));
            match next.filter(|_| digits <= i64::MAX.unsigned_abs() / 10) {
                Some(next) if next <= 1 << 63 => Ok((next, scale * 10.0)),
                Some(_) | None => Err((digits, scale)),
            }
        })
        .unwrap_or_else(|cut| cut);
    #[expect(clippy::cast_possible_truncation, reason = "Go cuts the fraction of a nanosecond off in the same way")]
    let fraction = (digits as f64 * (nanos as f64 / scale)) as u64;
    whole.checked_mul(nanos)?.checked_add(u128::from(fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cases of `TestParseDuration` and `TestParseDurationErrors` in Go's `time_test.go` that are not negative.
    #[test]
    fn a_length_of_time_is_read_as_go_reads_it() {
        let second = 1_000_000_000_u128;
        for (text, nanos) in [
            ("0", 0),
            ("5s", 5 * second),
            ("30s", 30 * second),
            ("1478s", 1478 * second),
            ("+5s", 5 * second),
            ("+0", 0),
            ("5.0s", 5 * second),
            ("5.6s", 5 * second + 600_000_000),
            ("5.s", 5 * second),
            (".5s", 500_000_000),
            ("1.0s", second),
            ("1.004s", second + 4_000_000),
            ("1.0040s", second + 4_000_000),
            ("100.00100s", 100 * second + 1_000_000),
            ("10ns", 10),
            ("11us", 11_000),
            ("12\u{b5}s", 12_000),
            ("12\u{3bc}s", 12_000),
            ("13ms", 13_000_000),
            ("15m", 15 * 60 * second),
            ("16h", 16 * 3_600 * second),
            ("3h30m", (3 * 3_600 + 30 * 60) * second),
            ("10.5s4m", (4 * 60 + 10) * second + 500_000_000),
            ("1h2m3s4ms5us6ns", 3_723 * second + 4_005_006),
            ("52763797000ns", 52_763_797_000),
            ("0.3333333333333333333h", 20 * 60 * second),
            ("9223372036854775807ns", NANOS_MAX),
            ("0.100000000000000000000h", 6 * 60 * second),
            ("0.830103483285477580700h", 49 * 60 * second + 48 * second + 372_539_827),
        ] {
            assert_eq!(parse(text), Some(nanos), "{text}");
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
            "+",
            "1..s",
            "1 s",
            "5.s.",
            "9223372036854775.808us",
            "9223372036854775808ns",
            "9223372036854ms775us808ns",
            "3000000h",
            "\u{85}\u{85}",
            "hello \u{fffd} world",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_pause_is_whole_seconds() {
        let pause = |node: Node| {
            let mut findings = Vec::new();
            let read = super::pause(&Place::root(&node, "$"), &mut findings);
            (read.map(|duration| duration.as_millis()).map_err(|complaint| complaint.to_string()), findings.len())
        };
        assert_eq!(pause(Node::Unsigned(30)), (Ok(30_000), 0));
        assert_eq!(pause(Node::Text("30".into())), (Ok(30_000), 0));
        assert_eq!(pause(Node::Text("1h".into())), (Ok(3_600_000), 0));
        assert_eq!(pause(Node::Text("1500ms".into())), (Ok(1_000), 1));
        for wrong in ["1d", "-5s", "5 m", ""] {
            assert!(pause(Node::Text(wrong.into())).0.unwrap_err().starts_with("$: expected "), "{wrong}");
        }
    }
}
