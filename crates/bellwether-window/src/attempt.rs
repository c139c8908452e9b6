use bellwether_core::{ActorName, Time};
use serde::{Deserialize, Serialize};

/// Who wants to move, and which way: what a calendar is asked about beside the time.
///
/// # Example: going back is never stopped
/// ```
/// use bellwether_core::Time;
/// use bellwether_window::{Attempt, Calendar, CalendarDraft, Effect, State};
///
/// let calendar = Calendar::new(CalendarDraft::new("frozen", "UTC", Effect::Closed))?;
/// let now: Time = "2026-12-24T20:00:00Z".parse()?;
/// assert_eq!(calendar.ask(&Attempt::forward(), now).outcome, State::Closed);
/// assert_eq!(calendar.ask(&Attempt::back(), now).outcome, State::Open);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(default, deny_unknown_fields)]
pub struct Attempt {
    /// Which way.
    pub direction: Direction,
    /// The class of the change, such as `security_fix`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Who made the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<ActorName>,
    /// The recorded leave to pass in spite of the calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granted: Option<Override>,
}

impl Attempt {
    /// Somebody wants to go forward.
    #[must_use]
    pub fn forward() -> Self {
        Self::default()
    }

    /// Somebody wants to go back.
    #[must_use]
    pub fn back() -> Self {
        Self { direction: Direction::Back, ..Self::default() }
    }

    /// Sets the class of the change.
    #[must_use]
    pub fn with_class(mut self, class: impl Into<String>) -> Self {
        self.class = Some(class.into());
        self
    }

    /// Sets who made the change.
    #[must_use]
    pub fn with_author(mut self, author: ActorName) -> Self {
        self.author = Some(author);
        self
    }

    /// Sets the recorded leave to pass.
    #[must_use]
    pub fn with_granted(mut self, granted: Override) -> Self {
        self.granted = Some(granted);
        self
    }
}

/// Which way a rollout wants to move.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To more of the candidate: asked of the calendar.
    #[default]
    Forward,
    /// To less of it: never held by a calendar.
    Back,
}

/// The recorded leave to pass in spite of a calendar: who gave it, why, and until when it holds.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// Who gave it; not the author of the change.
    pub by: ActorName,
    /// Why.
    pub reason: String,
    /// When it begins to hold.
    pub from: Time,
    /// When it no longer holds.
    pub until: Time,
}

impl Override {
    /// A leave that somebody gave for a time.
    #[must_use]
    pub fn new(by: ActorName, reason: impl Into<String>, from: Time, until: Time) -> Self {
        Self { by, reason: reason.into(), from, until }
    }
}
