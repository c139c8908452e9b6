//! The arithmetic of other systems against their own published tests, against naive recomputations, and at extremes.

use bellwether_strategy::arithmetic::{
    Bounds, IntOrPercent, ReplicaSet,
    argo_rollouts::{self as argo, Approximation, BasicCanary, Counts, DynamicStableScale, ObservedWeights},
    flagger,
    kubernetes::{self, DeploymentStrategy, OldSets, RecordedSet, Status},
};
use proptest::prelude::*;

fn pods(count: i32) -> Option<IntOrPercent> {
    Some(IntOrPercent::Count(count))
}

fn text(text: &str) -> Option<IntOrPercent> {
    Some(IntOrPercent::Text(text.to_owned()))
}

fn counts(canary: i32, stable: i32) -> Counts {
    Counts { canary, stable }
}

// ---- Kubernetes ----

/// `TestResolveFenceposts` in `pkg/controller/deployment/util/deployment_util_test.go`, and its two rules by hand.
#[test]
fn kubernetes_rounds_a_surge_up_and_unavailability_down() {
    for (max_surge, max_unavailable, desired, wanted) in [
        (text("0%"), text("0%"), 0, Some((0, 1))),
        (text("39%"), text("39%"), 10, Some((4, 3))),
        (text("oops"), text("39%"), 10, None),
        (text("55%"), text("urg"), 10, None),
        (pods(5), pods(1), 7, Some((5, 1))),
        (None, text("39%"), 10, Some((0, 3))),
        (text("39%"), None, 10, Some((4, 0))),
        (None, None, 10, Some((0, 1))),
        (text("1%"), text("99%"), 1, Some((1, 0))),
        (pods(0), text("250%"), 2, Some((0, 5))),
    ] {
        let shown = format!("{max_surge:?} {max_unavailable:?} {desired}");
        let fenceposts = kubernetes::Fenceposts { desired, max_surge, max_unavailable };
        let bounds = kubernetes::resolve_fenceposts(&fenceposts).ok();
        assert_eq!(bounds, wanted.map(|(surge, unavailable)| Bounds { surge, unavailable }), "{shown}");
    }
}

/// `TestMaxUnavailable` in the same file; min_available is what is left.
#[test]
fn kubernetes_never_misses_more_than_are_wanted() {
    for (replicas, max_unavailable, wanted) in [
        (10, pods(5), 5),
        (10, pods(10), 10),
        (5, pods(10), 5),
        (0, pods(10), 0),
        (10, text("50%"), 5),
        (10, text("100%"), 10),
        (5, text("110%"), 5),
        (10, text("oops"), 0),
    ] {
        let limits = kubernetes::Limits {
            strategy: DeploymentStrategy::RollingUpdate,
            replicas: Some(replicas),
            max_surge: pods(1),
            max_unavailable,
        };
        assert_eq!(kubernetes::max_unavailable(&limits).unwrap(), wanted, "{limits:?}");
        assert_eq!(kubernetes::min_available(&limits).unwrap(), replicas - wanted, "{limits:?}");
        let all_at_once = kubernetes::Limits { strategy: DeploymentStrategy::Recreate, replicas: None, ..limits };
        assert_eq!(kubernetes::max_unavailable(&all_at_once).unwrap(), 0);
        assert_eq!(kubernetes::min_available(&all_at_once).unwrap(), 0);
    }
    let unsaid = kubernetes::Limits::default();
    assert_eq!(kubernetes::max_unavailable(&unsaid).unwrap_err().field(), "replicas");
}

/// `TestNewRSNewReplicas` (first three) and the comment above `NewRSNewReplicas`.
#[test]
fn kubernetes_grows_the_new_set_within_the_surge() {
    use DeploymentStrategy::{Recreate, RollingUpdate};
    for (strategy, replicas, new_spec, max_surge, all, wanted) in [
        (RollingUpdate, 1, 5, pods(1), 5, Some(5)),
        (RollingUpdate, 6, 2, pods(10), 2, Some(6)),
        (Recreate, 3, 1, pods(1), 1, Some(3)),
        (RollingUpdate, 10, 0, pods(3), 10, Some(3)),
        (RollingUpdate, 10, 3, text("30%"), 11, Some(5)),
        (RollingUpdate, 10, 3, text("30"), 11, None),
        (RollingUpdate, 10, 3, None, 11, None),
        (Recreate, 3, 1, None, 1, Some(3)),
    ] {
        let growth = kubernetes::Growth { strategy, replicas, new_spec, max_surge, all_rs_spec: vec![all] };
        assert_eq!(kubernetes::new_rs_new_replicas(&growth).ok(), wanted, "{growth:?}");
    }
}

/// `TestDeploymentComplete`, `TestDeploymentProgressing` and `TestDeploymentTimedOut`.
#[test]
fn kubernetes_tells_complete_moving_and_late() {
    let arrived = kubernetes::Completion {
        desired: 5,
        current: 5,
        updated: 5,
        available: 5,
        generation: 3,
        observed_generation: 3,
    };
    assert!(kubernetes::deployment_complete(&arrived));
    for (change, at) in [(4, 0), (4, 1), (4, 2), (2, 3)] {
        let mut other = arrived;
        match at {
            0 => other.current = change,
            1 => other.updated = change,
            2 => other.available = change,
            _ => other.observed_generation = i64::from(change),
        }
        assert!(!kubernetes::deployment_complete(&other), "{other:?}");
    }
    let old = Status { replicas: 10, updated: 4, ready: 4, available: 4 };
    for (new, moved) in [
        (old, false),
        (Status { updated: 6, ..old }, true),
        (Status { updated: 3, ..old }, false),
        (Status { replicas: 8, ..old }, true),
        (Status { ready: 5, ..old }, true),
        (Status { available: 5, ..old }, true),
        (Status { replicas: 10, updated: 4, ready: 3, available: 3 }, false),
        (Status { replicas: 12, updated: 6, ..old }, true),
    ] {
        assert_eq!(kubernetes::deployment_progressing(&kubernetes::Progress { old, new }), moved, "{new:?}");
    }
    for (progress_deadline_seconds, elapsed_seconds, reason, late) in [
        (None, Some(11), Some(""), false),
        (Some(i32::MAX), Some(11), Some(""), false),
        (Some(10), Some(11), Some(""), true),
        (Some(10), Some(10), Some(""), false),
        (Some(10), Some(9), Some(""), false),
        (Some(10), None, Some(""), true),
        (Some(10), None, None, false),
        (Some(10), Some(99), Some("NewReplicaSetAvailable"), false),
        (Some(10), Some(1), Some("ProgressDeadlineExceeded"), true),
    ] {
        let timeout =
            kubernetes::Timeout { progress_deadline_seconds, elapsed_seconds, reason: reason.map(ToOwned::to_owned) };
        assert_eq!(kubernetes::deployment_timed_out(&timeout), late, "{timeout:?}");
    }
}

/// `TestDeploymentController_reconcileNewReplicaSet` in `rolling_test.go`.
#[test]
fn kubernetes_reconciles_the_new_set() {
    for (max_surge, old, new, wanted) in
        [(0, 10, 0, None), (2, 10, 0, Some(2)), (2, 5, 0, Some(7)), (2, 10, 2, None), (2, 2, 11, Some(10))]
    {
        let set = kubernetes::NewSet { replicas: 10, max_surge: pods(max_surge), old, new };
        assert_eq!(kubernetes::reconcile_new_replica_set(&set).unwrap(), wanted, "{set:?}");
    }
}

fn old_sets(max_unavailable: i32, old: &[(i32, i32)], new: Option<(i32, i32)>) -> OldSets {
    let set = |(spec, available)| ReplicaSet::new(spec, available);
    OldSets {
        replicas: 10,
        max_surge: pods(0),
        max_unavailable: pods(max_unavailable),
        new: new.map(set),
        old: old.iter().copied().map(set).collect(),
    }
}

/// `TestDeploymentController_reconcileOldReplicaSets` (first five), and by hand from the comments in `rolling.go`.
#[test]
fn kubernetes_reconciles_old_sets_without_paying_for_a_new_one_that_does_not_start() {
    for (max_unavailable, old, new, wanted) in [
        (0, &[(10, 10)][..], (0, 0), Some(&[9][..])),
        (2, &[(10, 10)], (0, 0), Some(&[8])),
        (2, &[(10, 8)], (0, 0), Some(&[8])),
        (2, &[(10, 9)], (0, 0), Some(&[8])),
        (2, &[(8, 8)], (2, 0), None),
        (2, &[(8, 8)], (2, 2), Some(&[6])),
        // The oldest set pays first; the pods that do not run go before those that do.
        (2, &[(2, 2), (8, 6)], (0, 0), Some(&[2, 6])),
        (4, &[(2, 2), (8, 6)], (0, 0), Some(&[0, 6])),
        (2, &[(0, 0)], (10, 10), None),
        // More available than wanted: nothing this time.
        (4, &[(5, 6)], (5, 5), None),
        // What is left of a set that should have none does not count.
        (2, &[(0, 5), (8, 8)], (2, 0), None),
    ] {
        let sets = old_sets(max_unavailable, old, Some(new));
        let wanted = wanted.map(<[i32]>::to_vec);
        assert_eq!(kubernetes::reconcile_old_replica_sets(&sets), wanted, "{sets:?}");
    }
}

/// `TestDeploymentController_cleanupUnhealthyReplicas` and `…_scaleDownOldReplicaSetsForRollingUpdate`.
#[test]
fn kubernetes_removes_unavailable_pods_and_spare_ones() {
    for (available, max_cleanup, wanted) in
        [(8, 1, Some(1)), (8, 3, Some(2)), (8, 0, Some(0)), (10, 3, Some(0)), (11, 3, None)]
    {
        let cleanup = kubernetes::Cleanup { old: vec![ReplicaSet::new(10, available)], max_cleanup };
        assert_eq!(kubernetes::cleanup_unhealthy_replicas(&cleanup).ok(), wanted, "{cleanup:?}");
    }
    for (max_unavailable, available, old, wanted) in
        [(0, 10, 10, Some(9)), (2, 10, 10, Some(8)), (2, 8, 10, None), (2, 10, 0, None), (2, 1, 10, None)]
    {
        let sets = old_sets(max_unavailable, &[(old, available)], None);
        let left = kubernetes::scale_down_old_for_rolling_update(&sets);
        assert_eq!(left, wanted.map(|left| vec![left]), "{sets:?}");
    }
}

/// A scaling event: sizes before and after, the new set's first; `None` is no new set.
fn scaled(from: (i32, i32), to: (i32, i32), new: Option<i32>, old: &[i32]) -> (Option<i32>, Vec<i32>) {
    let recorded = |spec| RecordedSet { spec, available: 0, recorded_desired: from.0, recorded_max: from.0 + from.1 };
    let sizes = kubernetes::proportional_scale(&kubernetes::Scale {
        replicas: to.0,
        max_surge: pods(to.1),
        max_unavailable: pods(0),
        new: new.map(recorded),
        old_newest_first: old.iter().copied().map(recorded).collect(),
    });
    (sizes.new, sizes.old_newest_first)
}

/// `TestScale` in `sync_test.go`, all but the one below.
#[test]
fn kubernetes_scales_sets_in_proportion() {
    for (from, to, new, old, wanted_new, wanted_old) in [
        ((10, 0), (12, 0), Some(10), &[][..], Some(12), &[][..]),
        ((10, 0), (5, 0), Some(10), &[], Some(5), &[]),
        ((5, 0), (10, 0), Some(2), &[3], Some(4), &[6]),
        ((5, 0), (3, 0), Some(2), &[3], Some(1), &[2]),
        ((9, 0), (4, 0), Some(8), &[1], Some(4), &[0]),
        ((7, 0), (10, 0), Some(2), &[3, 2], Some(3), &[4, 3]),
        ((13, 0), (8, 0), Some(2), &[8, 3], Some(1), &[5, 2]),
        ((3, 0), (4, 0), Some(1), &[1, 1], Some(2), &[1, 1]),
        ((3, 0), (2, 0), Some(1), &[1, 1], Some(1), &[1, 0]),
        ((4, 0), (5, 0), None, &[2, 2], None, &[3, 2]),
        ((6, 0), (0, 0), Some(3), &[2, 1], Some(0), &[0, 0]),
        ((6, 0), (6, 0), Some(0), &[0, 0], Some(6), &[0, 0]),
        ((10, 2), (20, 2), Some(6), &[6], Some(11), &[11]),
        ((10, 3), (50, 6), Some(5), &[8], Some(22), &[34]),
        ((10, 0), (14, 0), None, &[7, 3], None, &[10, 4]),
        ((2, 1), (2, 1), Some(2), &[1], Some(2), &[1]),
        // By hand: no set at all, the only one with pods is old, and none has any.
        ((4, 0), (5, 0), None, &[], None, &[]),
        ((4, 0), (5, 0), Some(0), &[4, 0], Some(0), &[5, 0]),
        ((4, 0), (5, 0), None, &[0, 0], None, &[5, 0]),
    ] {
        assert_eq!(scaled(from, to, new, old), (wanted_new, wanted_old.to_vec()), "{from:?} {to:?} {new:?} {old:?}");
    }
}

/// "failed rs update" in `TestScale`: one set was missed when the Deployment went from three pods to five.
#[test]
fn kubernetes_makes_up_for_a_set_that_was_not_scaled() {
    let recorded = |spec, desired| RecordedSet { spec, available: 0, recorded_desired: desired, recorded_max: desired };
    let scale = kubernetes::Scale {
        replicas: 5,
        new: Some(recorded(2, 5)),
        old_newest_first: vec![recorded(1, 3), recorded(1, 5)],
        ..kubernetes::Scale::default()
    };
    let sizes = kubernetes::proportional_scale(&scale);
    assert_eq!((sizes.new, sizes.old_newest_first), (Some(2), vec![2, 1]));
}

#[test]
fn kubernetes_removes_old_sets_once_the_new_one_has_all() {
    let new = RecordedSet { spec: 5, available: 5, recorded_desired: 5, recorded_max: 6 };
    let old = RecordedSet { spec: 2, ..new };
    let scale = kubernetes::Scale {
        replicas: 5,
        new: Some(new),
        old_newest_first: vec![old, old],
        ..kubernetes::Scale::default()
    };
    assert_eq!(kubernetes::proportional_scale(&scale).old_newest_first, [0, 0]);
    let broken = kubernetes::Scale { new: Some(RecordedSet { available: 4, ..new }), ..scale };
    // By hand: four pods too many. In proportion the new set loses one of 5 (25/6 rounds to 4) and the others none of 2
    // (10/6 rounds to 2); the largest takes the three that rounding leaves over, though it is the new one.
    let sizes = kubernetes::proportional_scale(&broken);
    assert_eq!((sizes.new, sizes.old_newest_first), (Some(1), vec![2, 2]));
}

/// A rolling update whose pods start at once, round by round, as the controller does it.
#[test]
fn a_rolling_update_of_kubernetes_arrives_within_its_bounds() {
    for (replicas, surge, unavailable) in (1..=9).flat_map(|replicas| {
        (0..=3).flat_map(move |surge| (0..=3).map(move |unavailable| (replicas, surge, unavailable)))
    }) {
        let least = replicas - unavailable.max(i32::from(surge == 0 && unavailable == 0)).min(replicas);
        let (mut new, mut old, mut rounds) = (0, vec![1, replicas - 1], 0);
        while (new, old.iter().sum::<i32>()) != (replicas, 0) {
            let set = kubernetes::NewSet { replicas, max_surge: pods(surge), old: old.iter().sum(), new };
            if let Some(grown) = kubernetes::reconcile_new_replica_set(&set).unwrap() {
                new = grown;
            } else {
                let old_sets = OldSets {
                    replicas,
                    max_surge: pods(surge),
                    max_unavailable: pods(unavailable),
                    new: Some(ReplicaSet::new(new, new)),
                    old: old.iter().map(|&spec| ReplicaSet::new(spec, spec)).collect(),
                };
                old = kubernetes::reconcile_old_replica_sets(&old_sets).expect("one of the two moves");
            }
            let all = new + old.iter().sum::<i32>();
            assert!((least..=replicas + surge).contains(&all), "{replicas} {surge} {unavailable}: {new} {old:?}");
            rounds += 1;
            assert!(rounds < 50, "{replicas} {surge} {unavailable}");
        }
    }
}

// ---- Argo Rollouts ----

/// One move of a canary without a router: replicas, weight, surge, unavailable, then spec and available of stable and
/// canary, the pods of an older set, and the wanted canary and stable.
type Move = (i32, i32, Option<IntOrPercent>, Option<IntOrPercent>, (i32, i32), (i32, i32), i32, Counts);

fn moved(case: &Move) -> BasicCanary {
    let (replicas, weight, max_surge, max_unavailable, stable, canary, older, _) = case.clone();
    BasicCanary {
        spec_replicas: Some(replicas),
        set_weight: Some(weight),
        max_surge,
        max_unavailable,
        stable_spec: Some(stable.0),
        stable_available: stable.1,
        canary_spec: Some(canary.0),
        canary_available: canary.1,
        older: if older == 0 { vec![] } else { vec![ReplicaSet::new(older, older)] },
        ..BasicCanary::default()
    }
}

/// `TestCalculateReplicaCountsForCanary` in `utils/replicaset/canary_test.go`.
#[test]
fn argo_moves_a_basic_canary() {
    let cases: [Move; 28] = [
        (10, 100, pods(3), pods(0), (7, 8), (6, 3), 0, counts(6, 7)),
        (10, 20, pods(2), pods(0), (10, 10), (0, 0), 0, counts(2, 10)),
        (10, 20, text("20%"), pods(0), (10, 10), (2, 2), 0, counts(2, 8)),
        (10, 30, pods(2), pods(0), (10, 10), (0, 0), 0, counts(2, 10)),
        (10, 20, pods(0), text("20%"), (10, 10), (0, 0), 0, counts(0, 8)),
        (10, 50, pods(2), pods(1), (10, 10), (0, 0), 0, counts(2, 9)),
        (10, 0, pods(1), pods(1), (10, 10), (1, 1), 0, counts(0, 10)),
        (10, 100, pods(1), pods(1), (1, 1), (10, 10), 0, counts(10, 0)),
        (1, 20, pods(1), pods(0), (1, 1), (0, 0), 0, counts(1, 1)),
        (1, 90, pods(1), pods(0), (1, 1), (0, 0), 0, counts(1, 1)),
        (1, 49, pods(0), pods(1), (1, 1), (0, 0), 0, counts(0, 1)),
        (1, 51, pods(0), pods(1), (1, 1), (0, 0), 0, counts(0, 0)),
        (1, 51, pods(0), pods(1), (0, 0), (0, 0), 0, counts(1, 0)),
        (10, 30, pods(1), pods(0), (1, 1), (0, 0), 3, counts(1, 7)),
        (10, 30, pods(0), pods(3), (8, 5), (4, 4), 0, counts(3, 7)),
        (10, 100, pods(1), pods(0), (10, 2), (10, 8), 0, counts(9, 2)),
        (10, 30, pods(0), pods(1), (8, 6), (4, 2), 3, counts(4, 8)),
        (10, 5, pods(0), pods(1), (10, 10), (0, 0), 0, counts(0, 9)),
        (10, 5, pods(0), pods(1), (9, 9), (0, 0), 0, counts(1, 9)),
        (10, 10, text("0%"), text("0%"), (10, 10), (0, 0), 0, counts(0, 9)),
        (4, 100, pods(1), pods(0), (4, 1), (0, 0), 0, counts(1, 4)),
        (3, 99, pods(0), pods(2), (3, 3), (0, 0), 0, counts(0, 1)),
        (3, 99, pods(0), pods(2), (1, 1), (0, 0), 0, counts(2, 1)),
        (4, 100, pods(1), pods(0), (4, 1), (1, 1), 0, counts(1, 3)),
        (4, 0, pods(1), pods(0), (0, 0), (4, 4), 0, counts(4, 1)),
        (4, 0, pods(1), pods(0), (1, 0), (4, 4), 0, counts(4, 1)),
        (4, 0, pods(1), pods(0), (1, 1), (4, 4), 0, counts(3, 1)),
        // By hand: both bounds are 25 % when they are not said, three up and two down.
        (10, 50, None, None, (10, 10), (0, 0), 0, counts(3, 8)),
    ];
    for case in &cases {
        assert_eq!(argo::basic_canary(&moved(case)).unwrap(), case.7, "{case:?}");
    }
}

/// "promote full …" in the same table, `TestCalculateReplicaCountsForCanaryStableRSdEdgeCases`, and an abort by hand.
#[test]
fn argo_moves_a_basic_canary_that_is_promoted_aborted_or_alone() {
    let promoted = |max_surge, max_unavailable| BasicCanary {
        promote_full: true,
        ..moved(&(4, 1, pods(max_surge), pods(max_unavailable), (4, 4), (0, 0), 0, counts(0, 0)))
    };
    assert_eq!(argo::basic_canary(&promoted(4, 4)).unwrap(), counts(4, 0));
    assert_eq!(argo::basic_canary(&promoted(3, 0)).unwrap(), counts(3, 4));
    let alone =
        BasicCanary { stable_spec: None, ..moved(&(10, 10, pods(0), pods(1), (0, 0), (9, 9), 0, counts(0, 0))) };
    assert_eq!(argo::basic_canary(&alone).unwrap(), counts(10, 0));
    let aborted = BasicCanary { abort: true, ..moved(&(10, 50, pods(1), pods(0), (6, 6), (5, 5), 0, counts(0, 0))) };
    assert_eq!(argo::basic_canary(&aborted).unwrap(), counts(4, 6), "the canary pays for the next stable pod");
}

/// A basic canary whose pods start at once arrives at its goal and stays within its limits.
#[test]
fn a_basic_canary_of_argo_arrives_within_its_limits() {
    for replicas in 1..=7 {
        for (surge, unavailable, weight) in (0..=2).flat_map(|surge| {
            (0..=2)
                .flat_map(move |unavailable| [0, 1, 20, 33, 50, 75, 99, 100].map(|weight| (surge, unavailable, weight)))
        }) {
            let goal =
                argo::approximate_weighted(&Approximation { replicas, weight, max_weight: None, max_surge: surge })
                    .unwrap();
            let limits = argo::Limits {
                strategy: Some(argo::RolloutStrategy::Canary),
                replicas: Some(replicas),
                max_surge: pods(surge),
                max_unavailable: pods(unavailable),
            };
            let fewest = replicas - argo::max_unavailable(&limits);
            for start in 0..=replicas {
                let mut now = counts(start, replicas - start);
                for _ in 0..40 {
                    let case = (
                        replicas,
                        weight,
                        pods(surge),
                        pods(unavailable),
                        (now.stable, now.stable),
                        (now.canary, now.canary),
                        0,
                        now,
                    );
                    now = argo::basic_canary(&moved(&case)).unwrap();
                    let all = now.canary + now.stable;
                    assert!((fewest..=replicas + surge).contains(&all), "{case:?}: {now:?}");
                }
                assert_eq!(now, goal, "{replicas} {surge} {unavailable} {weight} from {start}");
            }
        }
    }
}

/// `TestApproximateWeightedNewStableReplicaCounts`.
#[test]
fn argo_comes_as_close_to_a_weight_as_pods_can() {
    for (replicas, max_surge, weights) in [
        (0, 0, &[(0, 0, 0), (50, 0, 0), (100, 0, 0)][..]),
        (0, 1, &[(0, 0, 0), (50, 0, 0), (100, 0, 0)]),
        (1, 0, &[(0, 0, 1), (1, 0, 1), (49, 0, 1), (50, 1, 0), (99, 1, 0), (100, 1, 0)]),
        (1, 1, &[(0, 0, 1), (1, 1, 1), (49, 1, 1), (50, 1, 1), (99, 1, 1), (100, 1, 0)]),
        (2, 0, &[(0, 0, 2), (1, 1, 1), (50, 1, 1), (99, 1, 1), (100, 2, 0)]),
        (2, 1, &[(0, 0, 2), (1, 1, 2), (50, 1, 1), (99, 2, 1), (100, 2, 0)]),
        (3, 0, &[(10, 1, 2), (25, 1, 2), (33, 1, 2), (34, 1, 2), (49, 1, 2), (50, 2, 1)]),
        (3, 1, &[(10, 1, 3), (25, 1, 3), (33, 1, 2), (34, 1, 2), (49, 2, 2), (50, 2, 2)]),
        (10, 0, &[(1, 1, 9), (14, 1, 9), (15, 2, 8), (16, 2, 8), (99, 9, 1)]),
        (10, 1, &[(0, 0, 10), (1, 1, 10), (18, 2, 9), (19, 2, 9), (20, 2, 8), (23, 2, 8), (24, 3, 8), (99, 10, 1)]),
    ] {
        for &(weight, canary, stable) in weights {
            let approximation = Approximation { replicas, weight, max_weight: Some(100), max_surge };
            assert_eq!(
                argo::approximate_weighted(&approximation).unwrap(),
                counts(canary, stable),
                "{approximation:?}"
            );
        }
    }
}

/// The same written down once more in the platform's own floats: the closest of all candidates, the first of equals.
fn naive_approximation(replicas: i32, weight: i32, max_weight: i32, max_surge: i32) -> Counts {
    if replicas == 0 {
        return counts(0, 0);
    }
    let exact = f64::from(replicas.wrapping_mul(weight)) / f64::from(max_weight);
    let free = weight == 0 || weight == max_weight || (replicas == 1 && max_surge == 0);
    let mut best: Option<(f64, Counts)> = None;
    for total in [replicas, replicas.wrapping_add(1)] {
        let tied = (f64::from(total) * (f64::from(weight) / f64::from(max_weight))).fract() == 0.5;
        for up in [true, false] {
            #[expect(clippy::cast_possible_truncation, reason = "it saturates, as the function says that it does")]
            let canary = if up { exact.ceil() as i32 } else { exact.floor() as i32 };
            let is_allowed = match (up, total == replicas) {
                (true, true) => canary < replicas || free,
                (true, false) => max_surge > 0,
                (false, is_exact) => !tied && (canary != 0 || free) && (is_exact || max_surge > 0),
            };
            let off = (f64::from(canary.wrapping_mul(max_weight)) / f64::from(total) - f64::from(weight)).abs();
            if is_allowed && best.is_none_or(|(least, _)| off < least) {
                best = Some((off, counts(canary, total.wrapping_sub(canary))));
            }
        }
    }
    best.map_or(counts(0, replicas), |(_, best)| best)
}

#[test]
fn argo_approximates_as_floats_do() {
    for replicas in 0..=120 {
        for weight in 0..=100 {
            for max_surge in [0, 1] {
                let approximation = Approximation { replicas, weight, max_weight: None, max_surge };
                let naive = naive_approximation(replicas, weight, 100, max_surge);
                assert_eq!(argo::approximate_weighted(&approximation).unwrap(), naive, "{approximation:?}");
            }
        }
    }
}

/// The router's rows of `TestCalculateReplicaCountsForCanary`, and `TestCalculateReplicaCountsForCanaryTrafficRouting`.
#[test]
fn argo_counts_pods_behind_a_router() {
    let scale =
        |replicas, weight, match_traffic_weight| Some(argo::SetCanaryScale { replicas, weight, match_traffic_weight });
    let routed = |replicas, weight| argo::TrafficRouted {
        spec_replicas: Some(replicas),
        set_weight: Some(weight),
        ..argo::TrafficRouted::default()
    };
    let with_scale =
        |replicas, weight, set_canary_scale| argo::TrafficRouted { set_canary_scale, ..routed(replicas, weight) };
    let aborted = |seconds| argo::TrafficRouted {
        abort: true,
        abort_scale_down_delay_seconds: seconds,
        ..with_scale(1, 0, scale(Some(1), None, false))
    };
    let fewest = |routed| argo::TrafficRouted { min_pods_per_replica_set: Some(2), ..routed };
    for (case, wanted) in [
        (routed(10, 10), counts(1, 10)),
        (with_scale(1, 100, scale(Some(9), None, false)), counts(9, 1)),
        (with_scale(4, 100, scale(None, Some(200), false)), counts(8, 4)),
        (with_scale(10, 20, scale(Some(9), Some(100), true)), counts(2, 10)),
        (aborted(Some(0)), counts(1, 1)),
        (aborted(Some(30)), counts(0, 1)),
        (aborted(None), counts(0, 1)),
        (fewest(routed(10, 5)), counts(2, 10)),
        (fewest(argo::TrafficRouted { promote_full: true, ..routed(1, 100) }), counts(1, 1)),
        // By hand from `CheckMinPodsPerReplicaSet`: none stays none, and a step's own number stays.
        (fewest(routed(10, 0)), counts(0, 10)),
        (fewest(with_scale(10, 50, scale(Some(1), None, false))), counts(1, 10)),
        (
            argo::TrafficRouted {
                dynamic_stable_scale: true,
                ..fewest(with_scale(10, 50, scale(Some(1), None, false)))
            },
            counts(2, 10),
        ),
        (argo::TrafficRouted { dynamic_stable_scale: true, ..fewest(routed(10, 95)) }, counts(10, 2)),
        (argo::TrafficRouted { promote_full: true, abort: true, ..routed(7, 10) }, counts(7, 7)),
        (argo::TrafficRouted { max_weight: Some(1_000), ..routed(10, 333) }, counts(4, 10)),
    ] {
        assert_eq!(argo::traffic_routed(&case).unwrap(), wanted, "{case:?}");
    }
    for (replicas, weight, max_weight, wanted) in [
        (10, 0, 100, 0),
        (10, 20, 100, 2),
        (10, 25, 100, 3),
        (10, 33, 100, 4),
        (10, 99, 100, 10),
        (23, 100_000_000, 100_000_000, 23),
    ] {
        let share = argo::Share { replicas, weight, max_weight: Some(max_weight) };
        assert_eq!(argo::traffic_weight_to_replicas(&share).unwrap(), wanted, "TestTrafficWeightToReplicas {share:?}");
    }
}

/// An aborted rollout of ten pods, or another that is not: its steps, observed weights, and the two sets.
fn dynamic(
    is_aborted: bool,
    steps: &[i32],
    weights: (i32, i32),
    sets: Option<((i32, i32), (i32, i32))>,
) -> DynamicStableScale {
    DynamicStableScale {
        spec_replicas: Some(10),
        set_weight_steps: steps.iter().copied().map(Some).collect(),
        abort: is_aborted,
        observed_weights: Some(ObservedWeights { canary: weights.0, stable: weights.1 }),
        canary: sets.map(|(canary, _)| ReplicaSet::new(canary.0, canary.1)),
        stable: sets.map(|(_, stable)| ReplicaSet::new(stable.0, stable.1)),
        ..DynamicStableScale::default()
    }
}

/// `TestCalculateReplicaCountsForCanaryTrafficRoutingDynamicScale`, `TestGetDesiredCanaryWeightOnAbortWithScaleDownDelay`
/// and `TestAbortedCanaryNotScaledUpOnStableAvailabilityGap`.
#[test]
fn argo_shrinks_stable_with_its_traffic_and_grows_it_back_after_an_abort() {
    let delayed = |seconds, stable| DynamicStableScale {
        abort_scale_down_delay_seconds: seconds,
        ..dynamic(true, &[10, 50], (10, 90), Some(((5, 5), stable)))
    };
    let all_steps = [5, 10, 20, 50, 100];
    for (case, wanted) in [
        (dynamic(true, &[20, 60], (60, 40), Some(((6, 6), (4, 4)))), counts(6, 8)),
        (dynamic(true, &[20, 60], (60, 40), Some(((1, 1), (4, 4)))), counts(6, 8)),
        (dynamic(true, &[20, 60], (60, 40), Some(((2, 2), (8, 4)))), counts(6, 8)),
        (dynamic(true, &[20, 60], (60, 40), None), counts(6, 10)),
        (dynamic(false, &[10], (10, 90), None), counts(1, 9)),
        (dynamic(false, &[20], (10, 90), None), counts(2, 9)),
        (dynamic(true, &[20], (20, 80), None), counts(2, 10)),
        (dynamic(true, &[20], (10, 90), None), counts(1, 10)),
        // What the canary has holds the weight up, unless it is kept on purpose for a while (issue 4898).
        (delayed(None, (9, 9)), counts(1, 9)),
        (delayed(Some(0), (9, 9)), counts(1, 9)),
        (delayed(Some(30), (5, 5)), counts(1, 9)),
        (delayed(Some(30), (9, 9)), counts(1, 10)),
        // A canary that is gone does not come back because stable is short of pods (issue 4973).
        (
            DynamicStableScale {
                spec_replicas: Some(12),
                ..dynamic(true, &all_steps, (0, 100), Some(((0, 0), (12, 10))))
            },
            counts(0, 12),
        ),
        (dynamic(true, &all_steps, (0, 100), Some(((0, 0), (10, 7)))), counts(0, 10)),
        (dynamic(true, &[10, 50], (50, 50), Some(((5, 5), (5, 5)))), counts(5, 9)),
    ] {
        assert_eq!(argo::dynamic_stable_scale(&case).unwrap(), wanted, "{case:?}");
    }
}

/// By hand from `GetCurrentSetWeight`: the last weight up to the step, none before the first, all after the last.
#[test]
fn argo_takes_the_weight_of_the_last_step_that_sets_one() {
    for (steps, current_step, wanted) in [
        (&[None, Some(20), None, Some(60)][..], Some(0), counts(0, 10)),
        (&[None, Some(20), None, Some(60)], Some(2), counts(2, 8)),
        (&[None, Some(20), None, Some(60)], Some(3), counts(6, 4)),
        (&[None, Some(20), None, Some(60)], Some(4), counts(10, 0)),
        (&[Some(20)], None, counts(2, 8)),
        (&[], None, counts(10, 0)),
        (&[Some(20)], Some(u32::MAX), counts(10, 0)),
    ] {
        let case = DynamicStableScale {
            spec_replicas: Some(10),
            set_weight_steps: steps.to_vec(),
            current_step,
            ..DynamicStableScale::default()
        };
        assert_eq!(argo::dynamic_stable_scale(&case).unwrap(), wanted, "{case:?}");
    }
}

/// `TestAllDesiredAreAvailable`, `TestAllReplicaProgressThresholdMet` and
/// `TestCheckReplicasAvailableWithReplicaProgressThreshold`, and the faults that the function's text names.
#[test]
fn argo_says_what_is_ready_enough() {
    use argo::{
        ProgressThreshold,
        ThresholdType::{Percent, Pods},
    };
    let threshold = |kind, value| Some(ProgressThreshold { kind, value });
    let set = |spec, available| Some(ReplicaSet::new(spec, available));
    for (threshold, rs, desired, met) in [
        (None, set(10, 10), 10, true),
        (None, set(10, 9), 10, false),
        (None, None, 10, false),
        (None, set(1, 10), 10, false),
        (None, set(1, 1), 1, true),
        (None, set(5, 10), 10, false),
        (threshold(Percent, 90), set(1, 9), 10, true),
        (threshold(Percent, 90), set(1, 8), 10, false),
        (threshold(Percent, 100), set(1, 100), 10, true),
        (threshold(Percent, 90), set(1, 0), 0, true),
        (threshold(Percent, 29), set(1, 29), 100, true),
        (threshold(Pods, 9), set(1, 9), 10, true),
        (threshold(Pods, 8), set(1, 7), 10, false),
        (threshold(Pods, 5), None, 10, false),
        (threshold(Pods, -100), set(10, 10), 10, true),
        (threshold(Pods, -100), set(10, 9), 10, false),
    ] {
        assert_eq!(
            argo::progress_threshold(&argo::Progress { threshold, rs, desired }),
            met,
            "{threshold:?} {rs:?} {desired}"
        );
    }
    for (total_replicas, rs, desired_weight, max_weight, threshold, enough) in [
        (10, set(5, 4), 50, None, threshold(Percent, 80), true),
        (10, set(5, 3), 50, None, threshold(Percent, 80), false),
        (10, set(5, 4), 50, None, None, false),
        (10, set(10, 5), 50, None, None, true),
        (10, None, 0, None, None, false),
        // One pod short: 50 % of three pods are two when scaling, and one here.
        (3, set(2, 1), 50, None, None, true),
        // 21 pods times 10^8 are below 2^31, 22 are not.
        (21, set(21, 20), 100_000_000, Some(100_000_000), None, false),
        (22, set(22, 0), 100_000_000, Some(100_000_000), None, true),
    ] {
        let demand = argo::Demand { total_replicas, rs, desired_weight, max_weight, threshold };
        assert_eq!(argo::enough_replicas_for_weight(&demand).unwrap(), enough, "{demand:?}");
    }
}

/// `TestResolveFenceposts`, `TestMaxSurge` and `TestMaxUnavailable` in `utils/replicaset/replicaset_test.go`, and by hand.
#[test]
fn argo_resolves_bounds_and_reads_a_bare_text_as_a_percentage() {
    for (max_surge, max_unavailable, desired, wanted) in [
        (text("0%"), text("0%"), 0, Some((0, 1))),
        (text("39%"), text("39%"), 10, Some((4, 3))),
        (text("oops"), text("39%"), 10, None),
        (text("55%"), text("urg"), 10, None),
        (text("5"), text("1"), 7, Some((1, 0))),
        (None, None, 7, Some((0, 1))),
    ] {
        let fenceposts = argo::Fenceposts { desired, max_surge, max_unavailable };
        let bounds = argo::resolve_fenceposts(&fenceposts).ok();
        assert_eq!(bounds, wanted.map(|(surge, unavailable)| Bounds { surge, unavailable }), "{fenceposts:?}");
    }
    let (canary, blue_green) = (Some(argo::RolloutStrategy::Canary), Some(argo::RolloutStrategy::BlueGreen));
    for (strategy, replicas, max_surge, max_unavailable, wanted) in [
        (canary, Some(10), pods(5), pods(1), (5, 1)),
        (canary, Some(10), text("50%"), text("50%"), (5, 5)),
        (canary, Some(10), pods(1), pods(10), (1, 10)),
        (canary, Some(5), pods(1), pods(10), (1, 5)),
        (canary, Some(0), pods(1), pods(10), (1, 0)),
        (canary, Some(10), None, None, (3, 2)),
        (canary, None, None, None, (1, 0)),
        (canary, Some(10), text("0%"), text("0%"), (0, 1)),
        (canary, Some(10), text("oops"), pods(1), (0, 0)),
        (blue_green, None, None, None, (0, 0)),
        (blue_green, Some(10), pods(5), text("25%"), (0, 2)),
        (blue_green, Some(10), text("oops"), pods(0), (0, 0)),
        (None, Some(10), None, None, (0, 2)),
    ] {
        let limits = argo::Limits { strategy, replicas, max_surge, max_unavailable };
        assert_eq!((argo::max_surge(&limits), argo::max_unavailable(&limits)), wanted, "{limits:?}");
    }
}

#[test]
fn no_weight_can_be_all_of_nothing() {
    let nothing = Some(0);
    let errors = [
        argo::approximate_weighted(&Approximation { max_weight: nothing, ..Approximation::default() }).err(),
        argo::basic_canary(&BasicCanary { max_weight: nothing, ..BasicCanary::default() }).err(),
        argo::traffic_routed(&argo::TrafficRouted { max_weight: nothing, ..argo::TrafficRouted::default() }).err(),
        argo::dynamic_stable_scale(&DynamicStableScale { max_weight: nothing, ..DynamicStableScale::default() }).err(),
        argo::traffic_weight_to_replicas(&argo::Share { max_weight: nothing, ..argo::Share::default() }).err(),
        argo::enough_replicas_for_weight(&argo::Demand { max_weight: nothing, ..argo::Demand::default() }).err(),
    ];
    for error in errors {
        assert_eq!(error.unwrap().to_string(), "max_weight: expected a whole number other than zero, found 0");
    }
}

// ---- Flagger ----

/// `TestDeploymentStrategy` in `pkg/apis/flagger/v1beta1`; conditions without iterations by reading.
#[test]
fn flagger_names_its_strategies() {
    use flagger::DeploymentStrategy::{AbTesting, BlueGreen, Canary};
    for (iterations, conditions, strategy) in
        [(0, 0, Canary), (5, 0, BlueGreen), (10, 1, AbTesting), (0, 1, Canary), (-1, 1, Canary)]
    {
        assert_eq!(flagger::strategy_choice(&flagger::Analysis { iterations, conditions }), strategy);
    }
}

/// `TestController_nextStepWeight`'s lists walked by hand, `TestNextStepWeight` (10, 30, 50), and the known faults.
#[test]
fn flagger_walks_its_list_of_weights() {
    for (step_weight, step_weights, walk) in [
        (0, &[1, 2, 10, 80][..], &[(0, 1), (1, 1), (2, 8), (10, 70), (80, 20), (100, 1)][..]),
        (0, &[10, 30, 50], &[(0, 10), (10, 20), (20, 80), (30, 20), (50, 50)]),
        (0, &[5, 120], &[(0, 5), (5, 95), (120, -20)]),
        (0, &[120], &[(0, 100)]),
        (10, &[1, 2, 10, 80], &[(0, 10), (2, 10), (100, 10)]),
        (10, &[], &[(0, 10), (95, 10)]),
        (0, &[], &[(0, 0), (50, 0), (100, 0)]),
        (0, &[30, 10], &[(30, -20)]),
        (0, &[20, 20, 40], &[(20, 0)]),
        (-5, &[10], &[(0, 10)]),
        (-5, &[], &[(0, -5)]),
    ] {
        for &(canary_weight, wanted) in walk {
            let step = flagger::Step { step_weight, step_weights: step_weights.to_vec(), canary_weight };
            assert_eq!(flagger::next_step_weight(&step), wanted, "{step:?}");
        }
    }
}

/// `TestController_maxWeight` by reading: a list is cut to all traffic, a single weight is not.
#[test]
fn flagger_promotes_after_its_last_weight() {
    for (max_weight, step_weights, wanted) in [
        (0, &[][..], 100),
        (50, &[], 50),
        (150, &[], 150),
        (-1, &[], 100),
        (50, &[1, 2, 10, 80], 80),
        (0, &[50, 130], 100),
    ] {
        let limit = flagger::Limit { max_weight, step_weights: step_weights.to_vec() };
        assert_eq!(flagger::max_weight(&limit), wanted, "{limit:?}");
    }
}

// ---- Extremes ----

fn extreme() -> impl Strategy<Value = i32> {
    prop_oneof![any::<i32>(), -3..200_i32, Just(i32::MIN), Just(i32::MAX), Just(0)]
}

fn bound() -> impl Strategy<Value = Option<IntOrPercent>> {
    prop_oneof![
        Just(None),
        extreme().prop_map(pods),
        any::<i64>().prop_map(|percent| text(&format!("{percent}%"))),
        ".{0,4}".prop_map(|any| text(&any)),
    ]
}

fn set() -> impl Strategy<Value = ReplicaSet> {
    (extreme(), extreme()).prop_map(|(spec, available)| ReplicaSet::new(spec, available))
}

proptest! {
    #[test]
    fn kubernetes_has_an_answer_to_anything(
        (replicas, a, b) in (extreme(), extreme(), extreme()),
        (max_surge, max_unavailable) in (bound(), bound()),
        (new, old) in (proptest::option::of(set()), proptest::collection::vec(set(), 0..4)),
        recorded in proptest::collection::vec((extreme(), extreme(), extreme(), extreme()), 0..4),
    ) {
        let growth = kubernetes::Growth {
            strategy: DeploymentStrategy::RollingUpdate,
            replicas,
            new_spec: a,
            max_surge: max_surge.clone(),
            all_rs_spec: vec![a, b],
        };
        let _ = kubernetes::new_rs_new_replicas(&growth);
        let _ = kubernetes::reconcile_new_replica_set(&kubernetes::NewSet { replicas, max_surge: max_surge.clone(), old: a, new: b });
        let status = Status { replicas, updated: a, ready: b, available: a };
        let _ = kubernetes::deployment_progressing(&kubernetes::Progress { old: status, new: Status { updated: b, ..status } });
        let _ = kubernetes::cleanup_unhealthy_replicas(&kubernetes::Cleanup { old: old.clone(), max_cleanup: a });
        let sets = OldSets { replicas, max_surge: max_surge.clone(), max_unavailable: max_unavailable.clone(), new, old };
        let _ = kubernetes::reconcile_old_replica_sets(&sets);
        let _ = kubernetes::scale_down_old_for_rolling_update(&sets);
        let mut recorded = recorded.into_iter().map(|(spec, available, recorded_desired, recorded_max)| RecordedSet { spec, available, recorded_desired, recorded_max });
        let scale = kubernetes::Scale { replicas, max_surge, max_unavailable, new: recorded.next(), old_newest_first: recorded.collect() };
        let sizes = kubernetes::proportional_scale(&scale);
        prop_assert_eq!(sizes.old_newest_first.len(), scale.old_newest_first.len());
    }

    #[test]
    fn argo_has_an_answer_to_anything(
        (replicas, weight, max_weight, surge) in (extreme(), extreme(), extreme(), extreme()),
        (max_surge, max_unavailable) in (bound(), bound()),
        (canary, stable) in (proptest::option::of(set()), proptest::option::of(set())),
        older in proptest::collection::vec(set(), 0..3),
        steps in proptest::collection::vec(proptest::option::of(extreme()), 0..4),
        (is_aborted, is_promoted, is_dynamic) in any::<(bool, bool, bool)>(),
    ) {
        let (replicas, max_weight) = (Some(replicas), Some(max_weight));
        let observed_weights = canary.map(|set| ObservedWeights { canary: set.spec, stable: set.available });
        let basic = BasicCanary {
            spec_replicas: replicas,
            set_weight: Some(weight),
            max_weight,
            max_surge,
            max_unavailable,
            promote_full: is_promoted,
            abort: is_aborted,
            stable_spec: stable.map(|set| set.spec),
            stable_available: surge,
            canary_spec: canary.map(|set| set.spec),
            canary_available: weight,
            older,
        };
        let answers = [
            argo::basic_canary(&basic).is_ok(),
            argo::traffic_routed(&argo::TrafficRouted {
                spec_replicas: replicas,
                set_weight: Some(weight),
                max_weight,
                promote_full: is_promoted,
                abort: is_aborted,
                observed_weights,
                dynamic_stable_scale: is_dynamic,
                min_pods_per_replica_set: Some(surge),
                ..argo::TrafficRouted::default()
            }).is_ok(),
            argo::dynamic_stable_scale(&DynamicStableScale {
                spec_replicas: replicas,
                set_weight_steps: steps,
                max_weight,
                abort: is_aborted,
                observed_weights,
                canary,
                stable,
                ..DynamicStableScale::default()
            }).is_ok(),
            argo::enough_replicas_for_weight(&argo::Demand { total_replicas: surge, rs: canary, desired_weight: weight, max_weight, threshold: None }).is_ok(),
        ];
        prop_assert_eq!(answers, [max_weight != Some(0); 4], "only a whole of nothing is refused");
    }

    #[test]
    fn argo_approximates_as_floats_do_at_extremes(replicas in extreme(), weight in extreme(), max_weight in extreme(), max_surge in 0..2) {
        prop_assume!(max_weight != 0);
        let approximation = Approximation { replicas, weight, max_weight: Some(max_weight), max_surge };
        prop_assert_eq!(argo::approximate_weighted(&approximation).unwrap(), naive_approximation(replicas, weight, max_weight, max_surge));
    }

    /// Checked against exact integers wherever the original's float is exact: products below 2^53.
    #[test]
    fn argo_needs_the_pods_of_a_weight_rounded_up(replicas in 0..1_000_000_i32, weight in 0..1_000_000_i32, max_weight in 1..1_000_000_i32) {
        let exact = -(-i64::from(replicas) * i64::from(weight)).div_euclid(i64::from(max_weight));
        let share = argo::Share { replicas, weight, max_weight: Some(max_weight) };
        prop_assert_eq!(i64::from(argo::traffic_weight_to_replicas(&share).unwrap()), exact.min(i64::from(i32::MAX)));
    }

    #[test]
    fn flagger_has_an_answer_to_anything(step_weight in any::<i64>(), canary_weight in any::<i64>(), step_weights in proptest::collection::vec(any::<i64>(), 0..4)) {
        let step = flagger::Step { step_weight, step_weights: step_weights.clone(), canary_weight };
        let _ = flagger::next_step_weight(&step);
        let limit = flagger::Limit { max_weight: step_weight, step_weights };
        prop_assert!(flagger::max_weight(&limit) <= 100 || limit.step_weights.is_empty());
    }
}
