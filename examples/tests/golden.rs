//! The bits of a decision: the same on every machine, and whatever another crate turns on in the build.
//!
//! Run it alone and with `--features num-traits-std`: a crate that switches `num-traits` to the platform's mathematics
//! must not change a decision.

#![expect(clippy::unwrap_used, reason = "what cannot be made fails the test")]

use bellwether_analysis::{Interval, Judge, Sample, Sequential, Series};
use bellwether_core::{Arms, Basis, Duration, Level, Release, StageId, Target, Time, Version, Weight};
use bellwether_rollout::{After, Scenario, WorldFault, simulate};
use bellwether_stats::{Counts, Dependence, Harm, HarmSpec, NoHarm, PassSpec, RateInterval};

/// 200 intervals of uneven traffic and errors from a fixed linear congruential sequence (Numerical Recipes).
fn intervals() -> impl Iterator<Item = RateInterval> {
    let mut seed: u32 = 42;
    (0..200).map(move |_| {
        let mut draw = |limit: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u64::from((seed >> 8) % limit)
        };
        let control = Counts { exposure: 5_000 + draw(1_000), events: draw(60) };
        let treatment = Counts { exposure: 250 + draw(100), events: draw(5) };
        RateInterval { control, treatment, intended_share: Some(0.05) }
    })
}

fn bits(dependence: Dependence) -> [u64; 3] {
    let mut harm = Harm::new(&HarmSpec { dependence, ..HarmSpec::default() }).unwrap();
    let mut pass = NoHarm::new(&PassSpec { dependence, ..PassSpec::default() }).unwrap();
    harm.restart(0.5);
    for (index, interval) in intervals().enumerate() {
        if index == 100 {
            harm.restart(0.25);
        }
        harm.update(&interval);
        pass.update(&interval);
    }
    [harm.log_e().to_bits(), harm.log_e_ratio().to_bits(), pass.log_e().to_bits()]
}

#[test]
fn the_evidence_has_the_same_bits_everywhere() {
    // Pinned on x86_64 by this code; a change of them changes decisions and must raise the rules' number.
    let pinned = [
        (Dependence::Clustered, [0xbff5_ba43_f0b2_8736, 0xbff5_ba43_f0b2_8736, 0xc004_af36_fa22_4090]),
        (Dependence::BurstsUpTo(20), [0xbff4_26f2_d591_a8fb, 0xbff4_26f2_d591_a8fb, 0x3fd5_69c1_84b8_39ef]),
        (Dependence::Independent, [0xbff6_10c9_dee4_b0c1, 0xbff6_10c9_dee4_b0c1, 0x4043_0a4c_e43b_d2d3]),
    ];
    for (dependence, expected) in pinned {
        assert_eq!(bits(dependence), expected, "{dependence:?}: {:#018x?}", bits(dependence));
    }
}

#[cfg(feature = "num-traits-std")]
#[test]
fn the_neighbour_is_really_in_the_build() {
    // The platform's exponential, which is what a decision must not use.
    assert!(num_traits::Float::exp(1.0_f64) > 2.7);
}

/// FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv/>): pins a long text in one number.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[test]
fn the_verdicts_have_the_same_bytes_everywhere() {
    let stage = StageId { rollout: "checkout-42".parse().unwrap(), step: 0, entry: 0 };
    let share = Weight::new(500).unwrap();
    let minute = |count: u64| Time::default().after(Duration::from_minutes(count));
    let interval = |(at, rates): (u64, RateInterval)| Interval {
        start: minute(at),
        end: minute(at + 1),
        stage: stage.clone(),
        intended: share,
        observed: share,
        settled: true,
        arms: Arms { stable: rates.control, candidate: rates.treatment }
            .map(|counts| Sample::counts(counts.exposure, counts.events).unwrap()),
    };
    let all: Vec<Interval> = (0..).zip(intervals()).map(interval).collect();
    let verdict = |count: usize| {
        let metrics = [("errors".parse().unwrap(), all.iter().take(count).cloned().collect())].into();
        let series = Series { stage: stage.clone(), basis: Basis::Compare, metrics };
        let decision = Sequential::default().judge(&series, minute(u64::try_from(count).unwrap()));
        // The figures, not the words about them.
        let figures: Vec<_> = decision.findings.iter().map(|finding| (&finding.rule, &finding.figures)).collect();
        serde_json::to_string(&(decision.outcome, figures)).unwrap()
    };
    let text: Vec<String> = [1, 5, 50, 200].map(verdict).into();
    assert_eq!(fingerprint(&text.join("\n")), 0x7bc6_3fd8_c5e9_e31e, "verdicts");
}

#[test]
fn the_machine_decides_the_same_bytes_everywhere() {
    let arms = Arms { stable: Version::named("41"), candidate: Version::named("42") };
    let release = Release::new("checkout-42".parse().unwrap(), "checkout".parse().unwrap(), arms, Level::High);
    let target = Target::default().with_replicas(20);
    let plan = bellwether_strategy::for_level(Level::High).plan(&release, &target).unwrap().outcome;
    let fault = |hours, what| After { after: Duration::from_hours(hours), what };
    let faults = vec![
        fault(1, WorldFault::RouterForgets),
        fault(9, WorldFault::CandidateCrashes(2)),
        fault(20, WorldFault::DriverSleeps(Duration::from_hours(2))),
    ];
    let scenario = Scenario {
        router_latency: Duration::from_seconds(2),
        unit_latency: Duration::from_seconds(40),
        faults,
        ..Scenario::default()
    };
    let log = simulate(plan, Time::default(), &scenario).log;
    let outcomes: Vec<_> = log.iter().map(|entry| (entry.event.at, entry.decision.outcome)).collect();
    assert_eq!(
        fingerprint(&serde_json::to_string(&outcomes).unwrap()),
        0x43b2_edde_8fbd_b429,
        "{} decisions",
        log.len()
    );
}
