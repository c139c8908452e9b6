/// The header of a conventional commit: `type(scope)!: description`.
///
/// Follows <https://www.conventionalcommits.org/en/v1.0.0/>.
///
/// # Example: the parts of a header
/// ```
/// use bellwether_risk::Header;
///
/// let header = Header::parse("feat(api)!: send an email\n\nbody").ok_or("no header")?;
/// assert_eq!((header.kind, header.scope, header.has_mark), ("feat", Some("api"), true));
/// assert_eq!(header.description, "send an email");
/// assert_eq!(Header::parse("Merge branch 'main'"), None);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Header<'a> {
    /// The type, such as `feat` or `fix`, as it is written; compare it without case.
    pub kind: &'a str,
    /// What the change is about.
    pub scope: Option<&'a str>,
    /// Whether a `!` stands before the colon.
    pub has_mark: bool,
    /// What the change does.
    pub description: &'a str,
}

impl<'a> Header<'a> {
    /// Reads the first line of a message; none when it is not written so.
    #[must_use]
    pub fn parse(message: &'a str) -> Option<Self> {
        let line = message.lines().next()?;
        let (prefix, description) = line.split_once(": ")?;
        let (prefix, has_mark) = prefix.strip_suffix('!').map_or((prefix, false), |prefix| (prefix, true));
        let (kind, scope) = match prefix.split_once('(') {
            Some((kind, rest)) => (kind, Some(rest.strip_suffix(')').filter(|scope| is_word(scope))?)),
            None => (prefix, None),
        };
        let description = description.trim();
        (is_word(kind) && !description.is_empty()).then_some(Self { kind, scope, has_mark, description })
    }
}

/// Whether a commit says that it breaks something: a `!` in its header, or a line that begins with `BREAKING CHANGE: ` or
/// `BREAKING-CHANGE: `, in capitals as the convention asks.
///
/// The footer counts in any message, also below a header that follows no convention: who writes it means it.
///
/// # Example: both ways to say it
/// ```
/// use bellwether_risk::is_breaking;
///
/// assert!(is_breaking("feat!: drop the old endpoint"));
/// assert!(is_breaking("feat: endpoint\n\nBREAKING CHANGE: the old one is gone"));
/// assert!(!is_breaking("docs: explain what a breaking change is"));
/// ```
#[must_use]
pub fn is_breaking(message: &str) -> bool {
    let has_footer = || {
        message.lines().any(|line| {
            ["BREAKING CHANGE", "BREAKING-CHANGE"].iter().any(|token| {
                line.strip_prefix(token).is_some_and(|rest| rest.starts_with(": ") || rest.starts_with(" #"))
            })
        })
    };
    Header::parse(message).is_some_and(|header| header.has_mark) || has_footer()
}

/// A type or a scope: no space and none of the signs that the header gives a meaning.
fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(|sign: char| sign.is_whitespace() || "()!:".contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the specification, version 1.0.0, in its order: message, type, scope, breaking.
    #[test]
    fn reads_the_examples_of_the_specification() {
        let examples = [
            (
                "feat: allow provided config object to extend other configs\n\nBREAKING CHANGE: `extends` key in config \
                 file is now used for extending other config files",
                ("feat", None, true),
            ),
            ("feat!: send an email to the customer when a product is shipped", ("feat", None, true)),
            ("feat(api)!: send an email to the customer when a product is shipped", ("feat", Some("api"), true)),
            (
                "chore!: drop support for Node 6\n\nBREAKING CHANGE: use JavaScript features not available in Node 6.",
                ("chore", None, true),
            ),
            ("docs: correct spelling of CHANGELOG", ("docs", None, false)),
            ("feat(lang): add Polish language", ("feat", Some("lang"), false)),
            (
                "fix: prevent racing of requests\n\nIntroduce a request id and a reference to latest request. Dismiss\n\
                 incoming responses other than from latest request.\n\nRemove timeouts which were used to \
                 mitigate the racing issue but are\nobsolete now.\n\nReviewed-by: Z\nRefs: #123",
                ("fix", None, false),
            ),
        ];
        for (message, expected) in examples {
            let header = Header::parse(message).unwrap();
            assert_eq!((header.kind, header.scope, is_breaking(message)), expected, "{message}");
        }
    }

    /// Rule 16: "BREAKING-CHANGE MUST be synonymous with BREAKING CHANGE, when used as a token in a footer."
    #[test]
    fn a_hyphen_breaks_as_well() {
        assert!(is_breaking("fix: a\n\nBREAKING-CHANGE: b"));
        assert!(is_breaking("Merge branch 'next'\n\nBREAKING CHANGE: b"));
    }

    /// Rule 15: "... with the exception of BREAKING CHANGE which MUST be uppercase."
    #[test]
    fn only_capitals_at_the_start_of_a_line_break() {
        for message in ["fix: a\n\nbreaking change: b", "fix: a\n\nno BREAKING CHANGE: b", "fix: BREAKING CHANGE"] {
            assert!(!is_breaking(message), "{message:?}");
        }
    }

    #[test]
    fn refuses_what_is_no_header() {
        for message in [
            "",
            "fix",
            "fix:a",
            "fix: ",
            ": a",
            "fix (a): b",
            "fix(a: b",
            "fix(): b",
            "fix(a)b: c",
            "(a): b",
            "!: a",
            "fix!!: a",
            "Merge pull request: x",
            "\nfix: a",
        ] {
            assert_eq!(Header::parse(message), None, "{message:?}");
        }
    }
}
