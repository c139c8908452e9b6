use std::collections::VecDeque;

use bellwether_analysis::Interval;
use bellwether_core::{Route, StageId, Time};
use bellwether_port::{InForce, Measured};
use bellwether_strategy::Plan;

/// Far more changes than happen between two intervals.
const SPANS_MAX: usize = 64;

/// What the driver's looks at the router say about the past: which route was in force when, at which stage.
///
/// Between two looks that show the same route it is taken to have been in force; between two that do not, nothing is
/// known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeline {
    spans: VecDeque<Span>,
    /// When the stage of the first span began, where the journal knows it.
    began: Option<Time>,
}

/// From the first to the last look that showed the same route at the same stage.
#[derive(Clone, Debug)]
struct Span {
    stage: Option<StageId>,
    route: Route,
    from: Time,
    to: Time,
}

impl Timeline {
    /// Adds a look.
    pub(crate) fn look(&mut self, at: Time, route: &Route, stage: Option<&StageId>) {
        match self.spans.back_mut() {
            Some(last) if last.stage.as_ref() == stage && last.route == *route => last.to = last.to.max(at),
            Some(_) | None => {
                if self.spans.len() == SPANS_MAX {
                    self.spans.pop_front();
                    self.began = None;
                }
                self.spans.push_back(Span { stage: stage.cloned(), route: route.clone(), from: at, to: at });
            }
        }
    }

    /// Says when the stage of the first look began.
    pub(crate) const fn resume(&mut self, began: Option<Time>) {
        self.began = began;
    }

    /// Makes evidence of what was measured: about the stage that was in force at its end, settled if the stage's route
    /// was in force during all of it. What began before the stage did is never settled.
    pub(crate) fn interval(&self, measured: Measured, plan: &Plan, now: &StageId) -> Option<Interval> {
        let at_end = self.spans.iter().rev().find(|span| span.from < measured.end);
        let stage = at_end.and_then(|span| span.stage.clone()).unwrap_or_else(|| now.clone());
        let seen = match at_end {
            Some(span) if span.from <= measured.start && measured.end <= span.to => {
                InForce::Throughout(span.route.clone())
            }
            Some(_) => InForce::Changed,
            None => InForce::Unknown,
        };
        let began_before = self.began(&stage).is_none_or(|began| measured.start < began);
        let measured = if began_before { measured.with_in_force(InForce::Changed) } else { measured };
        let wanted = &plan.step(stage.step)?.route;
        Some(measured.into_interval(stage, wanted, &seen))
    }

    /// When a stage was first seen.
    fn began(&self, stage: &StageId) -> Option<Time> {
        let index = self.spans.iter().position(|span| span.stage.as_ref() == Some(stage))?;
        let known = self.began.filter(|_| index == 0);
        known.or_else(|| self.spans.get(index).map(|span| span.from))
    }
}

#[cfg(test)]
mod tests {
    use bellwether_analysis::Sample;
    use bellwether_core::{Arms, Duration, Weight};
    use bellwether_port::testing::example_plan;

    use super::*;

    fn at(seconds: u64) -> Time {
        Time::default().after(Duration::from_seconds(seconds))
    }

    fn share(basis_points: u16) -> Route {
        Route::share(Weight::new(basis_points).unwrap())
    }

    fn stage(step: u32) -> StageId {
        StageId { rollout: "checkout-42".parse().unwrap(), step, entry: 0 }
    }

    fn measured(start: u64, end: u64) -> Measured {
        let sample = Sample::counts(10, 0).unwrap();
        Measured::new(at(start), at(end), Arms { stable: sample.clone(), candidate: sample })
    }

    /// Stage 0 at 5 % from 10 s to 100 s, on its way to 50 % until 110 s, stage 1 from then on to 200 s.
    fn timeline() -> Timeline {
        let mut timeline = Timeline::default();
        timeline.look(at(0), &Route::STABLE, None);
        for second in 10..=100 {
            timeline.look(at(second), &share(500), Some(&stage(0)));
        }
        timeline.look(at(110), &share(5_000), Some(&stage(0)));
        for second in 110..=200 {
            timeline.look(at(second), &share(5_000), Some(&stage(1)));
        }
        timeline
    }

    #[test]
    fn an_interval_is_settled_only_within_its_stage_and_its_route() {
        let plan = example_plan("checkout-42");
        for (start, end, step, settled) in [
            (10, 70, 0, true),
            (40, 100, 0, true),
            (5, 65, 0, false),
            (41, 101, 0, false),
            (80, 140, 1, false),
            (110, 170, 1, true),
            (140, 200, 1, true),
            (141, 201, 1, false),
        ] {
            let interval = timeline().interval(measured(start, end), &plan, &stage(1)).unwrap();
            assert_eq!((interval.stage.step, interval.settled), (step, settled), "{start} to {end}");
            assert_eq!(interval.intended, plan.step(step).unwrap().route.share);
        }
    }

    #[test]
    fn a_source_that_knows_the_route_is_believed_except_before_the_stage() {
        let plan = example_plan("checkout-42");
        let known = |start, end| measured(start, end).with_in_force(InForce::Throughout(share(5_000)));
        let after_the_last_look = timeline().interval(known(150, 210), &plan, &stage(1)).unwrap();
        assert!(after_the_last_look.settled);
        let before_the_stage = timeline().interval(known(109, 169), &plan, &stage(1)).unwrap();
        assert!(!before_the_stage.settled);
    }

    #[test]
    fn without_any_look_nothing_is_settled() {
        let interval = Timeline::default().interval(measured(0, 60), &example_plan("checkout-42"), &stage(0)).unwrap();
        assert!(!interval.settled);
    }
}
