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
