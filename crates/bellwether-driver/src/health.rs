use std::collections::BTreeMap;

use bellwether_core::{Duration, Time};
use bellwether_port::PortError;
use bellwether_rollout::Kind;

/// A port that fails and answers in turns is reported no more often than this.
const REPORT_EVERY: Duration = Duration::from_seconds(60);

/// How far a look may be dated outside of the time between question and answer.
const SKEW_MAX: Duration = Duration::from_seconds(1);

/// Which ports fail. Each failure is reported when it begins, not each time.
#[derive(Debug, Default)]
pub(crate) struct Health {
    ports: BTreeMap<&'static str, Condition>,
    reports: Vec<Kind>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Condition {
    is_reported: bool,
    last_report: Option<Time>,
}

impl Health {
    /// Takes note of what a port answered.
    pub(crate) fn heard(&mut self, port: &'static str, error: Option<&PortError>, now: Time) {
        let condition = self.ports.entry(port).or_default();
        let Some(error) = error else {
            condition.is_reported = false;
            return;
        };
        tracing::debug!(port, %error, "a port failed");
        let is_recent = condition.last_report.is_some_and(|last| now.since(last) < REPORT_EVERY);
        if condition.is_reported || is_recent {
            return;
        }
        *condition = Condition { is_reported: true, last_report: Some(now) };
        self.reports.push(Kind::PortFailed { port: port.into(), error: error.to_string() });
    }

    /// Takes note of when a look is dated. That is by the driver's clock or by one that agrees with it; otherwise old looks
    /// are taken for new ones, or new ones are dropped as old.
    pub(crate) fn dated(&mut self, port: &'static str, (asked, issued_at): (Time, Time), now: Time) {
        let (behind, ahead) = (asked.since(issued_at), issued_at.since(now));
        let (skew, way) = if ahead > behind { (ahead, "ahead of") } else { (behind, "behind") };
        let error = PortError::refused(format_args!("clock skew: its looks are dated {skew} {way} the driver's clock"));
        self.heard(port, Some(&error).filter(|_| skew > SKEW_MAX), now);
    }

    /// Takes what is to be reported.
    pub(crate) fn take_reports(&mut self) -> Vec<Kind> {
        std::mem::take(&mut self.reports)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_that_is_not_dated_between_question_and_answer_is_reported_with_the_skew() {
        let at = |seconds: u64| Time::default().after(Duration::from_seconds(seconds));
        for (issued_at, said) in [
            (at(99), None),
            (at(100), None),
            (at(109), None),
            (at(111), None),
            (at(40), Some("refused: clock skew: its looks are dated 1m behind the driver's clock")),
            (at(3_710), Some("refused: clock skew: its looks are dated 1h ahead of the driver's clock")),
        ] {
            let mut health = Health::default();
            health.dated("router.clock", (at(100), issued_at), at(110));
            let expected = said.map(|said| Kind::PortFailed { port: "router.clock".into(), error: said.into() });
            assert_eq!(health.take_reports(), Vec::from_iter(expected), "asked at 100, answered at 110");
        }
    }

    #[test]
    fn a_failure_is_reported_when_it_begins_and_flapping_once_a_minute() {
        let mut health = Health::default();
        let error = PortError::transient("down");
        let mut reports = Vec::new();
        for second in 0..200_u64 {
            let answered = second % 2 == 1;
            let now = Time::default().after(Duration::from_seconds(second));
            health.heard("router", Some(&error).filter(|_| !answered), now);
            reports.extend(health.take_reports().iter().map(|_| second));
        }
        assert_eq!(reports, [0, 60, 120, 180]);
        let mut steady = Health::default();
        for second in 0..200_u64 {
            steady.heard("router", Some(&error), Time::default().after(Duration::from_seconds(second)));
        }
        assert_eq!(steady.take_reports().len(), 1);
    }
}
