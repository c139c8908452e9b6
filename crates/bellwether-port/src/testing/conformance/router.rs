use bellwether_core::{Capabilities, Cohort, CohortName, CohortSupport, Duration, Fence, Fencing, Route, Weight};

use crate::testing::must::must;
use crate::{Clock, Observed, PortError, TrafficRouter};

/// How long a router may take to show what it was told, beside its own staleness.
const PATIENCE: Duration = Duration::from_seconds(5);

/// How often it is asked meanwhile.
const PAUSE: Duration = Duration::from_millis(10);

/// Checks the contract of [`TrafficRouter`]; `make` gives a router that was told nothing yet.
///
/// # Panics
/// A clause of the contract is broken.
///
/// # Example: the fake keeps the contract
/// ```
/// use bellwether_core::{Fencing, Time};
/// use bellwether_port::testing::{FakeClock, FakeRouter, conformance};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let clock = FakeClock::jumping(Time::default());
/// conformance::router(async || FakeRouter::new(clock.clone()).with_fencing(Fencing::Token), &clock).await;
/// # }
/// ```
pub async fn router<R: TrafficRouter>(make: impl AsyncFn() -> R, clock: &dyn Clock) {
    let router = make().await;
    let capabilities = router.capabilities();
    assert_ne!(capabilities.precision, Weight::ZERO, "a router can express some share");
    shows_what_it_was_told(&router, clock).await;
    never_rounds_up(&router, clock).await;
    refuses_what_it_cannot_do(&router, &capabilities, clock).await;
    match capabilities.fencing {
        Fencing::Token => keeps_the_highest_fence(&make().await, clock).await,
        Fencing::Version | Fencing::None => {}
    }
}

async fn shows_what_it_was_told(router: &dyn TrafficRouter, clock: &dyn Clock) {
    let precision = router.capabilities().precision;
    let shares = [0, 1, 5, 10, 25, 50, 99, 100].map(|percent| share(percent * 100).round_down(precision));
    let down = shares.iter().rev().copied();
    for (generation, share) in (1..).zip(shares.into_iter().chain(down)) {
        let route = Route::share(share);
        for _ in 0..2 {
            let answer = router.apply(&route, Fence { token: 1, generation }).await;
            assert_eq!(answer, Ok(()), "{share} is applied, also twice");
        }
        let before = clock.now();
        let observed = until_shown(router, clock, &route).await;
        assert!(observed.issued_at >= before, "an observation is not issued before it was asked for");
    }
}

async fn never_rounds_up(router: &dyn TrafficRouter, clock: &dyn Clock) {
    let precision = router.capabilities().precision;
    let Ok(fine) = Weight::new(precision.basis_points().saturating_mul(3).saturating_sub(1)) else { return };
    let rounded = fine.round_down(precision);
    if rounded == fine {
        return;
    }
    if router.apply(&Route::share(fine), Fence { token: 1, generation: 100 }).await.is_ok() {
        let observed = until_shown(router, clock, &Route::share(rounded)).await;
        assert!(observed.value.share <= fine, "{fine} is rounded down or refused, never up");
    }
}

async fn refuses_what_it_cannot_do(router: &dyn TrafficRouter, capabilities: &Capabilities, clock: &dyn Clock) {
    let half = share(5_000).round_down(capabilities.precision);
    let shown = Route::share(half);
    let fence = Fence { token: 1, generation: 200 };
    assert_eq!(router.apply(&shown, fence).await, Ok(()), "a half is applied");
    until_shown(router, clock, &shown).await;
    let mirrored = Route { mirror: half, ..Route::STABLE };
    let cohort = |matched| {
        let name = must(CohortName::new("staff"), "a cohort has a name");
        Route { cohort: Some(Cohort { name, size: half, matched }), ..Route::STABLE }
    };
    let beyond = [
        (!capabilities.mirror).then_some(mirrored),
        (capabilities.cohort == CohortSupport::None).then(|| cohort(false)),
        (capabilities.cohort != CohortSupport::Matched).then(|| cohort(true)),
    ];
    for (generation, route) in (201..).zip(beyond.into_iter().flatten()) {
        let answer = router.apply(&route, Fence { token: 1, generation }).await;
        assert!(matches!(answer, Err(PortError::Refused(_))), "{route:?} is refused, not carried out in part");
        until_shown(router, clock, &shown).await;
    }
}

async fn keeps_the_highest_fence(router: &dyn TrafficRouter, clock: &dyn Clock) {
    let precision = router.capabilities().precision;
    let (low, high) =
        (Route::share(share(1_000).round_down(precision)), Route::share(share(2_000).round_down(precision)));
    let held = Fence { token: 5, generation: 7 };
    assert_eq!(router.apply(&high, held).await, Ok(()), "the first fence is taken");
    for fence in [Fence { token: 4, generation: 9 }, Fence { token: 5, generation: 6 }] {
        let answer = router.apply(&low, fence).await;
        assert_eq!(answer, Err(PortError::Superseded), "{fence:?} is lower than {held:?}");
    }
    let observed = until_shown(router, clock, &high).await;
    assert_eq!(observed.applied, Some(held), "an observation carries the fence of the command that was carried out");
    let next = Fence { token: 6, generation: 0 };
    assert_eq!(router.apply(&low, next).await, Ok(()), "a new owner's fence is higher");
    assert_eq!(until_shown(router, clock, &low).await.applied, Some(next), "and it is kept");
}

/// Looks until the route is shown by an observation that is newer than now.
async fn until_shown(router: &dyn TrafficRouter, clock: &dyn Clock, route: &Route) -> Observed<Route> {
    let asked = clock.now();
    let until = asked.after(router.capabilities().staleness).after(PATIENCE);
    loop {
        let observed = must(router.observe().await, "the router answers");
        assert!(observed.staleness <= router.capabilities().staleness, "an observation is as fresh as promised");
        if observed.value == *route && observed.as_of() >= asked {
            return observed;
        }
        assert!(clock.now() < until, "{route:?} is shown within {PATIENCE}, found {:?}", observed.value);
        clock.sleep_until(clock.now().after(PAUSE)).await;
    }
}

fn share(basis_points: u16) -> Weight {
    Weight::new(basis_points).unwrap_or(Weight::FULL)
}
