use std::fmt;

/// The longest text of an error in bytes: what another system answers is not copied into a journal at any length.
const TEXT_MAX: usize = 256;

/// Tells why a port did not do what it was asked. Three kinds, because callers do three things with it.
///
/// # Example: what a driver does with each
/// ```
/// use bellwether_port::PortError;
///
/// let error = PortError::transient("connection refused");
/// assert!(error.is_transient(), "asked again in the next round");
/// assert_eq!(error.to_string(), "transient: connection refused");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PortError {
    /// It may work next time: ask again. Whether it had its effect is unknown.
    #[error("transient: {0}")]
    Transient(String),
    /// It will not work next time either: tell somebody. It had no effect.
    #[error("refused: {0}")]
    Refused(String),
    /// Somebody with a higher fence owns the rollout: stop at once. It had no effect.
    #[error("superseded: somebody else owns the rollout now")]
    Superseded,
}

impl PortError {
    /// An error after which asking again makes sense. A text of more than 256 bytes is cut.
    #[must_use]
    pub fn transient(text: impl fmt::Display) -> Self {
        Self::Transient(cut(&text))
    }

    /// An error that stays. A text of more than 256 bytes is cut.
    #[must_use]
    pub fn refused(text: impl fmt::Display) -> Self {
        Self::Refused(cut(&text))
    }

    /// Whether asking again makes sense.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Transient(_))
    }

    /// Whether somebody else owns the rollout now.
    #[must_use]
    pub const fn is_superseded(&self) -> bool {
        matches!(self, Self::Superseded)
    }
}

pub(crate) fn cut(text: &dyn fmt::Display) -> String {
    let mut text = text.to_string();
    let fits = (0..=TEXT_MAX.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.truncate(fits);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_two_characters() {
        let PortError::Refused(text) = PortError::refused("ä".repeat(200) + "b") else { panic!("it is refused") };
        assert_eq!(text.len(), 256);
        let PortError::Transient(text) = PortError::transient("x".to_owned() + &"ä".repeat(200)) else {
            panic!("it is transient")
        };
        assert_eq!(text.len(), 255);
    }
}
