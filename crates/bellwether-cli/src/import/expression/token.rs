use super::Comparison;

/// A word of a condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// The measurement, or the field of it whose path follows.
    Result(String),
    Number(f64),
    Flag(bool),
    Comparison(Comparison),
    And,
    Or,
    Not,
    Open,
    Close,
    /// A function that makes a number of a text and changes nothing else.
    AsNumber,
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: [(&str, Token); 11] = [
    ("<=", Token::Comparison(Comparison::AtMost)),
    (">=", Token::Comparison(Comparison::AtLeast)),
    ("==", Token::Comparison(Comparison::Equal)),
    ("!=", Token::Comparison(Comparison::Different)),
    ("&&", Token::And),
    ("||", Token::Or),
    ("<", Token::Comparison(Comparison::Less)),
    (">", Token::Comparison(Comparison::More)),
    ("!", Token::Not),
    ("(", Token::Open),
    (")", Token::Close),
];

/// The words of a condition; none where one of them has no meaning here.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut rest = text.trim_start();
    let mut tokens = Vec::new();
    while !rest.is_empty() {
        let (token, after) = sign(rest).or_else(|| number(rest)).or_else(|| word(rest))?;
        tokens.push(token);
        rest = after.trim_start();
    }
    Some(tokens)
}

fn sign(text: &str) -> Option<(Token, &str)> {
    SIGNS.iter().find_map(|(sign, token)| Some((token.clone(), text.strip_prefix(sign)?)))
}

fn number(text: &str) -> Option<(Token, &str)> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if !unsigned.starts_with(|sign: char| sign.is_ascii_digit() || sign == '.') {
        return None;
    }
    let mut before = ' ';
    let end = unsigned.find(|sign: char| {
        let is_exponent = matches!(before, 'e' | 'E') && matches!(sign, '-' | '+');
        before = sign;
        !is_exponent && !sign.is_ascii_alphanumeric() && !matches!(sign, '.' | '_')
    });
    let (digits, after) = unsigned.split_at_checked(end.unwrap_or(unsigned.len()))?;
    let known = |sign: char| sign.is_ascii_digit() || matches!(sign, '.' | 'e' | 'E' | '-' | '+');
    let size = digits.parse::<f64>().ok().filter(|size| size.is_finite() && digits.chars().all(known))?;
    Some((Token::Number(if unsigned.len() < text.len() { -size } else { size }), after))
}

fn word(text: &str) -> Option<(Token, &str)> {
    let end = text.find(|sign: char| !sign.is_ascii_alphanumeric() && !matches!(sign, '_' | '.')).unwrap_or(text.len());
    let (word, after) = text.split_at_checked(end)?;
    let token = match word {
        "true" => Token::Flag(true),
        "false" => Token::Flag(false),
        "and" => Token::And,
        "or" => Token::Or,
        "not" => Token::Not,
        "asFloat" | "asInt" | "float" => Token::AsNumber,
        word => return result(word, after),
    };
    Some((token, after))
}

/// `result`, its first entry, or a field of it. Prometheus answers with a list, of which conditions look at the first entry.
fn result<'a>(word: &str, after: &'a str) -> Option<(Token, &'a str)> {
    let path = word.strip_prefix("result")?;
    let names = |path: &str| path.strip_prefix('.').is_some_and(|names| names.split('.').all(|name| !name.is_empty()));
    let after = after.strip_prefix("[0]").filter(|_| path.is_empty()).unwrap_or(after);
    let is_known = (path.is_empty() || names(path)) && !after.starts_with(['[', '.']);
    is_known.then(|| (Token::Result(path.to_owned()), after))
}
