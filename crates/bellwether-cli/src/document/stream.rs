//! A stream of YAML documents, cut where one ends and the next begins.

/// One document of a stream, as it is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Part<'a> {
    /// How many lines of the stream stand before it.
    pub(super) lines_before: usize,
    /// Its text, with the marker that begins it.
    pub(super) text: &'a str,
}

/// The documents of a stream; a stream without a marker is one document.
///
/// By YAML 1.2.2 (rule 206, `c-forbidden`) a line that begins with `---` or `...` and a space is a marker wherever it stands,
/// in a quoted or a literal text too, so that nothing of the text before has to be understood.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut begin, mut has_content) = (0, false);
    for (at, line) in lines(text) {
        if has_content && is_marker(line, "---") {
            parts.push(begin..at);
            begin = at;
        } else if is_marker(line, "...") {
            let end = at.saturating_add(line.len());
            parts.push(begin..end);
            (begin, has_content) = (end, false);
            continue;
        }
        has_content |= is_marker(line, "---") || is_content(line);
    }
    if has_content || parts.is_empty() {
        parts.push(begin..text.len());
    }
    let part = |range: std::ops::Range<usize>| Part {
        lines_before: breaks(text.get(..range.start).unwrap_or_default()),
        text: text.get(range).unwrap_or_default(),
    };
    parts.into_iter().map(part).collect()
}

impl<'a> Part<'a> {
    /// A text that is one document.
    pub(super) const fn whole(text: &'a str) -> Self {
        Self { lines_before: 0, text }
    }

    /// The line of the stream with which it begins, from 1.
    pub(super) const fn first_line(&self) -> usize {
        self.lines_before.saturating_add(1)
    }

    /// Whether it holds nothing but its markers and comments.
    pub(super) fn is_empty(&self) -> bool {
        lines(self.text).all(|(_, line)| {
            let rest = line.strip_prefix("---").filter(|_| is_marker(line, "---")).unwrap_or(line);
            !is_content(rest.trim_start()) || is_marker(line, "...")
        })
    }
}

/// The lines with their places; a carriage return alone ends one too.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive(['\n', '\r']).scan(0_usize, |next, line| {
        let at = *next;
        *next = next.saturating_add(line.len());
        Some((at, line))
    })
}

fn breaks(text: &str) -> usize {
    text.matches(['\n', '\r']).count().saturating_sub(text.matches("\r\n").count())
}

fn is_marker(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// Whether a line is more than blank, a comment or a directive.
fn is_content(line: &str) -> bool {
    let text = line.trim();
    !text.is_empty() && !text.starts_with('#') && !line.starts_with('%')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(text: &str) -> Vec<(usize, &str)> {
        parts(text).into_iter().map(|part| (part.lines_before, part.text)).collect()
    }

    #[test]
    fn a_stream_is_cut_at_its_markers_and_nowhere_else() {
        assert_eq!(cut("a: 1\n"), [(0, "a: 1\n")]);
        assert_eq!(cut("---\na: 1\n"), [(0, "---\na: 1\n")]);
        assert_eq!(cut("%YAML 1.2\n# why\n---\na: 1\n"), [(0, "%YAML 1.2\n# why\n---\na: 1\n")]);
        assert_eq!(cut("a: 1\n---\nb: 2"), [(0, "a: 1\n"), (1, "---\nb: 2")]);
        assert_eq!(cut("a: 1\r\n--- {b: 2}\r\n"), [(0, "a: 1\r\n"), (1, "--- {b: 2}\r\n")]);
        assert_eq!(cut("a: 1\n...\n# rest\n"), [(0, "a: 1\n...\n")]);
        assert_eq!(cut("a: 1\n...\nb: 2\n"), [(0, "a: 1\n...\n"), (2, "b: 2\n")]);
        assert_eq!(cut("a: |\n  ---\n ---\n----\n---b\n"), [(0, "a: |\n  ---\n ---\n----\n---b\n")]);
        assert_eq!(cut("a: 1\r---\rb: 2"), [(0, "a: 1\r"), (1, "---\rb: 2")]);
        assert_eq!(cut(""), [(0, "")]);
    }

    #[test]
    fn a_part_of_markers_and_comments_is_empty() {
        let empty = |text| parts(text).iter().map(Part::is_empty).collect::<Vec<_>>();
        assert_eq!(empty("---\n# nothing\n--- # nothing\n...\n---\na: 1"), [true, true, false]);
        assert_eq!(empty("--- 1\n"), [false]);
        assert_eq!(empty("# nothing"), [true]);
    }

    proptest! {
        /// The parser itself is the reference: it finds as many documents, and refuses the same streams.
        #[test]
        fn the_parser_finds_the_same_documents(lines in prop::collection::vec(
            prop::sample::select(vec!["---", "...", "a: 1", "- b", "# c", "", "--- 2", " ---", "---d", "\"e", "f\"", "k: |", "  l"]), 0..9,
        )) {
            let text = lines.join("\n");
            let options = serde_saphyr::options! { with_snippet: false };
            let whole = serde_saphyr::from_str_multiple_with_options::<serde_json::Value, Vec<_>>(&text, options.clone());
            let cut: Result<Vec<Vec<serde_json::Value>>, _> = parts(&text)
                .iter()
                .map(|part| serde_saphyr::from_str_multiple_with_options(part.text, options.clone()))
                .collect();
            match (whole, cut) {
                (Ok(whole), Ok(cut)) => {
                    prop_assert!(cut.iter().all(|documents| documents.len() <= 1), "{text:?} {cut:?}");
                    prop_assert_eq!(cut.concat(), whole, "{:?}", text);
                }
                (Err(_), Err(_)) => {}
                (whole, cut) => prop_assert!(false, "{text:?}: {whole:?}, cut {cut:?}"),
            }
        }
    }
}
