use alloc::{collections::BTreeMap, vec::Vec};

use bellwether_core::{Arms, Duration, Fence, Route, Time};

use super::WorldFault;
use crate::{Difference, Observation, Units};

/// The router and the units of a simulated world.
pub(super) struct World {
    router: Router,
    /// Absent where the plan scales nothing.
    workload: Option<Workload>,
}

struct Router {
    route: Route,
    applied: Option<Fence>,
    under_way: Option<(Time, Route, Fence)>,
    works: bool,
}

struct Workload {
    pools: Arms<Pool>,
    works: bool,
}

/// The units of one version: how many are asked for, how many will be ready when, and whether any can be.
#[derive(Clone, Debug, Default)]
struct Pool {
    want: u32,
    ready_from: BTreeMap<Time, u32>,
    is_down: bool,
}

/// How long a world takes to do what it is told.
#[derive(Clone, Copy)]
pub(super) struct Latency {
    pub(super) router: Duration,
    pub(super) unit: Duration,
}

impl World {
    /// A world in which stable has everything.
    pub(super) fn new(replicas: Option<u32>, now: Time) -> Self {
        let stable = |replicas| Pool { want: replicas, ready_from: [(now, replicas)].into(), is_down: false };
        let pools = |replicas| Arms { stable: stable(replicas), candidate: Pool::default() };
        Self {
            router: Router { route: Route::STABLE, applied: None, under_way: None, works: true },
            workload: replicas.map(|replicas| Workload { pools: pools(replicas), works: true }),
        }
    }

    pub(super) fn observation(&self, now: Time) -> Observation {
        let (router, workload) = (&self.router, self.workload.as_ref().filter(|workload| workload.works));
        Observation {
            as_of: now,
            route: router.works.then(|| router.route.clone()),
            units: workload.map(|workload| workload.pools.as_ref().map(|pool| pool.seen(now))),
            applied: router.applied.filter(|_| router.works),
        }
    }

    /// Carries out what was told long enough ago.
    pub(super) fn obey(&mut self, now: Time) {
        let router = &mut self.router;
        if !router.works {
            return;
        }
        if let Some((_, route, fence)) = router.under_way.take_if(|(at, ..)| *at <= now) {
            (router.route, router.applied) = (route, Some(fence));
        }
    }

    /// Is told to close a difference; true when that changes anything now or later.
    pub(super) fn take(&mut self, difference: Difference, fence: Fence, (now, latency): (Time, Latency)) -> bool {
        let mut told = false;
        let router = &mut self.router;
        let is_new = router.under_way.as_ref().is_none_or(|(_, _, given)| *given != fence);
        if let Some(route) = difference.route.filter(|_| router.works && is_new) {
            router.under_way = Some((now.after(latency.router), route, fence));
            told = true;
        }
        if let (Some(wanted), Some(workload)) = (difference.units, &mut self.workload) {
            let ready = now.after(latency.unit);
            workload.pools.stable.scale(wanted.stable, ready);
            workload.pools.candidate.scale(wanted.candidate, ready);
            told = true;
        }
        told
    }

    /// Lets something go wrong, or right again. What concerns who drives is not the world's.
    pub(super) fn suffer(&mut self, fault: WorldFault, (now, latency): (Time, Latency)) {
        let again = now.after(latency.unit.max(Duration::from_seconds(1)));
        match fault {
            WorldFault::RouterForgets => self.router.forget(),
            WorldFault::RouterIsChanged(share) => self.router.route = Route::share(share),
            WorldFault::RouterFails => self.router.works = false,
            WorldFault::RouterRecovers => self.router.works = true,
            WorldFault::WorkloadFails => self.with_workload(|workload| workload.works = false),
            WorldFault::WorkloadRecovers => self.with_workload(|workload| workload.works = true),
            WorldFault::CandidateCrashes(count) => self.with_workload(|it| it.pools.candidate.crash(count, again)),
            WorldFault::StableCrashes(count) => self.with_workload(|it| it.pools.stable.crash(count, again)),
            WorldFault::CandidateFails => self.with_workload(|it| it.pools.candidate.is_down = true),
            WorldFault::CandidateRecovers => self.with_workload(|it| it.pools.candidate.is_down = false),
            WorldFault::StableFails => self.with_workload(|it| it.pools.stable.is_down = true),
            WorldFault::StableRecovers => self.with_workload(|it| it.pools.stable.is_down = false),
            WorldFault::DriverSleeps(_) => {}
        }
    }

    fn with_workload(&mut self, change: impl FnOnce(&mut Workload)) {
        self.workload.as_mut().map(change);
    }

    /// When the world changes by itself.
    pub(super) fn instants(&self) -> Vec<Time> {
        let mut instants: Vec<Time> = self.router.under_way.as_ref().map(|(at, ..)| *at).into_iter().collect();
        if let Some(Workload { pools, .. }) = &self.workload {
            instants.extend(pools.stable.ready_from.keys().chain(pools.candidate.ready_from.keys()));
        }
        instants
    }
}

impl Router {
    fn forget(&mut self) {
        (self.route, self.applied, self.under_way) = (Route::STABLE, None, None);
    }
}

impl Pool {
    fn seen(&self, now: Time) -> Units {
        let ready = if self.is_down { 0 } else { self.ready_from.range(..=now).map(|(_, count)| *count).sum() };
        Units { want: self.want, exist: self.exist(), ready }
    }

    fn exist(&self) -> u32 {
        self.ready_from.values().sum()
    }

    /// Starts what is missing; takes away what is too much, those first that would be ready last.
    fn scale(&mut self, want: u32, ready: Time) {
        self.want = want;
        let exist = self.exist();
        self.add(ready, want.saturating_sub(exist));
        let mut excess = exist.saturating_sub(want);
        while let Some(mut last) = self.ready_from.last_entry().filter(|_| excess > 0) {
            let taken = excess.min(*last.get());
            *last.get_mut() = last.get().saturating_sub(taken);
            excess = excess.saturating_sub(taken);
            if *last.get() == 0 {
                last.remove();
            }
        }
    }

    /// So many of those that have been ready longest begin anew.
    fn crash(&mut self, count: u32, again: Time) {
        let mut rest = count.min(self.exist());
        let gone = rest;
        while let Some(mut first) = self.ready_from.first_entry().filter(|_| rest > 0) {
            let taken = rest.min(*first.get());
            *first.get_mut() = first.get().saturating_sub(taken);
            rest = rest.saturating_sub(taken);
            if *first.get() == 0 {
                first.remove();
            }
        }
        self.add(again, gone);
    }

    fn add(&mut self, ready: Time, count: u32) {
        if count > 0 {
            let pool = self.ready_from.entry(ready).or_default();
            *pool = pool.saturating_add(count);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same pool, unit by unit.
    #[derive(Default)]
    struct Naive(Vec<Time>);

    impl Naive {
        fn scale(&mut self, want: usize, ready: Time) {
            while self.0.len() < want {
                self.0.push(ready);
            }
            self.0.sort();
            self.0.truncate(want);
        }

        fn crash(&mut self, count: usize, again: Time) {
            self.0.sort();
            self.0.iter_mut().take(count).for_each(|at| *at = again);
        }
    }

    proptest! {
        #[test]
        fn a_pool_counts_like_a_list_of_units(does in prop::collection::vec((any::<bool>(), 0u32..20), 1..30)) {
            let (mut pool, mut naive) = (Pool::default(), Naive::default());
            for (minute, (scales, count)) in (0u64..).zip(does) {
                let now = Time::default().after(Duration::from_minutes(minute));
                let later = now.after(Duration::from_minutes(3));
                let many = usize::try_from(count).unwrap();
                if scales {
                    pool.scale(count, later);
                    naive.scale(many, later);
                } else {
                    pool.crash(count, later);
                    naive.crash(many, later);
                }
                let seen = pool.seen(now);
                let ready = naive.0.iter().filter(|at| **at <= now).count();
                prop_assert_eq!((seen.exist as usize, seen.ready as usize), (naive.0.len(), ready));
            }
        }
    }
}
