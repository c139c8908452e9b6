//! A process that was stored goes on as if it had not been, and gives the same bits everywhere.

use bellwether_stats::{
    Counts, Dependence, Direction, Edges, GaugeHarm, GaugeSpec, Harm, HarmSpec, Histogram, NoHarm, PassSpec, RankHarm,
    RankSpec, RateInterval, RateRatio, ShareCheck, ValueHarm, ValueInterval, ValueNoHarm, ValueSpec,
};
use serde_json::{Value, json};

use crate::simulation::{SMALL, Traffic, seeded};

const DEPENDENCES: [Dependence; 3] = [Dependence::Clustered, Dependence::BurstsUpTo(20), Dependence::Independent];

#[test]
fn harm_that_is_stored_at_every_interval_ends_with_the_same_bits() {
    for dependence in DEPENDENCES {
        let (mut kept, mut stored) = (harm(dependence), through_json(&harm(dependence)));
        for (minute, interval) in traffic().enumerate() {
            kept.restart(mass(minute));
            stored.restart(mass(minute));
            kept.update(&interval);
            stored.update(&interval);
            stored = through_json(&stored);
            assert_eq!(kept, stored);
            assert_eq!(kept.log_e().to_bits(), stored.log_e().to_bits());
        }
    }
}

#[test]
fn no_harm_that_is_stored_at_every_interval_ends_with_the_same_bits() {
    for dependence in DEPENDENCES {
        let (mut kept, mut stored) = (no_harm(dependence), through_json(&no_harm(dependence)));
        for interval in traffic() {
            kept.update(&interval);
            stored.update(&interval);
            stored = through_json(&stored);
            assert_eq!(kept, stored);
            assert_eq!(kept.log_e().to_bits(), stored.log_e().to_bits());
        }
    }
}

#[test]
fn evidence_is_the_same_bits_on_every_machine() {
    // pinned when written; only a deliberate change of the formulas may change them
    let bits = DEPENDENCES.map(|dependence| {
        let (mut harm, mut no_harm) = (harm(dependence), no_harm(dependence));
        for (minute, interval) in fixed().into_iter().enumerate() {
            harm.restart(mass(minute));
            harm.update(&interval);
            no_harm.update(&interval);
        }
        let values = [harm.log_e_ratio(), harm.log_e_floor(), no_harm.log_e_ratio(), no_harm.log_e_absolute()];
        values.map(|value| format!("{:016x}", value.to_bits()))
    });
    let expected = [
        ["403de3e083941df4", "405126c2cc3410fc", "c0126c5ba9ca52ac", "bfa1a1ace2fdf7c0"],
        ["3fd0bb908b5ec84b", "3ffb4a9e58d41a3b", "bff5d3891352dda6", "bffd0794ef7641e8"],
        ["40416deaef8668cd", "4055748952df12e6", "c015f894bff0c607", "c01cabe3a81e5f67"],
    ];
    assert_eq!(bits, expected);
}

#[test]
fn every_other_process_that_is_stored_at_every_interval_ends_with_the_same_bits() {
    for dependence in DEPENDENCES {
        let (mut kept, mut stored) = (Others::new(dependence), Others::new(dependence));
        for minute in 0..60 {
            kept.update(minute);
            stored.update(minute);
            stored = stored.through_json();
            assert_eq!(kept.bits(), stored.bits(), "{dependence:?} {minute}");
        }
    }
}

#[test]
fn the_evidence_of_every_other_process_is_the_same_bits_on_every_machine() {
    // pinned when written; only a deliberate change of the formulas may change them
    let bits = DEPENDENCES.map(|dependence| {
        let mut others = Others::new(dependence);
        (0..60).for_each(|minute| others.update(minute));
        others.bits().map(|bits| format!("{bits:016x}"))
    });
    let expected = [
        [
            "3fd3af32158eb681",
            "c0058fec7b0da610",
            "3ffeac9e2ba437d0",
            "40408557ad123fa3",
            "401d1ffafeaefae8",
            "4173138bda4494f6",
            "3fe5d9a0e89f8624",
        ],
        [
            "bfd51f9b96a743be",
            "c00b4d6b52577482",
            "3ffeac9e2ba437d0",
            "40408557ad123fa3",
            "401d1ffafeaefae8",
            "4187d78bfd224a7b",
            "c008b33f9da0b43f",
        ],
        [
            "bfd6619acd9b00a6",
            "c0261a251af3a86c",
            "3ffeac9e2ba437d0",
            "40408557ad123fa3",
            "401d1ffafeaefae8",
            "41631447b48929ec",
            "c010ec8f2d58fe22",
        ],
    ];
    assert_eq!(bits, expected);
}

#[test]
fn a_stored_process_that_was_changed_is_refused() {
    let stored = serde_json::to_value(harm(Dependence::Clustered)).unwrap();
    let changes: [(&str, Value, &str); 7] = [
        ("/tolerance", json!("7ff8000000000000"), "tolerance"),
        ("/tolerance", json!(1.25), "a string"),
        ("/floor_rate", json!("+000000000000001"), "sixteen hexadecimal digits"),
        ("/ratio/reserve", json!("4000000000000000"), "a reserve between 0 and 1, found 2"),
        ("/ratio/bets", json!([]), "as many bets as the dependence has, found 0"),
        ("/floor/bets/0", json!("7ff0000000000000"), "logarithms of finite wealth, found inf"),
        ("/dependence", json!("independent"), "as many bets as the dependence has, found 8"),
    ];
    for (place, value, complaint) in changes {
        let mut changed = stored.clone();
        *changed.pointer_mut(place).unwrap() = value;
        let error = serde_json::from_value::<Harm>(changed).unwrap_err().to_string();
        assert!(error.contains(complaint), "{place}: {error}");
    }
}

#[test]
fn a_specification_is_refused_by_the_name_of_its_field() {
    let harm = |spec: HarmSpec| Harm::new(&spec).unwrap_err().field;
    let spec = HarmSpec::default();
    for tolerance in [f64::NAN, f64::INFINITY, 0.99, 1_000.1, -1.0] {
        assert_eq!(harm(HarmSpec { tolerance, ..spec }), "tolerance");
    }
    for floor in [f64::NAN, f64::INFINITY, 0.0, 1.0, -1.0] {
        assert_eq!(harm(HarmSpec { floor, ..spec }), "floor");
    }
    assert_eq!(harm(HarmSpec { dependence: Dependence::BurstsUpTo(0), ..spec }), "dependence.bursts_up_to");
    let no_harm = |spec: PassSpec| NoHarm::new(&spec).unwrap_err().to_string();
    let spec = PassSpec::default();
    let complaint = no_harm(PassSpec { harm: f64::NAN, ..spec });
    assert_eq!(complaint, "use `harm`: expected a ratio of at least 1 and at most 1000, found NaN");
    let complaint = no_harm(PassSpec { acceptable: 1.0, ..spec });
    assert_eq!(complaint, "use `acceptable`: expected a rate of at least 1e-12 and below 1, found 1");
}

#[test]
fn a_specification_reads_as_people_would_write_it() {
    let spec: HarmSpec =
        serde_json::from_str(r#"{ "dependence": { "bursts_up_to": 20 }, "tolerance": 1.25 }"#).unwrap();
    assert_eq!(spec, HarmSpec { dependence: Dependence::BurstsUpTo(20), tolerance: 1.25, ..HarmSpec::default() });
    let spec: PassSpec = serde_json::from_str(r#"{ "dependence": "clustered", "harm": 3 }"#).unwrap();
    assert_eq!(spec, PassSpec { harm: 3.0, ..PassSpec::default() });
    let error = serde_json::from_str::<PassSpec>(r#"{ "hram": 3 }"#).unwrap_err().to_string();
    assert!(error.contains("hram"), "{error}");
}

fn through_json<P: serde::Serialize + serde::de::DeserializeOwned>(process: &P) -> P {
    serde_json::from_str(&serde_json::to_string(process).unwrap()).unwrap()
}

fn harm(dependence: Dependence) -> Harm {
    // neither number has a short binary form
    Harm::new(&HarmSpec { dependence, tolerance: 1.1, floor: 3e-4 }).unwrap()
}

fn no_harm(dependence: Dependence) -> NoHarm {
    NoHarm::new(&PassSpec { dependence, harm: 1.7, acceptable: 0.003 }).unwrap()
}

/// The first intervals pass before anything starts, so that nothing but the reserve is stored.
fn mass(minute: usize) -> f64 {
    if minute % 20 == 5 { 0.1 } else { 0.0 }
}

fn traffic() -> impl Iterator<Item = RateInterval> {
    let mut random = seeded(7);
    (0..100).map(move |_| Traffic::new(SMALL, 0.001, 1.5).interval(&mut random))
}

fn fixed() -> Vec<RateInterval> {
    let interval = |minute: u64| RateInterval {
        control: Counts { exposure: 5_700 + 13 * minute, events: minute * minute % 11 },
        treatment: Counts { exposure: 300 - minute, events: minute * 7 % 3 },
        intended_share: minute.is_multiple_of(2).then_some(0.05),
    };
    (0..60).map(interval).collect()
}

/// One process of every kind but those on rates, on a fixed stream.
struct Others {
    values: ValueHarm,
    pass: ValueNoHarm,
    ranks: RankHarm,
    gauges: GaugeHarm,
    share: ShareCheck,
    ratio: RateRatio,
}

impl Others {
    fn new(dependence: Dependence) -> Self {
        let edges = || Edges::new(vec![0.1, 0.3, 0.7]).unwrap();
        let spec = ValueSpec { dependence, tolerance: 1.1, value_tolerance: 0.1, ..ValueSpec::default() };
        let pass = PassSpec { dependence, harm: 1.7, acceptable: 0.003 };
        Self {
            values: ValueHarm::new(&spec, edges()).unwrap(),
            pass: ValueNoHarm::new(&pass, Direction::HigherIsWorse, edges()).unwrap(),
            ranks: RankHarm::new(&RankSpec::default()).unwrap(),
            gauges: GaugeHarm::new(&GaugeSpec::default()).unwrap(),
            share: ShareCheck::default(),
            ratio: RateRatio::new(dependence).unwrap(),
        }
    }

    fn update(&mut self, minute: usize) {
        let mass = mass(minute);
        self.values.restart(mass);
        self.ranks.restart(mass);
        self.gauges.restart(mass);
        let at = minute as u64;
        let histogram = |scale: u64, slow: u64| {
            let counts = [80, 10 + at % 3, 5 + at * slow % 4, slow + at % 2, slow].map(|count| count * scale);
            Histogram::new(vec![0.1, 0.2, 0.3, 0.7], counts.into()).unwrap()
        };
        let interval = ValueInterval::new(&histogram(19, 1), &histogram(1, 3), Some(0.05));
        self.values.update(&interval);
        self.pass.update(&interval);
        let samples =
            |count: u64, more: u64| (0..count).map(|it| (it * 37 % 101 + more) as f64 / 7.0).collect::<Vec<_>>();
        self.ranks.update(&samples(54, at % 5), &samples(6, 20));
        self.gauges.update(&samples(5, 300 + at % 7), &samples(4, 500));
        let interval = fixed()[minute];
        self.share.update(interval.control.exposure, interval.treatment.exposure, 0.06);
        self.ratio.update(&interval);
    }

    fn through_json(&self) -> Self {
        Self {
            values: through_json(&self.values),
            pass: through_json(&self.pass),
            ranks: through_json(&self.ranks),
            gauges: through_json(&self.gauges),
            share: through_json(&self.share),
            ratio: through_json(&self.ratio),
        }
    }

    fn bits(&self) -> [u64; 7] {
        let (lower, upper) = self.ratio.limits(0.05);
        let estimate = self.ratio.estimate().unwrap_or_default();
        let ratio = estimate + 1_000.0 * lower.unwrap_or_default() + 1_000_000.0 * upper.unwrap_or_default();
        let log_es =
            [self.values.log_e(), self.pass.log_e(), self.ranks.log_e(), self.gauges.log_e(), self.share.log_e()];
        let [values, pass, ranks, gauges, share] = log_es.map(f64::to_bits);
        [values, pass, ranks, gauges, share, ratio.to_bits(), self.values.strongest().log_e.to_bits()]
    }
}
