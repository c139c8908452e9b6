use crate::{complaint::Complaint, fault::cut};

/// A content line of an iCalendar file (RFC 5545, 3.1), unfolded: `DTSTART;TZID=Europe/Berlin:20260306T150000`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Line {
    /// In capitals.
    pub(super) name: String,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) value: String,
}

/// A part of the file between its `BEGIN` and its `END`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Component {
    /// In capitals.
    pub(super) name: String,
    pub(super) lines: Vec<Line>,
    pub(super) components: Vec<Component>,
}

/// How deep components may be nested: events within a calendar, alarms within events.
const DEPTH_MAX: usize = 8;

impl Component {
    /// Reads a file that is one calendar from its first line to its last.
    pub(super) fn read(text: &str) -> Result<Self, Complaint> {
        let mut open: Vec<Self> = vec![Self::default()];
        for (number, text) in unfolded(text) {
            let line = Line::read(&text).ok_or_else(|| broken(number, &format!("\"{}\"", cut(&text))))?;
            let value = line.value.to_ascii_uppercase();
            match line.name.as_str() {
                "BEGIN" if open.len() > DEPTH_MAX => return Err(broken(number, "more components within each other")),
                "BEGIN" => open.push(Self { name: value, ..Self::default() }),
                "END" => close(&mut open, &value).ok_or_else(|| broken(number, &format!("\"END:{}\"", cut(&value))))?,
                _ if open.len() == 1 => return Err(broken(number, &format!("\"{}\"", cut(&text)))),
                _ => open.last_mut().map(|component| component.lines.push(line)).unwrap_or_default(),
            }
        }
        let whole = |file: Self| -> Option<Self> {
            let mut components = file.components.into_iter().filter(|component| component.name == "VCALENDAR");
            components.next().filter(|_| components.next().is_none())
        };
        match (open.pop(), open.is_empty()) {
            (Some(unclosed), false) => Err(ends_early(&unclosed.name)),
            (file, _) => file.and_then(whole).ok_or_else(|| wrong("one calendar", "none or several")),
        }
    }

    /// The first line of a name.
    pub(super) fn line(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == name)
    }

    /// The text of the first line of a name, where it says anything.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        Some(unescaped(&self.line(name)?.value).trim().to_owned()).filter(|text| !text.is_empty())
    }
}

/// Ends the innermost component; none when another one is open.
fn close(open: &mut Vec<Component>, name: &str) -> Option<()> {
    if open.len() < 2 || open.last()?.name != name {
        return None;
    }
    let done = open.pop()?;
    open.last_mut()?.components.push(done);
    Some(())
}

impl Line {
    /// Reads a name, its parameters and what follows the first colon that is not within quotes.
    fn read(text: &str) -> Option<Self> {
        let mut is_quoted = false;
        let end = text.find(|sign: char| {
            is_quoted ^= sign == '"';
            sign == ':' && !is_quoted
        })?;
        let (head, value) = text.split_at_checked(end)?;
        let mut parts = split_unquoted(head).into_iter();
        let name = parts.next().filter(|name| !name.is_empty() && name.bytes().all(is_name))?.to_ascii_uppercase();
        let parameters: Option<Vec<(String, String)>> = parts
            .map(|part| {
                let (key, value) = part.split_once('=')?;
                Some((key.to_ascii_uppercase(), value.trim_matches('"').to_owned()))
            })
            .collect();
        Some(Self { name, parameters: parameters?, value: value.strip_prefix(':')?.to_owned() })
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// The parts between semicolons that are not within quotes.
fn split_unquoted(text: &str) -> Vec<&str> {
    let mut is_quoted = false;
    text.split(|sign: char| {
        is_quoted ^= sign == '"';
        sign == ';' && !is_quoted
    })
    .collect()
}

/// The lines with those that begin with a space put behind the one before, each with the number of its first; empty ones
/// left out.
fn unfolded(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (line, number) in text.split('\n').zip(1..) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, last))) => last.push_str(rest),
            (_, _) if line.trim().is_empty() => {}
            (_, _) => lines.push((number, line.to_owned())),
        }
    }
    lines
}

/// A text as it is meant: `\,` is a comma and `\n` a new line.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match (sign, sign == '\\') {
            (_, true) => match signs.next() {
                Some('n' | 'N') => plain.push('\n'),
                Some(escaped) => plain.push(escaped),
                None => plain.push('\\'),
            },
            (sign, false) => plain.push(sign),
        }
    }
    plain
}

fn broken(line: usize, found: &str) -> Complaint {
    wrong("an iCalendar file (RFC 5545)", &format!("{found} at line {line}"))
}

fn ends_early(name: &str) -> Complaint {
    wrong("an iCalendar file (RFC 5545)", &format!("one that ends before END:{}", cut(name)))
}

fn wrong(expected: &str, found: &str) -> Complaint {
    Complaint::new("syntax", "", format_args!("expected {expected}, found {found}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Lines of RFC 5545: 3.1, 3.2 and 3.3.11.
    #[test]
    fn reads_the_lines_of_the_standard() {
        let line = Line::read("ATTENDEE;RSVP=TRUE;CN=\"Doe; Jane: CEO\":mailto:jsmith@example.com").unwrap();
        assert_eq!((line.name.as_str(), line.value.as_str()), ("ATTENDEE", "mailto:jsmith@example.com"));
        assert_eq!((line.parameter("RSVP"), line.parameter("CN")), (Some("TRUE"), Some("Doe; Jane: CEO")));
        assert_eq!(
            unescaped("Project XYZ Final Review\\nConference Room - 3B\\, \\;"),
            "Project XYZ Final Review\nConference Room - 3B, ;"
        );
        let folded = "DESCRIPTION:This is a lo\r\n ng description\r\n  that exists on a long line.\r\n";
        assert_eq!(
            unfolded(folded),
            [(1, "DESCRIPTION:This is a long description that exists on a long line.".to_owned())]
        );
        for text in ["", "no colon", ":value", "NA ME:x", "A;b:c", "A;\"b=c:d"] {
            assert_eq!(Line::read(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_file_or_refused(text in "((BEGIN|END|A)(;B=C)?:(VCALENDAR|VEVENT|x)?\r?\n ?){0,8}|\\PC{0,40}") {
            let _ = Component::read(&text);
        }
    }
}
