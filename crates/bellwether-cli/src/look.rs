use std::{ffi::OsString, io::IsTerminal};

use bellwether_core::{Figure, Finding, Severity};

use crate::{
    command::{Colour, Options},
    fault::one_line,
};

/// How texts look: coloured or not, in short or with everything.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Look {
    coloured: bool,
    /// Whether the whole tree of reasons is shown.
    pub(crate) explain: bool,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    /// What was decided.
    Outcome,
    /// What went wrong.
    Critical,
    /// What somebody should look at.
    Warning,
    /// What explains.
    Quiet,
}

impl Look {
    /// How text looks on a stream.
    pub(crate) fn on(stream: &impl IsTerminal, options: Options) -> Self {
        let terminal = Terminal {
            is_one: stream.is_terminal(),
            no_color: std::env::var_os("NO_COLOR"),
            kind: std::env::var_os("TERM"),
        };
        Self { coloured: terminal.shows_colour(options.color), explain: options.explain }
    }

    /// The text in the colour of its role. It may hold words of the input: no escape sequence of theirs gets through.
    pub(crate) fn paint(&self, role: Role, text: &str) -> String {
        let text = one_line(text);
        if !self.coloured {
            return text;
        }
        let code = match role {
            Role::Outcome => "1",
            Role::Critical => "1;31",
            Role::Warning => "33",
            Role::Quiet => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// A whole answer, in which nothing of the input is obeyed that came past [`Look::paint`].
    pub(crate) fn safe(&self, text: &str) -> String {
        let is_ours = |sign: char| sign == '\n' || (self.coloured && sign == '\u{1b}');
        text.split_inclusive(is_ours).fold(String::with_capacity(text.len()), |mut safe, part| {
            let ours = part.chars().next_back().filter(|sign| is_ours(*sign));
            safe += &one_line(part.strip_suffix(is_ours).unwrap_or(part));
            safe.extend(ours);
            safe
        })
    }

    /// One line for a finding; with everything asked for, a line more for each figure.
    pub(crate) fn finding(&self, finding: &Finding) -> String {
        let role = match finding.severity {
            Severity::Info => Role::Quiet,
            Severity::Warning => Role::Warning,
            Severity::Critical => Role::Critical,
        };
        let head = self.paint(role, &finding.severity.to_string());
        let flip = finding.rendered_flip().map(|flip| format!(" (would change: {flip})")).unwrap_or_default();
        // The figures hold words of the input: no line end and no escape sequence of it reaches a terminal.
        let line = format!("{head} {}", one_line(&format!("{}: {}{flip}", finding.rule, finding.rendered())));
        if !self.explain {
            return line;
        }
        let figure = |figure: &Figure| one_line(&format!("{} = {}", figure.name, figure.value));
        line + &finding.figures.iter().map(|it| format!("\n      {}", figure(it))).collect::<String>()
    }

    /// The findings, each on its own line and a little to the right.
    pub(crate) fn findings<'a>(&self, findings: impl IntoIterator<Item = &'a Finding>) -> String {
        findings.into_iter().map(|finding| format!("\n  {}", self.finding(finding))).collect()
    }
}

/// What a stream and its surroundings say about colour.
struct Terminal {
    is_one: bool,
    no_color: Option<OsString>,
    kind: Option<OsString>,
}

impl Terminal {
    /// By <https://no-color.org>: a `NO_COLOR` that is not empty forbids colour, an explicit option outranks it.
    fn shows_colour(&self, wanted: Colour) -> bool {
        match wanted {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => {
                let is_forbidden = self.no_color.as_ref().is_some_and(|value| !value.is_empty());
                self.is_one && !is_forbidden && self.kind.as_ref().is_none_or(|kind| kind != "dumb")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_needs_a_terminal_and_nobody_against_it() {
        let shows = |is_one, no_color: Option<&str>, kind: &str| {
            let terminal = Terminal { is_one, no_color: no_color.map(Into::into), kind: Some(kind.into()) };
            [Colour::Auto, Colour::Always, Colour::Never].map(|wanted| terminal.shows_colour(wanted))
        };
        assert_eq!(shows(true, None, "xterm"), [true, true, false]);
        assert_eq!(shows(true, Some(""), "xterm"), [true, true, false], "an empty NO_COLOR says nothing");
        assert_eq!(shows(true, Some("1"), "xterm"), [false, true, false]);
        assert_eq!(shows(true, None, "dumb"), [false, true, false]);
        assert_eq!(shows(false, None, "xterm"), [false, true, false]);
    }

    #[test]
    fn an_escape_sequence_of_the_input_does_not_reach_the_terminal() {
        let look = Look { coloured: false, explain: true };
        let finding = Finding::warning("path.unmatched", "no rule knows {path}").figure("path", "a\u{1b}[2Jb\nc");
        let text = look.finding(&finding) + &look.paint(Role::Outcome, "\u{1b}[2J");
        assert!(!text.contains('\u{1b}'), "{text:?}");
        assert_eq!(text.matches('\n').count(), 1, "only the figure begins a line: {text:?}");
    }
}
