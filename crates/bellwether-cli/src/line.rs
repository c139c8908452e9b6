use std::io::{self, BufRead, Read};

/// Whether a line was short enough to be kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Size {
    /// All of it.
    Whole,
    /// Only its beginning.
    Cut,
}

/// Reads a line, its end left out. Of one that is too long only the beginning is read; [`skip_line`] passes over the rest.
pub(crate) fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>, bytes_max: usize) -> io::Result<Option<Size>> {
    line.clear();
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    if reader.by_ref().take(limit).read_until(b'\n', line)? == 0 {
        return Ok(None);
    }
    let has_end = line.pop_if(|last| *last == b'\n').is_some();
    if has_end || line.len() <= bytes_max {
        line.pop_if(|last| *last == b'\r');
        return Ok(Some(Size::Whole));
    }
    Ok(Some(Size::Cut))
}

/// Passes over the rest of a line. False when it has no end within that many bytes: a device may have none at all.
pub(crate) fn skip_line(reader: &mut impl BufRead, bytes_max: u64) -> io::Result<bool> {
    let mut rest = reader.by_ref().take(bytes_max);
    rest.skip_until(b'\n')?;
    Ok(rest.limit() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_is_passed_over_to_its_end() {
        let text = format!("short\n{}\r\nexactly-8\nexactly8\r\nlast", "x".repeat(100));
        let mut reader = io::BufReader::with_capacity(3, text.as_bytes());
        let mut line = Vec::new();
        let mut seen = Vec::new();
        while let Some(size) = next_line(&mut reader, &mut line, 8).unwrap() {
            seen.push(match size {
                Size::Whole => String::from_utf8(line.clone()).unwrap(),
                Size::Cut => skip_line(&mut reader, 100).unwrap().then(|| "cut".to_owned()).unwrap(),
            });
        }
        assert_eq!(seen, ["short", "cut", "cut", "cut", "last"]);
    }

    #[test]
    fn a_line_without_an_end_is_given_up() {
        let mut reader = io::BufReader::new(io::repeat(0));
        let mut line = Vec::new();
        assert_eq!(next_line(&mut reader, &mut line, 8).unwrap(), Some(Size::Cut));
        assert!(!skip_line(&mut reader, 1_000_000).unwrap());
    }
}
