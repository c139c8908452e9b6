//! How units are exchanged where no router splits traffic: what to ask for next, and what the units show.

use bellwether_core::{Arms, Fence, Route, Weight};
use bellwether_strategy::{Bounds, Exchange};

use crate::{Observation, Units};

/// An exchange for the replicas of now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exchanging {
    exchange: Exchange,
    replicas: u32,
    bounds: Bounds,
}

impl Exchanging {
    pub(crate) fn new(exchange: Exchange, replicas: u32) -> Self {
        Self { exchange, replicas, bounds: exchange.bounds(replicas) }
    }

    /// What both arms should have next on the way to a share: new units as far as the surge allows, old ones away as far
    /// as the ready ones carry.
    ///
    /// Neither turns around on the way: new units are not taken away again because old ones are slow to go. Repeated, it
    /// is what a Kubernetes Deployment's controller does. A share that is lower than what is there is gone back to.
    pub(crate) fn forward(&self, share: Weight, seen: Option<&Arms<Units>>) -> Arms<u32> {
        let target = self.exchange.units_at(share, self.replicas);
        let Some(Arms { stable, candidate }) = seen else { return Arms { stable: self.replicas, candidate: 0 } };
        if candidate.want > target.candidate {
            return self.lower(target, stable, candidate);
        }
        let room = self.bounds.most.saturating_sub(stable.exist.max(stable.want));
        let wanted = room.max(candidate.want).min(target.candidate);
        let kept = self.bounds.least.saturating_sub(candidate.ready.min(wanted));
        Arms { stable: kept.min(stable.want).max(target.stable), candidate: wanted }
    }

    /// What both arms should have next on the way back, where the candidate may have no more than a share.
    pub(crate) fn backward(&self, ceiling: Weight, seen: Option<&Arms<Units>>) -> Arms<u32> {
        let target = Arms { stable: self.replicas, ..self.exchange.units_at(ceiling, self.replicas) };
        match seen {
            Some(Arms { stable, candidate }) => self.lower(target, stable, candidate),
            None => target,
        }
    }

    /// Takes the candidate's units away as far as stable's ready ones carry, and lets stable grow into the room.
    fn lower(&self, target: Arms<u32>, stable: &Units, candidate: &Units) -> Arms<u32> {
        let kept = target.candidate.max(self.missing(stable)).min(candidate.want);
        let room = self.bounds.most.saturating_sub(candidate.exist.max(kept));
        Arms { stable: room.max(stable.want).min(target.stable.max(stable.want)), candidate: kept }
    }

    /// The units that must serve and that stable does not have ready.
    const fn missing(&self, stable: &Units) -> u32 {
        self.bounds.least.saturating_sub(stable.ready)
    }

    /// The share that the candidate must keep on the way back: what stable's ready units do not carry yet, of what it
    /// has.
    pub(crate) fn share_beyond_stable(&self, seen: Option<&Arms<Units>>) -> Weight {
        let Some(Arms { stable, candidate }) = seen else { return Weight::FULL };
        let kept = self.missing(stable).min(candidate.want);
        Weight::carried_by(self.replicas.saturating_sub(kept), self.replicas).rest()
    }

    /// An observation with the route that its units show.
    ///
    /// Units that are all as wanted show the wanted share and confirm it, as a router does; any others show the share of
    /// the ready units and confirm nothing.
    pub(crate) fn shown(&self, observation: &Observation, wanted: &Route, generation: u64) -> Observation {
        let Some(Arms { stable, candidate }) = &observation.units else {
            return Observation { route: None, applied: None, ..observation.clone() };
        };
        let target = self.exchange.units_at(wanted.share, self.replicas);
        let is_there = if wanted.share == Weight::ZERO {
            // Where nobody had to serve on the way, everybody does at its end.
            let enough = if self.exchange.outage { self.replicas } else { self.bounds.least };
            candidate.exist == 0 && stable.ready >= enough
        } else {
            candidate.ready >= target.candidate && candidate.exist <= target.candidate && stable.exist <= target.stable
        };
        if is_there {
            let applied = Some(Fence { token: 0, generation });
            return Observation { route: Some(Route::share(wanted.share)), applied, ..observation.clone() };
        }
        let ready = candidate.ready.saturating_add(stable.ready);
        // Rounded up: a candidate that serves anybody never counts as gone.
        let share = Weight::carried_by(stable.ready, ready).rest();
        let share = if ready == 0 { Weight::ZERO } else { share };
        Observation { route: Some(Route::share(share)), applied: None, ..observation.clone() }
    }

    /// How far the exchange has come: ready new units, and old ones that are gone.
    pub(crate) fn progress(&self, seen: &Arms<Units>) -> u32 {
        seen.candidate.ready.saturating_add(self.bounds.most.saturating_sub(seen.stable.exist))
    }
}
