use bellwether_core::{Duration, Time};

const FIRST: Duration = Duration::from_seconds(1);
const LONGEST: Duration = Duration::from_seconds(30);

/// When something that failed is tried again: after 1 s, then twice as long each time, at most 30 s, for ever.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backoff {
    delay: Duration,
    next: Option<Time>,
}

impl Backoff {
    /// Whether it may be tried now.
    pub(crate) fn is_over(&self, now: Time) -> bool {
        self.next.is_none_or(|next| next <= now)
    }

    /// When it may be tried, if it must be waited for.
    pub(crate) const fn next(&self) -> Option<Time> {
        self.next
    }

    pub(crate) fn failed(&mut self, now: Time) {
        self.delay = self.delay.saturating_mul(2).clamp(FIRST, LONGEST);
        self.next = Some(now.after(self.delay));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bounds of the fault table: "reconnect 1 -> 30 s backoff".
    #[test]
    fn it_waits_from_one_second_up_to_thirty_and_never_gives_up() {
        let mut backoff = Backoff::default();
        let now = Time::default();
        assert!(backoff.is_over(now));
        let waits = [(); 7].map(|()| {
            backoff.failed(now);
            backoff.next().unwrap().since(now).as_millis() / 1_000
        });
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
    }
}
