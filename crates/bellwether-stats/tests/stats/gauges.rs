//! Instances compared by a gauge.

use bellwether_stats::{GaugeHarm, GaugeSpec};
use proptest::prelude::*;
use rand::RngExt;

use crate::simulation::{first_time, is_compatible, reached, seeded};
use crate::tree::{EXACT, Round, value};

type Instances = (Vec<f64>, Vec<f64>);

#[test]
fn evidence_is_fair_whichever_instances_are_the_treatments() {
    let rounds: Vec<_> = [[1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 1.0, 1.0, 2.0, 9.0], [3.0; 5]].map(exchangeable).into();
    let mut harm = GaugeHarm::new(&GaugeSpec { value_tolerance: 0.0, ..GaugeSpec::default() }).unwrap();
    // the spread is known before: a control whose instances are equal
    harm.update(&[2.0, 2.0], &[]);
    let play = |harm: &mut GaugeHarm, round: usize, (control, treatment): &Instances| {
        harm.restart(if round == 0 { 0.6 } else { 0.2 });
        harm.update(control, treatment);
    };
    assert!(value(&harm, &rounds, &play, &|harm| harm.log_e().exp()) <= EXACT);
}

#[test]
fn nothing_is_concluded_from_two_instances_or_before_the_spread_is_known() {
    let mut harm = GaugeHarm::new(&GaugeSpec::default()).unwrap();
    harm.restart(1.0);
    let control = [1.0, 1.01, 0.99];
    harm.update(&control, &[9.0; 3]);
    assert_eq!((harm.log_e(), harm.tolerance()), (0.0, Some(0.25)));
    harm.update(&control, &[9.0; 2]);
    harm.update(&[1.0], &[9.0; 3]);
    assert_eq!((harm.log_e(), harm.tolerance()), (0.0, None), "one instance has no spread");
    harm.update(&control, &[9.0; 3]);
    assert_eq!(harm.log_e(), 0.0);
    harm.update(&control, &[9.0; 3]);
    assert!(harm.log_e() > 0.0);
}

#[test]
fn instances_that_differ_need_more_to_be_told_apart() {
    let mut harm = GaugeHarm::new(&GaugeSpec::default()).unwrap();
    harm.update(&[100.0, 130.0, 160.0, 210.0], &[]);
    // sd 46.9 of mean 150: ln sd sqrt(ln(1 + 0.0978)) = 0.3055, 2.5 times as much is a factor of 2.146
    let tolerance = harm.tolerance().unwrap();
    assert!((tolerance - 1.146).abs() < 1e-3, "{tolerance}");
    harm.update(&[0.0, 0.0, 0.0], &[]);
    assert_eq!(harm.tolerance(), None, "without a mean nothing is relative to it");
}

/// Section 3.6: the same instances come back; ranking them in every interval without a tolerance fails half of all
/// candidates that are as good.
#[test]
fn hosts_that_differ_for_ever_rarely_fail_a_version_that_does_not() {
    let run = |seed| {
        let mut random = seeded(seed);
        let mut hosts = |count: usize| -> Vec<f64> {
            let mut uniform = || 2.0 * random.random::<f64>() - 1.0;
            (0..count).map(|_| (0.1 * (uniform() + uniform() + uniform())).exp()).collect()
        };
        let (control, treatment) = (hosts(12), hosts(4));
        let mut harm = GaugeHarm::new(&GaugeSpec { value_tolerance: 0.0, ..GaugeSpec::default() }).unwrap();
        harm.restart(1.0);
        first_time(720, 0.01, |_| {
            let mut noisy = |hosts: &[f64]| -> Vec<f64> {
                hosts.iter().map(|host| host * (1.0 + 0.02 * random.random::<f64>())).collect()
            };
            let (control, treatment) = (noisy(&control), noisy(&treatment));
            harm.update(&control, &treatment);
            harm.log_e()
        })
    };
    let alarms = reached(&(0..300).map(run).collect::<Vec<_>>());
    assert!(is_compatible(alarms, 300, 0.01), "{alarms} of 300");
}

proptest! {
    #[test]
    fn any_values_at_all_leave_a_number(
        intervals in prop::collection::vec((gauges(), gauges(), prop::num::f64::ANY), 0..20)
    ) {
        let mut harm = GaugeHarm::new(&GaugeSpec::default()).unwrap();
        for (control, treatment, mass) in intervals {
            harm.restart(mass);
            harm.update(&control, &treatment);
            prop_assert!(harm.log_e().is_finite());
            prop_assert!(harm.tolerance().is_none_or(|tolerance| tolerance >= 0.25));
        }
    }
}

fn exchangeable(values: [f64; 5]) -> Round<Instances> {
    let chosen = (0_u32..1 << 5).filter(|mask| mask.count_ones() == 3);
    let split = |mask: u32| {
        let part =
            |of: u32| values.iter().zip(0..).filter(|(_, at)| mask >> at & 1 == of).map(|(value, _)| *value).collect();
        (part(0), part(1))
    };
    let outcomes: Vec<Instances> = chosen.map(split).collect();
    let law = vec![1.0 / outcomes.len() as f64; outcomes.len()];
    Round { outcomes, laws: vec![law] }
}

fn gauges() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![prop::num::f64::ANY, 0.0..10.0_f64, Just(0.0)], 0..6)
}
