use std::io::{self, BufRead, Read};

/// Whether a line was short enough to be kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Size {
    /// All of it.
    Whole,
    /// Only its beginning.
    Cut,
}

/// Reads a line, its end left out. Of one that is too long only the beginning is kept, and the rest is passed over.
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
    reader.skip_until(b'\n')?;
    Ok(Some(Size::Cut))
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
                Size::Cut => "cut".to_owned(),
            });
        }
        assert_eq!(seen, ["short", "cut", "cut", "cut", "last"]);
    }
}
