use bellwether_core::{Duration, Fence, Time};

/// What a port saw of the world, and how old that may be.
///
/// # Example: from when on a route was in force
/// ```
/// use bellwether_core::{Duration, Route, Time};
/// use bellwether_port::Observed;
///
/// let asked: Time = "2026-03-02T10:00:00Z".parse()?;
/// let observed = Observed::new(Route::STABLE, asked).with_staleness(Duration::from_seconds(2));
/// assert_eq!(observed.as_of().to_string(), "2026-03-02T09:59:58.000Z");
/// # Ok::<(), bellwether_core::ParseTimeError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Observed<T> {
    /// What was seen.
    pub value: T,
    /// When the question was asked, by our clock: before the answer, so that it is never newer than the value.
    pub issued_at: Time,
    /// How old the value may have been then: a cache, a refresh interval. Zero when the system itself was asked.
    pub staleness: Duration,
    /// The fence of the last command that was carried out; absent when the system keeps none.
    pub applied: Option<Fence>,
}

impl<T> Observed<T> {
    /// A value that the system itself gave when it was asked at that time.
    #[must_use]
    pub const fn new(value: T, issued_at: Time) -> Self {
        Self { value, issued_at, staleness: Duration::ZERO, applied: None }
    }

    /// Sets how old the value may have been.
    #[must_use]
    pub const fn with_staleness(mut self, staleness: Duration) -> Self {
        self.staleness = staleness;
        self
    }

    /// Sets the fence of the last command that was carried out.
    #[must_use]
    pub const fn with_applied(mut self, applied: Option<Fence>) -> Self {
        self.applied = applied;
        self
    }

    /// The instant from which on the world surely looked like this: what was commanded later may not be in it.
    #[must_use]
    pub const fn as_of(&self) -> Time {
        self.issued_at.before(self.staleness)
    }
}
