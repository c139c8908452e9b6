//! A rollout in a world of plain arithmetic, and its journal as a driver would write it.

use std::path::Path;

use bellwether_analysis::{Interval, Sample, Sequential};
use bellwether_core::{Arms, Duration, Fence, MetricName, RolloutId, Route, StageId, Time};
use bellwether_port::{Body, Chain, Course, Journal, Opened, Record, testing::example_plan};
use bellwether_redb::RedbJournal;
use bellwether_rollout::{Actor, Event, Kind, Observation, Units, goal};

const MINUTE: Duration = Duration::from_minutes(1);

/// A journal that is being written.
pub(crate) struct Rollout {
    chain: Chain,
    course: Course,
    now: Time,
    route: Route,
    fence: Fence,
    pub(crate) records: Vec<Record>,
}

impl Rollout {
    /// A small canary (5 %, 50 %, everything) that has just been opened.
    pub(crate) fn open(name: &str) -> Self {
        Self::begin(Opened::new(example_plan(name)).with_judge(Sequential::default()))
    }

    pub(crate) fn begin(opened: Opened) -> Self {
        let now: Time = "2026-03-03T10:00:00Z".parse().unwrap();
        let chain = Chain::new(opened.plan.id().clone());
        let course = Course::open(&opened, now);
        let mut rollout =
            Self { chain, course, now, route: Route::STABLE, fence: Fence::default(), records: Vec::new() };
        rollout.append(&Body::from(opened));
        rollout
    }

    pub(crate) fn name(&self) -> &RolloutId {
        self.chain.rollout()
    }

    /// A minute in which so many of the candidate's requests fail, of 300 at 5 %; stable fails one in a thousand.
    pub(crate) fn minute(&mut self, errors: u64) {
        self.now = self.now.after(MINUTE);
        let wanted = goal(self.course.state());
        let observed = Observation {
            as_of: self.now,
            route: Some(self.route.clone()),
            units: wanted.units.map(|units| units.map(|want| Units { want, exist: want, ready: want })),
            applied: Some(self.fence),
        };
        self.take(Kind::Observed(observed));
        if let Some(stage) = goal(self.course.state()).stage {
            self.judge(stage, errors);
        }
        self.take(Kind::Ticked);
        let wanted = goal(self.course.state());
        (self.route, self.fence) = (wanted.route, Fence { token: 1, generation: wanted.generation });
    }

    fn judge(&mut self, stage: StageId, errors: u64) {
        let metric: MetricName = "errors".parse().unwrap();
        let candidate = u64::from(self.route.share.of(6_000));
        let arms = Arms {
            stable: Sample::counts(6_000 - candidate, (6_000 - candidate) / 1_000).unwrap(),
            candidate: Sample::counts(candidate, errors.min(candidate)).unwrap(),
        };
        let (start, end, share) = (self.now.before(MINUTE), self.now, self.route.share);
        let interval =
            Interval { start, end, stage: stage.clone(), intended: share, observed: share, settled: true, arms };
        self.append(&Body::interval(metric.clone(), interval.clone()));
        self.course.see(&metric, &interval);
        let decision = self.course.verdict(self.now).unwrap();
        self.take(Kind::Judged { stage, decision });
    }

    pub(crate) fn take(&mut self, kind: Kind) {
        let id = format!("event-{}", self.records.len()).parse().unwrap();
        let event = Event { id, at: self.now, by: Actor::Driver, kind };
        let (course, decision) = self.course.clone().step(&event);
        self.append(&Body::event(event, decision));
        self.course = course;
    }

    pub(crate) fn append(&mut self, body: &Body) {
        let record = self.chain.next(self.now, self.fence, body).unwrap();
        self.chain.push(&record).unwrap();
        self.records.push(record);
    }

    pub(crate) fn snapshot(&mut self) {
        self.append(&Body::from(self.course.stored()));
    }

    /// Puts everything that was written into a journal's file.
    pub(crate) fn store(&self, path: &Path) {
        let journal = RedbJournal::open(path).unwrap();
        block_on(async {
            for record in &self.records {
                journal.append(self.name(), record).await.unwrap();
            }
        });
    }

    /// Tells the journal's file that the rollout has ended.
    pub(crate) fn close(&self, path: &Path) {
        let journal = RedbJournal::open(path).unwrap();
        block_on(async { journal.close(self.name()).await.unwrap() });
    }
}

fn block_on(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future);
}
