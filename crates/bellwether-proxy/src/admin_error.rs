use std::fmt;

use hyper::StatusCode;
use serde::Serialize;

use crate::control::ApplyError;

/// The longest text that is repeated from a caller's input.
const FOUND_MAX: usize = 80;

/// Tells a caller of the admin interface why it got no answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum AdminError {
    #[error(transparent)]
    Apply(#[from] ApplyError),
    #[error("expected `authorization: Bearer` with the token of this proxy")]
    Unauthorized,
    #[error("expected /route, /intervals or /status")]
    NotFound,
    #[error("expected {allowed}")]
    Method { allowed: &'static str },
    #[error("{message}")]
    Query { name: String, message: String },
    #[error("{message}")]
    Json { at: String, message: String },
    #[error("expected a body of at most {limit} bytes")]
    TooLarge { limit: usize },
    #[error("expected the body within some seconds")]
    Slow,
    #[error("expected the whole body, found a part of it")]
    Broken,
    #[error("{message}")]
    Internal { message: String },
}

/// The written form, as the command's.
#[derive(Serialize)]
struct Written<'a> {
    error: WrittenError<'a>,
}

#[derive(Serialize)]
struct WrittenError<'a> {
    kind: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
}

impl AdminError {
    /// A parameter that is not understood.
    pub(crate) fn query(name: &str, message: impl fmt::Display) -> Self {
        Self::Query { name: name.chars().take(FOUND_MAX).collect(), message: message.to_string() }
    }

    /// A body that is not understood.
    pub(crate) fn json(error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        // A `.` is the whole body, a `?` is a place that the text breaks off before.
        let path = error.path().to_string();
        let path = path.trim_end_matches(['.', '?']);
        let at = if path.is_empty() { "$".to_owned() } else { format!("$.{path}") };
        Self::Json { at, message: error.inner().to_string() }
    }

    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Apply(ApplyError::Superseded { .. }) => StatusCode::CONFLICT,
            Self::Apply(ApplyError::Unsupported(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Query { .. } | Self::Json { .. } | Self::Broken => StatusCode::BAD_REQUEST,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(crate) const fn allowed(&self) -> Option<&'static str> {
        if let Self::Method { allowed } = self { Some(allowed) } else { None }
    }

    pub(crate) fn to_json(&self) -> Vec<u8> {
        let error = WrittenError { kind: self.kind(), message: self.to_string(), at: self.at() };
        serde_json::to_vec(&Written { error }).unwrap_or_default()
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Apply(ApplyError::Superseded { .. }) => "superseded",
            Self::Apply(ApplyError::Unsupported(_)) => "unsupported",
            Self::Unauthorized => "unauthorized",
            Self::NotFound => "not_found",
            Self::Method { .. } => "method",
            Self::Query { .. } | Self::Json { .. } | Self::TooLarge { .. } | Self::Slow | Self::Broken => "input",
            Self::Internal { .. } => "internal",
        }
    }

    fn at(&self) -> Option<String> {
        match self {
            Self::Apply(ApplyError::Superseded { .. }) => Some("$.fence".to_owned()),
            Self::Apply(ApplyError::Unsupported(_)) => Some("$.route".to_owned()),
            Self::Query { name, .. } => Some(format!("?{name}")),
            Self::Json { at, .. } => Some(at.clone()),
            Self::Unauthorized
            | Self::NotFound
            | Self::Method { .. }
            | Self::TooLarge { .. }
            | Self::Slow
            | Self::Broken
            | Self::Internal { .. } => None,
        }
    }
}
