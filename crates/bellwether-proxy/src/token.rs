use std::fmt;

use serde::{Deserialize, Deserializer, de::Error as _};

/// The shortest token in bytes: shorter ones can be guessed.
const LENGTH_MIN: usize = 16;
/// The longest token in bytes.
const LENGTH_MAX: usize = 1_024;

/// The secret that opens an admin port on loopback.
///
/// It is never printed and never written: `Debug` hides it and there is no `Serialize`.
///
/// # Example: a token does not show itself
/// ```
/// use bellwether_proxy::Token;
///
/// let token = Token::new("a secret of some length")?;
/// assert_eq!(format!("{token:?}"), "Token(..)");
/// # Ok::<(), bellwether_proxy::TokenError>(())
/// ```
#[derive(Clone, Eq)]
pub struct Token(String);

/// Tells why a text is not a [`Token`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected a token of {LENGTH_MIN} to {LENGTH_MAX} printable ASCII characters, found {found}")]
pub struct TokenError {
    found: &'static str,
}

impl Token {
    /// Checks a token: 16 to 1,024 characters that a header can carry.
    ///
    /// # Errors
    /// Too short, too long, or other characters than printable ASCII. The error does not repeat the text.
    pub fn new(text: impl Into<String>) -> Result<Self, TokenError> {
        let text = text.into();
        if text.len() < LENGTH_MIN {
            return Err(TokenError { found: "a shorter one" });
        }
        if text.len() > LENGTH_MAX {
            return Err(TokenError { found: "a longer one" });
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
            return Err(TokenError { found: "another character" });
        }
        Ok(Self(text))
    }

    /// The value of the `authorization` header that carries it.
    pub(crate) fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// Whether a header carries it.
    pub(crate) fn opens(&self, header: &[u8]) -> bool {
        header.strip_prefix(b"Bearer ").is_some_and(|found| same(self.0.as_bytes(), found))
    }
}

/// Compares to the end whatever differs, so that the time says nothing about where it does.
fn same(left: &[u8], right: &[u8]) -> bool {
    let differences = left.iter().zip(right).fold(0, |differences, (left, right)| differences | (left ^ right));
    left.len() == right.len() && std::hint::black_box(differences) == 0
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        same(self.0.as_bytes(), other.0.as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(..)")
    }
}

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_opens() {
        let token = Token::new("0123456789abcdef").unwrap();
        assert!(token.opens(b"Bearer 0123456789abcdef"));
        for header in
            ["Bearer 0123456789abcdeg", "Bearer 0123456789abcde", "Bearer 0123456789abcdef0", "0123456789abcdef", ""]
        {
            assert!(!token.opens(header.as_bytes()), "{header:?} opened");
        }
    }

    #[test]
    fn what_is_refused_as_a_token_is_not_repeated() {
        for text in ["tiny-secret", "0123456789abcdef\n", &"x".repeat(1_025)] {
            let error = Token::new(text).unwrap_err().to_string();
            assert!(error.starts_with("expected a token of 16 to 1024 ") && !error.contains(text), "{error}");
        }
    }
}
