use bellwether_core::{Duration, Time, Weight};
use bellwether_rollout::{Event, Kind, State, goal};
use schemars::JsonSchema;
use serde::Serialize;

/// The candidate's exposure over time.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(transparent)]
pub(super) struct Curve {
    points: Vec<Point>,
    #[serde(skip)]
    began: Time,
}

/// From when on the exposure was what.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Serialize)]
#[schemars(rename = "CurvePoint")]
pub(super) struct Point {
    /// How long after the beginning.
    pub(super) after: Duration,
    /// What the router showed, in basis points; null while it did not answer.
    pub(super) shown: Option<Weight>,
    /// What it should show, in basis points.
    pub(super) wanted: Weight,
}

impl Curve {
    /// Nothing is exposed yet.
    pub(super) fn new(began: Time) -> Self {
        let first = Point { after: Duration::ZERO, shown: Some(Weight::ZERO), wanted: Weight::ZERO };
        Self { points: vec![first], began }
    }

    /// Takes note of an event and the state after it.
    pub(super) fn see(&mut self, state: &State, event: &Event) {
        let Some(last) = self.points.last().copied() else { return };
        let shown = match &event.kind {
            Kind::Observed(observation) => state.as_seen(observation).route.map(|route| route.exposure()),
            Kind::Resumed
            | Kind::CaughtUp
            | Kind::Ticked
            | Kind::Judged { .. }
            | Kind::GateChecked { .. }
            | Kind::Responded { .. }
            | Kind::Checked { .. }
            | Kind::Approved { .. }
            | Kind::Refused { .. }
            | Kind::PlanChanged { .. }
            | Kind::Rescaled { .. }
            | Kind::Paused { .. }
            | Kind::Unpaused
            | Kind::Aborted { .. }
            | Kind::Skipped { .. }
            | Kind::AdvancedInFull { .. }
            | Kind::Superseded { .. }
            | Kind::PredecessorEnded { .. }
            | Kind::Alarmed { .. }
            | Kind::PortFailed { .. } => last.shown,
        };
        let wanted = goal(state).route.exposure();
        if (shown, wanted) == (last.shown, last.wanted) {
            return;
        }
        let after = event.at.since(self.began);
        // Of several things at one instant only the last one lasts.
        self.points.pop_if(|last| last.after == after);
        self.points.push(Point { after, shown, wanted });
    }

    pub(super) fn points(&self) -> &[Point] {
        &self.points
    }

    /// What was shown at most from one instant to before another; none where nobody could tell at any time.
    pub(super) fn most(&self, from: Duration, until: Duration) -> Option<Weight> {
        let begins = self.points.partition_point(|point| point.after <= from).saturating_sub(1);
        let within = self.points.iter().skip(begins).take_while(|point| point.after < until || point.after <= from);
        within.filter_map(|point| point.shown).max()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_most_within_a_time_is_that_of_every_instant_in_it(
            lengths in prop::collection::vec((1_u64..5, prop::option::of(0_u16..=10_000)), 1..12),
            from in 0_u64..30,
            length in 1_u64..9,
        ) {
            let (mut points, mut instants, mut now) = (Vec::new(), Vec::new(), 0);
            for (length, shown) in lengths {
                let shown = shown.map(|share| Weight::new(share).unwrap());
                points.push(Point { after: Duration::from_millis(now), shown, wanted: Weight::ZERO });
                instants.extend((0..length).map(|_| shown));
                now += length;
            }
            let last = *instants.last().unwrap();
            let curve = Curve { points, began: Time::default() };
            let naive = (from..from + length).filter_map(|at| {
                let at = usize::try_from(at).unwrap();
                *instants.get(at).unwrap_or(&last)
            });
            let most = curve.most(Duration::from_millis(from), Duration::from_millis(from + length));
            prop_assert_eq!(most, naive.max());
        }
    }
}
