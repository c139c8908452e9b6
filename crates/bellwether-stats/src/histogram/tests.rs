use alloc::{format, string::ToString, vec};

use proptest::prelude::*;

use super::*;

#[test]
fn bounds_that_could_not_sort_a_value_are_refused_with_their_place() {
    for (bounds, counts, message) in [
        (vec![0.1, f64::NAN], vec![0; 3], "found NaN at bounds[1]"),
        (vec![f64::INFINITY], vec![0; 2], "found inf at bounds[0]"),
        (vec![0.1, 0.5, 0.5], vec![0; 4], "found 0.5 at bounds[2] after 0.5"),
        (vec![0.1, 0.5], vec![0; 2], "so 3, found 2"),
    ] {
        let error = Histogram::new(bounds, counts).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn what_is_read_is_checked_and_says_by_its_fields_which_kind_it_is() {
    for (text, message) in [
        (r#"{"bounds":[2,1],"counts":[0,0,0]}"#, "expected rising `bounds`"),
        (r#"{}"#, "found none of them"),
        (r#"{"bounds":[1]}"#, "found only `bounds`"),
        (r#"{"counts":[1]}"#, "found only `counts`"),
        (r#"{"zero_count":1}"#, "found buckets without a `scale`"),
        (r#"{"scale":3,"counts":[1]}"#, "found parts of both"),
        (r#"{"bounds":[1],"counts":[1,2],"zero_count":3}"#, "found parts of both"),
        (r#"{"scale":21}"#, "expected a `scale` of -10 to 20, found 21"),
        (r#"{"scale":0,"zero_threshold":-1}"#, "`zero_threshold` of at least 0 and finite, found -1"),
        (r#"{"scale":0,"positive":{"offset":2000,"counts":[1]}}"#, "found bucket 2000"),
        (r#"{"scale":0,"positive":{"offset":0,"counts":[-1]}}"#, "invalid value: integer `-1`"),
        (r#"{"scale":0,"positive":{"offset":0,"counts":[0.5]}}"#, "invalid type: floating point"),
        (r#"{"scale":0,"positive":{"offset":0,"counts":["NaN"]}}"#, "invalid type: string"),
    ] {
        let error = serde_json::from_str::<Histogram>(text).unwrap_err().to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
    for text in
        [r#"{"bounds":[0.1],"counts":[1,2]}"#, r#"{"scale":3,"zero_count":2,"positive":{"offset":-1,"counts":[1]}}"#]
    {
        let histogram: Histogram = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&histogram).unwrap(), text);
    }
}

/// OpenTelemetry, metrics data model, exponential histogram: the examples of its table of scales and indices.
#[test]
fn buckets_have_the_bounds_of_the_data_model() {
    // scale 0: (1, 2] is bucket 0, (4, 8] is bucket 2; scale 3: the upper bound of bucket 0 is 2^(1/8)
    assert_eq!(Exponential::bound(0, 0), 1.0);
    assert_eq!((Exponential::bound(0, 2), Exponential::bound(0, 3)), (4.0, 8.0));
    assert!((Exponential::bound(3, 1) - 1.090_507_732_665_257_7).abs() < 1e-15);
    assert_eq!(Exponential::bound(-1, 1), 4.0);
    assert_eq!(Exponential::bound(20, -1 << 20), 0.5);
}

#[test]
fn a_bound_has_the_same_bits_at_every_scale_that_has_it() {
    for scale in -4..=8_i8 {
        for index in -300..300 {
            assert_eq!(Exponential::bound(scale, index), Exponential::bound(scale + 5, index << 5));
        }
    }
}

#[test]
fn a_value_that_may_lie_on_both_sides_of_an_edge_is_counted_by_the_side_that_is_asked() {
    let positive = Buckets { offset: 0, counts: vec![5, 3, 1] };
    let negative = Buckets { offset: 0, counts: vec![7, 11] };
    let wide = Exponential { zero_count: 100, zero_threshold: 0.5, positive, negative, ..Exponential::new(0) };
    let tail = Histogram::exponential(wide).unwrap().tail();
    assert_eq!(tail.total(), 127);
    // (edge, at least, at most)
    for (edge, least, most) in [
        (9.0, 0, 0),
        (8.0, 0, 0),
        (5.0, 0, 1),
        (4.0, 1, 1),
        (1.0, 9, 9),
        (0.7, 9, 109),
        (0.0, 9, 109),
        (-0.7, 9, 109),
        (-1.0, 109, 109),
        (-3.0, 116, 127),
        (-4.0, 127, 127),
        (f64::NEG_INFINITY, 127, 127),
        (f64::NAN, 0, 127),
    ] {
        assert_eq!((tail.at_least_above(edge), tail.at_most_above(edge)), (least, most), "{edge}");
    }
    let explicit = Histogram::new(vec![1.0, 2.0], vec![4, 2, 1]).unwrap().tail();
    let around = |edge| (explicit.at_least_above(edge), explicit.at_most_above(edge));
    assert_eq!([0.5, 1.0, 1.5, 2.0, 3.0].map(around), [(3, 7), (3, 3), (1, 3), (1, 1), (0, 1)]);
}

#[test]
fn a_quantile_lies_within_the_bounds_of_its_bucket() {
    let histogram = Histogram::new(vec![1.0, 2.0, 3.0], vec![90, 5, 4, 1]).unwrap();
    let of = |part| histogram.quantile(part).unwrap();
    assert_eq!((of(0.5), of(0.9)), ((f64::NEG_INFINITY, 1.0), (f64::NEG_INFINITY, 1.0)));
    assert_eq!((of(0.91), of(0.99), of(1.0)), ((1.0, 2.0), (2.0, 3.0), (3.0, f64::INFINITY)));
    assert_eq!(histogram.quantile(f64::NAN), None);
    assert_eq!(Histogram::new(vec![1.0], vec![0, 0]).unwrap().quantile(0.5), None);
}

#[test]
fn explicit_buckets_merge_at_the_bounds_that_both_have() {
    let one = Histogram::new(vec![1.0, 2.0, 4.0], vec![1, 2, 3, 4]).unwrap();
    let two = Histogram::new(vec![1.0, 3.0, 4.0], vec![10, 20, 30, 40]).unwrap();
    assert_eq!(one.merge(&two).unwrap(), Histogram::new(vec![1.0, 4.0], vec![11, 55, 44]).unwrap());
    let none = Histogram::new(vec![5.0], vec![7, 0]).unwrap();
    assert_eq!(one.merge(&none).unwrap(), Histogram::new(vec![], vec![17]).unwrap());
    let exponential = Histogram::exponential(Exponential::new(3)).unwrap();
    assert_eq!(one.merge(&exponential), Err(MergeError::Layout));
    let full = Histogram::new(vec![], vec![u64::MAX]).unwrap();
    assert_eq!(full.merge(&none), Err(MergeError::Overflow));
}

#[test]
fn buckets_far_from_each_other_merge_into_coarser_ones() {
    let one_at = |offset| {
        let positive = Buckets { offset, counts: vec![1] };
        Histogram::exponential(Exponential { positive, ..Exponential::new(20) }).unwrap()
    };
    let merged = one_at(-1_000 << 20).merge(&one_at(1_000 << 20)).unwrap();
    let exponential = merged.as_exponential().unwrap();
    assert_eq!((merged.total(), exponential.scale), (2, 1));
    assert!(exponential.positive.counts.len() <= 4_096);
}

proptest! {
    #[test]
    fn merging_is_associative_and_commutative(one in exponential(), two in exponential(), three in exponential()) {
        let merge = |a: &Histogram, b: &Histogram| a.merge(b).unwrap();
        prop_assert_eq!(merge(&one, &two), merge(&two, &one));
        prop_assert_eq!(merge(&merge(&one, &two), &three), merge(&one, &merge(&two, &three)));
    }

    #[test]
    fn merging_explicit_buckets_is_associative_and_commutative(
        one in explicit(), two in explicit(), three in explicit()
    ) {
        let merge = |a: &Histogram, b: &Histogram| a.merge(b).unwrap();
        prop_assert_eq!(merge(&one, &two), merge(&two, &one));
        prop_assert_eq!(merge(&merge(&one, &two), &three), merge(&one, &merge(&two, &three)));
    }

    #[test]
    fn a_merged_tail_is_the_sum_of_both(one in exponential(), two in exponential()) {
        let (merged, one, two) = (one.merge(&two).unwrap().tail(), one.tail(), two.tail());
        for bound in merged.bounds() {
            let exact = merged.at_least_above(*bound);
            prop_assert_eq!(exact, merged.at_most_above(*bound));
            prop_assert!(exact >= one.at_least_above(*bound) + two.at_least_above(*bound));
            prop_assert!(exact <= one.at_most_above(*bound) + two.at_most_above(*bound));
        }
    }

    #[test]
    fn coarser_buckets_keep_every_count_and_every_bound_they_still_have(fine in exponential(), by in 0..12_u8) {
        let coarse = fine.downscale(by);
        prop_assert_eq!(coarse.total(), fine.total());
        let (coarse, fine) = (coarse.tail(), fine.tail());
        for bound in fine.bounds() {
            prop_assert!(coarse.at_least_above(*bound) <= fine.at_least_above(*bound));
            prop_assert!(coarse.at_most_above(*bound) >= fine.at_most_above(*bound));
        }
    }

    /// Against sorting the values one by one.
    #[test]
    fn a_tail_counts_what_sorting_the_values_counts(
        values in prop::collection::vec(1e-3..1e3_f64, 0..50), scale in -2..6_i8, edge in 1e-3..1e3_f64
    ) {
        let tail = of_values(scale, &values).tail();
        let above = |edge: f64| values.iter().filter(|value| **value > edge).count() as u64;
        prop_assert!(tail.at_least_above(edge) <= above(edge) && above(edge) <= tail.at_most_above(edge));
        for bound in tail.bounds() {
            prop_assert_eq!(tail.at_least_above(*bound), above(*bound), "{}", format!("{bound}"));
        }
    }

    #[test]
    fn any_counts_at_all_have_a_total_and_a_tail(
        scale in -10..=20_i8,
        offset in any::<i32>(),
        counts in prop::collection::vec(prop_oneof![Just(0), Just(u64::MAX), any::<u64>()], 0..6),
        zero_threshold in prop::num::f64::ANY,
    ) {
        let positive = Buckets { offset, counts };
        let exponential = Exponential { zero_count: 3, zero_threshold, negative: positive.clone(), positive, ..Exponential::new(scale) };
        if let Ok(histogram) = Histogram::exponential(exponential) {
            let tail = histogram.tail();
            prop_assert_eq!(tail.total(), histogram.total());
            prop_assert!(tail.bounds().windows(2).all(|pair| pair[0] < pair[1]));
            let below = histogram.downscale(200);
            prop_assert_eq!(below.as_exponential().unwrap().scale, -10);
        }
    }
}

fn exponential() -> impl Strategy<Value = Histogram> {
    let buckets =
        || (-40..40_i32, prop::collection::vec(0..5_u64, 0..8)).prop_map(|(offset, counts)| Buckets { offset, counts });
    let threshold = prop_oneof![Just(0.0), Just(0.5), Just(3.0)];
    (0..5_i8, 0..3_u64, threshold, buckets(), buckets()).prop_map(
        |(scale, zero_count, zero_threshold, positive, negative)| {
            Histogram::exponential(Exponential { scale, zero_count, zero_threshold, positive, negative }).unwrap()
        },
    )
}

fn explicit() -> impl Strategy<Value = Histogram> {
    let edges = prop::sample::subsequence(vec![0.1, 0.2, 0.5, 1.0, 2.0], 0..=5);
    (edges, prop::collection::vec(0..9_u64, 6)).prop_map(|(bounds, counts)| {
        let counts = counts[..=bounds.len()].into();
        Histogram::new(bounds, counts).unwrap()
    })
}

/// Sorts each value by comparing it with the bounds.
fn of_values(scale: i8, values: &[f64]) -> Histogram {
    let mut sum = Histogram::exponential(Exponential::new(scale)).unwrap();
    for value in values {
        let offset = (-1_000..1_000).find(|index| *value <= Exponential::bound(scale, index + 1)).unwrap();
        let positive = Buckets { offset: i32::try_from(offset).unwrap(), counts: vec![1] };
        sum = sum.merge(&Histogram::exponential(Exponential { positive, ..Exponential::new(scale) }).unwrap()).unwrap();
    }
    sum
}
