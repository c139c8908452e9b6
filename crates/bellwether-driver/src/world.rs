use std::sync::Arc;

use bellwether_core::{Arms, Duration, Fence, Fencing, Route, StageId, Time};
use bellwether_port::{Clock, Observed, PortError, TrafficRouter, Workload};
use bellwether_rollout::{Difference, Goal, Observation, Units, difference};

use crate::calls::{Answer, Calls, Slot};
use crate::command::Command;
use crate::setup::Setup;
use crate::timeline::Timeline;
use crate::within::ask;

/// The router and the workload: what they show, and what they are told.
pub(crate) struct World {
    /// Absent where traffic follows the units.
    router: Option<Arc<dyn TrafficRouter>>,
    workload: Option<Arc<dyn Workload>>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    poll: Duration,
    next_look: Time,
    route: Seen<Route>,
    units: Seen<Arms<Units>>,
    route_command: Command<Fence>,
    units_command: Command<Arms<u32>>,
    timeline: Timeline,
    /// The first token of this rollout: a lower one is of an earlier rollout and confirms nothing here.
    first_token: u64,
}

/// What a port showed last.
enum Seen<T> {
    /// It was not asked yet.
    Nothing,
    /// It did not answer when it was asked last; what it showed before may be known.
    Failed { at: Time, before: Option<Observed<T>> },
    /// This.
    Shown(Observed<T>),
}

/// How much of the difference may be closed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Permission {
    /// Everything that was observed to differ.
    Forward,
    /// Everything, and a router that does not answer is told all the same: going back does not wait for a look.
    Back,
    /// The journal does not know of it: only a lower share, and only once.
    Unjournalled,
}

impl World {
    pub(crate) fn new(setup: &Setup) -> Self {
        Self {
            router: setup.ports.router.clone(),
            workload: setup.ports.workload.clone(),
            clock: Arc::clone(&setup.ports.clock),
            timeout: setup.options.port_timeout,
            poll: setup.options.poll,
            next_look: Time::MIN,
            route: Seen::Nothing,
            units: Seen::Nothing,
            route_command: Command::default(),
            units_command: Command::default(),
            timeline: Timeline::default(),
            first_token: 0,
        }
    }

    /// Says which tokens are this rollout's.
    pub(crate) const fn own_from(&mut self, first_token: u64) {
        self.first_token = first_token;
    }

    /// What the driver's looks say about the past.
    pub(crate) const fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Takes what the journal says the world looked like last, and since when the stage has been on.
    pub(crate) fn remember(&mut self, observation: &Observation, stage: Option<&StageId>, began: Option<Time>) {
        if let Some(route) = &observation.route {
            self.timeline = Timeline::default();
            self.timeline.look(observation.as_of, route, stage);
            self.timeline.resume(began);
        }
    }

    /// Says which stage the last look belongs to, once events were stepped.
    pub(crate) fn enter(&mut self, stage: Option<&StageId>) {
        if let Seen::Shown(observed) = &self.route {
            self.timeline.look(observed.as_of(), &observed.value, stage);
        }
    }

    /// Looks at everything, when it is time.
    pub(crate) fn look(&mut self, calls: &mut Calls) {
        let now = self.clock.now();
        if now < self.next_look {
            return;
        }
        self.next_look = now.after(self.poll);
        if let Some(router) = self.router.clone().filter(|_| !calls.is_under_way(&Slot::Router)) {
            let (clock, timeout) = (Arc::clone(&self.clock), self.timeout);
            calls
                .start(Slot::Router, async move { Answer::Router(now, ask(&*clock, timeout, router.observe()).await) });
        }
        if let Some(workload) = self.workload.clone().filter(|_| !calls.is_under_way(&Slot::Workload)) {
            let (clock, timeout) = (Arc::clone(&self.clock), self.timeout);
            calls.start(Slot::Workload, async move {
                Answer::Workload(now, ask(&*clock, timeout, workload.observe()).await)
            });
        }
    }

    /// The looks that are worth waiting for: those at ports that answered last time.
    pub(crate) fn answering(&self) -> Vec<Slot> {
        let router = (self.router.is_some() && !matches!(self.route, Seen::Failed { .. })).then_some(Slot::Router);
        let workload = (!matches!(self.units, Seen::Failed { .. })).then_some(Slot::Workload);
        router.into_iter().chain(workload).collect()
    }

    /// Looks again at once.
    pub(crate) const fn hurry(&mut self) {
        self.next_look = Time::MIN;
    }

    pub(crate) const fn next_look(&self) -> Time {
        self.next_look
    }

    /// When what splits traffic was asked last, whether it answered or not.
    pub(crate) fn looked_until(&self) -> Option<Time> {
        if self.router.is_some() { self.route.asked() } else { self.units.asked() }
    }

    pub(crate) fn router_answered(
        &mut self,
        asked: Time,
        answer: Result<Observed<Route>, PortError>,
        stage: Option<&StageId>,
    ) {
        if let Ok(observed) = &answer {
            self.timeline.look(observed.as_of(), &observed.value, stage);
        }
        self.route.take(asked, answer);
    }

    pub(crate) fn workload_answered(&mut self, asked: Time, answer: Result<Observed<Arms<Units>>, PortError>) {
        self.units.take(asked, answer);
    }

    /// Takes what the units show of the route, where traffic follows them.
    pub(crate) fn units_showed(&mut self, seen: &Observation, stage: Option<&StageId>) {
        let (None, Some(route)) = (&self.router, &seen.route) else { return };
        self.timeline.look(seen.as_of, route, stage);
        self.route = Seen::Shown(Observed::new(route.clone(), seen.as_of).with_applied(seen.applied));
    }

    /// What the world looks like; nothing before the router was asked.
    ///
    /// On the way back a workload that does not answer counts as it was seen last: going back waits for no port.
    pub(crate) fn observation(&self, is_going_back: bool) -> Option<Observation> {
        let as_of = self.looked_until()?;
        if self.workload.is_some() && matches!(self.units, Seen::Nothing) {
            return None;
        }
        let units = match &self.units {
            Seen::Shown(observed) => Some(observed.value),
            Seen::Failed { before, .. } if is_going_back => before.as_ref().map(|observed| observed.value),
            Seen::Failed { .. } | Seen::Nothing => None,
        };
        let (route, applied) = match &self.route {
            // What the units show of it is the machine's to say.
            Seen::Shown(_) if self.router.is_none() => (None, None),
            Seen::Shown(observed) => (
                Some(observed.value.clone()),
                observed.applied.filter(|fence| fence.token >= self.first_token).or_else(|| self.confirmed(observed)),
            ),
            Seen::Failed { .. } | Seen::Nothing => (None, None),
        };
        Some(Observation { as_of, route, units, applied })
    }

    /// The fence of the last command, for a router that keeps none: once it was looked at after the command returned.
    fn confirmed(&self, observed: &Observed<Route>) -> Option<Fence> {
        let (fence, returned_at) = self.route_command.done()?;
        (observed.as_of() > returned_at).then_some(*fence)
    }

    /// Tells the ports what differs from the goal. Returns whether the router was told.
    pub(crate) fn close(&mut self, calls: &mut Calls, goal: &Goal, (token, permission): (u64, Permission)) -> bool {
        let Some(observation) = self.observation(true) else { return false };
        let Difference { route, units } = difference(goal, &observation);
        let fence = Fence { token, generation: goal.generation };
        let shown = observation.route.as_ref().map(Route::exposure);
        let may_tell = match permission {
            Permission::Forward => shown.is_some(),
            Permission::Back => true,
            Permission::Unjournalled => {
                let is_told = self.route_command.is_done(&fence);
                !is_told && shown.is_none_or(|shown| goal.route.exposure() < shown)
            }
        };
        let told = route.filter(|_| may_tell).is_some_and(|route| self.tell_router(calls, route, fence));
        if let Some(units) = units.filter(|_| permission != Permission::Unjournalled) {
            self.tell_workload(calls, units, fence);
        }
        told
    }

    fn tell_router(&mut self, calls: &mut Calls, route: Route, fence: Fence) -> bool {
        let Some(router) = self.router.clone() else { return false };
        let last_look = if let Seen::Shown(observed) = &self.route { Some(observed.as_of()) } else { None };
        if !self.route_command.may_be_given(&fence, last_look, self.clock.now()) {
            return false;
        }
        if self.route_command.is_waiting(&fence) && calls.is_under_way(&Slot::Route) {
            return false;
        }
        self.route_command.give(fence);
        let (clock, timeout) = (Arc::clone(&self.clock), self.timeout);
        calls
            .start(Slot::Route, async move { Answer::Route(ask(&*clock, timeout, router.apply(&route, fence)).await) });
        true
    }

    fn tell_workload(&mut self, calls: &mut Calls, units: Arms<u32>, fence: Fence) {
        let Some(workload) = self.workload.clone() else { return };
        let last_look = if let Seen::Shown(observed) = &self.units { Some(observed.as_of()) } else { None };
        if !self.units_command.may_be_given(&units, last_look, self.clock.now()) {
            return;
        }
        if self.units_command.is_waiting(&units) && calls.is_under_way(&Slot::Units) {
            return;
        }
        self.units_command.give(units);
        let (clock, timeout) = (Arc::clone(&self.clock), self.timeout);
        calls.start(
            Slot::Units,
            async move { Answer::Units(ask(&*clock, timeout, workload.apply(&units, fence)).await) },
        );
    }

    /// Takes the router's answer to a command, and looks at it as soon as that can show something.
    pub(crate) fn router_told(&mut self, answer: &Result<(), PortError>) {
        let now = self.clock.now();
        self.route_command.returned(answer.is_ok(), now);
        let Some(capabilities) = self.router.as_ref().map(|router| router.capabilities()) else { return };
        self.next_look = match capabilities.fencing {
            Fencing::Token | Fencing::Version => now,
            Fencing::None => now.after(capabilities.staleness.saturating_add(Duration::from_millis(1))),
        };
    }

    pub(crate) fn workload_told(&mut self, answer: &Result<(), PortError>) {
        self.units_command.returned(answer.is_ok(), self.clock.now());
    }

    /// When a command that failed is given again.
    pub(crate) fn retry_at(&self) -> Option<Time> {
        self.route_command.retry_at().into_iter().chain(self.units_command.retry_at()).min()
    }
}

impl<T> Seen<T> {
    /// When it was asked last, whether it answered or not.
    const fn asked(&self) -> Option<Time> {
        match self {
            Self::Nothing => None,
            Self::Failed { at, .. } => Some(*at),
            Self::Shown(observed) => Some(observed.as_of()),
        }
    }

    /// Takes an answer, unless it is older than what is known.
    fn take(&mut self, asked: Time, answer: Result<Observed<T>, PortError>) {
        let before = match std::mem::replace(self, Self::Nothing) {
            Self::Nothing => None,
            Self::Failed { before, .. } => before,
            Self::Shown(observed) => Some(observed),
        };
        *self = match (answer, before) {
            (Err(_), before) => Self::Failed { at: asked, before },
            (Ok(observed), Some(before)) if observed.as_of() < before.as_of() => Self::Shown(before),
            (Ok(observed), _) => Self::Shown(observed),
        };
    }
}
