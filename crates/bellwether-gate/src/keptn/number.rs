//! Numbers as Go's `strconv.ParseFloat` reads them, which is more than a criterion should be.

use libm::ldexp;

/// Reads a decimal or hexadecimal number, an infinity or "nan"; nothing where Go reports an error, a number beyond the
/// range of floats included.
///
/// Source: <https://pkg.go.dev/strconv#ParseFloat>.
pub(super) fn parse(text: &str) -> Option<f64> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if !underscores_stand_between_digits(unsigned) {
        return None;
    }
    let size = magnitude(&unsigned.replace('_', ""), unsigned.len() == text.len())?;
    Some(if negative { -size } else { size })
}

/// A base such as `0x` counts as a digit.
fn underscores_stand_between_digits(text: &str) -> bool {
    let is_hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    let rest = if is_hexadecimal { text.get(2..).unwrap_or_default() } else { text };
    let is_digit = |sign: char| if is_hexadecimal { sign.is_ascii_hexdigit() } else { sign.is_ascii_digit() };
    let mut before = if is_hexadecimal { '0' } else { '.' };
    for sign in rest.chars() {
        let is_wrong = if sign == '_' { !is_digit(before) } else { before == '_' && !is_digit(sign) };
        if is_wrong {
            return false;
        }
        before = sign;
    }
    before != '_'
}

fn magnitude(text: &str, unsigned: bool) -> Option<f64> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("inf") || is("infinity") {
        return Some(f64::INFINITY);
    }
    if is("nan") {
        // Only without a sign.
        return unsigned.then_some(f64::NAN);
    }
    let number = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => hexadecimal(digits)?,
        None => decimal(text)?,
    };
    number.is_finite().then_some(number)
}

/// Rust reads the same decimal numbers to the same floats; words and signs are not digits here.
fn decimal(text: &str) -> Option<f64> {
    let is_number = text.starts_with(|sign: char| sign.is_ascii_digit() || sign == '.');
    if is_number { text.parse().ok() } else { None }
}

/// `h.hhp±d`, where the exponent of two must be there.
fn hexadecimal(digits: &str) -> Option<f64> {
    let (mantissa, exponent) = digits.split_once(['p', 'P'])?;
    let exponent = exponent_of(exponent)?;
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (mut bits, mut shift, mut count) = (0_u64, 0_i32, 0_u32);
    let marked = whole.chars().map(|sign| (sign, false)).chain(part.chars().map(|sign| (sign, true)));
    for (sign, is_part) in marked {
        let digit = u64::from(sign.to_digit(16)?);
        count = count.saturating_add(1);
        if bits >> 60 == 0 {
            bits = (bits << 4) | digit;
            shift = shift.saturating_sub(if is_part { 4 } else { 0 });
        } else {
            // Beyond what a float holds only whether there is more counts, for rounding.
            bits |= u64::from(digit != 0);
            shift = shift.saturating_add(if is_part { 0 } else { 4 });
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "rounding to the nearest float is what is asked for")]
    let value = bits as f64;
    (count > 0).then(|| ldexp(value, exponent.saturating_add(shift).clamp(-5_000, 5_000)))
}

fn exponent_of(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse::<i32>().unwrap_or(5_000).min(5_000);
    Some(if text.starts_with('-') { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of `atoftests` in Go's `strconv/atof_test.go`: the input, and what is read or nothing for an error.
    #[test]
    fn numbers_are_read_as_go_reads_them() {
        let rows: &[(&str, Option<f64>)] = &[
            ("", None),
            ("1", Some(1.0)),
            ("+1", Some(1.0)),
            ("1x", None),
            ("1.1.", None),
            ("1e23", Some(1e23)),
            ("1E23", Some(1e23)),
            ("100000000000000016777215", Some(1.000_000_000_000_000_1e23)),
            (".5e-1", Some(0.05)),
            ("1e-20", Some(1e-20)),
            ("0x1p0", Some(1.0)),
            ("0x1p-1", Some(0.5)),
            ("0x1ep-1", Some(15.0)),
            ("-0x1ep-1", Some(-15.0)),
            ("-0x2p3", Some(-16.0)),
            ("0x1e2", None),
            ("1p2", None),
            ("0x1fFe2.p0", Some(131_042.0)),
            ("0x1p-1074", Some(5e-324)),
            ("0x0.1p+4", Some(1.0)),
            ("0x_1_2.3_4_5p+1_2", Some(74_565.0)),
            ("0x__12.345p+12", None),
            ("0x12.345_p+12", None),
            ("nan", Some(f64::NAN)),
            ("NaN", Some(f64::NAN)),
            ("inf", Some(f64::INFINITY)),
            ("-Inf", Some(f64::NEG_INFINITY)),
            ("+INF", Some(f64::INFINITY)),
            ("Infinity", Some(f64::INFINITY)),
            ("1.7976931348623157e308", Some(f64::MAX)),
            ("1.7976931348623159e308", None),
            ("1e309", None),
            ("0x1p1024", None),
            ("1_23.50_0_0e+1_2", Some(1.235e14)),
            ("_123.5e+12", None),
            ("1__23.5e+12", None),
            ("123_.5e+12", None),
            ("123._5e+12", None),
            ("123.5e_+12", None),
            ("123.5e+12_", None),
            ("1e", None),
            ("1e-", None),
            (".e-1", None),
            ("0x", None),
            ("0x.p0", None),
            ("--1", None),
            ("10ms", None),
            (" 1", None),
        ];
        for (text, expected) in rows {
            let found = parse(text);
            let same = match (found, expected) {
                (Some(found), Some(expected)) => found == *expected || found.is_nan() && expected.is_nan(),
                (found, expected) => found.is_none() && expected.is_none(),
            };
            assert!(same, "{text:?}: expected {expected:?}, found {found:?}");
        }
    }
}
