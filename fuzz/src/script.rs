use bellwether_core::{
    Arms, Basis, Cohort, Duration, Fence, GateName, Level, RolloutId, Route, StepId, Time, Version, Weight,
};
use bellwether_rollout::{Observation, State, Units, goal, start, start_after};
use bellwether_strategy::{
    Bake, Capacity, Conduct, Floor, OnDeadline, Plan, PlanDraft, StableSizing, Step, Supersede, UnitsRule, Wait,
};

/// Bytes as a rollout and what happens to it: a first line that chooses the plan, then one letter an event.
///
/// Every byte has a meaning or none, so that any bytes are a script and a person can write one. README.md lists them.
pub(crate) struct Script<'a> {
    features: &'a [u8],
    events: &'a [u8],
}

impl<'a> Script<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
        let (features, rest) = data.split_at_checked(end).unwrap_or((data, &[]));
        Self { features, events: rest.get(1..).unwrap_or_default() }
    }

    /// The rollout before its first event; none when the features make no plan.
    pub(crate) fn start(&self) -> Option<State> {
        let plan = self.plan()?;
        let begin = Time::from_unix_millis(1_772_445_600_000);
        Some(match self.has(b'q') {
            true => start_after(plan, rollout("before"), begin),
            false => start(plan, begin),
        })
    }

    pub(crate) fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.events.split_first()?;
        self.events = rest;
        Some(*first)
    }

    /// The next byte as a digit of 0 to 9; any other byte counts as well, and a script that ends has zeros.
    pub(crate) fn digit(&mut self) -> usize {
        usize::from(self.next().map_or(0, |byte| byte.wrapping_sub(b'0') % 10))
    }

    /// A look at a world that need not be as anybody wants it: five digits for the share, what else the route holds, both
    /// arms' units and the fence.
    pub(crate) fn observation(&mut self, state: &State) -> Observation {
        let route = self.route(state);
        let (stable, candidate) = (self.units(state), self.units(state));
        let generation = state.generation();
        let applied = match self.digit() {
            0 => None,
            1 => Some(generation.saturating_sub(1)),
            2 => Some(0),
            3 => Some(u64::MAX),
            _ => Some(generation),
        };
        let applied = applied.map(|generation| Fence { token: 1, generation });
        let units = stable.zip(candidate).map(|(stable, candidate)| Arms { stable, candidate });
        Observation { as_of: state.now(), route, units, applied }
    }

    fn route(&mut self, state: &State) -> Option<Route> {
        let wanted = goal(state).route;
        let share = match self.digit() {
            0 => Weight::ZERO,
            1 => weight(1),
            2 => weight(100),
            3 => weight(500),
            4 => weight(2_500),
            5 => weight(5_000),
            6 => weight(9_999),
            7 => Weight::FULL,
            8 => wanted.share,
            _ => return None,
        };
        Some(match self.digit() {
            0 | 1 => Route::share(share),
            2 => Route { mirror: Weight::FULL, ..Route::share(share) },
            3 => Route { cohort: Some(cohort(100)), ..Route::share(share) },
            4 => Route { cohort: Some(cohort(10_000)), ..Route::share(share) },
            _ => Route { share, ..wanted },
        })
    }

    fn units(&mut self, state: &State) -> Option<Units> {
        let replicas = state.plan().capacity().map_or(10, |capacity| capacity.replicas);
        let all = Units { want: replicas, exist: replicas, ready: replicas };
        match self.digit() {
            0 => None,
            1 => Some(Units::default()),
            2 => Some(Units { want: 1, exist: 1, ready: 1 }),
            3 => Some(Units { ready: 0, ..all }),
            4 => Some(Units { ready: replicas / 2, ..all }),
            5 => Some(Units { want: u32::MAX, exist: u32::MAX, ready: u32::MAX }),
            6 => Some(Units { want: 0, ..all }),
            _ => Some(all),
        }
    }

    fn has(&self, feature: u8) -> bool {
        self.features.contains(&feature)
    }

    fn plan(&self) -> Option<Plan> {
        let mut draft = PlanDraft::new(rollout("checkout-42"), arms());
        draft.steps = self.steps();
        self.shape(&mut draft.conduct);
        draft.level = self.has(b'u').then_some(Level::Low);
        draft.capacity = self.replicas().map(Capacity::of);
        let floor = draft.steps.get(1).map(|step| step.id.clone()).filter(|_| self.has(b'f'));
        draft.floor = floor.map(|step| Floor { step, why: "contract".into(), alternatives: vec!["go forward".into()] });
        Plan::try_from(draft).ok()
    }

    fn replicas(&self) -> Option<u32> {
        let counts = [(b'1', 1), (b'3', 3), (b'c', 10), (b'M', u32::MAX)];
        counts.into_iter().find(|(feature, _)| self.has(*feature)).map(|(_, replicas)| replicas)
    }

    fn steps(&self) -> Vec<Step> {
        let mut routes = vec![("five", Route::share(weight(500))), ("half", Route::share(weight(5_000)))];
        if self.has(b'k') {
            routes.insert(0, ("cohort", Route { cohort: Some(cohort(300)), ..Route::STABLE }));
        }
        if self.has(b'm') {
            routes.insert(0, ("mirror", Route { mirror: weight(1_000), ..Route::STABLE }));
        }
        if self.has(b'h') {
            routes.insert(0, ("hidden", Route::STABLE));
        }
        routes.into_iter().map(|(name, route)| self.step(name, route)).collect()
    }

    fn step(&self, name: &str, route: Route) -> Step {
        let evidence = match (self.has(b't'), route.share > Weight::ZERO) {
            (true, _) => Basis::Time,
            (false, true) => Basis::Compare,
            (false, false) => Basis::Guard,
        };
        let gates = if self.has(b'g') { ["window", "approval"].into_iter().map(gate).collect() } else { vec![] };
        let bake = if self.has(b'0') { Duration::ZERO } else { Duration::from_minutes(1) };
        Step {
            units: if self.has(b'h') { UnitsRule::Count(2) } else { UnitsRule::ByShare },
            gates,
            on_inconclusive: if self.has(b'u') { OnDeadline::ProceedUncertified } else { self.then() },
            ..Step::new(
                StepId::new(name).unwrap_or_else(|error| panic!("{error}")),
                route,
                evidence,
                Bake { min: bake, max: bake.saturating_mul(2) },
            )
        }
    }

    fn shape(&self, conduct: &mut Conduct) {
        let time = |usual| if self.has(b'z') { Duration::ZERO } else { usual };
        conduct.supersede = match (self.has(b'Q'), self.has(b'R')) {
            (true, _) => Supersede::Queue,
            (false, true) => Supersede::Reject,
            (false, false) => Supersede::Replace,
        };
        if self.has(b'F') {
            conduct.stable_sizing = StableSizing::FollowsTraffic;
        }
        for wait in [&mut conduct.no_data, &mut conduct.gate, &mut conduct.human] {
            *wait = Wait { until: time(wait.until), then: self.then() };
        }
        (conduct.deadline, conduct.drain) = (time(conduct.deadline), time(conduct.drain));
        if self.has(b'd') {
            (conduct.standby, conduct.final_bake) = (Duration::from_minutes(5), Duration::from_minutes(5));
        }
    }

    fn then(&self) -> OnDeadline {
        if self.has(b'w') { OnDeadline::Human } else { OnDeadline::RollBack }
    }
}

pub(crate) fn rollout(name: &str) -> RolloutId {
    RolloutId::new(name).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn gate(name: &str) -> GateName {
    GateName::new(name).unwrap_or_else(|error| panic!("{error}"))
}

fn arms() -> Arms<Version> {
    Arms { stable: Version::named("41"), candidate: Version::named("42") }
}

fn cohort(size: u16) -> Cohort {
    Cohort { name: "staff".parse().unwrap_or_else(|error| panic!("{error}")), size: weight(size), matched: false }
}

fn weight(basis_points: u16) -> Weight {
    Weight::new(basis_points).unwrap_or_else(|error| panic!("{error}"))
}
